"""Maximum (penalised) likelihood of interval-censored location-scale models, and its profile.

Newton's method on location coefficients, log sigma and, in a mixture, incidence coefficients.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit
from scipy.stats import chi2, norm

from alsrev_dagster.survival.intervals import Intervals
from alsrev_dagster.survival.kernel.location_scale import evaluate
from alsrev_dagster.survival.risk import FloatArray, IntArray

Distribution = Literal["weibull", "log_logistic", "log_normal"]

Penalty = Literal["none", "location", "incidence"]
"""Half the log determinant of the information of the location's or the incidence's coefficients."""

KIND: dict[Distribution, int] = {"weibull": 0, "log_logistic": 1, "log_normal": 2}

SURVIVAL: tuple[Callable[[FloatArray], FloatArray], ...] = (
    lambda u: np.exp(-np.exp(u)),
    lambda u: expit(-u),
    norm.sf,
)
"""Of the error, by kind: smallest extreme value, logistic, normal."""

QUANTILE: tuple[Callable[[FloatArray], FloatArray], ...] = (
    lambda chance: np.log(-np.log1p(-chance)),
    logit,
    norm.ppf,
)
"""Inverse of 1 - survival of the error, by kind."""

DROP_95 = float(chi2.isf(0.05, 1))
"""Twice the fall of the log likelihood at the ends of a 95% profile interval."""

_STEP = 1e-4
"""Half the distance over which the information's slope is taken; its error is about 1e-8."""

_LEAST_LEARNED = 1e-6
"""Cosine between what was missed and where it went, below which nothing is learned from it."""

_MOST_LEARNED = 1e12
"""Size of what was missed above which the place is no longer one to learn from."""

_WIDEST_LOG_SIGMA = 6.0
"""Size of log sigma from which on a law is a point, or flat: no estimate of a time lies there."""

_N_STEP = 100
_LONGEST_STEP = 3.0
"""Longest step in any parameter: of log months, of log sigma, of log odds."""

_NEAR, _DONE = 1e-8, 1e-15
"""Gain a step promises below which it is taken unasked, and below which it was the last."""

_DONE_PROFILE = 1e-11
"""As the last, where no more than the height of the maximum is wanted."""

_FURTHEST = 40.0
"""Distance in log units at which an end of an interval that was not met is infinite."""


@dataclass(frozen=True)
class Model:
    """What was observed and how it is modelled; ``incidence`` has no columns without a mixture."""

    kind: int
    log_time: FloatArray
    weight: FloatArray
    location: FloatArray
    incidence: FloatArray
    penalty: Penalty

    @property
    def n_parameter(self) -> int:
        """Number of location coefficients, log sigma and incidence coefficients."""
        return int(self.location.shape[1] + 1 + self.incidence.shape[1])


@dataclass(frozen=True)
class Point:
    """Where the (penalised) log likelihood was looked at, and what was seen there."""

    parameter: FloatArray
    value: float
    log_likelihood: float
    slope: FloatArray
    information: FloatArray
    is_converged: bool = False


def model_of(
    seen: Intervals,
    location: FloatArray,
    incidence: FloatArray | None,
    distribution: Distribution,
    penalty: Penalty,
) -> Model:
    """Put a model together; ``incidence`` None is no mixture."""
    with np.errstate(divide="ignore", invalid="ignore"):
        times = np.column_stack([seen.left, seen.right, np.maximum(seen.entry, 0.0)])
        log_time = np.log(times)
    none = np.empty((len(location), 0))
    design = none if incidence is None else np.ascontiguousarray(incidence)
    return Model(
        KIND[distribution], log_time, seen.weight, np.ascontiguousarray(location), design, penalty
    )


def maximise(
    model: Model, start: FloatArray, fixed: Sequence[int] = (), done: float = _DONE
) -> Point:
    """Climb to the maximum with some parameters held, until a step promises less than ``done``."""
    free = np.setdiff1d(np.arange(model.n_parameter), np.array(fixed, dtype=np.int64))
    here, bend = look(model, start), np.zeros((model.n_parameter, model.n_parameter))
    for _ in range(_N_STEP):
        if not np.isfinite(here.value):
            return here
        step, gain = _newton(here, bend, free)
        ahead = _ahead(model, here, step, gain)
        if gain < done or ahead is None:
            return replace(here, is_converged=gain < _NEAR)
        if model.penalty != "none":
            bend = _learned(bend, here, ahead, free)
        here = ahead
    return here


def _learned(bend: FloatArray, here: Point, ahead: Point, free: IntArray) -> FloatArray:
    """Return the penalty's curvature, set right in the direction gone: symmetric, of rank one."""
    gone = ahead.parameter - here.parameter
    miss = np.zeros(len(gone))
    miss[free] = (here.slope - ahead.slope - (ahead.information + bend) @ gone)[free]
    size, along = float(np.abs(miss).max()) * float(np.abs(gone).max()), float(miss @ gone)
    if not _LEAST_LEARNED * size < abs(along) < np.inf or size > _MOST_LEARNED:
        return bend
    learned: FloatArray = bend + np.outer(miss, miss) / along
    return learned


def profile_bound(model: Model, best: Point, index: int, side: int) -> float:
    """End of the 95% profile interval of one parameter; infinite where it is not met."""
    spread = np.linalg.pinv(best.information)[index, index]
    seen = {0.0: (-np.sqrt(DROP_95), best)}

    def above(distance: float) -> float:
        if distance not in seen:
            nearest = min(seen, key=lambda other: abs(other - distance))
            start = seen[nearest][1].parameter.copy()
            start[index] = best.parameter[index] + side * distance
            found = maximise(model, start, (index,), _DONE_PROFILE)
            if not np.isfinite(found.value):
                return float("nan")
            drop = max(2 * (best.value - found.value), 0.0)
            seen[distance] = (np.sqrt(drop) - np.sqrt(DROP_95), found)
        return float(seen[distance][0])

    near, far = 0.0, float(min(1.96 * np.sqrt(spread) if spread > 0 else 1.0, _FURTHEST / 4))
    while not above(far) > 0:
        near, far = far if far in seen else near, far * 1.5
        if far > _FURTHEST:
            return side * float("inf")
    distance = float(brentq(above, near, far, xtol=1e-8))
    return float(best.parameter[index]) + side * distance


def look(model: Model, parameter: FloatArray) -> Point:
    """Evaluate the penalised log likelihood and its slope; NaN where the penalty has no value."""
    value, slope, information = _plain(model, parameter)
    penalty, extra = 0.0, np.zeros(len(parameter))
    if not np.isfinite(value):
        return Point(parameter, float("nan"), value, slope, information)
    if model.penalty == "location":
        penalty, extra = _location_penalty(model, parameter, information)
    elif model.penalty == "incidence":
        penalty, extra = _incidence_penalty(model, parameter)
    return Point(parameter, value + penalty, value, slope + extra, information)


def _plain(model: Model, parameter: FloatArray) -> tuple[float, FloatArray, FloatArray]:
    n = model.n_parameter
    slope, information = np.empty(n), np.empty((n, n))
    value = evaluate(
        model.kind,
        model.log_time,
        model.weight,
        model.location,
        model.incidence,
        parameter,
        slope,
        information,
    )
    is_inside = abs(parameter[model.location.shape[1]]) < _WIDEST_LOG_SIGMA
    is_number = (
        is_inside
        and np.isfinite(value)
        and np.isfinite(slope).all()
        and np.isfinite(information).all()
    )
    return (float(value) if is_number else float("nan")), slope, information


def _location_penalty(
    model: Model, parameter: FloatArray, information: FloatArray
) -> tuple[float, FloatArray]:
    """Half the log determinant of the location's information in units of sigma, and its slope."""
    p = model.location.shape[1]
    try:
        half = np.linalg.inv(np.linalg.cholesky(information[:p, :p]))
    except np.linalg.LinAlgError:
        return float("nan"), np.zeros(len(parameter))
    inverse = half.T @ half
    slope = np.zeros(len(parameter))
    for k in range(p + 1):
        aside = np.zeros(len(parameter))
        aside[k] = _STEP
        ahead, behind = (_plain(model, parameter + sign * aside)[2] for sign in (1, -1))
        slope[k] = (inverse * (ahead - behind)[:p, :p]).sum() / (4 * _STEP)
    slope[p] += p
    log_determinant = -2 * float(np.log(np.diag(half)).sum())
    return 0.5 * log_determinant + p * float(parameter[p]), slope


def _incidence_penalty(model: Model, parameter: FloatArray) -> tuple[float, FloatArray]:
    """Firth's penalty of a logistic regression whose outcome were known, and its slope."""
    z, n_location = model.incidence, model.location.shape[1]
    part = 1 / (1 + np.exp(-(z @ parameter[n_location + 1 :])))
    spread = model.weight * part * (1 - part)
    gram = z.T @ (spread[:, None] * z)
    sign, log_determinant = np.linalg.slogdet(gram)
    slope = np.zeros(len(parameter))
    if not (sign > 0 and np.isfinite(log_determinant)):
        return float("nan"), slope
    leverage = spread * ((z @ np.linalg.inv(gram)) * z).sum(axis=1)
    slope[n_location + 1 :] = (leverage * (0.5 - part)) @ z
    return 0.5 * float(log_determinant), slope


def _newton(here: Point, bend: FloatArray, free: IntArray) -> tuple[FloatArray, float]:
    """Step towards the maximum in the free parameters, and what it promises to gain."""
    step = np.zeros(len(here.parameter))
    if not len(free):
        return step, 0.0
    root, axis = np.linalg.eigh((here.information + bend)[np.ix_(free, free)])
    root = np.maximum(np.abs(root), 1e-9 * max(float(np.abs(root).max()), 1e-300))
    slope = here.slope[free]
    step[free] = axis @ ((axis.T @ slope) / root)
    step *= min(1.0, _LONGEST_STEP / max(float(np.abs(step).max()), 1e-300))
    return step, float(slope @ step[free])


def _ahead(model: Model, here: Point, step: FloatArray, gain: float) -> Point | None:
    """Take the step, or the first half, quarter ... of it that climbs; None where none does."""
    for halving in range(25):
        there = look(model, here.parameter + step / 2**halving)
        if np.isfinite(there.value) and (there.value > here.value or gain < _NEAR):
            return there
    return None
