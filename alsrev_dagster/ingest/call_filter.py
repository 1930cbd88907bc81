"""How calls are read: which as missing, and whether their depths and qualities are summed."""

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
    call_depth: bool = False
    """Whether DP, GQ and AD, where the header declares them, are summed (``call_sums``)."""

    @property
    def asks_for_fields(self) -> bool:
        """Whether a call may be missing for more than its GT."""
        return bool(self.genotype_quality_min or self.depth_min or self.allele_balance_min)


REASONS = ("n_low_genotype_quality", "n_low_depth", "n_low_allele_balance")
"""Calls read as missing, each by the first reason of this order."""

CALL_FIELDS = ("GQ", "DP", "AD")
"""Fields of FORMAT that a call is judged by, in the order of ``REASONS``."""

ALL_CALLS = CallFilter()
"""Every whole call is kept."""


def call_filter_of(callset: "Callset") -> CallFilter:
    """Return what a study says of a callset's calls."""
    return CallFilter(
        callset.half_calls,
        callset.genotype_quality_min,
        callset.depth_min,
        callset.allele_balance_min,
        callset.call_depth,
    )
