"""One column of a clinical table: cells to values, each distinct text read once."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.ingest.clinical_cell import Fault, is_day, is_sentinel, parser_of, shown
from alsrev_dagster.ingest.clinical_date import date_in_day
from alsrev_dagster.ingest.clinical_file import N_SHOWN
from alsrev_dagster.ingest.genotype_problem import ProblemList
from alsrev_dagster.vocabulary import Column

_LEAVE_EMPTY = "leave the cell empty, or list the code under missing_codes in study.yaml"

_KIND: dict[Fault, str] = {
    "empty": "empty cells",
    "sentinel": "cells that look like missing-value codes",
    "unreadable": "cells that cannot be read",
}


def read_column(
    cells: NDArray[np.object_],
    lines: Sequence[int],
    column: Column,
    missing_codes: tuple[str, ...],
    problems: ProblemList,
    *,
    is_nullable: bool,
) -> tuple[NDArray[np.object_], int]:
    """Return the values (None for NULL) and how many cells were one of the missing codes."""
    place, texts = pd.factorize(cells)
    parse = parser_of(column).parse
    values = np.empty(len(texts), dtype=object)
    faults: dict[int, Fault] = {}
    for index, text in enumerate(texts):
        if not text or text in missing_codes:
            if not is_nullable:
                faults[index] = "empty"
        elif is_sentinel(text):
            faults[index] = "sentinel"
        else:
            values[index] = parse(text)
            if values[index] is None:
                faults[index] = "unreadable"
    for row in np.flatnonzero(np.isin(place, list(faults))).tolist():
        _report(problems, column, lines[row], cells[row], faults[int(place[row])])
    is_code = np.array([text in missing_codes and text != "" for text in texts], dtype=bool)
    return values[place], int(is_code[place].sum())


def _report(problems: ProblemList, column: Column, line: int, cell: str, fault: Fault) -> None:
    parser, found = parser_of(column), shown(cell)
    expected, fix = parser.expected, parser.fix
    if fault == "empty":
        found = f"{found}, a missing code" if cell else "an empty cell"
        expected, fix = f"{column.name} in every row", "fill the cell, or remove the row"
    elif fault == "sentinel":
        found, fix = f"{found}, which looks like a missing-value code", _LEAVE_EMPTY
    elif is_day(column):
        found = date_in_day(cell) or found
    problems.add(
        f"line {line}, column {column.name}",
        found,
        expected=expected,
        fix=fix,
        kind=f"{_KIND[fault]} in column {column.name}",
        n_shown=N_SHOWN,
    )
