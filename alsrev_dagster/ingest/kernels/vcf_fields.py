"""GQ, DP and AD of a call: where they stand, and their numbers: compiled."""

from alsrev_dagster.ingest.kernels.compiled import compiled, inlined
from alsrev_dagster.ingest.kernels.vcf_bytes import COLON, COMMA, DOT, LINE_END, RETURN, TAB
from alsrev_dagster.ingest.line_layout import ODD_CALL, ODD_FORMAT, ODD_SHAPE

UNREADABLE = ODD_CALL | ODD_FORMAT | ODD_SHAPE
"""Flags of a line whose fields are not looked at."""

N_FIELD = 3
GQ, DP, AD = range(N_FIELD)


@compiled
def find_fields(text, start, stop):
    """Numbers of GQ, DP and AD among the keys of a FORMAT; -1 where one is not."""
    gq, dp, ad = -1, -1, -1
    number, at = 0, start
    while at < stop:
        end = at
        while end < stop and text[end] != COLON:
            end += 1
        if end - at == 2:
            first, second = text[at], text[at + 1]
            if first == 71 and second == 81:
                gq = number
            elif first == 68 and second == 80:
                dp = number
            elif first == 65 and second == 68:
                ad = number
        number, at = number + 1, end + 1
    return gq, dp, ad


@inlined
def field_end(text, at):
    """Place of the next colon, tab or line end: only these two of a line stand below 11."""
    while text[at] != COLON and text[at] > LINE_END:
        at += 1
    return at


@inlined
def field_places(text, at, gq, dp, ad, last):
    """Where GQ, DP and AD of a call start (-1 for none), and a place behind them.

    From the end of its GT; ``gq``, ``dp`` and ``ad`` are as ``find_fields`` tells, ``last`` the
    greatest of them.
    """
    gq_at, dp_at, ad_at = -1, -1, -1
    number = 1
    while text[at] == COLON and number <= last:
        at += 1
        if number == gq:
            gq_at = at
        elif number == dp:
            dp_at = at
        elif number == ad:
            ad_at = at
        at = field_end(text, at)
        number += 1
    return gq_at, dp_at, ad_at, at


@inlined
def number_at(text, at):
    """Number at a place; -1 where there is none, or no such place (-1)."""
    if at < 0 or not 48 <= text[at] <= 57:
        return -1.0
    number = 0.0
    while 48 <= text[at] <= 57:
        number = number * 10 + (text[at] - 48)
        at += 1
    if text[at] == DOT:
        tenth = 0.1
        at += 1
        while 48 <= text[at] <= 57:
            number += (text[at] - 48) * tenth
            tenth /= 10
            at += 1
    return number


@compiled
def reads_of(text, at, allele):
    """Reads of one allele in an AD at a place; -1 where it has none."""
    for _ in range(allele):
        while text[at] != COMMA:
            if text[at] == COLON or text[at] == TAB or text[at] == LINE_END or text[at] == RETURN:
                return -1.0
            at += 1
        at += 1
    return number_at(text, at)
