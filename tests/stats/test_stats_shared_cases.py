"""Arms that share cases: the formula derived apart, simulation, symmetries, refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.polytomous_firth import polytomous_firth
from alsrev_dagster.stats.shared_cases import (
    combine_arms,
    shared_case_correlation,
    shared_sample_correlation,
)

CONTROLS = np.array([103, 140])


def test_the_formula_is_the_covariance_of_shared_cells() -> None:
    """Var(log OR) is (1/cases + 1/controls) / (f (1 - f)), the covariance the cases' part of it."""
    expected = (1 / 22) / np.sqrt((1 / 22 + 1 / 103) * (1 / 22 + 1 / 140))
    assert shared_case_correlation(22, CONTROLS)[0, 1] == pytest.approx(expected, rel=1e-12)
    # By hand: sqrt(103 * 140 / (125 * 162)) = sqrt(0.712099).
    assert expected == pytest.approx(0.84386, abs=5e-6)


def test_shared_controls_are_the_mirror_of_shared_cases() -> None:
    none, every = np.zeros((2, 2), dtype=np.int64), np.full((2, 2), 22)
    sizes = np.array([22, 22])
    mirrored = shared_sample_correlation(
        CONTROLS, sizes, n_shared_case=none, n_shared_control=every
    )
    np.testing.assert_allclose(mirrored, shared_case_correlation(22, CONTROLS), rtol=1e-12)


def test_the_same_samples_twice_correlate_fully() -> None:
    case, control = np.full((2, 2), 22), np.full((2, 2), 103)
    found = shared_sample_correlation(
        case[0], control[0], n_shared_case=case, n_shared_control=control
    )
    np.testing.assert_allclose(found, 1, rtol=1e-12)


def test_near_the_null_it_is_the_correlation_of_the_multinomial_model() -> None:
    counts = np.array([[[[154, 66, 0]], [[721, 309, 0]], [[980, 420, 0]]]])
    covariance = polytomous_firth(counts, (0, 1, 1)).covariance[0]
    found = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
    assert found == pytest.approx(shared_case_correlation(22, CONTROLS)[0, 1], abs=1e-3)


def simulated(n: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Log odds ratios and errors of two arms that share 220 cases, no effect."""
    rng = np.random.default_rng(1)
    sizes, freq = np.array([220, 1030, 1400]), 0.3
    carrier = rng.binomial(sizes, freq, size=(n, 3)) + 0.5
    log_odds, part = (
        np.log(carrier / (sizes + 1 - carrier)),
        1 / carrier + 1 / (sizes + 1 - carrier),
    )
    return log_odds[:, :1] - log_odds[:, 1:], np.sqrt(part[:, :1] + part[:, 1:])


def test_z_is_standard_normal_and_that_of_independent_arms_is_not() -> None:
    beta, error = simulated(40_000)
    correlation = shared_case_correlation(220, 10 * CONTROLS)
    aware, blind = combine_arms(beta, error, correlation), combine_arms(beta, error, np.eye(2))
    # The standard deviation of 40,000 normal numbers is known to 0.0035; four of these are allowed.
    assert aware.z.std() == pytest.approx(1, abs=0.014)
    assert (aware.p_value < 0.05).mean() == pytest.approx(0.05, abs=0.005)
    assert blind.z.std() == pytest.approx(np.sqrt(1 + correlation[0, 1]), abs=0.03)
    assert (blind.p_value < 0.05).mean() > 0.13
    assert (aware.agreement_p_value < 0.05).mean() == pytest.approx(0.05, abs=0.005)


def test_independent_arms_are_weighed_by_inverse_variance() -> None:
    beta, error = np.array([[0.4, 1.0, 0.1]]), np.array([[0.2, 0.5, 0.3]])
    found = combine_arms(beta, error, np.eye(3))
    weight = error**-2 / (error**-2).sum()
    np.testing.assert_allclose(found.weight, weight)
    assert found.beta[0] == pytest.approx((weight * beta).sum())
    assert found.standard_error[0] == pytest.approx((error**-2).sum() ** -0.5)
    q = (((beta - found.beta[0]) / error) ** 2).sum()
    assert found.agreement_statistic[0] == pytest.approx(q)


@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(0.1, 2), st.floats(0.1, 2), st.floats(0, 0.95))
def test_the_estimate_is_the_minimum_of_the_quadratic_form(
    first: float, second: float, first_error: float, second_error: float, r: float
) -> None:
    beta, error = np.array([[first, second]]), np.array([[first_error, second_error]])
    correlation = np.array([[1, r], [r, 1]])
    found = combine_arms(beta, error, correlation)
    inverse = np.linalg.inv(correlation * np.outer(error, error))

    def form(at: float) -> float:
        return float((beta - at)[0] @ inverse @ (beta - at)[0])

    at, step = float(found.beta[0]), 0.01
    assert form(at) <= min(form(at - step), form(at + step))
    assert form(at) == pytest.approx(found.agreement_statistic[0], abs=1e-8)
    assert form(at + step) - form(at) == pytest.approx(
        step**2 / found.standard_error[0] ** 2, rel=1e-4
    )
    swapped = combine_arms(beta[:, ::-1], error[:, ::-1], correlation)
    negated = combine_arms(-beta, error, correlation)
    assert swapped.beta[0] == pytest.approx(at, abs=1e-9)
    assert negated.z[0] == pytest.approx(-found.z[0], abs=1e-9)


def test_an_arm_without_estimate_gives_none() -> None:
    found = combine_arms(np.array([[1.0, np.nan]]), np.array([[0.5, np.nan]]), np.eye(2))
    assert np.isnan([found.beta[0], found.p_value[0], found.agreement_p_value[0]]).all()


def test_one_arm_is_itself() -> None:
    found = combine_arms(np.array([[1.2]]), np.array([[0.4]]), np.eye(1))
    assert (found.beta[0], found.standard_error[0]) == pytest.approx((1.2, 0.4))
    assert np.isnan(found.agreement_p_value[0])


TWO, NO = np.array([22, 22]), np.zeros((2, 2), dtype=np.int64)


@pytest.mark.parametrize(
    ("n_control", "shared", "message"),
    [
        (CONTROLS[:1], NO, r"n_case has shape \(2,\), n_control \(1,\), the shared ones \(2, 2\)"),
        (0 * CONTROLS, NO, r"have \[22, 22\] cases and \[0, 0\] controls: expected at least 1"),
        (CONTROLS, NO + 23, r"shared by comparisons of \[22, 22\]: expected none below 0 nor"),
    ],
)
def test_sizes_that_cannot_be_are_refused(
    n_control: NDArray[np.int64], shared: NDArray[np.int64], message: str
) -> None:
    with pytest.raises(InputDataError, match=message):
        shared_sample_correlation(TWO, n_control, n_shared_case=shared, n_shared_control=NO)


def test_arms_that_cannot_be_combined_are_refused() -> None:
    one = np.ones((1, 2))
    with pytest.raises(
        InputDataError, match=r"beta has shape \(1, 2\), standard_error \(1, 2\) and"
    ):
        combine_arms(one, one, np.eye(3))
    with pytest.raises(InputDataError, match="the smallest eigenvalue of a correlation matrix is"):
        combine_arms(one, one, np.array([[1.0, 1.2], [1.2, 1.0]]))
