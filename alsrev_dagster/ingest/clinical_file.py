"""The rows of a CSV file with their true lines, and what is wrong with its shape."""

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from alsrev_dagster.ingest.genotype_problem import ProblemList

N_SHOWN = 20
"""Problems of one kind that are listed; the rest are counted."""

_SAVE = "save the table as CSV (UTF-8, commas)"
_NOT_CSV = (
    (b"PK\x03\x04", "a spreadsheet or zip archive"),
    (b"\xd0\xcf\x11\xe0", "a spreadsheet"),
    (b"\x1f\x8b", "a gzip file"),
    (b"PAR1", "a Parquet file"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
)


_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?,*[ \t]*(?:\r\n|\r|\n)')
"""A first line that spreadsheets write and read, and then do not show."""


@dataclass(frozen=True)
class RawTable:
    """Cells as text, stripped; every row as wide as the header."""

    header: tuple[str, ...]
    numbers: tuple[int, ...]
    """Place of each column in the file, counted from 1."""
    rows: list[list[str]]
    lines: list[int]
    """First line of each row, counted from 1."""
    comments: tuple[str, ...]
    """Leading lines that start with ``#``."""
    n_empty_row: int = 0
    """Rows of which every cell is empty, left out."""
    n_empty_column: int = 0
    """Columns without a name and without a value, left out."""


def read_rows(path: Path, problems: ProblemList) -> RawTable | None:
    """Read a CSV file; None when it is not one. Ragged rows are problems, and left out."""
    data = file_bytes(path, problems)
    text = None if data is None else data.decode("utf-8-sig")
    table = None if text is None else _without_separator_line(text, problems)
    if table is None:
        return None
    first, comments, body = _without_comments(*table)
    rows = _rows(body, first, problems)
    filled = [(line, row) for line, row in rows if any(row)]
    if not filled:
        problems.add("", "no header line", expected="a header and rows", fix=_SAVE, kind="empty")
        return None
    (line, header), *filled = filled
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        found = "columns separated by semicolons or tabs"
        problems.add(f"line {line}", found, expected="commas", fix=_SAVE, kind=found)
        return None
    whole = [(line, row) for line, row in filled if _is_whole(line, row, len(header), problems)]
    kept = [i for i, name in enumerate(header) if name or any(row[i] for _, row in whole)]
    return RawTable(
        header=tuple(header[i] for i in kept),
        numbers=tuple(i + 1 for i in kept),
        rows=[[row[i] for i in kept] for _, row in whole],
        lines=[line for line, _ in whole],
        comments=comments,
        n_empty_row=len(rows) - len(filled) - 1,
        n_empty_column=len(header) - len(kept),
    )


def file_bytes(path: Path, problems: ProblemList) -> bytes | None:
    """Bytes of a file that is UTF-8 text; None when it is none, with a problem."""

    def refuse(place: str, found: str, fix: str) -> None:
        problems.add(place, found, expected="a CSV file", fix=fix, kind=found)

    if not path.is_file():
        found = "a folder" if path.exists() else "no such file"
        refuse("", found, "mend its path in study.yaml (relative to the study's folder)")
        return None
    try:
        data = path.read_bytes()
    except OSError as error:
        refuse("", f"a file that cannot be read ({error.strerror})", "ask its owner for permission")
        return None
    kind = next((name for start, name in _NOT_CSV if data.startswith(start)), "")
    if kind:
        refuse("", kind, _SAVE)
        return None
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        refuse(f"line {line}", "a byte that is not UTF-8", "save the file as UTF-8")
        return None
    return data


def _without_separator_line(text: str, problems: ProblemList) -> tuple[int, str] | None:
    """Return the number of the first line after ``sep=,``, and the text from there on."""
    found = _SEPARATOR_LINE.match(text)
    if found is None:
        return 1, text
    if found[1] == ",":
        return 2, text[found.end() :]
    told = "a line 'sep=' that names another separator than the comma"
    problems.add("line 1", told, expected="commas", fix=_SAVE, kind=told)
    return None


def _without_comments(first: int, text: str) -> tuple[int, tuple[str, ...], str]:
    """Return the number of the first line that is no comment, the comments, and the rest."""
    stream = io.StringIO(text, newline="")
    comments: list[str] = []
    start = 0
    for line in stream:
        if not line.startswith("#"):
            break
        comments.append(line.strip())
        start += len(line)
    return first + len(comments), tuple(comments), text[start:]


def _rows(body: str, first: int, problems: ProblemList) -> list[tuple[int, list[str]]]:
    """Rows that are not blank lines, each with the line on which it starts."""
    reader = csv.reader(io.StringIO(body, newline=""), strict=True)
    rows: list[tuple[int, list[str]]] = []
    line = first
    try:
        for row in reader:
            if row:
                rows.append((line, [cell.strip() for cell in row]))
            line = first + reader.line_num
    except csv.Error:
        problems.add(
            f"line {line}",
            "quotation marks that do not pair, or a cell that never ends",
            expected='cells such as text, or "text, with a comma"',
            fix="close the quotation mark, or double it inside a quoted cell",
            kind="unpaired quotation marks",
        )
    return rows


def _is_whole(line: int, row: list[str], n_column: int, problems: ProblemList) -> bool:
    """Whether a row is as wide as the header; a problem where it is not."""
    if len(row) != n_column:
        problems.add(
            f"line {line}",
            f"{len(row)} cells",
            expected=f"{n_column}, as in the header",
            fix="add or remove commas; a cell with a comma in it needs quotation marks",
            kind="rows with another number of cells",
            n_shown=N_SHOWN,
        )
    return len(row) == n_column
