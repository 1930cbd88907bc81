"""The pairs of samples whose kinship says that they are related, and how closely."""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from alsrev_dagster.stats.kinship import DEGREES, Blocks, KinshipPairs, king_pairs, relationship

_THIRD_DEGREE = DEGREES[-1][0]
"""Above this kinship a pair is related to the third degree (Manichaikul 2010)."""

N_PLACE_MIN = 100
"""Stretches of 1 Mb with a variant, and variants called in both, below which no pair is judged.

Of 1.9 million simulated unrelated pairs, none has a kinship above 0.335 over 100
independent variants (standard deviation 0.11), less than the 0.354 of a duplicate; by the
7 linked ones of a single locus, 7% of 5 million pairs of 1000 Genomes were one genome.
"""
_PLACE_BP = 1_000_000
_SHORT_PLACE_BP = 100_000
"""A length over which linkage of common variants has mostly gone."""

_SD_OF_ONE_PLACE = 1.0
"""Standard deviation of an unrelated pair's kinship, times the root of the independent places.

Kinship is 1/2 - D / (2 H): D the sum of squared differences of dosage, H the heterozygotes
of both. Over places with alleles p and q, D - H is 4 for opposite homozygotes (probability
2 (pq)^2) and -2 where both are heterozygous (4 (pq)^2), so has mean 0 and variance 48 (pq)^2,
and H has mean 4 pq: the variance over n places is 0.75 (1 + cv^2) / n, cv that of pq among
places. Common variants have a cv^2 of 0.1 to 0.35.
"""
_SD_APART = 4
"""Standard deviations of a stranger that a degree's cut-off must be away: 3 in 100,000 pass."""


@dataclass(frozen=True)
class RelatedPairs(KinshipPairs):
    """Pairs with the degree of each, None where too few places can tell it."""

    relationship: list[str | None]


def n_place(chrom: Iterable[str], pos: Iterable[int]) -> int:
    """Stretches of 1 Mb that hold a variant: nearly independent, however many lie in each."""
    return len({(c, p // _PLACE_BP) for c, p in zip(chrom, pos, strict=True)})


def n_independent(chrom: Iterable[str], pos: Iterable[int]) -> int:
    """Independent places that variants are worth, at most one a stretch of 100 kb.

    Notes
    -----
    Kish's effective number: with n variants in a stretch, (sum n)^2 / sum n^2. A dense
    locus among sparse ones weighs more in kinship, and adds less.

    Examples
    --------
    >>> n_independent(["chr1"] * 4, [1, 200_000, 400_000, 600_000])
    4
    >>> n_independent(["chr1"] * 4, [1, 2, 3, 600_000])
    1
    """
    n = Counter((c, p // _SHORT_PLACE_BP) for c, p in zip(chrom, pos, strict=True))
    square = sum(k * k for k in n.values())
    return sum(n.values()) ** 2 // square if square else 0


def n_place_needed(cut_off: float) -> int:
    """Independent places from which a stranger's kinship stays below a cut-off.

    Notes
    -----
    (4 x 1 / cut-off)^2, from the standard deviation of a stranger's kinship over n places,
    1 / sqrt(n): 511 for the first degree, 2,048 for the second and 8,190 for the third.

    Examples
    --------
    >>> [n_place_needed(cut_off) for cut_off in (0.177, 0.0884, 0.0442)]
    [511, 2048, 8190]
    """
    return math.ceil((_SD_APART * _SD_OF_ONE_PLACE / cut_off) ** 2)


def related_pairs(blocks: Blocks, n_sample: int, n_independent: int) -> RelatedPairs:
    """Pairs with the kinship of the third degree or closer, in the order of the sample axis.

    Parameters
    ----------
    blocks, n_sample
        As for :func:`alsrev_dagster.stats.kinship.king_pairs`.
    n_independent
        Independent places of the variants. A degree that needs more of them
        (``n_place_needed``), or of the variants called in both, is not named: the
        relationship is None, and the pair may be of strangers.

    Notes
    -----
    Pairs with fewer than ``N_PLACE_MIN`` variants called in both are not judged. Wrong
    where the variants are linked (see ``n_place``), and for samples of very different
    ancestry, whose kinship KING-robust underestimates.
    """
    pairs = king_pairs(blocks, n_sample, kinship_min=_THIRD_DEGREE, n_variant_min=N_PLACE_MIN)
    names = [
        _named(float(k), min(n_independent, int(n)))
        for k, n in zip(pairs.kinship, pairs.n_variant, strict=True)
    ]
    return RelatedPairs(**vars(pairs), relationship=names)


def _named(kinship: float, n_independent: int) -> str | None:
    """Return the degree, if there are places enough to name it; duplicates always are."""
    name = relationship(kinship)
    is_sure = name == "duplicate" or any(
        name == degree and n_independent >= n_place_needed(limit) for limit, degree in DEGREES
    )
    return name if is_sure else None
