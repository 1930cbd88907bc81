"""Whatever names a person is not in what is said, wherever it stands."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alsrev_dagster.errors import Problem
from alsrev_dagster.ingest.unnamed import NOT_SHOWN, without_names
from alsrev_dagster.ingest.validate import validate
from tests.builders import (
    VCF,
    biomarkers_text,
    participants_text,
    samples_text,
    vcf_text,
    visits_text,
    write_study,
)
from tests.ingest.told_problems import told

TEXTS = {
    "samples.csv": samples_text(),
    "participants.csv": participants_text(),
    "visits.csv": visits_text(),
    "biomarkers.csv": biomarkers_text(),
}
LONG_DIGITS = st.from_regex(r"[1-9][0-9]{5,14}", fullmatch=True)
NAMES = st.one_of(
    LONG_DIGITS,
    st.from_regex(r"[1-9][0-9]{2,6}-[0-9]{3,6}", fullmatch=True),
    st.from_regex(r"[A-Z]{2,4}[0-9]{3,6}", fullmatch=True),
    st.from_regex(r"[0-9]{3,6}[A-Z]{1,3}", fullmatch=True),
    st.from_regex(r"[A-Z]{2}[-_/.][0-9]{4}[-_/.][0-9]{2}", fullmatch=True),
)
"""Identifiers as clinics and laboratories write them."""
NUMBERS = st.integers(1_000, 99_999).map(str)
"""Identifiers that are numbers a table may hold."""


def said_of(texts: dict[str, str], file: str, row: int, column: int, name: str) -> str:
    rows = [line.split(",") for line in texts[file].splitlines()]
    rows[row % len(rows)][column % len(rows[0])] = name
    changed = {**texts, file: "\n".join(",".join(cells) for cells in rows)}
    with TemporaryDirectory() as folder:
        found = validate(write_study(Path(folder), files=changed))  # type: ignore[arg-type]
    return "\n".join(str(problem) for problem in found.problems)


def appears(name: str, said: str) -> bool:
    return re.search(rf"(?<![0-9]){re.escape(name)}(?![0-9])", said) is not None


PLACES = {"file": st.sampled_from(sorted(TEXTS)), "row": st.integers(0), "column": st.integers(0)}


@settings(max_examples=60, deadline=None)
@given(name=NAMES, **PLACES)
def test_what_looks_like_a_name_is_never_repeated(
    name: str, file: str, row: int, column: int
) -> None:
    assert not appears(name, said_of(TEXTS, file, row, column, name))


@settings(max_examples=60, deadline=None)
@given(name=st.one_of(NAMES, NUMBERS), **PLACES)
def test_what_names_somebody_in_the_study_is_never_repeated(
    name: str, file: str, row: int, column: int
) -> None:
    texts = {held: text.replace("personA", name) for held, text in TEXTS.items()}
    assert not appears(name, said_of(texts, file, row, column, name))


@settings(max_examples=30, deadline=None)
@given(name=st.one_of(NAMES, NUMBERS), **PLACES)
def test_what_names_a_sample_of_the_genotypes_is_never_repeated(
    name: str, file: str, row: int, column: int
) -> None:
    texts = {held: text.replace("vialA", name) for held, text in TEXTS.items()}
    genotypes = {**texts, VCF: vcf_text().replace("vialA", name)}
    assert not appears(name, said_of(genotypes, file, row, column, name))


@pytest.mark.parametrize("name", ["100231-100231", "100231", "1002-31", "AB-1002", "12345"])
def test_a_cell_that_may_be_a_name_is_told_by_its_length(tmp_path: Path, name: str) -> None:
    said = told(tmp_path, replace={"participants.csv": [("50.5", name + "x")]})
    length = len(name) + 1
    assert f"found text of {length} characters, not shown since it may name a person" in said[0]


def test_a_long_number_is_told_as_one(tmp_path: Path) -> None:
    said = told(tmp_path, replace={"participants.csv": [("50.5", "100231")]})
    assert "column age_at_onset_years: found a number, not shown since it may name" in said[0]


def test_a_sum_that_gives_a_name_away_is_not_told(tmp_path: Path) -> None:
    said = "\n".join(told(tmp_path, replace={"visits.csv": [("0,0,0,4", "0,0,100231,4")]}))
    assert "found 40, while the 12 items add up to a number that is no total" in said
    assert "1002" not in said


FOUND = {
    "'1042'": NOT_SHOWN,
    "1042": NOT_SHOWN,
    "-1042": NOT_SHOWN,
    "1042.0": NOT_SHOWN,
    "'7'": NOT_SHOWN,
    "7": NOT_SHOWN,
    "8": "8",
    "7 cells": "7 cells",
    "and 7 more: rows": "and 7 more: rows",
    "onset_day 1042 after death_day 7": f"onset_day {NOT_SHOWN} after death_day 7",
    "a visit on day 0": "a visit on day 0",
}


@pytest.mark.parametrize("found", FOUND)
def test_a_number_that_names_somebody_is_not_shown(found: str) -> None:
    problem = Problem("visits.csv, line 1042", found, "0 to 4", "mend it")
    (told_of,) = without_names([problem], ["1042", "007"])
    assert told_of == Problem("visits.csv, line 1042", FOUND[found], "0 to 4", "mend it")
