"""Time in one state after another: what visits show, carried from each to the next."""

import numpy as np
import pandas as pd

from alsrev_dagster.clinical.observation import observation
from alsrev_dagster.clinical.time_axis import months_between
from alsrev_dagster.study import TimeOrigin

DEAD, TRACHEOSTOMY = "dead", "tracheostomy"
"""States that nobody leaves."""
_END = {"death": DEAD, "tracheostomy": TRACHEOSTOMY}


def state_spell(
    visit_state: pd.DataFrame,
    alsfrsr: pd.DataFrame,
    participant: pd.DataFrame,
    *,
    score: str,
    time_origin: TimeOrigin,
    carried_days: int,
) -> pd.DataFrame:
    """Spells of each participant: from when to when, in which state, and where to.

    Parameters
    ----------
    visit_state
        participant_id, day and ``state`` of the visits that tell one.
    alsfrsr, participant
        core.alsfrsr and raw.participant, which may have a ``sampling_day``.
    score
        Column of core.alsfrsr that a visit must have to count (see ``observation``).
    time_origin
        What months are counted from.
    carried_days
        Days after the last visit for which its state is taken to hold. Who is known to have
        lived longer is censored then, and who died later is censored too: both or neither, or the
        dead would be under observation for longer than the living.

    Returns
    -------
    DataFrame
        participant_id, ``spell_index`` (from 1), ``state``, ``from_months``, ``until_months`` and
        ``next_state``, missing where observation ended; those without an origin, a visit or time
        after entry have none.

    Notes
    -----
    A state holds from the visit that shows it until one that shows another, so that moves between
    visits are dated late. ``dead`` and ``tracheostomy`` end every course.
    """
    seen = observation(alsfrsr, participant, time_origin, score)
    seen = seen[seen["exclusion_reason"].isna()]
    last_state = visit_state.groupby("participant_id")["day"].max().reindex(seen.index)
    capped = last_state.astype("Int64") + carried_days
    event_day = seen[["death_day", "tracheostomy_day"]].min(axis=1).astype("Int64")
    alive_day = seen[["last_contact_day", "last_visit_day"]].max(axis=1).astype("Int64")
    end_day = pd.concat([event_day.fillna(alive_day), capped], axis=1).min(axis=1, skipna=False)
    seen = seen.assign(
        end_day=end_day.astype("Int64"),
        end_state=seen["exit_reason"].map(_END).where((event_day == end_day).fillna(False)),
    )
    return _spells(visit_state, seen[["origin_day", "entry_day", "end_day", "end_state"]])


def _spells(visit_state: pd.DataFrame, seen: pd.DataFrame) -> pd.DataFrame:
    visit = visit_state.merge(seen.reset_index(), on="participant_id")
    visit = visit[(visit["day"] < visit["end_day"]).fillna(False)]
    visit = visit.sort_values(["participant_id", "day"], ignore_index=True)
    person, state = visit["participant_id"], visit["state"]
    run = visit[(person != person.shift()) | (state != state.shift())]
    follows = run["participant_id"].eq(run["participant_id"].shift(-1))
    until = run["day"].shift(-1).astype("Int64").where(follows, run["end_day"])
    run = run.assign(
        from_day=np.maximum(run["day"].astype("Int64"), run["entry_day"]),
        until_day=until,
        next_state=run["state"].shift(-1).where(follows, run["end_state"]),
    )
    run = run[(run["from_day"] < run["until_day"]).fillna(False)]
    return pd.DataFrame(
        {
            "participant_id": run["participant_id"],
            "spell_index": run.groupby("participant_id").cumcount() + 1,
            "state": run["state"],
            "from_months": months_between(run["origin_day"], run["from_day"]),
            "until_months": months_between(run["origin_day"], run["until_day"]),
            "next_state": run["next_state"],
        }
    ).reset_index(drop=True)
