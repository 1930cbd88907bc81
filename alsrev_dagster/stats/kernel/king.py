"""Counts of pairs of samples for KING-robust kinship, from planes of bits a sample."""

import numpy as np

from alsrev_dagster.stats.kernel.bits import popcount, word_at
from alsrev_dagster.stats.kernel.compiled import compiled

N_VARIANT_A_WORD = 64
"""Variants of one word of a sample's plane."""

_N_TILE = 32
"""Samples whose planes are held near the processor while pairs of them are counted."""

_EVEN = np.uint64(0x5555555555555555)
_N_SAMPLE_A_WORD = 32


@compiled
def _transpose(words):
    """Exchange rows and columns of 64 x 64 bits, the lowest bit of a word being column 0.

    Blocks off the diagonal change places, halves, then quarters and so on (Warren, Hacker's
    Delight, 7-3).
    """
    width, mask = 32, np.uint64(0x00000000FFFFFFFF)
    while width:
        shift = np.uint64(width)
        for start in range(0, 64, 2 * width):
            for row in range(start, start + width):
                change = ((words[row] >> shift) ^ words[row + width]) & mask
                words[row] ^= change << shift
                words[row + width] ^= change
        width //= 2
        mask ^= mask << np.uint64(width)


@compiled
def fill_sample_planes(packed, first_word, stop_word, het, hom, alt, has_missing):
    """Fill the planes of each sample (het, homozygous, hom-alt), 64 variants a word.

    Of the samples of the packed words from ``first_word`` to ``stop_word``, 32 a word.
    ``has_missing`` says of each sample whether a call is missing.
    """
    n_variant, n_sample = len(packed), len(het)
    words = np.empty(64, dtype=np.uint64)
    for index in range(het.shape[1]):
        n_here = min(64, n_variant - 64 * index)
        is_variant = ~np.uint64(0) >> np.uint64(64 - n_here)
        for word in range(first_word, stop_word):
            for i in range(64):
                words[i] = word_at(packed, 64 * index + i, 8 * word) if i < n_here else np.uint64(0)
            _transpose(words)
            for i in range(min(_N_SAMPLE_A_WORD, n_sample - _N_SAMPLE_A_WORD * word)):
                bit = 8 * (i // 4) + 6 - 2 * (i % 4)
                low, high = words[bit], words[bit + 1]
                sample = _N_SAMPLE_A_WORD * word + i
                het[sample, index] = low & ~high
                hom[sample, index] = ~low & is_variant
                alt[sample, index] = high & ~low
                if low & high:
                    has_missing[sample] = True


@compiled
def _shared(het, hom, alt, i, j):
    """Het-het less twice opposite homozygotes of two samples."""
    n_het_het, n_ibs0 = 0, 0
    for index in range(het.shape[1]):
        n_het_het += popcount(het[i, index] & het[j, index])
        n_ibs0 += popcount(hom[i, index] & hom[j, index] & (alt[i, index] ^ alt[j, index]))
    return n_het_het - 2 * n_ibs0


@compiled
def _n_het_called(het, hom, i, j):
    """Heterozygotes of each of two samples over the variants called in both, and those variants."""
    n_het_i, n_het_j, n_called = 0, 0, 0
    for index in range(het.shape[1]):
        called_i, called_j = het[i, index] | hom[i, index], het[j, index] | hom[j, index]
        n_het_i += popcount(het[i, index] & called_j)
        n_het_j += popcount(het[j, index] & called_i)
        n_called += popcount(called_i & called_j)
    return n_het_i, n_het_j, n_called


@compiled
def n_het_of(het):
    """Heterozygotes of each sample."""
    n = np.zeros(len(het), dtype=np.int64)
    for sample in range(len(het)):
        for index in range(het.shape[1]):
            n[sample] += popcount(het[sample, index])
    return n


@compiled
def add_pairs(het, hom, alt, n_het, has_missing, n_variant, first, stop, offset, count):
    """Add what a block of variants says of the pairs of samples ``first`` to ``stop`` with each
    sample from there on.

    ``count`` has shape (n_row, n_column, 4), its first row and column being sample ``offset``:
    het-het less twice opposite homozygotes; heterozygotes of the first, and of the second, and
    all variants, over those called in both.
    """
    n_sample = len(het)
    for tile in range(first, n_sample, _N_TILE):
        for i in range(first, stop):
            for j in range(max(tile, i), min(tile + _N_TILE, n_sample)):
                row, column = i - offset, j - offset
                count[row, column, 0] += _shared(het, hom, alt, i, j)
                if has_missing[i] or has_missing[j]:
                    n_het_i, n_het_j, n_called = _n_het_called(het, hom, i, j)
                else:
                    n_het_i, n_het_j, n_called = n_het[i], n_het[j], n_variant
                count[row, column, 1] += n_het_i
                count[row, column, 2] += n_het_j
                count[row, column, 3] += n_called
