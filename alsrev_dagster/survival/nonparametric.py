"""The Kaplan-Meier curve under delayed entry.

It is computed here, not by lifelines, whose KaplanMeierFitter (0.30.3) refuses data in
which the risk set is empty for a while among early entrants (StatError: common with few
carriers), reports an ``at_risk`` that counts those who enter at the very time of an
event, and turns numpy's warnings off for the whole process. The tests hold this curve to
lifelines' wherever lifelines gives one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.survival.risk import BoolArray, FloatArray, IntArray, count_at, follow_up

Z_95 = 1.959963984540054
"""97.5% quantile of the standard normal distribution."""


@dataclass(frozen=True)
class EventFreeCurve:
    """Probability of no event yet, at each time at which one was seen.

    One entry per distinct event time; counts stand beside each probability. Where
    ``conditional_from_months`` is above 0 the probability is conditional on no event by
    then, and only what came after is counted; it is 0 where the curve is unconditional.
    """

    duration_months: NDArray[np.float64]
    event_free: NDArray[np.float64]
    ci_lower: NDArray[np.float64]
    ci_upper: NDArray[np.float64]
    n_at_risk: NDArray[np.int64]
    n_event: NDArray[np.int64]
    conditional_from_months: float

    @property
    def median_months(self) -> float:
        """First time at which event_free is at most one half; infinite when it never is.

        Where the curve stays at exactly one half for a while R gives the middle of that while.
        """
        reached = self.duration_months[self.event_free <= 0.5]
        return float(reached[0]) if len(reached) else float("inf")

    def at(self, months: float) -> float:
        """Probability of no event up to and including ``months``; 1 before the first of them."""
        place = int(np.searchsorted(self.duration_months, months, side="right"))
        return float(self.event_free[place - 1]) if place else 1.0


def event_free_curve(
    duration_months: FloatArray, event: BoolArray, entry_months: FloatArray | None = None
) -> EventFreeCurve:
    """Kaplan-Meier probability of no event yet, with delayed entry.

    Parameters
    ----------
    duration_months
        Time from the origin to the event or to the end of observation, months.
    event
        Whether the event happened at that time.
    entry_months
        Time from the origin to the start of observation, months; None when all were
        observed from the origin on.

    Returns
    -------
    EventFreeCurve
        With 95% log-log intervals (exponential Greenwood); NaN where the curve is 0.

    Raises
    ------
    InputDataError
        If a time is missing, or an exit is not after its entry.

    Notes
    -----
    Entry and censoring must be independent of the event. When everyone at risk has the
    event while others are still to enter, the product would be 0 for good, whatever
    happens to those others. The curve is then of those event free at the last such time,
    given that they were: it starts anew at 1 there, and leaves out who left by then [2]_.
    A risk set that is small but not emptied still weighs fully: read it beside n_at_risk.

    References
    ----------
    .. [1] Kaplan & Meier (1958), JASA 53:457. Delayed entry: Tsai, Jewell & Wang (1987),
       Biometrika 74:883. Interval: Kalbfleisch & Prentice (2002), eq. 1.12.
    .. [2] Klein & Moeschberger (2003), Survival Analysis, 2nd ed., section 4.6.

    Examples
    --------
    >>> curve = event_free_curve(np.array([1.0, 2, 3, 4]), np.array([True, False, True, True]))
    >>> curve.event_free.tolist()
    [0.75, 0.375, 0.0]

    One has the event at 1, before the others enter at 2:

    >>> late = event_free_curve(
    ...     np.array([1.0, 3, 4]), np.array([True, True, False]), np.array([0.0, 2, 2])
    ... )
    >>> late.event_free.tolist(), late.conditional_from_months
    ([0.5], 1.0)
    """
    everyone = follow_up(duration_months, entry_months)
    landmark = everyone.last_emptied_by_events(event)
    is_after = everyone.duration_months > landmark
    followed, event = everyone.of(is_after), event[is_after]
    time = np.unique(followed.duration_months[event])
    n_at_risk = followed.n_at_risk(time)
    n_event = count_at(time, followed.duration_months[event])
    event_free = np.cumprod(1 - n_event / n_at_risk).astype(np.float64)
    lower, upper = _log_log_interval(event_free, _greenwood(n_at_risk, n_event))
    return EventFreeCurve(time, event_free, lower, upper, n_at_risk, n_event, max(landmark, 0.0))


def _greenwood(n_at_risk: IntArray, n_event: IntArray) -> FloatArray:
    """Variance of the log of the curve: the sum of d / (n (n - d)); NaN once it is 0."""
    left = (n_at_risk - n_event).astype(np.float64)
    left[left == 0] = np.nan
    variance: FloatArray = np.cumsum(n_event / (n_at_risk * left))
    return variance


def _log_log_interval(
    event_free: FloatArray, log_variance: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Both ends of the 95% interval that is symmetric on the scale of log(-log)."""
    log_s = np.log(np.where(event_free > 0, event_free, np.nan))
    spread = Z_95 * np.sqrt(log_variance) / -log_s
    return event_free ** np.exp(spread), event_free ** np.exp(-spread)
