"""Maximum of a likelihood whose value and slope are known for each person."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from alsrev_dagster.survival.newton import curvature
from alsrev_dagster.survival.risk import FloatArray

ByPerson = Callable[[FloatArray], tuple[FloatArray, FloatArray]]
"""Log likelihoods, shape (n,), and their slopes, shape (n, n_parameter), at some parameters."""

_NEAR = 1e-3
"""Step, in standard errors, that is not taken any more."""
_FLAT, _SADDLE = 0.01, -0.2
"""Curvature below which a direction says nothing, and below which this is no maximum; it is
about 1 in the coordinates of the search."""
_N_NEWTON, _N_CHORD = 4, 3


@dataclass(frozen=True)
class Maximum:
    """Where a likelihood is largest."""

    parameter: FloatArray
    covariance: FloatArray
    """Inverse of the curvature; directions that say nothing are taken as known."""
    log_likelihood: float
    n_flat: int
    """Directions in which the likelihood does not change: variances at 0."""


def maximum(by_person: ByPerson, start: FloatArray) -> Maximum | None:
    """Largest sum of log likelihoods near a start; None where the search ends at none.

    Quasi-Newton in coordinates in which the slopes of people are uncorrelated at the start and
    the curvature is about 1, then Newton's steps, several with one curvature. A likelihood that
    is not finite is as low as can be.
    """
    slopes = by_person(start)[1]
    spread = slopes.T @ slopes
    length = np.sqrt(np.maximum(np.diag(spread), 1e-12))
    values, vectors = np.linalg.eigh(spread / np.outer(length, length))
    turn = (vectors / np.sqrt(np.maximum(values, 1e-4))) / length[:, None]

    def value_and_slope(moved: FloatArray) -> tuple[float, FloatArray]:
        with np.errstate(all="ignore"):
            value, slope = by_person(start + turn @ moved)
            total = -float(value.sum())
        return (total, -turn.T @ slope.sum(axis=0)) if np.isfinite(total) else (np.inf, 0 * moved)

    at = minimize(
        value_and_slope, np.zeros(len(start)), jac=True, method="BFGS",
        options={"gtol": 0.02, "maxiter": 300},
    ).x  # fmt: skip
    for _ in range(_N_NEWTON):
        height, direction = np.linalg.eigh(curvature(lambda moved: value_and_slope(moved)[1], at))
        if not height.min() > _SADDLE:
            return None
        root = direction[:, height > _FLAT] / np.sqrt(height[height > _FLAT])
        for _ in range(_N_CHORD):
            value, slope = value_and_slope(at)
            step = root.T @ slope
            if np.sqrt(step @ step) < _NEAR:
                turned = turn @ root
                n_flat = int((height <= _FLAT).sum())
                return Maximum(start + turn @ at, turned @ turned.T, -value, n_flat)
            at = at - root @ step
    return None
