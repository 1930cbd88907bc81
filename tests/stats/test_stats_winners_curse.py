"""Winner's curse: numerical integration, a climb, coverage by simulation, symmetries."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import minimize_scalar
from scipy.stats import norm

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.winners_curse import conditional_estimate

GENOME_WIDE = float(norm.isf(2.5e-8))


def likelihood(mu: float, z: float, c: float) -> float:
    return float(norm.pdf(z - mu) / (norm.cdf(mu - c) + norm.cdf(-mu - c)))


@pytest.mark.parametrize("c", [1.0, 2.5758, GENOME_WIDE])
@pytest.mark.parametrize("above", [0.0, 0.05, 0.5, 1.5, 4.0])
def test_mean_and_mode_are_those_of_integration_and_a_climb(c: float, above: float) -> None:
    z = c + above
    found = conditional_estimate(np.array([z]), np.array([0.5]), c)
    points = [0.0, z, c]
    top = quad(lambda mu: mu * likelihood(mu, z, c), -12, z + 12, points=points, limit=500)[0]
    whole = quad(lambda mu: likelihood(mu, z, c), -12, z + 12, points=points, limit=500)[0]
    assert found.beta_mean[0] == pytest.approx(0.5 * top / whole, abs=1e-7)
    starts = np.linspace(0, z, 40)
    best = max(starts, key=lambda mu: likelihood(mu, z, c))
    climb = minimize_scalar(
        lambda mu: -np.log(likelihood(mu, z, c)),
        bounds=(max(best - 0.3, 0), min(best + 0.3, z)),
        method="bounded",
        options={"xatol": 1e-10},
    )
    assert found.beta_mode[0] == pytest.approx(0.5 * climb.x, abs=1e-5)
    assert found.beta[0] == pytest.approx((found.beta_mode[0] + found.beta_mean[0]) / 2)


@given(
    st.lists(st.floats(-15, 15), min_size=1, max_size=5),
    st.floats(0.2, 6),
    st.floats(0.05, 3),
)
@settings(max_examples=60, deadline=None)
def test_estimates_shrink_keep_their_sign_and_are_symmetric(
    z: list[float], c: float, error: float
) -> None:
    at, errors = np.array(z), np.full(len(z), error)
    found, other = conditional_estimate(at, errors, c), conditional_estimate(-at, errors, c)
    passed = np.abs(at) >= c
    for estimate in (found.beta_mode, found.beta_mean, found.beta):
        np.testing.assert_array_equal(np.isnan(estimate), ~passed)
        assert (np.abs(estimate) <= np.abs(at * errors) + 1e-9)[passed].all()
        assert (estimate * at >= 0)[passed].all()
    np.testing.assert_allclose(other.beta, -found.beta)
    np.testing.assert_allclose(other.ci_lower, -found.ci_upper)
    assert (found.ci_lower < found.ci_upper)[passed].all()


def test_far_above_the_threshold_nothing_changes() -> None:
    z, error = np.array([12.0, -20.0, 60.0]), np.array([0.5, 0.1, 0.02])
    found = conditional_estimate(z, error, 2.0)
    np.testing.assert_allclose(found.beta, z * error, rtol=1e-7)
    np.testing.assert_allclose(found.ci_upper, (z + 1.959964) * error, rtol=1e-6)
    np.testing.assert_allclose(found.ci_lower, (z - 1.959964) * error, rtol=1e-6)


def test_estimates_rise_with_z() -> None:
    z = np.linspace(GENOME_WIDE, 12, 400)
    found = conditional_estimate(z, np.ones(400), GENOME_WIDE)
    for estimate in (found.beta_mode, found.beta_mean, found.ci_lower, found.ci_upper):
        assert (np.diff(estimate) > 0).all()


@pytest.mark.parametrize("mean", [0.5, 2.0, 4.0])
def test_the_interval_covers_and_a_weak_effect_is_less_biased_among_those_that_passed(
    mean: float,
) -> None:
    rng = np.random.default_rng(1)
    z = rng.normal(mean, 1, size=60_000)
    z = z[np.abs(z) >= 2.5758][:4000]
    found = conditional_estimate(z, np.ones(len(z)), 2.5758)
    covers = ((found.ci_lower <= mean) & (found.ci_upper >= mean)).mean()
    assert covers == pytest.approx(0.95, abs=4 * np.sqrt(0.95 * 0.05 / len(z)))
    if mean < 2.5758:
        assert abs(found.beta.mean() - mean) < abs(z.mean() - mean)
    else:  # as the docstring warns
        assert found.beta.mean() < mean < z.mean()


@pytest.mark.parametrize(
    ("n", "c", "message"),
    [
        (2, 5.0, r"z has shape \(1,\), standard_error \(2,\) and z_threshold is 5.0: expected"),
        (1, 0.0, r"z_threshold is 0.0: expected \(n,\) twice and a threshold above 0"),
    ],
)
def test_what_cannot_be_corrected_is_refused(n: int, c: float, message: str) -> None:
    with pytest.raises(InputDataError, match=message):
        conditional_estimate(np.ones(1), np.ones(n), c)
