"""Accelerated failure time: how much longer or shorter time to the event is; lifelines fits it."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from lifelines import LogLogisticAFTFitter, LogNormalAFTFitter, WeibullAFTFitter
from lifelines.exceptions import ConvergenceError, ConvergenceWarning, StatisticalWarning
from lifelines.fitters import ParametericAFTRegressionFitter
from scipy.stats import chi2

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.cox_data import CoxData, cox_data
from alsrev_dagster.survival.cox_fit import Z_95
from alsrev_dagster.survival.cox_model import FitStatus
from alsrev_dagster.survival.risk import FloatArray

Distribution = Literal["weibull", "log_normal", "log_logistic"]

_FITTER = {
    "weibull": (WeibullAFTFitter, "lambda_", "rho_"),
    "log_normal": (LogNormalAFTFitter, "mu_", "sigma_"),
    "log_logistic": (LogLogisticAFTFitter, "alpha_", "beta_"),
}
"""Of each distribution lifelines' fitter, and its names of the location and of the shape."""

# lifelines' defaults stop at 1e-6 of the mean log likelihood for the log-logistic.
_FIT_OPTIONS: dict[Distribution, dict[str, float]] = {
    "weibull": {"ftol": 1e-15, "maxiter": 500},
    "log_normal": {"gtol": 1e-7},
    "log_logistic": {"ftol": 1e-15, "maxiter": 500},
}

_IS_SCALE = {"weibull": False, "log_normal": True, "log_logistic": False}
"""Whether lifelines' second parameter is the scale of log time, or one over it."""


@dataclass(frozen=True)
class AftModel:
    """log T = intercept + coefficient x + scale e; arrays of shape (k,), NaN unless ok.

    A ``time_ratio`` above 1 means that time to the event is longer: slower recovery, or later
    death. It is the other way round with a hazard ratio.
    """

    name: tuple[str, ...]
    distribution: Distribution
    n: int
    n_event: int
    fit_status: FitStatus
    coefficient: FloatArray
    standard_error: FloatArray
    time_ratio: FloatArray
    ci_lower: FloatArray
    """95%, of the time ratio, Wald's."""
    ci_upper: FloatArray
    p_value: FloatArray
    intercept: float
    scale: float
    """Standard deviation of log time up to the distribution's constant: R's ``scale``."""
    log_likelihood: float
    aic: float


def aft_fit(
    frame: pd.DataFrame, covariates: Sequence[str], *, distribution: Distribution
) -> AftModel:
    """Accelerated failure time model with delayed entry, maximum likelihood.

    Parameters
    ----------
    frame
        One row per participant: entry_months (0 or more), duration_months, event, covariates.
    covariates
        Columns of numbers, or yes or no.
    distribution
        Of time: weibull, log_normal or log_logistic.

    Returns
    -------
    AftModel
        ``fit_status`` ok; no_events; monomorphic; separated (every event is at one end of a
        covariate: no finite estimate); or not_converged.

    Raises
    ------
    InputDataError
        If an entry is below 0: time must have an origin at which nobody has had the event.

    Notes
    -----
    A participant who enters at t contributes the likelihood of the event time given that it is
    after t. The AIC, -2 log L + 2 (k + 2), compares distributions of the same people. Assumes
    that the covariate stretches time by one factor throughout.

    References
    ----------
    .. [1] Kalbfleisch & Prentice (2002), The Statistical Analysis of Failure Time Data, 2nd ed.,
       chapter 7.
    """
    data = cox_data(frame, covariates)
    n_early = int((data.entry_months < 0).sum())
    if n_early:
        raise InputDataError(
            f"{n_early} of {data.n} participants enter before month 0: expected entry_months >= 0, "
            "because a distribution of time needs its origin; choose an earlier origin"
        )
    status = _unfit_status(data)
    fitter = _fitted(data, distribution) if status == "ok" else None
    if fitter is None:
        return _unfitted(data, distribution, "not_converged" if status == "ok" else status)
    return _told(data, distribution, fitter)


def _unfit_status(data: CoxData) -> FitStatus:
    if data.n_event == 0:
        return "no_events"
    low, high = data.covariate.min(axis=0), data.covariate.max(axis=0)
    if (low == high).any():
        return "monomorphic"
    of_events = data.covariate[data.event]
    is_one = of_events.min(axis=0) == of_events.max(axis=0)
    is_end = (of_events[0] == low) | (of_events[0] == high)
    return "separated" if (is_one & is_end).any() else "ok"


def _fitted(data: CoxData, distribution: Distribution) -> ParametericAFTRegressionFitter | None:
    """Fit by lifelines; None where it doubts its result."""
    mean, spread = data.covariate.mean(axis=0), data.covariate.std(axis=0)
    columns = [f"x{index}" for index in range(len(data.name))]
    frame = pd.DataFrame((data.covariate - mean) / spread, columns=columns)
    frame = frame.assign(
        duration_months=data.duration_months, event=data.event, entry_months=data.entry_months
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        warnings.simplefilter("error", StatisticalWarning)
        warnings.simplefilter("ignore", RuntimeWarning)  # steps of the search that are given up
        try:
            return _FITTER[distribution][0]().fit(
                frame,
                "duration_months",
                "event",
                entry_col="entry_months",
                fit_options=_FIT_OPTIONS[distribution],
            )
        except (ConvergenceWarning, ConvergenceError, StatisticalWarning):
            return None


def _told(
    data: CoxData, distribution: Distribution, fitter: ParametericAFTRegressionFitter
) -> AftModel:
    _, location, shape = _FITTER[distribution]
    k = len(data.name)
    mean, spread = data.covariate.mean(axis=0), data.covariate.std(axis=0)
    summary = fitter.summary
    rows = [(location, f"x{index}") for index in range(k)]
    coefficient = summary.loc[rows, "coef"].to_numpy() / spread
    error = summary.loc[rows, "se(coef)"].to_numpy() / spread
    log_shape = float(summary.loc[(shape, "Intercept"), "coef"])
    at_mean = float(summary.loc[(location, "Intercept"), "coef"])
    log_likelihood = float(fitter.log_likelihood_)
    return AftModel(
        name=data.name,
        distribution=distribution,
        n=data.n,
        n_event=data.n_event,
        fit_status="ok",
        coefficient=coefficient,
        standard_error=error,
        time_ratio=np.exp(coefficient),
        ci_lower=np.exp(coefficient - Z_95 * error),
        ci_upper=np.exp(coefficient + Z_95 * error),
        p_value=chi2.sf((coefficient / error) ** 2, 1),
        intercept=at_mean - float(mean @ coefficient),
        scale=float(np.exp(log_shape if _IS_SCALE[distribution] else -log_shape)),
        log_likelihood=log_likelihood,
        aic=2 * (k + 2) - 2 * log_likelihood,
    )


def _unfitted(data: CoxData, distribution: Distribution, status: FitStatus) -> AftModel:
    none = float("nan")
    nan = np.full(len(data.name), none)
    return AftModel(
        name=data.name,
        distribution=distribution,
        n=data.n,
        n_event=data.n_event,
        fit_status=status,
        coefficient=nan,
        standard_error=nan,
        time_ratio=nan,
        ci_lower=nan,
        ci_upper=nan,
        p_value=nan,
        intercept=none,
        scale=none,
        log_likelihood=none,
        aic=none,
    )
