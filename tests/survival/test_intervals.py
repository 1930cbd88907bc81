"""What intervals are accepted."""

import numpy as np
import pytest

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.intervals import intervals

INF = np.inf


@pytest.mark.parametrize(
    ("left", "right", "entry", "text"),
    [
        ([1.0, np.nan], [2.0, 3.0], None, r"1 of 2 participants have no left, right or entry"),
        ([-1.0, 1.0], [2.0, 3.0], None, r"1 of 2 participants have left < 0"),
        ([1.0, INF], [2.0, INF], None, r"1 of 2 participants have left < 0 or infinite"),
        ([1.0, 4.0], [2.0, 3.0], None, r"1 of 2 participants have right before left"),
        ([1.0, 2.0], [2.0, 3.0], [0.0, 2.5], r"1 of 2 participants have an interval that begins"),
        ([1.0, 2.5], [2.0, 2.5], [0.0, 2.5], r"1 of 2 participants have an interval that begins"),
        ([1.0, 2.5], [2.0, INF], [0.0, 2.5], r"1 of 2 participants leave no later than they enter"),
        ([1.0, 0.0], [2.0, INF], None, r"1 of 2 participants leave no later than they enter"),
    ],
)
def test_times_that_contradict_each_other_are_refused(
    left: list[float], right: list[float], entry: list[float] | None, text: str
) -> None:
    began = None if entry is None else np.array(entry)
    with pytest.raises(InputDataError, match=text):
        intervals(np.array(left), np.array(right), began)


def test_a_weight_of_nothing_is_refused() -> None:
    with pytest.raises(InputDataError, match="2 of 3 participants have a weight that is not above"):
        intervals(np.zeros(3), np.ones(3), weight=np.array([1.0, 0.0, np.nan]))


def test_entry_before_the_origin_is_none() -> None:
    seen = intervals(np.zeros(3), np.ones(3), np.array([-2.0, 0.0, -np.inf]))
    assert np.isneginf(seen.entry).all()
    assert not seen.is_seen_free.any()


def test_event_at_the_first_visit_after_entry_is_accepted() -> None:
    seen = intervals(np.array([2.0]), np.array([3.0]), np.array([2.0]))
    assert seen.has_event.tolist() == [True]
    assert seen.is_seen_free.tolist() == [False]
