"""A gain that lasted, or a plateau, in each series of visits."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.clinical.kernel import gain as kernel
from alsrev_dagster.clinical.visit_series import IntArray, VisitSeries
from alsrev_dagster.study import RecoveryDefinition

_OVER = {"nadir": kernel.NADIR, "index": kernel.INDEX, "rolling": kernel.ROLLING}

Rule = tuple[int, int, int, int, int, int]


@dataclass(frozen=True)
class SustainedGain:
    """What each person's visits show of a recovery; days are since the person's first visit.

    Arrays have one entry a person; the days are -1 where there is none.
    """

    gain: IntArray
    """Largest gain that lasted as asked, large enough or not; 0 is none."""
    nadir_total: IntArray
    """Lowest total before the recovery; without one, of all visits."""
    left_day: IntArray
    """Last visit before the gain was seen; of a plateau the visit it starts at."""
    right_day: IntArray
    """First visit with the gain; of a plateau the first that is no lower than its start."""
    confirmation_day: IntArray
    """Visit at which the gain had lasted as long, and over as many visits, as asked."""
    last_free_day: IntArray
    """Last visit at which a gain could still have been confirmed, whatever the scores."""


def rule_of(definition: RecoveryDefinition) -> Rule:
    """Numbers of a definition as the compiled loops take them."""
    is_plateau = definition.kind == "plateau"
    return (
        kernel.PLATEAU if is_plateau else _OVER[definition.over],
        definition.min_gain_points,
        definition.min_duration_days,
        definition.n_confirming_visit,
        definition.max_gap_days,
        definition.window_days or 0,
    )


def sustained_gain(series: VisitSeries, definition: RecoveryDefinition) -> SustainedGain:
    """Largest sustained gain, and the recovery that is confirmed first, of each person.

    A gain seen at a visit is over the lowest total of all earlier visits of its series (`nadir`),
    of those at most ``window_days`` earlier (`rolling`), or over the first one (`index`). What
    lasted of it is the least seen until the first visit at least ``min_duration_days`` and
    ``n_confirming_visit`` visits later, and nothing did when two successive visits on the way are
    more than ``max_gap_days`` apart or there is no such visit. A plateau is the same over the
    visit it starts at, which its duration counts from.
    """
    if not len(series.day):
        nobody = np.empty(0, dtype=np.int64)
        return SustainedGain(nobody, nobody, nobody, nobody, nobody, nobody)
    rule = rule_of(definition)
    gain, lowest, left, confirmed = lasting_gains(series, rule)
    chosen, is_event = first_confirmed(series, confirmed)
    begins = series.first_series
    return SustainedGain(
        gain=np.maximum.reduceat(gain, begins),
        nadir_total=np.where(is_event, lowest[chosen], np.minimum.reduceat(lowest, begins)),
        left_day=_day(series, left[chosen], is_event),
        right_day=_day(series, left[chosen] + 1, is_event),
        confirmation_day=_day(series, confirmed[chosen], is_event),
        last_free_day=_last_free_day(series, rule),
    )


def lasting_gains(series: VisitSeries, rule: Rule) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Of each series the largest gain, the lowest score, and the places of its first event."""
    n_series = len(series.start) - 1
    gain, lowest, left, confirmed = (np.empty(n_series, dtype=np.int64) for _ in range(4))
    kernel.lasting_gains(
        series.start, series.day, series.total, rule, gain, lowest, left, confirmed
    )
    return gain, lowest, left, confirmed


def _last_free_day(series: VisitSeries, rule: Rule) -> IntArray:
    """Of each person, over all series; -1 where no visit could have been confirmed."""
    last = np.empty(len(series.start) - 1, dtype=np.int64)
    kernel.last_free_visits(series.start, series.day, rule, last)
    found: IntArray = np.maximum.reduceat(_day(series, last, last >= 0), series.first_series)
    return found


def first_confirmed(series: VisitSeries, confirmed: IntArray) -> tuple[IntArray, NDArray[np.bool_]]:
    """Series of each person whose event is confirmed first, and whether there is one.

    ``confirmed`` is the confirming visit of each series, or NOTHING.
    """
    never = np.iinfo(np.int64).max
    day = np.where(confirmed >= 0, series.day[confirmed], never)
    begins = series.first_series
    first = np.minimum.reduceat(day, begins)
    n_series = np.diff(np.append(begins, len(day)))
    is_first = day == np.repeat(first, n_series)
    place = np.where(is_first, np.arange(len(day)), len(day))
    return np.minimum.reduceat(place, begins), first < never


def _day(series: VisitSeries, visit: IntArray, is_event: NDArray[np.bool_]) -> IntArray:
    """Day of a visit of those with an event, -1 of the others."""
    return np.where(is_event, series.day[np.where(is_event, visit, 0)], kernel.NOTHING)
