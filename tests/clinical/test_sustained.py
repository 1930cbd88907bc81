"""What counts as a gain that lasted: 4 points for 100 days, gaps of at most 60 days."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alsrev_dagster.clinical.noise import confirmed_days
from alsrev_dagster.clinical.sustained import rule_of, sustained_gain
from alsrev_dagster.clinical.visit_series import VisitSeries, visit_series
from alsrev_dagster.study import RecoveryDefinition

RULE = RecoveryDefinition(name="rule", min_gain_points=4, min_duration_days=100, max_gap_days=60)


class SustainedGain(NamedTuple):
    """What is found in the visits of one person."""

    gain: int
    nadir_total: int
    left_day: int | None
    right_day: int | None
    confirmation_day: int | None


def rule(**changed: object) -> RecoveryDefinition:
    return RecoveryDefinition.model_validate({**RULE.model_dump(), **changed})


def series_of(totals: dict[int, int], rule: RecoveryDefinition) -> VisitSeries:
    day, total = list(totals), list(totals.values())
    visit = pd.DataFrame({"participant_id": "a", "day": day, "alsfrsr_total": total})
    return visit_series(visit.assign(has_gastrostomy=False), rule)


def found(totals: dict[int, int], rule: RecoveryDefinition = RULE) -> SustainedGain:
    """Days as the visits give them; the compiled search of simulated scores agrees."""
    series = series_of(totals, rule)
    one, first = sustained_gain(series, rule), min(totals)
    days = (one.left_day, one.right_day, one.confirmation_day)
    again = confirmed_days(series, series.total[None].astype(np.int16), rule_of(rule))
    assert again.tolist() == [[int(one.confirmation_day[0])]]
    told = [None if day[0] < 0 else int(day[0]) + first for day in days]
    return SustainedGain(int(one.gain[0]), int(one.nadir_total[0]), *told)


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


@pytest.mark.parametrize(
    ("changed", "totals", "expected"),
    [
        pytest.param(
            {"over": "index"},
            {0: 40, 50: 30, 100: 36, 150: 36, 200: 36},
            (0, None),
            id="index: none",
        ),
        pytest.param(
            {"over": "index"},
            {0: 40, 50: 44, 100: 44, 150: 44},
            (4, 150),
            id="index: over the first",
        ),
        pytest.param(
            {"over": "rolling", "window_days": 60},
            {0: 30, 50: 33, 100: 35, 150: 35, 200: 35},
            (3, None),
            id="rolling: the low is too long ago",
        ),
        pytest.param(
            {"over": "rolling", "window_days": 100},
            {0: 30, 50: 33, 100: 35, 150: 35, 200: 35},
            (5, 200),
            id="rolling: the low is within the window",
        ),
        pytest.param(
            {"n_confirming_visit": 3},
            {0: 30, 50: 34, 100: 34, 150: 34},
            (0, None),
            id="two confirm",
        ),
        pytest.param(
            {"n_confirming_visit": 3},
            {0: 30, 50: 34, 100: 34, 150: 34, 170: 34},
            (4, 170),
            id="the third confirms",
        ),
        pytest.param(
            {"n_confirming_visit": 0, "min_duration_days": 0},
            {0: 30, 50: 34, 100: 30},
            (4, 50),
            id="a single visit is enough when it is asked for",
        ),
        pytest.param(
            {"min_duration_days": 0}, {0: 30, 50: 34, 51: 34}, (4, 51), id="one visit, however soon"
        ),
        pytest.param(
            {"kind": "plateau", "min_gain_points": 0},
            {0: 31, 50: 30, 100: 30, 149: 30},
            (0, None),
            id="plateau: a day too short",
        ),
        pytest.param(
            {"kind": "plateau", "min_gain_points": 0},
            {0: 31, 50: 30, 100: 32, 150: 30},
            (0, 150),
            id="plateau: it may rise and fall back, not below its start",
        ),
        pytest.param(
            {"kind": "plateau", "min_gain_points": 0},
            {0: 31, 50: 30, 100: 29, 150: 30, 200: 31},
            (1, 200),
            id="plateau: it starts again from the lower visit",
        ),
    ],
)
def test_each_part_of_a_definition_counts(
    changed: dict[str, object], totals: dict[int, int], expected: tuple[int, int | None]
) -> None:
    one = found(totals, rule(**changed))
    assert (one.gain, one.confirmation_day) == expected


def test_a_plateau_begins_between_its_start_and_the_visit_that_is_no_lower() -> None:
    plateau = rule(kind="plateau", min_gain_points=0)
    one = found({0: 31, 50: 30, 100: 32, 150: 30}, plateau)
    assert (one.nadir_total, one.left_day, one.right_day) == (30, 50, 100)


def test_nobody_has_no_gain() -> None:
    visit = pd.DataFrame(columns=["participant_id", "day", "alsfrsr_total", "has_gastrostomy"])
    one = sustained_gain(visit_series(visit, RULE), RULE)
    assert [len(getattr(one, name)) for name in ("gain", "left_day", "confirmation_day")] == [0] * 3


def test_of_two_people_and_two_scales_each_has_its_own() -> None:
    visit = pd.DataFrame(
        {
            "participant_id": ["b", "b", "b", "b", "a", "a", "a"],
            "day": [0, 50, 100, 150, 10, 60, 110],
            "alsfrsr_total": [30, 40, 40, 40, 30, 30, 20],
            "has_gastrostomy": [False, True, True, True, False, False, False],
        }
    )
    apart = sustained_gain(visit_series(visit, RULE), RULE)
    assert (apart.gain.tolist(), apart.confirmation_day.tolist()) == ([0, 0], [-1, -1])
    as_scored = rule(gastrostomy="as_scored")
    together = sustained_gain(visit_series(visit, as_scored), as_scored)
    assert (together.gain.tolist(), together.confirmation_day.tolist()) == ([0, 10], [-1, 150])


VISITS = st.lists(st.tuples(st.integers(1, 70), st.integers(0, 48)), min_size=1, max_size=12)
RULES = st.builds(
    lambda over, **changed: rule(
        over=over, window_days=90 if over == "rolling" else None, **changed
    ),
    st.sampled_from(["nadir", "index", "rolling"]),
    min_gain_points=st.integers(1, 6),
    min_duration_days=st.sampled_from([0, 40, 100]),
    n_confirming_visit=st.integers(0, 3),
    max_gap_days=st.sampled_from([40, 200]),
)
PLATEAUS = st.builds(
    lambda days, n: rule(
        kind="plateau", min_gain_points=0, min_duration_days=days, n_confirming_visit=n
    ),
    st.sampled_from([1, 40, 100]),
    st.integers(0, 3),
)


def by_day(visits: list[tuple[int, int]]) -> dict[int, int]:
    days = np.cumsum([step for step, _ in visits]).tolist()
    return {day: total for day, (_, total) in zip(days, visits, strict=True)}


def read_word_for_word(totals: dict[int, int], asked: RecoveryDefinition) -> int | None:
    """Day of the recovery confirmed first, by the definition's own words."""
    day, total, confirmed = list(totals), list(totals.values()), list[int]()
    is_plateau = asked.kind == "plateau"
    for r in range(1, len(day)):
        begun = r - 1 if is_plateau else r
        if is_plateau:
            held_against = [total[begun]]
        elif asked.over == "index":
            held_against = [total[0]]
        elif asked.over == "rolling":
            held_against = [
                total[j] for j in range(r) if day[r] - day[j] <= (asked.window_days or 0)
            ]
        else:
            held_against = total[:r]
        if not held_against:
            continue
        for v in range(r, len(day)):
            steps = [day[k + 1] - day[k] for k in range(begun, v)]
            long = day[v] - day[begun] >= asked.min_duration_days
            if long and v - begun >= asked.n_confirming_visit:
                low = min(total[r : v + 1]) - min(held_against)
                if low >= asked.min_gain_points and max(steps, default=0) <= asked.max_gap_days:
                    confirmed.append(day[v])
                break
    return min(confirmed, default=None)


@settings(deadline=None)
@given(VISITS, RULES | PLATEAUS)
def test_recovery_is_the_definition_read_word_for_word(
    visits: list[tuple[int, int]], asked: RecoveryDefinition
) -> None:
    one = found(by_day(visits), asked)
    assert one.confirmation_day == read_word_for_word(by_day(visits), asked)


@settings(deadline=None)
@given(VISITS, RULES)
def test_recovery_means_that_the_largest_lasting_gain_is_large_enough(
    visits: list[tuple[int, int]], asked: RecoveryDefinition
) -> None:
    one = found(by_day(visits), asked)
    assert (one.confirmation_day is not None) == (one.gain >= asked.min_gain_points)


@settings(deadline=None)
@given(VISITS, RULES | PLATEAUS, st.integers(1, 60))
def test_later_visits_do_not_move_a_confirmed_recovery(
    visits: list[tuple[int, int]], asked: RecoveryDefinition, later: int
) -> None:
    totals = by_day(visits)
    before = found(totals, asked).confirmation_day
    after = found({**totals, max(totals) + later: 0}, asked)
    if before is not None:
        assert after.confirmation_day == before


@settings(deadline=None)
@given(VISITS, RULES | PLATEAUS)
def test_the_last_free_visit_is_the_last_at_which_some_scores_would_make_a_recovery(
    visits: list[tuple[int, int]], asked: RecoveryDefinition
) -> None:
    day, could = list(by_day(visits)), [-1]
    for seen in range(1, len(day)):
        falling = [20 - place for place in range(seen)]
        rest = falling[-1] if asked.kind == "plateau" else 48
        totals = dict(zip(day, [*falling, *[rest] * (len(day) - seen)], strict=True))
        if read_word_for_word(totals, asked) is not None:
            could.append(day[seen] - day[0])
    told = sustained_gain(series_of(by_day(visits), asked), asked).last_free_day
    assert told.tolist() == [max(could)]


@settings(deadline=None)
@given(VISITS, RULES)
def test_what_is_asked_for_more_is_found_no_sooner(
    visits: list[tuple[int, int]], asked: RecoveryDefinition
) -> None:
    """A point more, a day longer or a visit more never makes a recovery, nor an earlier one."""
    loose = found(by_day(visits), asked).confirmation_day
    numbers = ("min_gain_points", "min_duration_days", "n_confirming_visit")
    for name in numbers:
        strict = RecoveryDefinition.model_validate(
            {**asked.model_dump(), name: getattr(asked, name) + 1}
        )
        day = found(by_day(visits), strict).confirmation_day
        assert day is None or (loose is not None and loose <= day)
