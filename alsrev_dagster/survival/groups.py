"""Who is a carrier of what, joined to follow-up: one row per variant and participant."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.months import DAYS_PER_MONTH

CARRIER_GROUP = {False: "non_carrier", True: "carrier"}
RECOVERY, DEATH, TRACHEOSTOMY = 1, 2, 3
"""Codes of the events that end time at risk of recovery."""

_EXIT_CODE = {
    "last_visit": 0,
    "recovery": RECOVERY,
    "death": DEATH,
    "tracheostomy": TRACHEOSTOMY,
}


def carrier_by_participant(carrier: pd.DataFrame) -> pd.DataFrame:
    """One row per variant and participant of core.carrier, where there is a call.

    Of several samples of a participant those without a call do not count, and those with
    one must agree. The cohort is that of the first called sample, by sample_id.
    """
    called = carrier[carrier["carrier"].notna()].astype({"carrier": bool})
    key = ["variant_id", "participant_id"]
    n_answer = called.groupby(key)["dosage"].nunique()
    unsure = n_answer[n_answer > 1].reset_index()
    if len(unsure):
        raise InputDataError(
            f"core.carrier, variant {unsure['variant_id'].iloc[0]}: samples of one participant "
            f"disagree on whether they carry it, or on how many copies ({len(unsure)} participant "
            "x variant pair(s) do): expected samples of a person to agree; look for swapped "
            "samples, and list the wrong one under exclude in study.yaml"
        )
    one = called.sort_values([*key, "sample_id"]).drop_duplicates(key, ignore_index=True)
    return one[["locus", "variant_id", "participant_id", "cohort", "dosage", "carrier"]]


def refuse_two_cohorts(carrier: pd.DataFrame) -> None:
    """Raise when a participant has samples in several cohorts: no stratum is theirs."""
    called = carrier[carrier["carrier"].notna()]
    n_cohort = called.groupby("participant_id")["cohort"].nunique()
    n_torn = int((n_cohort > 1).sum())
    if n_torn:
        raise InputDataError(
            f"core.carrier: {n_torn} participant(s) have samples in more than one cohort: expected "
            "one cohort each, because cohort is a stratum of the survival models; list all but one "
            "of such samples under exclude in study.yaml"
        )


def recovery_follow_up(outcome: pd.DataFrame) -> pd.DataFrame:
    """Entry, duration and event_code of those usable for recovery, by participant_id.

    ``left_months`` and ``right_months`` are the visits between which the recovery began, and
    ``last_free_months`` the last one at which a recovery could still have been confirmed; NaN
    where the table does not say.
    """
    the_only(outcome, "definition_hash")
    usable = outcome[outcome["exclusion_reason"].isna()]
    entry, until = (usable[n].astype("float64") for n in ("entry_months", "duration_months"))
    origin = usable["origin_day"].astype("float64")
    left, right, last_free = (
        (usable[name].astype("float64") - origin) / DAYS_PER_MONTH
        for name in ("recovery_left_day", "recovery_right_day", "last_free_day")
    )
    return pd.DataFrame(
        {
            "participant_id": usable["participant_id"],
            "entry_months": entry,
            "duration_months": until,
            "event_code": usable["exit_reason"].map(_EXIT_CODE).astype("int64"),
            "left_months": left,
            "right_months": right,
            "last_free_months": last_free,
        }
    )


def survival_follow_up(outcome: pd.DataFrame) -> pd.DataFrame:
    """Entry, survival and event_code (1 died) of those observed after entry, by participant_id.

    Also of those who are not usable for recovery, such as people with a single visit.
    """
    the_only(outcome, "definition_hash")
    entry, until = (outcome[name].astype("float64") for name in ("entry_months", "survival_months"))
    usable = outcome[until > entry]
    return pd.DataFrame(
        {
            "participant_id": usable["participant_id"],
            "entry_months": usable["entry_months"].astype("float64"),
            "duration_months": usable["survival_months"].astype("float64"),
            "event_code": usable["event_death"].astype("int64"),
        }
    )


def by_variant(carrier: pd.DataFrame, followed: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Follow-up of those with a call, one frame per variant, in order of variant_id."""
    joined = carrier.merge(followed, on="participant_id", how="inner", validate="many_to_one")
    joined = joined.sort_values(["variant_id", "participant_id"], ignore_index=True)
    for _, of_variant in joined.groupby("variant_id", sort=True):
        yield of_variant


def with_personal(
    carrier: pd.DataFrame, participant: pd.DataFrame, strata: Sequence[str]
) -> pd.DataFrame:
    """Add columns of raw.participant; cohort is there already."""
    personal = [name for name in strata if name != "cohort"]
    return carrier.merge(
        participant[["participant_id", *personal]], on="participant_id", how="left"
    )


def the_only(outcome: pd.DataFrame, column: str) -> str:
    """Value that every row of core.outcome has; empty without rows."""
    values = np.unique(outcome[column].to_numpy(dtype=str))
    if len(values) > 1:
        raise InputDataError(
            f"core.outcome has {len(values)} values of {column}: expected one; pass the rows of "
            "one recovery definition and time origin at a time"
        )
    return str(values[0]) if len(values) else ""
