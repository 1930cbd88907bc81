"""Accelerated failure time with delayed entry, against its likelihood written out."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.stats import fisk, lognorm, weibull_min

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.aft import Distribution, aft_fit
from tests.survival.cox_by_hand import cohort


def of_time(distribution: Distribution, location: np.ndarray, scale: float) -> object:
    """Scipy's distribution of exp(location + scale e)."""
    if distribution == "weibull":
        return weibull_min(1 / scale, scale=np.exp(location))
    if distribution == "log_normal":
        return lognorm(scale, scale=np.exp(location))
    return fisk(1 / scale, scale=np.exp(location))


def stretched(seed: int, distribution: Distribution, n: int = 300) -> pd.DataFrame:
    """Carriers live 1.8 times as long; entry is delayed, and half are censored late."""
    rng = np.random.default_rng(seed)
    carrier = rng.random(n) < 0.3
    location = np.log(20) + np.log(1.8) * carrier
    until = of_time(distribution, location, 0.7).rvs(random_state=rng)  # type: ignore[attr-defined]
    entry, end = rng.uniform(0, 10, n), rng.uniform(15, 60, n)
    frame = pd.DataFrame(
        {
            "entry_months": entry,
            "duration_months": np.minimum(until, end),
            "event": until <= end,
            "carrier": carrier,
            "age": rng.normal(60, 10, n),
        }
    )
    return frame[frame["duration_months"] > frame["entry_months"]]


@pytest.mark.parametrize("distribution", ["weibull", "log_normal", "log_logistic"])
def test_fit_is_the_maximum_of_the_likelihood_written_out(distribution: Distribution) -> None:
    frame = stretched(1, distribution)
    fit = aft_fit(frame, ["carrier", "age"], distribution=distribution)
    x = frame[["carrier", "age"]].to_numpy(float)
    until, entry = frame["duration_months"].to_numpy(), frame["entry_months"].to_numpy()

    def total(parameter: np.ndarray) -> float:
        location = parameter[0] + x @ parameter[1:3]
        time = of_time(distribution, location, float(np.exp(parameter[3])))
        each = np.where(frame["event"], time.logpdf(until), time.logsf(until))  # type: ignore[attr-defined]
        return float((each - time.logsf(entry)).sum())  # type: ignore[attr-defined]

    ours = np.array([fit.intercept, *fit.coefficient, np.log(fit.scale)])
    assert fit.fit_status == "ok"
    assert total(ours) == pytest.approx(fit.log_likelihood, abs=1e-6)
    best = minimize(
        lambda p: -total(p), ours, method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-9}
    )
    assert -best.fun - fit.log_likelihood < 1e-6
    step, number = 1e-3, np.eye(4) * 1e-3
    hessian = [
        [
            (total(ours + a + b) - total(ours + a - b) - total(ours - a + b) + total(ours - a - b))
            / (4 * step**2)
            for b in number * [1, 1, 0.02, 1]
        ]
        for a in number * [1, 1, 0.02, 1]
    ]
    unit = np.array([1, 1, 0.02, 1])
    covariance = np.linalg.inv(-np.array(hessian) / np.outer(unit, unit))
    np.testing.assert_allclose(fit.standard_error, np.diag(covariance)[1:3] ** 0.5, rtol=2e-3)
    assert fit.aic == pytest.approx(2 * 4 - 2 * fit.log_likelihood)
    assert fit.time_ratio[0] == pytest.approx(1.8, rel=0.35)
    assert fit.ci_lower[0] < 1.8 < fit.ci_upper[0]


def test_to_ignore_entry_makes_time_longer() -> None:
    frame = stretched(2, "weibull")
    right = aft_fit(frame, ["carrier"], distribution="weibull")
    wrong = aft_fit(frame.assign(entry_months=0.0), ["carrier"], distribution="weibull")
    assert wrong.intercept > right.intercept + 0.03


def test_unit_of_time_changes_the_intercept_alone() -> None:
    frame = stretched(3, "log_normal")
    years = frame.assign(
        entry_months=frame["entry_months"] / 12, duration_months=frame["duration_months"] / 12
    )
    one, other = (aft_fit(f, ["carrier"], distribution="log_normal") for f in (frame, years))
    assert one.coefficient[0] == pytest.approx(other.coefficient[0], abs=1e-5)
    assert one.intercept - other.intercept == pytest.approx(np.log(12), abs=1e-5)
    assert one.p_value[0] == pytest.approx(other.p_value[0], rel=1e-3)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"event": False}, "no_events"),
        ({"carrier": True}, "monomorphic"),
        ({"event": lambda f: f["event"] & ~f["carrier"]}, "separated"),
    ],
)
def test_status_says_why_there_is_no_estimate(change: dict[str, object], status: str) -> None:
    fit = aft_fit(cohort(1).assign(**change), ["carrier"], distribution="weibull")
    assert fit.fit_status == status
    assert np.isnan([fit.time_ratio[0], fit.p_value[0], fit.aic]).all()


def test_entry_before_the_origin_is_refused() -> None:
    frame = cohort(1).assign(entry_months=-1.0)
    with pytest.raises(InputDataError, match=r"60 of 60 participants enter before month 0: expect"):
        aft_fit(frame, ["carrier"], distribution="weibull")
