"""People in groups and strata with late entry and competing events, and their follow-up cut."""

import numpy as np
from hypothesis import strategies as st

from alsrev_dagster.survival.risk import FloatArray, IntArray

PERSON = st.tuples(
    st.integers(0, 6), st.integers(1, 8), st.integers(0, 2), st.integers(0, 2), st.integers(0, 1)
)
"""Entry, length, event code, group, stratum."""
PEOPLE = st.lists(PERSON, min_size=4, max_size=30).filter(
    lambda people: len({person[3] for person in people}) > 1
)

People = list[tuple[int, int, int, int, int]]
Columns = tuple[FloatArray, IntArray, IntArray, FloatArray, IntArray]


def columns(people: People) -> Columns:
    """Duration, event code, group, entry and stratum."""
    entry, length, code, group, stratum = np.array(people, dtype=np.int64).T
    return (entry + length).astype(float), code, group, entry.astype(float), stratum


def quiet(people: People) -> People:
    """More people of the same groups, in a stratum of their own in which nothing happens."""
    return [(0, 5 + group, 0, group, 7) for _, _, _, group, _ in people[:3]]


def cut(data: Columns, who: int, at: float) -> Columns:
    """The same with one participant's follow-up as two rows, if ``at`` lies within it."""
    duration, code, group, entry, stratum = data
    if not entry[who] < at < duration[who]:
        return data
    first, second = np.arange(len(duration)), [who]
    both = np.concatenate([first, second])
    duration, code, entry = duration[both], code[both], entry[both]
    duration[who], code[who], entry[-1] = at, 0, at
    return duration, code, group[both], entry, stratum[both]


def random_people(seed: int, n: int = 150, *, late: bool = True) -> Columns:
    """People without ties whom nothing distinguishes by group."""
    rng = np.random.default_rng(seed)
    entry = rng.random(n) * 2 * (rng.random(n) < 0.5) if late else np.zeros(n)
    duration = entry + rng.exponential(3, n) + 1e-3
    code = rng.choice([0, 1, 2], n, p=[0.3, 0.4, 0.3])
    return duration, code, rng.integers(0, 2, n), entry, rng.integers(0, 2, n)
