"""Firth's penalised Cox model: finite estimates when a covariate separates, less bias elsewhere."""

import numpy as np
from scipy.stats import chi2

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.cox_data import CoxData
from alsrev_dagster.survival.cox_fit import is_flat, unfitted
from alsrev_dagster.survival.cox_likelihood import (
    RULE,
    Likelihood,
    Peak,
    Ties,
    at,
    is_faint,
    likelihood,
    peak,
)
from alsrev_dagster.survival.cox_model import CoxModel, FitStatus, Method
from alsrev_dagster.survival.kernel.cox_climb import profile_bound
from alsrev_dagster.survival.risk import FloatArray
from alsrev_dagster.survival.separation import is_separated

_DROP_95 = float(chi2.isf(0.05, 1))
"""Twice the fall of the penalised log likelihood at the ends of a 95% interval."""

_METHOD: Method = "cox_firth_lrt"


def firth_cox(data: CoxData, *, ties: Ties = "efron", terms: tuple[str, ...] = ()) -> CoxModel:
    """Hazard ratios of the partial likelihood penalised by Jeffreys' prior.

    Parameters
    ----------
    data
        Rows of :func:`cox_data`: delayed entry, strata, several rows to a person.
    ties
        efron: likelihood, information and penalty are all Efron's. breslow: those of coxphf
        and firthmodels, to compare.
    terms
        Covariates whose interval and P value are wanted; all when empty. The others' are NaN.

    Returns
    -------
    CoxModel
        ``fit_status`` ok; separated (there is no ordinary estimate; this one is finite, and
        its interval is long on one side); no_events, monomorphic, collinear or not_converged,
        with NaN. The interval is that of the profile penalised likelihood, an end NaN where
        it is not found; the P value that of the penalised likelihood ratio with the penalty of
        the whole model; the standard error is of the inverse information at the estimate.

    Raises
    ------
    InputDataError
        If rows are weighted or clustered: a profile of a weighted likelihood covers nothing.

    Notes
    -----
    log L(b) + log |I(b)| / 2 is maximised by Newton steps with its exact second derivative,
    halved if need be. The penalty pulls to equal hazards, so that with few events a wide
    interval is the message, not the estimate. Assumptions are those of :func:`cox_fit`.

    References
    ----------
    .. [1] Heinze & Schemper (2001), Biometrics 57:114-119, equations 2 to 4; Firth (1993),
       Biometrika 80:27-38.

    Examples
    --------
    Of two people, the carrier has the event while the other is at risk (Heinze & Schemper,
    section 2): the ordinary estimate is infinite, this one is log 3.

    >>> import pandas as pd
    >>> from alsrev_dagster.survival.cox_data import cox_data
    >>> two = pd.DataFrame({"entry_months": 0.0, "duration_months": [1.0, 2.0],
    ...                     "event": [True, False], "carrier": [1, 0]})
    >>> fit = firth_cox(cox_data(two, ["carrier"]))
    >>> fit.fit_status, round(float(fit.hazard_ratio[0]), 6)
    ('separated', 3.0)
    """
    if data.is_robust:
        raise InputDataError(
            "a penalised Cox model was asked of weighted or clustered rows: expected neither, "
            "because its interval takes the rows as they are; use cox_fit, whose variance is robust"
        )
    of = likelihood(data, ties, is_firth=True)
    status = _status(data, of, ties)
    if status not in ("ok", "separated"):
        return unfitted(data, _METHOD, status)
    top = peak(of)
    if not top.is_found:
        return unfitted(data, _METHOD, "not_converged")
    wanted = [data.index(name) for name in (terms or data.name)]
    return _told(data, of, status, top, wanted)


def _status(data: CoxData, of: Likelihood, ties: Ties) -> FitStatus:
    if data.n_event == 0:
        return "no_events"
    if (np.ptp(data.covariate, axis=0) == 0).any():
        return "monomorphic"
    if is_flat(of):
        return "collinear"
    ordinary = likelihood(data, ties)
    runs_off = is_faint(ordinary, peak(ordinary)) and is_separated(data)
    return "separated" if runs_off else "ok"


def _told(
    data: CoxData, of: Likelihood, status: FitStatus, top: Peak, wanted: list[int]
) -> CoxModel:
    covariance = np.linalg.inv(top.information) / np.outer(of.scale, of.scale)
    coefficient, error = top.coefficient / of.scale, np.sqrt(np.diag(covariance))
    interval, p_value = np.full((2, of.n_term), np.nan), np.full(of.n_term, np.nan)
    for index in wanted:
        p_value[index] = _p_value(of, top, index)
        interval[:, index] = _interval(of, top, index)
    return CoxModel(
        name=data.name,
        method=_METHOD,
        n=data.n,
        n_event=data.n_event,
        fit_status=status,
        coefficient=coefficient,
        standard_error=error,
        hazard_ratio=np.exp(coefficient),
        ci_lower=np.exp(interval[0] / of.scale),
        ci_upper=np.exp(interval[1] / of.scale),
        p_value=p_value,
        covariance=covariance,
        log_likelihood=top.log_likelihood + of.log_scale,
        log_likelihood_null=at(of, np.zeros(of.n_term)).log_likelihood + of.log_scale,
    )


def _p_value(of: Likelihood, top: Peak, index: int) -> float:
    """Penalised likelihood ratio test of one coefficient, the penalty that of the whole model."""
    is_free = np.arange(of.n_term) != index
    start = np.where(is_free, top.coefficient, 0.0)
    null = peak(of, is_free, start)
    fall = max(2 * (top.log_likelihood - null.log_likelihood), 0.0)
    return float(chi2.sf(fall, 1)) if null.is_found else float("nan")


def _interval(of: Likelihood, top: Peak, index: int) -> FloatArray:
    """Both ends of the profile interval of one scaled coefficient."""
    rule, height = (of.data, of.is_efron, of.is_firth, RULE), top.log_likelihood
    ends = [
        profile_bound(*rule, top.coefficient, height, index, side, _DROP_95) for side in (-1, 1)
    ]
    return np.array(ends, dtype=np.float64)
