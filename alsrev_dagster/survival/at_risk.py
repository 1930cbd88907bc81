"""Numbers at risk beneath a curve, when participants enter late."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.survival.risk import BoolArray, FloatArray, IntArray, follow_up


@dataclass(frozen=True)
class AtRiskTable:
    """Counts of one group at each of some times; ``n_event`` and so on are up to and including it.

    At every time ``n_entered == n_at_risk + n_event_before + n_censored_before``.
    """

    time_months: NDArray[np.float64]
    n_at_risk: NDArray[np.int64]
    """Under observation just before that time: entry < time <= exit."""
    n_entered: NDArray[np.int64]
    """Entered before that time."""
    n_event: NDArray[np.int64]
    n_censored: NDArray[np.int64]
    n_event_before: NDArray[np.int64]
    n_censored_before: NDArray[np.int64]


def at_risk_table(
    duration_months: FloatArray,
    event: BoolArray,
    time_months: FloatArray,
    *,
    entry_months: FloatArray | None = None,
) -> AtRiskTable:
    """Participants at risk, entered, with the event and censored, at each time.

    Parameters
    ----------
    duration_months
        Time from the origin to the event or to the end of observation, months.
    event
        Whether the event (of any kind that is counted) happened at that time.
    time_months
        Times at which to count, months; any order.
    entry_months
        Time from the origin to the start of observation, months; None when not delayed.

    Returns
    -------
    AtRiskTable
        One entry per time. With delayed entry n_at_risk rises and falls.

    Raises
    ------
    InputDataError
        If a time is missing, or an exit is not after its entry.

    Notes
    -----
    By the rule entry < time, whoever enters at a time is not yet at risk at it: where all enter
    at 0, nobody is at risk at 0. A figure that wants the count of those who start asks for a
    time just after it.

    Examples
    --------
    >>> table = at_risk_table(
    ...     np.array([2.0, 3, 3]), np.array([True, True, False]), np.array([2.0, 3])
    ... )
    >>> table.n_at_risk.tolist(), table.n_event.tolist(), table.n_censored.tolist()
    ([3, 2], [1, 2], [0, 1])
    """
    followed = follow_up(duration_months, entry_months)
    event = np.asarray(event, dtype=np.bool_)
    left, kept = followed.duration_months[event], followed.duration_months[~event]
    return AtRiskTable(
        time_months=np.asarray(time_months, dtype=np.float64),
        n_at_risk=followed.n_at_risk(time_months),
        n_entered=_n_up_to(followed.entry_months, time_months, before=True),
        n_event=_n_up_to(left, time_months),
        n_censored=_n_up_to(kept, time_months),
        n_event_before=_n_up_to(left, time_months, before=True),
        n_censored_before=_n_up_to(kept, time_months, before=True),
    )


def _n_up_to(at: FloatArray, time: FloatArray, *, before: bool = False) -> IntArray:
    """How many lie at or before each time, or strictly before it."""
    return np.searchsorted(np.sort(at), time, side="left" if before else "right").astype(np.int64)
