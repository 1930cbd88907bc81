"""Tails of weighted chi-squares: closed forms, one chi-square, symmetries, the ways out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, ncx2

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.quadratic_form import (
    ChiSquareMixture,
    mixture,
    moments_tail,
    saddlepoint_tail,
    upper_tail,
)


@pytest.mark.parametrize("value", [1e-6, 0.01, 1, 10, 100, 1400])
@pytest.mark.parametrize("freedom", [1, 2, 30])
def test_one_chi_square_has_every_digit_at_any_distance(value: float, freedom: int) -> None:
    found = upper_tail(value, mixture(np.ones(freedom)))
    assert found.p_value == pytest.approx(chi2.sf(value, freedom), rel=1e-11)
    assert found.method == "inversion"


@pytest.mark.parametrize("value", [0.5, 8, 80, 800])
def test_pairs_of_weights_are_a_sum_of_exponentials(value: float) -> None:
    # Two equal weights w make an exponential of mean 2 w: the sum's tail has a closed form.
    mean = 2 * np.array([5.0, 2.0, 1.0])
    parts = [np.exp(-value / m) * np.prod([m / (m - k) for k in mean if k != m]) for m in mean]
    found = upper_tail(value, mixture(np.repeat(mean / 2, 2)))
    assert found.p_value == pytest.approx(sum(parts), rel=1e-9)


def test_noncentral_chi_square() -> None:
    of = ChiSquareMixture(np.array([3.0]), np.array([4.0]), np.array([7.0]))
    assert upper_tail(90.0, of).p_value == pytest.approx(ncx2.sf(30.0, 4, 7), rel=1e-10)


@given(st.integers(0, 2**32 - 1), st.floats(0.05, 30))
@settings(max_examples=100, deadline=None)
def test_unit_and_order_of_weights_change_nothing(seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    weight = rng.gamma(0.3, size=rng.integers(1, 20)) + 1e-3
    value = share * weight.sum()
    found = upper_tail(value, mixture(weight))
    assert 0 < found.p_value <= 1
    other = upper_tail(7.3 * value, mixture(7.3 * weight[::-1]))
    assert other.p_value == pytest.approx(found.p_value, rel=1e-7)
    assert upper_tail(value * 1.1, mixture(weight)).p_value <= found.p_value * (1 + 1e-7)


def test_weights_of_both_signs_mirror() -> None:
    weight = np.array([5.0, 1.0, -2.0, -3.0])
    above, below = upper_tail(4.0, mixture(weight)), upper_tail(-4.0, mixture(-weight))
    assert above.p_value + below.p_value == pytest.approx(1, abs=1e-12)


def test_nothing_to_weigh_is_one_and_says_so() -> None:
    assert upper_tail(0.0, mixture(np.zeros(3))).method == "no_weight"
    assert upper_tail(-1.0, mixture(np.ones(3))).p_value == 1.0
    assert upper_tail(1.0, mixture(-np.ones(3))).p_value == np.finfo(np.float64).tiny


def test_the_ways_out_are_near() -> None:
    of = mixture(np.array([6.0, 3.0, 1.0, 0.5, 0.1]))
    exact = upper_tail(40.0, of).p_value
    assert saddlepoint_tail(40.0, of) == pytest.approx(exact, rel=0.05)
    assert moments_tail(40.0, of) == pytest.approx(exact, rel=0.2)


def test_where_two_rules_do_not_agree_the_saddlepoint_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("alsrev_dagster.stats.quadratic_form._AGREEMENT", -1.0)
    of = mixture(np.array([6.0, 3.0, 1.0]))
    found = upper_tail(40.0, of)
    assert (found.method, found.p_value) == ("saddlepoint", saddlepoint_tail(40.0, of))
    at_mean = upper_tail(10.0, of)
    assert (at_mean.method, at_mean.p_value) == ("moments", moments_tail(10.0, of))


def test_a_value_that_is_no_number_is_refused() -> None:
    with pytest.raises(InputDataError, match="weighted sum of chi-squares is nan: expected a fin"):
        upper_tail(float("nan"), mixture(np.ones(2)))
