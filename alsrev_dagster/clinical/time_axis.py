"""Days and months: what time is counted from, and in what unit."""

import pandas as pd

from alsrev_dagster.months import DAYS_PER_MONTH
from alsrev_dagster.study import TimeOrigin

_ORIGIN_COLUMN: dict[TimeOrigin, str] = {
    "onset": "onset_day",
    "diagnosis": "diagnosis_day",
    "enrolment": "enrolment_day",
}


def months_between(start_day: pd.Series, end_day: pd.Series) -> pd.Series:
    """Months from one day to another, negative when the end comes first; NaN if either is NULL."""
    days = end_day.astype("Float64") - start_day.astype("Float64")
    return (days / DAYS_PER_MONTH).astype("float64")


def origin_day(participant: pd.DataFrame, time_origin: TimeOrigin) -> pd.Series:
    """Day that time is counted from, by participant_id (raw.participant); NULL where unknown."""
    indexed = participant.set_index("participant_id")
    return indexed[_ORIGIN_COLUMN[time_origin]].astype("Int64").rename("origin_day")


def total_by_month(
    alsfrsr: pd.DataFrame, participant: pd.DataFrame, time_origin: TimeOrigin
) -> pd.DataFrame:
    """Complete totals of core.alsfrsr, each with its ``months_since_origin``.

    Visits of participants whose origin is unknown are left out. The columns are
    participant_id, months_since_origin and alsfrsr_total: what a trajectory needs.
    """
    return _by_month(alsfrsr, participant, time_origin, "alsfrsr_total")


def measured_by_month(
    alsfrsr: pd.DataFrame, participant: pd.DataFrame, time_origin: TimeOrigin, column: str
) -> pd.DataFrame:
    """Known numbers of a column of core.alsfrsr as ``value``, with ``months_since_origin``."""
    return _by_month(alsfrsr, participant, time_origin, column).rename(columns={column: "value"})


def _by_month(
    alsfrsr: pd.DataFrame, participant: pd.DataFrame, time_origin: TimeOrigin, column: str
) -> pd.DataFrame:
    origin = alsfrsr["participant_id"].map(origin_day(participant, time_origin))
    visit = pd.DataFrame(
        {
            "participant_id": alsfrsr["participant_id"],
            "months_since_origin": months_between(origin, alsfrsr["day"]),
            column: alsfrsr[column].astype("Int64"),
        }
    ).dropna()
    return visit.sort_values(["participant_id", "months_since_origin"], ignore_index=True)
