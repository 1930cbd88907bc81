"""Calls with GT alone, from 64 bytes at once: compiled.

All is said by masks with a bit a byte. What is said of a call is said at the bit of its first
byte; a code takes that bit and the next one, which no other call has, as a call and the tab
behind it are two bytes at least.
"""

import numpy as np

from alsrev_dagster.ingest.kernels.compiled import inlined
from alsrev_dagster.ingest.kernels.vcf_bytes import DOT, ONE, PIPE, SLASH, TAB, ZERO
from alsrev_dagster.ingest.kernels.vcf_call import NO_ALLELE, put_codes
from alsrev_dagster.ingest.kernels.vcf_masks import (
    WINDOW,
    first_bit,
    n_bit,
    put_digits,
    where_is,
    where_number,
    where_to,
)
from alsrev_dagster.ingest.line_layout import HALF_HAPLOID, HALF_MISSING

_U1, _U2, _U3, _U4, _U6, _U8, _U16 = (np.uint64(n) for n in (1, 2, 3, 4, 6, 8, 16))
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_CALLS = np.uint64(0x1111111111111111)
_ALLELES = np.uint64(0x5555555555555555)
_SEPARATORS = np.uint64(0x2222222222222222)
_TABS = np.uint64(0x8888888888888888)
_NIBBLES, _PAIRS = np.uint64(0x0F0F0F0F), np.uint64(0x33333333)
_OF_8, _OF_16, _OF_32 = (
    np.uint64(mask) for mask in (0x0F0F0F0F0F0F0F0F, 0x00FF00FF00FF00FF, 0x0000FFFF0000FFFF)
)


@inlined
def codes_of(first, second, first_dot, second_dot, half_call):
    """Codes of calls, from where either allele is ALT and where it is missing; the half calls."""
    half = first_dot ^ second_dot
    copies, missing = first + second, first_dot & second_dot
    if half:
        if half_call == HALF_MISSING:
            missing |= half
        elif half_call == HALF_HAPLOID:
            copies += copies & half
    return copies | missing | (missing << _U1), half


@inlined
def _close(codes):
    """Close 16 codes that have four bits each up to 32 bits, the first of each byte highest."""
    codes = ((codes << _U2) | (codes >> _U4)) & _OF_8
    codes = ((codes << _U4) | (codes >> _U8)) & _OF_16
    codes = (codes | (codes >> _U8)) & _OF_32
    return codes | (codes >> _U16)


@inlined
def put_bytes(codes, n, packed, index):
    """Write the lowest ``n`` bytes, 1 to 4."""
    if n == 4:
        for byte in range(4):
            packed[index + byte] = np.uint8(codes >> np.uint64(8 * byte))
    else:
        for byte in range(n):
            packed[index + byte] = np.uint8(codes >> np.uint64(8 * byte))


@inlined
def _like_pairs(text, at, allele):
    """Where 64 bytes are as in 16 calls of two alleles and a tab, given where alleles are."""
    tab = where_is(text, at, TAB)
    separator = where_is(text, at, SLASH) | where_is(text, at, PIPE)
    return (allele & _ALLELES) | (separator & _SEPARATORS) | (tab & _TABS)


@inlined
def put_pairs(text, at, n, packed, index, half_call, n_odd):
    """Pack the next ``4 * n`` calls, if each is two alleles and a tab; whether they are."""
    one, dot = where_is(text, at, ONE), where_is(text, at, DOT)
    inside = _ALL >> np.uint64(WINDOW - 16 * n)
    if (_like_pairs(text, at, where_is(text, at, ZERO) | one | dot) | ~inside) != _ALL:
        return False
    here = _CALLS & inside
    codes, half = codes_of(
        one & here, (one >> _U2) & here, dot & here, (dot >> _U2) & here, half_call
    )
    if half:
        n_odd[0] += n_bit(half)
    put_bytes(_close(codes), n, packed, index)
    return True


@inlined
def window_codes(text, at, n_most, half_call, n_odd):
    """Codes of the whole calls in a window, up to the first that is odd or has no tab behind.

    Gives where the calls start, their codes, their number (0 where it would be above ``n_most``)
    and the place of the next call.
    """
    tab, one, dot = where_is(text, at, TAB), where_is(text, at, ONE), where_is(text, at, DOT)
    allele = where_is(text, at, ZERO) | one | dot
    separator = where_is(text, at, SLASH) | where_is(text, at, PIPE)
    start = (tab << _U1) | _U1
    single = start & allele & (tab >> _U1)
    pair = start & allele & (separator >> _U1) & (allele >> _U2) & (tab >> _U3)
    odd = start & ~(single | pair)  # or not whole, or the last one of its line
    start &= ~odd & (odd - _U1)
    n = n_bit(start)
    if n > n_most:
        return np.uint64(0), np.uint64(0), 0, at
    single, pair = single & start, pair & start
    codes, half = codes_of(
        one & start,
        (one & single) | ((one >> _U2) & pair),
        dot & start,
        (dot & single) | ((dot >> _U2) & pair),
        half_call,
    )
    n_odd[0] += n_bit(half)
    n_odd[1] += n_bit(single & ~dot)
    return start, codes, n, at + first_bit(odd)


@inlined
def put_window(start, found, n, packed, sample, codes):
    """Pack ``n`` codes found in a window behind those before; all of them, the last one lowest."""
    while n > 0:
        n_four = min(n, 4)
        for _ in range(4):
            code = (found >> np.uint64(first_bit(start) & 63)) & _U3
            codes = (codes << _U2) | code if start else codes
            start &= start - _U1 if start else start
        put_codes(packed, sample, codes, n_four)
        n -= n_four
        sample += n_four
    return codes


@inlined
def _pairs_of_digits(text, at, highest):
    """Whether the next 16 calls are two alleles up to a digit, and a tab; the half calls."""
    dot = where_is(text, at, DOT)
    like_pairs = _like_pairs(text, at, where_to(text, at, ZERO, highest) | dot)
    return like_pairs == _ALL, (dot ^ (dot >> _U2)) & _CALLS


@inlined
def read_pairs(text, at, n_sample, n_alt, alleles, n_odd):
    """Read calls of two alleles, 16 at once, while there are as many; how many were read."""
    sample = 0
    while sample + 16 < n_sample:
        are_pairs, half = _pairs_of_digits(text, at + 4 * sample, ZERO + min(n_alt, 9))
        if not are_pairs:
            break
        n_odd[0] += n_bit(half)
        put_digits(text, at + 4 * sample, alleles, 2 * sample)
        sample += 16
    return sample


@inlined
def number_codes(alleles, index, allele, half_call):
    """Codes of the 16 calls whose allele numbers are from an index on, in 32 bits."""
    here, dot = where_number(alleles, index, allele), where_number(alleles, index, -1)
    single = (where_number(alleles, index, NO_ALLELE) >> _U1) & _ALLELES
    first, first_dot = here & _ALLELES, dot & _ALLELES
    second, second_dot = (here >> _U1) & _ALLELES, (dot >> _U1) & _ALLELES
    codes, _ = codes_of(
        first, second | (first & single), first_dot, second_dot | (first_dot & single), half_call
    )
    codes = ((codes >> _U4) & _NIBBLES) | ((codes & _NIBBLES) << _U4)
    return ((codes >> _U2) & _PAIRS) | ((codes & _PAIRS) << _U2)
