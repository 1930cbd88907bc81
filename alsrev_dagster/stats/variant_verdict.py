"""Why a variant is left out of association: the gravest of the reasons that hold."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.stats.variant_quality import VariantQuality

SEX_LINKED = "chrX, chrY and chrM are not tested: ploidy differs by sex"


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
