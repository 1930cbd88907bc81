"""Exact power of Fisher's test for a carrier, and the smallest effect it could see."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.rejection import carriers_needed, rejection_limits

_ODDS_RATIO_MAX = 1e6
"""Odds ratio above which an effect counts as out of reach."""
_TOLERANCE = 1e-10
"""Width, in log odds ratio, at which the bisection stops."""

Detectability = Literal[
    "ok", "unreachable", "no_control_carrier", "every_control_carries", "no_calls"
]


@dataclass(frozen=True)
class DetectableEffect:
    """What a cohort could have seen of a variant, given its carriers among the controls."""

    status: Detectability
    odds_ratio: float | None
    """Smallest with the wanted power; None unless the status is ok."""
    carriers_needed: int | None
    """Fewest carriers among the cases, more than the controls' share, that the test rejects."""


def detectable_effect(
    n_case: int, n_control: int, n_control_carrier: int, alpha: float, power: float
) -> DetectableEffect:
    """Smallest effect that Fisher's test could have seen, or why there is no such number.

    Parameters
    ----------
    n_case, n_control
        Samples with a call.
    n_control_carrier
        Carriers among the controls.
    alpha, power
        As in :func:`minimum_detectable_odds_ratio`.

    Notes
    -----
    An odds ratio needs a baseline: carriers and non-carriers among the controls. Where there is
    none, ``carriers_needed`` still says what the test would have rejected.

    Examples
    --------
    >>> detectable_effect(22, 243, 0, 5e-8, 0.8)
    DetectableEffect(status='no_control_carrier', odds_ratio=None, carriers_needed=7)
    """
    if n_case == 0 or n_control == 0:
        return DetectableEffect("no_calls", None, None)
    needed = carriers_needed(n_case, n_control, n_control_carrier, alpha)
    if n_control_carrier == 0:
        return DetectableEffect("no_control_carrier", None, needed)
    if n_control_carrier == n_control:
        return DetectableEffect("every_control_carries", None, needed)
    frequency = n_control_carrier / n_control
    least = minimum_detectable_odds_ratio(n_case, n_control, frequency, alpha, power)
    if np.isnan(least):
        return DetectableEffect("unreachable", None, needed)
    return DetectableEffect("ok", least, needed)


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
    given = _rejected_given_cases(n_case, n_control, control_carrier_freq, alpha)
    return _power(given, control_carrier_freq, odds_ratio)


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

    given = _rejected_given_cases(n_case, n_control, control_carrier_freq, alpha)

    def is_enough(log_odds_ratio: float) -> bool:
        return _power(given, control_carrier_freq, float(np.exp(log_odds_ratio))) >= power

    low, high = 0.0, float(np.log(_ODDS_RATIO_MAX))
    if not is_enough(high):
        return float("nan")
    while high - low > _TOLERANCE:
        middle = (low + high) / 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return float(np.exp(high))


def _power(rejected: NDArray[np.float64], control_carrier_freq: float, odds_ratio: float) -> float:
    """Power, from the probability of rejecting given each number of carriers among the cases."""
    n_case = len(rejected) - 1
    odds = odds_ratio * control_carrier_freq / (1 - control_carrier_freq)
    in_case = binom.pmf(np.arange(n_case + 1), n_case, odds / (1 + odds))
    return min(float(in_case @ rejected), 1.0)


def _rejected_given_cases(
    n_case: int, n_control: int, control_carrier_freq: float, alpha: float
) -> NDArray[np.float64]:
    """Probability of rejecting given 0 to ``n_case`` carriers among the cases."""
    in_control = binom.pmf(np.arange(n_control + 1), n_control, control_carrier_freq)
    rejected = np.zeros(n_case + 1)
    for total, (below, above) in enumerate(rejection_limits(n_case, n_control, alpha)):
        first, last = max(0, total - n_control), min(n_case, total)
        for start, stop in ((first, below + 1), (above, last + 1)):
            if start < stop:
                rejected[start:stop] += in_control[total - stop + 1 : total - start + 1][::-1]
    return rejected


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
