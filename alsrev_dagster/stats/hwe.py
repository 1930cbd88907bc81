"""Hardy-Weinberg equilibrium (HWE) of biallelic variants."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.counts import distinct_rows

_TIE_TOLERANCE = 1e-9
"""Relative slack when two table probabilities are compared for equality.

Wider than the rounding of ``gammaln``, about 1e-11 for a few thousand samples.
"""


def hwe_exact_p(n_hom_ref: int, n_het: int, n_hom_alt: int) -> float:
    """Two-sided exact test of HWE, conditional on the minor allele count.

    Parameters
    ----------
    n_hom_ref, n_het, n_hom_alt
        Samples with dosage 0, 1 and 2. Samples with a missing call are not
        counted. Diploid, unrelated samples only.

    Returns
    -------
    float
        P value in (0, 1]; 1.0 where the variant is monomorphic. No mid-p
        correction.

    Raises
    ------
    InputDataError
        If a count is negative, or all three are zero.

    Notes
    -----
    The P value is the summed probability of every heterozygote count that is no
    more likely than the one seen, given the allele counts [1]_. Relatives, mixed
    ancestries and, outside the pseudoautosomal regions of X, males break it.

    References
    ----------
    .. [1] Wigginton, Cutler & Abecasis (2005), Am J Hum Genet 76:887-893.

    Examples
    --------
    >>> hwe_exact_p(n_hom_ref=4, n_het=0, n_hom_alt=0)
    1.0
    >>> round(hwe_exact_p(n_hom_ref=3, n_het=0, n_hom_alt=1), 6)
    0.142857
    """
    counts = (n_hom_ref, n_het, n_hom_alt)
    if min(counts) < 0 or sum(counts) == 0:
        raise InputDataError(
            f"genotype counts (hom_ref, het, hom_alt) are {counts}: expected three "
            "counts >= 0 with at least one called sample; filter the variant on "
            "call_rate before testing it"
        )
    n = sum(counts)
    mac = 2 * min(n_hom_ref, n_hom_alt) + n_het
    n_het_possible = np.arange(mac % 2, mac + 1, 2)
    log_p = _log_het_probability(n_het_possible, n=n, mac=mac)
    probability = np.exp(log_p - log_p.max())
    seen = probability[n_het_possible == n_het]
    as_rare = probability <= seen * (1 + _TIE_TOLERANCE)
    return max(float(probability[as_rare].sum() / probability.sum()), np.finfo(float).tiny)


def hwe_exact_p_many(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Two-sided exact test of HWE of each variant, each distinct triple solved once.

    Parameters
    ----------
    counts
        n_hom_ref, n_het and n_hom_alt, shape (n, 3).

    Returns
    -------
    NDArray[np.float64]
        Shape (n,): as :func:`hwe_exact_p`; NaN where no sample is called.

    Raises
    ------
    InputDataError
        If the shape is not (n, 3) or a count is negative.

    Notes
    -----
    The assumptions are those of :func:`hwe_exact_p`. 265 samples have at most
    35,511 distinct triples [1]_, however many variants there are.

    References
    ----------
    .. [1] Wigginton, Cutler & Abecasis (2005), Am J Hum Genet 76:887-893.

    Examples
    --------
    >>> hwe_exact_p_many(np.array([[4, 0, 0], [0, 0, 0]])).tolist()
    [1.0, nan]
    """
    if counts.ndim != 2 or counts.shape[1] != 3:
        raise InputDataError(
            f"genotype counts have shape {counts.shape}: expected (n_variant, 3) for n_hom_ref, "
            "n_het and n_hom_alt; drop the column of missing calls"
        )
    unique, inverse = distinct_rows(counts)
    p_value = [hwe_exact_p(*triple) if sum(triple) else np.nan for triple in unique.tolist()]
    return np.array(p_value, dtype=np.float64)[inverse]


def _log_het_probability(n_het: NDArray[np.int_], *, n: int, mac: int) -> NDArray[np.float64]:
    """Log probability of each heterozygote count, up to one shared constant."""
    n_hom_minor = (mac - n_het) / 2
    n_hom_major = n - n_het - n_hom_minor
    log_p: NDArray[np.float64] = (
        n_het * np.log(2) - gammaln(n_het + 1) - gammaln(n_hom_minor + 1) - gammaln(n_hom_major + 1)
    )
    return log_p
