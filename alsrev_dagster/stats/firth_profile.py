"""Ends of the profile penalised likelihood interval of many tables at once."""

from dataclasses import fields

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
        inner = _best_fit(cells.take(active), intercept[active], fit.beta[active] + side * at)
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


def _best_fit(cells: Cells, intercept: Floats, beta: Floats) -> Fit:
    """Fit the intercepts from several starts; the highest likelihood of each table.

    At a beta far from the estimate the penalised likelihood of the intercepts can have
    two peaks: every genotype of a stratum but one has no weight left, and either may be
    the one that keeps it. The starts are the last fit and one for each genotype.
    """
    n_control = cells.n_sample - cells.n_case
    crude = np.log((cells.n_case.sum(axis=2) + 0.5) / (n_control.sum(axis=2) + 0.5))
    best = maximise(cells, intercept, beta, is_beta_free=False)
    for score in np.unique(cells.score):
        other = maximise(cells, crude - beta[:, None] * score, beta, is_beta_free=False)
        best = _higher(best, other)
    return best


def _higher(one: Fit, other: Fit) -> Fit:
    """Of two fits of each table the one with the higher likelihood; a converged one first."""
    gain = other.log_likelihood - one.log_likelihood
    is_better = other.is_converged & (~one.is_converged | (gain > _TOLERANCE))
    chosen = {}
    for field in fields(Fit):
        this, that = getattr(one, field.name), getattr(other, field.name)
        chosen[field.name] = np.where(
            is_better[:, None] if this.ndim > 1 else is_better, that, this
        )
    return Fit(**chosen)


def _next_distance(at: Floats, excess: Floats, slope: Floats, near: Floats, far: Floats) -> Floats:
    """Newton step, or the middle of the bracket, or twice as far while it has no end."""
    with np.errstate(all="ignore"):
        newton = at - excess / slope
    is_inside = np.isfinite(newton) & (newton >= near) & (newton <= far)
    is_inside &= newton < 2 * at + 1
    with np.errstate(invalid="ignore"):
        middle = np.where(np.isinf(far), 2 * at, (near + far) / 2)
    return np.where(is_inside, newton, middle)
