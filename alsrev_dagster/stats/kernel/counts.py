"""Counting packed calls: by groups of samples for each variant, and by sample over variants."""

import numpy as np

from alsrev_dagster.stats.kernel.bits import as_word, bits_of, popcount
from alsrev_dagster.stats.kernel.compiled import compiled

N_CODE = 3
"""Codes counted by sample: heterozygous, hom-alt, missing; hom-ref is what is left."""

_N_ROW_MAX = 255
"""Rows that a byte can count."""
_LOW, _ONE = np.uint64(0x5555555555555555), np.uint64(1)


@compiled
def count_groups(packed, mask, counts):
    """Fill n_hom_ref, n_het, n_hom_alt, n_missing of each variant and group.

    ``mask`` has the bits of each group's samples; ``counts`` has shape (n_variant, n_group, 4).
    """
    n_word, n_full = mask.shape[1], packed.shape[1] // 16
    size = np.zeros(len(mask), dtype=np.int64)
    for group in range(len(mask)):
        for index in range(n_word):
            size[group] += popcount(mask[group, index])
    low, high = np.empty(n_word, dtype=np.uint64), np.empty(n_word, dtype=np.uint64)
    for row in range(len(packed)):
        for index in range(n_full):
            first = as_word(packed, row, 16 * index)
            second = as_word(packed, row, 16 * index + 8)
            low[index] = (first & _LOW) | ((second & _LOW) << _ONE)
            high[index] = ((first >> _ONE) & _LOW) | (second & ~_LOW)
        for index in range(n_full, n_word):
            low[index], high[index] = bits_of(packed, row, index)
        for group in range(len(mask)):
            n_low, n_high, n_both = 0, 0, 0
            for index in range(n_word):
                here = mask[group, index]
                n_low += popcount(low[index] & here)
                n_high += popcount(high[index] & here)
                n_both += popcount(low[index] & high[index] & here)
            counts[row, group, 0] = size[group] - n_low - n_high + n_both
            counts[row, group, 1] = n_low - n_both
            counts[row, group, 2] = n_high - n_both
            counts[row, group, 3] = n_both


@compiled
def _add_row(row, het, alt, missing):
    """Add a variant's calls to counts of bytes, shape (4, n_byte): sample 4 at + i at [i, at]."""
    for i in range(4):
        right = np.uint8(6 - 2 * i)
        for at in range(len(row)):
            code = (row[at] >> right) & np.uint8(3)
            het[i, at] += np.uint8(code == 1)
            alt[i, at] += np.uint8(code == 2)
            missing[i, at] += np.uint8(code == 3)


@compiled
def _flush(count, total):
    """Add the counts of bytes to the totals, and begin anew."""
    for code in range(N_CODE):
        for i in range(4):
            for at in range(count.shape[2]):
                total[code, i, at] += count[code, i, at]
                count[code, i, at] = 0


@compiled
def count_samples(packed, kind, total):
    """Add each sample's calls to totals, shape (n_kind, 3, 4, n_byte), by kind of variant."""
    n_kind, n_byte = len(total), packed.shape[1]
    count = np.zeros((n_kind, N_CODE, 4, n_byte), dtype=np.uint8)
    n_row = np.zeros(n_kind, dtype=np.int64)
    for row in range(len(packed)):
        here = kind[row]
        _add_row(packed[row], count[here, 0], count[here, 1], count[here, 2])
        n_row[here] += 1
        if n_row[here] == _N_ROW_MAX:
            _flush(count[here], total[here])
            n_row[here] = 0
    for here in range(n_kind):
        _flush(count[here], total[here])


@compiled
def add_singletons(packed, rows, total):
    """Add to each sample, shape (4, n_byte), the variants of which it has the one heterozygote."""
    for row in rows:
        for at in range(packed.shape[1]):
            byte = packed[row, at]
            het = byte & ~(byte >> 1) & 0x55
            if het:
                for i in range(4):
                    total[i, at] += (het >> (6 - 2 * i)) & 1


@compiled
def add_where_missing(packed, rows, value, total):
    """Add a variant's value to each sample, shape (4, n_byte), that has no call of it."""
    for row in rows:
        for i in range(4):
            right = np.uint8(6 - 2 * i)
            for at in range(packed.shape[1]):
                if (packed[row, at] >> right) & np.uint8(3) == 3:
                    total[i, at] += value[row]
