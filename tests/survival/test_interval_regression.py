"""Interval-censored regression: apart from it by scipy, by lifelines, by symmetries, on truth."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import LogLogisticAFTFitter, LogNormalAFTFitter, WeibullAFTFitter
from scipy import stats
from scipy.optimize import minimize
from scipy.stats import binom

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.interval_regression import IntervalFit, interval_regression
from alsrev_dagster.survival.intervals import Intervals, intervals
from alsrev_dagster.survival.location_scale import Distribution
from tests.survival.interval_cohort import Cohort, Truth, cohort

INF = np.inf
DISTRIBUTIONS: tuple[Distribution, ...] = ("weibull", "log_logistic", "log_normal")
LAW = {"weibull": stats.weibull_min, "log_logistic": stats.fisk, "log_normal": stats.lognorm}
LIFELINES = {
    "weibull": (WeibullAFTFitter, "lambda_", "rho_"),
    "log_logistic": (LogLogisticAFTFitter, "alpha_", "beta_"),
    "log_normal": (LogNormalAFTFitter, "mu_", "sigma_"),
}


def survival(distribution: Distribution, time: np.ndarray, parameter: np.ndarray, x: np.ndarray):
    """Survival by scipy's own distribution, with scale exp(b0 + b1 x)."""
    sigma, scale = np.exp(parameter[2]), np.exp(parameter[0] + parameter[1] * x)
    shape = sigma if distribution == "log_normal" else 1 / sigma
    return LAW[distribution].sf(time, shape, scale=scale), shape, scale


def log_likelihood(
    distribution: Distribution, seen: Intervals, x: np.ndarray, parameter: np.ndarray
) -> float:
    """Log likelihood written out anew."""
    left, shape, scale = survival(distribution, seen.left, parameter, x)
    right = survival(distribution, seen.right, parameter, x)[0]
    entry = survival(distribution, np.maximum(seen.entry, 0), parameter, x)[0]
    exact = LAW[distribution].logpdf(seen.left, shape, scale=scale)
    with np.errstate(divide="ignore", invalid="ignore"):
        each = np.where(seen.left == seen.right, exact, np.log(left - right)) - np.log(entry)
    return float((seen.weight * each).sum())


def some(seed: int, **truth: float) -> Cohort:
    return cohort(Truth(**{"n": 150, "time_ratio": 0.6, **truth}), seed)


def with_exact(seen: Intervals) -> Intervals:
    """Make every fifth event exact: at its right end."""
    is_exact = seen.has_event & (np.arange(len(seen.left)) % 5 == 0)
    return intervals(np.where(is_exact, seen.right, seen.left), seen.right, seen.entry)


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_it_is_the_maximum_of_a_likelihood_written_anew(distribution: Distribution) -> None:
    made = some(3)
    seen, x = with_exact(made.seen), made.carrier.astype(float)
    fit = interval_regression(seen, x, distribution=distribution)
    found = log_likelihood(distribution, seen, x, fit.parameter)
    assert found == pytest.approx(fit.log_likelihood, abs=1e-9)
    best = minimize(
        lambda p: -log_likelihood(distribution, seen, x, p),
        fit.parameter + 0.1,
        method="Nelder-Mead",
        options={"xatol": 1e-8, "fatol": 1e-10, "maxiter": 4000},
    )
    assert fit.parameter == pytest.approx(best.x, abs=1e-5)
    assert -best.fun <= fit.log_likelihood + 1e-9


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_ends_of_the_interval_are_where_the_profile_has_fallen(distribution: Distribution) -> None:
    made = some(4)
    seen, x = made.seen, made.carrier.astype(float)
    fit = interval_regression(seen, x, distribution=distribution)
    for end in (fit.ci_lower, fit.ci_upper):
        best = minimize(
            lambda p, at: -log_likelihood(distribution, seen, x, np.array([p[0], at, p[1]])),
            fit.parameter[[0, 2]],
            args=(np.log(end),),
            method="Nelder-Mead",
            options={"xatol": 1e-8, "fatol": 1e-11},
        )
        assert 2 * (fit.log_likelihood + best.fun) == pytest.approx(3.841459, abs=1e-5)


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_lifelines_finds_the_same(distribution: Distribution) -> None:
    made = some(5, n=300)
    frame = pd.DataFrame(
        {
            "left": made.seen.left,
            "right": made.seen.right,
            "entry": made.seen.entry.clip(min=0),
            "carrier": made.carrier.astype(float),
        }
    )
    fitter, location, scale = LIFELINES[distribution]
    fitted = fitter().fit_interval_censoring(
        frame, lower_bound_col="left", upper_bound_col="right", entry_col="entry"
    )
    fit = interval_regression(made.seen, made.carrier, distribution=distribution)
    sign = 1 if distribution == "log_normal" else -1
    theirs = fitted.params_
    assert fit.coefficient == pytest.approx(theirs[location, "carrier"], abs=2e-3)
    assert sign * fit.parameter[-1] == pytest.approx(theirs[scale, "Intercept"], abs=2e-3)
    assert fit.log_likelihood == pytest.approx(fitted.log_likelihood_, abs=1e-4)
    assert fit.log_likelihood >= fitted.log_likelihood_ - 1e-9
    error = fitted.standard_errors_[location, "carrier"]
    assert fit.standard_error == pytest.approx(error, rel=5e-3)


@given(seed=st.integers(0, 10_000), distribution=st.sampled_from(DISTRIBUTIONS))
@settings(max_examples=15, deadline=None)
def test_order_unit_and_label_change_nothing(seed: int, distribution: Distribution) -> None:
    made = some(seed, n=80)
    seen, x = made.seen, made.carrier
    fit = interval_regression(seen, x, distribution=distribution)
    order = np.random.default_rng(seed).permutation(len(x))
    moved = intervals(seen.left[order] * 30, seen.right[order] * 30, seen.entry[order] * 30)
    other = interval_regression(moved, x[order], distribution=distribution)
    swapped = interval_regression(seen, ~x, distribution=distribution)
    assert other.fit_status == swapped.fit_status == fit.fit_status
    if fit.fit_status == "ok":
        assert other.coefficient == pytest.approx(fit.coefficient, abs=1e-6)
        assert other.ci_lower == pytest.approx(fit.ci_lower, rel=1e-5)
        assert other.parameter[0] == pytest.approx(fit.parameter[0] + np.log(30), abs=1e-6)
        assert swapped.coefficient == pytest.approx(-fit.coefficient, abs=1e-6)
        assert swapped.p_value == pytest.approx(fit.p_value, abs=1e-7)
        assert swapped.ci_lower == pytest.approx(1 / fit.ci_upper, rel=1e-5)


def test_a_weight_is_so_many_people_and_a_useless_covariate_changes_little() -> None:
    made = some(6)
    seen, x = made.seen, made.carrier
    twice = np.repeat(np.arange(len(x)), 2)
    repeated = intervals(seen.left[twice], seen.right[twice], seen.entry[twice])
    weighted = intervals(seen.left, seen.right, seen.entry, np.full(len(x), 2.0))
    one = interval_regression(weighted, x, distribution="weibull")
    other = interval_regression(repeated, x[twice], distribution="weibull")
    assert one.parameter == pytest.approx(other.parameter, abs=1e-7)
    assert one.log_likelihood == pytest.approx(other.log_likelihood)
    extra = np.random.default_rng(1).normal(size=(len(x), 1))
    adjusted = interval_regression(seen, x, extra, distribution="weibull")
    plain = interval_regression(seen, x, distribution="weibull")
    assert plain.log_likelihood < adjusted.log_likelihood < plain.log_likelihood + 5
    assert len(adjusted.parameter) == 4


def few() -> tuple[Intervals, np.ndarray]:
    left = np.array([2.0, 3, 5, 8, 9, 4, 6, 10, 7, 3])
    right = np.array([4.0, 6, 7, 10, 12, INF, INF, INF, INF, INF])
    return intervals(left, right), np.array([0, 0, 0, 0, 0, 0, 0, 1, 1, 1]) == 1


def test_no_carrier_with_the_event_is_separated() -> None:
    seen, carrier = few()
    fit = interval_regression(seen, carrier, distribution="weibull")
    assert (fit.fit_status, fit.n_event, fit.n_event_carrier) == ("separated", 5, 0)
    assert np.isnan(fit.time_ratio)


def test_a_penalty_gives_the_separated_a_finite_estimate() -> None:
    seen, carrier = few()
    fit = interval_regression(seen, carrier, distribution="weibull", is_penalised=True)
    assert (fit.fit_status, fit.is_penalised) == ("separated", True)
    assert 1 < fit.time_ratio < 20
    assert fit.ci_lower < 1 < fit.ci_upper < INF
    assert 0.05 < fit.p_value < 1


def test_penalised_is_the_maximum_of_the_penalised_likelihood_written_anew() -> None:
    """Half the log determinant of sigma^2 times the location's information, by differences."""
    seen, carrier = few()
    x, h = carrier.astype(float), 1e-3

    def penalised(parameter: np.ndarray) -> float:
        def value(a: float, b: float) -> float:
            return log_likelihood("weibull", seen, x, parameter + np.array([a, b, 0]))

        aa = (value(h, 0) - 2 * value(0, 0) + value(-h, 0)) / h**2
        bb = (value(0, h) - 2 * value(0, 0) + value(0, -h)) / h**2
        ab = (value(h, h) - value(h, -h) - value(-h, h) + value(-h, -h)) / (4 * h**2)
        return value(0, 0) + 0.5 * np.log(aa * bb - ab**2) + 2 * parameter[2]

    fit = interval_regression(seen, carrier, distribution="weibull", is_penalised=True)
    best = minimize(
        lambda p: -penalised(p), fit.parameter, method="Nelder-Mead", options={"xatol": 1e-7}
    )
    assert fit.parameter == pytest.approx(best.x, abs=2e-4)


def test_carriers_always_recovered_before_they_were_seen_are_separated() -> None:
    left = np.array([2.0, 3, 5, 8, 4, 1, 1])
    right = np.array([4.0, 6, 7, 10, INF, 3, 4])
    entry = np.array([0.0, 0, 1, 1, 0, 1, 1])
    carrier = np.arange(7) >= 5
    seen = intervals(left, right, entry)
    assert interval_regression(seen, carrier, distribution="weibull").fit_status == "separated"


def test_what_cannot_be_fitted_is_said() -> None:
    seen, carrier = few()
    nobody = intervals(seen.left, np.full(10, INF))
    fit = interval_regression(nobody, carrier, distribution="weibull")
    assert fit.fit_status == "no_events"
    fit = interval_regression(seen, np.ones(10, bool), distribution="weibull")
    assert (fit.fit_status, fit.n_carrier) == ("monomorphic", 10)


def test_events_that_can_all_have_been_at_one_time_give_no_spread() -> None:
    """All of either side may have had it at one moment: sigma goes to 0, and no error exists."""
    left, right = np.array([2.0, 3, 5, 6, 1]), np.array([4.0, 5, 7, 8, INF])
    seen, carrier = intervals(left, right), np.array([0, 0, 1, 1, 0]) == 1
    fit = interval_regression(seen, carrier, distribution="log_normal")
    assert fit.fit_status == "not_converged"
    assert np.isnan(fit.p_value)


def test_shapes_that_differ_and_missing_values_are_refused() -> None:
    seen, carrier = few()
    with pytest.raises(InputDataError, match="10 intervals, 9 values of carrier"):
        interval_regression(seen, carrier[1:], distribution="weibull")
    extra = np.where(np.arange(10) == 3, np.nan, 1.0)[:, None]
    with pytest.raises(InputDataError, match="1 of 10 participants have a carrier status or"):
        interval_regression(seen, carrier, extra, distribution="weibull")


N_STUDY = 200


@pytest.fixture(scope="module")
def with_effect() -> list[IntervalFit]:
    """Carriers 0.6 times as long; delayed entry, visits some 3 months apart, deaths between."""
    truth = Truth(n=130, time_ratio=0.6, death_rate=0.01)
    return [_weibull(cohort(truth, seed)) for seed in range(N_STUDY)]


def _weibull(made: Cohort, *, is_penalised: bool = False) -> IntervalFit:
    return interval_regression(
        made.seen, made.carrier, distribution="weibull", is_penalised=is_penalised
    )


@pytest.mark.long
def test_interval_covers_the_truth_as_often_as_it_says(with_effect: list[IntervalFit]) -> None:
    assert {fit.fit_status for fit in with_effect} == {"ok"}
    n_cover = sum(fit.ci_lower <= 0.6 <= fit.ci_upper for fit in with_effect)
    least, most = binom.interval(0.999, N_STUDY, 0.95)
    assert least <= n_cover <= most


@pytest.mark.long
def test_estimate_is_unbiased(with_effect: list[IntervalFit]) -> None:
    coefficient = np.array([fit.coefficient for fit in with_effect])
    error = coefficient.std(ddof=1) / np.sqrt(N_STUDY)
    assert abs(coefficient.mean() - np.log(0.6)) < 3.3 * error
    spread = np.mean([fit.standard_error for fit in with_effect])
    assert spread == pytest.approx(coefficient.std(ddof=1), rel=0.15)


@pytest.mark.long
def test_null_carrier_is_rejected_as_often_as_it_should() -> None:
    fits = [_weibull(cohort(Truth(n=130), 5_000 + seed)) for seed in range(N_STUDY)]
    least, most = binom.interval(0.999, N_STUDY, 0.05)
    assert least <= sum(fit.p_value < 0.05 for fit in fits) <= most


def test_penalised_null_with_few_events_is_not_rejected_too_often() -> None:
    truth = Truth(n=110, scale=110, carrier_freq=0.15)
    made = [cohort(truth, 7_000 + seed) for seed in range(40)]
    fits = [_weibull(one, is_penalised=True) for one in made]
    assert {fit.fit_status for fit in fits} <= {"ok", "separated"}
    assert sum(fit.p_value < 0.05 for fit in fits) <= binom.ppf(0.999, 40, 0.05)
    n_cover = sum(fit.ci_lower <= 1 <= fit.ci_upper for fit in fits)
    assert n_cover >= binom.ppf(0.001, 40, 0.95)
