"""Regression of a time known to an interval on carrier status: Weibull, log-logistic, log-normal.

lifelines' AFT fitters take intervals and entries, too; they stop where their gradient is small, not
at the maximum, and have neither a profile nor a penalty. The tests hold this to them.
"""

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from scipy.linalg import block_diag
from scipy.stats import chi2

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.intervals import Intervals
from alsrev_dagster.survival.location_scale import (
    Distribution,
    Model,
    Point,
    maximise,
    model_of,
    profile_bound,
)
from alsrev_dagster.survival.risk import BoolArray, FloatArray

FitStatus = Literal["ok", "no_events", "monomorphic", "separated", "not_converged"]

_NAN = float("nan")

_FLAT_VARIANCE = 1e4
"""Variance of a log ratio or of log sigma from which on nothing was estimated."""

_CARRIER = 1
"""Place of the carrier's coefficient: after the intercept."""


def _no_array() -> FloatArray:
    return np.empty(0)


@dataclass(frozen=True)
class IntervalFit:
    """Carriers against non-carriers; numbers are NaN unless the fit could be made.

    ``time_ratio`` is by what the time to the event is multiplied per unit of ``carrier``: below 1
    means faster recovery. The interval is of the profile likelihood, ``p_value`` of the likelihood
    ratio. ``hazard_ratio`` (Weibull) and ``event_odds_ratio`` (log-logistic) are above 1 where
    recovery is faster.
    """

    n: int
    n_carrier: int
    n_event: int
    n_event_carrier: int
    distribution: Distribution
    fit_status: FitStatus
    is_penalised: bool = False
    coefficient: float = _NAN
    """Log time ratio."""
    standard_error: float = _NAN
    """From the observed information at the estimate."""
    time_ratio: float = _NAN
    ci_lower: float = _NAN
    ci_upper: float = _NAN
    p_value: float = _NAN
    hazard_ratio: float = _NAN
    event_odds_ratio: float = _NAN
    shape: float = _NAN
    """1 / sigma: of a Weibull time, the power of time in the cumulative hazard."""
    log_likelihood: float = _NAN
    """Without the penalty."""
    parameter: FloatArray = field(default_factory=_no_array)
    """Intercept (log months), carrier, covariates in their order, log sigma."""
    covariance: FloatArray = field(default_factory=_no_array)


def interval_regression(
    seen: Intervals,
    carrier: FloatArray | BoolArray,
    covariate: FloatArray | None = None,
    *,
    distribution: Distribution,
    is_penalised: bool = False,
) -> IntervalFit:
    """Time ratio of carriers against non-carriers from interval-censored times.

    Parameters
    ----------
    seen
        From :func:`~alsrev_dagster.survival.intervals.intervals`.
    carrier
        Whether a carrier, or the coded genotype, shape (n,).
    covariate
        Further columns, shape (n, k); no intercept. None for none.
    distribution
        Of the time: weibull (then proportional hazards, too), log_logistic (then proportional
        odds, too) or log_normal.
    is_penalised
        Whether half the log determinant of the location coefficients' information is added: a
        finite estimate exists then even where no carrier has the event.

    Returns
    -------
    IntervalFit
        ``fit_status`` is ok; no_events; monomorphic (``carrier`` does not vary); separated (no
        carrier, or no non-carrier, has the event, or all of a side have it before they were ever
        seen without: numbers only if penalised); or not_converged (also where all events share a
        time and sigma goes to 0).

    Raises
    ------
    InputDataError
        If shapes differ or a value is missing.

    Notes
    -----
    log t = b'x + sigma e, with e of the smallest-extreme-value, logistic or normal law. One with
    the event in (L, R] adds log(S(L) - S(R)), one without log S(L), one known to the day the log
    density; entry at E takes log S(E) away. The penalty is Firth's idea [1]_ with the observed
    information of b in units of sigma: the expected one would need a law of the visits. It is taken
    in both fits of the test. Weights multiply the log likelihood: with sampling weights the
    estimate is of the population, but error, interval and P value are not.

    Assumes the law of e, and entry and visits independent of the event given the covariates.
    Separation by covariates is not looked for; such a fit is not_converged.

    References
    ----------
    .. [1] Firth (1993), Biometrika 80:27-38. Model: Kalbfleisch & Prentice (2002), section 3.6;
       interval censoring: Sun (2006), The Statistical Analysis of Interval-censored Failure Time
       Data, section 2.3.

    Examples
    --------
    >>> from alsrev_dagster.survival.intervals import intervals
    >>> seen = intervals(np.array([0.0, 1, 2, 3, 6, 9]), np.array([2.0, 3, 4, np.inf, 9, np.inf]))
    >>> fit = interval_regression(seen, np.array([1, 1, 0, 1, 0, 0]), distribution="weibull")
    >>> fit.fit_status, fit.n_event_carrier, round(fit.time_ratio, 3)
    ('ok', 2, 0.32)
    """
    design = design_of(seen, carrier, covariate)
    counted = _counted(seen, design[:, _CARRIER], distribution)
    if counted.fit_status in ("no_events", "monomorphic"):
        return counted
    if counted.fit_status == "separated" and not is_penalised:
        return counted
    scaled, back = standardised(design)
    model = model_of(seen, scaled, None, distribution, "location" if is_penalised else "none")
    filled = _fitted(replace(counted, is_penalised=is_penalised), model, start_of(seen, scaled))
    if not len(filled.parameter):
        return filled
    back = block_diag(back, np.eye(1))  # log sigma stays
    return replace(
        filled, parameter=back @ filled.parameter, covariance=back @ filled.covariance @ back.T
    )


def standardised(design: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Design with covariates of mean 0 and spread 1, and what brings its coefficients back.

    A calendar year as it is leaves an intercept at the year 0, which nothing tells. No maximum
    moves, not the penalised one either: its determinant changes by a constant.
    """
    covariate = design[:, _CARRIER + 1 :]
    mean, spread = covariate.mean(axis=0), covariate.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    scaled = np.column_stack([design[:, : _CARRIER + 1], (covariate - mean) / spread])
    back = np.diag(np.concatenate([[1.0, 1.0], 1 / spread]))
    back[0, _CARRIER + 1 :] = -mean / spread
    return scaled, back


def start_of(seen: Intervals, design: FloatArray) -> FloatArray:
    """Start at the median of the ends seen, and a sigma of 1, with no effects."""
    end = np.where(seen.has_event, (seen.left + np.minimum(seen.right, 1e300)) / 2, seen.left)
    start = np.zeros(design.shape[1] + 1)
    start[0] = float(np.log(np.maximum(np.median(end[end > 0]), 1e-300)))
    return start


def design_of(
    seen: Intervals, carrier: FloatArray | BoolArray, covariate: FloatArray | None
) -> FloatArray:
    """Return intercept, carrier and covariates as columns."""
    n = len(seen.left)
    further = np.empty((n, 0)) if covariate is None else np.asarray(covariate, dtype=np.float64)
    if len(carrier) != n or further.ndim != 2 or len(further) != n:
        raise InputDataError(
            f"{n} intervals, {len(carrier)} values of carrier and covariates of shape "
            f"{further.shape}: expected one value and one row of covariates per interval"
        )
    design = np.column_stack([np.ones(n), np.asarray(carrier, dtype=np.float64), further])
    n_missing = int((~np.isfinite(design)).any(axis=1).sum())
    if n_missing:
        raise InputDataError(
            f"{n_missing} of {n} participants have a carrier status or covariate that is no "
            "number: expected all; leave them out of this variant"
        )
    return design


def _counted(seen: Intervals, carrier: FloatArray, distribution: Distribution) -> IntervalFit:
    """Counts, and whether a maximum exists."""
    is_carrier, has_event = carrier != 0, seen.has_event
    status: FitStatus = "ok"
    if not has_event.any():
        status = "no_events"
    elif (carrier == carrier[0]).all():
        status = "monomorphic"
    elif any(runs_off(seen, side) for side in (is_carrier, ~is_carrier) if side.any()):
        status = "separated"
    return IntervalFit(
        n=len(carrier),
        n_carrier=int(is_carrier.sum()),
        n_event=int(has_event.sum()),
        n_event_carrier=int((has_event & is_carrier).sum()),
        distribution=distribution,
        fit_status=status,
    )


def runs_off(seen: Intervals, inside: BoolArray) -> bool:
    """Whether the time of a group has no finite estimate: never seen, or always already there."""
    part = seen.of(inside)
    return not part.has_event.any() or not part.is_seen_free.any()


def _fitted(counted: IntervalFit, model: Model, start: FloatArray) -> IntervalFit:
    """Fill in the numbers, or say that there are none."""
    null = maximise(model, start, (_CARRIER,))
    full = maximise(model, null.parameter, ())
    covariance = inverse_of(full)
    if not (null.is_converged and full.is_converged) or covariance is None:
        return replace(counted, fit_status="not_converged")
    coefficient = float(full.parameter[_CARRIER])
    lower, upper = (profile_bound(model, full, _CARRIER, side) for side in (-1, 1))
    shape = float(np.exp(-full.parameter[model.location.shape[1]]))
    ratio = float(np.exp(-coefficient * shape))
    return replace(
        counted,
        coefficient=coefficient,
        standard_error=float(np.sqrt(covariance[_CARRIER, _CARRIER])),
        time_ratio=float(np.exp(coefficient)),
        ci_lower=float(np.exp(lower)),
        ci_upper=float(np.exp(upper)),
        p_value=ratio_p(full, null),
        hazard_ratio=ratio if counted.distribution == "weibull" else _NAN,
        event_odds_ratio=ratio if counted.distribution == "log_logistic" else _NAN,
        shape=shape,
        log_likelihood=full.log_likelihood,
        parameter=full.parameter,
        covariance=covariance,
    )


def inverse_of(point: Point) -> FloatArray | None:
    """Covariance from the observed information; None where the likelihood is flat, or no top."""
    try:
        half = np.linalg.inv(np.linalg.cholesky(point.information))
    except np.linalg.LinAlgError:
        return None
    covariance: FloatArray = half.T @ half
    return covariance if covariance.diagonal().max() < _FLAT_VARIANCE else None


def ratio_p(full: Point, null: Point, n_held: int = 1) -> float:
    """P value of the (penalised) likelihood ratio of a fit with ``n_held`` effects held at 0."""
    return float(chi2.sf(max(2 * (full.value - null.value), 0.0), n_held))
