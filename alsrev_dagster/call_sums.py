"""Sums over calls of what FORMAT says of them, and the means that rest on them."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from alsrev_dagster.arrow_arrays import numbers

SAMPLE_SUMS = ("n_depth", "sum_depth", "n_genotype_quality", "sum_genotype_quality")
"""Calls with a number in DP and the sum of it, and the same of GQ: what is summed by sample."""

ROW_SUMS = (*SAMPLE_SUMS, "n_alt_read", "n_het_read")
"""And, by row, reads of ALT and of both alleles over calls of REF and that ALT (AD)."""

NO_SUMS = 0
"""Number of columns where calls are not summed."""


def call_means(row_sum: NDArray[np.float64]) -> dict[str, pa.Array]:
    """Columns of ``raw.genotype`` from the sums of its rows: counts, and means that rest on them.

    A mean is the sum over the count, ``allele_balance`` reads of ALT over reads of both alleles,
    pooled over calls, not averaged; NULL where nothing was counted. No columns without sums.
    """
    if row_sum.shape[1] == NO_SUMS:
        return {}
    of = dict(zip(ROW_SUMS, row_sum.T, strict=True))
    n = {name: values for name, values in of.items() if name in _COUNTED}
    means = {
        "mean_depth": _mean(of["sum_depth"], of["n_depth"]),
        "mean_genotype_quality": _mean(of["sum_genotype_quality"], of["n_genotype_quality"]),
        "allele_balance": _mean(of["n_alt_read"], of["n_het_read"]),
    }
    counts: dict[str, Any] = {name: numbers(values.astype(np.int64)) for name, values in n.items()}
    return counts | {name: numbers(v, nan_is_null=True) for name, v in means.items()}


def added(
    one: NDArray[np.float64] | None, other: NDArray[np.float64] | None
) -> NDArray[np.float64] | None:
    """Add sums; None is none at all."""
    if one is None or other is None:
        return other if one is None else one
    return one + other


_COUNTED = ("n_depth", "n_genotype_quality", "n_het_read")


def _mean(total: NDArray[np.float64], n: NDArray[np.float64]) -> NDArray[np.float64]:
    mean: NDArray[np.float64] = total / np.where(n > 0, n, np.nan)
    return mean
