"""Two-stage model: predicted course of a mixed model as a covariate of a Cox model of death."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from alsrev_dagster.survival.joint_data import JointData
from alsrev_dagster.survival.joint_model import Estimates, is_separated, wald
from alsrev_dagster.survival.mixed_model import mixed_model
from alsrev_dagster.survival.risk import FloatArray

TWO_STAGE = "two-stage: biased toward the null"
"""What every result says of itself: the error of a predicted course is ignored."""

TwoStageStatus = Literal["ok", "no_events", "separated", "not_estimable", "not_converged"]

_N_STEP = 30
_NEAR = 1e-9


@dataclass(frozen=True)
class TwoStageFit:
    """Log hazard ratios of a Cox model that knows the predicted score; see ``method``."""

    method: str
    fit_status: TwoStageStatus
    n_person: int
    n_event: int
    risk: Estimates
    """Of the hazard's covariates, the genotype among them."""
    association: Estimates
    """A point of the predicted score at that time."""
    log_likelihood: float


def two_stage(data: JointData) -> TwoStageFit:
    """Mixed model first, then Cox's with its predicted current value; biased toward the null.

    Parameters
    ----------
    data
        As joint_data makes it, with association ``value``; its baseline is not used.

    Returns
    -------
    TwoStageFit
        ``method`` is "two-stage: biased toward the null".

    Notes
    -----
    The mixed model takes death as missing at random; its prediction is then treated as known,
    though it is shrunken and unsure: the association comes out nearer to 0 than it is, its
    standard error too small [1]_, and the genotype takes over part of it. The prediction at a
    time uses later scores as well. A first look and a start, nothing to report; the joint model
    is the remedy. Efron's ties; at risk when entry < t <= exit.

    References
    ----------
    .. [1] Tsiatis & Davidian (2004), Statistica Sinica 14:809; Sweeting & Thompson (2011), Biom J
       53:750.
    """
    n_risk = data.risk.shape[1]
    nan = np.full(n_risk + 1, np.nan)
    counts = (len(data.event), int(data.event.sum()))
    if counts[1] == 0:
        return _result("no_events", counts, nan, nan, float("nan"))
    if is_separated(data.risk, data.event):
        return _result("separated", counts, nan, nan, float("nan"))
    scores = mixed_model(data.visits.score, data.fixed, data.random, data.visits.person)
    if scores.fit_status not in ("ok", "singular"):
        is_rank = scores.fit_status == "not_estimable"
        status: TwoStageStatus = "not_estimable" if is_rank else "not_converged"
        return _result(status, counts, nan, nan, float("nan"))
    sets = _risk_sets(data, scores.coefficient, scores.random_effect)
    at = np.zeros(n_risk + 1)
    value, score, information = _partial(sets, at)
    for _ in range(_N_STEP):
        if np.linalg.cond(information) > 1e13:
            return _result("not_estimable", counts, nan, nan, float("nan"))
        step = np.linalg.solve(information, score)
        if score @ step < _NEAR:
            error = np.sqrt(np.diag(np.linalg.inv(information)))
            return _result("ok", counts, at, error, value)
        length, moved = 1.0, _partial(sets, at + step)
        while moved[0] < value and length > _NEAR:
            length /= 2
            moved = _partial(sets, at + length * step)
        at = at + length * step
        value, score, information = moved
    return _result("not_converged", counts, nan, nan, float("nan"))


RiskSet = tuple[FloatArray, int]
"""Covariates of who is at risk at an event time, those with the event first; and how many."""


def _risk_sets(data: JointData, coefficient: FloatArray, effect: FloatArray) -> list[RiskSet]:
    """Covariates with the predicted score, at each distinct time of death."""
    entry, until = data.followed.entry_months, data.followed.duration_months
    sets = []
    for t in np.unique(until[data.event]):
        at_risk = (entry < t) & (until >= t)
        dies = data.event & (until == t)
        who = np.concatenate([np.flatnonzero(dies), np.flatnonzero(at_risk & ~dies)])
        fixed = data.design(np.full(len(who), t), who) @ coefficient
        predicted = fixed + effect[who, 0] + effect[who, 1] * t
        sets.append((np.column_stack([data.risk[who], predicted]), int(dies.sum())))
    return sets


def _partial(sets: list[RiskSet], at: FloatArray) -> tuple[float, FloatArray, FloatArray]:
    """Efron's log partial likelihood, its slope and its information."""
    value, score = 0.0, np.zeros(len(at))
    information = np.zeros((len(at), len(at)))
    for covariate, n_event in sets:
        eta = covariate @ at
        highest = float(eta.max())
        weight = np.exp(eta - highest)
        value += float(eta[:n_event].sum())
        score += covariate[:n_event].sum(axis=0)
        for j in range(n_event):
            w = weight.copy()
            w[:n_event] *= 1 - j / n_event
            total = w.sum()
            mean = w @ covariate / total
            apart = covariate - mean
            value -= float(np.log(total)) + highest
            score -= mean
            information += (apart * w[:, None]).T @ apart / total
    return value, score, information


def _result(
    status: TwoStageStatus,
    counts: tuple[int, int],
    value: FloatArray,
    error: FloatArray,
    log_likelihood: float,
) -> TwoStageFit:
    return TwoStageFit(
        method=TWO_STAGE,
        fit_status=status,
        n_person=counts[0],
        n_event=counts[1],
        risk=wald(value[:-1], error[:-1]),
        association=wald(value[-1:], error[-1:]),
        log_likelihood=log_likelihood,
    )
