"""Firth's penalised likelihood of many stratified genotype tables, and its maximum.

With one intercept per stratum and one slope the Fisher information is an arrowhead
matrix, so its inverse, determinant and the leverages have closed forms in the mean
score of each stratum: no general linear solver is needed, and a stratum without samples
adds exact zeros.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

_STEP_TOLERANCE = 1e-10
"""Largest step, on the log-odds scale, at which a fit has converged."""
_FALL_TOLERANCE = 1e-13
"""Relative fall of the likelihood that is rounding."""
_STEP_MAX = 5.0
_N_ITERATION_MAX = 300
_N_HALVING_MAX = 30

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Cells:
    """Grouped data of n tables: one cell per stratum and genotype."""

    n_case: Floats
    """Shape (n, S, 3)."""
    n_sample: Floats
    """Shape (n, S, 3)."""
    score: Floats
    """Shape (3,)."""

    def take(self, index: NDArray[np.int64]) -> "Cells":
        """Return the tables at ``index``."""
        return Cells(self.n_case[index], self.n_sample[index], self.score)


@dataclass(frozen=True)
class Point:
    """The penalised likelihood of each table, and its derivatives, at given parameters."""

    log_likelihood: Floats
    """Penalised, shape (n,)."""
    intercept_score: Floats
    """Firth's modified score of each intercept, shape (n, S)."""
    beta_score: Floats
    """Modified score of beta once the intercepts follow it, shape (n,)."""
    information: Floats
    """Fisher information of beta, the intercepts being estimated: shape (n,)."""
    augmented: "Arrowhead"
    """Information of the data augmented by the leverages."""


@dataclass(frozen=True)
class Arrowhead:
    """Information matrix of one intercept per stratum and one slope, in closed form."""

    stratum: Floats
    """Information of each intercept, shape (n, S); 1 where there are no samples."""
    mean_score: Floats
    """Weighted mean genotype score of each stratum, shape (n, S)."""
    slope: Floats
    """Information of beta, the intercepts being estimated: shape (n,)."""


@dataclass(frozen=True)
class Fit:
    """Parameters that maximise the penalised likelihood of each table."""

    intercept: Floats
    beta: Floats
    log_likelihood: Floats
    beta_score: Floats
    information: Floats
    augmented_information: Floats
    is_converged: Bools


def evaluate(cells: Cells, intercept: Floats, beta: Floats) -> Point:
    """Penalised log likelihood and modified scores (Firth 1993; Heinze & Schemper 2002)."""
    eta = intercept[:, :, None] + beta[:, None, None] * cells.score
    p, q = expit(eta), expit(-eta)
    weight = cells.n_sample * p * q
    fisher = _arrowhead(weight, cells.score)
    centred = cells.score - fisher.mean_score[:, :, None]
    leverage = weight * (1 / fisher.stratum[:, :, None] + centred**2 / fisher.slope[:, None, None])
    augmented = _arrowhead(weight + leverage * p * q, cells.score)
    n_control = cells.n_sample - cells.n_case
    residual = cells.n_case * q - n_control * p + leverage * (q - p) / 2
    log_likelihood = (cells.n_case * eta - cells.n_sample * np.logaddexp(0, eta)).sum(axis=2)
    penalty = (_over_strata(np.log(fisher.stratum)) + np.log(fisher.slope)) / 2
    along_slope = cells.score - augmented.mean_score[:, :, None]
    return Point(
        log_likelihood=_over_strata(log_likelihood) + penalty,
        intercept_score=residual.sum(axis=2),
        beta_score=_over_strata((residual * along_slope).sum(axis=2)),
        information=fisher.slope,
        augmented=augmented,
    )


def _arrowhead(weight: Floats, score: Floats) -> Arrowhead:
    """Information matrix of cells with these weights, shape (n, S, 3)."""
    stratum = weight.sum(axis=2)
    stratum = np.where(stratum == 0, 1.0, stratum)
    mean_score = (weight * score).sum(axis=2) / stratum
    slope = _over_strata((weight * (score - mean_score[:, :, None]) ** 2).sum(axis=2))
    return Arrowhead(stratum, mean_score, slope)


def _over_strata(value: Floats) -> Floats:
    """Sum of each row, strictly from left to right.

    ``sum`` pairs its terms by their number, and a stratum without samples, an exact
    zero, would then change the rounding.
    """
    return np.cumsum(value, axis=1)[:, -1]


def maximise(cells: Cells, intercept: Floats, beta: Floats, *, is_beta_free: bool) -> Fit:
    """Newton steps on the augmented data, halved if need be, each table on its own.

    With ``is_beta_free=False`` beta stays where it is and only the intercepts move; the
    penalty is that of the full information matrix either way. The augmented information
    is the exact curvature for a two-valued score; plain Fisher scoring can swing for
    ever about the maximum when there is one carrier.
    """
    parameter = np.column_stack([intercept, beta])
    n = len(beta)
    is_converged = np.zeros(n, dtype=np.bool_)
    kept = np.full((4, n), np.nan)
    active = np.arange(n)
    before = np.full((2, *parameter.shape), np.nan)
    with np.errstate(all="ignore"):  # a trial step may leave the representable range
        point = evaluate(cells, intercept, beta)
        for _ in range(_N_ITERATION_MAX):
            step = _newton_step(point, is_beta_free=is_beta_free)
            here = parameter[active]
            bold = _secant_step(here, step, *before[:, active])
            before[:, active] = here, step
            parameter[active], point = _climb(cells.take(active), here, (bold, step), point)
            kept[:, active] = (
                point.log_likelihood,
                point.beta_score,
                point.information,
                point.augmented.slope,
            )
            is_done = np.abs(step).max(axis=1) < _STEP_TOLERANCE
            is_converged[active] = is_done
            active, point = active[~is_done], _take(point, ~is_done)
            if not len(active):
                break
    return Fit(
        intercept=parameter[:, :-1],
        beta=parameter[:, -1],
        log_likelihood=kept[0],
        beta_score=kept[1],
        information=kept[2],
        augmented_information=kept[3],
        is_converged=is_converged,
    )


def _newton_step(point: Point, *, is_beta_free: bool) -> Floats:
    """Step of the intercepts and beta, shape (n, S + 1), no longer than allowed."""
    beta_step = np.zeros_like(point.beta_score)
    if is_beta_free:
        beta_step = point.beta_score / point.augmented.slope
    intercept_step = point.intercept_score / point.augmented.stratum
    intercept_step = intercept_step - point.augmented.mean_score * beta_step[:, None]
    step = np.column_stack([intercept_step, beta_step])
    longest = np.abs(step).max(axis=1, keepdims=True)
    return np.where(longest > _STEP_MAX, step * (_STEP_MAX / longest), step)


def _secant_step(here: Floats, step: Floats, last: Floats, last_step: Floats) -> Floats:
    """Step to where the step itself would vanish, judged by how it changed since the last.

    Anderson's acceleration with one remembered step: it ends the swinging and the
    creeping of tables with a handful of samples per stratum.
    """
    change = step - last_step
    share = (step * change).sum(axis=1, keepdims=True) / (change**2).sum(axis=1, keepdims=True)
    bold = step - share * (here - last + change)
    is_sane = (np.abs(bold) <= _STEP_MAX).all(axis=1, keepdims=True)
    is_sane &= (np.abs(step) >= _STEP_TOLERANCE).any(axis=1, keepdims=True)
    return np.where(is_sane, bold, step)


def _climb(
    cells: Cells, parameter: Floats, steps: tuple[Floats, Floats], point: Point
) -> tuple[Floats, Point]:
    """Take each table's bold step, or the plain one, halved until the likelihood rises."""
    floor = point.log_likelihood - _FALL_TOLERANCE * np.abs(point.log_likelihood)
    step, fallback = steps
    for _ in range(_N_HALVING_MAX):
        moved = parameter + step
        reached = evaluate(cells, moved[:, :-1], moved[:, -1])
        is_low = ~(reached.log_likelihood >= floor)
        if not is_low.any():
            break
        step = np.where(is_low[:, None], fallback, step)
        fallback = np.where(is_low[:, None], fallback / 2, fallback)
    return moved, reached


def _take(point: Point, index: Bools) -> Point:
    """Keep the tables at ``index``."""
    augmented = Arrowhead(**{name: value[index] for name, value in vars(point.augmented).items()})
    return Point(
        log_likelihood=point.log_likelihood[index],
        intercept_score=point.intercept_score[index],
        beta_score=point.beta_score[index],
        information=point.information[index],
        augmented=augmented,
    )
