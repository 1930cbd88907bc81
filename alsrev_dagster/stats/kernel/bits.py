"""Packed genotypes as bits: population counts, and a plane of bits for each kind of call.

A word of 64 bits of a plane stands for 64 samples of two packed words; which bit is which
sample does not matter to a count, as long as every plane and mask is made the same way.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from alsrev_dagster.stats.kernel.compiled import compiled

N_SAMPLE_A_WORD = 64
"""Samples of one word of a plane."""

_LOW = np.uint64(0x5555555555555555)
_ONE = np.uint64(1)


@intrinsic
def popcount(typingctx: Any, word: Any) -> Any:
    """Count the set bits of a 64-bit word."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.ctpop(args[0])

    return types.int64(types.uint64), code


@intrinsic
def as_word(typingctx: Any, packed: Any, row: Any, index: Any) -> Any:
    """Return the eight bytes of a row that start at a place."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, args[0])
        stride = builder.extract_value(array.strides, 0)
        place = builder.gep(array.data, [builder.add(builder.mul(args[1], stride), args[2])])
        loaded = builder.load(builder.bitcast(place, ir.PointerType(ir.IntType(64))))
        loaded.align = 1
        return loaded

    return types.uint64(packed, types.intp, types.intp), code


@compiled
def word_at(packed, row, at):
    """Eight bytes of a row as a word; those beyond its end are 0."""
    if at + 8 <= packed.shape[1]:
        return as_word(packed, row, at)
    word = np.uint64(0)
    for i in range(packed.shape[1] - at):
        word |= np.uint64(packed[row, at + i]) << np.uint64(8 * i)
    return word


@compiled
def bits_of(packed, row, index):
    """The low bits of 64 samples' codes, and the high bits."""
    first, second = word_at(packed, row, 16 * index), word_at(packed, row, 16 * index + 8)
    low = (first & _LOW) | ((second & _LOW) << _ONE)
    high = ((first >> _ONE) & _LOW) | (second & ~_LOW)
    return low, high


@compiled
def fill_planes(packed, row, is_sample, hom, alt, called):
    """Fill the planes of a variant: called homozygous, hom-alt, called; ``is_sample`` is 1 for each
    sample, and 0 behind the last.
    """
    for index in range(len(is_sample)):
        low, high = bits_of(packed, row, index)
        called[index] = ~(low & high) & is_sample[index]
        hom[index] = called[index] & ~low
        alt[index] = called[index] & high


@compiled
def fill_low(packed, mask):
    """Fill the low bits of each row's codes."""
    for row in range(len(mask)):
        for index in range(mask.shape[1]):
            mask[row, index], _ = bits_of(packed, row, index)
