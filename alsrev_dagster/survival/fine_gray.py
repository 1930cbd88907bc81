"""Fine and Gray's model of the subdistribution hazard, weighted for censoring and late entry."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.stats import norm

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.fine_gray_variance import Observed, covariances
from alsrev_dagster.survival.group_counts import refuse_unequal
from alsrev_dagster.survival.nonparametric import Z_95
from alsrev_dagster.survival.risk import FloatArray, IntArray, follow_up
from alsrev_dagster.survival.subdistribution import subdistribution_weights
from alsrev_dagster.survival.weighted_partial import (
    Draws,
    Maximum,
    Moments,
    draws,
    is_flat,
    maximise,
    moments,
)

Ties = Literal["efron", "breslow"]
Variance = Literal["model", "robust", "fine_gray"]
FitStatus = Literal["ok", "no_events", "monomorphic", "separated", "not_converged"]

_FAR = 12.0
"""A linear predictor this spread out, still rising, is on its way to infinity."""

_GONE = 1e-7
"""Information left, of that at 0, below which the likelihood is flat: it has no top."""


@dataclass(frozen=True)
class Wald:
    """Per coefficient; a subdistribution hazard ratio above 1 means more of the event."""

    standard_error: NDArray[np.float64]
    hazard_ratio: NDArray[np.float64]
    ci_lower: NDArray[np.float64]
    ci_upper: NDArray[np.float64]
    p_value: NDArray[np.float64]


@dataclass(frozen=True)
class FineGrayFit:
    """Coefficients with three covariances; all NaN unless ``fit_status`` is ok."""

    n: int
    n_event: int
    n_competing: int
    fit_status: FitStatus
    coefficient: NDArray[np.float64]
    covariance_model: NDArray[np.float64]
    """Inverse information, as if the weights were counts: too small or too large."""
    covariance_robust: NDArray[np.float64]
    """Sandwich of each cluster's score, the weights taken as known."""
    covariance_fine_gray: NDArray[np.float64]
    """Fine and Gray's own, which counts that the censoring was estimated.

    NaN where entry is late: after the first of all exits.
    """
    log_likelihood: float
    log_likelihood_null: float
    conditional_from_months: float
    """Above 0 where competing events up to then count no more after it."""

    def wald(self, variance: Variance = "robust") -> Wald:
        """Standard errors, 95% intervals and P values from one of the covariances."""
        chosen = {
            "model": self.covariance_model,
            "robust": self.covariance_robust,
            "fine_gray": self.covariance_fine_gray,
        }[variance]
        error = np.sqrt(np.diagonal(chosen))
        with np.errstate(over="ignore"):  # a covariate in tiny units has ratios beyond every double
            ratio, lower, upper = np.exp(self.coefficient + np.outer((0, -Z_95, Z_95), error))
        p_value = 2 * norm.sf(np.abs(self.coefficient) / error)
        return Wald(error, ratio, lower, upper, p_value)


@dataclass(frozen=True)
class Subdistribution:
    """Who is drawn from whom: one cause's events with their weighted risk sets."""

    drawn: Draws
    covariate: NDArray[np.float64]
    observed: Observed
    conditional_from_months: float


def fine_gray(
    duration_months: FloatArray,
    event_code: IntArray,
    covariate: FloatArray,
    *,
    cause: int = 1,
    entry_months: FloatArray | None = None,
    stratum: IntArray | None = None,
    weight_stratum: IntArray | None = None,
    cluster: IntArray | None = None,
    ties: Ties = "efron",
) -> FineGrayFit:
    """Coefficients of covariates on the log subdistribution hazard of one cause.

    Parameters
    ----------
    duration_months
        Time from the origin to the first event or to the end of observation, months.
    event_code
        0 where censored, else the number of the event.
    covariate
        Shape (n, p), none missing.
    cause
        The event of interest.
    entry_months
        Time from the origin to the start of observation, months; None when not delayed.
    stratum
        Number of each participant's stratum, with a baseline of its own; None for one.
    weight_stratum
        Within which censoring and entry are alike; None for one over all participants.
    cluster
        Number of each participant's cluster (a family); None where all are independent.
    ties
        Efron's or Breslow's (cmprsk's) likelihood of tied events.

    Returns
    -------
    FineGrayFit
        ``fit_status`` is ok; no_events; monomorphic (a covariate, or a combination, does not
        vary among those at risk); separated (no finite estimate); or not_converged.

    Raises
    ------
    InputDataError
        If a time or covariate is missing, or an exit is not after its entry.

    Notes
    -----
    A weighted Cox model [1]_ [2]_; the weights are those of :func:`subdistribution_weights`.
    With fewer than ten events per covariate use :func:`fine_gray_firth`. Censoring and entry
    must be independent of events and covariates within a weight stratum: if carriers enter
    later or are followed for less, make carriers a stratum of the weights.

    Estimates are those of R's finegray and coxph, ties included, except where an emptied risk set
    starts the weights anew (R gives infinite weights there, or goes on), and of cmprsk's crr where
    no times are tied. ``fine_gray`` errors are crr's, too, with one weight stratum. With several
    crr (cengroup) counts of what the censoring of a group does to the score only the part at events
    of that same group, though its weights stand in the risk sets of all; here all events count.

    References
    ----------
    .. [1] Fine & Gray (1999), JASA 94:496-509.
    .. [2] Geskus (2011), Biometrics 67:39-49.
    .. [3] Lin & Wei (1989), JASA 84:1074-1078.

    Examples
    --------
    >>> months, code = np.array([1.0, 2, 3, 4, 5, 6]), np.array([1, 2, 1, 1, 0, 1])
    >>> fit = fine_gray(months, code, np.array([[1.0], [0], [0], [1], [1], [0]]))
    >>> fit.fit_status, round(float(fit.coefficient[0]), 4)
    ('ok', 0.8341)
    """
    found = subdistribution_of(
        duration_months,
        event_code,
        covariate,
        cause=cause,
        entry_months=entry_months,
        stratum=stratum,
        weight_stratum=weight_stratum,
        cluster=cluster,
        ties=ties,
    )
    status = status_before(found)
    if status != "ok":
        return _unfitted(found, status)
    at_null = moments(found.drawn, found.covariate, np.zeros(found.covariate.shape[1]))
    best = maximise(found.drawn, found.covariate, firth=False)
    status = _status_after(found, best, at_null)
    if status != "ok":
        return _unfitted(found, status)
    return _fitted(found, best, at_null)


def subdistribution_of(
    duration_months: FloatArray,
    event_code: IntArray,
    covariate: FloatArray,
    *,
    cause: int,
    entry_months: FloatArray | None,
    stratum: IntArray | None,
    weight_stratum: IntArray | None,
    cluster: IntArray | None,
    ties: Ties,
) -> Subdistribution:
    """Weighted risk sets of the events of a cause, in strata; covariates are centred."""
    n = len(duration_months)
    covariate = _sound(covariate, n)
    group = np.zeros(n, dtype=np.int64) if stratum is None else stratum
    alike = np.zeros(n, dtype=np.int64) if weight_stratum is None else weight_stratum
    own = np.arange(n) if cluster is None else cluster
    refuse_unequal(n, stratum=group, weight_stratum=alike, cluster=own)
    weights = subdistribution_weights(
        duration_months, event_code, entry_months, cause=cause, weight_stratum=alike
    )
    event = np.flatnonzero(event_code == cause)
    row = np.searchsorted(weights.time_months, duration_months[event])
    _, group = np.unique(group, return_inverse=True)
    key, place = np.unique(np.column_stack([group[event], row]), axis=0, return_inverse=True)
    at_risk = weights.weight[key[:, 1]] * (group == key[:, :1])
    drawn = draws(at_risk, place.ravel(), event, efron=ties == "efron")
    followed = follow_up(duration_months, entry_months)
    months = followed.duration_months
    is_late = followed.entry_months.max(initial=-np.inf) >= months.min(initial=np.inf)
    drawn_at = months[event][np.argsort(place.ravel(), kind="stable")]
    observed = Observed(months, event_code, cause, drawn_at, alike, own, bool(is_late))
    return Subdistribution(drawn, covariate, observed, weights.conditional_from_months)


def status_before(found: Subdistribution) -> FitStatus:
    """Whether there is anything to estimate."""
    if not len(found.drawn.chosen):
        return "no_events"
    return "monomorphic" if is_flat(found.drawn, found.covariate) else "ok"


def _status_after(found: Subdistribution, best: Maximum, at_null: Moments) -> FitStatus:
    """Whether the climb ended on a top, or on the way to infinity."""
    left = eigh(best.moments.information, at_null.information, eigvals_only=True).min()
    is_far = float(np.ptp(found.covariate @ best.coefficient)) > _FAR
    if left < _GONE or (is_far and not best.is_converged):
        return "separated"
    return "ok" if best.is_converged else "not_converged"


def _sound(covariate: FloatArray, n: int) -> FloatArray:
    """Covariates as a centred matrix; a missing one is refused."""
    matrix = np.asarray(covariate, dtype=np.float64)
    if matrix.ndim != 2 or len(matrix) != n:
        raise InputDataError(
            f"covariate has shape {matrix.shape} for {n} participants: expected (n, p); give "
            "one covariate as a matrix of one column"
        )
    n_missing = int((~np.isfinite(matrix)).any(axis=1).sum())
    if n_missing:
        raise InputDataError(
            f"{n_missing} of {n} participants have a covariate that is missing or infinite: "
            "expected numbers; leave those participants out"
        )
    centred: FloatArray = matrix - matrix.mean(axis=0)
    return centred


def _counted(found: Subdistribution) -> tuple[int, int, int]:
    code, cause = found.observed.event_code, found.observed.cause
    return len(code), int((code == cause).sum()), int(((code > 0) & (code != cause)).sum())


def _unfitted(found: Subdistribution, status: FitStatus) -> FineGrayFit:
    p, nan = found.covariate.shape[1], float("nan")
    square = np.full((p, p), nan)
    n, n_event, n_competing = _counted(found)
    return FineGrayFit(
        n, n_event, n_competing, status, np.full(p, nan), square, square, square,
        nan, nan, found.conditional_from_months,
    )  # fmt: skip


def _fitted(found: Subdistribution, best: Maximum, at_null: Moments) -> FineGrayFit:
    from_model, robust, own = covariances(
        found.drawn, found.covariate, best, observed=found.observed
    )
    n, n_event, n_competing = _counted(found)
    return FineGrayFit(
        n=n,
        n_event=n_event,
        n_competing=n_competing,
        fit_status="ok",
        coefficient=best.coefficient,
        covariance_model=from_model,
        covariance_robust=robust,
        covariance_fine_gray=own,
        log_likelihood=best.moments.log_likelihood,
        log_likelihood_null=at_null.log_likelihood,
        conditional_from_months=found.conditional_from_months,
    )
