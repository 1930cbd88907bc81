"""Flows between stages, counted by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.stage_flow import DEAD, UNSEEN, StagedVisits, StageFlow, stage_flow


def counted(flow: StageFlow) -> dict[tuple[bool, float, int, int], int]:
    keys = zip(flow.carrier, flow.month, flow.stage, flow.next_stage, strict=True)
    return {
        (bool(c), float(m), int(a), int(b)): int(n)
        for (c, m, a, b), n in zip(keys, flow.n, strict=True)
    }


def test_the_nearest_visit_counts_and_of_two_as_near_the_earlier() -> None:
    visits = StagedVisits(
        np.array([1, 2, 3, 4, 0]), np.array([0.0, 4, 8, 6.5, 5.0]), np.array([0, 0, 0, 1, 1])
    )
    flow = stage_flow(
        visits, np.array([True, False]), np.full(2, np.inf), every_months=6.0, last_months=6.0
    )
    # person 0 at 6: visits at 4 and 8 are as near; person 1: none near 0, 6.5 nearer than 5 to 6
    assert counted(flow) == {(True, 0.0, 1, 2): 1, (False, 0.0, UNSEEN, 4): 1}


def test_the_dead_stay_dead_whatever_a_visit_says() -> None:
    visits = StagedVisits(np.array([2, 3]), np.array([0.0, 7.0]), np.array([0, 0]))
    flow = stage_flow(visits, np.array([True]), np.array([6.0]), every_months=6.0, last_months=12.0)
    assert counted(flow) == {(True, 0.0, 2, DEAD): 1, (True, 6.0, DEAD, DEAD): 1}


VISIT = st.tuples(st.integers(0, 4), st.integers(0, 26), st.integers(0, 7))


@settings(deadline=None)
@given(
    st.lists(VISIT, min_size=1, max_size=40), st.lists(st.integers(1, 40), min_size=8, max_size=8)
)
def test_people_are_neither_lost_nor_made(
    rows: list[tuple[int, int, int]], death: list[int]
) -> None:
    stage, months, person = (np.array(part) for part in zip(*rows, strict=True))
    carrier = np.arange(8) < 3
    flow = stage_flow(
        StagedVisits(stage, months.astype(float), person), carrier, np.array(death, dtype=float),
        every_months=6.0, last_months=24.0,
    )  # fmt: skip
    for month in (0.0, 6.0, 12.0, 18.0):
        for group, n in ((True, 3), (False, 5)):
            here = (flow.month == month) & (flow.carrier == group)
            assert flow.n[here].sum() == n
            if month:
                before = (flow.next_month == month) & (flow.carrier == group)
                for s in range(7):
                    assert (
                        flow.n[here & (flow.stage == s)].sum()
                        == flow.n[before & (flow.next_stage == s)].sum()
                    )


def test_stages_that_are_none_and_people_without_a_label_are_refused() -> None:
    good = StagedVisits(np.array([5]), np.array([0.0]), np.array([0]))
    none = np.array([np.inf])
    with pytest.raises(InputDataError, match="1 of 1 visits have a stage outside 0-4"):
        stage_flow(good, np.array([True]), none, every_months=6.0, last_months=6.0)
    with pytest.raises(InputDataError, match="2 carrier labels and 1 times of death"):
        stage_flow(good, np.array([True, False]), none, every_months=6.0, last_months=6.0)
