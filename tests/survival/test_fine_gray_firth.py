"""Firth's penalty: Firth's Cox model without competing events, and the penalty written out."""

import numpy as np
import pytest
from firthmodels import FirthCoxPH
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import chi2

from alsrev_dagster.survival.fine_gray import fine_gray
from alsrev_dagster.survival.fine_gray_firth import fine_gray_firth
from alsrev_dagster.survival.risk import FloatArray, IntArray
from alsrev_dagster.survival.subdistribution import subdistribution_weights
from tests.survival.grouped import random_people


def few_events(seed: int, n: int = 60) -> tuple[FloatArray, IntArray, FloatArray]:
    """Three carriers among ``n``, about eight events of the cause, ties."""
    rng = np.random.default_rng(seed)
    duration = np.ceil(rng.exponential(10, n))
    code = rng.choice([0, 1, 2], n, p=[0.5, 0.15, 0.35])
    return duration, code, (np.arange(n) < 3).astype(float)[:, None]


@pytest.mark.parametrize("seed", range(3))
def test_without_competing_events_it_is_firths_cox_model(seed: int) -> None:
    """Against firthmodels (Breslow's ties), two covariates, with profile interval and P value."""
    duration, code, _, _, _ = random_people(seed, n=50, late=False)
    rng = np.random.default_rng(seed)
    x = np.column_stack([rng.random(50) < 0.3, rng.normal(size=50)]).astype(float)
    event = code == 1
    fit = fine_gray_firth(duration, event.astype(int), x, ties="breslow")
    theirs = FirthCoxPH(backend="numpy", gtol=1e-8, xtol=1e-8, max_iter=200).fit(
        x, (event, duration)
    )
    theirs.lrt()
    interval = theirs.conf_int(method="pl")
    np.testing.assert_allclose(fit.coefficient, theirs.coef_, atol=1e-7)
    np.testing.assert_allclose(fit.p_value, theirs.lrt_pvalues_, rtol=1e-5)
    np.testing.assert_allclose(np.log(fit.ci_lower), interval[:, 0], atol=1e-4)
    np.testing.assert_allclose(np.log(fit.ci_upper), interval[:, 1], atol=1e-4)
    assert fit.penalised_log_likelihood == pytest.approx(theirs.loglik_, abs=1e-7)


@pytest.mark.parametrize("seed", range(3))
def test_estimate_interval_and_p_value_are_those_of_the_penalty_written_out(seed: int) -> None:
    duration, code, x = few_events(seed)
    fit = fine_gray_firth(duration, code, x, ties="breslow")
    weights = subdistribution_weights(duration, code)
    d = np.array([((duration == t) & (code == 1)).sum() for t in weights.time_months])
    carrier, other = weights.weight @ x[:, 0], weights.weight @ (1 - x[:, 0])

    def height(beta: float) -> float:
        share = carrier * np.exp(beta) / (carrier * np.exp(beta) + other)
        log_sum = d @ np.log(carrier * np.exp(beta) + other)
        seen = beta * x[code == 1, 0].sum() - log_sum
        return float(seen + np.log(d @ (share * (1 - share))) / 2)

    best = minimize_scalar(lambda b: -height(b), bracket=(-1, 1), tol=1e-12)
    assert fit.coefficient[0] == pytest.approx(best.x, abs=1e-6)
    assert fit.penalised_log_likelihood == pytest.approx(-best.fun, abs=1e-9)
    assert fit.p_value[0] == pytest.approx(chi2.sf(2 * (-best.fun - height(0.0)), 1), abs=1e-8)
    cut = chi2.ppf(0.95, 1) / 2
    lower = brentq(lambda b: -best.fun - height(b) - cut, best.x - 15, best.x)
    upper = brentq(lambda b: -best.fun - height(b) - cut, best.x, best.x + 15)
    assert np.log(fit.ci_lower[0]) == pytest.approx(lower, abs=1e-6)
    assert np.log(fit.ci_upper[0]) == pytest.approx(upper, abs=1e-6)


def test_separated_data_have_a_finite_estimate() -> None:
    """All three carriers have the event before anyone else does."""
    duration = np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    code = np.array([1, 1, 1, 2, 0, 0, 0, 0, 0, 0])
    x = (duration <= 3).astype(float)[:, None]
    assert fine_gray(duration, code, x).fit_status == "separated"
    fit = fine_gray_firth(duration, code, x)
    assert fit.fit_status == "ok"
    assert 1 < fit.coefficient[0] < 6
    assert 1 < fit.ci_lower[0] < fit.hazard_ratio[0] < fit.ci_upper[0]
    assert fit.p_value[0] < 0.01


def test_carriers_without_the_event_have_a_finite_estimate_below_one() -> None:
    duration, code, x = few_events(5)
    code[:3] = [0, 2, 0]
    fit = fine_gray_firth(duration, code, x)
    assert fine_gray(duration, code, x).fit_status == "separated"
    assert fit.ci_lower[0] < fit.hazard_ratio[0] < fit.ci_upper[0]
    assert fit.p_value[0] > 0.05


@pytest.mark.parametrize("seed", range(2))
def test_with_many_events_the_penalty_hardly_matters(seed: int) -> None:
    duration, code, group, entry, stratum = random_people(seed, n=600)
    x = group[:, None].astype(float)
    options = {"entry_months": entry, "stratum": stratum}
    plain = fine_gray(duration, code, x, **options)  # type: ignore[arg-type]
    firth = fine_gray_firth(duration, code, x, **options)  # type: ignore[arg-type]
    assert firth.coefficient[0] == pytest.approx(plain.coefficient[0], abs=5e-3)
    assert firth.p_value[0] == pytest.approx(plain.wald("model").p_value[0], abs=0.01)
    assert firth.standard_error_robust[0] == pytest.approx(
        plain.wald("robust").standard_error[0], rel=0.01
    )


@pytest.mark.parametrize(
    ("code", "status"), [([2, 0, 2, 0], "no_events"), ([0, 0, 0, 1], "monomorphic")]
)
def test_fit_status_names_what_is_wrong(code: list[int], status: str) -> None:
    x = np.array([1.0, 0, 1, 0])[:, None]
    fit = fine_gray_firth(np.arange(1.0, 5), np.array(code), x)
    assert fit.fit_status == status
    assert np.isnan(fit.coefficient).all()
    assert np.isnan(fit.p_value).all()
