"""Time in one state after another: what visits show, carried from each to the next."""

import numpy as np
import pandas as pd

from alsrev_dagster.clinical.observation import observation
from alsrev_dagster.clinical.time_axis import months_between
from alsrev_dagster.study import TimeOrigin
from alsrev_dagster.vocabulary.states import DEAD, TRACHEOSTOMY, UNSEEN

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
        Days after a visit for which its state is taken to hold; ``unseen`` from then to the next.

    Returns
    -------
    DataFrame
        participant_id, ``spell_index`` (from 1), ``state``, ``from_months``, ``until_months`` and
        ``next_state``, missing where observation ended; those without an origin, a visit or time
        after entry have none. A person's spells follow one another without a gap.

    Notes
    -----
    Who is alive is followed to the last contact, who died to death, whenever they were last seen: a
    gap between visits hides states, and nobody's death. Moves are dated by the visit that shows
    them: late. One that the last visit shows is a move, and no time in the new state follows it.
    Death and tracheostomy end every course, also on the day of a visit. Where ``last_contact_day``
    is unknown the living are followed to their last visit, the dead beyond it: too many deaths.
    """
    seen = observation(alsfrsr, participant, time_origin, score)
    seen = seen[seen["exclusion_reason"].isna()]
    event_day = seen[["death_day", "tracheostomy_day"]].min(axis=1).astype("Int64")
    alive_day = seen[["last_contact_day", "last_visit_day"]].max(axis=1).astype("Int64")
    seen = seen.assign(
        end_day=event_day.fillna(alive_day), end_state=seen["exit_reason"].map(_END)
    ).reset_index()
    columns = ["participant_id", "origin_day", "entry_day", "end_day", "end_state"]
    visit = visit_state.astype({"day": "Int64"}).merge(seen[columns], on="participant_id")
    is_told = visit["day"] < visit["end_day"].where(
        visit["end_state"].notna(), visit["end_day"] + 1
    )
    return _spells(_pieces(visit[is_told.fillna(False)], carried_days))


def _pieces(visit: pd.DataFrame, carried_days: int) -> pd.DataFrame:
    """A row from each visit to the next, and one of what lies unseen between; they join."""
    visit = visit.sort_values(["participant_id", "day"], ignore_index=True)
    following = visit.groupby("participant_id")["day"].shift(-1).fillna(visit["end_day"])
    faded = visit["day"] + carried_days
    shown = visit.rename(columns={"day": "from_day"})
    unseen = shown.assign(from_day=faded, state=UNSEEN)[(faded < following).fillna(False)]
    pieces = pd.concat([shown, unseen])
    return pieces.sort_values(["participant_id", "from_day"], kind="stable", ignore_index=True)


def _spells(piece: pd.DataFrame) -> pd.DataFrame:
    """Pieces of one state as one, from entry on, each with its end."""
    person, state = piece["participant_id"], piece["state"]
    run = piece[(person != person.shift()) | (state != state.shift())]
    follows = run["participant_id"].eq(run["participant_id"].shift(-1))
    run = run.assign(
        from_day=np.maximum(run["from_day"], run["entry_day"]),
        until_day=run["from_day"].shift(-1).where(follows, run["end_day"]),
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
