"""Who still counts, and by how much, when the risk set of one cause is the subdistribution's.

Whoever had a competing event stays in the risk set of the cause, with a weight that falls as
those like him would have been censored, and rises as those like him would have entered.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.survival.group_counts import refuse_unequal
from alsrev_dagster.survival.risk import FloatArray, FollowUp, IntArray, count_at, follow_up


@dataclass(frozen=True)
class SubdistributionWeights:
    """Weight of each participant in the risk set at each time of an event of the cause."""

    time_months: NDArray[np.float64]
    """Distinct times of events of the cause, shape (m,)."""
    weight: NDArray[np.float64]
    """Shape (m, n): 1 while under observation, less or more after a competing event, else 0."""
    conditional_from_months: float
    """Above 0 where all under observation had left, with others to enter: the last such time."""


@dataclass(frozen=True)
class WeightTable:
    """Weights of those with a competing event, one entry per participant and time of the cause.

    Only where the weight is above 0; it is 1 up to the competing event.
    """

    participant: NDArray[np.int64]
    """Place of the participant in the arrays that were given."""
    time_months: NDArray[np.float64]
    weight: NDArray[np.float64]


def subdistribution_weights(
    duration_months: FloatArray,
    event_code: IntArray,
    entry_months: FloatArray | None = None,
    *,
    cause: int = 1,
    weight_stratum: IntArray | None = None,
) -> SubdistributionWeights:
    """Weights of the subdistribution's risk sets, by censoring and by entry.

    Parameters
    ----------
    duration_months
        Time from the origin to the first event or to the end of observation, months.
    event_code
        0 where censored, else the number of the event.
    entry_months
        Time from the origin to the start of observation, months; None when not delayed.
    cause
        The event of interest.
    weight_stratum
        Number of the stratum within which censoring and entry are alike; None for one.

    Returns
    -------
    SubdistributionWeights
        Weights >= 0.

    Raises
    ------
    InputDataError
        If a time is missing, or an exit is not after its entry.

    Notes
    -----
    After a competing event at s the weight at t is G(t-) H(t-) / (G(s-) H(s-)): G is the
    Kaplan-Meier curve of censoring, H the product-limit distribution of entry in reversed time
    [1]_. At equal times events come first, then censorings, then entries, as in R's survival
    (cmprsk leaves those with an event at t in the risk set of a censoring at t). Then
    G(t-) H(t-) is proportional to n(t) / S(t-), with n those under observation and S the
    all-cause survival, which is how it is computed; the weighted product-limit curve is
    exactly the Aalen-Johansen incidence. Where a stratum's risk set is emptied while others are
    still to enter, G H is 0 from there on: earlier competing events count no more after it.

    References
    ----------
    .. [1] Geskus (2011), Biometrics 67:39-49, equations 5 to 7; Fine & Gray (1999), JASA 94:496.

    Examples
    --------
    >>> found = subdistribution_weights(np.array([1.0, 2, 3]), np.array([2, 0, 1]))
    >>> found.time_months.tolist(), found.weight.round(12).tolist()
    ([3.0], [[0.5, 0.0, 1.0]])
    """
    followed = follow_up(duration_months, entry_months)
    n = len(followed.duration_months)
    if weight_stratum is None:
        weight_stratum = np.zeros(n, dtype=np.int64)
    refuse_unequal(n, event_code=event_code, weight_stratum=weight_stratum)
    time = np.unique(followed.duration_months[event_code == cause])
    weight, last = np.zeros((len(time), n)), 0.0
    for one in np.unique(weight_stratum):
        inside = weight_stratum == one
        shares = _Shares(followed.of(inside), event_code[inside])
        weight[:, inside] = shares.weight(time, event_code[inside], cause)
        last = max(last, shares.last_emptied)
    return SubdistributionWeights(time, weight, last)


def weight_table(
    found: SubdistributionWeights, event_code: IntArray, cause: int = 1
) -> WeightTable:
    """Weights of those with a competing event, at each time of the cause.

    Parameters
    ----------
    found
        Of :func:`subdistribution_weights`.
    event_code, cause
        As given there.

    Returns
    -------
    WeightTable
        Sorted by participant, then time.

    Examples
    --------
    >>> code = np.array([2, 0, 1])
    >>> table = weight_table(subdistribution_weights(np.array([1.0, 2, 3]), code), code)
    >>> table.participant.tolist(), table.time_months.tolist(), table.weight.round(12).tolist()
    ([0], [3.0], [0.5])
    """
    competing = np.flatnonzero((event_code > 0) & (event_code != cause))
    place, when = np.nonzero(found.weight[:, competing].T)
    weights = found.weight[:, competing].T[place, when]
    return WeightTable(competing[place].astype(np.int64), found.time_months[when], weights)


class _Shares:
    """n(t) / S(t-) of one stratum, as a step function with a fresh start after each gap."""

    def __init__(self, followed: FollowUp, event_code: IntArray) -> None:
        self.followed = followed
        self.time = np.unique(followed.duration_months)
        self.n = followed.n_at_risk(self.time)
        d_any = count_at(self.time, followed.duration_months[event_code > 0])
        n_leaving = count_at(self.time, followed.duration_months)
        n_entered = np.searchsorted(np.sort(followed.entry_months), self.time, side="right")
        is_last = n_entered == np.cumsum(n_leaving)  # nobody is there just after
        is_still_to_come = self.time <= followed.entry_months.max(initial=-np.inf)
        is_emptied = (is_last | (d_any == self.n)) & is_still_to_come
        self.last_emptied = float(self.time[is_emptied].max(initial=0.0))
        self.era = np.concatenate(([0], np.cumsum(is_emptied)))
        factor = np.where(is_emptied, 1.0, 1 - d_any / np.maximum(self.n, 1))
        self.survival = np.concatenate(([1.0], np.cumprod(factor)))

    def weight(self, time: FloatArray, event_code: IntArray, cause: int) -> FloatArray:
        """Shape (len(time), n)."""
        months = self.followed.duration_months
        here = (self.followed.entry_months < time[:, None]) & (time[:, None] <= months)
        stays = (event_code > 0) & (event_code != cause) & (months < time[:, None])
        then, era_then = self._share(months)
        now, era_now = self._share(time)
        is_same = stays & (era_now[:, None] == era_then)
        ratio = np.divide(now[:, None], then, out=np.zeros(stays.shape), where=is_same)
        weighted: FloatArray = np.where(is_same, ratio, here.astype(np.float64))
        return weighted

    def _share(self, at: FloatArray) -> tuple[FloatArray, IntArray]:
        """n(t) / S(t-), 0 once S is, and the number of the era, at each time."""
        n_before = np.searchsorted(self.time, at, side="left")
        survival = self.survival[n_before]
        n = self.followed.n_at_risk(at).astype(np.float64)
        share = np.divide(n, survival, out=np.zeros_like(n), where=survival > 0)
        return share, self.era[n_before].astype(np.int64)
