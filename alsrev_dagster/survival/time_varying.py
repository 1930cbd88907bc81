"""Reversal as a state that changes over time, for survival after it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.cox_data import cox_data
from alsrev_dagster.survival.cox_model import EVENTS_PER_TERM_MIN, CoxModel
from alsrev_dagster.survival.cox_rule import cox_by_rule
from alsrev_dagster.vocabulary.states import DEAD, RECOVERED, UNSEEN

STATE = "reversed"


@dataclass(frozen=True)
class StateModel:
    """Events after reversal against events before it or without it."""

    model: CoxModel
    """``reversed`` is its first term; a hazard ratio below 1 means later death after reversal."""
    n_reversed: int
    """Participants seen in the state."""
    n_event_reversed: int
    months_reversed: float
    """Observed time in the state, all participants together."""
    months_other: float


def reversal_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows of follow-up, one before and one after the reversal of whoever had one.

    Parameters
    ----------
    frame
        One row per participant: participant_id, entry_months, duration_months, event, and
        reversal_months, the month at which the reversal was *confirmed*; missing without one.
        Other columns are carried along.

    Returns
    -------
    DataFrame
        The same columns and ``reversed`` (bool). Whoever was confirmed by entry is in the state
        throughout; whoever was confirmed at exit or later never.

    Notes
    -----
    The state begins after the confirmation, not when function first rose: between the two only
    those who went on living could be confirmed. An event on the day of confirmation counts as
    before it.

    Examples
    --------
    >>> one = pd.DataFrame({"participant_id": ["a"], "entry_months": [2.0],
    ...     "duration_months": [30.0], "event": [True], "reversal_months": [12.0]})
    >>> rows = reversal_rows(one)
    >>> rows[["entry_months", "duration_months", "event", "reversed"]].values.tolist()
    [[2.0, 12.0, False, False], [12.0, 30.0, True, True]]
    """
    n_twice = int(frame["participant_id"].duplicated().sum())
    if n_twice:
        raise InputDataError(
            f"{n_twice} of {len(frame)} rows repeat a participant_id: expected one row each, which "
            "is split here; pass follow-up as it is in core.outcome"
        )
    since = frame["reversal_months"].astype("float64").fillna(np.inf)
    entry, until = frame["entry_months"], frame["duration_months"]
    before = frame[since > entry].copy()
    stops = since[since > entry] < before["duration_months"]
    before["event"] = before["event"].astype(bool) & ~stops
    before["duration_months"] = np.minimum(before["duration_months"], since[since > entry])
    after = frame[since < until].copy()
    after["entry_months"] = np.maximum(after["entry_months"], since[since < until])
    rows = pd.concat([before.assign(**{STATE: False}), after.assign(**{STATE: True})])
    rows["event"] = rows["event"].astype(bool)
    return rows.sort_values(["participant_id", "entry_months"], ignore_index=True)


def reversal_state_cox(
    frame: pd.DataFrame,
    *,
    covariates: Sequence[str] = (),
    strata: Sequence[str] = (),
    events_per_term_min: float = EVENTS_PER_TERM_MIN,
) -> StateModel:
    """Cox model of the event with reversal as a state that begins when it is confirmed.

    Notes
    -----
    The ratio is of hazards at the same time of those who have reversed and those who have not
    yet or never do. It is no effect of reversal where what brings it on also prolongs life.

    References
    ----------
    .. [1] Andersen & Gill (1982), Ann Statist 10:1100; Crowley & Hu (1977), JASA 72:27.
    """
    return _state_cox(reversal_rows(frame), covariates, strata, events_per_term_min)


def standing_rows(spell: pd.DataFrame) -> pd.DataFrame:
    """Rows of follow-up, one for each spell of core.state_spell of the states of a recovery.

    ``reversed`` is true while the gain is there; whoever loses it counts with those who never had
    it. Death ends a spell as an event, all else as censored. Who is unseen is in no risk set: seen
    again, they enter it again, whatever their state.

    Examples
    --------
    >>> spell = pd.DataFrame({"participant_id": ["a", "a"], "state": ["recovered", "lost"],
    ...     "from_months": [2.0, 12], "until_months": [12.0, 30], "next_state": ["lost", "dead"]})
    >>> rows = standing_rows(spell)
    >>> rows[["entry_months", "duration_months", "event", "reversed"]].values.tolist()
    [[2.0, 12.0, False, True], [12.0, 30.0, True, False]]
    """
    seen = spell[spell["state"] != UNSEEN]
    rows = seen.rename(columns={"from_months": "entry_months", "until_months": "duration_months"})
    dead = (rows["next_state"] == DEAD).fillna(False).astype(bool)
    return rows.assign(event=dead, **{STATE: rows["state"] == RECOVERED})


def standing_state_cox(
    spell: pd.DataFrame,
    *,
    strata: Sequence[str] = (),
    events_per_term_min: float = EVENTS_PER_TERM_MIN,
) -> StateModel:
    """Cox model of death with a recovery as a state that can be lost, and won again.

    ``spell`` is core.state_spell of the states of a recovery, with the strata. Of the assumptions
    those of :func:`reversal_state_cox`; besides, a state is taken to hold from visit to visit.
    """
    return _state_cox(standing_rows(spell), (), strata, events_per_term_min)


def _state_cox(
    rows: pd.DataFrame, covariates: Sequence[str], strata: Sequence[str], least: float
) -> StateModel:
    data = cox_data(rows, [STATE, *covariates], strata=strata, participant="participant_id")
    state = rows[STATE].to_numpy(dtype=np.bool_)
    months = (rows["duration_months"] - rows["entry_months"]).to_numpy(dtype=np.float64)
    return StateModel(
        model=cox_by_rule(data, terms=(STATE,), events_per_term_min=least),
        n_reversed=int(rows.loc[state, "participant_id"].nunique()),
        n_event_reversed=int((rows["event"].to_numpy() & state).sum()),
        months_reversed=float(months[state].sum()),
        months_other=float(months[~state].sum()),
    )
