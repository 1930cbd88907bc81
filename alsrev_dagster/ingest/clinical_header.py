"""The header of a clinical table: names in the vocabulary's spelling, and what is wrong with it."""

import re
from collections.abc import Collection

from alsrev_dagster.ingest.clinical_file import RawTable
from alsrev_dagster.ingest.genotype_problem import ProblemList
from alsrev_dagster.ingest.suggestion import closest

_BLANKS = re.compile(r"[\s_-]+")
_IGNORE = "list it under ignored_columns in study.yaml"


def same_name(name: str) -> str:
    """Return what names share that differ only in case, or in blanks, hyphens and underscores.

    Examples
    --------
    >>> same_name(" Participant ID ")
    'participant_id'
    """
    return _BLANKS.sub("_", name.strip()).lower()


def known_spelling(header: Collection[str], known: Collection[str]) -> tuple[str, ...]:
    """Return a header with the columns that are read spelled as the vocabulary has them."""
    return tuple(same_name(name) if same_name(name) in known else name for name in header)


def is_ignored(name: str, known: Collection[str], ignored: Collection[str]) -> bool:
    """Whether the study leaves a column out; one that is read never is."""
    return name not in known and same_name(name) in {same_name(other) for other in ignored}


def check_header(
    raw: RawTable,
    known: Collection[str],
    required: Collection[str],
    ignored: Collection[str],
    problems: ProblemList,
) -> None:
    """Add columns that are missing, unknown, without a name or there twice."""
    for name in (name for name in known if name in required and name not in raw.header):
        fix = f"add it; the columns are {','.join(known)}"
        problems.add("header", f"no column {name}", expected=name, fix=fix, kind=name)
    # A file without a header has identifiers there: what is unknown is not repeated.
    for index, (number, name) in enumerate(zip(raw.numbers, raw.header, strict=True)):
        place = f"header, column {number}"
        if name in known and name in raw.header[:index]:
            found, fix = f"column {name} a second time", "remove or rename one of the two"
            problems.add(place, found, expected="each column once", fix=fix, kind=f"2 {name}")
        elif name not in known and not is_ignored(name, known, ignored):
            found = "an unknown column" if name else "a column without a name"
            expected = f"one of {', '.join(known)}"
            problems.add(place, found, expected=expected, fix=_fix(name, known), kind=place)


def _fix(name: str, known: Collection[str]) -> str:
    near = closest(name, known)
    if near:
        return f"did you mean {near}? If not, {_IGNORE}"
    return f"correct its name, or {_IGNORE}" if name else "name it, or remove it"


def left_out_text(raw: RawTable, n_ignored: int) -> str:
    """Return what of a file is not read, in words; empty when all of it is."""
    counts = {
        "empty row(s)": raw.n_empty_row,
        "empty column(s) without a name": raw.n_empty_column,
        "column(s) of ignored_columns": n_ignored,
    }
    return ", ".join(f"{n:,} {what}" for what, n in counts.items() if n)
