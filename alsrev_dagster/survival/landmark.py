"""Landmark analysis: survival from a fixed month on, by what was known at it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alsrev_dagster.survival.cox_data import cox_data
from alsrev_dagster.survival.cox_model import EVENTS_PER_TERM_MIN, CoxModel
from alsrev_dagster.survival.cox_rule import cox_by_rule
from alsrev_dagster.survival.time_varying import STATE


@dataclass(frozen=True)
class LandmarkModel:
    """Survival from the landmark on of those reversed by then against those not."""

    landmark_months: float
    n: int
    """Participants alive and under observation at the landmark."""
    n_reversed: int
    n_event: int
    n_event_reversed: int
    model: CoxModel
    """``reversed`` is its first term."""


def at_landmark(frame: pd.DataFrame, landmark_months: float) -> pd.DataFrame:
    """Follow-up from a landmark on, with the state known then.

    Parameters
    ----------
    frame
        As for ``reversal_rows``.
    landmark_months
        On the time axis of the frame.

    Returns
    -------
    DataFrame
        Those with entry <= landmark < exit; entry_months is the landmark, and ``reversed``
        whether a reversal was confirmed by then. A later one does not change the group.
    """
    is_there = (frame["entry_months"] <= landmark_months) & (
        frame["duration_months"] > landmark_months
    )
    there = frame[is_there]
    known = there["reversal_months"].astype("float64")
    return there.assign(
        entry_months=float(landmark_months), **{STATE: known <= landmark_months}
    ).reset_index(drop=True)


def landmark_cox(
    frame: pd.DataFrame,
    landmarks_months: Sequence[float],
    *,
    covariates: Sequence[str] = (),
    strata: Sequence[str] = (),
    events_per_term_min: float = EVENTS_PER_TERM_MIN,
) -> tuple[LandmarkModel, ...]:
    """Cox model from each landmark on, by the state known at it.

    Notes
    -----
    Choose landmarks before looking: each asks another question, of other people, and several of
    them are no replications. Who reverses after a landmark stays among the others, which makes
    the groups alike.

    References
    ----------
    .. [1] Anderson, Cain & Gelber (1983), J Clin Oncol 1:710-719.
    """
    found = []
    for month in landmarks_months:
        there = at_landmark(frame, month)
        data = cox_data(there, [STATE, *covariates], strata=strata)
        state, event = there[STATE].to_numpy(np.bool_), there["event"].to_numpy(np.bool_)
        found.append(
            LandmarkModel(
                landmark_months=float(month),
                n=len(there),
                n_reversed=int(state.sum()),
                n_event=int(event.sum()),
                n_event_reversed=int((event & state).sum()),
                model=cox_by_rule(data, terms=(STATE,), events_per_term_min=events_per_term_min),
            )
        )
    return tuple(found)
