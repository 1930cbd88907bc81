"""Aalen-Johansen: identities, and a variance that is known in special cases."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from alsrev_dagster.survival.competing import cumulative_incidence
from alsrev_dagster.survival.nonparametric import event_free_curve
from alsrev_dagster.survival.risk import FloatArray, IntArray
from tests.survival.by_hand import EMPTIED, landmark_by_hand, unconditional_by_hand

PERSON = st.tuples(st.integers(0, 8), st.integers(1, 8), st.integers(0, 3))
PEOPLE = st.lists(PERSON, min_size=1, max_size=30)


def arrays(people: list[tuple[int, int, int]]) -> tuple[FloatArray, IntArray, FloatArray]:
    entry = np.array([start for start, _, _ in people], dtype=float)
    duration = entry + np.array([length for _, length, _ in people], dtype=float)
    return duration, np.array([code for _, _, code in people]), entry


@settings(deadline=None)
@given(PEOPLE | EMPTIED, st.booleans())
def test_incidences_and_survival_add_up_to_one(
    people: list[tuple[int, int, int]], delayed: bool
) -> None:
    duration, code, entry = arrays(people)
    start = entry if delayed else None
    survival = event_free_curve(duration, code > 0, start)
    causes = [cumulative_incidence(duration, code, start, cause) for cause in (1, 2, 3)]
    for time in survival.duration_months:
        whole = survival.at(time) + sum(curve.at(time) for curve in causes)
        assert whole == pytest.approx(1.0, abs=1e-12)


@settings(deadline=None)
@given(PEOPLE | EMPTIED)
def test_one_cause_is_kaplan_meier_with_greenwoods_variance(
    people: list[tuple[int, int, int]],
) -> None:
    duration, code, entry = arrays(people)
    event = code > 0
    curve = cumulative_incidence(duration, event.astype(int), entry)
    survival = event_free_curve(duration, event, entry)
    np.testing.assert_allclose(curve.cumulative_incidence, 1 - survival.event_free, atol=1e-12)
    np.testing.assert_array_equal(curve.n_at_risk, survival.n_at_risk)
    alive = survival.event_free > 0
    n, d = survival.n_at_risk[alive], survival.n_event[alive]
    greenwood = survival.event_free[alive] ** 2 * np.cumsum(d / (n * (n - d)))
    np.testing.assert_allclose(curve.variance[alive], greenwood, atol=1e-12)
    np.testing.assert_allclose(1 - curve.ci_upper[alive], survival.ci_lower[alive], atol=1e-6)
    np.testing.assert_allclose(1 - curve.ci_lower[alive], survival.ci_upper[alive], atol=1e-6)


@settings(deadline=None)
@given(PEOPLE | EMPTIED)
def test_variance_is_the_formula_summed_term_by_term(people: list[tuple[int, int, int]]) -> None:
    duration, code, entry = arrays(people)
    curve = cumulative_incidence(duration, code, entry)
    after = duration > landmark_by_hand(duration, code > 0, entry)
    duration, code, entry = duration[after], code[after], entry[after]
    for place, time in enumerate(curve.duration_months):
        expected = _gaynor(duration, code, entry, float(time))
        assert curve.variance[place] == pytest.approx(expected, abs=1e-12)


def _gaynor(duration: FloatArray, code: IntArray, entry: FloatArray, until: float) -> float:
    times = [t for t in np.unique(duration[code > 0]) if t <= until]
    survival, incidence, steps = 1.0, 0.0, []
    for t in times:
        n = int(((entry < t) & (t <= duration)).sum())
        d, d1 = (
            int(((duration == t) & (code > 0)).sum()),
            int(((duration == t) & (code == 1)).sum()),
        )
        incidence += survival * d1 / n
        steps.append((n, d, d1, survival, incidence))
        survival *= 1 - d / n
    total = 0.0
    for n, d, d1, before, then in steps:
        rest = incidence - then
        total += rest**2 * d / (n * (n - d)) if n > d else 0.0
        total += before**2 * d1 * (n - d1) / n**3 - 2 * rest * before * d1 / n**2
    return total


def test_variance_without_censoring_is_binomial() -> None:
    """Everyone followed until some event: incidence is a share, its variance p (1 - p) / n."""
    duration, code = np.arange(1.0, 11), np.array([1, 2, 2, 1, 3, 1, 2, 1, 2, 2])
    curve = cumulative_incidence(duration, code)
    share = np.arange(1, 5) / 10
    np.testing.assert_allclose(curve.cumulative_incidence, share, atol=1e-15)
    np.testing.assert_allclose(curve.variance, share * (1 - share) / 10, atol=1e-15)


@settings(deadline=None)
@given(PEOPLE)
def test_curve_rises_within_its_interval(people: list[tuple[int, int, int]]) -> None:
    curve = cumulative_incidence(*arrays(people))
    assert (np.diff(curve.cumulative_incidence) >= -1e-15).all()
    assert ((curve.cumulative_incidence >= 0) & (curve.cumulative_incidence <= 1 + 1e-12)).all()
    known = ~np.isnan(curve.ci_lower)
    middle = curve.cumulative_incidence[known]
    assert (curve.ci_lower[known] <= middle + 1e-12).all()
    assert (curve.ci_upper[known] >= middle - 1e-12).all()


@settings(deadline=None)
@given(st.permutations(range(8)))
def test_order_of_participants_does_not_matter(order: list[int]) -> None:
    duration = np.array([3.0, 3, 3, 5, 5, 6, 7, 7])
    code = np.array([1, 2, 0, 1, 1, 2, 0, 1])
    entry = np.array([0.0, 0, 1, 3, 0, 5, 5, 2])
    straight = cumulative_incidence(duration, code, entry)
    mixed = cumulative_incidence(duration[order], code[order], entry[order])
    for one, other in zip(vars(straight).values(), vars(mixed).values(), strict=True):
        np.testing.assert_array_equal(one, other)


@settings(deadline=None)
@given(PEOPLE, st.integers(1, 3))
def test_without_a_landmark_nothing_changes(people: list[tuple[int, int, int]], cause: int) -> None:
    duration, code, entry = arrays(people)
    assume(landmark_by_hand(duration, code > 0, entry) == 0)
    curve = cumulative_incidence(duration, code, entry, cause)
    assert curve.conditional_from_months == 0
    assert curve.duration_months.tolist() == np.unique(duration[code == cause]).tolist()
    expected = _incidence_by_hand(duration, code, entry, cause)
    np.testing.assert_allclose(curve.cumulative_incidence, expected, atol=1e-14)


def _incidence_by_hand(
    duration: FloatArray, code: IntArray, entry: FloatArray, cause: int
) -> list[float]:
    time = np.unique(duration[code > 0])
    before = [1.0, *unconditional_by_hand(duration, code > 0, entry)]
    incidence, curve = 0.0, []
    for t, free in zip(time, before, strict=False):
        n_event = int(((duration == t) & (code == cause)).sum())
        incidence += free * n_event / int(((entry < t) & (t <= duration)).sum())
        if n_event:
            curve.append(incidence)
    return curve


@settings(deadline=None)
@given(EMPTIED, st.integers(1, 3))
def test_conditional_incidence_is_the_ordinary_one_of_those_after_the_landmark(
    people: list[tuple[int, int, int]], cause: int
) -> None:
    duration, code, entry = arrays(people)
    curve = cumulative_incidence(duration, code, entry, cause)
    landmark = curve.conditional_from_months
    assert landmark == landmark_by_hand(duration, code > 0, entry) >= 3
    after, start = duration > landmark, np.maximum(entry, landmark)
    expected = cumulative_incidence(duration[after], code[after], start[after], cause)
    assert expected.conditional_from_months == 0
    for name, value in vars(expected).items():
        if name != "conditional_from_months":
            np.testing.assert_array_equal(getattr(curve, name), value)


@pytest.mark.parametrize("first", [1, 2])
def test_one_early_event_of_any_kind_does_not_settle_the_incidence(first: int) -> None:
    """Else 1, 1, 1 after an early event of this cause, and 0, 0 after one of another."""
    duration, entry = np.array([1.5, 3, 4, 5, 5, 5]), np.array([0.0, 2, 2, 2, 2, 2])
    code = np.array([first, 1, 1, 0, 0, 0])
    curve = cumulative_incidence(duration, code, entry)
    assert curve.conditional_from_months == 1.5
    assert curve.duration_months.tolist() == [3.0, 4.0]
    np.testing.assert_allclose(curve.cumulative_incidence, [1 / 5, 2 / 5])
    assert curve.n_at_risk.tolist() == [5, 4]


def test_interval_is_missing_where_all_have_had_the_event() -> None:
    curve = cumulative_incidence(np.array([1.0, 2]), np.array([1, 1]))
    assert curve.cumulative_incidence.tolist() == [0.5, 1.0]
    assert np.isnan(curve.ci_upper).tolist() == [False, True]
