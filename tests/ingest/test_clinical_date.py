"""Calendar dates, however they are written, are told and never repeated."""

from pathlib import Path

import pytest

from alsrev_dagster.ingest.clinical_cell import parser_of
from alsrev_dagster.ingest.clinical_date import A_DATE, A_SERIAL, DAY_MAX
from alsrev_dagster.vocabulary import COLUMNS
from tests.builders import visits_text
from tests.ingest.told_problems import told

DATES = (
    "2014-01-31",
    "2014/1/31",
    "31.01.2014",
    "1/31/14",
    "2014-01-31T09:30:00",
    "2014-01-31 09:30",
    "2014-01-31T09:30:00.000Z",
    "20140131",
    "31012014",
    "01312014",
    "20140131.0",
    "20140131T0930",
    "03/2015",
    "3-2015",
    "2015-03",
    "201503",
    "150331",
    "310315",
    "032015",
    "31-Jan-2014",
    "31 January 2014",
    "31JAN2014",
    "31JAN2014:09:30:00",
    "31-Jan-14",
    "31-Jan",
    "Jan-14",
    "January 2014",
    "2014 Jan 31",
)
SERIALS = ("42064", "42064.0", "42064.5", "20001")
WHAT = "expected a whole number of days, at most 20,000 before or after day 0; count the days from"


@pytest.mark.parametrize("cell", DATES)
@pytest.mark.parametrize("column", ["onset_day", "last_contact_day", "day"])
def test_a_date_is_told_and_not_repeated(tmp_path: Path, cell: str, column: str) -> None:
    file, old, new = {
        "onset_day": ("participants.csv", "EUR,-400,", f"EUR,{cell},"),
        "last_contact_day": ("participants.csv", "0,,,720", f"0,,,{cell}"),
        "day": ("visits.csv", "personA,0,", f"personA,{cell},"),
    }[column]
    said = told(tmp_path, replace={file: [(old, new)]})
    assert len(said) == 1
    assert f"{file}, line 2, column {column}: found {A_DATE}; {WHAT}" in said[0]
    assert cell not in said[0]


@pytest.mark.parametrize("cell", SERIALS)
def test_a_date_as_a_spreadsheet_counts_it_is_told(tmp_path: Path, cell: str) -> None:
    said = told(tmp_path, replace={"participants.csv": [("0,,,720", f"0,,,{cell}")]})
    assert len(said) == 1
    assert f"line 2, column last_contact_day: found {A_SERIAL}; {WHAT}" in said[0]
    assert cell.partition(".")[0] not in said[0]


@pytest.mark.parametrize("cell", ["-20001", "993231", "999999999"])
def test_other_numbers_that_count_no_days_are_told(tmp_path: Path, cell: str) -> None:
    said = told(tmp_path, replace={"participants.csv": [("0,,,720", f"0,,,{cell}")]})
    assert len(said) == 1
    assert f"found text of {len(cell)} characters, not shown since it may name" in said[0]


@pytest.mark.parametrize("column", ["day", "onset_day", "death_day", "enrolment_day"])
def test_fifty_years_either_way_are_days(column: str) -> None:
    parse = parser_of(COLUMNS[column]).parse
    assert [parse(f"{sign}{DAY_MAX}") for sign in ("", "-")] == [DAY_MAX, -DAY_MAX]
    assert [parse(f"{sign}{DAY_MAX + 1}") for sign in ("", "-")] == [None, None]


def test_dates_counted_from_a_day_that_all_share_are_told(tmp_path: Path) -> None:
    said = "\n".join(told(tmp_path, files={"visits.csv": dated_from_1970()}))
    assert (
        "visits.csv, column day: found no visit within 7,305 days of day 0, as when calendar dates"
        " are counted from 1960 or 1970; expected days relative to the participant's own day 0"
    ) in said


def dated_from_1970() -> str:
    """Write the visits with days as R and Python count dates."""
    header, *rows = visits_text().splitlines()
    cells = [row.split(",", 2) for row in rows]
    dated = [f"{who},{16_436 + int(day)},{rest}" for who, day, rest in cells]
    return "\n".join([header, *dated])


@pytest.mark.parametrize("cell", ["2014-01-31", "31-Jan-2014", "01/2014", "20140131"])
def test_a_date_does_not_hide_in_text_about_a_person(tmp_path: Path, cell: str) -> None:
    said = told(tmp_path, replace={"participants.csv": [("limb", cell)]})
    assert said == [
        "participants.csv, line 2, column onset_site: found what looks like a calendar date;"
        " expected text that is not a date; remove the date: it may tell who somebody is"
    ]


@pytest.mark.parametrize("text", ["SEPT9", "MARCH2", "C9orf72", "SOD1 A5V", "may", "IL-6", "1.5"])
def test_genes_and_words_are_no_dates(tmp_path: Path, text: str) -> None:
    assert told(tmp_path, replace={"participants.csv": [("limb", text)]}) == []


def test_a_batch_may_be_named_after_its_date(tmp_path: Path) -> None:
    assert told(tmp_path, replace={"samples.csv": [("batch_0", "2014-01-31")]}) == []


def test_a_date_among_the_scores_is_not_repeated(tmp_path: Path) -> None:
    said = told(tmp_path, replace={"visits.csv": [("0,0,0,4", "0,0,20140131,4")]})
    assert f"visits.csv, line 2, column q2: found {A_DATE}; expected 0 to 4" in said[0]
    assert "20140" not in "".join(said)
