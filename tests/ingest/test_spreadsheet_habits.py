"""What spreadsheets do to a table: read where nothing is guessed, told once where it is not."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from alsrev_dagster.cli import app
from alsrev_dagster.ingest.validate import Validation
from tests.builders import visits_text, write_study
from tests.ingest.told_problems import told, validated

FIRST_ROW = "personA,0,0,0,4,4,4,,4,4,4,4,4,4,4,40"


def of_visits(folder: Path, text: str, **settings: object) -> Validation:
    return validated(folder, files={"visits.csv": text}, **settings)


@pytest.mark.parametrize("line", ["sep=,\n", '"sep=,"\r\n', "sep=,,,,,\n", "\ufeffsep=,\n# note\n"])
def test_a_line_that_names_the_comma_is_skipped_and_lines_stay_true(
    tmp_path: Path, line: str
) -> None:
    found = of_visits(tmp_path, line + visits_text())
    assert found.problems == ()
    assert found.frames["visit"]["source_line"].tolist()[0] == 2 + line.count("\n")


def test_a_line_that_names_another_separator_is_told_once(tmp_path: Path) -> None:
    assert told(tmp_path, files={"visits.csv": "sep=|\n" + visits_text().replace(",", "|")}) == [
        "visits.csv, line 1: found a line 'sep=' that names another separator than the comma; expected commas;"
        " save the table as CSV (UTF-8, commas)"
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [(",q1,", ",Q1,"), (",day,", ", Day ,"), ("participant_id", "Participant ID"), ("q5a", "Q5A")],
)
def test_case_and_blanks_of_a_columns_name_do_not_matter(
    tmp_path: Path, old: str, new: str
) -> None:
    found = of_visits(tmp_path, visits_text().replace(old, new, 1))
    assert found.problems == ()
    assert len(found.frames["visit"]) == 48


def test_one_column_in_two_spellings_is_told(tmp_path: Path) -> None:
    said = told(tmp_path, replace={"visits.csv": [(",q2,", ",Q1,")]})
    assert "visits.csv, header, column 4: found column q1 a second time" in "\n".join(said)


def test_empty_rows_and_columns_are_left_out_and_counted(tmp_path: Path) -> None:
    header, *rows = visits_text().splitlines()
    wide = [f"{header},,", *(f"{row},, " for row in rows), "," * 17, "," * 3, ""]
    found = of_visits(tmp_path, "\n".join(wide))
    assert found.problems == ()
    assert len(found.frames["visit"]) == 48
    assert found.left_out == {"visits.csv": "2 empty row(s), 2 empty column(s) without a name"}


def test_columns_after_an_empty_one_keep_their_number(tmp_path: Path) -> None:
    rows = [row.replace(",", ",,", 1) for row in visits_text().splitlines()]
    text = "\n".join(rows).replace(",q2,", ",q02,")
    said = told(tmp_path, files={"visits.csv": text})
    assert "visits.csv, header, column 5: found an unknown column" in "\n".join(said)


def test_a_column_without_a_name_but_with_a_value_is_told(tmp_path: Path) -> None:
    header, *rows = visits_text().splitlines()
    wide = [f"{header},", f"{rows[0]},x", *(f"{row}," for row in rows[1:])]
    assert told(tmp_path, files={"visits.csv": "\n".join(wide)}) == [
        "visits.csv, header, column 17: found a column without a name; expected one of"
        " participant_id, day, q1, q2, q3, q4, q5a, q5b, q6, q7, q8, q9, r1, r2, r3,"
        " q10, alsfrsr_total, alsfrs_total; name it, or remove it"
    ]


def with_height() -> str:
    header, *rows = visits_text().splitlines()
    return "\n".join([f"{header},Height CM", *(f"{row},180" for row in rows)])


def test_an_unknown_column_is_told_with_the_key_that_ignores_it(tmp_path: Path) -> None:
    said = told(tmp_path, files={"visits.csv": with_height()})
    assert len(said) == 1
    assert "header, column 17: found an unknown column" in said[0]
    assert "correct its name, or list it under ignored_columns in study.yaml" in said[0]


def test_an_ignored_column_is_left_out_and_counted(tmp_path: Path) -> None:
    found = of_visits(tmp_path, with_height(), ignored_columns=["height_cm"])
    assert found.problems == ()
    assert found.left_out == {"visits.csv": "1 column(s) of ignored_columns"}


def test_a_column_that_is_read_is_never_ignored(tmp_path: Path) -> None:
    changes = {"visits.csv": [(FIRST_ROW, FIRST_ROW.replace(",40", ",41"))]}
    said = told(tmp_path, replace=changes, ignored_columns=["alsfrsr_total"])
    assert "found 41, while the 12 items add up to 40" in said[0]


def test_validate_says_what_is_left_out(tmp_path: Path) -> None:
    write_study(tmp_path, files={"visits.csv": visits_text() + "," * 15 + "\n"})
    told_by = CliRunner().invoke(app, ["validate", str(tmp_path)])
    assert told_by.stdout == "visits.csv: left out 1 empty row(s)\nno problem found\n"


def test_a_cohort_with_a_blank_is_read(tmp_path: Path) -> None:
    contrasts = {"primary": {"cases": ["StAR"], "controls": ["P GB (new)"]}}
    changes = {"samples.csv": [("PGB", "P GB (new)")] * 4}
    assert told(tmp_path, replace=changes, contrasts=contrasts) == []
