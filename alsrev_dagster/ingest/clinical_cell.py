"""One cell of a clinical table: text to value, or why not."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from alsrev_dagster.ingest.clinical_date import A_DATE, DAY_MAX, looks_like_date
from alsrev_dagster.study_values import is_cohort_name
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
_PLAIN = re.compile(r"[<>]?=?[+-]?(?=(?:[.,]?[0-9]){1,4}[.,]?$)[0-9]*[.,]?[0-9]*")
"""A number of at most four digits. A longer one, or digits with dashes, may be an identifier."""
_NOT_SHOWN = "not shown since it may name a person"


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


def _day(cell: str) -> int | None:
    number = _integer(cell)
    return number if number is not None and abs(number) <= DAY_MAX else None


def _undated(cell: str) -> str | None:
    return None if looks_like_date(cell) else cell


_ANSWER = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}

_MEND = "mend the cell, or leave it empty when the value is not known"
_NAME_PARSER = Parser(
    _name, "a name of letters, digits, _ and - (at most 64)", "rename it here and in study.yaml"
)
_BY_NAME = {
    "callset": _NAME_PARSER,
    "cohort": Parser(
        lambda cell: cell if is_cohort_name(cell) else None,
        "printable text of at most 64 characters",
        "rename it here and in study.yaml",
    ),
    "sex": Parser(
        lambda cell: _SEX.get(cell.lower()), "female, male, F, M or an empty cell", _MEND
    ),
}
_WHOLE = Parser(_integer, "a whole number such as 12, at most 9 digits", _MEND)
_BY_TYPE = {
    "INTEGER": _WHOLE,
    "BIGINT": _WHOLE,
    "BOOLEAN": Parser(lambda cell: _ANSWER.get(cell.lower()), "yes, no or an empty cell", _MEND),
    "DOUBLE": Parser(_decimal, "a plain decimal number such as 12.5 (no exponent, no unit)", _MEND),
}
_DAYS = Parser(
    _day,
    f"a whole number of days, at most {DAY_MAX:,} before or after day 0",
    "count the days from the participant's own day 0, such as enrolment",
)
_TEXT = Parser(_undated, "text that is not a date", "remove the date: it may tell who somebody is")
_AS_WRITTEN = Parser(str, "text", _MEND)
_MAY_BE_DATED = frozenset({"sample_id", "participant_id", "tissue", "batch", "sequencing_site"})
"""Names of people and of sequencing, of which a date may be a part."""


def is_day(column: Column) -> bool:
    """Whether a column counts days from the participant's day 0."""
    return column.name.rpartition("_")[2] == "day"


def parser_of(column: Column) -> Parser:
    """Return the way the cells of a column are read."""
    if is_day(column):
        return _DAYS
    if column.name in _MAY_BE_DATED:
        return _AS_WRITTEN
    return _BY_NAME.get(column.name) or _BY_TYPE.get(column.type) or _TEXT


def is_sentinel(cell: str) -> bool:
    """Whether the cell is a usual code for a missing value (``-9999.0`` like ``-9999``)."""
    return re.sub(r"\.0+$", "", cell) in SENTINELS


def shown(cell: str) -> str:
    """Return a cell for a message: short numbers and codes only; the rest may name somebody."""
    if looks_like_date(cell):
        return A_DATE
    if is_sentinel(cell) or _PLAIN.fullmatch(cell):
        return repr(cell)
    return f"text of {len(cell)} characters, {_NOT_SHOWN}"


def shown_number(value: float) -> str:
    """Return a number that was read for a message: a long one may be an identifier or a date."""
    text = str(value)
    if _PLAIN.fullmatch(text):
        return text
    return A_DATE if looks_like_date(text) else f"a number, {_NOT_SHOWN}"
