"""Scan of variants: the score test of each, Firth's likelihood ratio test of those asked for."""

from math import exp

import numpy as np

from alsrev_dagster.stats.kernel.called import keep_independent, lay_out, padded
from alsrev_dagster.stats.kernel.compiled import compiled
from alsrev_dagster.stats.kernel.maximum_likelihood import (
    climb_ordinary,
    fill_step,
    is_overlap_proved,
)
from alsrev_dagster.stats.kernel.penalised import ETA, INVERSE, TRIANGLE, WEIGHT, P, climb
from alsrev_dagster.stats.kernel.score_test import (
    fill_adjusted,
    fill_turned,
    saddlepoint_p,
    score_statistic,
)

OK, SEPARATED, NOT_CONVERGED, MONOMORPHIC, ONE_SIDE_MISSING, UNDECIDED = 0, 1, 2, 3, 4, 5
"""What becomes of a fit; UNDECIDED: neither a maximum nor a separation was proved."""

N_FOUND = 4
"""Firth's beta, its standard error, the likelihood ratio statistic, and direction of separation."""

N_SCORED = 3
"""Score z, saddlepoint P value (NaN without root or below the cutoff), whether it was sought."""

_N_CARRIER_MAX = 40
"""Carriers up to whom a first beta is sought among them alone."""
_N_START_STEP = 12


@compiled
def _stored_side(value, outcome):
    """Status of a variant before any fit, from its called samples."""
    low, high, n_case, n_control = np.inf, -np.inf, 0, 0
    for i in range(len(value)):
        if not np.isnan(value[i]):
            low, high = min(low, value[i]), max(high, value[i])
            n_case += outcome[i] > 0.5
            n_control += outcome[i] < 0.5
    if n_case == 0 or n_control == 0:
        return ONE_SIDE_MISSING
    return OK if low < high else MONOMORPHIC


@compiled
def alone_separates(genotype, outcome, n):
    """1 or -1 where cases' genotypes are all at or above controls', or at or below; else 0."""
    case_low, case_high, control_low, control_high = np.inf, -np.inf, np.inf, -np.inf
    for i in range(n):
        if outcome[i] > 0.5:
            case_low, case_high = min(case_low, genotype[i]), max(case_high, genotype[i])
        else:
            control_low = min(control_low, genotype[i])
            control_high = max(control_high, genotype[i])
    if case_low >= control_high:
        return 1
    return -1 if case_high <= control_low else 0


@compiled
def score_each(value, null, fitted, cutoff, space, work, scored, status):
    """Fill the score test of each variant against the null model of its called samples.

    Parameters
    ----------
    value
        Shape (n_variant, n_sample), NaN where missing.
    null
        Covariates' rows and outcome.
    fitted
        Of every sample: parameters of the null model, its probabilities and weights, and the
        turned covariates, shape (n_sample, n_covariate). A variant with missing calls has the
        model fitted anew to its called samples.
    cutoff
        Absolute z from which the saddlepoint is sought.
    scored, status
        Filled, shapes (n_variant, N_SCORED) and (n_variant,).
    """
    covariate, outcome = null
    theta, p_whole, weight_whole, turned_whole = fitted
    turned, projection = np.empty_like(turned_whole), np.empty(len(covariate))
    adjusted, mirrored = np.empty(len(p_whole)), np.empty(len(p_whole))
    kept, parameter = np.empty(len(space[0]), dtype=np.int64), np.empty(len(space[0]))
    for row in range(len(value)):
        scored[row, 0], scored[row, 1], scored[row, 2] = np.nan, np.nan, 0.0
        status[row] = _stored_side(value[row], outcome)
        if status[row] != OK:
            continue
        n, _, n_row = lay_out(value[row], null, 1, space)
        design, called, genotype, _, _ = space
        n_covariate, p, weight, turn = n_row - 1, p_whole, weight_whole, turned_whole
        if n < len(p_whole):
            n_covariate = keep_independent(space, n_row - 1, n_row - 1, n, work[1], kept)
            for j in range(n_covariate):
                parameter[j] = theta[kept[j]]
            is_found = climb_ordinary(
                design, called, n_covariate, n, padded(n), False, parameter, work
            )
            if not is_found:
                continue
            p, weight, turn = work[0][P], work[0][WEIGHT], turned
            fill_turned(design, weight, work[1][TRIANGLE], n_covariate, n, turned)
        score, variance = score_statistic(
            genotype, n, called, p, weight, turn, n_covariate, projection
        )
        if variance == 0:
            status[row] = MONOMORPHIC
            continue
        scored[row, 0] = score / np.sqrt(variance)
        if abs(scored[row, 0]) >= cutoff:
            scored[row, 2] = 1.0
            if alone_separates(genotype, called, n) == 0:
                fill_adjusted(genotype, n, turn, n_covariate, projection, adjusted)
                scored[row, 1] = saddlepoint_p(adjusted, p, n, score, variance, mirrored)


@compiled
def _first_beta(genotype, outcome, eta, n):
    """Firth's beta of carriers alone, the others' part of the model as it is; 0 where many."""
    n_carrier, beta = 0, 0.0
    carrier = np.empty(_N_CARRIER_MAX, dtype=np.int64)
    for i in range(n):
        if genotype[i] != 0:
            if n_carrier == _N_CARRIER_MAX:
                return 0.0
            carrier[n_carrier] = i
            n_carrier += 1
    for _ in range(_N_START_STEP):
        information, score, bias, augmented = 0.0, 0.0, 0.0, 0.0
        for c in range(n_carrier):
            i = carrier[c]
            g = genotype[i]
            p = 1 / (1 + exp(-(eta[i] + beta * g)))
            square = g * g * p * (1 - p)
            information += square
            score += g * (outcome[i] - p)
            bias += square * g * (0.5 - p)
            augmented += square * square
        step = (score + bias / information) / (information + augmented / information)
        beta += min(max(step, -2.0), 2.0)
        if abs(step) < 1e-3:
            break
    return beta if abs(beta) < 20 else 0.0


@compiled
def firth_each(value, null, theta, extra, rules, n_tested, is_null_separated, space, work, found):
    """Fill Firth's likelihood ratio test of each variant.

    Parameters
    ----------
    value, null
        As for :func:`score_each`.
    theta, extra
        Firth's parameters of the null model, and what their curvature has beyond Fisher's.
    rules
        Of the fit of the covariates, whose likelihood is wanted, and of all parameters.
    found
        Number, shape (n_variant, n_tested, N_FOUND); parameters tested, and status, shape
        (n_variant,): filled.
    """
    number, n_free_of, status = found
    kept, parameter = np.empty(len(space[0]), dtype=np.int64), np.zeros(len(space[0]))
    n_all, no_extra = len(null[0]), np.zeros_like(extra)
    for row in range(len(value)):
        number[row] = np.nan
        number[row, :, 3] = 0.0
        n_free_of[row] = 0
        status[row] = _stored_side(value[row], null[1])
        if status[row] != OK:
            continue
        n, _, n_row = lay_out(value[row], null, n_tested, space)
        n_kept = keep_independent(space, n_row, n_all, n, work[1], kept)
        n_covariate = 0
        while n_covariate < n_kept and kept[n_covariate] < n_all:
            parameter[n_covariate] = theta[kept[n_covariate]]
            n_covariate += 1
        n_free = n_kept - n_covariate
        if n_free == 0:
            status[row] = MONOMORPHIC
            continue
        n_free_of[row] = n_free
        parameter[n_covariate:n_kept] = 0.0
        used = extra if n_covariate == n_all else no_extra
        model, shape = (space[0], space[1], used), (n_covariate, n_free, n, padded(n))
        lower = climb(model, shape, n_covariate, rules[0], parameter, work)
        if n_free == 1:
            parameter[n_covariate] = _first_beta(space[2], space[1], work[0][ETA], n)
        upper = climb(model, shape, n_kept, rules[1], parameter, work)
        if np.isnan(lower) or np.isnan(upper):
            status[row] = NOT_CONVERGED
            continue
        for t in range(n_free):
            at, total = n_covariate + t, 0.0
            for j in range(at, n_kept):
                total += work[1][INVERSE, j, at] ** 2
            tested = kept[at] - n_all
            number[row, tested, 0], number[row, tested, 1] = parameter[at], np.sqrt(total)
            number[row, tested, 2] = max(2 * (upper - lower), 0.0)
        status[row], direction = _separation(space, n_kept, n, n_free, parameter, work)
        if is_null_separated and status[row] != SEPARATED:
            status[row] = SEPARATED
        number[row, :, 3] = direction


@compiled
def _separation(space, n_kept, n, n_free, parameter, work):
    """Whether maximum likelihood has an end, and which way beta runs where it has none."""
    direction = alone_separates(space[2], space[1], n) if n_free == 1 else 0
    if direction != 0:
        return SEPARATED, direction
    design, outcome = space[0], space[1]
    fill_step(design, outcome, n_kept, n, padded(n), work)
    if is_overlap_proved(outcome, n, work):
        return OK, 0
    is_proved = climb_ordinary(design, outcome, n_kept, n, padded(n), True, parameter, work)
    return OK if is_proved else UNDECIDED, 0
