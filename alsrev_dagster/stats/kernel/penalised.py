"""Firth's penalised likelihood of a logistic regression, and Newton steps to its maximum.

A design is rows, shape (n_parameter, n_sample): the intercept and covariates, then what is
tested. With p the fitted probabilities, q = 1 - p, w = p q and leverages h = w x' I^-1 x, the
modified scores are X (y - p + h (q - p) / 2) and the information of the augmented data is
X diag(w (1 + h)) X' (Firth 1993; Heinze & Schemper 2002).
"""

import numpy as np

from alsrev_dagster.stats.kernel.cholesky import factor, invert, solve
from alsrev_dagster.stats.kernel.compiled import compiled
from alsrev_dagster.stats.kernel.rows import (
    clear,
    combine,
    copy,
    dots,
    mean_curve,
    modify,
    times,
    turned_squares,
    weighted_gram,
)

N_ROOM = 10
"""Rows an evaluation works in: eta, p, weights, spreads, residuals, augmented weights, and four."""
ETA, P, WEIGHT, SPREAD, RESIDUAL, AUGMENTED, SPARE = 0, 1, 2, 3, 4, 5, 6

N_SQUARE = 5
"""Fisher information, its triangle, that triangle's inverse; the curvature and its triangle."""
INFORMATION, TRIANGLE, INVERSE, CURVATURE, CURVATURE_TRIANGLE = 0, 1, 2, 3, 4

N_VECTOR = 8
"""Score, step, bold step, moved; last place and step, and those before them."""
SCORE, STEP, BOLD, MOVED, LAST, LAST_STEP, BEFORE, BEFORE_STEP = 0, 1, 2, 3, 4, 5, 6, 7

_N_QUICK = 8
"""Steps after which the covariates' curvature is augmented, too."""


@compiled
def evaluate(model, shape, parameter, work):
    """Penalised log likelihood at some parameters; NaN where the information is not positive.

    Parameters
    ----------
    model
        Design and outcome, rows as long as ``shape`` says; and what is added to Fisher's
        information of the covariates for their curvature.
    shape
        Covariates (with the intercept), tested rows, samples, samples with those behind the last.
    work
        Room, shape (N_ROOM, n); squares, shape (N_SQUARE, n_row, n_row), 0 at first; vectors,
        shape (N_VECTOR, n_row). Filled.
    """
    design, outcome, _ = model
    n_covariate, n_tested, n_sample, n = shape
    room, square, _ = work
    n_parameter = n_covariate + n_tested
    combine(design, parameter, n_parameter, n, room[ETA])
    log_likelihood = mean_curve(room[ETA], outcome, n_sample, room[P], room[WEIGHT])
    clear(room[WEIGHT], n_sample, n)
    weighted_gram(design, room[WEIGHT], n_parameter, n, square[INFORMATION])
    log_determinant = factor(square[INFORMATION], n_parameter, square[TRIANGLE])
    if np.isnan(log_determinant):
        return np.nan
    clear(room[RESIDUAL], n_sample, n)
    clear(room[AUGMENTED], n_sample, n)
    invert(square[TRIANGLE], n_parameter, square[INVERSE])
    turned_squares(design, square[INVERSE], n_parameter, n, room[SPARE:], room[SPREAD])
    modify(
        outcome, room[P], room[WEIGHT], room[SPREAD], n_sample, room[RESIDUAL], room[AUGMENTED]
    )  # fmt: skip
    return log_likelihood + log_determinant / 2


@compiled
def _fill_step(model, shape, n_free, is_augmented, work):
    """Fill the score of the first parameters and the step it asks for; what the step would gain.

    The curvature is that of the augmented data for what is tested, and Fisher's for the
    covariates unless asked otherwise: samples of high leverage are carriers.
    """
    design, _, extra = model
    n_covariate, _, _, n = shape
    room, square, vector = work
    score, step = vector[SCORE], vector[STEP]
    curvature, triangle = square[CURVATURE], square[CURVATURE_TRIANGLE]
    dots(design, room[RESIDUAL], n_free, n, score)
    if not is_augmented:
        for j in range(n_covariate):
            for m in range(j + 1):
                curvature[j, m] = square[INFORMATION, j, m] + extra[j, m]
        for j in range(n_covariate, n_free):
            times(design[j], room[AUGMENTED], n, room[SPARE])
            dots(design, room[SPARE], j + 1, n, curvature[j])
    if is_augmented or np.isnan(factor(curvature, n_free, triangle)):
        weighted_gram(design, room[AUGMENTED], n_free, n, curvature)
        if np.isnan(factor(curvature, n_free, triangle)):
            return np.nan
    copy(score, n_free, step)
    solve(triangle, n_free, step)
    gain = 0.0
    for j in range(n_free):
        gain += score[j] * step[j]
    return gain / 2


@compiled
def _shorten(step, n_free, step_max):
    """Scale a step down to the longest allowed; how long it was."""
    longest = 0.0
    for j in range(n_free):
        longest = max(longest, abs(step[j]))
    if longest > step_max:
        for j in range(n_free):
            step[j] *= step_max / longest
    return longest


@compiled
def _fill_bold(parameter, vector, n_free, n_remembered, step_max):
    """Fill a step to where the step itself would vanish; the plain one where that is not sane.

    Anderson's acceleration with at most two remembered steps, the least squares of their
    changes.
    """
    step, bold = vector[STEP], vector[BOLD]
    copy(step, n_free, bold)
    if n_remembered == 0:
        return
    last, last_step = vector[LAST], vector[LAST_STEP]
    before, before_step = vector[BEFORE], vector[BEFORE_STEP]
    aa, ab, bb, af, bf = 0.0, 0.0, 0.0, 0.0, 0.0
    for j in range(n_free):
        a, b = step[j] - last_step[j], last_step[j] - before_step[j]
        aa += a * a
        af += a * step[j]
        if n_remembered > 1:
            ab += a * b
            bb += b * b
            bf += b * step[j]
    first, second = af / aa, 0.0
    determinant = aa * bb - ab * ab
    if determinant > 1e-8 * aa * bb:
        first, second = (af * bb - bf * ab) / determinant, (bf * aa - af * ab) / determinant
    is_sane = True
    for j in range(n_free):
        bold[j] -= first * (parameter[j] - last[j] + step[j] - last_step[j])
        if second != 0:
            bold[j] -= second * (last[j] - before[j] + last_step[j] - before_step[j])
        is_sane = is_sane and abs(bold[j]) <= step_max
    if not is_sane:
        copy(step, n_free, bold)


@compiled
def climb(model, shape, n_free, rule, parameter, work):
    """Move the first parameters to the maximum; the likelihood there, NaN where not found.

    ``rule``: step and gain at which it is reached, relative fall that is rounding, longest step,
    most steps, most halvings. It is reached where either tolerance is met; the last step is taken
    and its gain added, without looking again. What ``work`` holds of the information is from
    before that step.
    """
    step_tolerance, gain_tolerance, fall_tolerance, step_max, n_step, n_halving = rule
    vector = work[2]
    step, bold, moved = vector[STEP], vector[BOLD], vector[MOVED]
    n_parameter = shape[0] + shape[1]
    likelihood = evaluate(model, shape, parameter, work)
    for attempt in range(int(n_step)):
        gain = _fill_step(model, shape, n_free, attempt >= _N_QUICK, work)
        if np.isnan(gain) or np.isnan(likelihood):
            return np.nan
        longest = _shorten(step, n_free, step_max)
        _fill_bold(parameter, vector, n_free, min(attempt, 2), step_max)
        if longest < step_tolerance or abs(gain) < gain_tolerance:
            for j in range(n_free):
                parameter[j] += bold[j]
            return likelihood + gain
        for j in range(n_free):
            vector[BEFORE, j], vector[BEFORE_STEP, j] = vector[LAST, j], vector[LAST_STEP, j]
            vector[LAST, j], vector[LAST_STEP, j] = parameter[j], step[j]
        copy(parameter, n_parameter, moved)
        floor, is_up = likelihood - fall_tolerance * abs(likelihood), False
        for halving in range(int(n_halving)):
            for j in range(n_free):
                moved[j] = parameter[j] + bold[j]
            reached = evaluate(model, shape, moved, work)
            if reached >= floor:
                is_up = True
                break
            for j in range(n_free):
                bold[j] = vector[LAST_STEP, j] / 2.0**halving
        if not is_up:
            return np.nan
        copy(moved, n_free, parameter)
        likelihood = reached
    return np.nan
