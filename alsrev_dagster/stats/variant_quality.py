"""Quality of each variant: counts, call rate, frequency, HWE in controls, and its verdict."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.stats.counts import genotype_counts
from alsrev_dagster.stats.hwe import hwe_exact_p_many

_MISSING = np.uint8(3)


SEX_LINKED = "chrX, chrY and chrM are not tested: ploidy differs by sex"


@dataclass(frozen=True)
class VariantQuality:
    """One entry a variant in every array, shape (n_variant,)."""

    n_hom_ref: NDArray[np.int64]
    n_het: NDArray[np.int64]
    n_hom_alt: NDArray[np.int64]
    n_missing: NDArray[np.int64]
    call_rate: NDArray[np.float64]
    """Called / samples of the callsets that hold the variant, in [0, 1]."""
    allele_count: NDArray[np.int64]
    allele_number: NDArray[np.int64]
    allele_freq: NDArray[np.float64]
    """Of ALT, in [0, 1]; NaN where no sample is called."""
    mac: NDArray[np.int64]
    maf: NDArray[np.float64]
    n_control: NDArray[np.int64]
    """Controls with a diploid call: those that hwe_p rests on."""
    hwe_p: NDArray[np.float64]
    """Exact, in controls; NaN where no control has a diploid call."""


def variant_quality(
    genotype: NDArray[np.uint8],
    is_control: NDArray[np.bool_],
    is_diploid: NDArray[np.bool_] | None = None,
    n_lacking: NDArray[np.int64] | None = None,
) -> VariantQuality:
    """Quality of each variant over all samples; Hardy-Weinberg in the controls alone.

    Parameters
    ----------
    genotype
        Codes 0-3, shape (n_variant, n_sample).
    is_control
        Shape (n_sample,). Cases are never tested for HWE: a recessive effect departs
        from it in them.
    is_diploid
        Shape (n_variant, n_sample); None where every call is. Haploid calls (chrX in males,
        chrY, chrM) have no heterozygote, and are not tested for HWE.
    n_lacking
        Samples whose callset does not hold the variant, shape (n_variant,); None for none.
        They are among the missing, and not in the call rate: nobody tried to call them.

    Notes
    -----
    Every genotype but for HWE counts as diploid, so frequencies of chrX in males and of
    chrY and chrM weigh a haploid call (coded 0 or 2) as two alleles.

    Examples
    --------
    >>> genotype = np.array([[0, 1, 2, 3]], dtype=np.uint8)
    >>> found = variant_quality(genotype, np.array([True, True, False, False]))
    >>> found.call_rate.tolist(), found.allele_freq.tolist(), found.n_control.tolist()
    ([0.75], [0.5], [2])
    """
    everyone = np.ones(genotype.shape[1], dtype=np.bool_)
    n_hom_ref, n_het, n_hom_alt, n_missing = genotype_counts(genotype, everyone).T
    diploid = genotype if is_diploid is None else np.where(is_diploid, genotype, _MISSING)
    in_control = genotype_counts(diploid, is_control)[:, :3]
    allele_number = 2 * (n_hom_ref + n_het + n_hom_alt)
    allele_count = n_het + 2 * n_hom_alt
    mac = np.minimum(allele_count, allele_number - allele_count)
    lacking = np.zeros_like(n_missing) if n_lacking is None else n_lacking
    return VariantQuality(
        n_hom_ref=n_hom_ref,
        n_het=n_het,
        n_hom_alt=n_hom_alt,
        n_missing=n_missing,
        call_rate=1 - (n_missing - lacking) / np.maximum(genotype.shape[1] - lacking, 1),
        allele_count=allele_count,
        allele_number=allele_number,
        allele_freq=_ratio(allele_count, allele_number),
        mac=mac,
        maf=_ratio(mac, allele_number),
        n_control=in_control.sum(axis=1),
        hwe_p=hwe_exact_p_many(in_control),
    )


def filter_reason(
    quality: VariantQuality,
    *,
    is_sequence: NDArray[np.bool_],
    is_filtered: NDArray[np.bool_],
    is_sex_linked: bool,
    call_rate_min: float,
    hwe_p_min: float,
) -> NDArray[np.object_]:
    """Why each variant is left out of association: the first reason that holds, or None.

    ``is_sequence`` says that ALT is spelled in bases, not symbolic or a breakend;
    ``is_filtered`` that the caller's FILTER says the call is not to be trusted;
    ``is_sex_linked`` that the chromosome is X, Y or M, where a dosage means another thing in
    each sex, so that sides of unequal sex would differ for that alone.
    """
    reason = np.full(len(is_sequence), SEX_LINKED if is_sex_linked else None, dtype=object)
    reason[quality.hwe_p < hwe_p_min] = f"hwe_p in controls below {hwe_p_min:g}"
    reason[quality.call_rate < call_rate_min] = f"call_rate below {call_rate_min:g}"
    reason[is_filtered] = "FILTER of the caller"
    reason[quality.allele_number == 0] = "no sample called"
    reason[~is_sequence] = "ALT is symbolic or a breakend"
    return reason


def _ratio(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    ratio: NDArray[np.float64] = np.full(len(part), np.nan)
    return np.divide(part, whole, out=ratio, where=whole > 0)
