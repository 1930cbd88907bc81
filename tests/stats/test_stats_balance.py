"""Standardised differences: printed ones, shares, sides without spread."""

import numpy as np
import pytest
from numpy.typing import NDArray

from alsrev_dagster.stats.balance import Side, standardised_difference

# R's MatchIt::lalonde (185 treated, 429 controls): means and standard deviations, and what
# cobalt::bal.tab(..., s.d.denom = "pooled") prints for them.
LALONDE = {
    "age": (25.8162, 7.1550, 28.0303, 10.7867, -0.2419),
    "re74": (2095.5737, 4886.6204, 5619.2365, 6788.7508, -0.5958),
    "re75": (1532.0553, 3219.2509, 2466.4844, 3291.9962, -0.2870),
}


@pytest.mark.parametrize("name", list(LALONDE))
def test_difference_is_the_printed_one(name: str) -> None:
    case_mean, case_sd, control_mean, control_sd, printed = LALONDE[name]
    case, control = Side(185, case_mean, case_sd**2), Side(429, control_mean, control_sd**2)
    assert standardised_difference(case, control, (case, control)) == pytest.approx(
        printed, abs=5e-5
    )


def test_a_share_spreads_as_a_share_does() -> None:
    case = Side.of(np.array([1.0, 1, 1, 0]), is_share=True)
    control = Side.of(np.array([1.0, 0, 0, 0, np.nan]), is_share=True)
    assert (case.n, control.n) == (4, 4)
    assert (case.mean, control.mean) == (0.75, 0.25)
    found = standardised_difference(case, control, (case, control))
    assert found == pytest.approx(0.5 / np.sqrt(0.75 * 0.25), abs=1e-12)


def test_the_sides_change_the_sign_and_the_unit_changes_nothing() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(1, 2, 30), rng.normal(0, 3, 50)
    case, control = Side.of(x), Side.of(y)
    found = standardised_difference(case, control, (case, control))
    assert standardised_difference(control, case, (case, control)) == pytest.approx(-found)
    far = Side.of(7 * x + 3), Side.of(7 * y + 3)
    assert standardised_difference(*far, far) == pytest.approx(found)


def test_what_does_not_spread_is_balanced_or_cannot_be_told() -> None:
    one, other = Side.of(np.ones(3)), Side.of(np.zeros(3))
    assert standardised_difference(one, one, (one, one)) == 0
    assert np.isnan(standardised_difference(one, other, (one, other)))
    nobody = Side.of(np.array([]))
    assert nobody.n == 0
    assert np.isnan(standardised_difference(one, nobody, (one, nobody)))


def of_values(case: NDArray[np.float64], control: NDArray[np.float64]) -> float:
    sides = Side.of(case), Side.of(control)
    return standardised_difference(*sides, sides)


def test_a_difference_of_values_without_spread_has_no_size() -> None:
    assert of_values(np.ones(4), np.ones(6)) == 0
    assert np.isnan(of_values(np.ones(4), np.zeros(6)))
    assert np.isnan(of_values(np.ones(1), np.array([0.0, 1])))
    assert of_values(np.array([1.0, 3.0]), np.array([0.0, 2.0])) == pytest.approx(0.5**0.5)
