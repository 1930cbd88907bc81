"""Chance of each state over time by carrier group: one table."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from alsrev_dagster.survival.competing import incidence_interval
from alsrev_dagster.survival.genotype_groups import by_genetic_model, variant_of
from alsrev_dagster.survival.risk import FloatArray
from alsrev_dagster.survival.state_frames import (
    ROUNDING,
    StateRule,
    followed,
    spells_of,
    states_of,
)
from alsrev_dagster.survival.state_occupation import Spells, StateOccupation, state_occupation

OCCUPATION = "aalen_johansen"


def occupation_rows(
    people: pd.DataFrame, spell: pd.DataFrame, rule: StateRule
) -> Iterator[pd.DataFrame]:
    """Rows of result.state_occupation: variant x carrier group x month x state.

    Parameters
    ----------
    people
        Participants with a call of each variant, with their strata (``people_of``).
    spell
        core.state_spell of one kind of states.
    rule
        Times; a group is told of until the last of its people is under observation no more.
    """
    states = states_of(spell)
    month = np.arange(0.0, max(rule.horizon_months) + 1e-9, rule.interval_months)
    for group in by_genetic_model(people, followed(spell), ("dominant",)):
        for name, part in group.groupby("carrier_group", sort=True):
            spells = spells_of(part, spell, states)
            found = state_occupation(spells, len(states))
            seen = month[month <= float(spells.until_months.max())]
            frame = _told(found, spells, seen, states)
            said = {k: v for k, v in variant_of(group).items() if k != "genetic_model"}
            yield frame.assign(**said, carrier_group=name, n=spells.n_person)


def _told(
    found: StateOccupation, spells: Spells, month: FloatArray, states: list[str]
) -> pd.DataFrame:
    """Probability of each state at each month, with its interval."""
    chance, error = (array.ravel() for array in found.at(month))
    chance = np.where(np.abs(chance) < ROUNDING, 0.0, chance)
    lower, upper = incidence_interval(chance, error**2)
    is_there = (spells.entry_months <= month[:, None]) & (spells.until_months > month[:, None])
    return pd.DataFrame(
        {
            "month": np.repeat(month, len(states)),
            "state": np.tile(states, len(month)),
            "n_at_risk": np.repeat(is_there.sum(axis=1), len(states)),
            "probability": chance,
            "ci_lower": lower,
            "ci_upper": upper,
        }
    )
