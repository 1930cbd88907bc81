"""Fisher's exact test of a table of two by two, by the recurrence between its tables."""

import numpy as np

from alsrev_dagster.stats.kernel.compiled import compiled

_TIE = 1e-7
"""Relative slack when two probabilities are compared for equality, as in R's fisher.test."""
_LEAST = np.finfo(np.float64).tiny
"""What a P value below every double is given as."""


@compiled
def _ratio(x, n_row, n_column, n):
    """Probability of a first cell of x + 1 over that of x."""
    return (n_row - x) * (n_column - x) / ((x + 1.0) * (n - n_row - n_column + x + 1.0))


@compiled
def fisher_p(seen, n_row, n_column, n):
    """Two-sided P of the first cell, given both of its margins and the total; 1 without any."""
    least, most = max(0, n_row + n_column - n), min(n_row, n_column)
    if least >= most:
        return 1.0
    middle = min(max(int((n_row + 1.0) * (n_column + 1.0) / (n + 2.0)), least), most)
    chance, x = 1.0, middle  # in units of the probability of the middle
    while x < seen:
        chance *= _ratio(x, n_row, n_column, n)
        x += 1
    while x > seen:
        x -= 1
        chance /= _ratio(x, n_row, n_column, n)
    limit, total = chance * (1 + _TIE), 1.0
    at_most = 1.0 if limit >= 1.0 else 0.0
    term = 1.0
    for x in range(middle, most):
        term *= _ratio(x, n_row, n_column, n)
        total += term
        at_most += term if term <= limit else 0.0
    term = 1.0
    for x in range(middle - 1, least - 1, -1):
        term /= _ratio(x, n_row, n_column, n)
        total += term
        at_most += term if term <= limit else 0.0
    return max(min(at_most / total, 1.0), _LEAST)


@compiled
def fisher_p_many(table, p_value):
    """Fill the P value of each row: a, b, c, d of the table (a b; c d)."""
    for row in range(len(table)):
        a, b, c, d = table[row, 0], table[row, 1], table[row, 2], table[row, 3]
        p_value[row] = fisher_p(a, a + b, a + c, a + b + c + d)
