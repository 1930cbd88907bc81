"""Landmark and curves written out person by person, and people who make a landmark."""

import numpy as np
from hypothesis import strategies as st

from alsrev_dagster.survival.risk import BoolArray, FloatArray

_EARLY = st.tuples(st.integers(0, 1), st.just(1), st.integers(0, 3))
_LATE = st.tuples(st.integers(3, 11), st.integers(1, 8), st.integers(0, 3))
EMPTIED = st.builds(
    lambda early, late: [(0, 3, 1), *early, *late],
    st.lists(_EARLY, max_size=4),
    st.lists(_LATE, min_size=1, max_size=20),
)
"""Entry, length and event code of people of whom the last of the early ones has event 1 at 3."""


def landmark_by_hand(duration: FloatArray, event: BoolArray, entry: FloatArray) -> float:
    """Last event time at which nobody is left at risk and somebody is to enter; 0 if none."""
    found = 0.0
    for t in np.unique(duration[event]):
        leaves = (duration == t) & event
        at_risk = (entry < t) & (t <= duration)
        if (leaves == at_risk).all() and (entry >= t).any():
            found = float(t)
    return found


def unconditional_by_hand(duration: FloatArray, event: BoolArray, entry: FloatArray) -> list[float]:
    """Kaplan-Meier over all event times, wherever the risk set is emptied."""
    free, curve = 1.0, []
    for t in np.unique(duration[event]):
        n = int(((entry < t) & (t <= duration)).sum())
        free *= 1 - int(((duration == t) & event).sum()) / n
        curve.append(free)
    return curve
