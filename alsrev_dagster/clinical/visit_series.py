"""The visits in which a recovery is looked for, as arrays: series of one person and one scale."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.study import RecoveryDefinition

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class VisitSeries:
    """Series one after the other, those of a person together; each has a visit at least."""

    participant_id: NDArray[np.object_]
    """Each person once, sorted."""
    first_series: IntArray
    """First series of each person."""
    person: IntArray
    """Place of the person of each visit."""
    start: IntArray
    """First visit of each series, and the number of visits after the last."""
    day: IntArray
    """Days since the person's first visit; strictly increasing within a series."""
    total: IntArray
    """Score of each visit."""
    first_day: IntArray
    """Day of each person's first visit, as the table counts days."""
    baseline: IntArray
    """Score of each person's first visit."""
    followed_days: IntArray
    """From each person's first visit to the last."""


def score_column(definition: RecoveryDefinition) -> str:
    """Column of core.alsfrsr that a definition is of.

    Examples
    --------
    >>> score_column(RecoveryDefinition(name="a", min_gain_points=4, min_duration_days=365))
    'alsfrsr_total'
    """
    whole = definition.gastrostomy != "without_item_5"
    return f"{definition.scale}_{'total' if whole else 'without_item_5'}"


def visit_series(visit: pd.DataFrame, definition: RecoveryDefinition) -> VisitSeries:
    """Series of the usable visits of core.alsfrsr that a definition compares with one another.

    Items 5a (no gastrostomy) and 5b are different scales: under ``separate_series`` totals are
    compared only among visits of the same has_gastrostomy, each of the two a series.
    """
    person, names = pd.factorize(visit["participant_id"], sort=True)
    is_apart = definition.gastrostomy == "separate_series"
    branch = visit["has_gastrostomy"].to_numpy(dtype=np.int64) * is_apart
    day = visit["day"].to_numpy(dtype=np.int64)
    order = np.lexsort((day, branch, person))
    person, branch, day = person[order].astype(np.int64), branch[order], day[order]
    total = visit[score_column(definition)].to_numpy(dtype=np.int64)[order]
    key = 2 * person + branch
    start = np.flatnonzero(np.diff(key, prepend=-1))
    begins = np.flatnonzero(np.diff(person, prepend=-1))
    first_day = _by_person(np.minimum, day, begins)
    return VisitSeries(
        participant_id=np.asarray(names, dtype=object),
        first_series=np.searchsorted(start, begins),
        person=person,
        start=np.append(start, len(day)),
        day=day - first_day[person],
        total=total,
        first_day=first_day,
        baseline=_baseline(person, day, total),
        followed_days=_by_person(np.maximum, day, begins) - first_day,
    )


def _by_person(choose: np.ufunc, values: IntArray, begins: IntArray) -> IntArray:
    """One value a person; none of nobody."""
    found: IntArray = choose.reduceat(values, begins) if len(begins) else values
    return found


def _baseline(person: IntArray, day: IntArray, total: IntArray) -> IntArray:
    """Score of each person's first visit, whichever series it is in."""
    order = np.lexsort((day, person))
    return total[order][np.flatnonzero(np.diff(person[order], prepend=-1))]
