"""Months and origins."""

import pandas as pd
import pytest

from alsrev_dagster.clinical.time_axis import (
    DAYS_PER_MONTH,
    months_between,
    origin_day,
    total_by_month,
)
from alsrev_dagster.study import TimeOrigin
from tests.clinical.made_visits import participants, scores


def test_twelve_months_are_a_year() -> None:
    assert DAYS_PER_MONTH * 12 == 365.25


def test_months_are_signed_and_missing_when_a_day_is() -> None:
    start = pd.Series([0, 487, None], dtype="Int64")
    found = months_between(start, pd.Series([487, 0, 5], dtype="Int64"))
    assert found.dtype == "float64"
    assert found.tolist()[:2] == [16.0, -16.0]
    assert pd.isna(found[2])


@pytest.mark.parametrize(
    ("time_origin", "day"), [("onset", -300), ("diagnosis", -60), ("enrolment", 0)]
)
def test_origin_is_the_day_of_its_name(time_origin: TimeOrigin, day: int) -> None:
    people = participants(p1={"onset_day": -300, "diagnosis_day": -60, "enrolment_day": 0})
    assert origin_day(people, time_origin).to_dict() == {"p1": day}


def test_totals_by_month_leave_out_incomplete_ones_and_unknown_origins() -> None:
    visit = pd.concat([scores({0: 40, 487: None, 974: 30}), scores({0: 9}, participant_id="p2")])
    found = total_by_month(visit, participants(p1={}, p2={"onset_day": None}), "onset")
    assert found["participant_id"].tolist() == ["p1", "p1"]
    assert found["months_since_origin"].tolist() == [0.0, 32.0]
    assert found["alsfrsr_total"].tolist() == [40, 30]
