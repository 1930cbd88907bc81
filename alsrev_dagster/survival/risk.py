"""Risk sets under delayed entry: who is counted when an event happens.

At an event time ``t`` a participant counts when ``entry < t <= exit``: whoever enters
at ``t`` is too late for that event, whoever leaves at ``t`` is still there. Events at
equal times are tied; times are compared exactly, so give times made from whole days.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class FollowUp:
    """From when to when each participant was under observation; entry is -inf when not delayed."""

    entry_months: FloatArray
    duration_months: FloatArray

    def n_at_risk(self, time: FloatArray) -> IntArray:
        """Participants with entry < time <= exit, for each time."""
        n_entered = np.searchsorted(np.sort(self.entry_months), time, side="left")
        n_left = np.searchsorted(np.sort(self.duration_months), time, side="left")
        return (n_entered - n_left).astype(np.int64)

    def places_at_risk(self, time: FloatArray) -> tuple[IntArray, IntArray]:
        """Of each participant the first of the sorted times at risk, and the first no more so."""
        first = np.searchsorted(time, self.entry_months, side="right")
        last = np.searchsorted(time, self.duration_months, side="right")
        return first.astype(np.int64), np.maximum(first, last).astype(np.int64)

    def last_emptied_by_events(self, event: BoolArray) -> float:
        """Last time at which all at risk had an event while others were still to enter, or -inf.

        Events of any kind. Whoever enters at that very time is among those still to enter.
        """
        time = np.unique(self.duration_months[event])
        is_emptied = count_at(time, self.duration_months[event]) == self.n_at_risk(time)
        last_entry = self.entry_months.max(initial=-np.inf)
        return float(time[is_emptied & (time <= last_entry)].max(initial=-np.inf))

    def of(self, is_chosen: BoolArray) -> "FollowUp":
        """Follow-up of some of the participants."""
        return FollowUp(self.entry_months[is_chosen], self.duration_months[is_chosen])


def follow_up(duration_months: FloatArray, entry_months: FloatArray | None) -> FollowUp:
    """Follow-up from arrays, refused when a time is missing or an exit is not after its entry."""
    if entry_months is None:
        entry_months = np.full(len(duration_months), -np.inf)
    n_missing = int((np.isnan(duration_months) | np.isnan(entry_months)).sum())
    if n_missing:
        raise InputDataError(
            f"{n_missing} of {len(duration_months)} participants have no entry_months or no "
            "duration_months: expected both; leave out participants with an exclusion_reason"
        )
    n_late = int((duration_months <= entry_months).sum())
    if n_late:
        raise InputDataError(
            f"{n_late} of {len(duration_months)} participants leave no later than they enter: "
            "expected duration_months > entry_months; leave them out"
        )
    return FollowUp(entry_months.astype(np.float64), duration_months.astype(np.float64))


def count_at(time: FloatArray, event_time: FloatArray) -> IntArray:
    """How many of ``event_time`` equal each of the sorted distinct ``time``."""
    left = np.searchsorted(time, event_time)
    return np.bincount(left, minlength=len(time)).astype(np.int64)
