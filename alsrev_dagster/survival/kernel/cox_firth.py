"""Firth's fit of one coded genotype in a Cox model, from the shares of each code at risk."""

from math import exp, log, sqrt

import numpy as np

from alsrev_dagster.survival.kernel.compiled import compiled

_STEP_TOLERANCE = 1e-9
_N_STEP, _N_WIDEN = 100, 60
_STEP_MAX, _LARGEST = 2.0, 200.0
_LEVEL_TOLERANCE = 1e-9
_TINY = 1e-290


@compiled
def _cumulants(share, n_step, of_het, of_hom, at):
    """Log of the shares' sums, and the second to fourth cumulants of what is drawn, summed.

    The mean stands second. The fourth is m4 - 3 m2^2.
    """
    top = max(0.0, max(at * of_het, at * of_hom))
    e0, e1, e2 = exp(-top), exp(at * of_het - top), exp(at * of_hom - top)
    total, mean, second, third, fourth = n_step * top, 0.0, 0.0, 0.0, 0.0
    product, n_held = 1.0, 0
    for k in range(n_step):
        q0, q1, q2 = share[0, k] * e0, share[1, k] * e1, share[2, k] * e2
        whole = q0 + q1 + q2
        product *= whole
        n_held += 1
        if n_held == 8 or product < 1e-200:
            total += log(product)
            product, n_held = 1.0, 0
        q0, q1, q2 = q0 / whole, q1 / whole, q2 / whole
        m = of_het * q1 + of_hom * q2
        d0, d1, d2 = -m, of_het - m, of_hom - m
        s0, s1, s2 = q0 * d0 * d0, q1 * d1 * d1, q2 * d2 * d2
        m2 = s0 + s1 + s2
        mean += m
        second += m2
        third += s0 * d0 + s1 * d1 + s2 * d2
        fourth += s0 * d0 * d0 + s1 * d1 * d1 + s2 * d2 * d2 - 3 * m2 * m2
    return total + log(product), mean, second, third, fourth


@compiled
def penalised(share, n_step, of_het, of_hom, drawn, at):
    """Penalised log likelihood, its first two derivatives, and the information.

    ``drawn`` is the sum of the coded genotype over events.
    """
    total, mean, second, third, fourth = _cumulants(share, n_step, of_het, of_hom, at)
    if second < _TINY:
        return -np.inf, np.nan, np.nan, 0.0
    skew = third / second
    value = at * drawn - total + 0.5 * log(second)
    first = drawn - mean + 0.5 * skew
    curvature = -second + 0.5 * (fourth / second - skew * skew)
    return value, first, curvature, second


@compiled
def firth_fit(share, n_step, of_het, of_hom, drawn):
    """Estimate, its standard error, likelihood ratio against 0 and the maximum; NaN without one.

    The standard error is from the information at the estimate, without the penalty.
    """
    none = penalised(share, n_step, of_het, of_hom, drawn, 0.0)[0]
    low, high, at = -_LARGEST, _LARGEST, 0.0
    for _ in range(_N_STEP):
        value, slope, curvature, information = penalised(share, n_step, of_het, of_hom, drawn, at)
        if np.isnan(slope):  # so far out that nothing varies
            low, high = (low, at) if at > 0 else (at, high)
            at = (low + high) / 2
            continue
        if slope > 0:
            low = at
        else:
            high = at
        step = -slope / curvature if curvature < 0 else _STEP_MAX * slope / abs(slope)
        following = at + min(max(step, -_STEP_MAX), _STEP_MAX)
        if not low < following < high:
            following = (low + high) / 2
        if abs(following - at) <= _STEP_TOLERANCE * (1 + abs(at)):
            return at, 1 / sqrt(information), max(2 * (value - none), 0.0), value
        at = following
    return np.nan, np.nan, np.nan, np.nan


@compiled
def profile_end(share, n_step, of_het, of_hom, drawn, estimate, level, step):
    """Where, from the estimate along ``step``, the penalised likelihood falls to a level."""
    inside, outside = estimate, estimate + step
    for _ in range(_N_WIDEN):
        if penalised(share, n_step, of_het, of_hom, drawn, outside)[0] < level:
            break
        inside, outside = outside, outside + 2 * (outside - estimate)
    else:
        return np.nan
    at = inside
    for _ in range(_N_STEP):
        value, slope, _, _ = penalised(share, n_step, of_het, of_hom, drawn, at)
        if value >= level:
            inside = at
        else:
            outside = at
        following = at - (value - level) / slope
        if not min(inside, outside) < following < max(inside, outside):
            following = (inside + outside) / 2
        if abs(following - at) <= _LEVEL_TOLERANCE * (1 + abs(at)):
            return following
        at = following
    return at
