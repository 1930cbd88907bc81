"""What counts as a gain that lasted: 4 points for 100 days, gaps of at most 60 days."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alsrev_dagster.clinical.sustained import SustainedGain, sustained_gain
from alsrev_dagster.study import RecoveryDefinition

RULE = RecoveryDefinition(name="rule", min_gain_points=4, min_duration_days=100, max_gap_days=60)


def found(totals: dict[int, int], rule: RecoveryDefinition = RULE) -> SustainedGain:
    day, total = np.array(list(totals)), np.array(list(totals.values()))
    return sustained_gain(day, total, rule)


def test_confirmed_gain_is_a_recovery() -> None:
    assert found({0: 30, 50: 34, 100: 35, 150: 34}) == SustainedGain(4, 30, 0, 50, 150)


@pytest.mark.parametrize(
    ("totals", "gain"),
    [
        pytest.param({0: 30, 50: 36, 100: 30, 150: 30}, 0, id="noise: one good visit"),
        pytest.param({0: 30, 50: 36, 100: 33, 150: 36}, 3, id="too little of it lasted"),
        pytest.param({0: 30, 50: 36, 100: 36, 149: 36}, 0, id="a day too short"),
        pytest.param({0: 30, 50: 36, 100: 36, 161: 36}, 0, id="a gap of 61 days"),
        pytest.param({0: 30, 50: 36, 100: 36, 150: 33}, 3, id="lost at the confirming visit"),
        pytest.param({0: 36, 50: 36, 100: 36, 150: 36}, 0, id="a plateau is no gain"),
        pytest.param({0: 40, 50: 36, 100: 33, 150: 30}, 0, id="decline"),
        pytest.param({0: 30}, 0, id="a single visit"),
    ],
)
def test_what_does_not_last_is_none(totals: dict[int, int], gain: int) -> None:
    one = found(totals)
    assert one.confirmation_day is None
    assert one.right_day is None
    assert one.gain == gain
    assert one.nadir_total == min(totals.values())


def test_gap_of_just_the_allowed_length_is_allowed() -> None:
    assert found({0: 30, 50: 36, 100: 36, 160: 36}).confirmation_day == 160


def test_gap_before_the_gain_does_not_matter() -> None:
    assert found({0: 30, 500: 36, 550: 36, 600: 36}).left_day == 0


def test_nadir_is_the_lowest_of_all_earlier_visits() -> None:
    one = found({0: 40, 50: 28, 100: 30, 150: 32, 200: 33, 250: 34})
    assert (one.nadir_total, one.right_day, one.confirmation_day) == (28, 150, 250)


def test_first_confirmed_recovery_is_the_event_and_the_largest_gain_is_reported() -> None:
    totals = {0: 30, 50: 34, 100: 34, 150: 34, 200: 40, 250: 40, 300: 40}
    assert found(totals) == SustainedGain(10, 30, 0, 50, 150)


def test_later_loss_does_not_undo_a_confirmed_recovery() -> None:
    assert found({0: 30, 50: 34, 100: 34, 150: 34, 200: 10}).confirmation_day == 150


VISITS = st.lists(st.tuples(st.integers(1, 70), st.integers(0, 48)), min_size=1, max_size=12)


@settings(deadline=None)
@given(VISITS)
def test_recovery_means_that_the_largest_lasting_gain_is_large_enough(
    visits: list[tuple[int, int]],
) -> None:
    day = np.cumsum([step for step, _ in visits])
    one = sustained_gain(day, np.array([total for _, total in visits]), RULE)
    assert (one.confirmation_day is not None) == (one.gain >= RULE.min_gain_points)


@settings(deadline=None)
@given(VISITS)
def test_recovery_is_the_definition_read_word_for_word(visits: list[tuple[int, int]]) -> None:
    day = np.cumsum([step for step, _ in visits]).tolist()
    total = [score for _, score in visits]
    expected = None
    for r in range(1, len(day)):
        nadir = min(total[:r])
        held = True
        for v in range(r, len(day)):
            held = held and total[v] >= nadir + 4 and (v == r or day[v] - day[v - 1] <= 60)
            if held and day[v] >= day[r] + 100:
                expected = day[v] if expected is None else min(expected, day[v])
                break
    assert sustained_gain(np.array(day), np.array(total), RULE).confirmation_day == expected


@settings(deadline=None)
@given(VISITS, st.integers(1, 60))
def test_later_visits_do_not_move_a_confirmed_recovery(
    visits: list[tuple[int, int]], later: int
) -> None:
    day = np.cumsum([step for step, _ in visits])
    total = np.array([score for _, score in visits])
    before = sustained_gain(day, total, RULE).confirmation_day
    after = sustained_gain(np.append(day, day[-1] + later), np.append(total, 0), RULE)
    if before is not None:
        assert after.confirmation_day == before
