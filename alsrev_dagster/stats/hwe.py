"""Hardy-Weinberg equilibrium (HWE) of biallelic variants: exact and mid-P values."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.kernel.hwe import hwe_p_many


@dataclass(frozen=True)
class HardyWeinberg:
    """Both P values of each variant; arrays of shape (n_variant,)."""

    p_value: NDArray[np.float64]
    """Exact, in (0, 1]; 1 for a monomorphic variant, NaN where no sample is called."""
    mid_p_value: NDArray[np.float64]
    """Mid-P, in (0, 1]; 1 for a monomorphic variant, NaN where no sample is called."""


def hwe_exact(counts: NDArray[np.int64]) -> HardyWeinberg:
    """Two-sided exact test of HWE of each variant, conditional on its allele counts.

    Parameters
    ----------
    counts
        n_hom_ref, n_het and n_hom_alt, shape (n_variant, 3). Samples with a missing call are
        not counted. Diploid, unrelated samples only.

    Returns
    -------
    HardyWeinberg
        A P value below every double is given as the smallest one.

    Raises
    ------
    InputDataError
        If the shape is not (n_variant, 3) or a count is negative.

    Notes
    -----
    Given n samples with n_minor minor alleles, h heterozygotes have probability
    n! / (a! h! b!) * 2**h * n_minor! n_major! / (2n)!, computed by the recurrence from h to h + 2
    from the likeliest h outwards [1]_. The P value sums every h no more likely than the one
    seen, with a slack of 1e-9 for equality; the mid-P value counts those as likely as the one
    seen by half [2]_, as PLINK does, except that a monomorphic variant, which cannot depart
    from HWE, has 1. Relatives, mixed ancestries and, outside the pseudoautosomal regions of X,
    males break it.

    References
    ----------
    .. [1] Wigginton, Cutler & Abecasis (2005), Am J Hum Genet 76:887-893.
    .. [2] Graffelman & Moreno (2013), Stat Appl Genet Mol Biol 12:433-448.

    Examples
    --------
    >>> found = hwe_exact(np.array([[4, 0, 0], [3, 0, 1], [0, 0, 0]]))
    >>> found.p_value.round(6).tolist(), found.mid_p_value.round(6).tolist()
    ([1.0, 0.142857, nan], [1.0, 0.071429, nan])
    """
    if counts.ndim != 2 or counts.shape[1] != 3:
        raise InputDataError(
            f"genotype counts have shape {counts.shape}: expected (n_variant, 3) for n_hom_ref, "
            "n_het and n_hom_alt; drop the column of missing calls"
        )
    if counts.size and counts.min() < 0:
        raise InputDataError(
            f"the smallest genotype count is {counts.min()}: expected no count below 0; check the "
            "step that counted the genotypes"
        )
    p_value, mid_p_value = np.empty(len(counts)), np.empty(len(counts))
    hwe_p_many(np.ascontiguousarray(counts, dtype=np.int64), p_value, mid_p_value)
    return HardyWeinberg(p_value, mid_p_value)


def hwe_within(counts: NDArray[np.int64]) -> HardyWeinberg:
    """HWE of each variant within groups of samples, such as ancestries, joined to one P value.

    Parameters
    ----------
    counts
        n_hom_ref, n_het and n_hom_alt by group, shape (n_variant, n_group, 3).

    Returns
    -------
    HardyWeinberg
        The smallest P value of the groups times the number of groups in which the variant
        varies (Bonferroni), at most 1; NaN where no sample is called.

    Raises
    ------
    InputDataError
        As :func:`hwe_exact`.

    Notes
    -----
    Groups that differ in allele frequency, each in HWE, have too few heterozygotes when taken
    together [1]_: pooled, a sound variant would be left out for its history. The factor does not
    depend on the heterozygotes, so the level holds. An admixed group breaks it.

    References
    ----------
    .. [1] Wahlund (1928), Hereditas 11:65-106.

    Examples
    --------
    >>> apart = np.array([[[50, 0, 0], [0, 0, 50]]])
    >>> pooled = hwe_exact(apart.sum(axis=1)).p_value
    >>> hwe_within(apart).p_value.tolist(), bool(pooled[0] < 1e-20)
    ([1.0], True)
    """
    n_variant, n_group, n_code = counts.shape
    found = hwe_exact(counts.reshape(n_variant * n_group, n_code))
    n_alt = counts[:, :, 1] + 2 * counts[:, :, 2]
    is_varying = (n_alt > 0) & (n_alt < 2 * counts.sum(axis=2))
    factor = np.maximum(is_varying.sum(axis=1), 1)
    joined = [
        np.minimum(np.fmin.reduce(p.reshape(n_variant, n_group), axis=1) * factor, 1.0)
        for p in (found.p_value, found.mid_p_value)
    ]
    return HardyWeinberg(*joined)
