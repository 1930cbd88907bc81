"""Checks of the raw tables that can fail: what is wrong is put into the lake."""

import pytest

from alsrev_dagster.day_order import ORDER_OF_DAYS
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.study import StudyFolder
from assets import sources


@pytest.mark.parametrize(("first", "second"), ORDER_OF_DAYS)
def test_days_in_an_impossible_order_are_found(tiny: StudyFolder, first: str, second: str) -> None:
    work = OpenStudy(tiny)
    assert sources.days_are_in_order.judge(work).passed
    frame = work.lake.frame("raw.participant")
    frame.loc[0, [first, second]] = [900, 899]
    work.lake.write("raw.participant", frame)
    found = sources.days_are_in_order.judge(work)
    assert not found.passed
    assert "participants have days in an impossible order" in found.description
