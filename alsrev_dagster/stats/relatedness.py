"""The pairs of samples that a kinship matrix says are related."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.stats.kinship import KingTally, relationship

_THIRD_DEGREE = 0.0442
"""Above this kinship a pair is related to the third degree (Manichaikul 2010)."""

N_PLACE_MIN = 100
"""Stretches of 1 Mb with a variant, and variants called in both, below which no pair is judged.

Of 1.9 million simulated unrelated pairs, none has a kinship above 0.335 over 100
independent variants (standard deviation 0.11), less than the 0.354 of a duplicate; by the
7 linked ones of a single locus, 7% of 5 million pairs of 1000 Genomes were one genome.
"""
_PLACE_BP = 1_000_000


@dataclass(frozen=True)
class RelatedPairs:
    """One entry a pair, shape (n_pair,); places are those of the sample axis, first < second."""

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    n_variant: NDArray[np.int64]
    kinship: NDArray[np.float64]
    relationship: list[str | None]


def n_place(chrom: Iterable[str], pos: Iterable[int]) -> int:
    """Stretches of 1 Mb that hold a variant: nearly independent, however many lie in each."""
    return len({(c, p // _PLACE_BP) for c, p in zip(chrom, pos, strict=True)})


def related_pairs(tally: KingTally) -> RelatedPairs:
    """Pairs related to the third degree or closer, in the order of the sample axis.

    Notes
    -----
    Pairs with fewer than ``N_PLACE_MIN`` variants called in both are not judged. Wrong
    where the variants are linked (see ``n_place``), and for samples of very different
    ancestry, whose kinship KING-robust underestimates.
    """
    kinship, n_variant = tally.kinship(), tally.n_variant()
    is_related = (kinship > _THIRD_DEGREE) & (n_variant >= N_PLACE_MIN)
    first, second = np.nonzero(np.triu(is_related, k=1))
    return RelatedPairs(
        first=first.astype(np.int64),
        second=second.astype(np.int64),
        n_variant=n_variant[first, second].astype(np.int64),
        kinship=kinship[first, second],
        relationship=[relationship(float(k)) for k in kinship[first, second]],
    )
