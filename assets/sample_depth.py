"""Mean depth and genotype quality of each sample, from what was summed when its calls were read."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.call_sums import SAMPLE_SUMS, added
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.storage.genotypes import SampleAxis
from alsrev_dagster.storage.packed_genotypes import read_sample_sum
from assets.reading import AUTOSOMES


def sample_depth(work: OpenStudy, axis: SampleAxis) -> dict[str, "pd.Series[float]"]:
    """Counts and means of the samples of an axis, by column of core.sample_qc.

    Over every record of the autosomes that has a row, whether its variants pass or not: depth is
    half as great on a male's chrX, and hundreds of times as great on chrM. NULL in a callset whose
    calls were not summed.
    """
    sums = [_callset_sum(work, name, n_held) for name, n_held in axis.n_by_callset.items()]
    n_depth, depth, n_quality, quality = np.concatenate(sums)[axis.used].T
    return {
        "n_depth": pd.Series(n_depth).astype("Int64"),
        "mean_depth": pd.Series(depth / np.where(n_depth > 0, n_depth, np.nan)),
        "n_genotype_quality": pd.Series(n_quality).astype("Int64"),
        "mean_genotype_quality": pd.Series(quality / np.where(n_quality > 0, n_quality, np.nan)),
    }


def _callset_sum(work: OpenStudy, callset: str, n_held: int) -> NDArray[np.float64]:
    """Sums of the samples that a callset holds; NaN where there are none."""
    total: NDArray[np.float64] | None = None
    for chrom in AUTOSOMES:
        total = added(total, read_sample_sum(work.lake, f"{chrom}/{callset}"))
    return np.full((n_held, len(SAMPLE_SUMS)), np.nan) if total is None else total
