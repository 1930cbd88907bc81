"""D' and r2 of haplotypes of two variants, whose phase nobody knows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.stats.kernel.haplotype import haplotype_ld as _fill
from alsrev_dagster.stats.ld import planes_of
from alsrev_dagster.stats.planes import require_packed


@dataclass(frozen=True)
class HaplotypeLd:
    """One entry a pair in every array, shape (n_pair,)."""

    alt_alt: NDArray[np.float64]
    """Frequency of haplotypes with the ALT allele of both variants, in [0, 1]."""
    d: NDArray[np.float64]
    """D = frequency of alt-alt - product of the two ALT frequencies; above 0: they go together."""
    d_prime: NDArray[np.float64]
    """D / its largest size at these allele frequencies, in [-1, 1]; NaN without variation."""
    r2: NDArray[np.float64]
    """Squared correlation of the alleles on a haplotype, in [0, 1]; NaN without variation."""
    n_called: NDArray[np.int64]
    """Samples with a call of both."""


def haplotype_ld(
    packed: NDArray[np.uint8],
    n_sample: int,
    first: NDArray[np.int64],
    second: NDArray[np.int64],
) -> HaplotypeLd:
    """D' and r2 of pairs of variants by the most likely haplotype frequencies.

    Parameters
    ----------
    packed
        Genotypes as :mod:`alsrev_dagster.packing` lays them, shape (n_variant, n_byte).
    n_sample
        Samples of each row.
    first, second
        Places of the pairs' variants, shape (n_pair,).

    Returns
    -------
    HaplotypeLd
        Over the samples with both calls.

    Notes
    -----
    Only double heterozygotes have more than one phase. The share x of them that is alt-alt with
    ref-ref solves Hill's equation x = h f11 f22 / (f11 f22 + f12 f21), a cubic [1]_; of its
    solutions in [0, h] and the two ends that of the largest likelihood is taken, as PLINK 1.9
    ``--r2 dprime`` does [2]_, where the EM algorithm may stop at another. Both assume
    Hardy-Weinberg equilibrium of the haplotypes in unrelated samples. This r2 is not the one of
    dosages (:func:`alsrev_dagster.stats.ld.r2_within`). D' is D over min(p1 q2, q1 p2) where D
    is above 0, over min(p1 p2, q1 q2) where it is below [3]_.

    References
    ----------
    .. [1] Hill (1974), Heredity 33:229-239; Gaunt et al. (2007), BMC Bioinformatics 8:428.
    .. [2] Chang et al. (2015), GigaScience 4:7.
    .. [3] Lewontin (1964), Genetics 49:49-67.

    Examples
    --------
    >>> from alsrev_dagster.packing import pack
    >>> packed = pack(np.array([[0, 1, 2, 0], [2, 1, 0, 2]], dtype=np.uint8))
    >>> found = haplotype_ld(packed, 4, np.array([0]), np.array([1]))
    >>> round(float(found.d_prime[0]), 6), round(float(found.r2[0]), 6)
    (-1.0, 1.0)
    """
    hom, alt, called, _ = planes_of(require_packed(packed, n_sample), n_sample)
    pair = np.ascontiguousarray(np.stack([first, second], axis=1), dtype=np.int64)
    frequency, n_called = np.empty((len(pair), 4)), np.empty(len(pair), dtype=np.int64)
    _fill(hom, alt, called, pair, frequency, n_called)
    return _measures(frequency, n_called)


def _measures(frequency: NDArray[np.float64], n_called: NDArray[np.int64]) -> HaplotypeLd:
    """D and what is made of it, from frequencies alt-alt, alt-ref, ref-alt, ref-ref."""
    alt_alt, alt_ref, ref_alt, ref_ref = frequency.T
    p_1, q_1 = alt_alt + alt_ref, ref_alt + ref_ref
    p_2, q_2 = alt_alt + ref_alt, alt_ref + ref_ref
    d = alt_alt * ref_ref - alt_ref * ref_alt
    largest = np.where(d > 0, np.minimum(p_1 * q_2, q_1 * p_2), np.minimum(p_1 * p_2, q_1 * q_2))
    spread = p_1 * q_1 * p_2 * q_2
    varies = spread > 0
    missing = np.full(len(d), np.nan)
    return HaplotypeLd(
        alt_alt=alt_alt.copy(),
        d=d,
        d_prime=np.divide(d, largest, out=missing.copy(), where=varies),
        r2=np.divide(d**2, spread, out=missing.copy(), where=varies),
        n_called=n_called,
    )
