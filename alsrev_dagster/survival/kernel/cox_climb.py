"""The maximum of a Cox likelihood, and the ends of a profile interval: compiled.

``data`` is as in ``cox_moments``.
"""

import numpy as np

from alsrev_dagster.survival.kernel.compiled import compiled
from alsrev_dagster.survival.kernel.cox import evaluate
from alsrev_dagster.survival.kernel.linear import solve_free, step_length


@compiled
def newton_step(score, information, curvature, is_free, step_max):
    """Step of the free coefficients, no longer than allowed, and whether there is one."""
    step = np.zeros(len(score))
    is_there = solve_free(curvature, is_free, score, step)
    if not is_there:
        is_there = solve_free(information, is_free, score, step)
    longest = step_length(step)
    if longest > step_max:
        for a in range(len(step)):
            step[a] *= step_max / longest
    return step, is_there


@compiled
def climb(data, is_efron, is_firth, is_free, rule, beta, score, information, curvature):
    """Move ``beta`` to the maximum over the free coefficients: likelihood, and whether found."""
    step_tolerance, fall_tolerance, step_max, n_step_max, n_halving_max = rule
    here = evaluate(data, is_efron, is_firth, beta, score, information, curvature)
    for _ in range(n_step_max):
        if here == -np.inf:
            return here, False
        step, is_there = newton_step(score, information, curvature, is_free, step_max)
        if not is_there or not np.isfinite(step_length(step)):
            return here, False
        if step_length(step) < step_tolerance:
            return here, True
        slack, size, there = fall_tolerance * (1 + abs(here)), 1.0, -np.inf
        for _ in range(n_halving_max):
            trial = beta + size * step
            there = evaluate(data, is_efron, is_firth, trial, score, information, curvature)
            if there >= here - slack:
                break
            size /= 2
        if not there >= here - slack:
            return here, False
        for a in range(len(beta)):
            beta[a] += size * step[a]
        here = there
    return here, False


@compiled
def follow_ridge(curvature, is_free, index, distance, beta):
    """Move the coefficients along the top of the likelihood as the fixed one moves."""
    along = np.zeros(len(beta))
    if solve_free(curvature, is_free, curvature[:, index].copy(), along):
        for a in range(len(beta)):
            if a != index:
                beta[a] -= along[a] * distance
    beta[index] += distance


@compiled
def climb_elsewhere(
    data, is_efron, is_firth, rule, best, index, beta, score, information, curvature
):
    """Climb from other starts, the coefficient where it is in ``beta``; the highest likelihood.

    Far from the estimate the profile can have two peaks. ``beta`` moves to a higher one.
    """
    k = len(best)
    is_free, highest = np.ones(k, dtype=np.bool_), -np.inf
    is_free[index] = False
    short = (rule[0], rule[1], rule[2], 12, rule[4])  # what takes longer runs off
    for start in range(4):
        trial = best.copy() if start == 0 else np.full(k, 3.0 * (start - 2))
        trial[index] = beta[index]
        here, is_found = climb(
            data, is_efron, is_firth, is_free, short, trial, score, information, curvature
        )
        if is_found and here > highest:
            highest = here
            found = trial
    if highest > -np.inf:
        beta[:] = found
    return highest


@compiled
def profile_bound(data, is_efron, is_firth, rule, best, top, index, side, drop):
    """Coefficient on one side where twice the profile has fallen by ``drop``; NaN if nowhere.

    The root of sqrt(fall) = sqrt(drop) is nearly a straight line: Newton steps, inside a
    bracket that is halved where they leave it. The slope is the score of the coefficient.
    """
    k, target = len(best), np.sqrt(drop)
    is_free, beta = np.ones(k, dtype=np.bool_), best.copy()
    is_free[index] = False
    score, information, curvature = np.zeros(k), np.zeros((k, k)), np.zeros((k, k))
    evaluate(data, is_efron, is_firth, beta, score, information, curvature)
    unit, error = np.zeros(k), np.zeros(k)
    unit[index] = 1.0
    if not solve_free(information, np.ones(k, dtype=np.bool_), unit, error):
        return np.nan
    # the likelihood is level at its top: coefficients this near move it by rounding
    inner, tolerance = (1e-5, rule[1], rule[2], rule[3], rule[4]), 1e-5
    at, near, far, last = target * np.sqrt(error[index]), 0.0, np.inf, 0.0
    kept, kept_curvature = beta.copy(), curvature.copy()
    for _ in range(100):
        beta[:] = kept
        follow_ridge(kept_curvature, is_free, index, side * (at - last), beta)
        here, is_found = climb(
            data, is_efron, is_firth, is_free, inner, beta, score, information, curvature
        )
        if not is_found:
            if at - near < tolerance:
                return np.nan
            far, at = min(far, at), (near + at) / 2
            continue
        kept[:], kept_curvature[:], last = beta, curvature, at
        root = np.sqrt(max(2 * (top - here), 0.0))
        if root < target:
            near = max(near, at)
        else:
            far = min(far, at)
        slope = -side * score[index] / root if root > 0 else 0.0
        following = at - (root - target) / slope if slope > 0 else np.inf
        is_newton = near <= following <= far and following < 2 * at + 1
        if not is_newton:
            following = 2 * at if far == np.inf else (near + far) / 2
        if abs(following - at) < (tolerance if is_newton else 1e-9) * (1 + at):
            other = kept.copy()
            if k > 1 and here + 1e-7 < climb_elsewhere(
                data, is_efron, is_firth, inner, best, index, other, score, information, curvature
            ):
                evaluate(data, is_efron, is_firth, other, score, information, curvature)
                kept[:], kept_curvature[:], near, far = other, curvature, at, np.inf
                at += 1e-3
                continue
            return best[index] + side * following
        at = following
        if at > 500 * (1 + np.sqrt(error[index])):
            return np.nan
    return np.nan
