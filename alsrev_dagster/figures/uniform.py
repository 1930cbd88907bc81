"""What sorted P values look like when nothing is associated: uniform order statistics."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

_OUTER = (0.025, 0.975)


def expected(n: int) -> NDArray[np.float64]:
    """Mean of each of n sorted uniform values: rank / (n + 1)."""
    return np.arange(1, n + 1, dtype=np.float64) / (n + 1)


def interval(rank: NDArray[np.int64], n: int) -> NDArray[np.float64]:
    """Values between which each rank-th smallest of n uniform values lies 95% of the time.

    Shape (n_rank, 2). The rank-th smallest is Beta(rank, n + 1 - rank).

    Examples
    --------
    >>> interval(np.array([1]), 1).round(6).tolist()
    [[0.025, 0.975]]
    """
    bounds = betaincinv(rank[:, None], n + 1 - rank[:, None], _OUTER)
    return np.asarray(bounds, dtype=np.float64)
