"""The rows of a CSV file with their true lines, and what is wrong with its shape."""

import csv
import io
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


@dataclass(frozen=True)
class RawTable:
    """Cells as text, stripped; every row as wide as the header."""

    header: tuple[str, ...]
    rows: list[list[str]]
    lines: list[int]
    """First line of each row, counted from 1."""
    comments: tuple[str, ...]
    """Leading lines that start with ``#``."""


def read_rows(path: Path, problems: ProblemList) -> RawTable | None:
    """Read a CSV file; None when it is not one. Ragged rows are problems, and left out."""
    text = _text(path, problems)
    if text is None:
        return None
    comments, body = _without_comments(text)
    rows, lines = _rows(body, len(comments), problems)
    if not rows:
        problems.add("", "no header line", expected="a header and rows", fix=_SAVE, kind="empty")
        return None
    header = tuple(cell.strip() for cell in rows[0])
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        found = "columns separated by semicolons or tabs"
        problems.add(f"line {lines[0]}", found, expected="commas", fix=_SAVE, kind=found)
        return None
    whole = [len(row) == len(header) for row in rows]
    for row, line, is_whole in zip(rows, lines, whole, strict=True):
        if not is_whole:
            _ragged(problems, line, len(row), len(header))
    return RawTable(
        header=header,
        rows=[
            [cell.strip() for cell in r] for r, ok in zip(rows[1:], whole[1:], strict=True) if ok
        ],
        lines=[line for line, ok in zip(lines[1:], whole[1:], strict=True) if ok],
        comments=comments,
    )


def _text(path: Path, problems: ProblemList) -> str | None:
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
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        refuse(f"line {line}", "a byte that is not UTF-8", "save the file as UTF-8")
        return None


def _without_comments(text: str) -> tuple[tuple[str, ...], str]:
    stream = io.StringIO(text, newline="")
    comments: list[str] = []
    start = 0
    for line in stream:
        if not line.startswith("#"):
            break
        comments.append(line.strip())
        start += len(line)
    return tuple(comments), text[start:]


def _rows(body: str, n_before: int, problems: ProblemList) -> tuple[list[list[str]], list[int]]:
    """Rows that are not blank lines, with the line on which each starts."""
    reader = csv.reader(io.StringIO(body, newline=""), strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    start = 1
    try:
        for row in reader:
            if row:
                rows.append(row)
                lines.append(n_before + start)
            start = reader.line_num + 1
    except csv.Error:
        problems.add(
            f"line {n_before + start}",
            "quotation marks that do not pair, or a cell that never ends",
            expected='cells such as text, or "text, with a comma"',
            fix="close the quotation mark, or double it inside a quoted cell",
            kind="unpaired quotation marks",
        )
    return rows, lines


def _ragged(problems: ProblemList, line: int, n_cell: int, n_column: int) -> None:
    problems.add(
        f"line {line}",
        f"{n_cell} cells",
        expected=f"{n_column}, as in the header",
        fix="add or remove commas; a cell with a comma in it needs quotation marks",
        kind="rows with another number of cells",
        n_shown=N_SHOWN,
    )
