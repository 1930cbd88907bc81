"""A share with its exact interval."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from alsrev_dagster.errors import InputDataError

_TAIL = 0.025


@dataclass(frozen=True)
class ShareInterval:
    """95% interval of each share, arrays of the shape asked; NaN where nobody was counted."""

    ci_lower: NDArray[np.float64]
    ci_upper: NDArray[np.float64]


def clopper_pearson(n_event: NDArray[np.int64], n: NDArray[np.int64]) -> ShareInterval:
    """Exact 95% interval of the share ``n_event / n``.

    Parameters
    ----------
    n_event, n
        How many had the event, and of how many; any shape, the same for both.

    Returns
    -------
    ShareInterval
        Ends in [0, 1]; 0 at the lower end without an event, 1 at the upper where all had it.

    Raises
    ------
    InputDataError
        If a count is negative, or there are more events than people.

    Notes
    -----
    Each end is where the binomial tail at the count is 2.5% [1]_; it covers at least 95%, and more
    at small n. People must be independent: several samples of one, or relatives, break it.

    References
    ----------
    .. [1] Clopper & Pearson (1934), Biometrika 26:404-413.

    Examples
    --------
    >>> found = clopper_pearson(np.array([0]), np.array([10]))
    >>> float(found.ci_lower[0]), round(float(found.ci_upper[0]), 4)
    (0.0, 0.3085)
    """
    wrong = (n_event < 0) | (n_event > n)
    if wrong.any():
        raise InputDataError(
            f"{int(wrong.sum())} of {wrong.size} shares have n_event below 0 or above n: expected "
            "0 <= n_event <= n; count events among those who are counted in n"
        )
    with np.errstate(invalid="ignore"):
        lower = np.where(n_event > 0, beta.ppf(_TAIL, n_event, n - n_event + 1), 0.0)
        upper = np.where(n_event < n, beta.isf(_TAIL, n_event + 1, n - n_event), 1.0)
    nobody = n == 0
    return ShareInterval(np.where(nobody, np.nan, lower), np.where(nobody, np.nan, upper))
