"""The exponential of numbers that are not positive, in a form that is computed eight at a time."""

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from alsrev_dagster.stats.kernel.compiled import compiled_fused

_LOG2_E = 1.4426950408889634
_LN2_HIGH, _LN2_LOW = 6.93145751953125e-1, 1.42860682030941723212e-6
_ROUND = 6755399441055744.0
"""1.5 x 2^52: after it is added, the low bits of a number are its nearest whole number."""
_LOWEST = -700.0
"""Below, exp is 1e-304, which nothing here tells from 0."""


@intrinsic
def _times_power_of_two(typingctx: Any, number: Any, rounded: Any) -> Any:
    """Number times 2 to the whole number in the low bits of ``rounded``."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        word = ir.IntType(64)
        exponent = builder.shl(builder.bitcast(args[1], word), ir.Constant(word, 52))
        scaled = builder.add(builder.bitcast(args[0], word), exponent)
        return builder.bitcast(scaled, ir.DoubleType())

    return types.float64(types.float64, types.float64), code


@compiled_fused
def exp_of_negative(value):
    """Exponential of a number <= 0, to two units in the last place.

    exp(x) = 2^k exp(x - k log 2), k the nearest whole number; the rest is Taylor's series to the
    12th power (Cody & Waite 1980, Software Manual for the Elementary Functions, chapter 6).
    """
    value = max(value, _LOWEST)
    rounded = value * _LOG2_E + _ROUND
    whole = rounded - _ROUND
    x = (value - whole * _LN2_HIGH) - whole * _LN2_LOW
    series = 1 / 479001600.0
    series = series * x + 1 / 39916800.0
    series = series * x + 1 / 3628800.0
    series = series * x + 1 / 362880.0
    series = series * x + 1 / 40320.0
    series = series * x + 1 / 5040.0
    series = series * x + 1 / 720.0
    series = series * x + 1 / 120.0
    series = series * x + 1 / 24.0
    series = series * x + 1 / 6.0
    series = series * x + 0.5
    series = series * x + 1.0
    return _times_power_of_two(series * x + 1.0, rounded)
