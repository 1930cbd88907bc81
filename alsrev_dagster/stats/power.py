"""Exact power of Fisher's test for a carrier, and the smallest effect it could see."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.exact import log_factorials
from alsrev_dagster.stats.rejection import carriers_needed, rejection_limits

_ODDS_RATIO_MAX = 1e6
"""Odds ratio above which an effect counts as out of reach."""
_N_HALVING = 38
"""Halvings of the log odds ratio: down to a width of 1e-10."""

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
    return detectable_effects(n_case, n_control, np.array([n_control_carrier]), alpha, power)[0]


def detectable_effects(
    n_case: int, n_control: int, n_control_carrier: NDArray[np.int64], alpha: float, power: float
) -> list[DetectableEffect]:
    """Smallest effects as of :func:`detectable_effect`, for several numbers of carriers at once.

    Examples
    --------
    >>> [one.status for one in detectable_effects(3, 10, np.array([0, 3, 10]), 5e-8, 0.8)]
    ['no_control_carrier', 'unreachable', 'every_control_carries']
    """
    varies = (n_control_carrier > 0) & (n_control_carrier < n_control)
    least = np.full(len(n_control_carrier), np.nan)
    frequency = n_control_carrier[varies] / n_control
    least[varies] = minimum_detectable_odds_ratios(n_case, n_control, frequency, alpha, power)
    needed = [carriers_needed(n_case, n_control, int(k), alpha) for k in n_control_carrier]
    return [
        DetectableEffect(
            _detectability(int(k), n_control, odds_ratio),
            None if np.isnan(odds_ratio) else float(odds_ratio),
            carriers,
        )
        for k, odds_ratio, carriers in zip(n_control_carrier, least, needed, strict=True)
    ]


def _detectability(n_control_carrier: int, n_control: int, odds_ratio: float) -> Detectability:
    if n_control_carrier == 0:
        return "no_control_carrier"
    if n_control_carrier == n_control:
        return "every_control_carries"
    return "unreachable" if np.isnan(odds_ratio) else "ok"


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
    frequency = np.array([control_carrier_freq])
    given = _rejected_given_cases(n_case, n_control, frequency, alpha)[:, 0]
    return _power(given, control_carrier_freq, odds_ratio)


def minimum_detectable_odds_ratio(
    n_case: int, n_control: int, control_carrier_freq: float, alpha: float, power: float
) -> float:
    """Smallest odds ratio above 1 that Fisher's test finds with the wanted power.

    :func:`minimum_detectable_odds_ratios` of one frequency.

    Examples
    --------
    >>> minimum_detectable_odds_ratio(5, 5, 0.1, 5e-8, 0.8)
    nan
    """
    frequency = np.array([control_carrier_freq])
    return float(minimum_detectable_odds_ratios(n_case, n_control, frequency, alpha, power)[0])


def minimum_detectable_odds_ratios(
    n_case: int,
    n_control: int,
    control_carrier_freq: NDArray[np.float64],
    alpha: float,
    power: float,
) -> NDArray[np.float64]:
    """Smallest odds ratio above 1 that Fisher's test finds with the wanted power, by frequency.

    Parameters
    ----------
    n_case, n_control, alpha
        As in :func:`fisher_power`.
    control_carrier_freq
        Carriers among controls, fractions strictly between 0 and 1, shape (n_freq,).
    power
        Wanted probability of rejecting, in (0, 1).

    Returns
    -------
    NDArray[np.float64]
        Above 1, shape (n_freq,); NaN where an odds ratio of a million doesn't reach the power.

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
    >>> frequency = np.array([0.01, 0.08, 0.3])
    >>> minimum_detectable_odds_ratios(22, 243, frequency, 5e-8, 0.8).round(1).tolist()
    [83.0, 23.3, 36.9]
    """
    for frequency in control_carrier_freq:
        _require_ranges(n_case, n_control, float(frequency), alpha)
    if not 0 < power < 1:
        raise InputDataError(f"power is {power}: expected strictly between 0 and 1, such as 0.8")
    given = _rejected_given_cases(n_case, n_control, control_carrier_freq, alpha)
    carrier, log_ways = np.arange(n_case + 1)[:, None], _log_ways(n_case)[:, None]
    log_odds = np.log(control_carrier_freq / (1 - control_carrier_freq))

    def is_enough(log_odds_ratio: NDArray[np.float64]) -> NDArray[np.bool_]:
        of_case = log_odds_ratio + log_odds
        log_p = log_ways + of_case * carrier - n_case * np.logaddexp(0.0, of_case)
        enough: NDArray[np.bool_] = (np.exp(log_p) * given).sum(axis=0) >= power
        return enough

    low, high = np.zeros(len(log_odds)), np.full(len(log_odds), np.log(_ODDS_RATIO_MAX))
    is_reached = is_enough(high)
    for _ in range(_N_HALVING):
        middle = (low + high) / 2
        enough = is_enough(middle)
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return np.where(is_reached, np.exp(high), np.nan)


def _log_ways(n: int) -> NDArray[np.float64]:
    """Log of the ways to draw 0 to ``n`` out of ``n``."""
    log_factorial = log_factorials(n)
    ways = log_factorial[n] - log_factorial[: n + 1] - log_factorial[n::-1]
    logs: NDArray[np.float64] = ways.astype(np.float64)
    return logs


def _power(rejected: NDArray[np.float64], control_carrier_freq: float, odds_ratio: float) -> float:
    """Power, from the probability of rejecting given each number of carriers among the cases."""
    n_case = len(rejected) - 1
    odds = odds_ratio * control_carrier_freq / (1 - control_carrier_freq)
    in_case = binom.pmf(np.arange(n_case + 1), n_case, odds / (1 + odds))
    return min(float(in_case @ rejected), 1.0)


def _rejected_given_cases(
    n_case: int, n_control: int, control_carrier_freq: NDArray[np.float64], alpha: float
) -> NDArray[np.float64]:
    """Probability of rejecting given 0 to ``n_case`` carriers among the cases, by frequency."""
    below, above = np.array(rejection_limits(n_case, n_control, alpha)).T
    carrier = np.arange(n_control + 1)
    in_control = binom.pmf(carrier[:, None], n_control, control_carrier_freq)
    rejected = np.empty((n_case + 1, len(control_carrier_freq)))
    for of_case in range(n_case + 1):
        total = of_case + carrier
        is_rejected = (of_case <= below[total]) | (of_case >= above[total])
        rejected[of_case] = is_rejected.astype(np.float64) @ in_control
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
