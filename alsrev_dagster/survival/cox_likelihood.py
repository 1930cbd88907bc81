"""The partial likelihood of a CoxData: its value and derivatives at given coefficients, its peak.

Covariates are scaled to a standard deviation of 1 and centred before the compiled loops, and
everything is given back in the units of the caller.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from alsrev_dagster.survival.cox_data import CoxData, Kernel
from alsrev_dagster.survival.kernel.cox import evaluate, row_residuals
from alsrev_dagster.survival.kernel.cox_climb import climb
from alsrev_dagster.survival.kernel.cox_moments import moments, risk_scores
from alsrev_dagster.survival.risk import BoolArray, FloatArray, IntArray

Ties = Literal["efron", "breslow"]

RULE = (1e-9, 1e-13, 5.0, 200, 40)
"""Last step, relative fall that is rounding, longest step, most steps and halvings."""

_FAINT = 1e-5
"""Share of the information at 0 below which it is asked whether there is a maximum at all."""


@dataclass(frozen=True)
class Likelihood:
    """The likelihood of some rows in scaled covariates, ready for the compiled loops."""

    data: Kernel
    scale: FloatArray
    is_efron: bool
    is_firth: bool

    @property
    def n_term(self) -> int:
        """Covariates."""
        return len(self.scale)

    @property
    def log_scale(self) -> float:
        """What the penalty gains by scaling: taken off what is told."""
        return float(np.log(self.scale).sum()) if self.is_firth else 0.0


@dataclass(frozen=True)
class Peak:
    """Where the likelihood is highest over the free coefficients, in scaled covariates."""

    coefficient: FloatArray
    log_likelihood: float
    score: FloatArray
    information: FloatArray
    is_found: bool


def likelihood(data: CoxData, ties: Ties = "efron", *, is_firth: bool = False) -> Likelihood:
    """Scale the covariates. One that does not vary keeps its scale."""
    spread = data.covariate.std(axis=0) if len(data.covariate) else np.ones(len(data.name))
    scale = np.where(spread > 0, spread, 1.0)
    centred = (data.covariate - data.covariate.mean(axis=0)) / scale
    arrays = (np.ascontiguousarray(centred), *data.kernel[1:])
    return Likelihood(arrays, scale, ties == "efron", is_firth)


def peak(of: Likelihood, is_free: BoolArray | None = None, start: FloatArray | None = None) -> Peak:
    """Climb from ``start`` over the free coefficients; the others stay where they are."""
    k = of.n_term
    free = np.ones(k, dtype=np.bool_) if is_free is None else is_free
    beta = np.zeros(k) if start is None else start.copy()
    score, information, curvature = np.zeros(k), np.zeros((k, k)), np.zeros((k, k))
    top, is_found = climb(
        of.data, of.is_efron, of.is_firth, free, RULE, beta, score, information, curvature
    )
    return Peak(beta, float(top), score, information, bool(is_found))


def at(of: Likelihood, coefficient: FloatArray) -> Peak:
    """Value, score and information at coefficients in the caller's units."""
    k = of.n_term
    beta = coefficient * of.scale
    score, information, curvature = np.zeros(k), np.zeros((k, k)), np.zeros((k, k))
    value = evaluate(of.data, of.is_efron, of.is_firth, beta, score, information, curvature)
    return Peak(beta, float(value), score, information, True)


def is_faint(of: Likelihood, found: Peak) -> bool:
    """Whether a peak may be none: the information there is next to nothing beside that at 0.

    Where an estimate runs off the compiled climb ends by rounding, at a score of exactly 0.
    """
    there = np.linalg.eigvalsh(found.information).min(initial=np.inf)
    here = np.linalg.eigvalsh(at(of, np.zeros(of.n_term)).information).min(initial=np.inf)
    return not found.is_found or bool(there < _FAINT * here)


@dataclass(frozen=True)
class EventMoments:
    """Of each event in turn, in the caller's units: what those at risk look like.

    Tied events are taken one by one (Efron). Shapes (n_event,), (n_event, k), (n_event, k, k).
    """

    group: IntArray
    mean: FloatArray
    covariance: FloatArray
    weight: FloatArray


def event_moments(of: Likelihood, coefficient: FloatArray) -> EventMoments:
    """Mean and covariance of the (scaled back, centred) covariates at risk at each event."""
    _, risk, _ = risk_scores(of.data, coefficient * of.scale)
    _, mean, spread, weight = moments(of.data, of.is_efron, risk)
    group = np.repeat(np.arange(len(of.data[3])), of.data[5])
    return EventMoments(
        group, mean * of.scale, spread * of.scale[:, None] * of.scale[None, :], weight
    )


def residuals(
    of: Likelihood, coefficient: FloatArray, event: BoolArray
) -> tuple[FloatArray, FloatArray]:
    """Martingale residual (n,) and score residuals (n, k) of each row, in the caller's units."""
    martingale, score = row_residuals(of.data, of.is_efron, coefficient * of.scale, event)
    return martingale, score * of.scale
