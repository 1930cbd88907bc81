"""Bytes of text, looked at many at a time: compiled, for the passes over a VCF."""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from alsrev_dagster.ingest.kernels.compiled import compiled

TAB, LINE_END, RETURN, COLON, SLASH, PIPE, DOT, COMMA = 9, 10, 13, 58, 47, 124, 46, 44
SEMICOLON = 59
ZERO, ONE = 48, 49

UPPER = np.zeros(256, dtype=np.uint8)
"""Capital of each base; 0 for what is no base."""
for _base in b"ACGTN":
    UPPER[_base] = UPPER[_base + 32] = _base

_N_WIDE = 32
"""Bytes that are compared at once."""

_EACH = np.uint64(0x0101010101010101)
_HIGH = np.uint64(0x8080808080808080)
_LINE_ENDS = np.uint64(0x0A0A0A0A0A0A0A0A)
_FOUR, _PASS = np.uint64(0xFFFFFFFF), np.uint64(0x53534150)


@intrinsic
def eight_bytes(typingctx: Any, text: Any, index: Any) -> Any:
    """Return eight bytes of the text, the first one lowest, wherever they start."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, args[0])
        place = builder.gep(array.data, [args[1]])
        wide = builder.bitcast(place, ir.PointerType(ir.IntType(64)))
        loaded = builder.load(wide)
        loaded.align = 1
        return loaded

    return types.uint64(text, types.intp), code


@intrinsic
def _n_before_end(typingctx: Any, text: Any, index: Any) -> Any:
    """Count the bytes from a place to the next tab or line end; 32 when there is none so near."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, args[0])
        vector = ir.VectorType(ir.IntType(8), _N_WIDE)
        place = builder.gep(array.data, [args[1]])
        loaded = builder.load(builder.bitcast(place, ir.PointerType(vector)))
        loaded.align = 1
        is_tab, is_line_end = (
            builder.icmp_unsigned("==", loaded, ir.Constant(vector, [letter] * _N_WIDE))
            for letter in (TAB, LINE_END)
        )
        mask = builder.bitcast(builder.or_(is_tab, is_line_end), ir.IntType(_N_WIDE))
        n = builder.cttz(mask, ir.Constant(ir.IntType(1), 0))
        return builder.zext(n, ir.IntType(64))

    return types.int64(text, types.intp), code


@compiled
def next_end(text, at):
    """Place of the next tab or line end."""
    while True:
        n = _n_before_end(text, at)
        at += n
        if n < _N_WIDE:
            return at


@compiled
def next_line_end(text, at):
    """Place of the next line end."""
    while True:
        line_end = eight_bytes(text, at) ^ _LINE_ENDS
        if (line_end - _EACH) & ~line_end & _HIGH:
            while text[at] != LINE_END:
                at += 1
            return at
        at += 8


@compiled
def position(text, start, stop):
    """Whole number between two places; -1 where there is none."""
    if stop == start or stop - start > 10:
        return -1
    number = 0
    for at in range(start, stop):
        if text[at] < 48 or text[at] > 57:
            return -1
        number = number * 10 + (text[at] - 48)
    return number


@compiled
def is_bases(text, start, stop):
    """Whether the bytes between two places are bases, one at least."""
    if stop == start:
        return False
    for at in range(start, stop):
        if UPPER[text[at]] == 0:
            return False
    return True


@compiled
def is_same(text, start, stop, other_start, other_stop):
    """Whether two pieces of a text are the same."""
    if stop - start != other_stop - other_start:
        return False
    for index in range(stop - start):
        if text[start + index] != text[other_start + index]:
            return False
    return True


@compiled
def is_filter(text, start, stop):
    """Whether a FILTER is ``.``, or names joined by ``;``."""
    if stop - start == 4 and eight_bytes(text, start) & _FOUR == _PASS:
        return True
    part = start
    for at in range(start, stop + 1):
        if at < stop and text[at] != SEMICOLON:
            continue
        is_dot = at - part == 1 and text[part] == DOT
        if at == part or (is_dot and stop - start > 1):
            return False
        part = at + 1
    return True


@compiled
def has_end(text, start, stop):
    """Whether an INFO has the key END."""
    for at in range(start, stop - 3):
        if text[at] == 69 and text[at + 1] == 78 and text[at + 2] == 68 and text[at + 3] == 61:
            if at == start or text[at - 1] == 59:
                return True
    return False


@compiled
def has_len(text, start, stop):
    """Whether a FORMAT has the key LEN."""
    for at in range(start, stop - 2):
        if text[at] == 76 and text[at + 1] == 69 and text[at + 2] == 78:
            if (at == start or text[at - 1] == COLON) and (at + 3 == stop or text[at + 3] == COLON):
                return True
    return False
