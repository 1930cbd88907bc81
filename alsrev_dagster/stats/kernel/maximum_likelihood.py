"""Ordinary maximum likelihood of a logistic regression, and a proof that there is one.

Data are not separated exactly if positive weights can be had with which the signed rows of the
design, X diag(sign), sum to 0 (Albert & Anderson 1984, Biometrika 71:1-10, by Gordan's theorem).
|y - p| are such weights at the maximum; near it, y - p less what one Newton step takes away sums
to 0 as exactly, and proves the same where every sign is still right.
"""

import numpy as np

from alsrev_dagster.stats.kernel.cholesky import factor, solve
from alsrev_dagster.stats.kernel.compiled import compiled, compiled_sums
from alsrev_dagster.stats.kernel.penalised import (
    ETA,
    INFORMATION,
    MOVED,
    RESIDUAL,
    SPARE,
    STEP,
    TRIANGLE,
    WEIGHT,
    P,
)
from alsrev_dagster.stats.kernel.rows import clear, combine, copy, dots, mean_curve, weighted_gram

_STEP_TOLERANCE = 1e-9
_STEP_MAX = 5.0
_N_STEP = 60
_N_HALVING = 30
_INFORMED = 1e-10
"""Share of a row's squares that its information has at least at a maximum."""
_PROOF = 1e-10
"""Residual that is no rounding: the sums are good to some 1e-15 a sample."""


@compiled_sums
def fill_residual(outcome, p, n, residual):
    """Fill outcome less fitted probability."""
    for i in range(n):
        residual[i] = outcome[i] - p[i]


@compiled
def fill_step(design, outcome, n_parameter, n_sample, n, work):
    """Fill Newton's step from p and the triangle that ``work`` holds, and what it does to eta."""
    room, square, vector = work
    step = vector[STEP]
    clear(room[RESIDUAL], n_sample, n)
    fill_residual(outcome, room[P], n_sample, room[RESIDUAL])
    dots(design, room[RESIDUAL], n_parameter, n, step)
    solve(square[TRIANGLE], n_parameter, step)
    combine(design, step, n_parameter, n, room[SPARE])


@compiled
def is_overlap_proved(outcome, n_sample, work):
    """Whether the residuals after the step have the signs of the outcome: then none separates."""
    room = work[0]
    change, p, weight = room[SPARE], room[P], room[WEIGHT]
    for i in range(n_sample):
        after = outcome[i] - p[i] - weight[i] * change[i]
        if not (after > _PROOF if outcome[i] > 0.5 else after < -_PROOF):
            return False
    return True


@compiled
def look(design, outcome, n_parameter, n_sample, n, parameter, work):
    """Log likelihood at some parameters; fill probabilities, weights, information and triangle."""
    room, square, _ = work
    combine(design, parameter, n_parameter, n, room[ETA])
    likelihood = mean_curve(room[ETA], outcome, n_sample, room[P], room[WEIGHT])
    clear(room[WEIGHT], n_sample, n)
    weighted_gram(design, room[WEIGHT], n_parameter, n, square[INFORMATION])
    if np.isnan(factor(square[INFORMATION], n_parameter, square[TRIANGLE])):
        return np.nan
    return likelihood


@compiled_sums
def _is_informed(design, n_parameter, n, work):
    """Whether each parameter has information left: where it ran off, weights are roundings."""
    for j in range(n_parameter):
        squares = 0.0
        for i in range(n):
            squares += design[j, i] * design[j, i]
        if work[1][TRIANGLE, j, j] ** 2 < _INFORMED * squares:
            return False
    return True


@compiled
def climb_ordinary(design, outcome, n_parameter, n_sample, n, is_proof_enough, parameter, work):
    """Move the parameters to the maximum of the likelihood; whether there is one.

    With ``is_proof_enough`` it ends as soon as a maximum is known to exist.
    """
    step, moved = work[2][STEP], work[2][MOVED]
    likelihood = look(design, outcome, n_parameter, n_sample, n, parameter, work)
    for _ in range(_N_STEP):
        if np.isnan(likelihood):
            return False
        fill_step(design, outcome, n_parameter, n_sample, n, work)
        if is_proof_enough and is_overlap_proved(outcome, n_sample, work):
            return True
        longest = 0.0
        for j in range(n_parameter):
            longest = max(longest, abs(step[j]))
        share = min(1.0, _STEP_MAX / longest) if longest > 0 else 1.0
        reached = np.nan
        for _ in range(_N_HALVING):
            for j in range(n_parameter):
                moved[j] = parameter[j] + share * step[j]
            reached = look(design, outcome, n_parameter, n_sample, n, moved, work)
            if reached >= likelihood - 1e-13 * abs(likelihood):
                break
            share /= 2
        copy(moved, n_parameter, parameter)
        likelihood = reached
        if longest < _STEP_TOLERANCE:
            return _is_informed(design, n_parameter, n, work)
    return False
