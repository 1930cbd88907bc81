"""Ends of profile penalised likelihood intervals, and ordinary maximum likelihood, by variant."""

import numpy as np

from alsrev_dagster.stats.kernel.called import keep_independent, lay_out, padded
from alsrev_dagster.stats.kernel.compiled import compiled
from alsrev_dagster.stats.kernel.maximum_likelihood import climb_ordinary
from alsrev_dagster.stats.kernel.penalised import INVERSE, RESIDUAL, TRIANGLE, climb
from alsrev_dagster.stats.kernel.rows import copy

_TOLERANCE = 1e-9
"""Largest last step, in log odds, at which an end is found."""
_DISTANCE_MAX = 100.0
_N_STEP = 80


@compiled
def _best_rest(model, shape, rule, peak, crude, rest, trial, work):
    """Highest likelihood with the tested parameter of ``trial`` where it is; fills the others.

    Far from the estimate there can be two peaks: all genotypes but one have no weight left, and
    either may be the one that keeps it (``firth_profile``). The starts are the last others found,
    and those of the estimate with the intercept moved for the lowest and the highest genotype.
    """
    design, k = model[0], shape[0]
    best, slope, found = np.nan, np.nan, np.zeros(k)
    n_start = 3 if crude != 0 else 1
    for start in range(n_start):
        if start == 0:
            copy(rest, k, trial)
        else:
            copy(peak, k, trial)
            level = design[k, 0]
            for i in range(shape[2]):
                value = design[k, i]
                level = min(level, value) if start == 1 else max(level, value)
            trial[0] -= (trial[k] - peak[k]) * level / crude
        reached = climb(model, shape, k, rule, trial, work)
        if reached > best + _TOLERANCE or np.isnan(best):
            best, slope = reached, 0.0
            for i in range(shape[2]):
                slope += design[k, i] * work[0][RESIDUAL, i]
            copy(trial, k, found)
    copy(found, k, rest)
    return best, slope


@compiled
def profile_end(model, shape, rule, peak, top, error, side, drop, crude, work):
    """Tested parameter on one side of the peak where twice the likelihood has fallen by ``drop``.

    sqrt(2 fall) is nearly a straight line: Newton steps with the score as slope (envelope
    theorem), inside a bracket that is halved where they leave it. NaN where it is not found.
    ``crude`` is the value of the intercept's row, 0 where no row is constant.
    """
    k, target = shape[0], np.sqrt(drop)
    rest, trial = peak.copy(), peak.copy()
    at, near, far = min(target * error, _DISTANCE_MAX / 2), 0.0, np.inf
    for _ in range(_N_STEP):
        trial[k] = peak[k] + side * at
        reached, slope = _best_rest(model, shape, rule, peak, crude, rest, trial, work)
        if np.isnan(reached) or at > _DISTANCE_MAX:
            return np.nan
        root = np.sqrt(max(2 * (top - reached), 0.0))
        if root < target:
            near = at
        else:
            far = at
        following = at + side * (root - target) * root / slope
        if not near <= following <= far or following >= 2 * at + 1:
            following = 2 * at if far == np.inf else (near + far) / 2
        if abs(following - at) < _TOLERANCE:
            return peak[k] + side * following
        at = following
    return np.nan


@compiled
def _put_last(design, place, n_row):
    """Exchange a row of the design with the last."""
    for i in range(design.shape[1]):
        design[place, i], design[n_row - 1, i] = design[n_row - 1, i], design[place, i]


@compiled
def interval_each(value, null, theta, tested, rule, drop, space, work, bound):
    """Fill the ends of each variant's interval, shape (n_variant, 2); NaN where there is none.

    ``tested``: how many parameters there are beside the covariates' (``lay_out``), and the place
    among them of the one whose interval it is.
    """
    covariate, no_extra = null[0], np.zeros((len(space[0]), len(space[0])))
    kept, parameter = np.empty(len(space[0]), dtype=np.int64), np.zeros(len(space[0]))
    for row in range(len(value)):
        bound[row] = np.nan
        n, n_case, n_row = lay_out(value[row], null, tested[0], space)
        _put_last(space[0], len(covariate) + tested[1], n_row)
        n_kept = keep_independent(space, n_row, len(covariate), n, work[1], kept)
        if n_case == 0 or n_case == n or n_kept == 0 or kept[n_kept - 1] != n_row - 1:
            continue
        for j in range(n_kept):
            parameter[j] = theta[kept[j]] if kept[j] < len(covariate) else 0.0
        shape, model = (n_kept - 1, 1, n, padded(n)), (space[0], space[1], no_extra)
        climb(model, shape, n_kept - 1, rule, parameter, work)
        top = climb(model, shape, n_kept, rule, parameter, work)
        if np.isnan(top):
            continue
        error, crude = work[1][INVERSE, n_kept - 1, n_kept - 1], covariate[0, 0]
        for end in range(2):
            bound[row, end] = profile_end(
                model, shape, rule, parameter, top, error, 2 * end - 1, drop, crude, work
            )


@compiled
def ordinary_each(value, null, theta, space, work, found):
    """Fill ordinary beta and its standard error, shape (n_variant, 2); NaN where separated."""
    kept, parameter = np.empty(len(space[0]), dtype=np.int64), np.zeros(len(space[0]))
    for row in range(len(value)):
        found[row] = np.nan
        n, n_case, n_row = lay_out(value[row], null, 1, space)
        n_kept = keep_independent(space, n_row, n_row - 1, n, work[1], kept)
        if n_case == 0 or n_case == n or n_kept == 0 or kept[n_kept - 1] != len(null[0]):
            continue
        for j in range(n_kept - 1):
            parameter[j] = theta[kept[j]]
        parameter[n_kept - 1] = 0.0
        if climb_ordinary(space[0], space[1], n_kept, n, padded(n), False, parameter, work):
            found[row, 0] = parameter[n_kept - 1]
            found[row, 1] = 1 / work[1][TRIANGLE, n_kept - 1, n_kept - 1]
