"""When a milestone of progression was reached, from visits: between which two of them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.risk import BoolArray, FloatArray


@dataclass(frozen=True)
class Milestone:
    """One entry per participant with a visit at which the milestone could be judged.

    The milestone was reached in (left, right], right infinite when it was not by the last
    visit. ``is_at_entry``: no visit shows the participant without it, so that nothing is known
    of when, and the participant is not at risk: left is NaN.
    """

    participant_id: NDArray[np.object_]
    entry_months: NDArray[np.float64]
    """First visit: from here on the participant is under observation."""
    left_months: NDArray[np.float64]
    right_months: NDArray[np.float64]
    last_months: NDArray[np.float64]
    """Last visit at which it could be judged."""
    is_reached: NDArray[np.bool_]
    is_at_entry: NDArray[np.bool_]

    @property
    def is_at_risk(self) -> BoolArray:
        """Seen without the milestone at first, and at a later visit."""
        at_risk: BoolArray = ~self.is_at_entry & (self.last_months > self.entry_months)
        return at_risk


def milestone(
    participant_id: NDArray[np.object_],
    months: FloatArray,
    is_beyond: FloatArray,
    *,
    n_confirming: int = 0,
) -> Milestone:
    """Interval in which each participant reached a milestone for the first time.

    Parameters
    ----------
    participant_id
        Of each visit, any order.
    months
        From the origin to each visit; one visit of a participant at a time.
    is_beyond
        1 where the milestone is reached at that visit, 0 where not, NaN where it can't be
        judged: such a visit is left out.
    n_confirming
        How many of the next visits must show it too. A first crossing with fewer visits after
        it than that is not yet confirmed: the participant is censored at the visit before it.

    Returns
    -------
    Milestone
        In the order of participant_id.

    Raises
    ------
    InputDataError
        If a time is missing, two visits of one participant are at one time, a value is not 0,
        1 or NaN, or n_confirming is negative.

    Notes
    -----
    Who dies or leaves after the last visit is censored at it here: death competes with a
    milestone and comes from elsewhere. The interval is as wide as the visits are apart; to take
    its right end for the time favours whoever is seen less often.

    Examples
    --------
    >>> found = milestone(
    ...     np.array(["a", "a", "a", "b", "b"], object),
    ...     np.array([0.0, 3, 6, 0, 4]), np.array([0.0, 0, 1, 0, 0]),
    ... )
    >>> found.left_months.tolist(), found.right_months.tolist()
    ([3.0, 4.0], [6.0, inf])
    """
    _refuse_unsound(months, is_beyond, n_confirming)
    known = ~np.isnan(is_beyond)
    visit = pd.DataFrame(
        {
            "participant_id": np.asarray(participant_id, dtype=object)[known],
            "months": months[known],
            "is_beyond": is_beyond[known] > 0,
        }
    ).sort_values(["participant_id", "months"], kind="stable", ignore_index=True)
    _refuse_twice(visit)
    if visit.empty:
        return _nobody()
    name, first = np.unique(visit["participant_id"].to_numpy(dtype=object), return_index=True)
    last = np.append(first[1:], len(visit)) - 1
    time, beyond = visit["months"].to_numpy(), visit["is_beyond"].to_numpy()
    crossing = _first_crossing(beyond, (first, last), n_confirming)
    before = _last_before(beyond, (first, last), crossing)
    is_at_entry = before < 0
    is_reached = crossing <= last
    return Milestone(
        participant_id=name,
        entry_months=time[first],
        left_months=np.where(is_at_entry, np.nan, time[np.maximum(before, 0)]),
        right_months=np.where(is_reached, time[np.minimum(crossing, last)], np.inf),
        last_months=time[last],
        is_reached=is_reached,
        is_at_entry=is_at_entry,
    )


def points_lost(
    participant_id: NDArray[np.object_], months: FloatArray, total: FloatArray, *, n_points: float
) -> FloatArray:
    """Whether each visit's total is at least some points below the participant's first known one.

    Parameters
    ----------
    participant_id, months
        As in :func:`milestone`.
    total
        Score at each visit, higher is better; NaN where it is not complete.
    n_points
        Points lost, > 0.

    Returns
    -------
    NDArray[np.float64]
        1, 0, or NaN where the total is unknown: what :func:`milestone` takes.

    Raises
    ------
    InputDataError
        If n_points is not above 0.

    Notes
    -----
    One noisy first score moves every later visit of its participant: a first score that is too
    high by chance is followed by a loss that is none.

    Examples
    --------
    >>> points_lost(np.array(["a", "a", "a"], object), np.array([0.0, 3, 6]),
    ...             np.array([40.0, 37, 34]), n_points=6).tolist()
    [0.0, 0.0, 1.0]
    """
    if not n_points > 0:
        raise InputDataError(
            f"n_points is {n_points:g}: expected a loss above 0 points; give how many are lost"
        )
    known = ~np.isnan(total)
    name, number = np.unique(np.asarray(participant_id, dtype=object), return_inverse=True)
    order = np.lexsort((months, number))
    order = order[known[order]]
    first = np.full(len(name), np.nan)
    first[number[order][::-1]] = total[order][::-1]  # the earliest is written last
    return np.where(known, (first[number] - total >= n_points).astype(np.float64), np.nan)


def _nobody() -> Milestone:
    none, no = np.empty(0), np.empty(0, dtype=np.bool_)
    return Milestone(np.empty(0, dtype=object), none, none, none, none, no, no)


def _refuse_unsound(months: FloatArray, is_beyond: FloatArray, n_confirming: int) -> None:
    if n_confirming < 0:
        raise InputDataError(
            f"n_confirming is {n_confirming}: expected 0 or more visits after the first crossing"
        )
    n_missing = int(np.isnan(months).sum())
    if n_missing:
        raise InputDataError(
            f"{n_missing} of {len(months)} visits have no time: expected months from the origin; "
            "leave those visits out"
        )
    n_odd = int((~np.isnan(is_beyond) & ~np.isin(is_beyond, (0, 1))).sum())
    if n_odd:
        raise InputDataError(
            f"{n_odd} of {len(is_beyond)} visits have an is_beyond that is neither 0, 1 nor NaN: "
            "expected whether the milestone is reached; compare the score with it first"
        )


def _refuse_twice(visit: pd.DataFrame) -> None:
    is_twice = visit.duplicated(["participant_id", "months"], keep=False)
    if is_twice.any():
        at = visit[is_twice].iloc[0]
        raise InputDataError(
            f"participant {at['participant_id']!r} has two visits at {at['months']:g} months: "
            "expected one at a time; decide between them when visits are read"
        )


def _first_crossing(
    beyond: BoolArray, ends: tuple[NDArray[np.int64], NDArray[np.int64]], n_confirming: int
) -> NDArray[np.int64]:
    """Place of each participant's first confirmed crossing; one past the last where none."""
    first, last = ends
    place, after_all = np.arange(len(beyond)), len(beyond)
    back = np.minimum.accumulate(np.where(beyond, after_all, place)[::-1])[::-1]
    back = np.minimum(back, np.repeat(last + 1, last - first + 1))
    is_confirmed = back - place > n_confirming
    crossing = np.minimum.reduceat(np.where(is_confirmed, place, after_all), first)
    return np.minimum(crossing, last + 1).astype(np.int64)


def _last_before(
    beyond: BoolArray,
    ends: tuple[NDArray[np.int64], NDArray[np.int64]],
    crossing: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Place of the last visit before the crossing without it; less than first where none."""
    first, _ = ends
    latest = np.maximum.accumulate(np.where(beyond, -1, np.arange(len(beyond))))
    before = np.where(crossing > first, latest[np.maximum(crossing - 1, 0)], -1)
    return np.where(before >= first, before, -1).astype(np.int64)
