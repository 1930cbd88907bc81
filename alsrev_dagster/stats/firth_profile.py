"""Ends of the profile penalised likelihood interval of many tables at once."""

import numpy as np

from alsrev_dagster.stats.firth_newton import Cells, Fit, Floats, maximise

_TOLERANCE = 1e-9
"""Largest last step, on the log-odds scale, at which an end is found."""
_DISTANCE_MAX = 100.0
_N_ITERATION_MAX = 80


def profile_bound(cells: Cells, fit: Fit, *, side: int, drop: float) -> Floats:
    """Beta on one side of the estimate where twice the likelihood has fallen by ``drop``.

    The root of ``sqrt(2 * fall) = sqrt(drop)`` is sought, which is nearly a straight
    line in beta: Newton steps, kept inside a bracket that bisection shrinks when they
    leave it. The slope of the profile is the score of beta there (envelope theorem).
    NaN where an inner fit fails or there is no root within 100 log-odds units.
    """
    n = len(fit.beta)
    target = np.sqrt(drop)
    with np.errstate(all="ignore"):
        distance = np.minimum(target / np.sqrt(fit.information), _DISTANCE_MAX / 2)
    near, far = np.zeros(n), np.full(n, np.inf)
    bound = np.full(n, np.nan)
    intercept = fit.intercept.copy()
    active = np.flatnonzero(fit.is_converged)
    for _ in range(_N_ITERATION_MAX):
        if not len(active):
            break
        at = distance[active]
        inner = maximise(
            cells.take(active),
            intercept[active],
            fit.beta[active] + side * at,
            is_beta_free=False,
        )
        intercept[active] = inner.intercept
        fall = np.maximum(2 * (fit.log_likelihood[active] - inner.log_likelihood), 0)
        root = np.sqrt(fall)
        near[active] = np.where(root < target, at, near[active])
        far[active] = np.where(root < target, far[active], at)
        following = _next_distance(
            at, root - target, -side * inner.beta_score / root, near[active], far[active]
        )
        distance[active] = following
        is_found = inner.is_converged & (np.abs(following - at) < _TOLERANCE)
        bound[active[is_found]] = (fit.beta[active] + side * following)[is_found]
        active = active[~is_found & inner.is_converged & (following < _DISTANCE_MAX)]
    return bound


def _next_distance(at: Floats, excess: Floats, slope: Floats, near: Floats, far: Floats) -> Floats:
    """Newton step, or the middle of the bracket, or twice as far while it has no end."""
    with np.errstate(all="ignore"):
        newton = at - excess / slope
    is_inside = np.isfinite(newton) & (newton >= near) & (newton <= far)
    is_inside &= newton < 2 * at + 1
    with np.errstate(invalid="ignore"):
        middle = np.where(np.isinf(far), 2 * at, (near + far) / 2)
    return np.where(is_inside, newton, middle)
