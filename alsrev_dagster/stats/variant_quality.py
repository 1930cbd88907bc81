"""Quality of each variant, from its counts by arm: call rate, frequency and HWE."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.stats.hwe import hwe_within
from alsrev_dagster.stats.missingness import fisher_exact_p

ON_CASES, ON_CONTROLS = 0, 1
"""Sides of a contrast, in the order in which every array has them."""


@dataclass(frozen=True)
class Arms:
    """Groups of samples, none in two of them, that the counts of a block stand for.

    Calls of a sample are in one arm; what is judged is sums over arms.
    """

    size: NDArray[np.int64]
    """Samples, shape (n_arm,)."""
    sides: NDArray[np.bool_]
    """Arms of the cases and of the controls of each contrast, shape (n_contrast, 2, n_arm)."""
    cohort: NDArray[np.int64]
    """Number of the arm's cohort, shape (n_arm,)."""
    ancestry: NDArray[np.int64] | None = None
    """Number of the arm's ancestry, shape (n_arm,), within which HWE is tested; None for one."""

    @property
    def is_case(self) -> NDArray[np.bool_]:
        """Arms that are cases of some contrast."""
        return np.asarray(self.sides[:, ON_CASES].any(axis=0), dtype=np.bool_)

    @property
    def is_control(self) -> NDArray[np.bool_]:
        """Arms that are controls of some contrast."""
        return np.asarray(self.sides[:, ON_CONTROLS].any(axis=0), dtype=np.bool_)


@dataclass(frozen=True)
class VariantQuality:
    """One entry a variant in every array, shape (n_variant,)."""

    n_hom_ref: NDArray[np.int64]
    n_het: NDArray[np.int64]
    n_hom_alt: NDArray[np.int64]
    n_missing: NDArray[np.int64]
    call_rate: NDArray[np.float64]
    """Called / samples of the callsets that hold the variant, in [0, 1]; 0 without any."""
    case_call_rate: NDArray[np.float64]
    control_call_rate: NDArray[np.float64]
    cohort_call_rate_min: NDArray[np.float64]
    """Lowest of the cohorts; NaN, as the two before, where nobody's callset holds the variant."""
    missing_p: NDArray[np.float64]
    """Differential missingness of cases and controls, the smallest of the contrasts."""
    allele_count: NDArray[np.int64]
    allele_number: NDArray[np.int64]
    allele_freq: NDArray[np.float64]
    """Of ALT, in [0, 1]; NaN where no sample is called."""
    mac: NDArray[np.int64]
    maf: NDArray[np.float64]
    case_mac: NDArray[np.int64]
    """Of the allele that is the minor one in all samples, so it may be above half."""
    case_maf: NDArray[np.float64]
    control_mac: NDArray[np.int64]
    control_maf: NDArray[np.float64]
    n_control: NDArray[np.int64]
    """Controls with a diploid call: those that hwe_p rests on."""
    hwe_p: NDArray[np.float64]
    """Exact, in controls, within ancestries; NaN where no control has a diploid call."""
    hwe_mid_p: NDArray[np.float64]


def variant_quality(
    counts: NDArray[np.int64],
    arms: Arms,
    *,
    is_tried: NDArray[np.bool_] | None = None,
    is_diploid: NDArray[np.bool_] | None = None,
) -> VariantQuality:
    """Quality of each variant over all arms; Hardy-Weinberg in the controls alone.

    Parameters
    ----------
    counts
        n_hom_ref, n_het, n_hom_alt, n_missing by arm, shape (n_variant, n_arm, 4).
    arms
        What the arms are. Cases are never tested for HWE: a recessive effect departs from it
        in them.
    is_tried
        Whether the arm's callset holds the variant, shape (n_variant, n_arm); None for all.
        Where it does not, its samples are among the missing, and in no call rate: nobody
        tried to call them.
    is_diploid
        Shape (n_variant, n_arm); None where every call is. Haploid calls (chrX in males,
        chrY, chrM) have no heterozygote, and are not tested for HWE.

    Notes
    -----
    Every genotype but for HWE counts as diploid, so frequencies of chrX in males and of
    chrY and chrM weigh a haploid call (coded 0 or 2) as two alleles. Differential missingness
    is Fisher's exact test of missing and called, cases and controls. HWE is that of
    :func:`hwe_within` the arms' ancestries.

    Examples
    --------
    >>> arms = Arms(np.array([2, 2]), np.array([[[True, False], [False, True]]]), np.arange(2))
    >>> found = variant_quality(np.array([[[0, 0, 1, 1], [1, 1, 0, 0]]]), arms)
    >>> found.call_rate.tolist(), found.allele_freq.tolist(), found.n_control.tolist()
    ([0.75], [0.5], [2])
    """
    by_arm = np.ascontiguousarray(counts.transpose(2, 1, 0))  # code, arm, variant
    tried = _of_arms(is_tried, by_arm)
    n_hom_ref, n_het, n_hom_alt, n_missing = by_arm.sum(axis=1)
    allele_number = 2 * (n_hom_ref + n_het + n_hom_alt)
    allele_count = n_het + 2 * n_hom_alt
    is_alt_minor = 2 * allele_count <= allele_number
    mac = np.where(is_alt_minor, allele_count, allele_number - allele_count)
    case_mac, case_maf = _minor(by_arm, arms.is_case, is_alt_minor)
    control_mac, control_maf = _minor(by_arm, arms.is_control, is_alt_minor)
    in_control = _controls_by_ancestry(by_arm, arms, _of_arms(is_diploid, by_arm))
    hwe = hwe_within(in_control)
    everyone = np.ones(len(arms.size), dtype=np.bool_)
    return VariantQuality(
        n_hom_ref=n_hom_ref,
        n_het=n_het,
        n_hom_alt=n_hom_alt,
        n_missing=n_missing,
        call_rate=np.nan_to_num(_call_rate(by_arm, arms.size, everyone, tried)),
        case_call_rate=_call_rate(by_arm, arms.size, arms.is_case, tried),
        control_call_rate=_call_rate(by_arm, arms.size, arms.is_control, tried),
        cohort_call_rate_min=_lowest_call_rate(by_arm, arms, tried),
        missing_p=_missing_p(by_arm, arms, tried),
        allele_count=allele_count,
        allele_number=allele_number,
        allele_freq=_ratio(allele_count, allele_number),
        mac=mac,
        maf=_ratio(mac, allele_number),
        case_mac=case_mac,
        case_maf=case_maf,
        control_mac=control_mac,
        control_maf=control_maf,
        n_control=in_control.sum(axis=(1, 2)),
        hwe_p=hwe.p_value,
        hwe_mid_p=hwe.mid_p_value,
    )


_Tried = NDArray[np.bool_] | None
"""Arms whose callset holds the variant, shape (n_arm, n_variant); None for all."""


def _of_arms(mask: NDArray[np.bool_] | None, by_arm: NDArray[np.int64]) -> _Tried:
    """A mask of variants and arms turned round, as the counts are; None where all are in it."""
    return (
        None
        if mask is None
        else np.ascontiguousarray(np.broadcast_to(mask, (by_arm.shape[2], by_arm.shape[1])).T)
    )


def _summed(
    by_arm: NDArray[np.int64], is_counted: NDArray[np.bool_], tried: _Tried
) -> NDArray[np.int64]:
    """Counts over some arms, those of an arm that was not tried left out; arms are axis -2."""
    counts = by_arm[..., is_counted, :]
    kept = counts if tried is None else counts * tried[is_counted]
    return np.asarray(kept.sum(axis=-2), dtype=np.int64)


def _controls_by_ancestry(
    by_arm: NDArray[np.int64], arms: Arms, is_diploid: _Tried
) -> NDArray[np.int64]:
    """Diploid genotypes of who is a control alone, shape (n_variant, n_ancestry, 3)."""
    is_used = arms.is_control & ~arms.is_case
    of_arm = np.zeros(len(is_used), dtype=np.int64) if arms.ancestry is None else arms.ancestry
    numbers = np.unique(of_arm[is_used]) if is_used.any() else of_arm[:1]
    parts = [_summed(by_arm[:3], is_used & (of_arm == k), is_diploid).T for k in numbers]
    return np.stack(parts, axis=1)


def _n_tried(
    by_arm: NDArray[np.int64], size: NDArray[np.int64], is_counted: NDArray[np.bool_], tried: _Tried
) -> NDArray[np.int64]:
    """Samples of some arms that were tried at each variant."""
    if tried is None:
        return np.full(by_arm.shape[-1], size[is_counted].sum())
    return np.asarray(size[is_counted] @ tried[is_counted], dtype=np.int64)


def _call_rate(
    by_arm: NDArray[np.int64], size: NDArray[np.int64], is_counted: NDArray[np.bool_], tried: _Tried
) -> NDArray[np.float64]:
    """Called / samples of the arms that count at each variant; NaN without any."""
    n_sample = _n_tried(by_arm, size, is_counted, tried)
    return _ratio(n_sample - _summed(by_arm[3], is_counted, tried), n_sample)


def _lowest_call_rate(by_arm: NDArray[np.int64], arms: Arms, tried: _Tried) -> NDArray[np.float64]:
    rates = [
        _call_rate(by_arm, arms.size, arms.cohort == cohort, tried)
        for cohort in np.unique(arms.cohort)
    ]
    lowest: NDArray[np.float64] = np.fmin.reduce(rates)
    return lowest


def _missing_p(by_arm: NDArray[np.int64], arms: Arms, tried: _Tried) -> NDArray[np.float64]:
    """Smallest P value of the contrasts; 1 where one side was not tried, or nothing is missing."""
    p_value = np.ones(by_arm.shape[-1])
    for sides in arms.sides:
        of_sides = []
        for side in sides:
            n_missing = _summed(by_arm[3], side, tried)
            of_sides += [n_missing, _n_tried(by_arm, arms.size, side, tried) - n_missing]
        p_value = np.minimum(p_value, fisher_exact_p(np.stack(of_sides, axis=1)))
    return p_value


def _minor(
    by_arm: NDArray[np.int64], is_side: NDArray[np.bool_], is_alt_minor: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Count and frequency, on one side, of the allele that is the minor one in all samples."""
    n_hom_ref, n_het, n_hom_alt = _summed(by_arm[:3], is_side, None)
    mac = n_het + 2 * np.where(is_alt_minor, n_hom_alt, n_hom_ref)
    return mac, _ratio(mac, 2 * (n_hom_ref + n_het + n_hom_alt))


def _ratio(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    ratio: NDArray[np.float64] = np.full(len(part), np.nan)
    return np.divide(part, whole, out=ratio, where=whole > 0)
