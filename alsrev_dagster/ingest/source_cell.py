"""Cells of a public resource's file: numbers, days, scores and words, and notes of the rest.

Each distinct text is read once. What cannot be read is missing, and noted; a code for "missing"
is no number, whatever it looks like.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.ingest.clinical_cell import is_sentinel, shown
from alsrev_dagster.ingest.clinical_date import DAY_MAX
from alsrev_dagster.ingest.clinical_note import Notes, Reason
from alsrev_dagster.ingest.source_table import SourceTable

Floats = NDArray[np.float64]
Words = NDArray[np.object_]

CODE = Reason("repaired", "a code for a missing value, read as missing")
COMMA = Reason("repaired", "a decimal comma, read as a decimal point")
DASH = Reason("refused", "a dash instead of a number")
BOUND = Reason("refused", "a bound such as <5 instead of a number")
THOUSANDS = Reason("refused", "a comma that may separate decimals or thousands")
TEXT = Reason("refused", "text instead of a number")
FRACTION = Reason("refused", "a fraction of a point: nothing is rounded")
OFF_SCALE = Reason("refused", "a score outside its scale")
PART_DAY = Reason("refused", "a day that is not a whole number")
FAR_DAY = Reason("refused", "a day too far from day 0: a date, or a slip")

_UNSAID = frozenset({"", ".", "NULL", "null", "NA", "<NA>", "nan", "NaN", "NAN", "None", "#N/A"})
"""What programs write for nothing: no code of somebody's, and not noted."""
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,15}(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?")
_COMMA = re.compile(r"[+-]?[0-9]{1,9},[0-9]{1,9}")
_MAYBE_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")
_DASHES = frozenset("-\u2013\u2014 ")
_BOUND = re.compile(r"[<>≤≥]=?\s*[0-9].*")


@dataclass(frozen=True)
class _Read:
    """One text, read: NaN where it is none, and what there is to note."""

    value: float
    reason: Reason | None = None


def _number(text: str) -> _Read:
    if text in _UNSAID:
        return _Read(np.nan)
    if is_sentinel(text):
        return _Read(np.nan, CODE)
    if _NUMBER.fullmatch(text):
        return _Read(float(text))
    if _MAYBE_THOUSANDS.fullmatch(text):
        return _Read(np.nan, THOUSANDS)
    if _COMMA.fullmatch(text):
        return _Read(float(text.replace(",", ".")), COMMA)
    if _BOUND.fullmatch(text):
        return _Read(np.nan, BOUND)
    return _Read(np.nan, DASH if set(text) <= _DASHES else TEXT)


def numbers(source: SourceTable, name: str | None, notes: Notes) -> Floats:
    """Read a column of numbers; NaN where there is none. No column is all missing."""
    return _read(source, name, notes, _number)


def days(source: SourceTable, name: str | None, notes: Notes) -> Floats:
    """Read a column of whole days from day 0."""

    def day(text: str) -> _Read:
        found = _number(text)
        if np.isnan(found.value):
            return found
        if found.value != round(found.value):
            return _Read(np.nan, PART_DAY)
        return found if abs(found.value) <= DAY_MAX else _Read(np.nan, FAR_DAY)

    return _read(source, name, notes, day)


def scores(source: SourceTable, name: str | None, notes: Notes, top: int) -> Floats:
    """Read a column of whole points from 0 to ``top``; nothing is rounded or clipped."""

    def score(text: str) -> _Read:
        found = _number(text)
        if np.isnan(found.value):
            return found
        if found.value != round(found.value):
            return _Read(np.nan, FRACTION)
        return found if 0 <= found.value <= top else _Read(np.nan, OFF_SCALE)

    return _read(source, name, notes, score)


def words(source: SourceTable, name: str | None, notes: Notes) -> Words:
    """Read a column of text; None where there is none."""
    if name is None:
        return np.full(len(source), None, dtype=object)
    column = source.columns[name]
    is_code = [text not in _UNSAID and is_sentinel(text) for text in column.texts]
    codes: list[Reason | None] = [CODE if code else None for code in is_code]
    _note(source, name, notes, codes)
    values = [
        None if code or text in _UNSAID else text
        for text, code in zip(column.texts, is_code, strict=True)
    ]
    return _array(values)[column.place]


def choices(
    source: SourceTable, name: str | None, notes: Notes, known: dict[str, str], reason: Reason
) -> Words:
    """Read a column of few words, by their letters in lower case; others are noted."""
    found = words(source, name, notes)
    if name is None:
        return found
    column = source.columns[name]
    of_text = [known.get(text.strip().lower()) for text in column.texts]
    unknown = [
        reason if value is None and text not in _UNSAID and not is_sentinel(text) else None
        for text, value in zip(column.texts, of_text, strict=True)
    ]
    _note(source, name, notes, unknown)
    return _array(of_text)[column.place]


def participant_ids(source: SourceTable, notes: Notes, *names: str) -> Words:
    """Read whose row it is; a row of nobody is refused, and None here."""
    name = source.first_of(*names)
    found = words(source, name, notes)
    nobody = np.array([value is None for value in found], dtype=bool)
    notes.add(source.file_name, source.line[nobody], NOBODY)
    return found


NOBODY = Reason("refused", "a row without a participant")


def _read(
    source: SourceTable, name: str | None, notes: Notes, parse: Callable[[str], _Read]
) -> Floats:
    if name is None:
        return np.full(len(source), np.nan)
    column = source.columns[name]
    found = [parse(text) for text in column.texts]
    _note(source, name, notes, [one.reason for one in found])
    return np.array([one.value for one in found], dtype=np.float64)[column.place]


def _note(source: SourceTable, name: str, notes: Notes, reasons: list[Reason | None]) -> None:
    """Note the cells of the texts that have a reason, a reason at a time."""
    column = source.columns[name]
    texts = _array(
        [shown(text) if r else None for text, r in zip(column.texts, reasons, strict=True)]
    )
    for reason in dict.fromkeys(r for r in reasons if r is not None):
        rows = np.isin(column.place, [i for i, r in enumerate(reasons) if r == reason])
        notes.add(
            source.file_name,
            source.line[rows],
            reason,
            column=source.spelled[name],
            found=texts[column.place[rows]],
        )


def _array(values: list[str | None]) -> Words:
    """An array of objects, whatever their number."""
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made
