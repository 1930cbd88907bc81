"""Simulated courses through states that are left and entered again, with a truth to be found."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from alsrev_dagster.months import DAYS_PER_MONTH
from alsrev_dagster.survival.risk import FloatArray
from alsrev_dagster.survival.state_occupation import CENSORED, Spells

STATES = ("not_recovered", "recovered", "dead")
GENERATOR = np.array([[-0.08, 0.05, 0.03], [0.06, -0.07, 0.01], [0.0, 0.0, 0.0]])
"""Moves a month from state to state; the dead stay."""


def course(
    rng: np.random.Generator, generator: FloatArray, until: float
) -> list[tuple[float, float, int, int]]:
    """Spells of one person from 0 on: entry, until, state, next state."""
    rows, now, state = [], 0.0, 0
    while now < until and generator[state, state] < 0:
        wait = rng.exponential(-1 / generator[state, state])
        rates = np.clip(generator[state], 0, None)
        after = int(rng.choice(len(rates), p=rates / rates.sum()))
        if now + wait >= until:
            return [*rows, (now, until, state, CENSORED)]
        rows.append((now, now + wait, state, after))
        now, state = now + wait, after
    return rows


def spells(rng: np.random.Generator, n: int, *, late: float = 0.0) -> Spells:
    """Spells of n people censored at 12 to 48 months, who enter by ``late`` months."""
    people = []
    for _ in range(n):
        entry = rng.uniform(0, late) if late else 0.0
        own = course(rng, GENERATOR, rng.uniform(12, 48))
        people.append([(max(a, entry), b, s, k) for a, b, s, k in own if b > entry])
    seen = [own for own in people if own]
    flat = [(i, *row) for i, own in enumerate(seen) for row in own]
    person, begun, ended, state, after = np.array(flat).T
    return Spells(
        person.astype(np.int64),
        begun,
        ended,
        state.astype(np.int64),
        after.astype(np.int64),
    )


def spell_table(rng: np.random.Generator, n: int, generators: Sequence[FloatArray]) -> pd.DataFrame:
    """core.state_spell of n people in whole days, the i-th by ``generators[i % len]``."""
    rows = [
        (f"p{i:04}", k + 1, STATES[state], begun, ended, STATES[after] if after >= 0 else None)
        for i in range(n)
        for k, (begun, ended, state, after) in enumerate(
            course(rng, generators[i % len(generators)], rng.uniform(12, 48))
        )
    ]
    names = ["participant_id", "spell_index", "state", "from_months", "until_months", "next_state"]
    made = pd.DataFrame(rows, columns=names).assign(states="recovery", definition="rule")
    for name in ("from_months", "until_months"):
        # a day later at each move, so that every spell lasts
        days = np.round(made[name] * DAYS_PER_MONTH) + made["spell_index"] - 1
        made[name] = (days + (name == "until_months")) / DAYS_PER_MONTH
    return made
