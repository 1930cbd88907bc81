"""Saddlepoint tails of a Cox score: at each event one of those at risk is drawn by its weight."""

from math import erfc, exp, log, sqrt

import numpy as np

from alsrev_dagster.survival.kernel.compiled import compiled

_STEP_TOLERANCE = 1e-11
_N_STEP = 100
_END = 1e-12
"""Share of the largest score there can be within which a score is at the end of its support."""


@compiled
def _cumulants(share, n_step, of_het, of_hom, t):
    """Cumulant generating function of the centred score at t, and its first two derivatives."""
    top = max(0.0, max(t * of_het, t * of_hom))
    e0, e1, e2 = exp(-top), exp(t * of_het - top), exp(t * of_hom - top)
    value, first, second = 0.0, 0.0, 0.0
    product, n_held = 1.0, 0
    for k in range(n_step):
        het, hom = share[1, k], share[2, k]
        q1, q2 = het * e1, hom * e2
        whole = share[0, k] * e0 + q1 + q2
        mean = (of_het * q1 + of_hom * q2) / whole
        centre = of_het * het + of_hom * hom
        product *= whole
        n_held += 1
        if n_held == 8 or product < 1e-200:
            value += log(product)
            product, n_held = 1.0, 0
        value += top - t * centre
        first += mean - centre
        second += (of_het * of_het * q1 + of_hom * of_hom * q2) / whole - mean * mean
    return value + log(product), first, second


@compiled
def _largest(share, n_step, of_het, of_hom):
    """Largest centred score there can be."""
    found = 0.0
    for k in range(n_step):
        best = 0.0 if share[0, k] > 0 else -np.inf
        if share[1, k] > 0:
            best = max(best, of_het)
        if share[2, k] > 0:
            best = max(best, of_hom)
        found += best - of_het * share[1, k] - of_hom * share[2, k]
    return found


@compiled
def _upper_tail(share, n_step, of_het, of_hom, score, variance):
    """Probability of a score at least this large (> 0): 0 beyond its support, NaN without root."""
    if score >= _largest(share, n_step, of_het, of_hom) * (1 - _END):
        return 0.0
    start = score / variance
    low, high, t = 0.0, np.inf, start
    for _ in range(_N_STEP):
        value, first, second = _cumulants(share, n_step, of_het, of_hom, t)
        if first < score:
            low = t
        else:
            high = t
        following = t - (first - score) / second
        if not low <= following <= high or following > 4 * t + start:
            following = 2 * t if high == np.inf else (low + high) / 2
        if abs(following - t) <= _STEP_TOLERANCE * t:
            w = sqrt(2 * (t * score - value))
            return erfc((w + log(t * sqrt(second) / w) / w) / sqrt(2.0)) / 2
        t = following
    return np.nan


@compiled
def saddlepoint_p(share, n_step, of_het, of_hom, score, variance):
    """Both tails of the score by the saddlepoint; NaN where it lies at the end of its support."""
    size = abs(score)
    if score < 0:
        of_het, of_hom = -of_het, -of_hom
    near = _upper_tail(share, n_step, of_het, of_hom, size, variance)
    if not near > 0:
        return np.nan
    far = _upper_tail(share, n_step, -of_het, -of_hom, size, variance)
    return min(near + far, 1.0)
