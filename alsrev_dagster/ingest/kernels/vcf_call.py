"""One call of a record, read with care, whatever it is: compiled."""

import numpy as np

from alsrev_dagster.ingest.kernels.compiled import compiled, inlined
from alsrev_dagster.ingest.kernels.vcf_bytes import (
    COLON,
    DOT,
    LINE_END,
    PIPE,
    RETURN,
    SLASH,
    TAB,
    next_end,
)
from alsrev_dagster.ingest.line_layout import HALF_HAPLOID, HALF_REFERENCE

BAD_ALLELE = -3
NO_ALLELE = -2
_MISSING = 3
_U2, _U6 = np.uint64(2), np.uint64(6)


@inlined
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
        return BAD_ALLELE, at
    return number, at


@compiled
def read_call(text, at, n_alt):
    """Both alleles of the GT at a place, and the place after it."""
    if text[at] == SLASH or text[at] == PIPE:  # phase of the first allele, VCF 4.4
        at += 1
    first, at = _allele(text, at, n_alt)
    second = NO_ALLELE
    if text[at] == SLASH or text[at] == PIPE:
        second, at = _allele(text, at + 1, n_alt)
    after = text[at]
    if after != TAB and after != COLON and after != LINE_END:
        if not (after == RETURN and text[at + 1] == LINE_END):
            first = BAD_ALLELE
    return first, second, at


@compiled
def code_of(first, second, allele, half_call):
    """Copies of an allele in a call: 0, 1, 2, or 3 for missing; haploid as if both alike."""
    if second == NO_ALLELE:
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


@inlined
def count(first, second, n_odd):
    """Count a call that is half missing, or haploid."""
    if second == NO_ALLELE:
        n_odd[1] += int(first >= 0)
    elif (first < 0) != (second < 0):
        n_odd[0] += 1


@inlined
def put_codes(packed, sample, codes, n):
    """Pack the 1 to 4 lowest codes, a sample's and those behind it; above lie those before it.

    The byte of the first is written, with zeros for what is not known yet. The next byte is
    due when its calls come: the last call of a record is put alone.
    """
    shift = np.uint64(2 * ((sample & 3) + n - 1))
    packed[sample >> 2] = np.uint8((codes << _U6) >> shift)


@compiled
def put_call(text, at, sample, n_sample, has_fields, packed, codes, half_call, n_odd):
    """Pack the call at a place behind the codes before it; codes, and the next place or -1."""
    first, second, after = read_call(text, at, 1)
    if first == BAD_ALLELE or second == BAD_ALLELE:
        return codes, -1
    end = next_end(text, after) if has_fields and text[after] == COLON else after
    if sample < n_sample - 1 and text[end] != TAB:
        return codes, -1
    count(first, second, n_odd)
    codes = (codes << _U2) | np.uint64(code_of(first, second, 1, half_call))
    put_codes(packed, sample, codes, 1)
    return codes, end + 1
