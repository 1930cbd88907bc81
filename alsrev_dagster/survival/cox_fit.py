"""Cox partial likelihood of several covariates: the maximum, and its variance."""

import numpy as np
from scipy.stats import chi2, norm

from alsrev_dagster.survival.cox_data import CoxData
from alsrev_dagster.survival.cox_lifelines import lifelines_coefficient
from alsrev_dagster.survival.cox_likelihood import (
    Likelihood,
    Peak,
    Ties,
    at,
    is_faint,
    likelihood,
    peak,
    residuals,
)
from alsrev_dagster.survival.cox_model import CoxModel, FitStatus, Method
from alsrev_dagster.survival.risk import FloatArray
from alsrev_dagster.survival.separation import is_separated

Z_95 = float(norm.isf(0.025))

_FLAT = 1e-10
"""Least eigenvalue of the information per event, in standard deviations, that tells anything."""


_LEVEL = 1e-8
"""Fall of the log likelihood at most this far below the maximum is still the maximum."""


def cox_fit(data: CoxData, *, ties: Ties = "efron") -> CoxModel:
    """Maximum partial likelihood: hazard ratios, Wald intervals and P values.

    Parameters
    ----------
    data
        Rows of :func:`cox_data`: delayed entry, strata, weights, clusters, several rows each.
    ties
        efron, or breslow to compare with programs that have no other.

    Returns
    -------
    CoxModel
        ``fit_status`` ok; no_events; monomorphic (a covariate does not vary); collinear (the
        data at risk do not tell covariates apart); separated (no finite maximum); or
        not_converged. The numbers are NaN unless ok.

    Notes
    -----
    With weights or clusters the variance is the robust one, the sum over clusters of the
    squared weighted score residuals between inverse informations (Lin & Wei 1989; Binder 1992
    for sampling weights). It is too small with few clusters. Assumes proportional hazards, and
    entry, censoring and sampling independent of the event given covariates and strata.

    The coefficients are lifelines' where rows are unweighted, unclustered and one to a person,
    ties are Efron's and lifelines finds the maximum (with a handful of carriers it may not: its
    steps overflow), and those of the compiled likelihood elsewhere.

    References
    ----------
    .. [1] Cox (1972), JRSS B 34:187; Efron (1977), JASA 72:557; Andersen & Gill (1982), Ann
       Statist 10:1100.
    .. [2] Lin & Wei (1989), JASA 84:1074; Binder (1992), Biometrika 79:139.
    """
    of = likelihood(data, ties)
    method: Method = "cox_robust_wald" if data.is_robust else "cox_wald"
    status = _unfit_status(data, of)
    if status != "ok":
        return unfitted(data, method, status)
    found = peak(of)
    if is_faint(of, found) and is_separated(data):
        return unfitted(data, method, "separated")
    if not found.is_found:
        return unfitted(data, method, "not_converged")
    return _told(data, of, method, _coefficient(data, of, found))


def _coefficient(data: CoxData, of: Likelihood, found: Peak) -> FloatArray:
    """Return lifelines' coefficients where they are at the maximum, else the compiled ones."""
    compiled = found.coefficient / of.scale
    if not of.is_efron or data.is_robust or data.is_split:
        return compiled
    theirs = lifelines_coefficient(data)
    if theirs is None or not at(of, theirs).log_likelihood > found.log_likelihood - _LEVEL:
        return compiled
    return theirs


def _unfit_status(data: CoxData, of: Likelihood) -> FitStatus:
    """Why there is nothing to be fitted; ok where there is."""
    if data.n_event == 0:
        return "no_events"
    if (np.ptp(data.covariate, axis=0) == 0).any():
        return "monomorphic"
    if is_flat(of):
        return "separated" if len(data.name) == 1 else "collinear"
    return "ok"


def is_flat(of: Likelihood) -> bool:
    """Whether the likelihood does not change along some direction: nobody at risk differs."""
    information = at(of, np.zeros(of.n_term)).information
    lowest = np.linalg.eigvalsh(information).min(initial=np.inf)
    return bool(lowest < _FLAT * float(of.data[5].sum()))


def unfitted(data: CoxData, method: Method, status: FitStatus) -> CoxModel:
    """Return the counts, and no numbers."""
    k, none = len(data.name), float("nan")
    nan = np.full(k, none)
    return CoxModel(
        name=data.name,
        method=method,
        n=data.n,
        n_event=data.n_event,
        fit_status=status,
        coefficient=nan,
        standard_error=nan,
        hazard_ratio=nan,
        ci_lower=nan,
        ci_upper=nan,
        p_value=nan,
        covariance=np.full((k, k), none),
        log_likelihood=none,
        log_likelihood_null=none,
    )


def robust_covariance(
    data: CoxData, of: Likelihood, coefficient: FloatArray, naive: FloatArray
) -> FloatArray:
    """Covariance (k, k) from the score residuals summed within clusters: Lin & Wei's sandwich."""
    _, score = residuals(of, coefficient, data.event)
    influence = (score * data.weight[:, None]) @ naive
    number = np.unique(data.cluster, return_inverse=True)[1]
    total = np.zeros((number.max() + 1, influence.shape[1]))
    np.add.at(total, number, influence)
    covariance: FloatArray = total.T @ total
    return covariance


def _told(data: CoxData, of: Likelihood, method: Method, coefficient: FloatArray) -> CoxModel:
    top, null = at(of, coefficient), at(of, np.zeros_like(coefficient))
    covariance = np.linalg.inv(top.information) / np.outer(of.scale, of.scale)
    if data.is_robust:
        covariance = robust_covariance(data, of, coefficient, covariance)
    error = np.sqrt(np.diag(covariance))
    return CoxModel(
        name=data.name,
        method=method,
        n=data.n,
        n_event=data.n_event,
        fit_status="ok",
        coefficient=coefficient,
        standard_error=error,
        hazard_ratio=np.exp(coefficient),
        ci_lower=np.exp(coefficient - Z_95 * error),
        ci_upper=np.exp(coefficient + Z_95 * error),
        p_value=chi2.sf((coefficient / error) ** 2, 1),
        covariance=covariance,
        log_likelihood=top.log_likelihood,
        log_likelihood_null=null.log_likelihood,
    )
