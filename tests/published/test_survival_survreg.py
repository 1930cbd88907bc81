"""Accelerated failure time on lung, against survreg of R's survival (tests/*.Rout.save, 3.8)."""

import numpy as np
import pytest
from lifelines.datasets import load_lung

from alsrev_dagster.survival.aft import AftModel, aft_fit


def fit(*names: str) -> AftModel:
    frame = load_lung().dropna(subset=[*names])
    frame = frame.assign(
        entry_months=0.0, duration_months=frame["time"], event=frame["status"] == 1
    )
    return aft_fit(frame, names, distribution="weibull")


def test_weibull_of_lung_with_three_covariates() -> None:
    """survreg(Surv(time, status) ~ sex + age + ph.ecog, lung)."""
    model = fit("sex", "age", "ph.ecog")
    assert (model.n, model.fit_status) == (227, "ok")
    assert model.intercept == pytest.approx(6.273435252, abs=1e-5)
    expected = [0.401090541, -0.007475439, -0.339638098]
    np.testing.assert_allclose(model.coefficient, expected, atol=1e-6)
    assert model.scale == pytest.approx(0.731109, abs=1e-6)
    assert model.log_likelihood == pytest.approx(-1132.4, abs=0.05)
    assert model.aic == pytest.approx(2 * 1132.4387 + 2 * 5, abs=1e-3)


def test_weibull_of_lung_with_age() -> None:
    """survreg(Surv(time, status) ~ age, lung)."""
    model = fit("age")
    assert model.intercept == pytest.approx(6.88712062, abs=1e-5)
    assert model.coefficient[0] == pytest.approx(-0.01360829, abs=1e-6)
    assert model.scale == pytest.approx(0.7587515, abs=1e-6)
