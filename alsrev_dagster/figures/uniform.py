"""What sorted P values look like when nothing is associated: uniform order statistics."""

import math

import numpy as np
from numpy.typing import NDArray

_Z_975 = 1.959963984540054
_FEW = 20
"""Ranks from either end for which the distribution is summed exactly."""


def expected(n: int) -> NDArray[np.float64]:
    """Mean of each of n sorted uniform values: rank / (n + 1)."""
    return np.arange(1, n + 1, dtype=np.float64) / (n + 1)


def interval(rank: int, n: int) -> tuple[float, float]:
    """Values between which the rank-th smallest of n uniform values lies 95% of the time.

    The rank-th smallest is Beta(rank, n + 1 - rank). Within 20 ranks of either end its
    quantiles are exact; between, they are those of Abramowitz & Stegun (1964) 26.5.22,
    good to three digits there.

    Examples
    --------
    >>> [round(x, 6) for x in interval(1, 1)]
    [0.025, 0.975]
    """
    if rank <= _FEW:
        return _exact(rank, n, 0.025), _exact(rank, n, 0.975)
    mirrored = n + 1 - rank
    if mirrored <= _FEW:
        return 1 - _exact(mirrored, n, 0.975), 1 - _exact(mirrored, n, 0.025)
    return _approximate(rank, mirrored, _Z_975), _approximate(rank, mirrored, -_Z_975)


def _exact(rank: int, n: int, probability: float) -> float:
    """Bisect P(at least ``rank`` of n values are below x) = probability, on log x."""
    k = np.arange(rank)
    log_choose = np.array(
        [math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1) for i in range(rank)]
    )
    low, high = -700.0, 0.0
    for _ in range(80):
        middle = (low + high) / 2
        x = math.exp(middle)
        log_rest = math.log1p(-min(x, 1 - 1e-16))
        below = 1 - float(np.exp(log_choose + k * middle + (n - k) * log_rest).sum())
        low, high = (middle, high) if below < probability else (low, middle)
    return math.exp((low + high) / 2)


def _approximate(a: float, b: float, y: float) -> float:
    """Abramowitz & Stegun 26.5.22; y is the normal deviate of the upper tail."""
    u, v = 1 / (2 * a - 1), 1 / (2 * b - 1)
    h, lam = 2 / (u + v), (y * y - 3) / 6
    w = y * math.sqrt(h + lam) / h - (v - u) * (lam + 5 / 6 - 2 / (3 * h))
    return a / (a + b * math.exp(2 * w))
