"""How many more cases or controls would let Fisher's test decide on an effect."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import binom

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.kernel.power import rejected_chance

Recruit = Literal["cases", "controls", "cases_and_controls"]
"""What is added; with both, controls in the ratio of now."""
Reach = Literal["enough", "reached", "unreachable"]

_NOTHING = 1e-13
"""Probability at either end of a binomial count that is left out."""
_N_BELOW = 12
"""Sizes below the one found that are looked at too: exact power is a saw, not a line."""
_TIE = 1e-7


@dataclass(frozen=True)
class SamplesNeeded:
    """A cohort that would find an effect with the wanted power."""

    odds_ratio: float
    alpha: float
    status: Reach
    """``enough`` now, ``reached`` with more, or ``unreachable`` within the most that is given."""
    n_case: int
    """Of the cohort found; of the largest one tried where it is unreachable."""
    n_control: int
    power: float
    """Of that cohort."""
    power_limit: float
    """With controls without number and the cases of that cohort."""


def samples_needed(
    cohort: tuple[int, int],
    control_carrier_freq: float,
    odds_ratio: float,
    *,
    alpha: float,
    power: float,
    recruit: Recruit,
    n_most: int = 5_000,
) -> SamplesNeeded:
    """Smallest cohort in which Fisher's test of carriers finds an effect with the wanted power.

    Parameters
    ----------
    cohort
        Cases and controls of now, at least 1 of each.
    control_carrier_freq
        Carriers among controls, a fraction strictly between 0 and 1.
    odds_ratio
        True odds ratio of carrying, above 0.
    alpha, power
        Significance level, and wanted probability of P <= alpha; strictly between 0 and 1.
    recruit
        ``cases`` (controls fixed), ``controls`` (cases fixed) or ``cases_and_controls``.
    n_most
        Samples in all that a cohort may have: the search ends there.

    Returns
    -------
    SamplesNeeded
        The cohort, its power, and what controls without number would give its cases.

    Raises
    ------
    InputDataError
        If an argument is outside its range.

    Notes
    -----
    Exact power as :func:`power.fisher_power`, by doubling, bisection and a look at the 12 sizes
    below: discrete tests lose power at some sizes that smaller ones have, so that it is the
    smallest but for such teeth. With controls without number the test is that of one binomial
    proportion [1]_; ``power_limit`` below the wanted power says that cases are what is missing.

    References
    ----------
    .. [1] Bennett & Hsu (1960), Biometrika 47:393-398.

    Examples
    --------
    >>> found = samples_needed((22, 243), 0.05, 3.0, alpha=5e-8, power=0.8, recruit="controls")
    >>> found.status, round(found.power_limit, 4)
    ('unreachable', 0.0003)
    """
    fractions = {
        "control_carrier_freq": control_carrier_freq,
        "alpha": alpha,
        "power": power,
    }
    _require(cohort, fractions, odds_ratio, n_most)
    effect = (control_carrier_freq, odds_ratio, alpha)

    def is_enough(step: int) -> bool:
        return _power(_grown(cohort, step, recruit), *effect) >= power

    step, status = _search(is_enough, _last_step(cohort, recruit, n_most))
    found = _grown(cohort, step, recruit)
    return SamplesNeeded(
        odds_ratio=odds_ratio,
        alpha=alpha,
        status=status,
        n_case=found[0],
        n_control=found[1],
        power=_power(found, *effect),
        power_limit=_limit_power(found[0], *effect),
    )


def _search(is_enough: Callable[[int], bool], last: int) -> tuple[int, Reach]:
    """Smallest step that is enough, up to the last; the last where none is."""
    if is_enough(0):
        return 0, "enough"
    low, high = 0, 1
    while high < last and not is_enough(high):
        low, high = high, 2 * high
    if high >= last:
        high = last
        if last < 1 or not is_enough(last):
            return last, "unreachable"
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    below = range(max(1, high - _N_BELOW), high)
    return next((step for step in below if is_enough(step)), high), "reached"


def _grown(cohort: tuple[int, int], step: int, recruit: Recruit) -> tuple[int, int]:
    """Cohort with so many more of what is recruited."""
    n_case, n_control = cohort
    if recruit == "controls":
        return n_case, n_control + step
    if recruit == "cases":
        return n_case + step, n_control
    return n_case + step, round(n_control * (n_case + step) / n_case)


def _last_step(cohort: tuple[int, int], recruit: Recruit, n_most: int) -> int:
    n_case, n_control = cohort
    if recruit == "cases_and_controls":
        return max(int(n_most * n_case / (n_case + n_control)) - n_case, 0)
    return max(n_most - n_case - n_control, 0)


def _carrier_freq(control_carrier_freq: float, odds_ratio: float) -> float:
    """Carriers among cases."""
    odds = odds_ratio * control_carrier_freq / (1 - control_carrier_freq)
    return odds / (1 + odds)


def _power(
    cohort: tuple[int, int], control_carrier_freq: float, odds_ratio: float, alpha: float
) -> float:
    n_case, n_control = cohort
    in_control = binom(n_control, control_carrier_freq)
    first, last = int(in_control.ppf(_NOTHING)), int(in_control.isf(_NOTHING))
    in_case = binom.pmf(
        np.arange(n_case + 1), n_case, _carrier_freq(control_carrier_freq, odds_ratio)
    )
    chance = rejected_chance(in_case, in_control.pmf(np.arange(n_control + 1)), first, last, alpha)
    return min(float(chance), 1.0)


def _limit_power(
    n_case: int, control_carrier_freq: float, odds_ratio: float, alpha: float
) -> float:
    """Power of the exact test of one proportion, where the controls' frequency is known."""
    carrier = np.arange(n_case + 1)
    null = binom.pmf(carrier, n_case, control_carrier_freq)
    p_value = (np.where(null <= null[:, None] * (1 + _TIE), null, 0)).sum(axis=1)
    alternative = binom.pmf(carrier, n_case, _carrier_freq(control_carrier_freq, odds_ratio))
    return float(alternative[p_value <= alpha].sum())


def _require(
    cohort: tuple[int, int], fractions: dict[str, float], odds_ratio: float, n_most: int
) -> None:
    if min(cohort) < 1 or sum(cohort) > n_most:
        raise InputDataError(
            f"the cohort has {cohort[0]} cases and {cohort[1]} controls, and at most {n_most} "
            "samples are looked at: expected at least 1 of each, and no more than that"
        )
    outside = {name: value for name, value in fractions.items() if not 0 < value < 1}
    if outside or not odds_ratio > 0:
        raise InputDataError(
            f"odds_ratio is {odds_ratio}, and outside (0, 1) are {outside}: expected an odds ratio "
            "above 0 and fractions strictly between 0 and 1, not percent"
        )
