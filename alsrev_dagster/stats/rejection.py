"""Which tables Fisher's exact test rejects, for every table of a cohort's size at once."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.exact import TIE_TOLERANCE, log_factorials

_N_COHORT_KEPT = 64
"""Sizes of cohort, with their alpha, whose limits are remembered."""


@lru_cache(maxsize=_N_COHORT_KEPT)
def rejection_limits(n_case: int, n_control: int, alpha: float) -> tuple[tuple[int, int], ...]:
    """Carriers among the cases at which Fisher's two-sided test rejects, by carriers in all.

    Parameters
    ----------
    n_case, n_control
        Samples, at least 1 of each.
    alpha
        The test rejects where P <= alpha, in (0, 1).

    Returns
    -------
    tuple[tuple[int, int], ...]
        Entry t is of t carriers in all, 0 to n_case + n_control: the test rejects where the
        cases have the first number or fewer, or the second or more. A number outside the
        possible ones (from max(0, t - n_control) to min(n_case, t)) rejects nothing.

    Notes
    -----
    Given the total, the cases' carriers are hypergeometric, and the P value sums the counts no
    more likely than the one seen. The distribution has one mode: so the counts rejected are
    the two ends, and two numbers a total say all of them.

    Examples
    --------
    >>> rejection_limits(3, 3, 0.11)[3]
    (0, 3)
    """
    if n_case < 1 or n_control < 1 or not 0 < alpha < 1:
        raise InputDataError(
            f"n_case is {n_case}, n_control {n_control} and alpha {alpha}: expected at least 1 "
            "of each, and alpha strictly between 0 and 1; check which samples are in the cohort"
        )
    n_sample = n_case + n_control
    log_factorial = log_factorials(n_sample)
    half = n_sample // 2
    limits = [_limits(n_case, n_control, t, alpha, log_factorial) for t in range(half + 1)]
    # With carriers and the others exchanged, the cases' count is mirrored.
    mirrored = [(n_case - up, n_case - low) for low, up in limits[: n_sample - half]]
    return (*limits, *reversed(mirrored))


def carriers_needed(
    n_case: int, n_control: int, n_control_carrier: int, alpha: float
) -> int | None:
    """Fewest carriers among the cases, more than the controls' share, that the test rejects.

    Parameters
    ----------
    n_case, n_control, alpha
        As in :func:`rejection_limits`.
    n_control_carrier
        Carriers among the controls, 0 to ``n_control``.

    Returns
    -------
    int | None
        None where not even ``n_case`` carriers are enough.

    Examples
    --------
    >>> [carriers_needed(22, n, carriers, 5e-8) for n, carriers in ((103, 8), (243, 19))]
    [14, 13]
    """
    if not 0 <= n_control_carrier <= n_control:
        raise InputDataError(
            f"n_control_carrier is {n_control_carrier} of {n_control} controls: expected 0 to all "
            "of them; leave out the controls without a call"
        )
    limits = rejection_limits(n_case, n_control, alpha)
    fewest = n_control_carrier * n_case // n_control + 1
    for needed in range(fewest, n_case + 1):
        if needed >= limits[needed + n_control_carrier][1]:
            return needed
    return None


def _limits(
    n_case: int, n_control: int, total: int, alpha: float, log_factorial: NDArray[np.longdouble]
) -> tuple[int, int]:
    """Limits of one total: a hypergeometric distribution, its P values, their two ends."""
    first, last = max(0, total - n_control), min(n_case, total)
    carrier = np.arange(first, last + 1)
    log_p = _log_choices(n_case, carrier, log_factorial)
    log_p += _log_choices(n_control, total - carrier, log_factorial)
    log_p -= _log_choices(n_case + n_control, np.array([total]), log_factorial)
    probability = np.exp(log_p.astype(np.float64))
    ascending = np.sort(probability)
    n_as_rare = np.searchsorted(ascending, probability * (1 + TIE_TOLERANCE), side="right")
    up_to = np.cumsum(ascending)
    kept = np.flatnonzero(up_to[n_as_rare - 1] > alpha * up_to[-1])
    return first + int(kept[0]) - 1, first + int(kept[-1]) + 1


def _log_choices(
    n: int, drawn: NDArray[np.int64], log_factorial: NDArray[np.longdouble]
) -> NDArray[np.longdouble]:
    """Log of the ways to draw so many out of ``n``."""
    ways: NDArray[np.longdouble] = (
        log_factorial[n] - log_factorial[drawn] - log_factorial[n - drawn]
    )
    return ways
