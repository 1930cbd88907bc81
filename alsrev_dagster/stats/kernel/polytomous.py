"""Newton steps to the maximum of Firth's penalised multinomial likelihood: compiled.

The formulas are those of ``polytomous_newton``.
"""

import numpy as np

from alsrev_dagster.stats.kernel.compiled import compiled
from alsrev_dagster.stats.kernel.firth import secant_step


@compiled
def _factor(matrix, lower):
    """Fill the Cholesky factor; its log determinant, or NaN where there is none."""
    log_determinant = 0.0
    for row in range(len(matrix)):
        for column in range(row + 1):
            rest = matrix[row, column]
            for index in range(column):
                rest -= lower[row, index] * lower[column, index]
            if row > column:
                lower[row, column] = rest / lower[column, column]
            elif rest > 0:
                lower[row, row] = np.sqrt(rest)
                log_determinant += np.log(rest)
            else:
                return np.nan
    return log_determinant


@compiled
def _half_solve(lower, vector):
    """Solve lower x = vector, in place."""
    for row in range(len(vector)):
        for index in range(row):
            vector[row] -= lower[row, index] * vector[index]
        vector[row] /= lower[row, row]


@compiled
def _other_half_solve(lower, vector):
    """Solve lower' x = vector, in place."""
    for row in range(len(vector) - 1, -1, -1):
        for index in range(row + 1, len(vector)):
            vector[row] -= lower[index, row] * vector[index]
        vector[row] /= lower[row, row]


@compiled
def _fill_inverse(lower, inverse):
    """Fill the lower half of the inverse of lower lower'."""
    n = len(lower)
    for column in range(n):
        for row in range(column, n):  # the inverse of lower, in place of the result
            rest = 1.0 if row == column else 0.0
            for index in range(column, row):
                rest -= lower[row, index] * inverse[index, column]
            inverse[row, column] = rest / lower[row, row]
    for column in range(n):
        for row in range(column, n):
            total = 0.0
            for index in range(row, n):
                total += inverse[index, row] * inverse[index, column]
            inverse[row, column] = total


@compiled
def _add_outer(weight, vector, place, matrix):
    """Add weight times vector vector' to the lower half of a matrix, at the places it is not 0."""
    for row in range(len(place)):
        scaled = weight * vector[place[row]]
        for column in range(row + 1):
            matrix[place[row], place[column]] += scaled * vector[place[column]]


@compiled
def _squared(vector, place, inverse):
    """Vector' inverse vector, from the lower half of the inverse."""
    total = 0.0
    for row in range(len(place)):
        value, along = vector[place[row]], 0.0
        for column in range(row):
            along += inverse[place[row], place[column]] * vector[place[column]]
        total += value * (2 * along + inverse[place[row], place[row]] * value)
    return total


@compiled
def _fill_places(design, place, n_place):
    """Fill the parameters that each cell knows of, ascending, and their number."""
    n_cell, n_group, n_parameter = design.shape
    for cell in range(n_cell):
        n_place[cell] = 0
        for index in range(n_parameter):
            for group in range(n_group):
                if design[cell, group, index] != 0:
                    place[cell, n_place[cell]] = index
                    n_place[cell] += 1
                    break


@compiled
def _fill_chances(count, design, known, parameter, chance, around):
    """Fill each cell's chances and the design around its mean; the log likelihood."""
    place, n_place = known
    n_group = design.shape[1]
    log_likelihood = 0.0
    for cell in range(len(count)):
        here = place[cell, : n_place[cell]]
        highest = -np.inf
        for group in range(n_group):
            eta = 0.0
            for index in here:
                eta += design[cell, group, index] * parameter[index]
            chance[cell, group] = eta
            highest = max(highest, eta)
        total = 0.0
        for group in range(n_group):
            total += np.exp(chance[cell, group] - highest)
        for group in range(n_group):
            log_chance = chance[cell, group] - highest - np.log(total)
            if count[cell, group] > 0:
                log_likelihood += count[cell, group] * log_chance
            chance[cell, group] = np.exp(log_chance)
        for index in here:
            mean = 0.0
            for group in range(n_group):
                mean += chance[cell, group] * design[cell, group, index]
            for group in range(n_group):
                around[cell, group, index] = design[cell, group, index] - mean
    return log_likelihood


@compiled
def _revive(matrix):
    """Let a parameter of which no sample knows stand alone: 1 on the diagonal for 0."""
    for index in range(len(matrix)):
        if matrix[index, index] == 0:
            matrix[index, index] = 1.0


@compiled
def _evaluate(count, design, known, parameter, room, gradient, information, curvature):
    """Penalised log likelihood at some parameters; -inf where the information is singular.

    ``gradient`` is filled with the modified score, ``information`` with Fisher's and ``curvature``
    with that of the augmented data.
    """
    place, n_place = known
    chance, around, lower, inverse, distance = room
    n_group = design.shape[1]
    log_likelihood = _fill_chances(count, design, known, parameter, chance, around)
    information[:], curvature[:], gradient[:] = 0.0, 0.0, 0.0
    for cell in range(len(count)):
        n_sample, here = count[cell].sum(), place[cell, : n_place[cell]]
        for group in range(n_group):
            _add_outer(n_sample * chance[cell, group], around[cell, group], here, information)
    _revive(information)
    log_determinant = _factor(information, lower)
    if np.isnan(log_determinant):
        return -np.inf
    _fill_inverse(lower, inverse)
    for cell in range(len(count)):
        n_sample, here, mean_distance = count[cell].sum(), place[cell, : n_place[cell]], 0.0
        if n_sample == 0:
            continue
        for group in range(n_group):
            distance[group] = _squared(around[cell, group], here, inverse)
            mean_distance += chance[cell, group] * distance[group]
        augmented = n_sample * (1 + mean_distance * n_group / (2 * (n_group - 1)))
        for group in range(n_group):
            pull = 1 - (distance[group] - mean_distance) / 2
            residual = count[cell, group] - n_sample * chance[cell, group] * pull
            for index in here:
                gradient[index] += residual * design[cell, group, index]
            _add_outer(augmented * chance[cell, group], around[cell, group], here, curvature)
    _revive(curvature)
    return log_likelihood + log_determinant / 2


@compiled
def _newton_step(gradient, curvature, is_free, step_max, lower, step):
    """Fill a step of the free parameters, no longer than allowed; its largest part, or NaN."""
    n_parameter = len(step)
    for row in range(n_parameter):
        step[row] = gradient[row] if is_free[row] else 0.0
        for column in range(row + 1):
            if not (is_free[row] and is_free[column]):
                curvature[row, column] = 1.0 if row == column else 0.0
    if np.isnan(_factor(curvature, lower)):
        return np.nan
    _half_solve(lower, step)
    _other_half_solve(lower, step)
    longest = 0.0
    for index in range(n_parameter):
        size = abs(step[index])
        longest = size if size > longest or np.isnan(size) else longest
    if longest > step_max:
        step *= step_max / longest
        longest = step_max
    return longest


@compiled
def maximise_polytomous(
    count, design, is_free, rule, parameter, log_likelihood, gradient, information, is_converged,
):  # fmt: skip
    """Climb to the maximum of each table.

    Parameters
    ----------
    count
        Samples of each cell and group, shape (n, n_cell, n_group).
    design
        Of each cell and group, shape (n or 1, n_cell, n_group, n_parameter).
    is_free
        Parameters that may move, shape (n_parameter,).
    rule
        Step tolerance, fall tolerance, longest step, most iterations, most halvings.
    parameter
        Shape (n, n_parameter): where to start; filled with the maximum.
    log_likelihood, gradient, information, is_converged
        Filled, shapes (n,), (n, n_parameter), (n, n_parameter, n_parameter) and (n,).
    """
    step_tolerance, fall_tolerance, step_max, n_iteration, n_halving = rule
    n_cell, n_group, n_parameter = design.shape[1:]
    square = (n_parameter, n_parameter)
    curvature, lower = np.empty(square), np.zeros(square)
    chance, around = np.empty((n_cell, n_group)), np.empty((n_cell, n_group, n_parameter))
    room = (chance, around, lower, np.empty(square), np.empty(n_group))
    known = (np.empty((n_cell, n_parameter), dtype=np.int64), np.empty(n_cell, dtype=np.int64))
    step, bold, moved, last, last_step = (
        np.empty(n_parameter), np.empty(n_parameter), np.empty(n_parameter),
        np.empty(n_parameter), np.empty(n_parameter),
    )  # fmt: skip
    for table in range(len(parameter)):
        here, slope, fisher = parameter[table], gradient[table], information[table]
        cells, z = count[table], design[min(table, len(design) - 1)]
        last[:], last_step[:] = np.nan, np.nan
        is_converged[table] = False
        if table < len(design):
            _fill_places(z, known[0], known[1])
        height = _evaluate(cells, z, known, here, room, slope, fisher, curvature)
        for _ in range(int(n_iteration)):
            longest = _newton_step(slope, curvature, is_free, step_max, lower, step)
            if np.isnan(longest):
                break
            secant_step(here, step, last, last_step, step_max, step_tolerance, bold)
            last[:], last_step[:] = here, step
            floor = height - fall_tolerance * abs(height)
            for halving in range(int(n_halving)):
                moved[:] = here + bold
                height = _evaluate(cells, z, known, moved, room, slope, fisher, curvature)
                if height >= floor:
                    break
                bold[:] = last_step / 2.0**halving
            here[:] = moved
            if longest < step_tolerance:
                is_converged[table] = height > -np.inf
                break
        log_likelihood[table] = height
        for row in range(n_parameter):
            for column in range(row):
                fisher[column, row] = fisher[row, column]
