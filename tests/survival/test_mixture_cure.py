"""Mixture of those who recover and those who never do: apart from it, at its limits, on truth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import binom, chi2

from alsrev_dagster.survival.intervals import Intervals, intervals
from alsrev_dagster.survival.mixture_cure import MixtureFit, mixture_cure
from alsrev_dagster.survival.sufficient_follow_up import sufficient_follow_up
from tests.survival.interval_cohort import Cohort, Truth, cohort

INF = np.inf
N_STUDY = 200
TRUTH = Truth(
    n=170, recover_probability=0.3, odds_ratio=3, time_ratio=0.7, scale=12, longest=60, shape=1.6
)


def log_likelihood(seen: Intervals, x: np.ndarray, parameter: np.ndarray) -> float:
    """Weibull mixture written out anew: location 2, log sigma, incidence 2."""
    b0, b1, log_sigma, g0, g1 = parameter
    ever = 1 / (1 + np.exp(-(g0 + g1 * x)))

    def free(time: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore"):
            u = (np.log(time) - b0 - b1 * x) / np.exp(log_sigma)
        return np.exp(-np.exp(u))

    left, right = free(seen.left), free(seen.right)
    seen_it = np.log(np.where(seen.has_event, ever * (left - right), 1))
    not_seen = np.log(np.where(seen.has_event, 1, 1 - ever + ever * left))
    entry = np.log(1 - ever + ever * free(np.maximum(seen.entry, 0)))
    return float((seen_it + not_seen - entry).sum())


def penalty(x: np.ndarray, parameter: np.ndarray) -> float:
    ever = 1 / (1 + np.exp(-(parameter[3] + parameter[4] * x)))
    design = np.column_stack([np.ones(len(x)), x])
    return 0.5 * float(np.linalg.slogdet(design.T @ np.diag(ever * (1 - ever)) @ design)[1])


@pytest.mark.parametrize("is_penalised", [False, True])
def test_it_is_the_maximum_of_a_likelihood_written_anew(is_penalised: bool) -> None:
    made = cohort(TRUTH, 11)
    x = made.carrier.astype(float)
    fit = mixture_cure(made.seen, x, is_penalised=is_penalised)

    def value(parameter: np.ndarray) -> float:
        return log_likelihood(made.seen, x, parameter) + is_penalised * penalty(x, parameter)

    found = log_likelihood(made.seen, x, fit.parameter)
    assert found == pytest.approx(fit.log_likelihood, abs=1e-9)
    options = {"xatol": 1e-8, "fatol": 1e-10, "maxiter": 9000, "maxfev": 9000}
    best = minimize(
        lambda p: -value(p), fit.parameter + 0.05, method="Nelder-Mead", options=options
    )
    assert fit.parameter == pytest.approx(best.x, abs=1e-5)
    low = np.log(fit.odds_ratio_interval[0])
    held = minimize(
        lambda p: -value(np.append(p, low)), best.x[:4], method="Nelder-Mead", options=options
    )
    assert 2 * (held.fun - best.fun) == pytest.approx(3.841459, abs=1e-4)


@given(
    recovered=st.tuples(st.integers(0, 12), st.integers(0, 12)).filter(lambda c: sum(c) >= 8),
    never=st.tuples(st.integers(0, 12), st.integers(1, 12)),
)
@settings(max_examples=15, deadline=None)
def test_long_watched_it_is_firths_two_by_two_table(
    recovered: tuple[int, int], never: tuple[int, int]
) -> None:
    """All who recover do so soon, all others are watched for ever: a half is added to each cell."""
    (a, b), (c, d) = recovered, never
    if not a + c or not b + d:
        return
    kind = np.repeat([0, 1, 2, 3], [a, b, c, d])
    has_event, carrier = kind < 2, np.isin(kind, [0, 2])
    month = 1.0 + np.arange(len(kind)) % 7
    seen = intervals(np.where(has_event, month, 1e6), np.where(has_event, month + 0.5, INF))
    fit = mixture_cure(seen, carrier, is_time_by_carrier=False)
    assert fit.odds_ratio == pytest.approx(
        (a + 0.5) * (d + 0.5) / ((b + 0.5) * (c + 0.5)), rel=1e-5
    )
    assert (fit.fit_status == "separated") == (0 in (a, b, c, d))


def test_odds_ratio_swaps_with_the_label_and_time_with_its_unit() -> None:
    made = cohort(TRUTH, 5)
    seen, x = made.seen, made.carrier
    fit = mixture_cure(seen, x)
    swapped = mixture_cure(intervals(seen.left * 30, seen.right * 30, seen.entry * 30), ~x)
    assert swapped.odds_ratio == pytest.approx(1 / fit.odds_ratio, rel=1e-5)
    assert swapped.time_ratio == pytest.approx(1 / fit.time_ratio, rel=1e-5)
    assert swapped.joint_p_value == pytest.approx(fit.joint_p_value, abs=1e-7)
    assert swapped.odds_ratio_interval[1] == pytest.approx(1 / fit.odds_ratio_interval[0], rel=1e-4)


def test_no_carrier_who_recovers_has_an_odds_ratio_but_no_time_ratio() -> None:
    last = np.r_[np.arange(1.0, 13), np.full(48, 40.0)]
    seen = intervals(last, np.where(np.arange(60) < 12, last + 1, INF))
    carrier = np.arange(60) >= 45
    assert mixture_cure(seen, carrier, is_penalised=False).fit_status == "separated"
    assert np.isnan(mixture_cure(seen, carrier, is_penalised=False).odds_ratio)
    fit = mixture_cure(seen, carrier)
    assert (fit.fit_status, fit.n_event_carrier) == ("separated", 0)
    assert fit.odds_ratio == pytest.approx(0.5 * 33.5 / (12.5 * 15.5), rel=1e-3)
    assert 0 < fit.odds_ratio_interval[0] < fit.odds_ratio < fit.odds_ratio_interval[1] < INF
    assert np.isnan(fit.time_ratio)
    assert np.isnan(fit.time_ratio_p_value)


def test_short_follow_up_is_said() -> None:
    rng = np.random.default_rng(2)
    time = rng.exponential(30, 200)
    left = np.floor(np.minimum(time, 10.0))
    right = np.where(time < 10, left + 1, INF)
    keep = (left > 0) | np.isfinite(right)
    fit = mixture_cure(intervals(left[keep], right[keep]), rng.random(int(keep.sum())) < 0.3)
    assert fit.fit_status in ("short_follow_up", "not_identified")
    assert not fit.follow_up.is_sufficient


def test_nothing_to_fit_is_said() -> None:
    never = intervals(np.array([2.0, 3]), np.array([INF, INF]))
    assert mixture_cure(never, np.array([True, False])).fit_status == "no_events"
    seen = intervals(np.array([2.0, 3]), np.array([4.0, INF]))
    assert mixture_cure(seen, np.array([True, True])).fit_status == "monomorphic"


def test_follow_up_is_counted_by_hand() -> None:
    """Events at 2, 5, 8 (right ends), watched to 10: in (6, 8] there is one of 6."""
    seen = intervals(np.array([1.0, 4, 7, 10, 9, 3]), np.array([2.0, 5, 8, INF, INF, INF]))
    found = sufficient_follow_up(seen)
    assert (found.last_event_months, found.last_seen_months, found.n_late_event) == (8, 10, 1)
    assert found.p_value == pytest.approx((5 / 6) ** 6)
    assert not found.is_sufficient


@pytest.fixture(scope="module")
def with_effect() -> list[MixtureFit]:
    """Odds ratio 3, time ratio 0.7; delayed entry, visits some 3 months apart."""
    made: list[Cohort] = [cohort(TRUTH, seed) for seed in range(N_STUDY)]
    return [mixture_cure(one.seen, one.carrier) for one in made]


@pytest.mark.long
def test_both_intervals_cover_the_truth_as_often_as_they_say(with_effect: list[MixtureFit]) -> None:
    fitted = [fit for fit in with_effect if fit.fit_status in ("ok", "short_follow_up")]
    assert len(fitted) >= 0.97 * N_STUDY
    least, most = binom.interval(0.999, len(fitted), 0.95)
    for name, truth in (("odds_ratio_interval", 3.0), ("time_ratio_interval", 0.7)):
        ends = np.array([getattr(fit, name) for fit in fitted])
        n_cover = int(((ends[:, 0] <= truth) & (truth <= ends[:, 1])).sum())
        assert least <= n_cover <= most, name


@pytest.mark.long
def test_estimates_are_not_far_from_the_truth(with_effect: list[MixtureFit]) -> None:
    fitted = [fit for fit in with_effect if fit.fit_status == "ok"]
    for name, truth in (("odds_ratio", 3.0), ("time_ratio", 0.7)):
        found = np.log([getattr(fit, name) for fit in fitted])
        assert np.median(found) == pytest.approx(np.log(truth), abs=0.12), name


@pytest.mark.long
def test_null_carrier_is_rejected_as_often_as_it_should() -> None:
    truth = Truth(n=150, recover_probability=0.3, scale=12, longest=60, shape=1.6)
    made = [cohort(truth, 3_000 + seed) for seed in range(N_STUDY)]
    fits = [mixture_cure(one.seen, one.carrier, is_time_by_carrier=False) for one in made]
    p_value = np.array([fit.odds_ratio_p_value for fit in fits])
    p_value = p_value[np.isfinite(p_value)]
    assert len(p_value) >= 0.97 * N_STUDY
    least, most = binom.interval(0.999, len(p_value), 0.05)
    assert least <= int((p_value < 0.05).sum()) <= most
    joint = np.array([fit.joint_p_value for fit in fits])
    np.testing.assert_array_equal(joint[np.isfinite(joint)], p_value)  # one effect: the same test


def test_joint_test_has_two_degrees_of_freedom() -> None:
    made = cohort(TRUTH, 8)
    fit = mixture_cure(made.seen, made.carrier)
    x = made.carrier.astype(float)

    def cost(p: np.ndarray) -> float:
        whole = np.array([p[0], 0, p[1], p[2], 0])
        return -log_likelihood(made.seen, x, whole) - penalty(x, whole)

    null = minimize(cost, [2.5, -0.4, -1.0], method="Nelder-Mead", options={"fatol": 1e-11})
    full = log_likelihood(made.seen, x, fit.parameter) + penalty(x, fit.parameter)
    assert fit.joint_p_value == pytest.approx(chi2.sf(2 * (full + null.fun), 2), rel=1e-3)
