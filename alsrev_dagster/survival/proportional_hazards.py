"""Whether hazards are proportional: the score test for a coefficient that changes over time."""

from typing import Literal

import numpy as np
from scipy.stats import chi2, rankdata

from alsrev_dagster.survival.cox_data import CoxData
from alsrev_dagster.survival.cox_likelihood import EventMoments, Ties, event_moments, likelihood
from alsrev_dagster.survival.risk import FloatArray, IntArray, follow_up

Transform = Literal["rank", "km", "identity"]

_NO_SPREAD = 1e-12
"""Part of the time's information that the coefficients leave, at most this: rounding."""


def proportional_hazards_p(
    data: CoxData, coefficient: FloatArray, *, transform: Transform = "rank", ties: Ties = "efron"
) -> FloatArray:
    """P value of each covariate's test that its coefficient does not change with time.

    Parameters
    ----------
    data
        Rows the model was fitted to.
    coefficient
        Shape (k,): the maximum of the partial likelihood. At another one the test is biased.
    transform
        Time as the coefficient may follow it: rank of the event time among all events (ties:
        average rank), km (1 - Kaplan-Meier just before; R's default) or identity.

    Returns
    -------
    FloatArray
        Shape (k + 1,): one degree of freedom for each covariate, the others adjusted for, and
        last the global test of k degrees; NaN where the data cannot tell.

    Notes
    -----
    The variance is summed over event times, as R's cox.zph does since survival 3.0, not taken
    as constant as in Grambsch & Therneau 1994. With delayed entry km is that of the risk sets.

    km and identity are R's to the last digits, with strata and weights. rank is not: since 3.0 R
    ranks the ends of all rows, censored ones and those cut at a change of state too, so that its
    P value changes when a row is cut in two; here, as in R before 3.0, events are ranked.

    References
    ----------
    .. [1] Grambsch & Therneau (1994), Biometrika 81:515-526; R survival 3.0, cox.zph.
    """
    k = len(data.name)
    if not data.n_event:
        return np.full(k + 1, np.nan)
    of = event_moments(likelihood(data, ties), coefficient)
    score, information = _score_and_information(data, of, _time(data, transform))
    each = [_p_value(score, information, np.array([j])) for j in range(k)]
    return np.array([*each, _p_value(score, information, np.arange(k))])


def schoenfeld(
    data: CoxData, coefficient: FloatArray, *, ties: Ties = "efron"
) -> tuple[FloatArray, FloatArray]:
    """Sum of the Schoenfeld residuals at each stratum x event time, (g, k), and its covariance."""
    of = event_moments(likelihood(data, ties), coefficient)
    n_group, k = len(data.group_first), len(data.name)
    expected, covariance = np.zeros((n_group, k)), np.zeros((n_group, k, k))
    np.add.at(expected, of.group, of.mean * of.weight[:, None])
    np.add.at(covariance, of.group, of.covariance * of.weight[:, None, None])
    return _observed(data) - expected, covariance


def _observed(data: CoxData) -> FloatArray:
    """Weighted sum of the (centred) covariates of each group's events."""
    centred = (data.covariate - data.covariate.mean(axis=0)) * data.weight[:, None]
    number = np.cumsum(np.isin(np.arange(len(data.event)), data.group_first)) - 1
    total = np.zeros((len(data.group_first), len(data.name)))
    np.add.at(total, number[data.event], centred[data.event])
    return total


def _score_and_information(
    data: CoxData, of: EventMoments, time: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Score (k,) of covariates x time, and information (2k, 2k) of covariates and of these."""
    expected = np.zeros((len(time), len(data.name)))
    np.add.at(expected, of.group, of.mean * of.weight[:, None])
    score = time @ (_observed(data) - expected)
    each = of.covariance * of.weight[:, None, None]
    at = time[of.group][:, None, None]
    plain, mixed, squared = each.sum(axis=0), (each * at).sum(axis=0), (each * at**2).sum(axis=0)
    return score, np.block([[plain, mixed], [mixed.T, squared]])


def _p_value(score: FloatArray, information: FloatArray, chosen: IntArray) -> float:
    """Score test of some covariates x time, all the covariates' own coefficients adjusted for."""
    k = len(score)
    plain, mixed = information[:k, :k], information[:k, k + chosen]
    squared = information[np.ix_(k + chosen, k + chosen)]
    left = squared - mixed.T @ np.linalg.solve(plain, mixed)
    if (np.diag(left) <= _NO_SPREAD * np.diag(squared)).any():
        return float("nan")
    statistic = score[chosen] @ np.linalg.solve(left, score[chosen])
    return float(chi2.sf(statistic, len(chosen)))


def _time(data: CoxData, transform: Transform) -> FloatArray:
    """Transformed time of each group, centred on the mean over events."""
    time, n_tied = data.kernel[3], data.kernel[5]
    if transform == "rank":
        value = rankdata(np.repeat(time, n_tied))[np.cumsum(n_tied) - n_tied]
    elif transform == "km":
        value = _left_before(data, time)
    else:
        value = time.copy()
    centred: FloatArray = value - np.average(value, weights=n_tied)
    return centred


def _left_before(data: CoxData, time: FloatArray) -> FloatArray:
    """One minus the Kaplan-Meier estimate just before each time, over all strata, unweighted."""
    distinct = np.unique(time)
    n_event = np.zeros(len(distinct))
    np.add.at(n_event, np.searchsorted(distinct, time), data.kernel[5])
    followed = follow_up(data.duration_months, data.entry_months)
    free = np.cumprod(1 - n_event / followed.n_at_risk(distinct))
    before = np.concatenate([[1.0], free[:-1]])
    lost: FloatArray = 1 - before[np.searchsorted(distinct, time)]
    return lost
