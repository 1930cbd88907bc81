"""Score test of a genotype against a null model, and its saddlepoint P value."""

from math import erfc, exp, log, sqrt

import numpy as np

from alsrev_dagster.stats.kernel.compiled import compiled

_STEP_TOLERANCE = 1e-12
_N_STEP = 200
_VARIANCE_MIN = 1e-9
"""Share of a genotype's weighted squares that covariates must leave for there to be a test."""


@compiled
def fill_turned(design, weight, triangle, n_covariate, n_sample, turned):
    """Fill the covariates, a row a sample, turned to be 1 in weighted squares, and apart."""
    for i in range(n_sample):
        for j in range(n_covariate):
            rest = design[j, i]
            for m in range(j):
                rest -= triangle[j, m] * turned[i, m]
            turned[i, j] = rest / triangle[j, j]


@compiled
def score_statistic(genotype, n_sample, outcome, p, weight, turned, n_covariate, projection):
    """Score, its variance (0 where covariates leave nothing; NaN without a null model).

    Fills what of the covariates is taken off.

    The score of a genotype less its weighted projection on the covariates; only carriers, whose
    genotype is not 0, are looked at.
    """
    projection[:n_covariate] = 0.0
    score, squares = 0.0, 0.0
    for i in range(n_sample):
        g = genotype[i]
        if g != 0:
            score += g * (outcome[i] - p[i])
            weighted = g * weight[i]
            squares += g * weighted
            for j in range(n_covariate):
                projection[j] += weighted * turned[i, j]
    variance = squares
    for j in range(n_covariate):
        variance -= projection[j] * projection[j]
    return score, 0.0 if variance <= _VARIANCE_MIN * squares else variance


@compiled
def fill_adjusted(genotype, n_sample, turned, n_covariate, projection, adjusted):
    """Fill the genotype less its projection on the covariates."""
    for i in range(n_sample):
        rest = genotype[i]
        for j in range(n_covariate):
            rest -= projection[j] * turned[i, j]
        adjusted[i] = rest


@compiled
def _cumulants(adjusted, p, n_sample, t):
    """Cumulant generating function of the centred score at t, and its first two derivatives."""
    value, first, second = 0.0, 0.0, 0.0
    for i in range(n_sample):
        a, mean = adjusted[i], p[i]
        tilt = a * t
        if tilt > 0:
            small = (1 - mean) * exp(-tilt)
            value += tilt + log(small + mean)
            share = mean / (small + mean)
        else:
            small = mean * exp(tilt)
            value += log(1 - mean + small)
            share = small / (1 - mean + small)
        value -= tilt * mean
        first += a * (share - mean)
        second += a * a * share * (1 - share)
    return value, first, second


@compiled
def _upper_tail(adjusted, p, n_sample, score, start):
    """Probability of a score at least this large (> 0); NaN where no root is found.

    The support ends where every sample that raises the score is a case: there it is 0.
    """
    highest = 0.0
    for i in range(n_sample):
        highest += adjusted[i] * ((1.0 if adjusted[i] > 0 else 0.0) - p[i])
    if score >= highest * (1 - 1e-12):
        return 0.0
    low, high, t = 0.0, np.inf, start
    for _ in range(_N_STEP):
        value, first, second = _cumulants(adjusted, p, n_sample, t)
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
def saddlepoint_p(adjusted, p, n_sample, score, variance, mirrored):
    """Both tails of the score by the saddlepoint; NaN where it lies at the end of its support."""
    size = abs(score)
    for i in range(n_sample):
        mirrored[i] = -adjusted[i]
    start = size / variance
    same, other = (adjusted, mirrored) if score > 0 else (mirrored, adjusted)
    near = _upper_tail(same, p, n_sample, size, start)
    if not near > 0:
        return np.nan
    return min(near + _upper_tail(other, p, n_sample, size, start), 1.0)
