"""The weighted partial likelihood of any covariates, with Firth's penalty if wanted.

Every event is a draw from those at risk. What is at risk is given as a matrix, so that a
subdistribution's weights, delayed entry and strata are all the same thing here.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.survival.risk import BoolArray, FloatArray, IntArray

_STEP_TOLERANCE = 1e-11
_LARGEST_STEP = 2.0
"""Of the linear predictor's range in one step: what stops a first step from overshooting."""
_OUT_OF_SIGHT = 30.0
"""A linear predictor this spread out is on its way to infinity."""
_N_ITERATION = 60
_N_HALVING = 30
_ROUNDING = 1e-12
"""A fall of the likelihood this small beside it is none."""

_FLAT = 1e-10
"""An information this small beside the covariate's own spread: nothing is learned of it."""


@dataclass(frozen=True)
class Draws:
    """E events, each drawn from those at risk; rows of one time and stratum lie together."""

    at_risk: NDArray[np.float64]
    """Shape (E, n): weight of each participant in the draw (Efron: tied events count less)."""
    chosen: NDArray[np.float64]
    """Shape (E, n): 1 / d for each of the d participants whose events are tied; rows sum to 1."""


@dataclass(frozen=True)
class Moments:
    """Log likelihood and what follows from the mean and spread of the covariates at risk."""

    log_likelihood: float
    score: NDArray[np.float64]
    information: NDArray[np.float64]
    third: NDArray[np.float64]
    """Derivative of the information, shape (p, p, p)."""
    penalised: float
    """Log likelihood + half the log determinant of the information."""
    penalised_score: NDArray[np.float64]


@dataclass(frozen=True)
class Maximum:
    """Where the (penalised) likelihood is largest, or where the climb was given up."""

    coefficient: NDArray[np.float64]
    moments: Moments
    is_converged: bool


def draws(at_risk: FloatArray, place: IntArray, event: IntArray, *, efron: bool) -> Draws:
    """Draws from the risk set of each event.

    ``at_risk`` has a row for each time (shape (m, n)), ``event`` the places of the participants
    with an event and ``place`` the row of each.
    """
    order = np.argsort(place, kind="stable")
    place, event = place[order], event[order]
    n_tied = np.bincount(place, minlength=len(at_risk))[place]
    nth = np.arange(len(place)) - np.searchsorted(place, place, side="left")
    own = np.zeros_like(at_risk)
    np.add.at(own, (place, event), 1.0)
    gone = (nth / n_tied if efron else np.zeros(len(place)))[:, None] * own[place]
    return Draws(at_risk[place] * (1 - gone), own[place] / n_tied[:, None])


def moments(drawn: Draws, covariate: FloatArray, coefficient: FloatArray) -> Moments:
    """Log likelihood, score, information and its derivative at a coefficient."""
    eta = covariate @ coefficient
    share, log_total = shares(drawn, eta)
    mean = share @ covariate
    score = (drawn.chosen @ covariate - mean).sum(axis=0)
    n, p = covariate.shape
    pair = (covariate[:, :, None] * covariate[:, None, :]).reshape(n, p * p)
    second = (share @ pair).reshape(-1, p, p)
    spread = second - mean[:, :, None] * mean[:, None, :]
    triple = (pair[:, :, None] * covariate[:, None, :]).reshape(n, p**3)
    third = (share @ triple).reshape(-1, p, p, p)
    third = third - (
        second[:, :, :, None] * mean[:, None, None, :]
        + second[:, :, None, :] * mean[:, None, :, None]
        + second[:, None, :, :] * mean[:, :, None, None]
        - 2 * mean[:, :, None, None] * mean[:, None, :, None] * mean[:, None, None, :]
    )
    log_likelihood = float((drawn.chosen @ eta - log_total).sum())
    return _penalised(log_likelihood, score, spread.sum(axis=0), third.sum(axis=0))


def _penalised(
    log_likelihood: float, score: FloatArray, information: FloatArray, third: FloatArray
) -> Moments:
    sign, log_determinant = np.linalg.slogdet(information)
    if sign <= 0:
        nothing = np.full_like(score, np.nan)
        return Moments(log_likelihood, score, information, third, -np.inf, nothing)
    correction = np.einsum("ab,abc->c", np.linalg.inv(information), third) / 2
    penalised = log_likelihood + float(log_determinant) / 2
    return Moments(log_likelihood, score, information, third, penalised, score + correction)


def shares(drawn: Draws, eta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Probability that each participant is the one drawn, and the log of the sum at risk."""
    top = np.where(drawn.at_risk > 0, eta, -np.inf).max(axis=1)
    relative = drawn.at_risk * np.exp(np.minimum(eta - top[:, None], 0.0))
    total = relative.sum(axis=1)
    return relative / total[:, None], np.log(total) + top


def is_flat(drawn: Draws, covariate: FloatArray) -> bool:
    """Whether some combination of covariates never differs among those at risk."""
    information = moments(drawn, covariate, np.zeros(covariate.shape[1])).information
    spread = np.sqrt(covariate.var(axis=0))
    if (spread <= 0).any() or not len(spread):
        return True
    scaled = information / np.outer(spread, spread) / len(drawn.chosen)
    return bool(np.linalg.eigvalsh(scaled).min() <= _FLAT)


def maximise(
    drawn: Draws,
    covariate: FloatArray,
    *,
    firth: bool,
    start: FloatArray | None = None,
    is_free: BoolArray | None = None,
    step_tolerance: float = _STEP_TOLERANCE,
) -> Maximum:
    """Climb by Newton's steps, shortened where they go too far; fixed coefficients stay."""
    p = covariate.shape[1]
    here = np.zeros(p) if start is None else start.astype(np.float64)
    free = np.ones(p, dtype=np.bool_) if is_free is None else is_free
    now = moments(drawn, covariate, here)
    for _ in range(_N_ITERATION):
        step = _step(now, free, firth=firth)
        if step is None or (not firth and np.ptp(covariate @ here) > _OUT_OF_SIGHT):
            return Maximum(here, now, False)
        reach = float(np.ptp(covariate @ step)) or 0.0
        step *= min(1.0, _LARGEST_STEP / reach) if reach > 0 else 1.0
        if np.abs(step).max(initial=0.0) < step_tolerance * (1 + np.abs(here).max(initial=0.0)):
            return Maximum(here, now, True)
        step, there = _shortened(drawn, covariate, (here, step, now), firth=firth)
        here, now = here + step, there
    return Maximum(here, now, False)


def _shortened(
    drawn: Draws,
    covariate: FloatArray,
    at: tuple[FloatArray, FloatArray, Moments],
    *,
    firth: bool,
) -> tuple[FloatArray, Moments]:
    """The step, or a part of it where it goes down or far past the top, and what is found there.

    Newton's step with the plain information can be twice as long as the penalised likelihood
    wants and would go to and fro for ever; where the slope has turned, the next try is where a
    straight slope would vanish.
    """
    here, step, now = at
    slope = float(_score(now, firth=firth) @ step)
    for _ in range(_N_HALVING):
        there = moments(drawn, covariate, here + step)
        slope_there = float(_score(there, firth=firth) @ step)
        fall = _height(now, firth=firth) - _height(there, firth=firth)
        is_up = fall <= _ROUNDING * (1 + abs(now.log_likelihood))
        if is_up and slope_there >= -slope / 2:
            break
        part = slope / (slope - slope_there) if slope_there < 0 < slope else 0.5
        part = min(max(part, 0.1), 0.9)
        step, slope = part * step, part * slope
    return step, there


def _score(at: Moments, *, firth: bool) -> FloatArray:
    return at.penalised_score if firth else at.score


def _height(at: Moments, *, firth: bool) -> float:
    return at.penalised if firth else at.log_likelihood


def _step(now: Moments, free: BoolArray, *, firth: bool) -> FloatArray | None:
    """Newton step of the free coefficients; None where the information is not positive."""
    score = _score(now, firth=firth)
    step = np.zeros(len(score))
    if not free.any():
        return step
    try:
        step[free] = np.linalg.solve(now.information[np.ix_(free, free)], score[free])
    except np.linalg.LinAlgError:
        return None
    return step if np.isfinite(step).all() else None
