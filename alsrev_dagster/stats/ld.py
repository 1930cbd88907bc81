"""Linkage disequilibrium (LD) of pairs of variants, on packed genotypes: r2 and pruning."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.kernel.ld import fill_all, n_pair_in_window, r2_in_window
from alsrev_dagster.stats.kernel.prune import prune_chromosome
from alsrev_dagster.stats.planes import bit_masks, n_word, require_packed

_N_PAIR_HELD = 1_000_000
"""Pairs that are computed before those above the threshold are kept."""


@dataclass(frozen=True)
class LdPairs:
    """Pairs of variants in the order of the first, then the second; arrays of shape (n_pair,)."""

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    """Places of the two variants among those given."""
    r2: NDArray[np.float64]
    """Squared correlation of the dosages, in [0, 1]."""
    n_called: NDArray[np.int64]
    """Samples with a call of both, which r2 rests on."""


def prune(
    packed: NDArray[np.uint8],
    n_sample: int,
    chrom: NDArray[np.generic],
    pos: NDArray[np.int64],
    *,
    window_bp: int,
    r2_max: float,
) -> NDArray[np.bool_]:
    """Which variants to keep so that no two near each other are correlated above a limit.

    Parameters
    ----------
    packed
        Genotypes as :mod:`alsrev_dagster.packing` lays them, shape (n_variant, n_byte).
    n_sample
        Samples of each row. To leave some out, set their calls to missing (code 3).
    chrom, pos
        Of each variant, shape (n_variant,): chromosomes in runs, positions ascending in each.
    window_bp
        Pairs at most so far apart are looked at, in bp.
    r2_max
        Largest squared correlation of the dosages, over the samples with both calls, that a
        pair may keep, in [0, 1].

    Returns
    -------
    NDArray[np.bool_]
        Shape (n_variant,): True where kept. Variants without variation are not.

    Raises
    ------
    InputDataError
        If the shapes disagree, positions are out of order or a chromosome comes twice.

    Notes
    -----
    The greedy rule of PLINK's ``--indep-pairwise`` in a window of kilobases [1]_: a window
    slides by one variant; in it each variant is taken in turn with those behind it, and of the
    first pair above the limit the one with the lower minor allele frequency goes (of equals
    the later), until no pair is above it. Relatives and mixed ancestries raise r2. Memory
    holds one window of bits.

    References
    ----------
    .. [1] Chang et al. (2015), GigaScience 4:7; PLINK 1.9, ``--indep-pairwise``.

    Examples
    --------
    >>> from alsrev_dagster.packing import pack
    >>> packed = pack(np.array([[0, 1, 2, 0], [0, 1, 2, 0], [2, 0, 2, 0]], dtype=np.uint8))
    >>> place = {"chrom": np.array(["chr1"] * 3), "pos": np.array([10, 20, 30])}
    >>> prune(packed, 4, **place, window_bp=100, r2_max=0.5).tolist()
    [True, False, True]
    """
    packed = require_packed(packed, n_sample)
    is_sample = bit_masks(np.ones((1, n_sample), dtype=np.bool_))[0]
    keep = np.zeros(len(packed), dtype=np.bool_)
    for here in runs(chrom, pos, len(packed)):
        _, n_row = n_pair_in_window(pos[here], window_bp)
        prune_chromosome(
            packed[here], is_sample, n_sample, pos[here], window_bp, r2_max, n_row, keep[here]
        )
    return keep


def r2_within(
    packed: NDArray[np.uint8],
    n_sample: int,
    chrom: NDArray[np.generic],
    pos: NDArray[np.int64],
    *,
    window_bp: int,
    r2_min: float = 0.0,
) -> LdPairs:
    """Squared correlation of the dosages of each pair of variants near each other.

    Parameters
    ----------
    packed, n_sample, chrom, pos
        As for :func:`prune`.
    window_bp
        Pairs at most so far apart are given, in bp.
    r2_min
        Pairs with a smaller r2 are not given, nor are those in which one does not vary among
        the samples that have both calls.

    Returns
    -------
    LdPairs
        Rests on the samples with both calls of a pair, phase unknown, as PLINK's ``--r2``
        (1.9) and ``--r2-unphased`` (2.0) [1]_.

    Raises
    ------
    InputDataError
        As :func:`prune`.

    References
    ----------
    .. [1] Chang et al. (2015), GigaScience 4:7; Hill & Robertson (1968), TAG 38:226-231.

    Examples
    --------
    >>> from alsrev_dagster.packing import pack
    >>> packed = pack(np.array([[0, 1, 2, 0], [0, 1, 2, 3]], dtype=np.uint8))
    >>> found = r2_within(packed, 4, np.array(["chr1"] * 2), np.array([1, 9]), window_bp=8)
    >>> found.r2.tolist(), found.n_called.tolist()
    ([1.0], [3])
    """
    packed = require_packed(packed, n_sample)
    parts = [
        part
        for here in runs(chrom, pos, len(packed))
        for part in _pairs_of_run(packed[here], n_sample, pos[here], here.start, window_bp, r2_min)
    ]
    if not parts:
        none = np.empty(0, dtype=np.int64)
        return LdPairs(none, none, np.empty(0), none)
    return LdPairs(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


_Part = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]


def _pairs_of_run(
    packed: NDArray[np.uint8],
    n_sample: int,
    pos: NDArray[np.int64],
    offset: int,
    window_bp: int,
    r2_min: float,
) -> Iterator[_Part]:
    """Pairs of one chromosome, some at a time."""
    planes = planes_of(packed, n_sample)
    n_pair, widest = n_pair_in_window(pos, window_bp)
    n_held = max(min(n_pair, _N_PAIR_HELD), widest)
    pair, value = np.empty((n_held, 2), dtype=np.int64), np.empty(n_held)
    n_called, start = np.empty(n_held, dtype=np.int64), 0
    while start < len(pos):
        start, n = r2_in_window(
            *planes, n_sample, pos, window_bp, r2_min, start, pair, value, n_called
        )
        first, second = pair[:n].T + offset
        yield first, second, value[:n].copy(), n_called[:n].copy()


def planes_of(
    packed: NDArray[np.uint8], n_sample: int
) -> tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.uint64], NDArray[np.int64]]:
    """Planes of bits of each variant (homozygous, hom-alt, called) and its moments."""
    is_sample = bit_masks(np.ones((1, n_sample), dtype=np.bool_))[0]
    hom, alt, called = np.empty((3, len(packed), n_word(n_sample)), dtype=np.uint64)
    moment = np.empty((len(packed), 3), dtype=np.int64)
    fill_all(packed, is_sample, hom, alt, called, moment)
    return hom, alt, called, moment


def runs(chrom: NDArray[np.generic], pos: NDArray[np.int64], n_variant: int) -> Iterator[slice]:
    """The stretch of each chromosome, after looking that the variants are in order."""
    if chrom.shape != (n_variant,) or pos.shape != (n_variant,):
        raise InputDataError(
            f"chrom has shape {chrom.shape} and pos {pos.shape}: expected ({n_variant},), one "
            "entry a variant of the packed genotypes; take them from the same table"
        )
    starts = [0, *(np.flatnonzero(chrom[1:] != chrom[:-1]) + 1).tolist(), n_variant]
    runs = [slice(a, b) for a, b in pairwise(starts) if b > a]
    is_descending = any((np.diff(pos[here]) < 0).any() for here in runs)
    if is_descending or len({str(chrom[here.start]) for here in runs}) < len(runs):
        raise InputDataError(
            "variants are not in order: found a position below the one before it, or a chromosome "
            "that comes twice; expected them by chromosome and position; sort them"
        )
    yield from runs
