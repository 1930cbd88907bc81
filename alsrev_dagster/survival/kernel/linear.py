"""Small symmetric systems, solved without a library: compiled."""

import numpy as np

from alsrev_dagster.survival.kernel.compiled import compiled


@compiled
def cholesky(matrix, factor):
    """Fill the lower factor; log determinant, or -inf where not positive definite."""
    k = len(matrix)
    log_determinant = 0.0
    for i in range(k):
        for j in range(i + 1):
            rest = matrix[i, j]
            for c in range(j):
                rest -= factor[i, c] * factor[j, c]
            if i == j:
                if not rest > 1e-13 * abs(matrix[i, i]) or rest <= 0:
                    return -np.inf
                factor[i, i] = np.sqrt(rest)
                log_determinant += np.log(rest)
            else:
                factor[i, j] = rest / factor[j, j]
    return log_determinant


@compiled
def solve(factor, right):
    """Fill ``right`` with the solution, given the lower factor of the matrix."""
    k = len(right)
    for i in range(k):
        for c in range(i):
            right[i] -= factor[i, c] * right[c]
        right[i] /= factor[i, i]
    for i in range(k - 1, -1, -1):
        for c in range(i + 1, k):
            right[i] -= factor[c, i] * right[c]
        right[i] /= factor[i, i]


@compiled
def solve_free(matrix, is_free, right, answer):
    """Fill ``answer`` with the solution over the free coefficients; whether there is one."""
    free = np.flatnonzero(is_free)
    k = len(free)
    part, factor, inner = np.empty((k, k)), np.zeros((k, k)), np.empty(k)
    for a in range(k):
        inner[a] = right[free[a]]
        for b in range(k):
            part[a, b] = matrix[free[a], free[b]]
    if cholesky(part, factor) == -np.inf:
        return False
    solve(factor, inner)
    for a in range(k):
        answer[free[a]] = inner[a]
    return True


@compiled
def step_length(step):
    """Largest part of a step."""
    longest = 0.0
    for a in range(len(step)):
        longest = max(longest, abs(step[a]))
    return longest
