"""Recovery known to an interval, with death competing: two cause-specific fits, one incidence.

Healthy -> recovered, healthy -> dead. Death is known to the day, recovery to (left, right]. One who
died without having been seen to recover may have recovered after the last visit. If recovery does
not change the death rate within such a gap, the probability of what was seen is a product: a part
with the recovery rate alone, in which the dead are free of recovery up to their *last visit*, and a
part with the death rate alone. To hold the dead free of recovery up to death takes for known what
nobody saw, and lowers the recovery rate where deaths are many and visits few (Joly et al. 2002,
Biostatistics 3:433-443). The other way is kept for comparison.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.interval_regression import IntervalFit, interval_regression
from alsrev_dagster.survival.intervals import Intervals, intervals
from alsrev_dagster.survival.location_scale import KIND, QUANTILE, SURVIVAL, Distribution
from alsrev_dagster.survival.nonparametric import Z_95
from alsrev_dagster.survival.risk import BoolArray, FloatArray

DeadFreeUntil = Literal["last_visit", "death"]

_N_NODE = 40
"""Points of the quadrature over the probability of recovery; good to about 1e-10."""

_STEP = 1e-5


@dataclass(frozen=True)
class IntervalIncidence:
    """Cumulative incidence of recovery with death competing, of non-carriers and carriers.

    Arrays have shape (2, k): non-carriers, carriers; times in months. NaN where ``recovery`` or
    ``death`` could not be fitted: see their ``fit_status``.
    """

    months: FloatArray
    cumulative_incidence: FloatArray
    ci_lower: FloatArray
    ci_upper: FloatArray
    recovery: IntervalFit
    """Cause-specific; the dead are censored as said in ``dead_free_until``."""
    death: IntervalFit
    """Death without recovery, cause-specific."""
    dead_free_until: DeadFreeUntil


@dataclass(frozen=True)
class Visits:
    """What visits and registers say of each participant, in months; every array has shape (n,).

    ``last_free`` is the last visit at which no recovery had begun and one would have been seen:
    where a recovery must be confirmed, a visit that was followed up for as long as that takes.
    ``first_recovered`` is the visit at which it was seen, inf without one; ``exit`` is death, or
    the end of what is known of it.
    """

    entry: FloatArray
    last_free: FloatArray
    first_recovered: FloatArray
    exit: FloatArray
    is_dead: BoolArray

    def of(self, is_chosen: BoolArray) -> "Visits":
        """Visits of some of the participants."""
        return Visits(
            self.entry[is_chosen],
            self.last_free[is_chosen],
            self.first_recovered[is_chosen],
            self.exit[is_chosen],
            self.is_dead[is_chosen],
        )


def recovery_intervals(
    visits: Visits, *, dead_free_until: DeadFreeUntil = "last_visit"
) -> Intervals:
    """Interval of recovery of each participant; without one, free of it up to the last visit.

    Parameters
    ----------
    visits
        One entry per participant.
    dead_free_until
        last_visit, or death: those who died unrecovered are then held free of it up to death.

    Returns
    -------
    Intervals
        As :func:`~alsrev_dagster.survival.intervals.intervals`; it refuses who was never seen after
        entry, whom the caller leaves out.

    Examples
    --------
    >>> seen = Visits(*(np.array(part) for part in
    ...     ([1.0, 1], [4.0, 6], [7.0, np.inf], [20.0, 9], [False, True])))
    >>> recovery_intervals(seen).left.tolist()
    [4.0, 6.0]
    >>> recovery_intervals(seen, dead_free_until="death").left.tolist()
    [4.0, 9.0]
    """
    died_first = visits.is_dead & np.isinf(visits.first_recovered)
    to_death = died_first & (dead_free_until == "death")
    left = np.where(to_death, visits.exit, visits.last_free)
    return intervals(left, visits.first_recovered, visits.entry)


def interval_incidence(
    visits: Visits,
    carrier: BoolArray,
    months: FloatArray,
    *,
    distribution: Distribution = "weibull",
    dead_free_until: DeadFreeUntil = "last_visit",
) -> IntervalIncidence:
    """Cumulative incidence of recovery by carrier status, from parametric cause-specific rates.

    Parameters
    ----------
    visits
        One entry per participant.
    carrier
        Whether a carrier, shape (n,).
    months
        Times at which the incidence is wanted, above 0.
    distribution
        Of the time to recovery in the absence of death, and the other way round.
    dead_free_until
        As in :func:`recovery_intervals`.

    Returns
    -------
    IntervalIncidence
        With pointwise 95% intervals on the scale of log(-log(1 - incidence)), by the delta method.

    Raises
    ------
    InputDataError
        If a time of ``months`` is not above 0, or the visits contradict each other.

    Notes
    -----
    F(t) is the integral of S_death(u) dF_recovery(u) up to t. The death rate is that of everyone
    until a recovery is *seen*: who recovered and died before the next visit is among the deaths,
    and who recovered and lived to it is watched up to it. Stopping the watch of these at an
    earlier day would leave out time in which they could not have been seen to die. Who had no
    visit after entry counts for death alone. Assumes that within one gap between visits recovery
    does not change the death rate; if the recovered die less, the death rate is a little too low
    and the incidence a little too high.

    Examples
    --------
    >>> rng, zero = np.random.default_rng(3), np.zeros(400)
    >>> day, dies = rng.exponential(20, 400), rng.exponential(20, 400)
    >>> end = np.minimum(dies, 30.0)
    >>> visit = np.floor(np.minimum(day, end))  # one a month
    >>> shown = np.where(visit + 1 <= end, visit + 1, np.inf)
    >>> shown[day >= end] = np.inf
    >>> keep = visit > 0
    >>> seen = Visits(*(part[keep] for part in (zero, visit, shown, end, dies <= 30)))
    >>> found = interval_incidence(seen, np.arange(keep.sum()) % 2 == 0, np.array([24.0]))
    >>> found.cumulative_incidence.shape, found.recovery.fit_status, found.death.fit_status
    ((2, 1), 'ok', 'ok')
    """
    time = np.atleast_1d(np.asarray(months, dtype=np.float64))
    if not (time > 0).all():
        raise InputDataError(
            f"{int((~(time > 0)).sum())} of {len(time)} months at which the incidence is wanted "
            "are not above 0: expected times after the origin; leave them out"
        )
    is_seen = (visits.last_free > visits.entry) | np.isfinite(visits.first_recovered)
    seen = recovery_intervals(visits.of(is_seen), dead_free_until=dead_free_until)
    recovery = interval_regression(seen, carrier[is_seen], distribution=distribution)
    death = interval_regression(_death(visits), carrier, distribution=distribution)
    rows = [_one_group(recovery, death, time, x) for x in (0.0, 1.0)]
    value, lower, upper = (np.array(part) for part in zip(*rows, strict=True))
    return IntervalIncidence(time, value, lower, upper, recovery, death, dead_free_until)


def _death(visits: Visits) -> Intervals:
    """Death before a recovery was seen, to the day; censored at the visit at which it was."""
    has_recovered = np.isfinite(visits.first_recovered)
    until = np.where(has_recovered, visits.first_recovered, visits.exit)
    is_event = visits.is_dead & ~has_recovered
    return intervals(until, np.where(is_event, until, np.inf), visits.entry)


def _one_group(
    recovery: IntervalFit, death: IntervalFit, time: FloatArray, carrier: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Incidence in one group at each time, and both ends of its interval."""
    if recovery.fit_status != "ok" or death.fit_status != "ok":
        none = np.full(len(time), np.nan)
        return none, none, none
    both = np.concatenate([recovery.parameter, death.parameter])
    cut = len(recovery.parameter)
    covariance = np.zeros((len(both), len(both)))
    covariance[:cut, :cut], covariance[cut:, cut:] = recovery.covariance, death.covariance

    def scale(parameter: FloatArray) -> FloatArray:
        found = _incidence(recovery.distribution, parameter[:cut], parameter[cut:], (time, carrier))
        return np.log(-np.log1p(-found))

    value = scale(both)
    slope = np.array([(scale(both + one) - scale(both - one)) for one in _STEP * np.eye(len(both))])
    slope /= 2 * _STEP
    spread = Z_95 * np.sqrt(np.einsum("ik,ij,jk->k", slope, covariance, slope))
    value, lower, upper = (
        -np.expm1(-np.exp(part)) for part in (value, value - spread, value + spread)
    )
    return value, lower, upper


def _incidence(
    distribution: Distribution,
    recovery: FloatArray,
    death: FloatArray,
    at: tuple[FloatArray, float],
) -> FloatArray:
    """Integral of survival of death over the probability of recovery, by Gauss and Legendre."""
    time, carrier = at
    survival, quantile = SURVIVAL[KIND[distribution]], QUANTILE[KIND[distribution]]
    scaled = (np.log(time) - recovery[0] - carrier * recovery[1]) / np.exp(recovery[-1])
    recovered = 1 - survival(scaled)
    node, share = np.polynomial.legendre.leggauss(_N_NODE)
    chance = recovered * (node[:, None] + 1) / 2
    log_time = recovery[0] + carrier * recovery[1] + np.exp(recovery[-1]) * quantile(chance)
    alive = survival((log_time - death[0] - carrier * death[1]) / np.exp(death[-1]))
    total: FloatArray = recovered * (share @ alive) / 2
    return total
