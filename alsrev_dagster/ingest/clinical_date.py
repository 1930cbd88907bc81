"""What a cell looks like when somebody wrote a calendar date into it."""

import re
from datetime import date

A_DATE = "what looks like a calendar date"
"""What is shown of one: a date of somebody's life is not repeated."""
A_SERIAL = "what looks like a calendar date as a spreadsheet counts it"

DAY_MAX = 20_000
"""Days, either way, that a day may lie from day 0: 54.8 years, longer than ALS lasts. Above it
lie the dates since October 1954 as a spreadsheet counts them, and all that are written as digits.
"""
_SERIAL_MAX = 80_000
"""A spreadsheet counts the days from 1900: this is in the year 2119."""

_MONTH = (
    "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    "|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DAY = "[0-9]{1,2}(?:st|nd|rd|th)?"
_YEAR = "(?:1[89]|2[01])[0-9]{2}"
_FORMS = (
    r"[0-9]{1,4}([-/.])[0-9]{1,2}\1[0-9]{1,4}",  # 2015-01-31, 31.1.15
    rf"[0-9]{{1,2}}[-/.]{_YEAR}|{_YEAR}[-/.][0-9]{{1,2}}",  # 01/2015, 2015-01
    rf"{_DAY}[ ./-]*{_MONTH}[ ,./-]*(?:{_YEAR}|[0-9]{{2}})",  # 31-Jan-2015, 31JAN15
    rf"{_DAY}[ ./-]+{_MONTH}",  # 31-Jan
    rf"{_MONTH}\.?(?:[ -]+{_DAY},?)?[ ,./-]*{_YEAR}",  # January 31, 2015; Jan 2015
    rf"{_MONTH}[ ./-]+[0-9]{{2}}",  # Jan-15
    rf"{_YEAR}[ ./-]*{_MONTH}[ ./-]*[0-9]{{1,2}}",  # 2015 Jan 31
)
_TIME = r"(?:[ T:]+[0-9]{1,2}:.*|T[0-9].*)?"
_WRITTEN = re.compile(f"(?:{'|'.join(f'(?:{form})' for form in _FORMS)}){_TIME}", re.IGNORECASE)
_DIGITS = re.compile(r"([0-9]{8})(?:\.0+)?(?:[ T]?[0-9:]{4,8})?")
_NUMBER = re.compile(r"-?([0-9]{1,9})(?:[.,][0-9]{0,12})?")


def looks_like_date(cell: str) -> bool:
    """Whether the whole cell is a date: in digits, with a month's name, or as ``20150131``.

    Examples
    --------
    >>> [looks_like_date(cell) for cell in ("03/2015", "31-Jan-2015", "20150131", "20150199")]
    [True, True, True, False]
    """
    digits = _DIGITS.fullmatch(cell)
    return bool(_WRITTEN.fullmatch(cell)) or (digits is not None and _is_date(digits[1]))


def date_in_day(cell: str) -> str:
    """Return what a cell of a day column, which is no day, looks like; empty for no date."""
    if looks_like_date(cell):
        return A_DATE
    number = _NUMBER.fullmatch(cell)
    if number is None:
        return ""
    if len(number[1]) == 6 and _is_short_date(number[1]):
        return A_DATE
    if DAY_MAX < int(number[1]) <= _SERIAL_MAX and not cell.startswith("-"):
        return A_SERIAL
    return ""


def _is_short_date(digits: str) -> bool:
    """Whether six digits are a date with two digits of the year, or a year and month."""
    of_the_20s = f"20{digits}", f"{digits[:4]}20{digits[4:]}"
    return any(_is_date(text) for text in (*of_the_20s, f"{digits}01", f"01{digits}"))


def _is_date(digits: str) -> bool:
    """Whether eight digits are a year, month and day, in one of the three usual orders."""
    year_last = int(digits[4:]), int(digits[2:4]), int(digits[:2])
    year_first = int(digits[:4]), int(digits[4:6]), int(digits[6:])
    orders = (year_first, year_last, (year_last[0], year_last[2], year_last[1]))
    return any(_exists(*parts) for parts in orders)


def _exists(year: int, month: int, day: int) -> bool:
    if not 1800 <= year < 2200:
        return False
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
