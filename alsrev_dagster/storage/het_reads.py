"""Reads of the calls that are heterozygous, of each callset and of all together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

READS = ("n_het_read", "allele_balance")
"""Columns of ``raw.genotype`` that they come from, and of what is said of a variant."""


@dataclass(frozen=True)
class HetReads:
    """Reads of REF and ALT in heterozygous calls, shape (n_variant, n_callset).

    NaN where a callset does not hold the variant, or its file has no reads.
    """

    n_read: NDArray[np.float64]
    n_alt_read: NDArray[np.float64]

    @classmethod
    def of(cls, n_het_read: Any, allele_balance: Any) -> "HetReads":
        """Make it from the columns of one callset: without any read there is no balance."""
        n_read, share = (
            np.asarray(column.to_numpy(), dtype=np.float64)
            for column in (n_het_read, allele_balance)
        )
        n_alt_read = np.where(n_read == 0, 0.0, np.round(n_read * share))
        return cls(n_read[:, None], n_alt_read[:, None])

    @classmethod
    def joined(cls, parts: Sequence["HetReads"]) -> "HetReads":
        """Put the callsets beside one another."""
        return cls(
            np.concatenate([part.n_read for part in parts], axis=1),
            np.concatenate([part.n_alt_read for part in parts], axis=1),
        )

    def take(self, place: NDArray[np.intp]) -> "HetReads":
        """Rows at some places; NaN where the place is -1."""
        absent = place[:, None] < 0
        return HetReads(
            *(np.where(absent, np.nan, n[place]) if len(n) else np.full(absent.shape, np.nan)
              for n in (self.n_read, self.n_alt_read))
        )  # fmt: skip

    @property
    def share(self) -> NDArray[np.float64]:
        """Share of ALT in the reads of each callset; NaN without any."""
        return _share(self.n_alt_read, self.n_read)

    def pooled(self) -> dict[str, NDArray[np.float64]]:
        """Columns of all callsets together; NaN where none has reads in its file."""
        is_known = ~np.isnan(self.n_read).all(axis=1)
        n_read = np.where(is_known, np.nansum(self.n_read, axis=1), np.nan)
        return dict(
            zip(READS, (n_read, _share(np.nansum(self.n_alt_read, axis=1), n_read)), strict=True)
        )


def _share(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(part / np.where(whole > 0, whole, np.nan), dtype=np.float64)
