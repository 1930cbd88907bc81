"""Firth's logistic regression, against identities and numbers computed apart (docs/methods.md)."""

import numpy as np
import pytest

from alsrev_dagster.stats.firth import FirthFit, firth_logistic


def fit(case: list[int], control: list[int], score: tuple[int, int, int]) -> FirthFit:
    return firth_logistic(np.array([[case]]), np.array([[control]]), score)


def test_three_homozygous_cases_of_22_against_none_of_243() -> None:
    # T3, the Haldane-Anscombe identity: beta = log(3.5 * 243.5 / (19.5 * 0.5)).
    found = fit([19, 0, 3], [243, 0, 0], (0, 0, 1))
    assert found.beta[0] == pytest.approx(4.470612626, abs=5e-10)
    assert found.beta[0] == pytest.approx(np.log(3.5 * 243.5 / (19.5 * 0.5)), abs=1e-11)
    # The printed one is the augmented data's (logistf >= 1.25): Woolf's with halves added.
    assert found.standard_error_augmented[0] == pytest.approx(1.5300664, abs=5e-8)
    assert found.p_value[0] == pytest.approx(1.23342e-4, abs=5e-10)
    # Both fits have closed forms (null: p = 23/267); in 40-digit decimals:
    # 2 * fall = 14.7408886601004. T3 prints 1.2334214e-4, one too many in its last digit.
    assert found.p_value[0] == pytest.approx(1.233421349201555e-4, rel=1e-10)
    assert found.ci_lower[0] == pytest.approx(2.08749, abs=5e-6)
    assert found.ci_upper[0] == pytest.approx(9.38566, abs=5e-6)
    assert found.fit_status[0] == "separated"


def test_inverse_fisher_standard_error_of_the_same_table() -> None:
    # Fitted probabilities (a + 1/2) / (n + 1), then 1 / (n p q) of carriers and the others.
    carrier, other = 3 * 3.5 * 0.5 / 4**2, 262 * 19.5 * 243.5 / 263**2
    found = fit([19, 0, 3], [243, 0, 0], (0, 0, 1))
    assert found.standard_error[0] == pytest.approx((1 / carrier + 1 / other) ** 0.5, abs=1e-10)


@pytest.mark.parametrize(("n_control", "printed"), [(103, 37.154), (140, 50.436), (243, 87.410)])
def test_odds_ratio_of_three_homozygous_cases(n_control: int, printed: float) -> None:
    found = fit([19, 0, 3], [n_control, 0, 0], (0, 0, 1))
    assert np.exp(found.beta[0]) == pytest.approx(printed, abs=5e-4)


def test_six_points() -> None:
    # T4, README of jzluo/firthmodels: X = 0, 0, 0, 1, 1, 1 and y = X. The estimate is 2 log 7
    # (Haldane: 3.5 * 3.5 / (0.5 * 0.5) = 49). The README prints 8 decimals of a fit that stopped
    # 1.37e-6 before it, so its digits are tested at that distance and no wider.
    found = fit([0, 3, 0], [3, 0, 0], (0, 1, 2))
    assert found.beta[0] == pytest.approx(2 * np.log(7), abs=1e-11)
    assert found.beta[0] - 3.89181893 == pytest.approx(1.368e-6, abs=5e-9)


def test_additive_fixture_a() -> None:
    found = fit([10, 9, 3], [95, 8, 0], (0, 1, 2))
    assert np.exp(found.beta[0]) == pytest.approx(11.0004, abs=5e-5)
    assert np.exp(found.ci_lower[0]) == pytest.approx(4.0855, abs=5e-5)
    assert np.exp(found.ci_upper[0]) == pytest.approx(33.586, abs=5e-4)
    assert found.p_value[0] == pytest.approx(3.486e-7, abs=5e-11)
    assert found.fit_status[0] == "ok"
