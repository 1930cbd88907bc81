"""Covariances of Fine and Gray's coefficients: the model's, the sandwich, and their own."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.survival.risk import FloatArray
from alsrev_dagster.survival.weighted_partial import Draws, Maximum, shares


@dataclass(frozen=True)
class Observed:
    """What was seen of each participant, beside the draws."""

    duration_months: NDArray[np.float64]
    event_code: NDArray[np.int64]
    cause: int
    draw_months: NDArray[np.float64]
    """Time of each draw, shape (E,)."""
    weight_stratum: NDArray[np.int64]
    cluster: NDArray[np.int64]
    is_entry_late: bool


def covariances(
    drawn: Draws, covariate: FloatArray, best: Maximum, *, observed: Observed
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Inverse information, sandwich, and Fine and Gray's own (NaN where entry is late)."""
    inverse: FloatArray = np.linalg.inv(best.moments.information).astype(np.float64)
    share, _ = shares(drawn, covariate @ best.coefficient)
    residual = _score_residual(drawn, covariate, share)
    robust = _sandwich(inverse, residual, observed)
    if observed.is_entry_late:
        return inverse, robust, np.full_like(inverse, np.nan)
    whole = residual + _censoring_residual(covariate, share, observed)
    return inverse, robust, _sandwich(inverse, whole, observed)


def _sandwich(inverse: FloatArray, residual: FloatArray, observed: Observed) -> FloatArray:
    _, number = np.unique(observed.cluster, return_inverse=True)
    summed = np.zeros((int(number.max()) + 1, residual.shape[1]))
    np.add.at(summed, number, residual)
    middle: FloatArray = inverse @ (summed.T @ summed) @ inverse
    return middle


def _score_residual(drawn: Draws, covariate: FloatArray, share: FloatArray) -> FloatArray:
    """Part of the score that each participant brings, shape (n, p)."""
    surplus = drawn.chosen - share
    mean = share @ covariate
    residual: FloatArray = surplus.sum(axis=0)[:, None] * covariate - surplus.T @ mean
    return residual


def _censoring_residual(covariate: FloatArray, share: FloatArray, observed: Observed) -> FloatArray:
    """What each participant brings through the estimated censoring (psi of Fine & Gray 1999)."""
    psi = np.zeros_like(covariate)
    for one in np.unique(observed.weight_stratum):
        inside = observed.weight_stratum == one
        psi[inside] = _psi(covariate, share, observed, inside=inside)
    return psi


def _psi(
    covariate: FloatArray, share: FloatArray, observed: Observed, *, inside: NDArray[np.bool_]
) -> FloatArray:
    """Psi of one stratum of the weights; events come before censorings at the same time."""
    months, code = observed.duration_months[inside], observed.event_code[inside]
    time = np.unique(months[code == 0])
    if not len(time):
        return np.zeros((len(months), covariate.shape[1]))
    is_at = (months == time[:, None]) & (code == 0)
    n_at_risk = (is_at | (months > time[:, None])).sum(axis=1)
    pull = _pull(covariate, share, observed, inside=np.flatnonzero(inside), time=time)
    pull = pull / n_at_risk[:, None]
    hazard = is_at.sum(axis=1) / n_at_risk
    is_exposed = (is_at | (months > time[:, None])).astype(np.float64)
    psi: FloatArray = is_at.T.astype(np.float64) @ pull - is_exposed.T @ (hazard[:, None] * pull)
    return psi


def _pull(
    covariate: FloatArray,
    share: FloatArray,
    observed: Observed,
    *,
    inside: NDArray[np.int64],
    time: FloatArray,
) -> FloatArray:
    """q(u): change of the score with the log weights from each time of censoring on."""
    code = observed.event_code[inside]
    competing = inside[(code > 0) & (code != observed.cause)]
    is_later = (observed.draw_months > time[:, None]).astype(np.float64)
    is_gone = (observed.duration_months[competing] <= time[:, None]).astype(np.float64)
    mean, part = share @ covariate, share[:, competing]
    weight = ((is_later @ part) * is_gone) @ covariate[competing]
    around = np.einsum("ce,ei,ci,ep->cp", is_later, part, is_gone, mean, optimize=True)
    pulled: FloatArray = weight - around
    return pulled
