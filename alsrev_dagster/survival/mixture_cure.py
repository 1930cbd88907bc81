"""Mixture model of recovery: most never recover; who does, and when those do, told apart.

The cure model of the textbooks turned round: the "cured" are those who never recover.
"""

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from scipy.linalg import block_diag
from scipy.special import expit

from alsrev_dagster.survival.interval_regression import (
    design_of,
    inverse_of,
    ratio_p,
    runs_off,
    standardised,
    start_of,
)
from alsrev_dagster.survival.intervals import Intervals
from alsrev_dagster.survival.location_scale import (
    SURVIVAL,
    Distribution,
    Model,
    Point,
    maximise,
    model_of,
    profile_bound,
)
from alsrev_dagster.survival.risk import BoolArray, FloatArray
from alsrev_dagster.survival.sufficient_follow_up import SufficientFollowUp, sufficient_follow_up

MixtureStatus = Literal[
    "ok",
    "no_events",
    "monomorphic",
    "separated",
    "short_follow_up",
    "not_identified",
    "not_converged",
]

_NAN = float("nan")
_NOWHERE = (_NAN, _NAN)

_LATE_SHARE_MAX = 0.1
"""Share of recoveries that a model may have beyond all follow-up and still tell who has none."""


def _no_array() -> FloatArray:
    return np.empty(0)


@dataclass(frozen=True)
class MixtureFit:
    """Carriers against non-carriers; numbers are NaN unless the fit could be made.

    ``odds_ratio`` is of ever recovering, above 1 where carriers more often do. ``time_ratio`` is
    among those who recover, below 1 where carriers recover sooner. Intervals are of the profile
    (penalised) likelihood, infinite on a side where it never falls far enough; P values are of its
    ratio.
    """

    n: int
    n_carrier: int
    n_event: int
    n_event_carrier: int
    distribution: Distribution
    fit_status: MixtureStatus
    follow_up: SufficientFollowUp
    is_penalised: bool
    odds_ratio: float = _NAN
    odds_ratio_interval: tuple[float, float] = _NOWHERE
    odds_ratio_p_value: float = _NAN
    time_ratio: float = _NAN
    time_ratio_interval: tuple[float, float] = _NOWHERE
    time_ratio_p_value: float = _NAN
    joint_p_value: float = _NAN
    """That carriers differ in neither, two degrees of freedom (one without a time ratio)."""
    recover_probability: float = _NAN
    """Of ever recovering, of a non-carrier with covariates 0."""
    late_share: float = _NAN
    """Of non-carriers who ever recover, those whom the model has do so after the last time seen."""
    shape: float = _NAN
    log_likelihood: float = _NAN
    """Without the penalty."""
    parameter: FloatArray = field(default_factory=_no_array)
    """Intercept of log months, carrier if its time differs, log sigma; then the log odds of ever
    recovering: intercept, carrier, covariates in their order."""
    covariance: FloatArray = field(default_factory=_no_array)


def mixture_cure(
    seen: Intervals,
    carrier: FloatArray | BoolArray,
    covariate: FloatArray | None = None,
    *,
    distribution: Distribution = "weibull",
    is_penalised: bool = True,
    is_time_by_carrier: bool = True,
) -> MixtureFit:
    """Odds ratio of ever recovering and time ratio among those who do, of carriers.

    Parameters
    ----------
    seen
        From :func:`~alsrev_dagster.survival.intervals.intervals`: exact, interval-censored and
        right-censored times, with delayed entry.
    carrier
        Whether a carrier, or the coded genotype, shape (n,).
    covariate
        Further columns of the log odds of ever recovering, shape (n, k); None for none.
    distribution
        Of the time of those who recover.
    is_penalised
        Whether Firth's penalty is put on the log odds of ever recovering.
    is_time_by_carrier
        Whether the time of those who recover may differ by carrier status. It is left out, and
        ``time_ratio`` NaN, where a side has no event to time.

    Returns
    -------
    MixtureFit
        ``fit_status`` is ok; no_events; monomorphic; separated (a side without an event, or all of
        a side with one: numbers only if penalised); short_follow_up (``follow_up`` says so, or
        ``late_share`` is above 0.1: numbers are given, but who never recovers and who was not
        watched for long enough are told apart by the distribution alone); not_identified (the
        likelihood has no maximum of its own, only the penalty makes one); or not_converged.

    Raises
    ------
    InputDataError
        If shapes differ or a value is missing.

    Notes
    -----
    P(ever) = expit(g'z); those who do have log t = b'x + sigma e. One with the event in (L, R] adds
    log P + log(S(L) - S(R)), one without log(1 - P + P S(L)); entry at E takes log(1 - P + P S(E))
    away. The penalty is half the log determinant of Z' diag(P (1 - P)) Z, that of a logistic
    regression [2]_ as if it were known who ever recovers: it keeps P off 0 and 1 and is no penalty
    on time. Odds and time ratio lean on each other: where follow-up is short a lower odds ratio
    and a shorter time fit as well, and the intervals are wide. The dead are censored at their last
    visit and would, had they lived, have recovered as others do.

    References
    ----------
    .. [1] Farewell (1982), Biometrics 38:1041-1046; Maller & Zhou (1996), Survival Analysis with
       Long-Term Survivors.
    .. [2] Firth (1993), Biometrika 80:27-38.

    Examples
    --------
    >>> from alsrev_dagster.survival.intervals import intervals
    >>> last = np.r_[np.arange(1.0, 13), np.full(28, 40.0)]
    >>> seen = intervals(last, np.where(np.arange(40) < 12, last + 1, np.inf))
    >>> fit = mixture_cure(seen, np.arange(40) % 3 == 0, is_time_by_carrier=False)
    >>> fit.fit_status, round(fit.odds_ratio, 3)
    ('ok', 0.933)
    """
    design = design_of(seen, carrier, covariate)
    counted = _counted(seen, design[:, 1], distribution, is_penalised)
    if counted.fit_status in ("no_events", "monomorphic"):
        return counted
    if counted.fit_status == "separated" and not is_penalised:
        return counted
    is_carrier = design[:, 1] != 0
    has_time = is_time_by_carrier and not (
        _is_idle(seen, is_carrier) or _is_idle(seen, ~is_carrier)
    )
    scaled, back = standardised(design)
    location = design[:, : 1 + has_time]
    penalty: Literal["incidence", "none"] = "incidence" if is_penalised else "none"
    model = model_of(seen, location, scaled, distribution, penalty)
    found = _fitted(counted, model, _starts(seen, location, scaled))
    return _in_units_given(found, location.shape[1] + 1, back)


def _in_units_given(fit: MixtureFit, n_time: int, back: FloatArray) -> MixtureFit:
    """Parameters for covariates as they were given, and the probability where these are 0."""
    if not len(fit.parameter):
        return fit
    whole = block_diag(np.eye(n_time), back)
    parameter = whole @ fit.parameter
    return replace(
        fit,
        parameter=parameter,
        covariance=whole @ fit.covariance @ whole.T,
        recover_probability=float(expit(parameter[n_time])),
    )


def _is_idle(seen: Intervals, side: BoolArray) -> bool:
    """Whether a side has members, but gives no finite time of recovery of its own."""
    return bool(side.any()) and runs_off(seen, side & seen.has_event)


def _counted(
    seen: Intervals, carrier: FloatArray, distribution: Distribution, is_penalised: bool
) -> MixtureFit:
    """Counts, and whether a maximum exists."""
    is_carrier, has_event = carrier != 0, seen.has_event
    sides = (is_carrier, ~is_carrier)
    follow_up = sufficient_follow_up(seen)
    status: MixtureStatus = "ok" if follow_up.is_sufficient else "short_follow_up"
    if not has_event.any():
        status = "no_events"
    elif (carrier == carrier[0]).all():
        status = "monomorphic"
    elif any(has_event[side].all() or not has_event[side].any() for side in sides if side.any()):
        status = "separated"
    return MixtureFit(
        n=len(carrier),
        n_carrier=int(is_carrier.sum()),
        n_event=int(has_event.sum()),
        n_event_carrier=int((has_event & is_carrier).sum()),
        distribution=distribution,
        fit_status=status,
        follow_up=follow_up,
        is_penalised=is_penalised,
    )


def _starts(seen: Intervals, location: FloatArray, incidence: FloatArray) -> list[FloatArray]:
    """Start where all who recover have been seen to, and where three times as many are to come."""
    events, share = seen.of(seen.has_event), float(seen.has_event.mean())
    starts = []
    for times in (1.0, 3.0):
        part = min(share * times, 0.95)
        early = start_of(events, location)
        early[0] += np.log(times)
        odds = np.zeros(incidence.shape[1])
        odds[0] = np.log(part / (1 - part))
        starts.append(np.concatenate([early, odds]))
    return starts


def _fitted(counted: MixtureFit, model: Model, starts: list[FloatArray]) -> MixtureFit:
    """Fill in the numbers, or say that there are none."""
    full = _best(model, starts)
    covariance = inverse_of(full)
    if not full.is_converged or covariance is None:
        word: MixtureStatus = "not_identified" if full.is_converged else "not_converged"
        return replace(counted, fit_status=word)
    n_location = model.location.shape[1]
    odds, has_time = n_location + 2, n_location > 1
    held = (odds, 1) if has_time else (odds,)
    nulls = [_without(model, full, fixed) for fixed in ((odds,), (1,), held)]
    late_share = _late_share(model, full, counted.follow_up.last_seen_months)
    is_short = counted.fit_status == "ok" and late_share > _LATE_SHARE_MAX
    filled = replace(
        counted,
        fit_status="short_follow_up" if is_short else counted.fit_status,
        late_share=late_share,
        odds_ratio=float(np.exp(full.parameter[odds])),
        odds_ratio_interval=_interval(model, full, odds),
        odds_ratio_p_value=ratio_p(full, nulls[0]),
        joint_p_value=ratio_p(full, nulls[2], len(held)),
        shape=float(np.exp(-full.parameter[n_location])),
        log_likelihood=full.log_likelihood,
        parameter=full.parameter,
        covariance=covariance,
    )
    if not has_time:
        return filled
    return replace(
        filled,
        time_ratio=float(np.exp(full.parameter[1])),
        time_ratio_interval=_interval(model, full, 1),
        time_ratio_p_value=ratio_p(full, nulls[1]),
    )


def _best(model: Model, starts: list[FloatArray]) -> Point:
    """Return the highest maximum that the likelihood has by itself; else the highest."""
    found = [maximise(model, start) for start in starts]
    own = [point for point in found if point.is_converged and inverse_of(point) is not None]
    reached = own or [point for point in found if point.is_converged] or found
    return max(reached, key=lambda point: point.value)


def _without(model: Model, full: Point, fixed: tuple[int, ...]) -> Point:
    """Maximum with some effects held at 0, next to the one without."""
    near = full.parameter.copy()
    near[list(fixed)] = 0.0
    return maximise(model, near, fixed)


def _late_share(model: Model, full: Point, last_seen: float) -> float:
    """Share of those who recover, with covariates 0, whose time lies beyond the last one seen."""
    location, sigma = full.parameter[0], np.exp(full.parameter[model.location.shape[1]])
    return float(SURVIVAL[model.kind]((np.log(last_seen) - location) / sigma))


def _interval(model: Model, full: Point, index: int) -> tuple[float, float]:
    """95% profile interval of a ratio."""
    lower, upper = (profile_bound(model, full, index, side) for side in (-1, 1))
    return float(np.exp(lower)), float(np.exp(upper))
