"""Reading the clinical tables: every row, typed as the vocabulary says, with its line.

Nothing is repaired and no value dropped unasked: a cell that cannot be read becomes NULL *and*
a problem, and a study with problems is not used. Empty rows, empty columns and columns that the
study ignores are left out and counted.
"""

from dataclasses import dataclass, replace
from pathlib import Path, PurePath

import numpy as np
import pandas as pd

from alsrev_dagster.errors import Problem
from alsrev_dagster.ingest.clinical_column import read_column
from alsrev_dagster.ingest.clinical_file import N_SHOWN, RawTable, read_rows
from alsrev_dagster.ingest.clinical_header import (
    check_header,
    is_ignored,
    known_spelling,
    left_out_text,
)
from alsrev_dagster.ingest.genotype_problem import ProblemList
from alsrev_dagster.study import Study
from alsrev_dagster.vocabulary import Table, table

_SOURCE = ("source_file", "source_line")
_ITEMS = ("q1", "q2", "q3", "q4", "q5a", "q5b", "q6", "q7", "q8", "q9", "r1", "r2", "r3")
_ALSO_REQUIRED = {"raw.visit": frozenset(_ITEMS), "raw.biomarker": frozenset({"value"})}
_DTYPE = {
    "TEXT": "object",
    "BIGINT": "Int64",
    "INTEGER": "Int32",
    "DOUBLE": "float64",
    "BOOLEAN": "boolean",
}


@dataclass(frozen=True)
class TableRead:
    """A table as read, and what is wrong with it."""

    frame: pd.DataFrame
    """The vocabulary's columns: object, Int64, Int32 and float64; NULL is None, NA or NaN."""
    problems: tuple[Problem, ...]
    n_missing_code: int = 0
    """Cells that held one of the study's missing_codes."""
    is_whole: bool = True
    """Every row and every needed column is there, so that absence means something."""
    comments: tuple[str, ...] = ()
    """Leading comment lines."""
    left_out: str = ""
    """What of the file was not read, in words; empty when all of it was."""


def read_samples(path: Path, study: Study) -> TableRead:
    """Read raw.sample."""
    return _read(path, study, table("raw.sample"), study.samples)


def read_participants(path: Path, study: Study) -> TableRead:
    """Read raw.participant."""
    return _read(path, study, table("raw.participant"), study.participants or path.name)


def read_visits(path: Path, study: Study) -> TableRead:
    """Read raw.visit."""
    return _read(path, study, table("raw.visit"), study.visits or path.name)


def read_biomarkers(path: Path, study: Study) -> TableRead:
    """Read raw.biomarker."""
    return _read(path, study, table("raw.biomarker"), study.biomarkers or path.name)


def empty_frame(spec: Table) -> pd.DataFrame:
    """Return a frame without rows, of the vocabulary's columns and types."""
    return pd.DataFrame({c.name: pd.Series(dtype=_DTYPE[c.type]) for c in spec.columns})


def typed(frame: pd.DataFrame, spec: Table) -> pd.DataFrame:
    """Return a frame's columns as the vocabulary has them, in its order and by the table's key."""
    if frame.empty:
        return empty_frame(spec)
    made = frame.astype({column.name: _DTYPE[column.type] for column in spec.columns})
    return made[list(spec.column_names)].sort_values(list(spec.key), ignore_index=True)


def problems_of(frame: pd.DataFrame) -> ProblemList:
    """Return an empty list of problems for the file a frame was read from."""
    return ProblemList(str(frame["source_file"].iloc[0]) if len(frame) else "")


def input_columns(spec: Table) -> tuple[str, ...]:
    """Columns that the input file may have: all but file and line."""
    return tuple(name for name in spec.column_names if name not in _SOURCE)


def required_columns(spec: Table) -> frozenset[str]:
    """Columns that the input file must have."""
    never_null = set(input_columns(spec)) - spec.nullable
    return frozenset(never_null) | _ALSO_REQUIRED.get(spec.name, frozenset())


def _read(path: Path, study: Study, spec: Table, name: str) -> TableRead:
    problems = ProblemList(str(PurePath(name)))
    raw = read_rows(path, problems)
    if raw is None:
        return TableRead(empty_frame(spec), problems.all(), is_whole=False)
    known, required = input_columns(spec), required_columns(spec)
    raw = replace(raw, header=known_spelling(raw.header, known))
    is_whole = not problems and required <= set(raw.header)
    check_header(raw, known, required, study.ignored_columns, problems)
    n_ignored = sum(is_ignored(name, known, study.ignored_columns) for name in raw.header)
    if not raw.rows and not problems and spec.name != "raw.biomarker":
        problems.add("", "no rows", expected="a row for each", fix="fill the table", kind="no rows")
    frame, n_missing_code = _typed(raw, spec, study, problems)
    frame["source_file"] = np.full(len(frame), problems.file_name, dtype=object)
    frame["source_line"] = pd.array(raw.lines, dtype="Int64")
    _check_keys(frame, spec, problems)
    return TableRead(
        frame[list(spec.column_names)],
        problems.all(),
        n_missing_code,
        is_whole,
        raw.comments,
        left_out_text(raw, n_ignored),
    )


def _typed(
    raw: RawTable, spec: Table, study: Study, problems: ProblemList
) -> tuple[pd.DataFrame, int]:
    """Columns of the vocabulary by name, and the number of missing codes met."""
    n_missing_code = 0
    columns: dict[str, object] = {}
    for column in spec.columns:
        if column.name in _SOURCE:
            continue
        dtype = _DTYPE[column.type]
        if column.name not in raw.header:
            columns[column.name] = pd.Series([None] * len(raw.rows), dtype=dtype)
            continue
        place = raw.header.index(column.name)
        cells = np.array([row[place] for row in raw.rows], dtype=object)
        is_nullable = column.name in spec.nullable
        values, n_code = read_column(
            cells, raw.lines, column, study.missing_codes, problems, is_nullable=is_nullable
        )
        columns[column.name] = pd.Series(values, dtype=dtype)
        n_missing_code += n_code
    return pd.DataFrame(columns), n_missing_code


def _check_keys(frame: pd.DataFrame, spec: Table, problems: ProblemList) -> None:
    key = list(spec.key)
    given = frame[frame[key].notna().all(axis=1)]
    repeated = given[given.duplicated(key, keep=False)]
    first = repeated.groupby(key, sort=False)["source_line"].transform("first")
    for line, first_line in zip(repeated["source_line"], first, strict=True):
        if line != first_line:
            problems.add(
                f"line {line}",
                f"the same {' and '.join(key)} as line {first_line}",
                expected=f"one row for each {' and '.join(key)}",
                fix="keep one of the two rows",
                kind="repeated rows",
                n_shown=N_SHOWN,
            )
