"""Dates of a file as days from the participant's own day 0; no date leaves this module."""

import re
from calendar import monthrange
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.ingest.clinical_cell import is_sentinel
from alsrev_dagster.ingest.clinical_note import Notes, Reason
from alsrev_dagster.ingest.source_table import SourceTable

PARTIAL = Reason("flagged", "a date known to the year or month only: no day is made of it")
NO_DATE = Reason(
    "refused", "a date that cannot be read, or whose day and month cannot be told apart"
)

_TIME = r"(?:[T ][0-9:.]+(?:Z|[+-][0-9:]+)?)?"
_ISO = re.compile(rf"([0-9]{{4}})-([0-9]{{2}})-([0-9]{{2}}){_TIME}")
_NAMED = re.compile(rf"([0-9]{{1,2}})[- ]?([A-Za-z]{{3}})[- ]?([0-9]{{4}}){_TIME}")
_PART = re.compile(r"([0-9]{4})(?:-([0-9]{2}|UNK?|XX))?(?:-(?:UNK?|XX))?", re.IGNORECASE)
_NAMES = "jan feb mar apr may jun jul aug sep oct nov dec"
_MONTHS = {name: place for place, name in enumerate(_NAMES.split(), start=1)}


@dataclass(frozen=True)
class Dates:
    """Earliest and latest day of each cell, counted from the calendar's own start.

    NaN where there is none; the same where a cell is a whole date.
    """

    earliest: NDArray[np.float64]
    latest: NDArray[np.float64]

    @property
    def exact(self) -> NDArray[np.float64]:
        """Days of whole dates alone."""
        made: NDArray[np.float64] = np.where(self.earliest == self.latest, self.earliest, np.nan)
        return made

    def since(self, start: NDArray[np.float64]) -> "Dates":
        """Return them counted from a day of each row."""
        return Dates(self.earliest - start, self.latest - start)


def _span(text: str) -> tuple[float, float]:
    """First and last day that a text may mean; NaN for no date."""
    with suppress(ValueError):  # the 31st of a short month
        if found := _ISO.fullmatch(text):
            day = date(int(found[1]), int(found[2]), int(found[3])).toordinal()
            return day, day
        if found := _NAMED.fullmatch(text):
            month = _MONTHS.get(found[2].lower(), 0)
            day = date(int(found[3]), month, int(found[1])).toordinal()
            return day, day
        if found := _PART.fullmatch(text):
            year, part = int(found[1]), str(found[2] or "")
            first, last = (int(part), int(part)) if part.isdecimal() else (1, 12)
            end = date(year, last, monthrange(year, last)[1])
            return date(year, first, 1).toordinal(), end.toordinal()
    return np.nan, np.nan


def dates(source: SourceTable, name: str | None, notes: Notes) -> Dates:
    """Read a column of dates; what is no date is noted, and never shown."""
    if name is None:
        nothing = np.full(len(source), np.nan)
        return Dates(nothing, nothing)
    column = source.columns[name]
    spans = np.array([_span(text) for text in column.texts], dtype=np.float64).reshape(-1, 2)
    given = np.array([text != "" and not is_sentinel(text) for text in column.texts], dtype=bool)
    for which, reason in (
        (given & np.isnan(spans[:, 0]), NO_DATE),
        (given & (spans[:, 0] < spans[:, 1]), PARTIAL),
    ):
        rows = which[column.place]
        notes.add(source.file_name, source.line[rows], reason, column=source.spelled[name])
    return Dates(spans[column.place, 0], spans[column.place, 1])
