"""Recovery as seen at visits: between which two it began, of those whose visits could show it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from alsrev_dagster.survival.genotype_groups import stratum_of
from alsrev_dagster.survival.groups import RECOVERY
from alsrev_dagster.survival.intervals import Intervals, intervals
from alsrev_dagster.survival.risk import BoolArray, FloatArray


def watched(group: pd.DataFrame) -> pd.DataFrame:
    """Participants with the interval of their recovery; infinite right ends are of none.

    Parameters
    ----------
    group
        Of :func:`~alsrev_dagster.survival.groups.recovery_follow_up`. Who did not recover is free
        of it up to ``last_free_months``: at a later visit a gain could not have been confirmed.

    Returns
    -------
    DataFrame
        With ``left_months`` and ``right_months``, infinite without a recovery; who was never
        watched after entry is left out, and whose recovery had begun by it. The dead are watched
        until their last visit that could be confirmed: what they did after it nobody saw.
    """
    recovered = group["event_code"] == RECOVERY
    left = group["left_months"].where(recovered, group["last_free_months"])
    right = group["right_months"].where(recovered, np.inf)
    seen = group.assign(left_months=left, right_months=right)
    is_watched = recovered | (left > group["entry_months"])
    return seen[is_watched & ~has_begun_by_entry(group)].reset_index(drop=True)


def has_begun_by_entry(group: pd.DataFrame) -> pd.Series:
    """Whose recovery was seen by entry, though confirmed after it: not at risk of its beginning."""
    recovered = group["event_code"] == RECOVERY
    return recovered & (group["right_months"] <= group["entry_months"])


def of_strata_with_event(
    seen: pd.DataFrame, has_event: BoolArray, strata: Sequence[str]
) -> pd.DataFrame:
    """Those of strata in which somebody has the event: the others say nothing of who does."""
    number = stratum_of(seen, strata)
    is_chosen = np.isin(number, number[has_event])
    return seen.iloc[np.flatnonzero(is_chosen)].reset_index(drop=True)


def stratum_columns(seen: pd.DataFrame, strata: Sequence[str]) -> FloatArray:
    """A column of 0 and 1 for each stratum but the first, for models without own baselines."""
    number = stratum_of(seen, strata)
    columns: FloatArray = (number[:, None] == np.unique(number)[1:]).astype(np.float64)
    return columns


def intervals_of(seen: pd.DataFrame) -> Intervals:
    """Return the intervals, with delayed entry; a left end is never before entry or the origin."""
    entry, left, right = (
        seen[name].to_numpy(dtype=np.float64)
        for name in ("entry_months", "left_months", "right_months")
    )
    return intervals(np.maximum(left, np.maximum(entry, 0.0)), right, entry)
