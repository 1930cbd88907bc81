"""Exact power of Fisher's test, against a direct enumeration."""

from itertools import product
from math import comb

import numpy as np
import pytest
from scipy.stats import fisher_exact

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.power import (
    detectable_effect,
    fisher_power,
    minimum_detectable_odds_ratio,
)


def power_by_hand(
    n_case: int, n_control: int, freq: float, odds_ratio: float, alpha: float
) -> float:
    odds = odds_ratio * freq / (1 - freq)
    case_freq = odds / (1 + odds)
    total = 0.0
    for a, b in product(range(n_case + 1), range(n_control + 1)):
        if fisher_exact([[a, n_case - a], [b, n_control - b]])[1] <= alpha:
            in_case = comb(n_case, a) * case_freq**a * (1 - case_freq) ** (n_case - a)
            in_control = comb(n_control, b) * freq**b * (1 - freq) ** (n_control - b)
            total += in_case * in_control
    return total


@pytest.mark.parametrize(("n_case", "n_control"), [(4, 7), (6, 6), (8, 3)])
@pytest.mark.parametrize("odds_ratio", [0.1, 1.0, 12.0])
def test_power_is_the_sum_over_rejected_tables(
    n_case: int, n_control: int, odds_ratio: float
) -> None:
    expected = power_by_hand(n_case, n_control, 0.2, odds_ratio, 0.0501)
    assert fisher_power(n_case, n_control, 0.2, odds_ratio, 0.0501) == pytest.approx(
        expected, rel=1e-12
    )


def test_power_grows_with_the_odds_ratio_and_alpha() -> None:
    power = [fisher_power(22, 243, 0.08, odds_ratio, 1e-4) for odds_ratio in (2, 5, 12, 50, 1e4)]
    assert (np.diff(power) > 0).all()
    by_alpha = [fisher_power(22, 243, 0.08, 12.0, alpha) for alpha in (5e-8, 1e-5, 1e-2)]
    assert (np.diff(by_alpha) > 0).all()


def test_power_under_the_null_is_at_most_alpha() -> None:
    assert all(fisher_power(22, 243, freq, 1.0, 0.05) <= 0.05 for freq in (0.01, 0.1, 0.4))


def test_power_of_all_carriers_is_one() -> None:
    assert fisher_power(22, 243, 0.05, 1e6, 5e-8) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("freq", [0.01, 0.1, 0.3])
def test_minimum_detectable_odds_ratio_has_just_that_power(freq: float) -> None:
    odds_ratio = minimum_detectable_odds_ratio(22, 243, freq, 5e-8, 0.8)
    assert odds_ratio > 1
    assert fisher_power(22, 243, freq, odds_ratio, 5e-8) == pytest.approx(0.8, abs=1e-8)
    assert fisher_power(22, 243, freq, odds_ratio * 0.99, 5e-8) < 0.8


def test_out_of_reach_is_nan() -> None:
    assert np.isnan(minimum_detectable_odds_ratio(3, 10, 0.3, 5e-8, 0.8))


def test_no_carrier_among_controls_is_no_odds_ratio_but_still_a_number_of_carriers() -> None:
    found = detectable_effect(22, 243, 0, 5e-8, 0.8)
    assert (found.status, found.odds_ratio, found.carriers_needed) == (
        "no_control_carrier",
        None,
        7,
    )


def test_an_odds_ratio_out_of_reach_is_told_from_one_without_a_baseline() -> None:
    assert detectable_effect(3, 10, 3, 5e-8, 0.8).status == "unreachable"
    assert detectable_effect(22, 243, 243, 5e-8, 0.8).status == "every_control_carries"
    assert detectable_effect(22, 0, 0, 5e-8, 0.8).status == "no_calls"
    assert detectable_effect(0, 243, 3, 5e-8, 0.8).status == "no_calls"


def test_a_detectable_effect_has_its_odds_ratio_and_the_carriers_it_takes() -> None:
    found = detectable_effect(22, 243, 19, 5e-8, 0.8)
    assert found.status == "ok"
    assert found.odds_ratio == minimum_detectable_odds_ratio(22, 243, 19 / 243, 5e-8, 0.8)
    assert found.carriers_needed == 13


def test_percent_instead_of_a_fraction_is_refused() -> None:
    with pytest.raises(InputDataError, match=r"control_carrier_freq is 8 and alpha 0.05"):
        fisher_power(22, 243, 8, 2.0, 0.05)
    with pytest.raises(InputDataError, match="power is 80: expected strictly"):
        minimum_detectable_odds_ratio(22, 243, 0.1, 0.05, 80)
    with pytest.raises(InputDataError, match=r"odds_ratio is -2\.0: expected above 0"):
        fisher_power(22, 243, 0.1, -2.0, 0.05)
    with pytest.raises(InputDataError, match="n_case is 0 and n_control 243"):
        fisher_power(0, 243, 0.1, 2.0, 0.05)
