"""A gain in ALSFRS-R that lasted, in one participant's visits."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.study import RecoveryDefinition

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class SustainedGain:
    """What one series of visits shows of a recovery; the three days are None when there is none."""

    gain: int
    """Largest gain over the nadir that lasted as asked, large enough or not; 0 is none."""
    nadir_total: int
    """Lowest total before the recovery; without one, of all visits."""
    left_day: int | None = None
    """Last visit before the gain was seen."""
    right_day: int | None = None
    """First visit with the gain."""
    confirmation_day: int | None = None
    """Visit at which the gain had lasted as long as asked."""


def sustained_gain(day: IntArray, total: IntArray, definition: RecoveryDefinition) -> SustainedGain:
    """Largest sustained gain, and the recovery that is confirmed first.

    ``day`` is strictly increasing and ``total`` complete. A gain seen at a visit is over
    the lowest total of all earlier visits; what lasted of it is the least seen until the
    first visit at least ``min_duration_days`` later, and nothing did when two successive
    visits on the way are more than ``max_gap_days`` apart or there is no such visit.
    """
    best, event = 0, None
    for seen, confirmed in _windows(day, definition):
        lasted = int(total[seen : confirmed + 1].min() - total[:seen].min())
        best = max(best, lasted)
        if event is None and lasted >= definition.min_gain_points:
            event = (seen, confirmed)
    if event is None:
        return SustainedGain(gain=best, nadir_total=int(total.min()))
    seen, confirmed = event
    return SustainedGain(
        gain=best,
        nadir_total=int(total[:seen].min()),
        left_day=int(day[seen - 1]),
        right_day=int(day[seen]),
        confirmation_day=int(day[confirmed]),
    )


def _windows(day: IntArray, definition: RecoveryDefinition) -> list[tuple[int, int]]:
    """Places of visits and of the visit that could confirm each, where nothing is amiss between."""
    confirming = np.searchsorted(day, day + definition.min_duration_days)
    stretch = np.concatenate(([0], np.cumsum(np.diff(day) > definition.max_gap_days)))
    return [
        (seen, int(confirmed))
        for seen, confirmed in enumerate(confirming)
        if seen > 0 and confirmed < len(day) and stretch[seen] == stretch[confirmed]
    ]
