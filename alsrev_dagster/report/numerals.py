# ruff: noqa: RUF002 - examples show the signs as they stand on the page
"""How numbers are written on the page: one way each, and NULL is a dash."""

import math
from typing import SupportsFloat

import pandas as pd

NONE = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"
TIMES = "\N{MULTIPLICATION SIGN}"

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_SMALLEST_P = 1e-300

Number = SupportsFloat | None


def is_null(value: object) -> bool:
    """Whether a cell is NULL: None, NaN or pandas' NA."""
    return value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))


def count(value: Number) -> str:
    """Write a count, with thousands apart.

    >>> count(25000)
    '25,000'
    """
    return NONE if value is None or is_null(value) else f"{int(float(value)):,}"


def scientific(value: float, digits: int = 1) -> str:
    """Write a number as a mantissa and a power of ten, as one reads it.

    >>> scientific(3.5e-07)
    '3.5 × 10⁻⁷'
    """
    mantissa, _, exponent = f"{value:.{digits}e}".partition("e")
    power = str(int(exponent)).translate(_SUPERSCRIPT)
    return f"{mantissa.replace('-', MINUS)} {TIMES} 10{power}"


def p_value(value: Number) -> str:
    """Write a P value to two digits; never 0.

    >>> [p_value(p) for p in (3.5e-07, 0.0123, 0.5, 1.0)]
    ['3.5 × 10⁻⁷', '0.012', '0.50', '1.0']
    """
    if value is None or is_null(value):
        return NONE
    p = float(value)
    if p < _SMALLEST_P:
        return f"< {scientific(_SMALLEST_P, 0)}"
    if p < 0.001:
        return scientific(p)
    return f"{p:.1f}" if p >= 0.995 else _two_digits(p)


def threshold(value: Number) -> str:
    """Write a significance threshold with no more digits than it has.

    >>> [threshold(t) for t in (5e-8, 0.05, 2e-06, 0.01)]
    ['5 × 10⁻⁸', '0.05', '2 × 10⁻⁶', '0.01']
    """
    if value is None or is_null(value):
        return NONE
    t = float(value)
    if t >= 0.001:
        return f"{t:g}"
    whole = math.isclose(float(f"{t:.0e}"), t, rel_tol=1e-9)
    return scientific(t, 0 if whole else 1)


def ratio(value: Number) -> str:
    """Write an odds or hazard ratio: 0.45, 1.05, 12.0, 437, 1,754.

    >>> [ratio(r) for r in (0.0123, 0.45, 1.049, 4.1, 11.95, 436.7, 1753.8)]
    ['0.012', '0.45', '1.05', '4.1', '11.9', '437', '1,754']
    """
    if value is None or is_null(value):
        return NONE
    r = float(value)
    if math.isinf(r):
        return "infinite"
    if r >= 1e5 or 0 < r < 0.001:
        return scientific(r)
    if r < 0.1:
        return _two_digits(r) if r > 0 else "0"
    return f"{r:,.{2 if r < 2 else 1 if r < 100 else 0}f}"


def interval(lower: Number, upper: Number) -> str:
    """Write the two ends of an interval.

    >>> interval(4.1, 34.6)
    '4.1 to 34.6'
    """
    if is_null(lower) and is_null(upper):
        return NONE
    return f"{ratio(lower)} to {ratio(upper)}"


def ratio_with_interval(value: Number, lower: Number, upper: Number) -> str:
    """Write a ratio and its interval.

    >>> ratio_with_interval(12.0, 4.1, 34.6)
    '12.0 (4.1 to 34.6)'
    """
    return NONE if is_null(value) else f"{ratio(value)} ({interval(lower, upper)})"


def signed(value: Number) -> str:
    """Write a log ratio or a difference, with a true minus sign.

    >>> signed(-0.5)
    '−0.50'
    """
    return NONE if value is None or is_null(value) else f"{float(value):.2f}".replace("-", MINUS)


def fraction(value: Number) -> str:
    """Write a fraction as it stands in the table.

    >>> [fraction(f) for f in (0.8, 0.0777, 0.00012)]
    ['0.80', '0.078', '1.2 × 10⁻⁴']
    """
    if value is None or is_null(value):
        return NONE
    f = float(value)
    if f == 0:
        return "0"
    return scientific(f) if f < 0.001 else f"{f:.2f}" if f >= 0.1 else _two_digits(f)


def distance(value: Number) -> str:
    """Write a distance to a gene in words.

    >>> [distance(d) for d in (0, 1500)]
    ['in', '1,500 bp from']
    """
    if value is None or is_null(value):
        return "near"
    return "in" if float(value) == 0 else f"{count(value)} bp from"


def _two_digits(value: float) -> str:
    """Write a number below 1 to two significant digits, without an exponent."""
    rounded = float(f"{value:.1e}")
    places = 1 - math.floor(math.log10(rounded)) if rounded < 1 else 1
    return f"{rounded:.{places}f}"
