"""Cholesky's factor of a small symmetric matrix, and what is solved with it; matrices are lower."""

import numpy as np

from alsrev_dagster.stats.kernel.compiled import compiled


@compiled
def factor(matrix, n_row, lower):
    """Fill Cholesky's lower triangle; return the log determinant, NaN where not positive."""
    determinant, log_determinant = 1.0, 0.0
    for j in range(n_row):
        for m in range(j):
            rest = matrix[j, m]
            for i in range(m):
                rest -= lower[j, i] * lower[m, i]
            lower[j, m] = rest / lower[m, m]
        rest = matrix[j, j]
        for i in range(j):
            rest -= lower[j, i] * lower[j, i]
        if not rest > 0:
            return np.nan
        lower[j, j] = np.sqrt(rest)
        determinant *= rest
        if not 1e-100 < determinant < 1e100:
            log_determinant += np.log(determinant)
            determinant = 1.0
    return log_determinant + np.log(determinant)


@compiled
def solve(lower, n_row, value):
    """Replace a vector by the solution of the factored system."""
    for j in range(n_row):
        for m in range(j):
            value[j] -= lower[j, m] * value[m]
        value[j] /= lower[j, j]
    for j in range(n_row - 1, -1, -1):
        for m in range(j + 1, n_row):
            value[j] -= lower[m, j] * value[m]
        value[j] /= lower[j, j]


@compiled
def invert(lower, n_row, inverse):
    """Fill the inverse of a triangle; rows behind its last are filled with 0."""
    for j in range(n_row, len(inverse)):
        for m in range(j + 1):
            inverse[j, m] = 0.0
    for j in range(n_row):
        inverse[j, j] = 1 / lower[j, j]
        for m in range(j):
            total = 0.0
            for i in range(m, j):
                total += lower[j, i] * inverse[i, m]
            inverse[j, m] = -total * inverse[j, j]
