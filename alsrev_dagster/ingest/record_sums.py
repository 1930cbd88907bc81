"""Sums over the calls of one record of a BCF: what ``kernels.tally_calls`` does for text."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.call_sums import ROW_SUMS, SAMPLE_SUMS
from alsrev_dagster.ingest.genotype_reader import Record, field_values

_DIPLOID = 2
_N_FIXED = len(SAMPLE_SUMS)


class RecordSums:
    """Sums of a file's records, by sample since they were last taken."""

    def __init__(self, n_sample: int, call_fields: Collection[str]) -> None:
        self._n_sample, self._fields = n_sample, call_fields
        self._sample_sum = np.zeros((n_sample, len(SAMPLE_SUMS)))

    def add(
        self,
        record: Record,
        calls: NDArray[np.int16],
        is_called: NDArray[np.bool_],
        alts: Sequence[int],
    ) -> NDArray[np.float64]:
        """Add a record's calls that are not missing; the sums of its rows, one an ALT number."""
        row_sum = np.zeros((len(alts), len(ROW_SUMS)))
        for column, name in ((0, "DP"), (2, "GQ")):
            values = self._values(record, name)
            if values is not None:
                value = np.where(is_called & ~np.isnan(values[:, 0]), values[:, 0], np.nan)
                counted = np.stack([~np.isnan(value), np.nan_to_num(value)], axis=1)
                self._sample_sum[:, column : column + 2] += counted
                row_sum[:, column : column + 2] = counted.sum(axis=0)
        reads = self._values(record, "AD")
        if reads is not None and calls.shape[1] >= _DIPLOID:
            for row, alt in enumerate(alts):
                row_sum[row, _N_FIXED:] = _het_reads(reads, calls, is_called, alt)
        return row_sum

    def take(self) -> NDArray[np.float64]:
        """Return the sums by sample, and begin them anew."""
        taken, self._sample_sum = self._sample_sum, np.zeros_like(self._sample_sum)
        return taken

    def _values(self, record: Record, name: str) -> NDArray[np.float64] | None:
        return field_values(record, name) if name in self._fields else None


def _het_reads(
    reads: NDArray[np.float64], calls: NDArray[np.int16], is_called: NDArray[np.bool_], alt: int
) -> tuple[float, float]:
    """Reads of an ALT, and of it and REF, over the calls of the two."""
    if alt >= reads.shape[1]:
        return 0.0, 0.0
    two = calls[:, :_DIPLOID]
    is_het = is_called & (two.min(axis=1) == 0) & (two.max(axis=1) == alt)
    of_both = reads[is_het][:, [0, alt]]
    of_both = of_both[~np.isnan(of_both).any(axis=1)]
    return float(of_both[:, 1].sum()), float(of_both.sum())
