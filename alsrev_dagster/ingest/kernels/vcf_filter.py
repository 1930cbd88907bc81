"""Calls that fail on quality, depth or allele balance, made missing: compiled."""

from alsrev_dagster.ingest.kernels.compiled import compiled
from alsrev_dagster.ingest.kernels.vcf_bytes import (
    COLON,
    COMMA,
    DOT,
    LINE_END,
    RETURN,
    TAB,
    next_end,
)
from alsrev_dagster.ingest.kernels.vcf_call import read_call
from alsrev_dagster.ingest.line_layout import CALLS, FORMAT, ODD_CALL, ODD_FORMAT, ODD_SHAPE

_UNREADABLE = ODD_CALL | ODD_FORMAT | ODD_SHAPE
_N_FIELD = 3
_GQ, _DP, _AD = range(_N_FIELD)


@compiled
def _fields(text, start, stop, field):
    """Find GQ, DP and AD among the keys of a FORMAT; -1 where one is not."""
    field[:] = -1
    number, at = 0, start
    while at < stop:
        end = at
        while end < stop and text[end] != COLON:
            end += 1
        if end - at == 2:
            first, second = text[at], text[at + 1]
            if first == 71 and second == 81:
                field[_GQ] = number
            elif first == 68 and second == 80:
                field[_DP] = number
            elif first == 65 and second == 68:
                field[_AD] = number
        number, at = number + 1, end + 1


@compiled
def _number(text, at):
    """Number at a place; -1 where there is none. A decimal part is read to two digits."""
    if not 48 <= text[at] <= 57:
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
def _reads(text, at, allele):
    """Reads of one allele in an AD at a place; -1 where it has none."""
    for _ in range(allele):
        while text[at] != COMMA:
            if text[at] == COLON or text[at] == TAB or text[at] == LINE_END or text[at] == RETURN:
                return -1.0
            at += 1
        at += 1
    return _number(text, at)


@compiled
def _fails(text, place, first, second, minimum):
    """Index of the first minimum that a call fails, or -1; ``place`` of its fields, -1 for none."""
    for index in (_GQ, _DP):
        if place[index] >= 0 and minimum[index] > 0:
            number = _number(text, place[index])
            if 0 <= number < minimum[index]:
                return index
    if place[_AD] >= 0 and minimum[_AD] > 0 and first >= 0 and second >= 0 and first != second:
        one, other = _reads(text, place[_AD], first), _reads(text, place[_AD], second)
        # divided, not multiplied: 7 of 100 reads are then not below 0.07
        if one >= 0 and other >= 0 and one + other > 0:
            if min(one, other) / (one + other) < minimum[_AD]:
                return _AD
    return -1


@compiled
def mask_calls(text, place, flag, n_alt, row_line, packed, n_sample, minimum, room, n_failed):
    """Make the calls of each line missing that fail a minimum, in every row of the line.

    ``minimum`` has those of GQ, DP and allele balance (0: none). ``n_failed``, zeros of shape
    (n_line, 3), is raised by the calls that fail each, by the first one failed. Missing calls
    fail none. ``room``, shape (2, 3), is for the places of fields.
    """
    field, here = room[0], room[1]
    row = 0
    for line in range(len(place)):
        first_row = row
        while row < len(row_line) and row_line[row] == line:
            row += 1
        _fields(text, place[line, FORMAT], place[line, CALLS] - 1, field)
        has_none = field[_GQ] < 0 and field[_DP] < 0 and field[_AD] < 0
        if flag[line] & _UNREADABLE or row == first_row or has_none:
            continue
        at = place[line, CALLS]
        for sample in range(n_sample):
            first, second, at = read_call(text, at, n_alt[line])
            here[:] = -1
            number = 1
            while text[at] == COLON:
                at += 1
                for index in range(_N_FIELD):
                    if field[index] == number:
                        here[index] = at
                while text[at] != COLON and text[at] != TAB and text[at] != LINE_END:
                    at += 1
                number += 1
            failed = -1
            if first >= 0 or second >= 0:
                failed = _fails(text, here, first, second, minimum)
            if failed >= 0:
                n_failed[line, failed] += 1
                for masked in range(first_row, row):
                    packed[masked, sample >> 2] |= 3 << (6 - 2 * (sample & 3))
            at = next_end(text, at) + 1
