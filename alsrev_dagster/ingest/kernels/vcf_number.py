"""Numbers as text, read as they stand: compiled."""

import numpy as np

from alsrev_dagster.ingest.kernels.compiled import compiled
from alsrev_dagster.ingest.kernels.vcf_bytes import DOT

_MINUS, _PLUS = 45, 43
_EXACT_POWER_MAX = 22
_TEN_TO = 10.0 ** np.arange(_EXACT_POWER_MAX + 1)
"""Powers of ten that 64 bits hold exactly."""
_MANTISSA_MAX = 2**53 // 10 - 1
"""One more digit behind a number up to this, and 64 bits still hold it exactly."""
_POWER_MAX = 1000


@compiled
def _exponent(text, at, stop):
    """Exponent that stands behind its letter, and whether it is one up to the end."""
    sign, power = 1, 0
    if at < stop and (text[at] == _MINUS or text[at] == _PLUS):
        sign = -1 if text[at] == _MINUS else 1
        at += 1
    first = at
    while at < stop and 48 <= text[at] <= 57:
        if power < _POWER_MAX:
            power = power * 10 + (text[at] - 48)
        at += 1
    return sign * power, at == stop and at > first


@compiled
def _scaled(mantissa, exponent):
    """Product of a mantissa and a power of ten."""
    value = float(mantissa)
    while exponent < 0 and value != 0:
        step = min(-exponent, _EXACT_POWER_MAX)
        value /= _TEN_TO[step]
        exponent += step
    while exponent > 0 and value != 0 and value < 1e300:
        step = min(exponent, _EXACT_POWER_MAX)
        value *= _TEN_TO[step]
        exponent -= step
    return value


@compiled
def read_number(text, start, stop):
    """Number between two places, maybe with an exponent, and whether it is exact.

    NaN and exact for ``.``; NaN and not exact for what is no number in digits. A number is
    exact when it is the nearest one to what is written: 64 bits hold its digits, and one
    multiplication or division by a power of ten that they hold too is all there is to do.
    """
    if stop - start == 1 and text[start] == DOT:
        return np.nan, True
    mantissa, exponent, n_digit, seen_dot, is_exact, at = 0, 0, 0, False, True, start
    is_negative = at < stop and text[at] == _MINUS
    at += int(at < stop and (text[at] == _MINUS or text[at] == _PLUS))
    while at < stop and ((text[at] == DOT and not seen_dot) or 48 <= text[at] <= 57):
        if text[at] == DOT:
            seen_dot = True
        else:
            if mantissa <= _MANTISSA_MAX:
                mantissa = mantissa * 10 + (text[at] - 48)
                exponent -= int(seen_dot)
            else:
                exponent += int(not seen_dot)
                is_exact = False
            n_digit += 1
        at += 1
    if n_digit > 0 and at < stop and (text[at] | 32) == 101:
        power, is_whole = _exponent(text, at + 1, stop)
        exponent += power
        at = stop if is_whole else at
    if at != stop or n_digit == 0:
        return np.nan, False
    is_exact = is_exact and (mantissa == 0 or -_EXACT_POWER_MAX <= exponent <= _EXACT_POWER_MAX)
    value = _scaled(mantissa, exponent)
    return (-value if is_negative else value), is_exact
