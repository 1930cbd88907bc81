"""Scanned: who is followed in the scan of time to an event, and their null model."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.survival.cox_null import CoxNull, cox_null
from alsrev_dagster.survival.groups import (
    RECOVERY,
    recovery_follow_up,
    refuse_two_cohorts,
    survival_follow_up,
    the_only,
    with_personal,
)
from assets.audit import joint_mark
from assets.covariates import COVARIATE_TABLES, values_of
from assets.followed import how_chosen, participants
from assets.reading import sample_axis

SCANNED_TABLES = (
    "raw.callset_sample",
    "core.analysis_set",
    "core.outcome",
    "raw.participant",
    *COVARIATE_TABLES,
    "result.confounding_mark",
)
"""What the people and their null model are read from."""

_FOLLOWED = {"recovery": recovery_follow_up, "death": survival_follow_up}
_CIRCULAR = {
    "recovery": "circular beside the association: who recovered was made a case there, so that a "
    "small P in both is one finding",
    "death": "the same participants as in the association: no replication of it",
}


@dataclass(frozen=True)
class Scanned:
    """The people of one event's scan."""

    event: str
    null: CoxNull
    place: NDArray[np.int64]
    """Of each participant's sample among those of a block."""
    said: dict[str, object]
    """What every row says of them."""


def scanned_events(work: OpenStudy) -> Iterator[Scanned]:
    """The people of each event that is scanned and that somebody is followed for."""
    samples = _samples(work)
    for event in work.study.survival.scan.events:
        outcome = work.lake.frame("core.outcome")
        followed = _FOLLOWED[event](outcome)
        frame = samples.merge(followed, on="participant_id", validate="one_to_one")
        names = work.study.survival.scan.covariates
        covariate = values_of(work, frame, names)
        known = np.flatnonzero(~np.isnan(covariate).any(axis=1))
        if len(known):
            yield _scanned(work, event, frame.iloc[known], covariate[known], outcome)


def _samples(work: OpenStudy) -> pd.DataFrame:
    """Each participant's first sample that some contrast includes, with strata."""
    member = work.lake.frame("core.analysis_set").query("is_included")
    held = member[member["sample_id"].isin(sample_axis(work).sample_id)]
    strata = work.study.survival.strata
    if "cohort" in strata:
        refuse_two_cohorts(held.assign(carrier=True))
    columns = ["participant_id", "sample_id", "cohort"]
    first = held.sort_values(columns)[columns].drop_duplicates("participant_id")
    return with_personal(first, participants(work), strata)


def _scanned(
    work: OpenStudy,
    event: str,
    frame: pd.DataFrame,
    covariate: NDArray[np.float64],
    outcome: pd.DataFrame,
) -> Scanned:
    strata, names = work.study.survival.strata, work.study.survival.scan.covariates
    alike = (
        frame.groupby(list(strata), dropna=False).ngroup() if strata else frame["event_code"] * 0
    )
    try:
        null = cox_null(
            frame["duration_months"].to_numpy(dtype=np.float64),
            (frame["event_code"] == RECOVERY).to_numpy(dtype=np.bool_),
            entry_months=frame["entry_months"].to_numpy(dtype=np.float64),
            stratum=np.asarray(alike, dtype=np.int64),
            covariate=covariate,
            covariate_name=names,
        )
    except InputDataError as error:
        raise InputDataError(f"survival.scan, {event}: {error}") from error
    said = {
        "event": event,
        "definition": the_only(outcome, "definition") if event == "recovery" else "",
        "time_origin": the_only(outcome, "time_origin"),
        "strata": ", ".join(strata),
        "covariates": ", ".join(names) or None,
        "caveat": f"{how_chosen(work)}; {_CIRCULAR[event]}",
        **joint_mark(work),
    }
    axis = pd.Index(sample_axis(work).sample_id)
    return Scanned(event, null, axis.get_indexer(pd.Index(frame["sample_id"])), said)
