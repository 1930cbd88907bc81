"""Parametric, interval-censored and mixed models against R's survival, lme4 and nlme."""

import numpy as np
import pandas as pd
import pytest

from alsrev_dagster.survival.aft import Distribution, aft_fit
from alsrev_dagster.survival.interval_regression import interval_regression
from alsrev_dagster.survival.intervals import intervals
from alsrev_dagster.survival.mixed_model import Method, MixedFit, mixed_model
from alsrev_dagster.survival.turnbull import turnbull_curve
from tests.published.r_peer import Floats, Told, ask_r, made, shipped

pytestmark = pytest.mark.peer

SHIPPED = ("lung", "rossi", "gbsg2", "macs", "bmtcrr")
EVENTS = {
    "three": made(11, 265, 3),
    "many": made(13, 265, 22),
    "small": made(14, 40, 4),
} | {name: frame for name, frame in shipped().items() if name in SHIPPED}
LAW: dict[Distribution, str] = {
    "weibull": "weibull",
    "log_normal": "lognormal",
    "log_logistic": "loglogistic",
}
every_events = pytest.mark.parametrize("name", EVENTS)
every_law = pytest.mark.parametrize("law", LAW)


def scores(seed: int, n: int, n_carrier: int, slope_sd: float) -> pd.DataFrame:
    """Visits at random days, one to eight of each person; totals piled up at 0 and 48."""
    rng = np.random.default_rng(seed)
    person = np.repeat(np.arange(n), rng.integers(1, 9, n))
    months = np.sort(rng.integers(0, 1500, len(person))) / 30.4375
    months = months[np.argsort(rng.random(len(person)))]
    x, z = (person < n_carrier).astype(float), rng.normal(size=n).round(2)[person]
    level, slope = rng.normal(size=n) * 6, rng.normal(size=n) * slope_sd
    score = 40 - 0.6 * months + 0.3 * x * months + level[person] + slope[person] * months
    score = (score + rng.normal(size=len(person)) * 2.5).clip(0, 48).round()
    return pd.DataFrame({"person": person, "months": months, "x": x, "z": z, "score": score})


COURSES = {
    "common": scores(1, 265, 22, 0.3),
    "rare": scores(2, 265, 3, 0.3),
    "few": scores(3, 25, 3, 0.3),
    "alike": scores(4, 60, 5, 0.05),
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = tmp_path_factory.mktemp("r")
    packages = ["survival", "lmerTest", "nlme"]
    return ask_r("r_peer_models.R", packages, {**EVENTS, **COURSES}, folder)


def close(found: object, expected: Floats, tolerance: float) -> None:
    np.testing.assert_allclose(np.asarray(found), expected, rtol=tolerance, atol=tolerance)


def followed(name: str) -> pd.DataFrame:
    d = EVENTS[name]
    months = {"entry_months": d["entry"], "duration_months": d["exit"]}
    return d[["x", "z"]].assign(event=d["code"] == 1, **months)


@every_law
@every_events
def test_accelerated_failure_times(told: Told, name: str, law: Distribution) -> None:
    """survreg(Surv(exit, recovered) ~ x + z, dist): all from the origin on."""
    fit = aft_fit(followed(name).assign(entry_months=0.0), ["x", "z"], distribution=law)
    numbers = told[name, f"survreg {LAW[law]}"]
    close([*fit.coefficient, fit.scale], numbers[1:4], 2e-6)
    close(fit.intercept, numbers[0], 2e-6)
    close(fit.standard_error, numbers[5:7], 2e-6)
    close(fit.log_likelihood, numbers[7], 1e-9)


@every_events
def test_weibull_with_late_entry(told: Told, name: str) -> None:
    fit = aft_fit(followed(name), ["x", "z"], distribution="weibull")
    numbers = told[name, "late weibull"]
    assert fit.log_likelihood >= numbers[-1] - 1e-8
    close(fit.log_likelihood, numbers[-1], 1e-7)
    close([*fit.coefficient, fit.scale], numbers[:3], 1e-4)
    close(fit.standard_error, numbers[3:5], 1e-4)


@every_law
@every_events
def test_times_known_to_an_interval(told: Told, name: str, law: Distribution) -> None:
    """survreg(Surv(left, right, type = "interval2") ~ x + z, dist), also with weights."""
    d = EVENTS[name]
    ends = d["left"].to_numpy(), d["right"].to_numpy()
    x, z = d["x"].to_numpy(), d[["z"]].to_numpy()
    fit = interval_regression(intervals(*ends), x, z, distribution=law)
    numbers = told[name, f"interval {LAW[law]}"]
    close([*fit.parameter[:3], 1 / fit.shape], numbers[:4], 2e-6)
    close(np.sqrt(np.diag(fit.covariance))[:3], numbers[4:7], 2e-6)
    close([fit.log_likelihood, fit.p_value], numbers[7:], 1e-8)
    weighted = intervals(*ends, None, d["weight"].to_numpy())
    fit = interval_regression(weighted, x, z, distribution=law)
    numbers = told[name, f"interval weight {LAW[law]}"]
    close([*fit.parameter[:3], 1 / fit.shape], numbers[:4], 2e-6)
    close(fit.log_likelihood, numbers[4], 1e-9)


@every_events
def test_turnbull(told: Told, name: str) -> None:
    """survfit(Surv(left, right, type = "interval2") ~ 1): its search stops at 5e-5 a step."""
    d = EVENTS[name]
    curve = turnbull_curve(intervals(d["left"].to_numpy(), d["right"].to_numpy()))
    assert curve.fit_status == "ok"
    assert curve.gap < 1e-9
    time, free = told[name, "turnbull time"], told[name, "turnbull free"]
    least, most = curve.event_free_bounds(time)
    apart = np.maximum(free - most, least - free)
    assert np.median(apart) < 2e-3
    assert apart.max() < 0.03


def fitted(name: str, random: str, method: Method) -> MixedFit:
    d = COURSES[name]
    months, x = d["months"].to_numpy(), d["x"].to_numpy()
    fixed = np.column_stack([np.ones(len(d)), months, x, d["z"], months * x])
    effects = fixed[:, :2] if random == "slope" else fixed[:, :1]
    return mixed_model(d["score"].to_numpy(), fixed, effects, d["person"].to_numpy(), method=method)


@pytest.mark.parametrize("random", ["slope", "level"])
@pytest.mark.parametrize("name", COURSES)
def test_satterthwaites_degrees_of_freedom(told: Told, name: str, random: str) -> None:
    """summary(lmerTest::lmer(score ~ months * x + z + (months | person)))."""
    fit = fitted(name, random, "reml")
    np.testing.assert_allclose(
        fit.degrees_of_freedom, told[name, f"satterthwaite {random}"], rtol=1e-4
    )


@pytest.mark.parametrize("method", ["reml", "ml"])
@pytest.mark.parametrize("random", ["slope", "level"])
@pytest.mark.parametrize("program", ["lmer", "lme"])
@pytest.mark.parametrize("name", COURSES)
def test_mixed_model(told: Told, name: str, program: str, random: str, method: Method) -> None:
    """lmer(score ~ months * x + z + (months | person)); neither search ends higher than ours."""
    numbers = told.get((name, f"{program} {random} {method}"))
    if numbers is None:  # nlme's search gave up
        assert program == "lme"
        return
    fit = fitted(name, random, method)
    close(fit.log_likelihood, numbers[-1:], 1e-9)
    assert fit.log_likelihood > numbers[-1] - 1e-7
    close(fit.coefficient, numbers[:5], 5e-5)
    close(fit.standard_error, numbers[5:10], 5e-5)
    close([*fit.random_covariance.ravel(), fit.residual_sd], numbers[10:-1], 1e-3)
