"""Calls of one record, read and packed at two bits a sample: compiled.

Each reader gives the place of the line's end, or -1 where a call is not one or two allele
numbers of the record, or where there are too few. ``n_odd`` is raised by the calls that have
one allele missing (0), or one allele only (1). Codes lie as in ``alsrev_dagster/packing.py``.
"""

import numpy as np

from alsrev_dagster.ingest.kernels.compiled import compiled
from alsrev_dagster.ingest.kernels.vcf_bytes import (
    COLON,
    DOT,
    LINE_END,
    PIPE,
    RETURN,
    SLASH,
    TAB,
    eight_bytes,
    next_end,
)
from alsrev_dagster.ingest.line_layout import HALF_HAPLOID, HALF_REFERENCE

_MISSING = 3
_NO_ALLELE = -2
_BAD_ALLELE = -3

_PLAIN_MASK = np.uint64(0xFFFE00FEFFFE00FE)
_PLAIN = np.uint64(0x0930003009300030)
"""Two calls of one-letter alleles 0 and 1, a tab behind each, but for the separators."""
_SEPARATOR_MASK = np.uint64(0x0000FF000000FF00)
_SLASHES = np.uint64(0x00002F0000002F00)
_PIPES = np.uint64(0x00007C0000007C00)
_ALLELE_BITS = np.uint64(0x0001000100010001)


@compiled
def _allele(text, at, n_alt):
    """Allele number at a place (-1 for ``.``), and the place after it."""
    if text[at] == DOT:
        return -1, at + 1
    number, start = 0, at
    while 48 <= text[at] <= 57:
        if number <= n_alt:
            number = number * 10 + (text[at] - 48)
        at += 1
    if at == start or number > n_alt:
        return _BAD_ALLELE, at
    return number, at


@compiled
def read_call(text, at, n_alt):
    """Both alleles of the GT at a place, and the place after it."""
    if text[at] == SLASH or text[at] == PIPE:  # phase of the first allele, VCF 4.4
        at += 1
    first, at = _allele(text, at, n_alt)
    second = _NO_ALLELE
    if text[at] == SLASH or text[at] == PIPE:
        second, at = _allele(text, at + 1, n_alt)
    after = text[at]
    if after != TAB and after != COLON and after != LINE_END:
        if not (after == RETURN and text[at + 1] == LINE_END):
            first = _BAD_ALLELE
    return first, second, at


@compiled
def code_of(first, second, allele, half_call):
    """Copies of an allele in a call: 0, 1, 2, or 3 for missing; haploid as if both alike."""
    if second == _NO_ALLELE:
        second = first
    elif (first < 0) != (second < 0):
        other = max(first, second)
        fill = -1
        if half_call == HALF_REFERENCE:
            fill = 0
        elif half_call == HALF_HAPLOID:
            fill = other
        first, second = other, fill
    if first < 0 or second < 0:
        return _MISSING
    return int(first == allele) + int(second == allele)


@compiled
def _count(first, second, n_odd):
    """Count a call that is half missing, or haploid."""
    if second == _NO_ALLELE:
        n_odd[1] += int(first >= 0)
    elif (first < 0) != (second < 0):
        n_odd[0] += 1


@compiled
def plain_calls(text, at, n_sample, packed, half_call, n_odd):
    """Pack the calls of a record with one ALT and GT alone; place of the end, or -1."""
    last = n_sample - 1
    sample = 0
    while sample + 4 <= last:
        low, high = eight_bytes(text, at), eight_bytes(text, at + 8)
        separators = low & _SEPARATOR_MASK
        if (
            (low & _PLAIN_MASK) == _PLAIN
            and (high & _PLAIN_MASK) == _PLAIN
            and (separators == _SLASHES or separators == _PIPES)
            and (high & _SEPARATOR_MASK) == separators
        ):
            low &= _ALLELE_BITS
            high &= _ALLELE_BITS
            low += low >> np.uint64(16)
            high += high >> np.uint64(16)
            four = (
                ((low & np.uint64(3)) << np.uint64(6))
                | (((low >> np.uint64(32)) & np.uint64(3)) << np.uint64(4))
                | ((high & np.uint64(3)) << np.uint64(2))
                | ((high >> np.uint64(32)) & np.uint64(3))
            )
            packed[sample >> 2] = np.uint8(four)
            at += 16
            sample += 4
            continue
        byte = 0
        for _ in range(4):
            first, second, at = read_call(text, at, 1)
            if first == _BAD_ALLELE or second == _BAD_ALLELE or text[at] != TAB:
                return -1
            _count(first, second, n_odd)
            byte = (byte << 2) | code_of(first, second, 1, half_call)
            at += 1
        packed[sample >> 2] = byte
        sample += 4
    byte = 0
    while sample < n_sample:
        first, second, at = read_call(text, at, 1)
        if first == _BAD_ALLELE or second == _BAD_ALLELE:
            return -1
        if sample < last and text[at] != TAB:
            return -1
        _count(first, second, n_odd)
        byte |= code_of(first, second, 1, half_call) << (6 - 2 * (sample & 3))
        if (sample & 3) == 3 or sample == last:
            packed[sample >> 2] = byte
            byte = 0
        at += 1
        sample += 1
    return at - 1


@compiled
def field_calls(text, at, n_sample, packed, half_call, n_odd):
    """Pack the calls of a record with one ALT and fields after GT; place of the end, or -1."""
    last = n_sample - 1
    byte = 0
    for sample in range(n_sample):
        first = np.int64(text[at]) - 48
        second = np.int64(text[at + 2]) - 48
        separator, after = text[at + 1], text[at + 3]
        if (
            0 <= first <= 1
            and 0 <= second <= 1
            and (separator == SLASH or separator == PIPE)
            and (after == COLON or after == TAB)
        ):
            code = first + second
            at += 3
        else:
            first, second, at = read_call(text, at, 1)
            if first == _BAD_ALLELE or second == _BAD_ALLELE:
                return -1
            _count(first, second, n_odd)
            code = code_of(first, second, 1, half_call)
        if text[at] == COLON:
            at = next_end(text, at)
        if sample < last and text[at] != TAB:
            return -1
        byte |= code << (6 - 2 * (sample & 3))
        if (sample & 3) == 3 or sample == last:
            packed[sample >> 2] = byte
            byte = 0
        at += 1
    return at - 1


@compiled
def any_calls(text, at, n_sample, n_alt, alleles, n_odd):
    """Read the calls of a record with any number of ALTs; place of the end, or -1."""
    last, most = n_sample - 1, min(n_alt, 9)
    for sample in range(n_sample):
        first = np.int64(text[at]) - 48
        second = np.int64(text[at + 2]) - 48
        separator, after = text[at + 1], text[at + 3]
        if (
            0 <= first <= most
            and 0 <= second <= most
            and (separator == SLASH or separator == PIPE)
            and (after == COLON or after == TAB)
        ):
            at += 3
        else:
            first, second, at = read_call(text, at, n_alt)
            if first == _BAD_ALLELE or second == _BAD_ALLELE:
                return -1
            _count(first, second, n_odd)
        alleles[sample, 0], alleles[sample, 1] = first, second
        if text[at] == COLON:
            at = next_end(text, at)
        if sample < last and text[at] != TAB:
            return -1
        at += 1
    return at - 1


@compiled
def missing_calls(text, at, n_sample):
    """Pass over the calls of a record without GT; place of the end, or -1."""
    for sample in range(n_sample):
        at = next_end(text, at)
        if sample < n_sample - 1 and text[at] != TAB:
            return -1
        at += 1
    return at - 1


@compiled
def pack_alleles(alleles, n_sample, allele, half_call, packed):
    """Pack the copies of one allele in each call."""
    for index in range(packed.shape[0]):
        byte = 0
        for sample in range(4 * index, min(4 * index + 4, n_sample)):
            first, second = alleles[sample, 0], alleles[sample, 1]
            if first >= 0 and second >= 0:
                code = int(first == allele) + int(second == allele)
            else:
                code = code_of(first, second, allele, half_call)
            byte |= code << (6 - 2 * (sample & 3))
        packed[index] = byte


@compiled
def pack_missing(n_sample, packed):
    """Pack a record of missing calls; bits past the last sample are 0."""
    packed[:] = 255
    if n_sample & 3:
        packed[-1] = (0xFF << (8 - 2 * (n_sample & 3))) & 0xFF
