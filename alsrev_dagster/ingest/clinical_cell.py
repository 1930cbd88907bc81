"""One cell of a clinical table: text to value, or why not."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from alsrev_dagster.vocabulary import Column

Fault = Literal["empty", "sentinel", "unreadable"]

SENTINELS = frozenset(
    {
        "-5555",
        "-7777",
        "-8888",
        "-9999",
        "PEN",
        "N/D",
        ".",
        "NULL",
        "null",
        "NA",
        "N/A",
        "n/a",
        "<NA>",
    }
    | {"nan", "NaN", "NAN", "#N/A", "None"}
)
"""Codes for "missing" in AMP-ALS and PRO-ACT tables, and those that programs write."""

_INTEGER = re.compile(r"(-?[0-9]{1,9})(?:\.0+)?")
_DECIMAL = re.compile(r"-?(?:[0-9]{1,30}(?:\.[0-9]{0,60})?|\.[0-9]{1,60})")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_SEX = {"f": "female", "female": "female", "m": "male", "male": "male"}
_DATE = re.compile(r"[0-9]{1,4}([-/.])[0-9]{1,2}\1[0-9]{1,4}(?:[ T].*)?")
A_DATE = "a date"
"""What is shown of one: a date of somebody's life is not repeated."""
_PLAIN = re.compile(r"[0-9.,+<>=%/ -]{1,20}")


@dataclass(frozen=True)
class Parser:
    """How the cells of a column are read; None where the text does not fit."""

    parse: Callable[[str], object]
    expected: str
    fix: str


def _integer(cell: str) -> int | None:
    found = _INTEGER.fullmatch(cell)
    return int(found[1]) if found else None


def _decimal(cell: str) -> float | None:
    return float(cell) if _DECIMAL.fullmatch(cell) else None


def _name(cell: str) -> str | None:
    return cell if _NAME.fullmatch(cell) else None


_MEND = "mend the cell, or leave it empty when the value is not known"
_NAME_PARSER = Parser(
    _name, "a name of letters, digits, _ and - (at most 64)", "rename it here and in study.yaml"
)
_BY_NAME = {
    "callset": _NAME_PARSER,
    "cohort": _NAME_PARSER,
    "sex": Parser(
        lambda cell: _SEX.get(cell.lower()), "female, male, F, M or an empty cell", _MEND
    ),
}
_WHOLE = Parser(_integer, "a whole number such as 12, at most 9 digits", _MEND)
_BY_TYPE = {
    "INTEGER": _WHOLE,
    "BIGINT": _WHOLE,
    "DOUBLE": Parser(_decimal, "a plain decimal number such as 12.5 (no exponent, no unit)", _MEND),
}
_TEXT = Parser(str, "text", _MEND)


def parser_of(column: Column) -> Parser:
    """Return the way the cells of a column are read."""
    return _BY_NAME.get(column.name) or _BY_TYPE.get(column.type) or _TEXT


def is_sentinel(cell: str) -> bool:
    """Whether the cell is a usual code for a missing value (``-9999.0`` like ``-9999``)."""
    return re.sub(r"\.0+$", "", cell) in SENTINELS


def shown(cell: str) -> str:
    """Return a cell for a message: numbers and codes only, since text may name somebody."""
    if _DATE.fullmatch(cell):
        return A_DATE
    if is_sentinel(cell) or _PLAIN.fullmatch(cell):
        return repr(cell)
    return f"text of {len(cell)} characters"
