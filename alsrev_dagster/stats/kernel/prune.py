"""Pruning one chromosome by pairwise correlation, a sliding window held at a time."""

import numpy as np

from alsrev_dagster.stats.kernel.bits import fill_planes
from alsrev_dagster.stats.kernel.compiled import compiled
from alsrev_dagster.stats.kernel.ld import moments, r2_of

SLACK = 2.0**-44
"""Relative difference below which frequencies or correlations are equal, as in PLINK."""


@compiled
def _minor_freq(n, total):
    """Minor allele frequency from the calls and the sum of dosage - 1; equal counts are equal."""
    return (n - abs(total)) / (2 * n) if n else 0.0


@compiled
def _is_constant(n, total, square):
    return n == 0 or n * square == total * total


@compiled
def _prune_live(live, n_live, unchecked, stop, keep, maf, hom, alt, called, moment, n_sample, most):
    """Go over the pairs not yet looked at; of a pair above ``most`` the rarer goes, or the later.

    Rows of the planes are those of the window: variant modulo its size.
    """
    n_row = len(hom)
    again = True
    while again:
        again = False
        for i in range(n_live - 1):
            first = live[i]
            if not keep[first] or unchecked[i] >= stop:
                continue
            for j in range(np.searchsorted(live[:n_live], unchecked[i]), n_live):
                second = live[j]
                unchecked[i] = second + 1
                if not keep[second]:
                    continue
                r2, _ = r2_of(hom, alt, called, moment, n_sample, first % n_row, second % n_row)
                if r2 > most * (1 + SLACK):
                    again = True
                    is_rarer = maf[first % n_row] < maf[second % n_row] * (1 - SLACK)
                    keep[first if is_rarer else second] = False
                    break


@compiled
def prune_chromosome(packed, is_sample, n_sample, pos, window_bp, r2_max, n_row, keep):
    """Mark which variants of one chromosome are kept; ``n_row`` is the most that a window holds."""
    n_word = len(is_sample)
    hom = np.empty((n_row, n_word), dtype=np.uint64)
    alt, called = np.empty_like(hom), np.empty_like(hom)
    moment, maf = np.empty((n_row, 3), dtype=np.int64), np.empty(n_row)
    live, unchecked = np.empty(n_row, dtype=np.int64), np.empty(n_row, dtype=np.int64)
    n_live, stop = 0, 0
    for start in range(len(pos)):
        first_new = stop
        while stop < len(pos) and pos[stop] - pos[start] <= window_bp:
            row = stop % n_row
            fill_planes(packed, stop, is_sample, hom[row], alt[row], called[row])
            n, total, square = moments(hom[row], alt[row], called[row])
            moment[row, 0], moment[row, 1], moment[row, 2] = n, total, square
            maf[row] = _minor_freq(n, total)
            keep[stop] = not _is_constant(n, total, square)
            if keep[stop]:
                live[n_live], unchecked[n_live] = stop, stop + 1
                n_live += 1
            stop += 1
        if stop > first_new:
            _prune_live(
                live, n_live, unchecked, stop, keep, maf, hom, alt, called, moment, n_sample, r2_max
            )
        n_left = 0
        for i in range(n_live):
            if keep[live[i]] and live[i] > start:
                live[n_left], unchecked[n_left] = live[i], unchecked[i]
                n_left += 1
        n_live = n_left
