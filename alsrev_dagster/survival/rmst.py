"""Mean time up to a horizon: event free, or lost to one of several events."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import norm

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.nonparametric import Z_95
from alsrev_dagster.survival.risk import (
    BoolArray,
    FloatArray,
    FollowUp,
    IntArray,
    count_at,
    follow_up,
)

FitStatus = Literal["ok", "no_one", "conditional", "beyond_follow_up"]

_NAN = float("nan")


@dataclass(frozen=True)
class RestrictedMean:
    """Mean months up to the horizon; numbers are NaN unless ``fit_status`` is ok.

    ok; no_one (the group is empty); conditional (all at risk had an event while others were
    still to enter: there is no curve from the origin on); beyond_follow_up (nobody was observed
    until the horizon, so the curve ends before it).
    """

    n: int
    n_event: int
    """Of the event in question, up to the horizon."""
    fit_status: FitStatus
    horizon_months: float
    mean_months: float = _NAN
    standard_error: float = _NAN
    ci_lower: float = _NAN
    ci_upper: float = _NAN


@dataclass(frozen=True)
class MeanDifference:
    """Mean months of one group less that of another; NaN unless both are known."""

    difference_months: float
    standard_error: float
    ci_lower: float
    ci_upper: float
    p_value: float


def restricted_mean_survival(
    duration_months: FloatArray,
    event: BoolArray,
    horizon_months: float,
    *,
    entry_months: FloatArray | None = None,
) -> RestrictedMean:
    """Mean event-free months from the origin up to the horizon.

    Parameters
    ----------
    duration_months
        Time from the origin to the event or to the end of observation, months.
    event
        Whether the event happened at that time.
    horizon_months
        Months from the origin up to which time is counted, > 0.
    entry_months
        Time from the origin to the start of observation, months; None when not delayed.

    Returns
    -------
    RestrictedMean
        In [0, horizon], with a 95% interval on its own scale.

    Raises
    ------
    InputDataError
        If a time is missing, an exit is not after its entry, or the horizon is not above 0.

    Notes
    -----
    The area under the Kaplan-Meier curve, with Greenwood's variance: the sum of
    A(t)^2 d / (n (n - d)) over event times t, A(t) being the area from t to the horizon [1]_.
    Entry and censoring must be independent of the event. Compare groups at the same horizon.

    References
    ----------
    .. [1] Irwin (1949), J Hyg 47:188; Royston & Parmar (2013), BMC Med Res Methodol 13:152.

    Examples
    --------
    >>> mean = restricted_mean_survival(np.array([1.0, 2, 4, 5]), np.ones(4, bool), 4)
    >>> mean.mean_months
    2.75
    """
    code = np.asarray(event, dtype=np.bool_).astype(np.int64)
    survival = _Curves(follow_up(duration_months, entry_months), code, horizon_months)
    return survival.mean_survival()


def restricted_mean_time_lost(
    duration_months: FloatArray,
    event_code: IntArray,
    horizon_months: float,
    *,
    cause: int = 1,
    entry_months: FloatArray | None = None,
) -> RestrictedMean:
    """Mean months, up to the horizon, after an event of one cause: time in that state.

    Parameters
    ----------
    duration_months
        Time from the origin to the first event or to the end of observation, months.
    event_code
        0 where censored, else the number of the event.
    horizon_months
        Months from the origin up to which time is counted, > 0.
    cause
        The event after which time is counted. For recovery it is time gained.
    entry_months
        Time from the origin to the start of observation, months; None when not delayed.

    Returns
    -------
    RestrictedMean
        In [0, horizon], with a 95% interval on its own scale. Over all causes the means add up
        to the horizon less the mean event-free time.

    Raises
    ------
    InputDataError
        As :func:`restricted_mean_survival`.

    Notes
    -----
    The area under the Aalen-Johansen incidence F [1]_. Its variance is Gaynor's covariance of F
    integrated twice: with B(u) the area of F - F(u) from u to the horizon tau, the sum of
    B^2 d / (n (n - d)) + (S(u-) (tau - u))^2 d_cause (n - d_cause) / n^3
    - 2 B S(u-) (tau - u) d_cause / n^2; with one cause it is Greenwood's. A state that is left
    again (a recovery that is lost) is counted as kept: time in it needs its own model.

    References
    ----------
    .. [1] Andersen (2013), Stat Med 32:5278-5285. Variance: Gaynor et al. (1993), JASA 88:400.

    Examples
    --------
    >>> lost = restricted_mean_time_lost(np.array([1.0, 2, 4, 5]), np.array([1, 2, 1, 0]), 4)
    >>> lost.mean_months
    0.75
    """
    followed = follow_up(duration_months, entry_months)
    return _Curves(followed, np.asarray(event_code), horizon_months).mean_lost(cause)


def mean_difference(one: RestrictedMean, other: RestrictedMean) -> MeanDifference:
    """Difference of two independent groups' means, with its 95% interval and P value.

    Parameters
    ----------
    one, other
        Means at the same horizon.

    Returns
    -------
    MeanDifference
        ``one`` less ``other``; P value in [0, 1], two-sided normal.

    Raises
    ------
    InputDataError
        If the horizons differ.

    Examples
    --------
    >>> late = restricted_mean_survival(np.array([3.0, 4, 5, 6]), np.ones(4, bool), 4)
    >>> soon = restricted_mean_survival(np.array([1.0, 2, 4, 5]), np.ones(4, bool), 4)
    >>> mean_difference(late, soon).difference_months
    1.0
    """
    if one.horizon_months != other.horizon_months:
        raise InputDataError(
            f"means are up to {one.horizon_months:g} and {other.horizon_months:g} months: "
            "expected the same horizon; choose one that both groups were observed until"
        )
    difference = one.mean_months - other.mean_months
    error = float(np.hypot(one.standard_error, other.standard_error))
    half = Z_95 * error
    p_value = float(2 * norm.sf(abs(difference) / error)) if error > 0 else _NAN
    return MeanDifference(difference, error, difference - half, difference + half, p_value)


class _Curves:
    """Counts and all-cause survival at the event times up to the horizon."""

    def __init__(self, followed: FollowUp, event_code: IntArray, horizon_months: float) -> None:
        if not horizon_months > 0:
            raise InputDataError(
                f"horizon_months is {horizon_months:g}: expected a time after the origin; give the "
                "months up to which the mean is taken"
            )
        self.followed, self.event_code, self.horizon = followed, event_code, float(horizon_months)
        months = followed.duration_months
        is_event = (event_code > 0) & (months <= self.horizon)
        self.time = np.unique(months[is_event])
        self.n = followed.n_at_risk(self.time).astype(np.float64)
        self.d = count_at(self.time, months[is_event]).astype(np.float64)
        self.after = np.cumprod(1 - self.d / self.n)
        self.before = np.concatenate(([1.0], self.after[:-1]))[: len(self.time)]
        self.width = np.diff(np.concatenate((self.time, [self.horizon])))

    def mean_survival(self) -> RestrictedMean:
        """Area under the survival curve."""
        whole = RestrictedMean(
            len(self.event_code), int(self.d.sum()), self._status(), self.horizon
        )
        area_after = np.cumsum((self.after * self.width)[::-1])[::-1]
        first = self.time[0] if len(self.time) else self.horizon
        mean = float(first + area_after[0]) if len(self.time) else self.horizon
        return _filled(whole, mean, float((area_after**2 * self._greenwood()).sum()))

    def mean_lost(self, cause: int) -> RestrictedMean:
        """Area under the incidence of a cause."""
        months = self.followed.duration_months
        is_own = (self.event_code == cause) & (months <= self.horizon)
        d_cause = count_at(self.time, months[is_own]).astype(np.float64)
        whole = RestrictedMean(
            len(self.event_code), int(d_cause.sum()), self._status(), self.horizon
        )
        incidence = np.cumsum(self.before * d_cause / self.n)
        left = self.horizon - self.time
        rest = np.cumsum((incidence * self.width)[::-1])[::-1] - incidence * left
        kept = self.before * left
        variance = (
            rest**2 * self._greenwood()
            + kept**2 * d_cause * (self.n - d_cause) / self.n**3
            - 2 * rest * kept * d_cause / self.n**2
        )
        return _filled(whole, float((incidence * self.width).sum()), float(variance.sum()))

    def _greenwood(self) -> FloatArray:
        """Greenwood's d / (n (n - d)); 0 where no one is left, as nothing after depends on it."""
        left = self.n - self.d
        return np.divide(self.d, self.n * left, out=np.zeros_like(self.n), where=left > 0)

    def _status(self) -> FitStatus:
        if not len(self.event_code):
            return "no_one"
        if self.followed.last_emptied_by_events(self.event_code > 0) > -np.inf:
            return "conditional"
        is_over = len(self.after) > 0 and self.after[-1] <= 0
        is_seen = float(self.followed.duration_months.max()) >= self.horizon
        return "ok" if is_seen or is_over else "beyond_follow_up"


def _filled(whole: RestrictedMean, mean: float, variance: float) -> RestrictedMean:
    if whole.fit_status != "ok":
        return whole
    error = float(np.sqrt(max(variance, 0.0)))
    return RestrictedMean(
        whole.n,
        whole.n_event,
        "ok",
        whole.horizon_months,
        mean,
        error,
        mean - Z_95 * error,
        mean + Z_95 * error,
    )
