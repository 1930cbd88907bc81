"""Freeman & Halton's (1951) exact test of cases and controls by value: every table counted."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

TIE_TOLERANCE = 1e-7
"""Relative slack when two table probabilities are compared for equality, as R's fisher.test."""


def n_table(total: NDArray[np.int64], n_case: int) -> float:
    """Tables with these margins: ways to spread the cases over the values."""
    ways = np.ones(1)
    for n in total:
        ways = np.convolve(ways, np.ones(min(int(n), n_case) + 1))[: n_case + 1]
    return float(ways[n_case]) if n_case < len(ways) else 0.0


def enumerated_p(case: NDArray[np.int64], total: NDArray[np.int64]) -> float:
    """Summed probability of every table no likelier than the one seen; value after value."""
    n_case, left = int(case.sum()), int(total.sum())
    placed, log_p = np.zeros(1, dtype=np.int64), np.zeros(1)
    *smaller, largest = sorted(total.tolist())  # the last value has what is left: one way each
    for n in smaller:
        left -= n
        here = np.arange(min(n, n_case) + 1)
        cases, sums = np.broadcast_arrays(here, placed[:, None] + here)
        can_be = (sums <= n_case) & (n_case - sums <= left)
        term = np.broadcast_to(log_p[:, None], can_be.shape)[can_be]
        log_p = term - gammaln(cases[can_be] + 1.0) - gammaln(n - cases[can_be] + 1.0)
        placed = sums[can_be]
    cases = n_case - placed
    log_p = log_p - gammaln(cases + 1.0) - gammaln(largest - cases + 1.0)
    p = np.exp(log_p - log_p.max())
    as_rare = log_p <= log_probability(case, total) + TIE_TOLERANCE
    return min(1.0, float(p[as_rare].sum() / p.sum()))


def log_probability(case: NDArray[np.int64], total: NDArray[np.int64]) -> NDArray[np.float64]:
    """Log probability of cases by value, but for a constant: the sum of log binomials."""
    log_p: NDArray[np.float64] = -(gammaln(case + 1.0) + gammaln(total - case + 1.0)).sum(axis=-1)
    return log_p
