"""A delimited file of a public resource: every cell as text, every row with its true line."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv

from alsrev_dagster.ingest.clinical_file import file_bytes
from alsrev_dagster.ingest.clinical_note import Notes, Reason
from alsrev_dagster.ingest.genotype_problem import ProblemList

_BLOCK_BYTES = 1 << 24
_RAGGED = Reason("refused", "a row with another number of cells than the header")
_SEPARATORS = ("|", "\t", ",", ";")
_WITHOUT_QUOTES = ("|", "\t")
"""Between these a quotation mark is a character like any other."""
_OTHER = re.compile(r"[^a-z0-9]")


@dataclass(frozen=True)
class Coded:
    """A column: ``texts[place[row]]`` is the cell, stripped."""

    place: NDArray[np.int64]
    texts: tuple[str, ...]


@dataclass(frozen=True)
class SourceTable:
    """Rows of a file; columns by their plain name."""

    file_name: str
    line: NDArray[np.int64]
    columns: Mapping[str, Coded]
    spelled: Mapping[str, str]
    """Name of each column as the file spells it."""

    def __len__(self) -> int:
        return len(self.line)

    def of_rows(self, kept: NDArray[np.bool_]) -> "SourceTable":
        """Return the rows that are kept."""
        columns = {name: Coded(c.place[kept], c.texts) for name, c in self.columns.items()}
        return replace(self, line=self.line[kept], columns=columns)

    def first_of(self, *names: str) -> str | None:
        """Return the first of some plain names that the file has."""
        return next((name for name in names if name in self.columns), None)


def plain_name(name: str) -> str:
    """Return what the spellings of a column share: its letters and digits, in lower case.

    Examples
    --------
    >>> plain_name("Subject_Liters__Trial_2_"), plain_name("R_1_Dyspnea"), plain_name("R1 Dyspnea")
    ('subjectliterstrial2', 'r1dyspnea', 'r1dyspnea')
    """
    return _OTHER.sub("", name.lower())


def read_source(
    path: Path,
    problems: ProblemList,
    notes: Notes,
    wanted: Callable[[str], bool] = lambda _: True,
) -> SourceTable | None:
    """Read the wanted columns of a file; None when it is not one, with a problem.

    A row with another number of cells than the header is left out, and noted.
    """
    data = file_bytes(path, problems)
    if data is None:
        return None
    data = data.removeprefix(b"\xef\xbb\xbf")
    header, separator = _header(data)
    if _is_broken(data, separator, problems):
        return None
    plain = [plain_name(name) for name in header]
    for number, name in enumerate(plain, start=1):
        if name in plain[: number - 1] and wanted(name):
            found = f"column {header[number - 1]} a second time"
            fix = "remove or rename one of the two"
            problems.add(f"header, column {number}", found, expected="once", fix=fix, kind=found)
            return None
    kept = [i for i, name in enumerate(plain) if name and wanted(name)]
    table, line = _table(data, separator, len(header), kept, (problems.file_name, notes))
    columns = {plain[i]: _coded(table.column(str(i))) for i in kept}
    spelled = {plain[i]: header[i] for i in kept}
    return _filled(SourceTable(problems.file_name, line, columns, spelled))


def _filled(source: SourceTable) -> SourceTable:
    """Leave out rows without a cell, such as blank lines."""
    is_filled = np.zeros(len(source), dtype=bool)
    for column in source.columns.values():
        is_filled |= np.array([text != "" for text in column.texts], dtype=bool)[column.place]
    return source if is_filled.all() else source.of_rows(is_filled)


def _is_broken(data: bytes, separator: str, problems: ProblemList) -> bool:
    """Whether there is no table, or a quotation that would swallow the rows after it."""
    fix = "take the file as it was downloaded"
    if not data.strip():
        problems.add("", "no header line", expected="a header and rows", fix=fix, kind="empty")
    elif separator not in _WITHOUT_QUOTES and data.count(b'"') % 2:
        found = "quotation marks that do not pair"
        problems.add("", found, expected="a table whose quotations end", fix=fix, kind=found)
    return bool(problems)


def _header(data: bytes) -> tuple[list[str], str]:
    """Names of the columns, and what separates them."""
    first = data.split(b"\n", 1)[0].decode("utf-8").rstrip("\r")
    separator = max(_SEPARATORS, key=first.count)
    return [name.strip().strip('"') for name in first.split(separator)], separator


def _table(
    data: bytes, separator: str, n_column: int, kept: list[int], to: tuple[str, Notes]
) -> tuple[pa.Table, NDArray[np.int64]]:
    """Cells as text, and the line on which each row starts."""
    left_out: list[tuple[int, bool]] = []

    def leave_out(row: csv.InvalidRow) -> str:
        left_out.append((row.number, bool(row.text.strip(f" \r\n{separator}"))))
        return "skip"

    names = [str(i) for i in range(n_column)]
    text = pa.dictionary(pa.int32(), pa.string())
    table = csv.read_csv(
        BytesIO(data),
        csv.ReadOptions(
            use_threads=False, block_size=_BLOCK_BYTES, column_names=names, skip_rows=1
        ),
        csv.ParseOptions(
            delimiter=separator,
            quote_char=False if separator in _WITHOUT_QUOTES else '"',
            newlines_in_values=True,
            ignore_empty_lines=False,
            invalid_row_handler=leave_out,
        ),
        csv.ConvertOptions(
            column_types=dict.fromkeys(names, text),
            include_columns=[str(i) for i in kept],
            strings_can_be_null=False,
        ),
    ).unify_dictionaries()
    row_number = np.arange(2, 2 + table.num_rows + len(left_out), dtype=np.int64)
    is_read = ~np.isin(row_number, [number for number, _ in left_out])
    n_break = np.zeros(len(row_number), dtype=np.int64)
    n_break[is_read] = _n_break(table, data, len(row_number))
    line = row_number + np.concatenate([[0], np.cumsum(n_break)])[:-1].astype(np.int64)
    is_told = np.isin(row_number, [number for number, told in left_out if told])
    file_name, notes = to
    notes.add(file_name, line[is_told], _RAGGED)
    return table, line[is_read]


def _n_break(table: pa.Table, data: bytes, n_row: int) -> NDArray[np.int64]:
    """Line breaks within the quoted cells of each row, of the cells that are read."""
    found = np.zeros(table.num_rows, dtype=np.int64)
    if data.count(b"\n") > n_row + 1:
        for column in table.columns:
            found += pc.count_substring(column.cast(pa.string()), "\n").to_numpy()
    return found


def _coded(column: pa.ChunkedArray) -> Coded:
    whole = column.combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks) if whole.num_chunks else _nothing()
    place = whole.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return Coded(place, tuple(str(text).strip() for text in whole.dictionary.to_pylist()))


def _nothing() -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array([], pa.int32()), pa.array([], pa.string()))
