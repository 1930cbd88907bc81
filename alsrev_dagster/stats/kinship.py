"""KING-robust kinship of pairs of samples, from packed genotypes that arrive in blocks."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.stats.king_tally import PairTally

DEGREES = (
    (0.354, "duplicate"),
    (0.177, "first_degree"),
    (0.0884, "second_degree"),
    (0.0442, "third_degree"),
)
"""Kinship above which a pair is so related (Manichaikul et al. 2010, table 1)."""

_COUNT_BYTE = 256_000_000
"""Bytes of counts that are held at a time; more pairs take further passes over the blocks."""
_PAIR_BYTE = 16

Blocks = Callable[[], Iterable[NDArray[np.uint8]]]
"""Begins a pass over packed genotypes, blocks of shape (n_variant, n_byte)."""


@dataclass(frozen=True)
class KinshipPairs:
    """One entry a pair, shape (n_pair,); places are those of the sample axis, first < second."""

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    n_variant: NDArray[np.int64]
    """Variants called in both."""
    kinship: NDArray[np.float64]


@dataclass(frozen=True)
class KinshipMatrix:
    """Kinship of every pair, and the variants called in both, each (n_sample, n_sample)."""

    kinship: NDArray[np.float64]
    n_variant: NDArray[np.int64]


def king_pairs(
    blocks: Blocks,
    n_sample: int,
    *,
    kinship_min: float,
    n_variant_min: int = 0,
    count_byte: int = _COUNT_BYTE,
) -> KinshipPairs:
    """Pairs whose KING-robust kinship is above a value, in the order of the sample axis.

    Parameters
    ----------
    blocks
        Begins a pass over the genotypes: autosomal, as :mod:`alsrev_dagster.packing` lays them,
        every block of the same samples in the same order.
    n_sample
        Samples of every block.
    kinship_min
        Kinship above which a pair is given.
    n_variant_min
        Pairs with fewer variants called in both are not given.
    count_byte
        Bytes of counts held at a time, 16 a pair: what needs more takes further passes.

    Returns
    -------
    KinshipPairs
        No pair whose kinship cannot be computed.

    Raises
    ------
    InputDataError
        If a block has another number of bytes a variant than the samples take.

    Notes
    -----
    Kinship is (n_het_het - 2 n_ibs0) / (2 m) + 1/2 - (n_het_i + n_het_j) / (4 m), where
    m is the smaller of n_het_i and n_het_j, and every count is over the variants called
    in both samples [1]_. No allele frequency enters, so unrelated people of different ancestry
    get kinship below 0; a pair of admixed people with different ancestry proportions is biased
    downwards. Counted in bits, a plane a sample, on every processor.

    References
    ----------
    .. [1] Manichaikul et al. (2010), Bioinformatics 26:2867-2873, equation 11.

    Examples
    --------
    >>> from alsrev_dagster.packing import pack
    >>> i, j = [0, 1, 2, 1, 1, 0, 2, 1, 0, 1], [0, 1, 1, 1, 2, 0, 2, 0, 1, 1]
    >>> packed = pack(np.array([i, j], dtype=np.uint8).T)
    >>> found = king_pairs(lambda: [packed], 2, kinship_min=0.1)
    >>> found.kinship.round(6).tolist(), found.n_variant.tolist()
    ([0.3], [10])
    """
    none = np.empty(0, dtype=np.int64)
    parts = [KinshipPairs(none, none, none, np.empty(0))]
    for first, stop in _stripes(n_sample, count_byte):
        tally = PairTally(n_sample, first, stop)
        for packed in blocks():
            tally.add(packed)
        for rows in tally.row_groups():
            kinship, n_variant = tally.kinship(rows), tally.n_variant(rows)
            is_above = (kinship > kinship_min) & (n_variant >= n_variant_min)
            row, column = np.nonzero(np.triu(is_above, k=1 + rows.start))
            parts.append(
                KinshipPairs(
                    first=row + rows.start + first,
                    second=column + first,
                    n_variant=n_variant[row, column],
                    kinship=kinship[row, column],
                )
            )
    names = ("first", "second", "n_variant", "kinship")
    return KinshipPairs(**{k: np.concatenate([vars(part)[k] for part in parts]) for k in names})


def _stripes(n_sample: int, count_byte: int) -> list[tuple[int, int]]:
    """Ranges of samples whose pairs with all further ones are counted in one pass."""
    found, first = [], 0
    while first < n_sample:
        n_row = max(1, count_byte // (_PAIR_BYTE * (n_sample - first)))
        found.append((first, min(first + n_row, n_sample)))
        first = found[-1][1]
    return found


def king_matrix(packed: NDArray[np.uint8], n_sample: int) -> KinshipMatrix:
    """KING-robust kinship of every pair of a few samples: see :func:`king_pairs`.

    Parameters
    ----------
    packed
        Genotypes, shape (n_variant, n_byte).
    n_sample
        Samples of each row: 32 bytes for each pair of them are held.

    Returns
    -------
    KinshipMatrix
        Symmetric. Kinship is at most 0.5, which is the diagonal; NaN where one of a pair has no
        heterozygous call among the variants called in both.
    """
    tally = PairTally(n_sample)
    tally.add(packed)
    kinship, n_variant = tally.kinship(), tally.n_variant()
    below = np.tril_indices(n_sample, -1)
    kinship[below], n_variant[below] = kinship.T[below], n_variant.T[below]
    return KinshipMatrix(kinship, n_variant)


def relationship(kinship: float) -> str | None:
    """Name of the degree of relatedness that a kinship stands for.

    Parameters
    ----------
    kinship
        KING-robust kinship of a pair; NaN where it could not be computed.

    Returns
    -------
    str or None
        ``duplicate`` (or identical twin) above 0.354, ``first_degree`` above 0.177,
        ``second_degree`` above 0.0884, ``third_degree`` above 0.0442, otherwise None.

    Notes
    -----
    The cut-offs are powers of 2 halfway, on a log scale, between the expected values
    [1]_. With few variants the noise moves pairs across them, the third degree first.

    References
    ----------
    .. [1] Manichaikul et al. (2010), Bioinformatics 26:2867-2873, table 1.

    Examples
    --------
    >>> relationship(0.25), relationship(0.0)
    ('first_degree', None)
    """
    if math.isnan(kinship):
        return None
    return next((name for limit, name in DEGREES if kinship > limit), None)
