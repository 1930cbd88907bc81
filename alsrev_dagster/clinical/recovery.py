"""The recovery phenotype and time at risk, one row per participant.

A recovery is an event of the day on which it is *confirmed*: on the first visit with
the gain nobody knows that it will last, so to count from that visit would look ahead,
and a person who dies before the confirmation has died without a recovery.
"""

from hashlib import sha256

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.clinical.observation import observation, usable_visit
from alsrev_dagster.clinical.sustained import sustained_gain
from alsrev_dagster.clinical.time_axis import months_between
from alsrev_dagster.clinical.visit_series import VisitSeries, score_column, visit_series
from alsrev_dagster.study import RecoveryDefinition, TimeOrigin
from alsrev_dagster.vocabulary import table

SEMANTICS = 2
"""Version of what the parameters mean, in every definition's hash; 2: counted by visits too, gained
over what the definition names, on the scale it names."""

_DAYS = {
    "recovery_left_day": "left_day",
    "recovery_right_day": "right_day",
    "confirmation_day": "confirmation_day",
}


def definition_hash(definition: RecoveryDefinition) -> str:
    """First 12 hex digits of the SHA-256 of the definition as JSON, and of what it means."""
    return sha256(f"{SEMANTICS} {definition.model_dump_json()}".encode()).hexdigest()[:12]


def outcome(
    alsfrsr: pd.DataFrame,
    participant: pd.DataFrame,
    definition: RecoveryDefinition,
    time_origin: TimeOrigin,
) -> pd.DataFrame:
    """core.outcome from core.alsfrsr and raw.participant, which may have a ``sampling_day``.

    Visits count when their total on the definition's scale is complete and their day is neither
    before enrolment_day nor after death_day or tracheostomy_day. What is compared with what where
    a gastrostomy changes item 5 is the definition's to say (see visit_series).
    """
    row = observation(alsfrsr, participant, time_origin, score_column(definition)).join(
        _found(recovery_series(alsfrsr, participant, definition), definition), how="left"
    )
    row["gain"] = row["gain"].fillna(0).astype("Int64")
    row = row.assign(
        definition=definition.name,
        definition_hash=definition_hash(definition),
        scale=definition.scale,
        time_origin=time_origin,
        exclusion_reason=_with_baseline(row, definition),
    )
    target = table("core.outcome")
    columns = list(target.column_names)
    return _with_exit(row).reset_index()[columns].sort_values(list(target.key), ignore_index=True)


def recovery_series(
    alsfrsr: pd.DataFrame, participant: pd.DataFrame, definition: RecoveryDefinition
) -> VisitSeries:
    """Visits in which a definition looks for a recovery."""
    return visit_series(usable_visit(alsfrsr, participant, score_column(definition)), definition)


def is_at_risk(baseline: NDArray[np.int64], definition: RecoveryDefinition) -> NDArray[np.bool_]:
    """Whether a first total is one from which the definition lets people recover."""
    low, high = definition.baseline_min_points, definition.baseline_max_points
    return (baseline >= low) & (baseline <= high)


def _found(series: VisitSeries, definition: RecoveryDefinition) -> pd.DataFrame:
    """Recovery confirmed first, else the largest lasting gain, by participant_id."""
    found = sustained_gain(series, definition)
    is_event = found.confirmation_day >= 0
    day = {
        name: pd.array(getattr(found, of) + series.first_day, dtype="Int64")
        for name, of in _DAYS.items()
    }
    frame = pd.DataFrame(
        {
            "baseline_total": pd.array(series.baseline, dtype="Int64"),
            "nadir_total": pd.array(found.nadir_total, dtype="Int64"),
            "gain": pd.array(found.gain, dtype="Int64"),
            **day,
        },
        index=pd.Index(series.participant_id, name="participant_id", dtype="object"),
    )
    frame.loc[~is_event, list(_DAYS)] = pd.NA
    last_free = pd.Series(found.last_free_day + series.first_day, index=frame.index, dtype="Int64")
    return frame.assign(last_free_day=last_free.where(found.last_free_day >= 0))


def _with_baseline(row: pd.DataFrame, definition: RecoveryDefinition) -> pd.Series:
    """Add to the reasons a first total that is outside the definition's."""
    known = row["baseline_total"].notna()
    inside = is_at_risk(row["baseline_total"].fillna(0).to_numpy(dtype=np.int64), definition)
    reason = row["exclusion_reason"]
    return reason.mask(reason.isna() & known & ~inside, "baseline total outside the definition's")


def _with_exit(row: pd.DataFrame) -> pd.DataFrame:
    """Add duration, event and exit_reason, or the reason why there are none."""
    recovered = row["confirmation_day"].notna()
    exit_day = row["confirmation_day"].fillna(row["exit_day"])
    duration = months_between(row["origin_day"], exit_day)
    late = row["exclusion_reason"].isna() & ~(duration > row["entry_months"])
    reason = row["exclusion_reason"].mask(late, "exit not after entry")
    counted = reason.isna()
    return row.assign(
        exclusion_reason=reason,
        duration_months=duration.where(counted),
        event_recovery=(recovered & counted).astype(bool),
        exit_reason=row["exit_reason"].mask(recovered, "recovery").where(counted),
        censoring=_censoring(row).where(counted & ~recovered),
    )


def _censoring(row: pd.DataFrame) -> pd.Series:
    """Whether those who leave at their last visit are known to be alive after it."""
    is_heard_of = (row["last_contact_day"] > row["last_visit_day"]).fillna(False).astype(bool)
    censoring = pd.Series("lost", index=row.index, dtype="object").mask(is_heard_of, "end")
    return censoring.where(row["exit_reason"] == "last_visit")
