"""Middle and spread that outliers do not move."""

import numpy as np
from numpy.typing import NDArray

_SD_OF_MAD = 1.4826
"""Standard deviation over median absolute deviation, of a normal distribution."""


def middle_and_spread(
    value: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Median of each column, and 1.4826 x its median absolute deviation.

    Parameters
    ----------
    value
        Shape (n,) or (n, m), one row or more; none is NaN.

    Notes
    -----
    The spread is the standard deviation where values are normal [1]_; 0 where more than half
    are the same.

    References
    ----------
    .. [1] Rousseeuw & Croux (1993), J Am Stat Assoc 88:1273-1283.

    Examples
    --------
    >>> middle, spread = middle_and_spread(np.array([1.0, 2.0, 3.0, 90.0]))
    >>> float(middle), float(spread)
    (2.5, 1.4826)
    """
    middle = np.median(value, axis=0)
    return middle, _SD_OF_MAD * np.median(np.abs(value - middle), axis=0)
