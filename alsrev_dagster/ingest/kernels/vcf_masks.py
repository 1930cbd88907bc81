"""Sixty-four bytes of text at once, as masks with a bit a byte, the first one lowest: compiled.

LLVM makes of a vector of 64 bytes what the processor has: one register, or two or four.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

WINDOW, _N_NUMBER = 64, 32
_BIT = ir.IntType(1)
_WORD = ir.IntType(64)


def _loaded(context: Any, builder: Any, array_type: Any, args: Any, element: Any, n: int) -> Any:
    """Emit a load of ``n`` elements from the place ``args[1]`` of an array, wherever they start."""
    array = context.make_array(array_type)(context, builder, args[0])
    place = builder.gep(array.data, [args[1]])
    loaded = builder.load(builder.bitcast(place, ir.PointerType(ir.VectorType(element, n))))
    loaded.align = 1
    return loaded


def _alike(builder: Any, value: Any, n: int) -> Any:
    """Emit a vector of ``n`` times the same value."""
    undefined = ir.Constant(ir.VectorType(value.type, n), ir.Undefined)
    first = builder.insert_element(undefined, value, ir.Constant(ir.IntType(32), 0))
    lanes = ir.Constant(ir.VectorType(ir.IntType(32), n), [0] * n)
    return builder.shuffle_vector(first, undefined, lanes)


@intrinsic
def where_is(typingctx: Any, text: Any, index: Any, letter: Any) -> Any:
    """Bytes that are a letter, among the 64 from a place."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        loaded = _loaded(context, builder, signature.args[0], args, ir.IntType(8), WINDOW)
        is_letter = builder.icmp_unsigned("==", loaded, _alike(builder, args[2], WINDOW))
        return builder.bitcast(is_letter, _WORD)

    return types.uint64(text, types.intp, types.uint8), code


@intrinsic
def where_to(typingctx: Any, text: Any, index: Any, first: Any, last: Any) -> Any:
    """Bytes from one letter up to another, among the 64 from a place."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        loaded = _loaded(context, builder, signature.args[0], args, ir.IntType(8), WINDOW)
        above = builder.sub(loaded, _alike(builder, args[2], WINDOW))
        most = _alike(builder, builder.sub(args[3], args[2]), WINDOW)
        return builder.bitcast(builder.icmp_unsigned("<=", above, most), _WORD)

    return types.uint64(text, types.intp, types.uint8, types.uint8), code


@intrinsic
def first_bit(typingctx: Any, mask: Any) -> Any:
    """Place of the lowest bit of a mask; 64 where it has none."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], ir.Constant(_BIT, 0))

    return types.int64(types.uint64), code


@intrinsic
def n_bit(typingctx: Any, mask: Any) -> Any:
    """Count the bits of a mask."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.ctpop(args[0])

    return types.int64(types.uint64), code


@intrinsic
def where_number(typingctx: Any, numbers: Any, index: Any, number: Any) -> Any:
    """Numbers that are a number, among the 32 from an index into all of them, a bit a number."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array_type = signature.args[0]
        element = context.get_value_type(array_type.dtype)
        loaded = _loaded(context, builder, array_type, args, element, _N_NUMBER)
        is_number = builder.icmp_signed("==", loaded, _alike(builder, args[2], _N_NUMBER))
        return builder.zext(builder.bitcast(is_number, ir.IntType(_N_NUMBER)), _WORD)

    return types.uint64(numbers, types.intp, numbers.dtype), code


@intrinsic
def put_digits(typingctx: Any, text: Any, at: Any, numbers: Any, index: Any) -> Any:
    """Write every other one of 64 letters as the number that it is, or -1 for a dot."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        text_type, _, array_type, _ = signature.args
        pair, element = ir.IntType(16), context.get_value_type(array_type.dtype)
        wide = ir.VectorType(element, _N_NUMBER)
        loaded = _loaded(context, builder, text_type, args, pair, _N_NUMBER)
        letter = builder.and_(loaded, ir.Constant(loaded.type, [0xFF] * _N_NUMBER))
        digit = builder.sub(letter, ir.Constant(loaded.type, [48] * _N_NUMBER))
        minus_1 = ir.Constant(loaded.type, [-1] * _N_NUMBER)
        is_dot = builder.icmp_signed("<", digit, minus_1)
        number = builder.sext(builder.select(is_dot, minus_1, digit), wide)
        array = context.make_array(array_type)(context, builder, args[2])
        place = builder.bitcast(builder.gep(array.data, [args[3]]), ir.PointerType(wide))
        builder.store(number, place).align = 1
        return context.get_dummy_value()

    return types.void(text, types.intp, numbers, types.intp), code
