"""Quality of each variant, from its counts by arm: call rate, frequency, HWE, and its verdict."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.stats.hwe import hwe_exact
from alsrev_dagster.stats.missingness import fisher_exact_p

SEX_LINKED = "chrX, chrY and chrM are not tested: ploidy differs by sex"
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
    """Exact, in controls; NaN where no control has a diploid call."""
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
    is Fisher's exact test of missing and called, cases and controls.

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
    controls_alone = arms.is_control & ~arms.is_case  # who is a case of any contrast is none here
    in_control = _summed(by_arm[:3], controls_alone, _of_arms(is_diploid, by_arm)).T
    hwe = hwe_exact(in_control)
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
        n_control=in_control.sum(axis=1),
        hwe_p=hwe.p_value,
        hwe_mid_p=hwe.mid_p_value,
    )


@dataclass(frozen=True)
class VariantRule:
    """Thresholds below which a variant is left out of association, and what each is called."""

    call_rate_min: float
    missing_p_min: float
    hwe_p_min: float
    allele_balance_min: float
    """Share of ALT, or of REF, in a callset's reads of heterozygous calls that are sound."""
    n_het_read_min: int
    """Reads that must stand behind it."""

    @property
    def allele_balances(self) -> tuple[float, float]:
        """Least and most share of ALT in the reads of calls that are heterozygous."""
        return self.allele_balance_min, 1 - self.allele_balance_min

    @property
    def low_call_rate(self) -> str:
        """What a variant that is called in too few is left out for."""
        return f"call_rate below {self.call_rate_min:g}"

    @property
    def reasons(self) -> tuple[str, ...]:
        """Every reason for which a variant may be left out, the gravest first."""
        least, most = self.allele_balances
        return (
            "ALT is symbolic or a breakend",
            "no sample called",
            "FILTER of the caller",
            self.low_call_rate,
            f"missing_p below {self.missing_p_min:g}",
            f"hwe_p in controls below {self.hwe_p_min:g}",
            f"allele_balance outside {least:g} to {most:g}",
            SEX_LINKED,
        )


def filter_reason(
    quality: VariantQuality,
    rule: VariantRule,
    *,
    is_sequence: NDArray[np.bool_],
    is_filtered: NDArray[np.bool_],
    is_sex_linked: bool,
    het_reads: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None,
) -> NDArray[np.object_]:
    """Why each variant is left out of association: the gravest reason that holds, or None.

    ``is_sequence`` says that ALT is spelled in bases, not symbolic or a breakend;
    ``is_filtered`` that the caller's FILTER says the call is not to be trusted;
    ``is_sex_linked`` that the chromosome is X, Y or M, where a dosage means another thing in
    each sex, so that sides of unequal sex would differ for that alone. Differential
    missingness is no reason there: on chrY it is one sex that has no calls. ``het_reads`` are the
    reads of heterozygous calls and the share of ALT among them, of each callset, shape
    (n_variant, n_callset), NaN (or None for all) where none are known: far from a half they come
    of paralogues, mosaics or errors. One callset is enough: an artefact may be of the cases'.
    """
    everywhere = np.full(len(is_sequence), is_sex_linked)
    unknown = np.full((len(is_sequence), 1), np.nan)
    n_het_read, balance = het_reads or (unknown, unknown)
    least, most = rule.allele_balances
    is_lopsided = (balance < least) | (balance > most)
    holds = (
        ~is_sequence,
        quality.allele_number == 0,
        is_filtered,
        quality.call_rate < rule.call_rate_min,
        (quality.missing_p < rule.missing_p_min) & ~everywhere,
        quality.hwe_p < rule.hwe_p_min,
        (is_lopsided & (n_het_read >= rule.n_het_read_min)).any(axis=1),
        everywhere,
    )
    reason = np.full(len(is_sequence), None, dtype=np.object_)
    for text, is_so in reversed(list(zip(rule.reasons, holds, strict=True))):
        reason[is_so] = text
    return reason


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
