"""core.state_spell as arrays: the spells of some participants, from the entry of each."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from alsrev_dagster.months import DAYS_PER_MONTH
from alsrev_dagster.survival.risk import FloatArray
from alsrev_dagster.survival.state_occupation import CENSORED, Spells
from alsrev_dagster.vocabulary.states import ENDS, STANDING, UNSEEN

ROUNDING = 1e-9
"""What rounding alone leaves, of 1 or of a horizon."""


@dataclass(frozen=True)
class StateRule:
    """What a study asks of states over time."""

    interval_months: float
    """Between the times at which probabilities are told, from entry on."""
    horizon_months: tuple[float, ...]
    """Since entry; the last one ends the probabilities."""
    strata: tuple[str, ...]
    n_permutation: int
    seed: int


def states_of(spell: pd.DataFrame) -> list[str]:
    """Every state that somebody is in or goes to, in a fixed order: those that end all last."""
    named = set(spell["state"]) | set(spell["next_state"].dropna())
    last = (UNSEEN, *ENDS)
    middle = sorted(named - set(STANDING) - set(last))
    return [name for name in (*STANDING, *middle, *last) if name in named]


def followed(spell: pd.DataFrame) -> pd.DataFrame:
    """Who has a spell."""
    return spell[["participant_id"]].drop_duplicates()


def spells_of(part: pd.DataFrame, spell: pd.DataFrame, states: list[str]) -> Spells:
    """Spells of some participants in months since each one's entry, numbered as they stand."""
    number = pd.Index(part["participant_id"]).get_indexer(pd.Index(spell["participant_id"]))
    mine, person = spell[number >= 0], number[number >= 0].astype(np.int64)
    begun, ended = (mine[n].to_numpy(dtype=np.float64) for n in ("from_months", "until_months"))
    entered = np.full(len(part), np.inf)
    np.minimum.at(entered, person, begun)
    begun, ended = (_whole_days(months - entered[person]) for months in (begun, ended))
    place = {name: k for k, name in enumerate(states)}
    return Spells(
        person=person,
        entry_months=begun,
        until_months=ended,
        state=mine["state"].map(place).to_numpy(dtype=np.int64),
        next_state=mine["next_state"].map(place).fillna(CENSORED).to_numpy(dtype=np.int64),
    )


def is_seen(spells: Spells, states: list[str], horizon: float) -> bool:
    """Whether somebody was under observation until the horizon, or nobody was left to be."""
    last = spells.until_months.max()
    ends = [k for k, name in enumerate(states) if name in ENDS]
    is_over = np.isin(spells.next_state[spells.until_months == last], ends).all()
    return bool(last >= horizon or is_over)


def n_in_state(spells: Spells, state: int, horizon: float) -> int:
    """People ever seen in a state, by the horizon."""
    is_in = (spells.state == state) & (spells.entry_months <= horizon)
    is_gone_to = (spells.next_state == state) & (spells.until_months <= horizon)
    return len(np.unique(spells.person[is_in | is_gone_to]))


def _whole_days(months: FloatArray) -> FloatArray:
    """Months of whole days: the same days are the same number, whatever they were counted from."""
    days: FloatArray = np.round(months * DAYS_PER_MONTH)
    return days / DAYS_PER_MONTH
