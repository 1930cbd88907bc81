"""Exact power of Fisher's test for a carrier, and the smallest effect it could see."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.exact import exact_conditional_p

_ODDS_RATIO_MAX = 1e6
"""Odds ratio above which an effect counts as out of reach."""
_TOLERANCE = 1e-10
"""Width, in log odds ratio, at which the bisection stops."""


def fisher_power(
    n_case: int, n_control: int, control_carrier_freq: float, odds_ratio: float, alpha: float
) -> float:
    """Exact power of the two-sided Fisher test of carriers against non-carriers.

    Parameters
    ----------
    n_case, n_control
        Samples, at least 1 of each.
    control_carrier_freq
        Carriers among controls, a fraction strictly between 0 and 1.
    odds_ratio
        True odds ratio of carrying, cases against controls; above 0.
    alpha
        Significance level in (0, 1): the test rejects where P <= alpha.

    Returns
    -------
    float
        Probability that the test rejects, in either direction, in [0, 1].

    Raises
    ------
    InputDataError
        If an argument is outside its range.

    Notes
    -----
    The sum, over both binomial carrier counts, of the probability of every table that
    the test rejects [1]_: no normal approximation. It assumes independent samples and
    complete calls.

    References
    ----------
    .. [1] Bennett & Hsu (1960), Biometrika 47:393-398.

    Examples
    --------
    >>> fisher_power(22, 243, 0.05, 12.0, 5e-8) < fisher_power(22, 243, 0.05, 12.0, 0.05)
    True
    """
    _require_ranges(n_case, n_control, control_carrier_freq, alpha)
    if not odds_ratio > 0:
        raise InputDataError(f"odds_ratio is {odds_ratio}: expected above 0; give no logarithm")
    odds = odds_ratio * control_carrier_freq / (1 - control_carrier_freq)
    in_case = binom.pmf(np.arange(n_case + 1), n_case, odds / (1 + odds))
    in_control = binom.pmf(np.arange(n_control + 1), n_control, control_carrier_freq)
    return min(float(in_case @ _is_rejected(n_case, n_control, alpha) @ in_control), 1.0)


def minimum_detectable_odds_ratio(
    n_case: int, n_control: int, control_carrier_freq: float, alpha: float, power: float
) -> float:
    """Smallest odds ratio above 1 that Fisher's test finds with the wanted power.

    Parameters
    ----------
    n_case, n_control, control_carrier_freq, alpha
        As in :func:`fisher_power`.
    power
        Wanted probability of rejecting, in (0, 1).

    Returns
    -------
    float
        Above 1; NaN where an odds ratio of a million doesn't reach the power.

    Raises
    ------
    InputDataError
        If an argument is outside its range.

    Notes
    -----
    Bisection on the log odds ratio: it assumes that power grows with the odds ratio,
    which holds wherever the wanted power is above alpha.

    References
    ----------
    .. [1] Bennett & Hsu (1960), Biometrika 47:393-398.

    Examples
    --------
    >>> minimum_detectable_odds_ratio(5, 5, 0.1, 5e-8, 0.8)
    nan
    """
    _require_ranges(n_case, n_control, control_carrier_freq, alpha)
    if not 0 < power < 1:
        raise InputDataError(f"power is {power}: expected strictly between 0 and 1, such as 0.8")

    def is_enough(log_odds_ratio: float) -> bool:
        odds_ratio = float(np.exp(log_odds_ratio))
        return fisher_power(n_case, n_control, control_carrier_freq, odds_ratio, alpha) >= power

    low, high = 0.0, float(np.log(_ODDS_RATIO_MAX))
    if not is_enough(high):
        return float("nan")
    while high - low > _TOLERANCE:
        middle = (low + high) / 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return float(np.exp(high))


@lru_cache(maxsize=64)
def _is_rejected(n_case: int, n_control: int, alpha: float) -> NDArray[np.float64]:
    """1.0 for each pair of carrier counts that the test rejects, else 0.0."""
    return (_fisher_p(n_case, n_control) <= alpha).astype(np.float64)


@lru_cache(maxsize=8)
def _fisher_p(n_case: int, n_control: int) -> NDArray[np.float64]:
    """Fisher's P value of each pair of carrier counts, shape (n_case + 1, n_control + 1)."""
    carrier_case, carrier_control = np.indices((n_case + 1, n_control + 1)).reshape(2, -1)
    none = np.zeros_like(carrier_case)
    case = np.stack([n_case - carrier_case, carrier_case, none], axis=1)[:, None, :]
    control = np.stack([n_control - carrier_control, carrier_control, none], axis=1)[:, None, :]
    return exact_conditional_p(case, control, (0, 1, 1)).reshape(n_case + 1, n_control + 1)


def _require_ranges(n_case: int, n_control: int, control_carrier_freq: float, alpha: float) -> None:
    if n_case < 1 or n_control < 1:
        raise InputDataError(
            f"n_case is {n_case} and n_control {n_control}: expected at least 1 of each; check "
            "which samples are in the cohort"
        )
    if not (0 < control_carrier_freq < 1 and 0 < alpha < 1):
        raise InputDataError(
            f"control_carrier_freq is {control_carrier_freq} and alpha {alpha}: expected both "
            "strictly between 0 and 1; give fractions, not percent"
        )
