"""Clinical tables: cells to values, and every cell that cannot be one."""

import re
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alsrev_dagster.ingest.clinical_cell import SENTINELS, parser_of
from alsrev_dagster.ingest.clinical_table import TableRead, read_samples, read_visits
from alsrev_dagster.ingest.study_file import read_study
from alsrev_dagster.vocabulary import COLUMNS, table
from tests.builders import (
    DAYS,
    PARTICIPANTS,
    SAMPLES,
    biomarkers_text,
    participants_text,
    samples_text,
    visits_text,
    write_study,
)
from tests.ingest.told_problems import told, validated

A_0 = "personA,0,0,0,4,4,4,,4,4,4,4,4,4,4,40"
CELL = {
    "an item": ("visits.csv", "0,0,0,4", "0,0,x,4", r"line 2, column q2: found text of 1 char.*whole number"),
    "a fraction": ("visits.csv", "0,0,0,4", "0,0,1.5,4", "line 2, column q2: found '1.5'; expected a whole"),
    "an exponent": ("biomarkers.csv", "120.5", "1e2", "line 2, column value: .*a plain decimal number"),
    "a decimal comma": ("biomarkers.csv", "120.5", '"120,5"', "line 2, column value: found '120,5'"),
    "below the limit": ("biomarkers.csv", "120.5", "<0.5", "line 2, column value: found '<0.5'"),
    "a code": (
        "visits.csv", "0,0,0,4", "0,0,-9999,4",
        "line 2, column q2: found '-9999', which looks like a missing-value code; .*leave the cell empty,"
        " or list the code under missing_codes in study.yaml",
    ),
    "a code as text": ("samples.csv", "blood", "N/D", "samples.csv, line 2, column tissue: found 'N/D', which"),
    "a date": ("visits.csv", "personA,0,", "personA,2021-03-04,", "line 2, column day: found what looks like a calendar date; expected a whole number of days, at most 20,000 before or after day 0; count the days from"),
    "no key": ("visits.csv", "personA,0,", "personA,,", "line 2, column day: found an empty cell; expected day"),
    "no person": ("participants.csv", "personA,", ",", "participants.csv, line 2, column participant_id: .*empty"),
    "no unit": ("biomarkers.csv", "ng/mL", "", "biomarkers.csv, line 2, column unit: found an empty cell"),
    "a sex": ("samples.csv", "male", "1", "samples.csv, line 2, column sex: found '1'; expected female, male, F"),
    "a callset": ("samples.csv", "joint", "jo int", "line 2, column callset: .*a name of letters, digits"),
    "a cohort": ("samples.csv", "StAR", "S" * 65, "line 2, column cohort: found text of 65 .*printable text of at most"),
    "a huge number": ("visits.csv", "personA,0,", "personA,10000000000,", "line 2, column day: .*at most 20,000 before or after"),
}  # fmt: skip

SHAPE = {
    "ragged": ("visits.csv", A_0, A_0 + ",", "visits.csv, line 2: found 17 cells; expected 16, as in the header"),
    "unknown column": (
        "visits.csv", ",q2,", ",q02,",
        r"visits.csv, header, column 4: found an unknown column; .*did you mean q2\?",
    ),
    "missing column": ("visits.csv", ",q2,", ",q02,", "visits.csv, header: found no column q2; expected q2; add it"),
    "nameless column": ("visits.csv", ",q2,", ",,", "header, column 4: found a column without a name"),
    "duplicate column": ("visits.csv", ",q2,", ",q1,", "header, column 4: found column q1 a second time"),
    "open quote": ("visits.csv", "personA,90", '"personA,90', "visits.csv, line 3: found quotation marks that do"),
    "duplicate visit": (
        "visits.csv", "personA,90,", "personA,0,",
        "visits.csv, line 3: found the same participant_id and day as line 2; expected one row for each",
    ),
    "duplicate sample": (
        "samples.csv", "vialB", "vialA", "samples.csv, line 3: found the same sample_id as line 2",
    ),
    "duplicate participant": (
        "participants.csv", "personB", "personA", "participants.csv, line 3: found the same participant_id as",
    ),
    "duplicate measurement": (
        "biomarkers.csv", "personB", "personA",
        "biomarkers.csv, line 3: found the same participant_id and day and analyte as line 2",
    ),
}  # fmt: skip

WHOLE: dict[str, tuple[str | None, str]] = {
    "missing": (None, "visits.csv: found no such file; expected a CSV file; mend its path in study.yaml"),
    "empty": ("", "visits.csv: found no header line; expected a header and rows"),
    "only a header": (visits_text().splitlines()[0] + "\n", "visits.csv: found no rows"),
    "semicolons": (visits_text().replace(",", ";"), "visits.csv, line 1: found columns separated by semi"),
    "tabs": (visits_text().replace(",", "\t"), "visits.csv, line 1: found columns separated by semicolons or"),
    "spreadsheet": ("PK\x03\x04", "visits.csv: found a spreadsheet or zip archive"),
    "no header": ("\n".join(visits_text().splitlines()[1:]), "header, column 1: found an unknown column"),
}  # fmt: skip


def read_back(folder: Path, text: str, **settings: object) -> TableRead:
    study = read_study(write_study(folder, files={"visits.csv": text}, **settings))  # type: ignore[arg-type]
    return read_visits(folder / "visits.csv", study)


@pytest.mark.parametrize("name", [*CELL, *SHAPE])
def test_what_does_not_fit_is_told_with_file_line_and_column(tmp_path: Path, name: str) -> None:
    file, old, new, expected = {**CELL, **SHAPE}[name]
    said = "\n".join(told(tmp_path, replace={file: [(old, new)]}))
    assert re.search(expected, said), said


@pytest.mark.parametrize("name", WHOLE)
def test_a_file_that_is_no_table_is_told(tmp_path: Path, name: str) -> None:
    text, expected = WHOLE[name]
    assert expected in "\n".join(told(tmp_path, files={"visits.csv": text}))


def test_a_cell_mistake_is_the_only_thing_told(tmp_path: Path) -> None:
    assert len(told(tmp_path, replace={"visits.csv": [("0,0,0,4", "0,0,x,4")]})) == 1


def test_a_byte_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    folder = write_study(tmp_path)
    path = folder.root / "visits.csv"
    path.write_bytes(path.read_bytes() + b"\xff\n")
    problems = read_visits(path, read_study(folder)).problems
    assert "visits.csv, line 50: found a byte that is not UTF-8" in str(problems[0])


def test_frames_have_the_vocabularys_columns_and_types(tmp_path: Path) -> None:
    frames = validated(tmp_path).frames
    types = {
        "TEXT": "object",
        "BIGINT": "Int64",
        "INTEGER": "Int32",
        "DOUBLE": "float64",
        "BOOLEAN": "boolean",
    }
    for name, frame in frames.items():
        columns = table(f"raw.{name}").columns
        assert {c: str(t) for c, t in frame.dtypes.items()} == {
            c.name: types[c.type] for c in columns
        }
    visit = frames["visit"]
    assert len(visit) == len(PARTICIPANTS) * len(DAYS)
    assert visit["q5b"].isna().all()
    assert visit["source_line"].tolist() == list(range(2, 50))
    assert set(visit["source_file"]) == {"visits.csv"}


def test_an_absent_optional_column_is_null(tmp_path: Path) -> None:
    text = "\n".join(line.rpartition(",")[0] for line in visits_text().splitlines())
    read = read_back(tmp_path, text)
    assert read.problems == ()
    assert read.frame["alsfrsr_total"].isna().all()


def test_a_study_without_biomarkers_has_a_table_without_rows(tmp_path: Path) -> None:
    found = validated(tmp_path, biomarkers=..., files={"biomarkers.csv": None})
    assert found.problems == ()
    assert tuple(found.frames["biomarker"].columns) == table("raw.biomarker").column_names
    assert found.frames["biomarker"].empty


def test_comments_bom_windows_lines_blanks_and_quotes_are_read_with_true_lines(
    tmp_path: Path,
) -> None:
    header, first, second, *_ = visits_text().splitlines()
    quoted = second.replace("personA", '" personA\n"')
    text = "\r\n".join(
        ["\ufeff# one", '# "two', header, "", first.replace(",0", ", 0 "), quoted, first]
    )
    read = read_back(tmp_path, text)
    assert read.comments == ("# one", '# "two')
    assert read.frame["source_line"].tolist() == [5, 6, 8]
    assert read.frame["participant_id"].tolist() == ["personA"] * 3
    assert "visits.csv, line 8: found the same participant_id and day as line 5" in str(
        read.problems[0]
    )


def test_whole_numbers_may_have_a_zero_fraction_and_sexes_a_letter(tmp_path: Path) -> None:
    changes = {"visits.csv": [("0,0,0,4", "0.0,0,0.00,4")], "samples.csv": [(",male,", ",M,")]}
    found = validated(tmp_path, replace=changes)
    assert found.problems == ()
    assert found.frames["sample"]["sex"].iloc[0] == "male"


def test_declared_missing_codes_are_null_and_counted(tmp_path: Path) -> None:
    old = "0,0,0,4,4,4,,4,4,4,4,4,4,4,40"
    new = "0,0,-9999,4,4,4,,4,4,4,4,4,PEN,4,"
    found = validated(
        tmp_path, replace={"visits.csv": [(old, new)]}, missing_codes=["-9999", "PEN"]
    )
    assert found.problems == ()
    assert found.n_missing_code["visit"] == 2
    assert found.frames["visit"].iloc[[0]][["q2", "r2", "alsfrsr_total"]].isna().to_numpy().all()


def test_a_missing_code_in_a_key_is_told(tmp_path: Path) -> None:
    said = told(
        tmp_path,
        replace={"visits.csv": [("personA,0,", "personA,-9999,")]},
        missing_codes=["-9999"],
    )
    assert (
        "visits.csv, line 2, column day: found '-9999', a missing code; expected day in" in said[0]
    )


@pytest.mark.parametrize("code", sorted(SENTINELS))
def test_no_code_is_taken_for_missing_undeclared(tmp_path: Path, code: str) -> None:
    said = told(tmp_path, replace={"visits.csv": [("0,0,0,4", f"0,0,{code},4")]})
    assert f"column q2: found '{code}', which looks like a missing-value code" in said[0]


def test_many_problems_of_a_kind_are_counted_after_the_first_twenty(tmp_path: Path) -> None:
    text = visits_text().replace(",4,4,4,4,4,4,4,", ",4,4,4,4,4,4,x,")
    said = told(tmp_path, files={"visits.csv": text})
    assert len(said) == 21
    assert "visits.csv: found and 28 more: cells that cannot be read in column r3" in said[-1]


def test_a_hundred_thousand_visits_are_read_in_seconds(tmp_path: Path) -> None:
    header, row = visits_text().splitlines()[:2]
    rows = [row.replace("personA,0", f"p{i // 12},{i % 12}") for i in range(105_000)]
    start = time.perf_counter()
    read = read_back(tmp_path, "\n".join([header, *rows]))
    assert time.perf_counter() - start < 10
    assert read.problems == ()
    assert len(read.frame) == 105_000


def test_swapped_columns_name_nobody(tmp_path: Path) -> None:
    swap = {
        "samples.csv": [
            ("sample_id,participant_id,callset,cohort", "callset,cohort,sample_id,participant_id")
        ]
    }
    assert told(tmp_path, replace=swap)
    assert told(tmp_path, files={"samples.csv": samples_text().split("\n", 1)[1]})
    days = {"visits.csv": [("participant_id,day", "day,participant_id")]}
    assert told(tmp_path, replace=days)


TEXTS = {
    "samples.csv": samples_text(),
    "participants.csv": participants_text(),
    "visits.csv": visits_text(),
    "biomarkers.csv": biomarkers_text(),
}


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(sorted(TEXTS)), st.data())
def test_a_name_in_any_cell_is_never_repeated(file: str, data: st.DataObject) -> None:
    rows = [line.split(",") for line in TEXTS[file].splitlines()]
    row = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(st.integers(0, len(rows[0]) - 1))
    rows[row][column] = data.draw(st.sampled_from([*SAMPLES, *PARTICIPANTS]))
    text = "\n".join(",".join(cells) for cells in rows)
    with TemporaryDirectory() as folder:
        validated(Path(folder), files={file: text})


@given(st.integers(-999_999_999, 999_999_999))
def test_every_whole_number_reads_as_itself(number: int) -> None:
    parse = parser_of(COLUMNS["q1"]).parse
    assert parse(str(number)) == parse(f"{number}.0") == number


@given(st.text(max_size=12))
def test_what_reads_as_a_number_is_that_number(cell: str) -> None:
    value = parser_of(COLUMNS["value"]).parse(cell)
    assert value is None or (value == float(cell) and cell.isascii())


def test_the_other_readers_share_the_rules(tmp_path: Path) -> None:
    folder = write_study(tmp_path)
    read = read_samples(tmp_path / "samples.csv", read_study(folder))
    assert read.is_whole
    assert len(read.frame) == len(PARTICIPANTS)


@pytest.mark.parametrize("code", ["-5555", "-7777", "-8888", "-9999", "PEN", "N/D"])
def test_every_sentinel_code_is_told_unless_it_is_declared(tmp_path: Path, code: str) -> None:
    replace = {"visits.csv": [("0,0,0,4", f"0,0,{code},4")]}
    said = told(tmp_path / "told", replace=replace)
    assert len(said) == 1
    assert said[0].startswith(f"visits.csv, line 2, column q2: found '{code}', which looks like")
    assert "leave the cell empty, or list the code under missing_codes in study.yaml" in said[0]
    declared = write_study(tmp_path / "declared", replace=replace, missing_codes=[code])
    read = read_visits(declared.root / "visits.csv", read_study(declared))
    assert read.problems == ()
    assert read.frame["q2"].isna().tolist()[0]
