"""Turnbull's curve: brute force, Kaplan-Meier as a special case, symmetries, coverage."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import binom

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.interval_test import interval_scores, interval_test
from alsrev_dagster.survival.intervals import Intervals, intervals
from alsrev_dagster.survival.nonparametric import event_free_curve
from alsrev_dagster.survival.turnbull import turnbull_curve, turnbull_interval

INF = np.inf
_PERSON = st.tuples(st.integers(0, 6), st.integers(0, 5), st.integers(0, 5), st.booleans())


def people(rows: list[tuple[int, int, int, bool]], *, has_entry: bool) -> Intervals:
    """Entry, then how long seen without the event, then how long until seen with it, if at all."""
    entry = np.array([row[0] if has_entry else 0 for row in rows], dtype=float)
    left = entry + np.array([row[1] for row in rows])
    right = np.where([row[3] for row in rows], left + [row[2] for row in rows], INF)
    is_bad = (right <= entry) | (np.isinf(right) & (left <= entry))
    right = np.where(is_bad, entry + 1, right)
    return intervals(left, right, entry)


def log_likelihood(seen: Intervals, points: np.ndarray, mass: np.ndarray) -> float:
    """Mass at points; the event lies in (left, right], or is an exact time."""
    left, right = seen.left[:, None], seen.right[:, None]
    inside = np.where(left == right, points == left, (points > left) & (points <= right))
    after = points > seen.entry[:, None]
    return float((np.log(inside @ mass) - np.log(after @ mass)).sum())


def brute_force(seen: Intervals) -> float:
    """Best log likelihood with mass at any of a grid of points."""
    points = np.append(np.arange(1.0, 13), INF)

    def cost(log_mass: np.ndarray) -> float:
        mass = np.exp(log_mass - log_mass.max())
        with np.errstate(divide="ignore"):
            return min(-log_likelihood(seen, points, mass / mass.sum()), 1e6)

    return -float(minimize(cost, np.zeros(len(points)), method="L-BFGS-B").fun)


@given(rows=st.lists(_PERSON, min_size=1, max_size=12), has_entry=st.booleans())
@settings(max_examples=40, deadline=None)
def test_conditions_of_a_maximum_hold(
    rows: list[tuple[int, int, int, bool]], has_entry: bool
) -> None:
    seen = people(rows, has_entry=has_entry)
    curve = turnbull_curve(seen)
    if curve.fit_status == "emptied":
        assert has_entry
        return
    assert curve.fit_status in ("ok", "no_events")
    assert curve.mass.sum() == pytest.approx(1, abs=1e-9)
    assert curve.gap < 1e-7
    assert log_likelihood(seen, curve.right, curve.mass) == pytest.approx(
        curve.log_likelihood, abs=1e-7
    )


@pytest.mark.parametrize(("seed", "has_entry"), [(1, False), (2, False), (3, True), (4, True)])
def test_no_other_mass_is_likelier(seed: int, has_entry: bool) -> None:
    rng = np.random.default_rng(seed)
    rows = [
        (int(a), int(b), int(c), bool(d))
        for a, b, c, d in zip(
            rng.integers(0, 4, 14),
            rng.integers(1, 5, 14),
            rng.integers(1, 5, 14),
            rng.random(14) < 0.7,
            strict=True,
        )
    ]
    seen = people(rows, has_entry=has_entry)
    curve = turnbull_curve(seen)
    assert curve.fit_status == "ok"
    assert brute_force(seen) == pytest.approx(curve.log_likelihood, abs=2e-3)
    assert brute_force(seen) <= curve.log_likelihood + 1e-8


@given(rows=st.lists(_PERSON, min_size=2, max_size=20), has_entry=st.booleans())
@settings(max_examples=50, deadline=None)
def test_exact_times_give_kaplan_and_meier(
    rows: list[tuple[int, int, int, bool]], has_entry: bool
) -> None:
    entry = np.array([row[0] if has_entry else 0 for row in rows], dtype=float)
    time = entry + 1 + np.array([row[1] for row in rows])
    event = np.array([row[3] for row in rows])
    curve = turnbull_curve(intervals(time, np.where(event, time, INF), entry))
    known = event_free_curve(time, event, entry)
    if known.conditional_from_months or curve.fit_status == "emptied":
        return
    lower, upper = curve.event_free_bounds(known.duration_months)
    np.testing.assert_allclose(lower, known.event_free, atol=1e-7)
    np.testing.assert_allclose(upper, known.event_free, atol=1e-7)


@given(rows=st.lists(_PERSON, min_size=2, max_size=12), seed=st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_order_and_unit_of_time_change_nothing(
    rows: list[tuple[int, int, int, bool]], seed: int
) -> None:
    seen, order = people(rows, has_entry=False), np.random.default_rng(seed).permutation(len(rows))
    curve = turnbull_curve(seen)
    other = turnbull_curve(intervals(seen.left[order] * 3, seen.right[order] * 3))
    assert other.log_likelihood == pytest.approx(curve.log_likelihood, abs=1e-8)
    time = np.arange(0.0, 12, 0.5)
    for found, want in zip(
        other.event_free_bounds(time * 3), curve.event_free_bounds(time), strict=True
    ):
        np.testing.assert_allclose(found, want, atol=1e-5)


def test_a_weight_is_so_many_people() -> None:
    left, right = np.array([0.0, 1, 2, 3, 1]), np.array([2.0, 3, 5, INF, 4])
    times = np.array([1.0, 3, 2, 2, 1])
    weighted = turnbull_curve(intervals(left, right, weight=times))
    repeated = turnbull_curve(intervals(*(np.repeat(x, times.astype(int)) for x in (left, right))))
    np.testing.assert_allclose(weighted.mass, repeated.mass, atol=1e-9)
    assert weighted.log_likelihood == pytest.approx(repeated.log_likelihood)


def test_mass_within_an_interval_is_bounded_not_placed() -> None:
    curve = turnbull_curve(intervals(np.array([0.0, 4, 6]), np.array([2.0, 6, INF])))
    lower, upper = curve.event_free_bounds(np.array([0.0, 1, 2, 3, 5, 6, 9]))
    third = pytest.approx
    assert lower.tolist() == third([1, 2 / 3, 2 / 3, 2 / 3, 1 / 3, 1 / 3, 0])
    assert upper.tolist() == third([1, 1, 2 / 3, 2 / 3, 2 / 3, 1 / 3, 1 / 3])
    assert curve.event_free(np.array([1.0, 5, 9])).tolist() == third([5 / 6, 1 / 2, 1 / 3])


def test_all_gone_before_others_enter_is_said() -> None:
    early_late = intervals(np.array([1.0, 6]), np.array([2.0, 8]), np.array([0.0, 5]))
    assert turnbull_curve(early_late).fit_status == "emptied"


def test_nobody_with_the_event_is_said() -> None:
    curve = turnbull_curve(intervals(np.array([1.0, 6]), np.array([INF, INF])))
    assert (curve.fit_status, curve.n_event) == ("no_events", 0)
    assert curve.event_free(np.array([5.0])).tolist() == [1.0]


def test_nobody_is_refused() -> None:
    with pytest.raises(InputDataError, match="0 participants: expected at least one"):
        turnbull_curve(intervals(np.empty(0), np.empty(0)))


def monthly(seed: int, n: int = 60, n_entry: int = 3) -> tuple[Intervals, np.ndarray]:
    """Exponential times with mean 5, entry at 0, 2 ..., visits each second month."""
    rng = np.random.default_rng(seed)
    entry = 2.0 * rng.integers(0, n_entry, n)
    time = entry + rng.exponential(5, n)
    left = 2.0 * np.floor(time / 2)
    last = entry + 2.0 * rng.integers(1, 6, n)
    right = np.where(left + 2 <= last, left + 2, INF)
    left = np.minimum(left, last)
    return intervals(left, right, entry), rng.random(n) < 0.4


def test_visits_at_the_same_times_give_the_life_table() -> None:
    for seed in range(30):
        seen, free = monthly(seed, 40, n_entry=2)[0], 1.0
        curve = turnbull_curve(seen)
        for month in range(0, 8, 2):
            comes = (seen.left == month) & (seen.right == month + 2)
            at_risk = (seen.entry <= month) & (comes | (seen.left >= month + 2))
            free *= 1 - comes.sum() / at_risk.sum()
            assert curve.event_free(np.array([month + 2.0])) == pytest.approx(free, abs=1e-7)


@pytest.mark.long
def test_bootstrap_interval_covers_the_truth() -> None:
    """With 25 resamples its ends are nearer by some 5 points of coverage than with many."""
    n_study, time, n_cover = 200, np.array([4.0]), 0
    for seed in range(n_study):
        seen = monthly(seed, n_entry=2)[0]
        found = turnbull_interval(seen, time, n_draw=25, rng=np.random.default_rng(seed))
        assert found.n_draw >= 20  # a resample may hold none of the early who stayed free
        n_cover += bool(found.ci_lower[0] <= np.exp(-4 / 5) <= found.ci_upper[0])
    least, most = binom.interval(0.999, n_study, 0.90)
    assert least <= n_cover <= most


@pytest.mark.long
def test_test_of_a_null_group_rejects_as_often_as_it_says() -> None:
    n_study = 300
    p_value = [
        interval_test(*monthly(1000 + seed, 40), n_draw=99, rng=np.random.default_rng(seed)).p_value
        for seed in range(n_study)
    ]
    least, most = binom.interval(0.999, n_study, 0.05)
    assert least <= sum(p <= 0.05 for p in p_value) <= most


def test_swapped_groups_negate_the_statistic() -> None:
    seen, carrier = monthly(7, 12)
    for scores in ("sun", "finkelstein"):
        rng = np.random.default_rng(1)
        one = interval_test(seen, carrier, n_draw=9, rng=rng, scores=scores)
        other = interval_test(seen, ~carrier, n_draw=9, rng=rng, scores=scores)
        assert other.statistic == pytest.approx(-one.statistic, abs=1e-9)
        assert other.p_value == one.p_value
        assert interval_scores(seen, scores).sum() == pytest.approx(0, abs=1e-8)


def test_finkelstein_is_the_slope_of_the_log_likelihood() -> None:
    """Carriers' survival S ** exp(b): the slope in b at 0, by differences, mass held."""
    seen, carrier = monthly(3, 30)
    curve = turnbull_curve(seen)

    def value(b: float) -> float:
        total = 0.0
        for left, right, entry, is_carrier in zip(
            seen.left, seen.right, seen.entry, carrier, strict=True
        ):
            power = np.exp(b * is_carrier)
            free = [curve.event_free_bounds(np.array([t]))[1][0] for t in (left, entry)]
            after = 0.0 if np.isinf(right) else curve.event_free_bounds(np.array([right]))[1][0]
            before = 1.0 if np.isneginf(entry) else free[1]
            total += np.log(free[0] ** power - after**power) - power * np.log(before)
        return total

    slope = (value(1e-5) - value(-1e-5)) / 2e-5
    found = interval_scores(seen, "finkelstein")[carrier].sum()
    assert found == pytest.approx(slope, abs=1e-6)


def test_wilcoxon_refuses_entries() -> None:
    with pytest.raises(InputDataError, match="wilcoxon scores with delayed entry"):
        interval_scores(monthly(1)[0], "wilcoxon")


def test_weights_have_no_place_in_a_permutation() -> None:
    seen = intervals(np.zeros(2), np.ones(2), weight=np.array([1.0, 2]))
    with pytest.raises(InputDataError, match="1 weights other than 1"):
        interval_test(seen, np.array([True, False]), n_draw=9, rng=np.random.default_rng(1))


def test_one_group_has_no_test() -> None:
    seen = intervals(np.zeros(3), np.array([1.0, 2, 3]))
    found = interval_test(seen, np.ones(3, bool), n_draw=9, rng=np.random.default_rng(1))
    assert np.isnan(found.p_value)
