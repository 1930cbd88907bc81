"""Whether anyone was watched long enough to be called one who never has the event."""

from dataclasses import dataclass

from alsrev_dagster.survival.intervals import Intervals

_LEVEL = 0.05
"""Of the test that follow-up is too short (Maller & Zhou 1994)."""


@dataclass(frozen=True)
class SufficientFollowUp:
    """Last event and last time watched, and the test that follow-up was too short."""

    last_event_months: float
    last_seen_months: float
    n_late_event: int
    """Events in the last stretch before the last event, as long as the watch after it."""
    p_value: float
    """(1 - n_late_event / n) ** n."""
    is_sufficient: bool


def sufficient_follow_up(seen: Intervals) -> SufficientFollowUp:
    """Maller and Zhou's test of follow-up too short to tell late events from none.

    Parameters
    ----------
    seen
        From :func:`~alsrev_dagster.survival.intervals.intervals`; an event counts at its right end.

    Returns
    -------
    SufficientFollowUp
        ``is_sufficient`` where P is below 0.05: somebody without the event was watched beyond the
        last event, and by a stretch in which, before it, events still came. ``n_late_event`` is 0
        and P 1 where nobody was watched beyond the last event.

    Notes
    -----
    With t the longest time of all and t* that of events, n_late_event counts events in
    (2 t* - t, t*] [1]_. A plateau made by two or three who stayed is still two or three: read it
    beside the numbers at risk. Visits are taken as the event's time; entry is ignored, so that it
    is a guard and no proof.

    References
    ----------
    .. [1] Maller & Zhou (1994), J Am Stat Assoc 89:1499-1506.

    Examples
    --------
    >>> import numpy as np
    >>> from alsrev_dagster.survival.intervals import intervals
    >>> late = np.r_[np.arange(1.0, 9), np.full(12, 14.0)]
    >>> seen = intervals(late, np.where(np.arange(20) < 8, late, np.inf))
    >>> found = sufficient_follow_up(seen)
    >>> found.n_late_event, round(found.p_value, 4), found.is_sufficient
    (6, 0.0008, True)
    """
    event = seen.right[seen.has_event]
    last_event = float(event.max(initial=0.0))
    last_seen = max(float(seen.left.max(initial=0.0)), last_event)
    n_late = int((event > 2 * last_event - last_seen).sum())
    n = len(seen.left)
    p_value = float((1 - n_late / n) ** n) if n else 1.0
    return SufficientFollowUp(last_event, last_seen, n_late, p_value, p_value < _LEVEL)
