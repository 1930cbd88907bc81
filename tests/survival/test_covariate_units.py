"""Unit and zero of a covariate, a calendar year say, change no answer about the carriers."""

import numpy as np
import pytest
from scipy.special import expit

from alsrev_dagster.survival.interval_regression import interval_regression
from alsrev_dagster.survival.intervals import intervals
from alsrev_dagster.survival.mixture_cure import mixture_cure

INF = np.inf


@pytest.mark.parametrize("is_penalised", [False, True])
@pytest.mark.parametrize(("shift", "unit"), [(1990.0, 1.0), (0.0, 1e6), (0.0, 1e-6)])
def test_interval_regression_does_not_mind_unit_and_zero(
    shift: float, unit: float, is_penalised: bool
) -> None:
    """A calendar year, or a count of milligrams, beside the carriers."""
    rng = np.random.default_rng(5)
    carrier, age = np.arange(120) % 6 == 0, rng.normal(size=120)
    time = rng.weibull(1.5, 120) * np.exp(3 + 0.4 * age - 0.5 * carrier)
    left = np.floor(time / 3) * 3
    seen = intervals(left + 1e-3, np.where(left < 30, left + 3, INF))
    plain = interval_regression(
        seen, carrier, age[:, None], distribution="weibull", is_penalised=is_penalised
    )
    moved = interval_regression(
        seen,
        carrier,
        age[:, None] * unit + shift,
        distribution="weibull",
        is_penalised=is_penalised,
    )
    assert plain.fit_status == moved.fit_status == "ok"
    assert moved.coefficient == pytest.approx(plain.coefficient, abs=1e-7)
    assert moved.standard_error == pytest.approx(plain.standard_error, rel=1e-6)
    assert moved.p_value == pytest.approx(plain.p_value, rel=1e-6)
    slope = plain.parameter[2] / unit
    expected = [plain.parameter[0] - slope * shift, plain.parameter[1], slope, plain.parameter[3]]
    np.testing.assert_allclose(moved.parameter, expected, rtol=1e-6)
    error = np.sqrt(np.diag(moved.covariance))[1:3]
    np.testing.assert_allclose(
        error, np.sqrt(np.diag(plain.covariance))[1:3] / [1, unit], rtol=1e-5
    )


@pytest.mark.parametrize(("shift", "unit"), [(60.0, 12.0), (1990.0, 1.0), (0.0, 1e6)])
def test_mixture_does_not_mind_unit_and_zero(shift: float, unit: float) -> None:
    rng = np.random.default_rng(3)
    carrier, age = np.arange(150) % 5 == 0, rng.normal(size=150)
    is_ever = rng.random(150) < 1 / (1 + np.exp(0.5 - age - carrier))
    time = np.where(is_ever, rng.weibull(1.6, 150) * 10, INF)
    left = np.where(time < 60, np.floor(time / 3) * 3 + 1e-3, 60.0)
    seen = intervals(left, np.where(time < 60, left + 3, INF))
    plain = mixture_cure(seen, carrier, age[:, None])
    moved = mixture_cure(seen, carrier, age[:, None] * unit + shift)
    assert plain.fit_status == moved.fit_status == "ok"
    assert moved.odds_ratio == pytest.approx(plain.odds_ratio, rel=1e-6)
    assert moved.odds_ratio_p_value == pytest.approx(plain.odds_ratio_p_value, rel=1e-5)
    slope = plain.parameter[5] / unit
    assert moved.parameter[5] == pytest.approx(slope, rel=1e-6)
    at_zero = plain.parameter[3] - slope * shift
    assert moved.parameter[3] == pytest.approx(at_zero, rel=1e-6)
    assert moved.recover_probability == pytest.approx(expit(at_zero), rel=1e-4)
    assert np.sqrt(moved.covariance[5, 5]) * unit == pytest.approx(
        np.sqrt(plain.covariance[5, 5]), rel=1e-5
    )
