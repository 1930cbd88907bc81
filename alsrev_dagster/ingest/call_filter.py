"""Which calls are read as missing: by halves, genotype quality, depth and allele balance."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alsrev_dagster.study_choices import HalfCalls

if TYPE_CHECKING:  # annotations alone: reading genotypes starts without pydantic
    from alsrev_dagster.study import Callset


@dataclass(frozen=True)
class CallFilter:
    """How calls are read; what a file does not give (a ``.``, or no such field) never fails."""

    half_calls: HalfCalls = "missing"
    """A call with one allele missing: missing, or the other with REF, or with itself."""
    genotype_quality_min: float = 0
    """GQ below this makes a call missing (Phred)."""
    depth_min: float = 0
    """DP below this makes a call missing (reads)."""
    allele_balance_min: float = 0
    """Reads of the rarer of a heterozygous call's two alleles, of both (AD), below this."""

    @property
    def asks_for_fields(self) -> bool:
        """Whether more than GT has to be looked at."""
        return bool(self.genotype_quality_min or self.depth_min or self.allele_balance_min)


REASONS = ("n_low_genotype_quality", "n_low_depth", "n_low_allele_balance")
"""Calls read as missing, each by the first reason of this order."""

ALL_CALLS = CallFilter()
"""Every whole call is kept."""


def call_filter_of(callset: "Callset") -> CallFilter:
    """Return what a study says of a callset's calls."""
    return CallFilter(
        callset.half_calls,
        callset.genotype_quality_min,
        callset.depth_min,
        callset.allele_balance_min,
    )
