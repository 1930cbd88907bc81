"""Counting packed calls: by groups of samples for each variant, and by sample over variants."""

import numpy as np

from alsrev_dagster.stats.kernel.bits import as_word, bits_of, popcount
from alsrev_dagster.stats.kernel.compiled import compiled

AUTOSOME, TRANSITION, TRANSVERSION, X_LINKED, Y_LINKED, SINGLETON = 1, 2, 4, 8, 16, 32
"""What a variant is, as a sum: the last is that its minor allele is called once."""

(
    N_MISSING, N_HET, N_HOM_ALT, N_AUTOSOME_MISSING, N_AUTOSOME_HET, N_TRANSITION, N_TRANSVERSION,
    N_X_MISSING, N_X_HET, N_Y_MISSING, N_SINGLETON,
) = range(11)  # fmt: skip
"""Columns of a sample's counts."""
N_COUNT = 11

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
def _count_call(code, sample, kind, expected, count, expected_missing):
    """Add one call that is not homozygous reference."""
    if code == 3:
        count[sample, N_MISSING] += 1
        if kind & AUTOSOME:
            count[sample, N_AUTOSOME_MISSING] += 1
            expected_missing[sample] += expected
        if kind & X_LINKED:
            count[sample, N_X_MISSING] += 1
        if kind & Y_LINKED:
            count[sample, N_Y_MISSING] += 1
        return
    if kind & TRANSITION:
        count[sample, N_TRANSITION] += 1
    if kind & TRANSVERSION:
        count[sample, N_TRANSVERSION] += 1
    if code == 2:
        count[sample, N_HOM_ALT] += 1
        return
    count[sample, N_HET] += 1
    if kind & AUTOSOME:
        count[sample, N_AUTOSOME_HET] += 1
    if kind & X_LINKED:
        count[sample, N_X_HET] += 1
    if kind & SINGLETON:
        count[sample, N_SINGLETON] += 1


@compiled
def count_samples(packed, kind, expected, count, expected_missing):
    """Add to each sample's counts; hom-ref calls are what is left of the variants.

    ``kind`` and ``expected`` have one entry a variant: what it is, and the share of
    heterozygotes expected; ``expected_missing`` sums the latter over a sample's missing calls.
    """
    for row in range(len(packed)):
        for at in range(packed.shape[1]):
            byte = packed[row, at]
            if byte == 0:
                continue
            for i in range(4):
                code = (byte >> (6 - 2 * i)) & 3
                if code:
                    _count_call(code, 4 * at + i, kind[row], expected[row], count, expected_missing)
