"""Kaplan-Meier under delayed entry, against lifelines and by eye."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter
from lifelines.exceptions import StatError

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.nonparametric import event_free_curve
from alsrev_dagster.survival.risk import FloatArray
from tests.survival.by_hand import EMPTIED, landmark_by_hand, unconditional_by_hand

PERSON = st.tuples(st.integers(0, 8), st.integers(1, 8), st.booleans())


def arrays(people: list[tuple[int, int, int]]) -> tuple[FloatArray, FloatArray, np.ndarray]:
    entry = np.array([start for start, _, _ in people], dtype=float)
    duration = entry + np.array([length for _, length, _ in people], dtype=float)
    return entry, duration, np.array([event for _, _, event in people], dtype=bool)


@settings(deadline=None)
@given(st.lists(PERSON, min_size=1, max_size=30))
def test_risk_set_is_entry_before_and_exit_not_before(people: list[tuple[int, int, bool]]) -> None:
    entry, duration, event = arrays(people)
    curve = event_free_curve(duration, event, entry)
    at_risk = [int(((entry < t) & (t <= duration)).sum()) for t in curve.duration_months]
    assert curve.n_at_risk.tolist() == at_risk
    is_after = duration > curve.conditional_from_months
    assert int(curve.n_event.sum()) == int((event & is_after).sum())


@settings(deadline=None)
@given(st.lists(PERSON, min_size=1, max_size=30) | EMPTIED)
def test_landmark_is_the_last_time_at_which_events_empty_the_risk_set(
    people: list[tuple[int, int, int]],
) -> None:
    entry, duration, event = arrays(people)
    curve = event_free_curve(duration, event, entry)
    assert curve.conditional_from_months == landmark_by_hand(duration, event, entry)


@settings(deadline=None)
@given(st.lists(PERSON, min_size=1, max_size=30))
def test_without_a_landmark_nothing_changes(people: list[tuple[int, int, bool]]) -> None:
    entry, duration, event = arrays(people)
    assume(landmark_by_hand(duration, event, entry) == 0)
    curve = event_free_curve(duration, event, entry)
    assert curve.conditional_from_months == 0
    assert curve.duration_months.tolist() == np.unique(duration[event]).tolist()
    expected = unconditional_by_hand(duration, event, entry)
    np.testing.assert_allclose(curve.event_free, expected, atol=1e-14)


@settings(deadline=None)
@given(EMPTIED)
def test_conditional_curve_is_the_ordinary_one_of_those_after_the_landmark(
    people: list[tuple[int, int, int]],
) -> None:
    entry, duration, event = arrays(people)
    curve = event_free_curve(duration, event, entry)
    landmark = curve.conditional_from_months
    assert landmark >= 3
    after = duration > landmark
    expected = event_free_curve(duration[after], event[after], np.maximum(entry[after], landmark))
    assert expected.conditional_from_months == 0
    for name, value in vars(expected).items():
        if name != "conditional_from_months":
            np.testing.assert_array_equal(getattr(curve, name), value)


@settings(deadline=None)
@given(st.lists(PERSON, min_size=2, max_size=30))
def test_curve_and_interval_are_those_of_lifelines(people: list[tuple[int, int, bool]]) -> None:
    """Where ours is conditional, of those after the landmark: lifelines gives 0 for good."""
    entry, duration, event = arrays(people)
    curve = event_free_curve(duration, event, entry)
    after = duration > landmark_by_hand(duration, event, entry)
    entry, duration, event = entry[after], duration[after], event[after]
    in_doubt = curve.event_free == 0
    try:
        with np.errstate(all="ignore"):
            theirs = KaplanMeierFitter().fit(duration, event, entry=entry)
    except StatError:
        return
    if not event.any():
        return
    expected = np.atleast_1d(np.asarray(theirs.predict(curve.duration_months)))
    np.testing.assert_allclose(curve.event_free, expected, atol=1e-12)
    interval = theirs.confidence_interval_.loc[curve.duration_months].to_numpy()[~in_doubt]
    ours = np.column_stack([curve.ci_lower, curve.ci_upper])[~in_doubt]
    np.testing.assert_allclose(ours, interval, atol=1e-9)


@settings(deadline=None)
@given(st.lists(PERSON, min_size=1, max_size=20))
def test_order_of_participants_does_not_matter(people: list[tuple[int, int, bool]]) -> None:
    shuffled = sorted(people)
    for one, other in zip(
        vars(event_free_curve(*_as_call(people))).values(),
        vars(event_free_curve(*_as_call(shuffled))).values(),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)


def _as_call(people: list[tuple[int, int, bool]]) -> tuple[FloatArray, np.ndarray, FloatArray]:
    entry, duration, event = arrays(people)
    return duration, event, entry


def test_who_enters_at_the_time_of_an_event_is_too_late_for_it() -> None:
    duration, entry = np.array([2.0, 3, 3]), np.array([0.0, 0, 2])
    curve = event_free_curve(duration, np.array([1, 1, 0], bool), entry)
    assert curve.n_at_risk.tolist() == [2, 2]
    assert curve.event_free.tolist() == [0.5, 0.25]


def test_one_early_event_does_not_settle_the_curve_of_those_still_to_enter() -> None:
    """The product over all times would be 0, 0, 0: one alone at risk at 1.5, five enter at 2."""
    duration, entry = np.array([1.5, 3, 4, 5, 5, 5]), np.array([0.0, 2, 2, 2, 2, 2])
    event = np.array([1, 1, 1, 0, 0, 0], bool)
    assert unconditional_by_hand(duration, event, entry) == [0.0, 0.0, 0.0]
    curve = event_free_curve(duration, event, entry)
    assert curve.conditional_from_months == 1.5
    assert curve.duration_months.tolist() == [3.0, 4.0]
    np.testing.assert_allclose(curve.event_free, [4 / 5, 3 / 5])
    assert curve.n_at_risk.tolist() == [5, 4]
    assert np.isfinite(curve.ci_lower).all()
    assert curve.at(2) == 1.0


def test_who_enters_when_the_last_at_risk_has_the_event_is_still_to_enter() -> None:
    duration, entry = np.array([2.0, 2, 3, 4]), np.array([0.0, 1, 2, 2])
    curve = event_free_curve(duration, np.array([1, 1, 1, 0], bool), entry)
    assert (curve.conditional_from_months, curve.event_free.tolist()) == (2.0, [0.5])


def test_a_risk_set_emptied_when_all_have_entered_ends_at_zero() -> None:
    duration, entry = np.array([2.0, 3]), np.array([0.0, 1])
    curve = event_free_curve(duration, np.array([True, True]), entry)
    assert (curve.conditional_from_months, curve.event_free.tolist()) == (0.0, [0.5, 0.0])


def test_risk_set_emptied_by_censoring_is_no_obstacle() -> None:
    """Lifelines refuses this one (StatError): nobody is observed between 1 and 2."""
    entry, duration = np.array([0.0, 2, 2, 2, 2]), np.array([1.0, 3, 4, 5, 6])
    curve = event_free_curve(duration, np.array([0, 1, 0, 1, 0], bool), entry)
    np.testing.assert_allclose(curve.event_free, [3 / 4, 3 / 8])
    assert curve.conditional_from_months == 0
    with pytest.raises(StatError), np.errstate(all="ignore"):
        KaplanMeierFitter().fit(duration, [0, 1, 0, 1, 0], entry=entry)


def test_interval_is_missing_where_the_curve_is_zero() -> None:
    curve = event_free_curve(np.array([1.0, 2]), np.array([True, True]))
    assert curve.event_free.tolist() == [0.5, 0.0]
    assert np.isnan(curve.ci_lower).tolist() == [False, True]


def test_no_event_gives_an_empty_curve() -> None:
    curve = event_free_curve(np.array([1.0, 2]), np.array([False, False]))
    assert len(curve.event_free) == 0
    assert curve.at(5) == 1.0


def test_missing_time_is_refused() -> None:
    with pytest.raises(InputDataError, match="1 of 2 participants have no entry_months or no dur"):
        event_free_curve(np.array([1.0, np.nan]), np.array([True, True]))


def test_exit_no_later_than_entry_is_refused() -> None:
    with pytest.raises(InputDataError, match="1 of 2 participants leave no later than they enter"):
        event_free_curve(np.array([1.0, 2]), np.array([True, True]), np.array([0.0, 2]))
