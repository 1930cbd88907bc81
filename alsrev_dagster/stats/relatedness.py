"""The pairs of samples that a kinship matrix says are related."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.stats.kinship import KingTally, relationship

_THIRD_DEGREE = 0.0442
"""Lowest kinship of a third-degree pair (Manichaikul 2010, Table 1)."""


@dataclass(frozen=True)
class RelatedPairs:
    """One entry a pair, shape (n_pair,); places are those of the sample axis, first < second."""

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    n_variant: NDArray[np.int64]
    kinship: NDArray[np.float64]
    relationship: list[str | None]


def related_pairs(tally: KingTally) -> RelatedPairs:
    """Pairs related to the third degree or closer, in the order of the sample axis.

    Notes
    -----
    Wrong where few variants are common to both samples (see ``n_variant``), and for
    samples of very different ancestry, whose kinship KING-robust underestimates.
    """
    kinship = tally.kinship()
    first, second = np.nonzero(np.triu(kinship >= _THIRD_DEGREE, k=1))
    return RelatedPairs(
        first=first.astype(np.int64),
        second=second.astype(np.int64),
        n_variant=tally.n_variant()[first, second].astype(np.int64),
        kinship=kinship[first, second],
        relationship=[relationship(float(k)) for k in kinship[first, second]],
    )
