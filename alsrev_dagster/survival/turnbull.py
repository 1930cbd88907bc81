"""Turnbull's estimate of the curve of interval-censored times, with delayed entry.

lifelines' NPMLE stops at a loose tolerance (0.749252 for 0.75 on six intervals), has the closed
convention only and no entries. Here the conditions of the maximum are checked and their gap given.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.intervals import Intervals
from alsrev_dagster.survival.mass import likeliest_mass
from alsrev_dagster.survival.risk import BoolArray, FloatArray
from alsrev_dagster.survival.turnbull_support import Convention, support_of

_CONVERGED = 1e-7
"""Gap per participant above which a curve is not called the maximum."""

_LEAST_MASS = 1e-11
"""Mass at most this is none."""

CurveStatus = Literal["ok", "no_events", "emptied", "not_converged"]


@dataclass(frozen=True)
class IntervalCurve:
    """Mass of the event on intervals within which the data do not say where it lies.

    Sorted; the event lies in (left, right], or [left, right] where ``is_left_in``; a last ``right``
    that is infinite holds those who were never seen with it. Times are months. ``gap`` is by how
    much the conditions of a maximum fail (see :func:`turnbull_curve`).
    """

    left: FloatArray
    right: FloatArray
    is_left_in: BoolArray
    mass: FloatArray
    n: int
    n_event: int
    log_likelihood: float
    gap: float
    convention: Convention
    fit_status: CurveStatus

    def event_free_bounds(self, months: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Least and largest probability of no event up to and including each time.

        Least: all mass of an interval that the time lies in has come. They are equal elsewhere.
        """
        time = np.atleast_1d(np.asarray(months, dtype=np.float64))[:, None]
        has_come = self.right <= time
        may_have_come = np.where(self.is_left_in, self.left <= time, self.left < time)
        return 1 - may_have_come @ self.mass, 1 - has_come @ self.mass

    def event_free(self, months: FloatArray) -> FloatArray:
        """Probability of no event by each time, mass spread evenly over its interval.

        Mass on an interval without an end stays to the end: it has not been seen to come.
        """
        time = np.atleast_1d(np.asarray(months, dtype=np.float64))
        return _spread_evenly(self.left, self.right, self.mass, time)


@dataclass(frozen=True)
class CurveInterval:
    """Pointwise 95% interval of the probability of no event, at times in months."""

    months: FloatArray
    event_free: FloatArray
    ci_lower: FloatArray
    ci_upper: FloatArray
    n_draw: int
    """Resamples that gave a curve."""


def turnbull_curve(seen: Intervals, *, convention: Convention = "half_open") -> IntervalCurve:
    """Nonparametric maximum likelihood estimate of interval-censored times.

    Parameters
    ----------
    seen
        From :func:`~alsrev_dagster.survival.intervals.intervals`.
    convention
        half_open: the event lies in (left, right]; closed: in [left, right].

    Returns
    -------
    IntervalCurve
        Intervals that hold mass. ``fit_status`` is ok; no_events (all mass at infinity); emptied
        (all mass lies before some later entry, as when a Kaplan-Meier curve falls to 0 early: take
        out the early entrants); or not_converged (``gap`` above 1e-7).

    Notes
    -----
    Mass lies on innermost intervals only [1]_, under delayed entry on those that also end at
    entries [2]_ [3]_. With slope d_j = sum w (in_j / P(in) - after_j / P(after)) / sum w the
    conditions of a maximum are d_j <= 0, and = 0 where there is mass; ``gap`` is their largest
    breach. Without entries the log likelihood is then at most gap x sum w below its maximum; with
    entries the conditions are necessary, not sufficient. Which part of the mass of an interval
    comes when is not estimated: see ``event_free_bounds``. With entries, mass is conditional on no
    event by the earliest entry.

    References
    ----------
    .. [1] Turnbull (1976), JRSS B 38:290-295.
    .. [2] Frydman (1994), JRSS B 56:71-74.
    .. [3] Alioum & Commenges (1996), Biometrics 52:512-524.

    Examples
    --------
    >>> from alsrev_dagster.survival.intervals import intervals
    >>> seen = intervals(np.array([0.0, 4, 2, 0, 2, 5]), np.array([1.0, 6, 6, 3, 4, 7]))
    >>> turnbull_curve(seen, convention="closed").mass.round(6).tolist()
    [0.25, 0.25, 0.125, 0.375]
    """
    if not len(seen.left):
        raise InputDataError(
            "0 participants: expected at least one to make a curve of; leave out the empty group"
        )
    support = support_of(seen, convention)
    fit = likeliest_mass(support.in_interval, support.after_entry, seen.weight, None)
    status: CurveStatus = "ok" if fit.gap < _CONVERGED else "not_converged"
    if not seen.has_event.any():
        status = "no_events"
    elif fit.is_emptied:
        status = "emptied"
    held = fit.mass > _LEAST_MASS
    return IntervalCurve(
        support.left[held],
        support.right[held],
        support.is_left_in[held],
        fit.mass[held],
        len(seen.left),
        int(seen.has_event.sum()),
        fit.log_likelihood,
        fit.gap,
        convention,
        status,
    )


def turnbull_interval(
    seen: Intervals,
    months: FloatArray,
    *,
    n_draw: int,
    rng: np.random.Generator,
    convention: Convention = "half_open",
) -> CurveInterval:
    """Pointwise 95% bootstrap interval of the probability of no event by given times.

    Parameters
    ----------
    seen
        From :func:`~alsrev_dagster.survival.intervals.intervals`.
    months
        Times, months from the origin.
    n_draw
        Resamples of participants; 200 at least for an interval to be shown.
    rng
        Source of randomness.
    convention
        As in :func:`turnbull_curve`.

    Returns
    -------
    CurveInterval
        Percentiles of the curve's ``event_free``. Resamples whose curve is emptied are left out,
        and ``n_draw`` says how many are left; NaN where none is.

    Notes
    -----
    Percentile bootstrap over participants. It holds where times of visits repeat (monthly clinics):
    mass then has as many places as there are such times. With visits at will the curve converges at
    the cube root of n and no bootstrap of it is right; these intervals are then too narrow [1]_.

    References
    ----------
    .. [1] Sen & Banerjee (2007), JASA 102:1081-1092 (likelihood ratio); Kosorok (2008), section 14.

    Examples
    --------
    >>> from alsrev_dagster.survival.intervals import intervals
    >>> seen = intervals(np.repeat([0.0, 1, 2], 20), np.repeat([1.0, 2, np.inf], 20))
    >>> found = turnbull_interval(
    ...     seen, np.array([1.0]), n_draw=50, rng=np.random.default_rng(1)
    ... )
    >>> bool(0.5 < found.ci_lower[0] < 2 / 3 < found.ci_upper[0] < 0.8)
    True
    """
    time = np.atleast_1d(np.asarray(months, dtype=np.float64))
    support, curve = support_of(seen, convention), turnbull_curve(seen, convention=convention)
    both = np.column_stack([support.in_interval, support.after_entry])
    kind, of_kind = np.unique(both, axis=0, return_inverse=True)
    inside, after = np.hsplit(kind, 2)
    chance = np.bincount(of_kind.reshape(-1), seen.weight) / seen.weight.sum()
    draws = []
    for _ in range(n_draw):
        times = rng.multinomial(len(seen.left), chance).astype(np.float64)
        drawn = times > 0
        fit = likeliest_mass(inside[drawn], after[drawn], times[drawn], None)
        if not fit.is_emptied:
            draws.append(_spread_evenly(support.left, support.right, fit.mass, time))
    if not draws:
        none = np.full(len(time), np.nan)
        return CurveInterval(time, curve.event_free(time), none, none, 0)
    lower, upper = np.quantile(np.array(draws), [0.025, 0.975], axis=0)
    return CurveInterval(time, curve.event_free(time), lower, upper, len(draws))


def _spread_evenly(
    left: FloatArray, right: FloatArray, mass: FloatArray, time: FloatArray
) -> FloatArray:
    """Probability of no event by each time with mass spread evenly over its interval."""
    width = np.where(right > left, right - left, 1.0)
    part = np.where(right <= time[:, None], 1.0, ((time[:, None] - left) / width).clip(0, 1))
    free: FloatArray = 1 - part @ mass
    return free
