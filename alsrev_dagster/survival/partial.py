"""The Cox partial likelihood of one yes-or-no covariate, as counts at event times.

With a carrier status as the only covariate the (stratified, delayed-entry, Efron)
partial likelihood needs no more than who is at risk and who has the event, by carrier
status. Two questions that lifelines leaves open are answered from those counts: does a
finite estimate exist, and are hazards proportional? (lifelines 0.30.3 computes
Schoenfeld residuals without delayed entry, and ranks events by stratum before time.)
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2, rankdata

from alsrev_dagster.survival.risk import BoolArray, FloatArray, FollowUp, IntArray, count_at

_NO_SPREAD = 1e-12
"""Variance of time relative to its square at most this is rounding."""


@dataclass(frozen=True)
class EventCounts:
    """Counts at each stratum x distinct event time."""

    duration_months: FloatArray
    n_at_risk: IntArray
    n_at_risk_carrier: IntArray
    n_event: IntArray
    n_event_carrier: IntArray

    @property
    def is_estimable(self) -> bool:
        """Whether the partial likelihood has a maximum at a finite coefficient.

        It has just when a carrier has the event while a non-carrier is at risk in the same
        stratum, and the other way round; else it rises for ever on one side.
        """
        n_at_risk_other = self.n_at_risk - self.n_at_risk_carrier
        n_event_other = self.n_event - self.n_event_carrier
        up = bool(((self.n_event_carrier > 0) & (n_at_risk_other > 0)).any())
        down = bool(((n_event_other > 0) & (self.n_at_risk_carrier > 0)).any())
        return up and down


def event_counts(
    followed: FollowUp, event: BoolArray, carrier: BoolArray, stratum: IntArray
) -> EventCounts:
    """Count those at risk and events, by carrier status, within strata."""
    parts = [_in_stratum(followed, event, carrier, stratum == one) for one in np.unique(stratum)]
    return EventCounts(
        np.concatenate([part.duration_months for part in parts]),
        np.concatenate([part.n_at_risk for part in parts]),
        np.concatenate([part.n_at_risk_carrier for part in parts]),
        np.concatenate([part.n_event for part in parts]),
        np.concatenate([part.n_event_carrier for part in parts]),
    )


def _in_stratum(
    followed: FollowUp, event: BoolArray, carrier: BoolArray, inside: BoolArray
) -> EventCounts:
    months = followed.duration_months
    time = np.unique(months[event & inside])
    return EventCounts(
        time,
        followed.of(inside).n_at_risk(time),
        followed.of(inside & carrier).n_at_risk(time),
        count_at(time, months[event & inside]),
        count_at(time, months[event & inside & carrier]),
    )


def proportional_hazards_p(counts: EventCounts, coefficient: float) -> float:
    """P value of the score test for a coefficient that changes with the rank of event time.

    Returns
    -------
    float
        In [0, 1]; NaN when the data cannot tell (events at one time only).

    Notes
    -----
    The Schoenfeld residuals are correlated with the rank of event time (ties: average
    rank, over all strata). Their variance is summed over event times, as R's cox.zph does
    since survival 3.0, not taken as constant as in Grambsch & Therneau 1994.

    References
    ----------
    .. [1] Grambsch & Therneau (1994), Biometrika 81:515-526; R survival 3.0, cox.zph.
    """
    observed_less_expected, variance = schoenfeld(counts, coefficient)
    rank = _rank_of_time(counts)
    mean_rank = (rank * variance).sum() / variance.sum()
    spread = float((((rank - mean_rank) ** 2) * variance).sum())
    if spread <= _NO_SPREAD * float(variance.sum()) * mean_rank**2:
        return float("nan")
    score = float(((rank - mean_rank) * observed_less_expected).sum())
    return float(chi2.sf(score**2 / spread, df=1))


def schoenfeld(counts: EventCounts, coefficient: float) -> tuple[FloatArray, FloatArray]:
    """Sum of Schoenfeld residuals of the events at each time, and its variance (Efron)."""
    place = np.repeat(np.arange(len(counts.n_event)), counts.n_event)
    nth = np.arange(len(place)) - np.repeat(
        np.cumsum(counts.n_event) - counts.n_event, counts.n_event
    )
    gone = nth / counts.n_event[place]
    carrier = counts.n_at_risk_carrier[place] - gone * counts.n_event_carrier[place]
    everyone = counts.n_at_risk[place] - gone * counts.n_event[place]
    weighted = np.exp(coefficient) * carrier
    share = weighted / (weighted + everyone - carrier)
    expected = np.bincount(place, share, minlength=len(counts.n_event)).astype(np.float64)
    variance = np.bincount(place, share * (1 - share), minlength=len(counts.n_event))
    return counts.n_event_carrier - expected, variance.astype(np.float64)


def _rank_of_time(counts: EventCounts) -> FloatArray:
    """Average rank of each event time among all events."""
    every_event = np.repeat(counts.duration_months, counts.n_event)
    first = np.cumsum(counts.n_event) - counts.n_event
    rank: FloatArray = rankdata(every_event)[first]
    return rank
