"""Ends of profile penalised likelihood intervals, one genotype table after another: compiled."""

import numpy as np

from alsrev_dagster.stats.kernel.compiled import compiled
from alsrev_dagster.stats.kernel.firth import N_KEPT, climb_table, evaluate, room_of

_GAIN = 1e-9
"""Least gain of the log likelihood that is another peak."""
_TOLERANCE = 1e-9
"""Largest last step, in log odds, at which an end is found by halving its bracket."""
_TOLERANCE_NEWTON = 1e-6
"""As much for a Newton step: what is left then is of the order of its square."""
_DISTANCE_MAX = 100.0
_N_STEP = 80


@compiled
def _follow(table, rule, beta, here, point, room):
    """Move to a beta along the ridge of the likelihood, and climb it; whether its top was found.

    Along the ridge an intercept falls by its augmented mean score for a unit of beta (implicit
    function theorem): the derivatives of the room are those of ``here``.
    """
    mean, n_stratum = room[1][2], len(here) - 1
    for s in range(n_stratum):
        here[s] -= mean[s] * (beta - here[n_stratum])
    here[n_stratum] = beta
    return climb_table(table, False, rule, here, point, room)


@compiled
def has_one_peak(table, beta):
    """Whether the penalised likelihood of the intercept is surely concave: one stratum alone.

    With w = n p q, r the range of p over genotypes that somebody has, and det the determinant of
    the information, a sum over pairs of genotypes of w w' (x - x')^2, the second derivative is at
    most that of log(det) / 2, less the sum of w. Each pair's log has slope 2 - 2 (p + p') and is
    concave, so that of log(det) is at most the variance of the slopes, r^2; it is 0 of one pair.
    With D = |beta| (x'' - x) of the lowest and the highest genotype, the sum of w is at least
    2 r sqrt(n n'') exp(-D / 2): more than r^2 / 2 where 16 n n'' > exp(D).
    """
    n_sample, score = table[1], table[2]
    low, high, is_between = np.inf, -np.inf, False
    for g in range(len(score)):
        if n_sample[0, g] > 0:
            low, high = min(low, score[g]), max(high, score[g])
    at_low, at_high = 0.0, 0.0
    for g in range(len(score)):
        at_low += n_sample[0, g] * (score[g] == low)
        at_high += n_sample[0, g] * (score[g] == high)
        is_between = is_between or (n_sample[0, g] > 0 and low < score[g] < high)
    is_sure = not is_between or np.log(16 * at_low * at_high) > abs(beta) * (high - low)
    return len(n_sample) == 1 and is_sure


@compiled
def _climb_elsewhere(table, rule, is_top, here, point, room, other):
    """Climb from one start a genotype, and move to the highest top; whether there is a higher one.

    At a beta far from the estimate the penalised likelihood of the intercepts can have two peaks:
    every genotype of a stratum but one has no weight left, and either may be the one that keeps
    it. ``is_top`` tells whether ``here`` is one; ``other`` is room for parameters and numbers.
    """
    (n_case, n_sample, score), n_stratum, is_higher = table, len(here) - 1, False
    trial, reached = other[: n_stratum + 1], other[n_stratum + 1 :]
    for g in range(len(score)):
        if g > 0 and score[g] == score[g - 1]:
            continue
        trial[n_stratum] = here[n_stratum]
        for s in range(n_stratum):
            cases, samples = n_case[s].sum(), n_sample[s].sum()
            crude = np.log((cases + 0.5) / (samples - cases + 0.5))
            trial[s] = crude - here[n_stratum] * score[g]
        if climb_table(table, False, rule, trial, reached, room) and (
            not (is_top or is_higher) or reached[0] > point[0] + _GAIN
        ):
            here[:], point[:], is_higher = trial, reached, True
    if is_higher:
        evaluate(table, here, point, room)
    return is_higher


@compiled
def _seek_end(table, rule, drop, side, here, point, room, other):
    """Beta on one side of the estimate where twice the likelihood has fallen by ``drop``, or NaN.

    ``here`` starts as the estimate. One peak of the intercepts is followed, and where it ends the
    others are looked for: the highest is followed further.
    """
    evaluate(table, here, point, room)
    beta, top, target = here[-1], point[0], np.sqrt(drop)
    at, near, far = min(target / np.sqrt(point[2]), _DISTANCE_MAX / 2), 0.0, np.inf
    for _ in range(_N_STEP):
        is_top = _follow(table, rule, beta + side * at, here, point, room)
        if not is_top and not _climb_elsewhere(table, rule, False, here, point, room, other):
            return np.nan
        root = np.sqrt(max(2 * (top - point[0]), 0.0))
        if root < target:
            near = at
        else:
            far = at
        following = at + side * (root - target) * root / point[1]
        is_newton = near <= following <= far and following < 2 * at + 1
        if not is_newton:
            following = 2 * at if far == np.inf else (near + far) / 2
        if abs(following - at) < (_TOLERANCE_NEWTON if is_newton else _TOLERANCE):
            if has_one_peak(table, here[-1]) or not _climb_elsewhere(
                table, rule, True, here, point, room, other
            ):
                return beta + side * following
            far, following = np.inf, at
        if following >= _DISTANCE_MAX:
            return np.nan
        at = following
    return np.nan


@compiled
def ends_each(n_case, n_sample, score, rule, drop, parameter, is_converged, end):
    """Fill the ends of the interval of beta of each table whose estimate was found, else NaN.

    The root of sqrt(2 fall) = sqrt(drop) is nearly a straight line in beta: Newton steps with the
    score as slope (envelope theorem), inside a bracket that is halved where they leave it. NaN
    where an inner fit fails or there is no root within 100 log-odds units.

    Parameters
    ----------
    n_case, n_sample, score, rule
        As :func:`~alsrev_dagster.stats.kernel.firth.maximise_each` has them.
    drop
        Twice the fall of the penalised log likelihood at the ends.
    parameter, is_converged
        Estimates, shape (n, S + 1), and whether they were found, shape (n,).
    end
        Filled, shape (n, 2): lower and upper.
    """
    n_parameter = parameter.shape[1]
    here, point, room = np.empty(n_parameter), np.empty(N_KEPT), room_of(n_parameter - 1)
    other = np.empty(n_parameter + N_KEPT)
    for row in range(len(parameter)):
        table = n_case[row], n_sample[row], score
        for place in range(2):
            end[row, place] = np.nan
            if is_converged[row]:
                here[:] = parameter[row]
                side = 2.0 * place - 1
                end[row, place] = _seek_end(table, rule, drop, side, here, point, room, other)
