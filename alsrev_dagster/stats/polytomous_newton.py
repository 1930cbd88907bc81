"""Firth's penalised multinomial likelihood of many tables, its maximum and its profile.

Every cell (a genotype of a stratum, or a sample) spreads its n samples over the groups with
chances p_c proportional to exp(z_c' theta). With z the mean of the z_c, weighted by p, the
information is the sum of n p_c (z_c - z)(z_c - z)' over cells and groups, the penalty half its
log determinant, and with d_c = (z_c - z)' I^-1 (z_c - z) and d their mean the modified score is
the sum of (y_c - n p_c + n p_c (d_c - d) / 2) z_c: the derivative of the penalty through z
vanishes, because the deviations sum to 0. With two groups these are Firth's formulas.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.stats.kernel.polytomous import maximise_polytomous

_STEP_TOLERANCE = 1e-10
"""Largest step, on the log-odds scale, at which a fit has converged."""
_FALL_TOLERANCE = 1e-13
"""Relative fall of the likelihood that is rounding."""
_RULE = (_STEP_TOLERANCE, _FALL_TOLERANCE, 5.0, 300, 30)
_N_TABLE_MIN = 256
"""Tables that are worth a thread."""
_PEAK_GAIN = 1e-9
"""Rise of the log likelihood by which another start found a higher peak."""
_END_TOLERANCE = 1e-8
"""Largest last step, on the log-odds scale, at which an end is found."""
_DISTANCE_MAX = 100.0
_N_ITERATION_MAX = 80

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Starts = Callable[[NDArray[np.int64], Floats], list[Floats]]
"""Other parameters from which fits of the tables at some places may find a higher peak.

It is given the places, shape (m,), and where they are, shape (m, n_parameter).
"""


@dataclass(frozen=True)
class GroupedCells:
    """Samples of n tables by cell and group, and what the model makes of each."""

    count: Floats
    """Shape (n, n_cell, n_group)."""
    design: Floats
    """Shape (n or 1, n_cell, n_group, n_parameter)."""

    def take(self, index: NDArray[np.int64]) -> "GroupedCells":
        """Return the tables at ``index``."""
        design = self.design if len(self.design) == 1 else self.design[index]
        return GroupedCells(self.count[index], design)


@dataclass(frozen=True)
class PolytomousMaximum:
    """Parameters that maximise the penalised likelihood of each table."""

    parameter: Floats
    log_likelihood: Floats
    gradient: Floats
    information: Floats
    is_converged: Bools


def maximise(cells: GroupedCells, start: Floats, is_free: Bools) -> PolytomousMaximum:
    """Newton steps from ``start``, shape (n, n_parameter); what is not free stays where it is.

    The penalty is that of the full information matrix, whatever is free, as logistf has it.
    """
    n, n_parameter = start.shape
    parameter = start.copy()
    log_likelihood, is_converged = np.empty(n), np.empty(n, dtype=np.bool_)
    gradient, information = np.empty((n, n_parameter)), np.empty((n, n_parameter, n_parameter))

    def climb(part: slice) -> None:
        maximise_polytomous(
            np.ascontiguousarray(cells.count[part]),
            np.ascontiguousarray(cells.design if len(cells.design) == 1 else cells.design[part]),
            is_free,
            _RULE,
            parameter[part],
            log_likelihood[part],
            gradient[part],
            information[part],
            is_converged[part],
        )

    n_part = min(os.cpu_count() or 1, -(-n // _N_TABLE_MIN)) or 1
    edges = np.linspace(0, n, n_part + 1).astype(int).tolist()
    parts = [slice(first, stop) for first, stop in pairwise(edges)]
    if n_part == 1:
        climb(parts[0])
    else:
        with ThreadPoolExecutor(n_part) as pool:
            list(pool.map(climb, parts))
    return PolytomousMaximum(parameter, log_likelihood, gradient, information, is_converged)


def profile_end(
    cells: GroupedCells, best: PolytomousMaximum, place: int, *, side: int, drop: float,
    starts: Starts,
) -> Floats:  # fmt: skip
    """Value of one parameter, on a side of the estimate, where twice the likelihood fell by drop.

    As ``kernel.firth_profile``: Newton steps on the root of the fall, inside a bracket.
    NaN where an inner fit fails or there is no root within 100 log-odds units.
    """
    target, n = np.sqrt(drop), len(best.parameter)
    is_free = np.ones(best.parameter.shape[1], dtype=np.bool_)
    is_free[place] = False
    active = np.flatnonzero(best.is_converged)
    spread = np.ones(n)
    spread[active] = np.sqrt(np.linalg.inv(best.information[active])[:, place, place])
    distance = np.minimum(target * spread, _DISTANCE_MAX / 2)
    near, far, end = np.zeros(n), np.full(n, np.inf), np.full(n, np.nan)
    parameter = best.parameter.copy()
    for _ in range(_N_ITERATION_MAX):
        if not len(active):
            break
        at = distance[active]
        start = parameter[active]
        start[:, place] = best.parameter[active, place] + side * at
        inner = _highest(cells.take(active), start, is_free, starts(active, start))
        parameter[active] = inner.parameter
        root = np.sqrt(np.maximum(2 * (best.log_likelihood[active] - inner.log_likelihood), 0))
        near[active] = np.where(root < target, at, near[active])
        far[active] = np.where(root < target, far[active], at)
        slope = -side * inner.gradient[:, place]
        following = _next_distance(at, root, slope, target, near[active], far[active])
        distance[active] = following
        is_found = inner.is_converged & (np.abs(following - at) < _END_TOLERANCE)
        end[active[is_found]] = (best.parameter[active, place] + side * following)[is_found]
        active = active[~is_found & inner.is_converged & (following < _DISTANCE_MAX)]
    return end


def _highest(
    cells: GroupedCells, start: Floats, is_free: Bools, other_starts: list[Floats]
) -> PolytomousMaximum:
    """Fit from several starts; the highest peak of each table, a converged one first."""
    best = maximise(cells, start, is_free)
    for other_start in other_starts:
        other = maximise(cells, np.where(is_free, other_start, start), is_free)
        gain = other.log_likelihood - best.log_likelihood
        is_better = other.is_converged & (~best.is_converged | (gain > _PEAK_GAIN))
        best = PolytomousMaximum(
            np.where(is_better[:, None], other.parameter, best.parameter),
            np.where(is_better, other.log_likelihood, best.log_likelihood),
            np.where(is_better[:, None], other.gradient, best.gradient),
            np.where(is_better[:, None, None], other.information, best.information),
            np.where(is_better, other.is_converged, best.is_converged),
        )
    return best


def _next_distance(
    at: Floats, root: Floats, slope: Floats, target: float, near: Floats, far: Floats
) -> Floats:
    """Newton step, or the middle of the bracket, or twice as far while it has no end."""
    with np.errstate(all="ignore"):
        newton = at - (root - target) * root / slope
    is_inside = np.isfinite(newton) & (newton >= near) & (newton <= far) & (newton < 2 * at + 1)
    with np.errstate(invalid="ignore"):
        middle = np.where(np.isinf(far), 2 * at, (near + far) / 2)
    return np.where(is_inside, newton, middle)
