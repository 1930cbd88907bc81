"""Calls of one record, read and packed at two bits a sample: compiled.

Each reader gives the place of the line's end, or -1 where a call is not one or two allele
numbers of the record, or where there are too few. ``n_odd`` is raised by the calls that have
one allele missing (0), or one allele only (1). Codes lie as in ``alsrev_dagster/packing.py``.
After -1, what was counted and packed means nothing.

The text has ``text_chunk.PADDING`` bytes beyond it, which are as many as are looked at once
from within a line.
"""

import numpy as np

from alsrev_dagster.ingest.kernels.compiled import compiled
from alsrev_dagster.ingest.kernels.vcf_block import four_codes, tabs_of_line
from alsrev_dagster.ingest.kernels.vcf_bytes import COLON, DOT, PIPE, SLASH, TAB, next_end
from alsrev_dagster.ingest.kernels.vcf_call import (
    BAD_ALLELE,
    code_of,
    count,
    put_call,
    put_codes,
    read_call,
)
from alsrev_dagster.ingest.kernels.vcf_masks import WINDOW, n_bit
from alsrev_dagster.ingest.kernels.vcf_window import (
    number_codes,
    put_bytes,
    put_pairs,
    put_window,
    read_pairs,
    window_codes,
)


@compiled
def plain_calls(text, at, n_sample, packed, half_call, n_odd):
    """Pack the calls of a record with one ALT and GT alone; place of the end, or -1."""
    last, sample, codes = n_sample - 1, 0, np.uint64(0)
    while sample + 4 <= last:
        n = min((last - sample) >> 2, 4)
        if not put_pairs(text, at, n, packed, sample >> 2, half_call, n_odd):
            break
        at += 16 * n
        sample += 4 * n
    while sample < n_sample:
        start, found, n, at = window_codes(text, at, last - sample, half_call, n_odd)
        if n:
            codes = put_window(start, found, n, packed, sample, codes)
            sample += n
            continue
        codes, at = put_call(text, at, sample, n_sample, False, packed, codes, half_call, n_odd)
        if at < 0:
            return -1
        sample += 1
    return at - 1


@compiled
def field_calls(text, at, n_sample, packed, half_call, n_odd):
    """Pack the calls of a record with one ALT and fields after GT; place of the end, or -1."""
    last, sample, codes, block = n_sample - 1, 0, np.uint64(0), at
    while sample < last:
        tab, is_last_block = tabs_of_line(text, block)
        n = n_bit(tab)
        if n > last - sample:
            break
        while n > 0:
            n_four = min(n, 4)
            four, odd, after, tab = four_codes(text, at, block, tab)
            if odd:
                for index in range(sample, sample + n_four):
                    codes, at = put_call(
                        text, at, index, n_sample, True, packed, codes, half_call, n_odd
                    )
                    if at < 0:
                        return -1
            else:
                codes, at = (codes << np.uint64(2 * n_four)) | four, after
                put_codes(packed, sample, codes, n_four)
            sample += n_four
            n -= n_four
        if is_last_block:
            break
        block += WINDOW
    while sample < n_sample:
        codes, at = put_call(text, at, sample, n_sample, True, packed, codes, half_call, n_odd)
        if at < 0:
            return -1
        sample += 1
    return at - 1


@compiled
def any_calls(text, at, n_sample, n_alt, alleles, n_odd):
    """Read the calls of a record with any number of ALTs; place of the end, or -1."""
    last, most = n_sample - 1, min(n_alt, 9)
    n_read = read_pairs(text, at, n_sample, n_alt, alleles, n_odd)
    at += 4 * n_read
    for sample in range(n_read, n_sample):
        first, second = np.int64(text[at]) - 48, np.int64(text[at + 2]) - 48
        separator, after = text[at + 1], text[at + 3]
        are_numbers = (first >= 0) & (first <= most) & (second >= 0) & (second <= most)
        if (
            (are_numbers | ((first == DOT - 48) & (second == DOT - 48)))
            & ((separator == SLASH) | (separator == PIPE))
            & ((after == COLON) | (after == TAB))
        ):
            first, second, at = max(first, -1), max(second, -1), at + 3
        else:
            first, second, at = read_call(text, at, n_alt)
            if first == BAD_ALLELE or second == BAD_ALLELE:
                return -1
            count(first, second, n_odd)
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
    n_wide = n_sample >> 4
    for index in range(n_wide):
        put_bytes(number_codes(alleles, 32 * index, allele, half_call), 4, packed, 4 * index)
    for index in range(4 * n_wide, packed.shape[0]):
        byte = 0
        for sample in range(4 * index, min(4 * index + 4, n_sample)):
            code = code_of(alleles[sample, 0], alleles[sample, 1], allele, half_call)
            byte |= code << (6 - 2 * (sample & 3))
        packed[index] = byte


@compiled
def pack_missing(n_sample, packed):
    """Pack a record of missing calls; bits past the last sample are 0."""
    packed[:] = 255
    if n_sample & 3:
        packed[-1] = (0xFF << (8 - 2 * (n_sample & 3))) & 0xFF
