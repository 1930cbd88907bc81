"""Survival after a reversal: the state as it changes over time, and from landmarks on."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from alsrev_dagster.survival.cox_model import EVENTS_PER_TERM_MIN, CoxModel
from alsrev_dagster.survival.groups import survival_follow_up, the_only
from alsrev_dagster.survival.immortal_time import refuse_group_of_the_future
from alsrev_dagster.survival.landmark import at_landmark, landmark_cox
from alsrev_dagster.survival.tables import result_table
from alsrev_dagster.survival.time_varying import (
    STATE,
    StateModel,
    reversal_state_cox,
    standing_state_cox,
)

Row = dict[str, object]


def reversal_state(
    outcome: pd.DataFrame,
    people: pd.DataFrame,
    spell: pd.DataFrame,
    *,
    strata: Sequence[str],
    landmark_months: Sequence[float],
    events_per_term_min: float = EVENTS_PER_TERM_MIN,
    caveat: str,
) -> pd.DataFrame:
    """result.reversal_state: hazard of death of those whose recovery is confirmed, against others.

    Parameters
    ----------
    outcome
        core.outcome by one definition.
    people
        participant_id and the strata, a row a participant.
    spell
        core.state_spell of the states of that definition.
    strata, events_per_term_min
        As in :func:`~alsrev_dagster.survival.cox_rule.cox_by_rule`.
    landmark_months
        Months since the time origin from which survival is compared by what was known then.

    Notes
    -----
    ``time_varying``: everybody counts as not recovered until the day of confirmation.
    ``time_varying_standing``: and again once the gain is gone; in no risk set while
    unseen, and followed to tracheostomy at most. ``landmark``: those alive at a month,
    by whether they were confirmed by then; no row where nobody is. There is no row for "ever
    recovered" as a group from the start: its members could not die before they recovered. People
    with an exclusion_reason are left out: of them nobody knows whether they recovered.
    """
    usable = outcome[outcome["exclusion_reason"].isna()]
    followed = survival_follow_up(usable).merge(_reversal(usable), on="participant_id")
    frame = followed.merge(people, on="participant_id", validate="one_to_one")
    frame = frame.assign(event=frame["event_code"] == 1)
    least = events_per_term_min
    standing = spell[spell["participant_id"].isin(frame["participant_id"])]
    standing = standing.merge(people, on="participant_id", validate="many_to_one")
    rows = []
    if len(frame):
        found = reversal_state_cox(frame, strata=strata, events_per_term_min=least)
        rows.append(_over_time("time_varying", found))
    if len(standing):
        found = standing_state_cox(standing, strata=strata, events_per_term_min=least)
        rows.append(_over_time("time_varying_standing", found))
    for month in landmark_months:
        there = at_landmark(frame, month)
        if there.empty:
            continue
        refuse_group_of_the_future(there, STATE, "reversal_months")
        (fit,) = landmark_cox(frame, [month], strata=strata, events_per_term_min=least)
        counts = (fit.n, fit.n_reversed, fit.n_event, fit.n_event_reversed)
        rows.append(_row("landmark", month, counts, fit.model))
    return result_table(
        "result.reversal_state",
        [pd.DataFrame([row]) for row in rows],
        definition=the_only(outcome, "definition"),
        time_origin=the_only(outcome, "time_origin"),
        strata=", ".join(strata),
        caveat=caveat,
    )


def _reversal(outcome: pd.DataFrame) -> pd.DataFrame:
    """Month at which each participant's recovery was confirmed; missing without one."""
    recovered = outcome["event_recovery"].fillna(False).astype(bool)
    months = outcome["duration_months"].astype("float64").where(recovered)
    return pd.DataFrame({"participant_id": outcome["participant_id"], "reversal_months": months})


def _over_time(analysis: str, found: StateModel) -> Row:
    counts = (found.model.n, found.n_reversed, found.model.n_event, found.n_event_reversed)
    return _row(analysis, 0.0, counts, found.model)


def _row(kind: str, month: float, counts: tuple[int, ...], model: CoxModel) -> Row:
    names = ("n", "n_reversed", "n_event", "n_event_reversed")
    first = {
        "hazard_ratio": model.hazard_ratio,
        "ci_lower": model.ci_lower,
        "ci_upper": model.ci_upper,
        "p_value": model.p_value,
    }
    numbers = {name: float(value[0]) if len(value) else np.nan for name, value in first.items()}
    return {
        "analysis": kind,
        "landmark_months": month,
        **dict(zip(names, counts, strict=True)),
        **numbers,
        "events_per_term": model.events_per_term,
        "method": model.method,
        "fit_status": model.fit_status,
    }
