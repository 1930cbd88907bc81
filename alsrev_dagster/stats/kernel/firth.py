"""Newton steps to the maximum of Firth's penalised likelihood, one table after another: compiled.

The formulas are those of ``firth_newton``. Every sum over strata runs from left to right, so
that a stratum without samples, whose terms are exact zeros, changes no rounding.
"""

import numpy as np

from alsrev_dagster.stats.kernel.compiled import compiled

N_KEPT = 4
"""Penalised log likelihood, score of beta, its Fisher and its augmented information."""

_N_GENOTYPE = 3
_N_STEP_ROW = 5


@compiled
def evaluate(table, parameter, kept, room):
    """Penalised log likelihood and modified scores at some parameters, of one table.

    ``table`` holds cases and samples, shapes (S, 3), and the scores of the genotypes. Of the room
    the derivatives are filled: the score of each intercept, its augmented information and the
    augmented mean genotype score; and ``kept`` as ``N_KEPT`` says.
    """
    (n_case, n_sample, score), cell, derivative = table, room[0], room[1]
    p, q, weight, residual, augmented = cell[0], cell[1], cell[2], cell[3], cell[4]
    log_likelihood, log_stratum, slope = 0.0, 0.0, 0.0
    for s in range(len(n_case)):
        likelihood = 0.0
        for g in range(_N_GENOTYPE):
            eta = parameter[s] + parameter[-1] * score[g]
            small = np.exp(-abs(eta))
            high, low = 1 / (1 + small), small / (1 + small)
            p[s, g], q[s, g] = (high, low) if eta >= 0 else (low, high)
            weight[s, g] = n_sample[s, g] * p[s, g] * q[s, g]
            likelihood += n_case[s, g] * eta - n_sample[s, g] * (max(eta, 0.0) + np.log1p(small))
        derivative[1, s], derivative[2, s], around = _spread(weight[s], score)
        log_likelihood += likelihood
        log_stratum += np.log(derivative[1, s])
        slope += around
    kept[1], kept[2], kept[3] = 0.0, slope, 0.0
    for s in range(len(n_case)):
        total, mean = derivative[1, s], derivative[2, s]
        for g in range(_N_GENOTYPE):
            leverage = weight[s, g] * (1 / total + (score[g] - mean) ** 2 / slope)
            augmented[s, g] = weight[s, g] + leverage * p[s, g] * q[s, g]
            n_control = n_sample[s, g] - n_case[s, g]
            residual[s, g] = n_case[s, g] * q[s, g] - n_control * p[s, g]
            residual[s, g] += leverage * (q[s, g] - p[s, g]) / 2
        derivative[1, s], derivative[2, s], around = _spread(augmented[s], score)
        derivative[0, s], along = 0.0, 0.0
        for g in range(_N_GENOTYPE):
            derivative[0, s] += residual[s, g]
            along += residual[s, g] * (score[g] - derivative[2, s])
        kept[1] += along
        kept[3] += around
    kept[0] = log_likelihood + (log_stratum + np.log(slope)) / 2


@compiled
def _spread(weight, score):
    """Sum of the weights of a stratum (1 where it is 0), mean score, and squares around it."""
    total, weighted, around = 0.0, 0.0, 0.0
    for g in range(_N_GENOTYPE):
        total += weight[g]
        weighted += weight[g] * score[g]
    total = 1.0 if total == 0 else total
    for g in range(_N_GENOTYPE):
        around += weight[g] * (score[g] - weighted / total) ** 2
    return total, weighted / total, around


@compiled
def _newton_step(derivative, kept, is_beta_free, step_max, step):
    """Fill a step of the intercepts and beta, no longer than allowed; its largest part, or NaN."""
    n_stratum = derivative.shape[1]
    step[n_stratum] = kept[1] / kept[3] if is_beta_free else 0.0
    longest = abs(step[n_stratum])
    for stratum in range(n_stratum):
        along = derivative[2, stratum] * step[n_stratum]
        step[stratum] = derivative[0, stratum] / derivative[1, stratum] - along
        size = abs(step[stratum])
        longest = size if size > longest or np.isnan(size) else longest
    if longest > step_max:
        for index in range(n_stratum + 1):
            step[index] *= step_max / longest
        longest = step_max
    return longest


@compiled
def secant_step(here, step, last, last_step, step_max, step_tolerance, bold):
    """Fill a step to where the step itself would vanish; the plain one where that is not sane."""
    product, square = 0.0, 0.0
    for index in range(len(step)):
        change = step[index] - last_step[index]
        product += step[index] * change
        square += change**2
    share, is_sane, is_moving = product / square, True, False
    for index in range(len(step)):
        change = step[index] - last_step[index]
        bold[index] = step[index] - share * (here[index] - last[index] + change)
        is_sane = is_sane and abs(bold[index]) <= step_max
        is_moving = is_moving or abs(step[index]) >= step_tolerance
    if not (is_sane and is_moving):
        bold[:] = step


@compiled
def room_of(n_stratum):
    """Room to climb a table of so many strata: cells, derivatives, numbers reached, and steps."""
    cell, derivative = np.empty((5, n_stratum, _N_GENOTYPE)), np.empty((3, n_stratum))
    return cell, derivative, np.empty(N_KEPT), np.empty((_N_STEP_ROW, n_stratum + 1))


@compiled
def climb_table(table, is_beta_free, rule, here, point, room):
    """Climb from ``here`` to the maximum of one table; fill both it and ``point``; whether there.

    The derivatives of the room are then those of the maximum.
    """
    step_tolerance, fall_tolerance, step_max, n_iteration, n_halving = rule
    derivative, reached, steps = room[1], room[2], room[3]
    step, bold, moved, last, last_step = steps[0], steps[1], steps[2], steps[3], steps[4]
    evaluate(table, here, point, room)
    for iteration in range(int(n_iteration)):
        longest = _newton_step(derivative, point, is_beta_free, step_max, step)
        if iteration == 0 or longest < step_tolerance:
            bold[:] = step
        else:
            secant_step(here, step, last, last_step, step_max, step_tolerance, bold)
        last[:], last_step[:] = here, step
        floor = point[0] - fall_tolerance * abs(point[0])
        for halving in range(int(n_halving)):
            for index in range(len(here)):
                moved[index] = here[index] + bold[index]
            evaluate(table, moved, reached, room)
            if reached[0] >= floor:
                break
            for index in range(len(here)):
                bold[index] = last_step[index] / 2.0**halving
        here[:], point[:] = moved, reached
        if longest < step_tolerance:
            return True
    return False


@compiled
def maximise_each(
    n_case, n_sample, score, is_beta_free, rule, parameter, kept, is_converged,
):  # fmt: skip
    """Climb to the maximum of each table.

    Parameters
    ----------
    n_case, n_sample
        Shape (n, S, 3).
    rule
        Step tolerance, fall tolerance, longest step, most iterations, most halvings.
    parameter
        Intercepts and beta, shape (n, S + 1): where to start; filled with the maximum.
    kept, is_converged
        Filled, shapes (n, N_KEPT) and (n,).
    """
    room = room_of(n_case.shape[1])
    for row in range(len(parameter)):
        table = n_case[row], n_sample[row], score
        is_converged[row] = climb_table(
            table, is_beta_free, rule, parameter[row], kept[row], room
        )  # fmt: skip
