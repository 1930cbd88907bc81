"""Values of INFO keys, found and read as numbers: compiled."""

import numpy as np
from numba import njit

from alsrev_dagster.ingest.vcf_bytes import COMMA, DOT
from alsrev_dagster.ingest.vcf_kernel import FORMAT, INFO, ODD_SHAPE

_SEMICOLON, _EQUALS, _MINUS, _PLUS = 59, 61, 45, 43
_TEN_TO = 10.0 ** np.arange(23)
"""Powers of ten that 64 bits hold exactly."""
_MANTISSA_MAX = 2**53


@njit(nogil=True, cache=True)
def find_values(text, place, flag, key, start, stop):
    """Find where the value of a key starts and stops in each line's INFO; -1 where it is not."""
    n = len(key)
    for line in range(len(place)):
        start[line] = stop[line] = -1
        if flag[line] & ODD_SHAPE:
            continue
        at, last = place[line, INFO], place[line, FORMAT] - 1
        while at < last:
            end = at
            while end < last and text[end] != _SEMICOLON:
                end += 1
            if end - at > n and text[at + n] == _EQUALS:
                same = True
                for index in range(n):
                    same = same and text[at + index] == key[index]
                if same:
                    start[line], stop[line] = at + n + 1, end
                    break
            at = end + 1


@njit(nogil=True, cache=True)
def _number(text, start, stop):
    """Read a decimal, maybe with an exponent; NaN where there is none or it is too long."""
    mantissa, exponent, n_digit, seen_dot, at = 0, 0, 0, False, start
    is_negative = at < stop and text[at] == _MINUS
    at += int(is_negative)
    while at < stop and (text[at] == DOT or 48 <= text[at] <= 57):
        if text[at] == DOT:
            if seen_dot:
                return np.nan
            seen_dot = True
        else:
            if mantissa < _MANTISSA_MAX // 10 - 1:
                mantissa = mantissa * 10 + (text[at] - 48)
                exponent -= int(seen_dot)
            else:
                exponent += int(not seen_dot)
            n_digit += 1
        at += 1
    if at < stop and (text[at] | 32) == 101:
        at += 1
        sign = 1
        if at < stop and (text[at] == _MINUS or text[at] == _PLUS):
            sign = -1 if text[at] == _MINUS else 1
            at += 1
        power, first = 0, at
        while at < stop and 48 <= text[at] <= 57 and power < 1000:
            power = power * 10 + (text[at] - 48)
            at += 1
        if at == first:
            return np.nan
        exponent += sign * power
    if at != stop or n_digit == 0:
        return np.nan
    value = float(mantissa)
    while exponent < 0 and value != 0:
        step = min(-exponent, 22)
        value /= _TEN_TO[step]
        exponent += step
    while exponent > 0 and value != 0 and value < 1e300:
        step = min(exponent, 22)
        value *= _TEN_TO[step]
        exponent -= step
    return -value if is_negative else value


@njit(nogil=True, cache=True)
def read_numbers(text, start, stop, row_line, row_alt, out):
    """Read of each row the value of its ALT (Number=A); NaN where there is none."""
    for row in range(len(row_line)):
        out[row] = np.nan
        at, last = start[row_line[row]], stop[row_line[row]]
        if at < 0:
            continue
        for _ in range(row_alt[row] - 1):
            while at < last and text[at] != COMMA:
                at += 1
            at += 1
        end = at
        while end < last and text[end] != COMMA:
            end += 1
        if at < last:
            out[row] = _number(text, at, end)
