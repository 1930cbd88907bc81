"""Milestones of progression: between which visits they are reached."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.milestone import Milestone, milestone, points_lost
from alsrev_dagster.survival.risk import FloatArray

INF, NAN = float("inf"), float("nan")


def of(*visits: tuple[str, float, float], n_confirming: int = 0) -> Milestone:
    name, months, beyond = zip(*visits, strict=True) if visits else ((), (), ())
    return milestone(
        np.array(name, dtype=object),
        np.array(months, dtype=float),
        np.array(beyond, dtype=float),
        n_confirming=n_confirming,
    )


def one_person(beyond: list[float], n_confirming: int = 0) -> tuple[float, float, bool]:
    found = of(
        *(("a", float(3 * k), value) for k, value in enumerate(beyond)), n_confirming=n_confirming
    )
    return float(found.left_months[0]), float(found.right_months[0]), bool(found.is_reached[0])


@pytest.mark.parametrize(
    ("beyond", "n_confirming", "left", "right"),
    [
        ([0, 0, 1, 1], 0, 3, 6),
        ([0, 0, 0], 0, 6, INF),
        ([0, 1, 0, 1], 0, 0, 3),
        ([0, 1, 0, 1, 1], 1, 6, 9),
        # crossed at the last visit, which nothing confirms: censored at the one before
        ([0, 0, 1], 1, 3, INF),
        ([0, 1, 1], 2, 0, INF),
        # a visit that can't be judged widens the interval, and confirms nothing
        ([0, NAN, 1, 1], 0, 0, 6),
        ([0, 1, NAN, 1], 1, 0, 3),
        ([0, 0, NAN], 0, 3, INF),
        # reached at the first visit, then lost again: at risk only where that does not count
        ([1, 0, 1, 1], 1, 3, 6),
    ],
)
def test_interval_of_one_person(
    beyond: list[float], n_confirming: int, left: float, right: float
) -> None:
    assert one_person(beyond, n_confirming) == (left, right, right < INF)


def test_reached_at_entry_is_not_at_risk() -> None:
    found = of(("a", 0, 1), ("a", 3, 1), ("b", 1, 0), ("b", 4, 0), ("c", 2, 0))
    assert found.participant_id.tolist() == ["a", "b", "c"]
    assert found.is_at_entry.tolist() == [True, False, False]
    assert found.is_at_risk.tolist() == [False, True, False]
    assert np.isnan(found.left_months[0])
    assert found.right_months.tolist() == [0, INF, INF]
    assert found.entry_months.tolist() == [0, 1, 2]
    assert found.last_months.tolist() == [3, 4, 2]


def test_unconfirmed_from_the_first_visit_on_tells_nothing_of_when() -> None:
    found = of(("a", 0, 1), ("a", 3, 1), n_confirming=2)
    assert found.is_at_entry.tolist() == [True]
    assert found.is_reached.tolist() == [False]
    assert np.isnan(found.left_months).all()


def test_who_can_never_be_judged_is_left_out() -> None:
    assert of(("a", 0, NAN), ("b", 0, 0), ("b", 1, 1)).participant_id.tolist() == ["b"]
    assert of(("a", 0, NAN)).participant_id.tolist() == []
    assert of().is_at_risk.tolist() == []


VISIT = st.tuples(st.sampled_from("abc"), st.sampled_from([0.0, 0.0, 1.0, NAN]))


@settings(deadline=None)
@given(st.lists(VISIT, min_size=1, max_size=20), st.integers(0, 2), st.randoms())
def test_it_is_the_search_written_out_in_any_order(
    visits: list[tuple[str, float]], n_confirming: int, random: object
) -> None:
    rows = [(name, float(month), value) for month, (name, value) in enumerate(visits)]
    random.shuffle(rows)  # type: ignore[attr-defined]
    found = of(*rows, n_confirming=n_confirming)
    for place, name in enumerate(found.participant_id):
        own = sorted((m, v) for who, m, v in rows if who == name and not np.isnan(v))
        left, right = _by_hand(own, n_confirming)
        assert found.left_months[place] == pytest.approx(left, nan_ok=True)
        assert found.right_months[place] == right


def _by_hand(visits: list[tuple[float, float]], n_confirming: int) -> tuple[float, float]:
    left = NAN
    for place, (month, beyond) in enumerate(visits):
        if not beyond:
            left = month
            continue
        run = visits[place : place + n_confirming + 1]
        if len(run) == n_confirming + 1 and all(value for _, value in run):
            return left, month
    return left, INF


def test_points_are_lost_from_the_first_known_total() -> None:
    name = np.array(["a", "b", "a", "a", "b", "a"], dtype=object)
    months = np.array([6.0, 0, 0, 3, 4, 9])
    total = np.array([34.0, 20, NAN, 40, 15, 35])
    assert points_lost(name, months, total, n_points=6).tolist()[:2] == [1, 0]
    assert np.isnan(points_lost(name, months, total, n_points=6)[2])
    assert points_lost(name, months, total, n_points=6).tolist()[3:] == [0, 0, 0]
    assert points_lost(name, months, total, n_points=5).tolist()[3:] == [0, 1, 1]


def test_who_has_no_total_has_no_loss() -> None:
    lost: FloatArray = points_lost(
        np.array(["a"], dtype=object), np.zeros(1), np.full(1, NAN), n_points=6
    )
    assert np.isnan(lost).all()


def test_no_points_are_refused() -> None:
    with pytest.raises(InputDataError, match=r"n_points is -6: expected a loss above 0"):
        points_lost(np.array(["a"], dtype=object), np.zeros(1), np.ones(1), n_points=-6)


@pytest.mark.parametrize(
    ("visits", "n_confirming", "said"),
    [
        ([("a", NAN, 1)], 0, "1 of 1 visits have no time"),
        ([("a", 0, 2)], 0, "1 of 1 visits have an is_beyond that is neither 0, 1 nor NaN"),
        ([("a", 1, 0), ("a", 1, 1)], 0, "participant 'a' has two visits at 1 months"),
        ([("a", 0, 0)], -1, "n_confirming is -1: expected 0 or more"),
    ],
)
def test_unsound_visits_are_refused(
    visits: list[tuple[str, float, float]], n_confirming: int, said: str
) -> None:
    with pytest.raises(InputDataError, match=said):
        of(*visits, n_confirming=n_confirming)
