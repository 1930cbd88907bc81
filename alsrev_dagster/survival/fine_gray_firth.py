"""Fine and Gray's model with Firth's penalty, for few events and for separation."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import chi2

from alsrev_dagster.survival.fine_gray import (
    FitStatus,
    Subdistribution,
    Ties,
    status_before,
    subdistribution_of,
)
from alsrev_dagster.survival.fine_gray_variance import covariances
from alsrev_dagster.survival.risk import FloatArray, IntArray
from alsrev_dagster.survival.weighted_partial import Maximum, maximise

_HALF_CUT = float(chi2.ppf(0.95, 1)) / 2
_STEP_TOLERANCE = 1e-7
"""Of the other coefficients along a profile: an error of its square in the likelihood."""

_END_TOLERANCE = 1e-8
_FURTHEST = 64.0
"""Standard errors from the estimate beyond which an end of an interval is infinite."""


@dataclass(frozen=True)
class FineGrayFirthFit:
    """Penalised coefficients with profile intervals; all NaN unless ``fit_status`` is ok."""

    n_event: int
    fit_status: FitStatus
    coefficient: NDArray[np.float64]
    standard_error: NDArray[np.float64]
    """From the inverse information at the estimate; the interval is not made of it."""
    standard_error_robust: NDArray[np.float64]
    hazard_ratio: NDArray[np.float64]
    ci_lower: NDArray[np.float64]
    """Of the hazard ratio, by profile likelihood; 0 where no end is found."""
    ci_upper: NDArray[np.float64]
    """Infinite where no end is found."""
    p_value: NDArray[np.float64]
    """Of the penalised likelihood ratio, each coefficient against 0."""
    penalised_log_likelihood: float


def fine_gray_firth(
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
) -> FineGrayFirthFit:
    """Coefficients that maximise the weighted partial likelihood times the root information.

    Parameters
    ----------
    duration_months, event_code, covariate, cause, entry_months, stratum, weight_stratum, cluster
        As in :func:`fine_gray`.
    ties
        Efron's or Breslow's likelihood of tied events.

    Returns
    -------
    FineGrayFirthFit
        Finite also when one group has all the events.

    Raises
    ------
    InputDataError
        As :func:`fine_gray`.

    Notes
    -----
    The weights of the subdistribution are taken as known and Firth's correction is the one of
    the weighted likelihood [1]_ [2]_. Without competing events it is Firth's Cox model exactly.
    With them the likelihood is not one of the data: interval and P value by its ratio are an
    approximation, which the robust standard error beside them checks.

    References
    ----------
    .. [1] Firth (1993), Biometrika 80:27; Heinze & Schemper (2001), Biometrics 57:114.
    .. [2] Geskus (2011), Biometrics 67:39-49.

    Examples
    --------
    >>> months, code = np.array([1.0, 2, 3, 4, 5, 6]), np.array([1, 1, 2, 0, 0, 0])
    >>> fit = fine_gray_firth(months, code, np.array([[1.0], [1], [0], [0], [0], [0]]))
    >>> fit.fit_status, bool(0 < fit.coefficient[0] < 5)
    ('ok', True)
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
    best = maximise(found.drawn, found.covariate, firth=True)
    if not best.is_converged:
        return _unfitted(found, "not_converged")
    return _fitted(found, best)


def _fitted(found: Subdistribution, best: Maximum) -> FineGrayFirthFit:
    inverse, robust, _ = covariances(found.drawn, found.covariate, best, observed=found.observed)
    error = np.sqrt(np.diagonal(inverse))
    profiles = [_Profile(found, best, index) for index in range(len(error))]
    fall = np.array([profile.fall(0.0) for profile in profiles])
    lower = [one.end(-error[k]) for k, one in enumerate(profiles)]
    upper = [one.end(error[k]) for k, one in enumerate(profiles)]
    with np.errstate(over="ignore"):  # a covariate in tiny units has ratios beyond every double
        ratio, ci_lower, ci_upper = np.exp(np.array([best.coefficient, lower, upper]))
    return FineGrayFirthFit(
        n_event=len(found.drawn.chosen),
        fit_status="ok",
        coefficient=best.coefficient,
        standard_error=error,
        standard_error_robust=np.sqrt(np.diagonal(robust)),
        hazard_ratio=ratio,
        ci_lower=ci_lower,
        ci_upper=ci_upper,
        p_value=chi2.sf(2 * np.maximum(fall, 0.0), 1),
        penalised_log_likelihood=best.moments.penalised,
    )


def _unfitted(found: Subdistribution, status: FitStatus) -> FineGrayFirthFit:
    nothing = np.full(found.covariate.shape[1], np.nan)
    return FineGrayFirthFit(
        n_event=len(found.drawn.chosen),
        fit_status=status,
        coefficient=nothing,
        standard_error=nothing,
        standard_error_robust=nothing,
        hazard_ratio=nothing,
        ci_lower=nothing,
        ci_upper=nothing,
        p_value=nothing,
        penalised_log_likelihood=float("nan"),
    )


class _Profile:
    """Penalised likelihood of one coefficient, the others at their best."""

    def __init__(self, found: Subdistribution, best: Maximum, index: int) -> None:
        self._found, self._best, self._index = found, best, index
        self._is_free = np.arange(len(best.coefficient)) != index
        self._last = best.coefficient

    def fall(self, value: float) -> float:
        """How far the penalised log likelihood lies below its maximum."""
        start = self._last.copy()
        start[self._index] = value
        found = maximise(
            self._found.drawn,
            self._found.covariate,
            firth=True,
            start=start,
            is_free=self._is_free,
            step_tolerance=_STEP_TOLERANCE,
        )
        self._last = found.coefficient
        return self._best.moments.penalised - found.moments.penalised

    def end(self, reach: float) -> float:
        """End of the 95% interval on the side of ``reach``, one standard error away or so."""
        middle = float(self._best.coefficient[self._index])

        def below(value: float) -> float:
            return self.fall(value) - _HALF_CUT

        far = 2.0
        while below(middle + far * reach) < 0:
            far *= 2
            if far > _FURTHEST:
                return float(np.copysign(np.inf, reach))
        return float(brentq(below, middle, middle + far * reach, xtol=_END_TOLERANCE))
