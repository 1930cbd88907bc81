"""Newton's last steps to a maximum, and curvature, from an exact slope."""

from collections.abc import Callable

import numpy as np

from alsrev_dagster.survival.risk import BoolArray, FloatArray

_STEP = 1e-5
_N_STEP = 8

Slope = Callable[[FloatArray], FloatArray]


def curvature(slope: Slope, at: FloatArray, free: BoolArray | None = None) -> FloatArray:
    """Symmetric matrix of second derivatives by central differences of the slope.

    Only of the ``free`` parameters, if any are fixed.
    """
    place = np.arange(len(at)) if free is None else np.flatnonzero(free)
    rows = []
    for j in place:
        step = np.zeros(len(at))
        step[j] = _STEP * max(1.0, abs(at[j]))
        rows.append((slope(at + step) - slope(at - step))[place] / (2 * step[j]))
    found = np.array(rows, dtype=np.float64).reshape(len(place), len(place))
    symmetric: FloatArray = (found + found.T) / 2
    return symmetric


def polished(
    slope: Slope, start: FloatArray, free: BoolArray | None = None, *, near: float = 0.0
) -> FloatArray:
    """The place where the slope is 0, or below ``near``, near a place where it is small.

    A step is taken only while it makes the slope smaller: a poor curvature moves nothing.
    """
    place = np.arange(len(start)) if free is None else np.flatnonzero(free)
    at, by = start.copy(), slope(start)
    for _ in range(_N_STEP):
        if not len(place) or np.abs(by[place]).max() <= near:
            break
        try:
            step = np.linalg.solve(curvature(slope, at, free), by[place])
        except np.linalg.LinAlgError:
            break
        moved = at.copy()
        moved[place] -= step
        after = slope(moved)
        if not np.abs(after[place]).max() < np.abs(by[place]).max():
            break
        at, by = moved, after
    return at
