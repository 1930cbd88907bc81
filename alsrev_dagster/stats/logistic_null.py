"""Null model of one contrast: the covariates fitted once, for every variant of a scan."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.design import Floats, NullDesign
from alsrev_dagster.stats.kernel.called import padded
from alsrev_dagster.stats.kernel.maximum_likelihood import climb_ordinary
from alsrev_dagster.stats.kernel.penalised import N_ROOM, N_SQUARE, N_VECTOR, climb
from alsrev_dagster.stats.kernel.rows import N_TOGETHER
from alsrev_dagster.stats.separation import separating_direction

_FALL_TOLERANCE, _STEP_MAX, _N_STEP, _N_HALVING = 1e-13, 5.0, 300.0, 30.0
_REST = (_FALL_TOLERANCE, _STEP_MAX, _N_STEP, _N_HALVING)
RULE_ALL = (1e-7, 0.0, *_REST)
"""When Firth's estimates are reached: a last step below 1e-7 log odds, taken without looking."""
RULE_LIKELIHOOD = (1e-9, 1e-9, *_REST)
"""When Firth's likelihood is reached, its parameters not being asked for."""
RULE_EXACT = (1e-10, 0.0, *_REST)

Space = tuple[Floats, Floats, Floats, Floats, NDArray[np.bool_]]
Work = tuple[Floats, Floats, Floats]


@dataclass(frozen=True)
class NullModel:
    """What the covariates alone say, in the coordinates of the design's basis."""

    design: NullDesign
    firth: Floats
    """Penalised parameters, shape (n_covariate + 1,)."""
    ordinary: Floats
    """Maximum likelihood ones; NaN where there is no maximum."""
    p: Floats
    """Fitted probability of each sample at ``ordinary``, shape (n_sample,)."""
    weight: Floats
    """p (1 - p)."""
    turned: Floats
    """The basis, a row a sample, so turned that its weighted squares are the identity."""
    extra: Floats
    """Curvature of the penalised likelihood at ``firth`` beyond Fisher's information."""

    @property
    def null(self) -> tuple[Floats, Floats]:
        """Covariates' rows and the outcome, as the kernels take them."""
        return self.design.basis, self.design.is_case.astype(np.float64)

    @property
    def is_separated(self) -> bool:
        """Whether covariates alone tell cases from controls, so that there is no score test."""
        return bool(np.isnan(self.ordinary[0]))


def null_model(design: NullDesign) -> NullModel:
    """Return the null model of a design, penalised and not.

    Raises
    ------
    InputDataError
        If the penalised fit does not converge.

    Examples
    --------
    >>> from alsrev_dagster.stats.design import null_design
    >>> none = np.empty((265, 0))
    >>> model = null_model(null_design(np.arange(265) < 22, none, []))
    >>> round(float(model.p[0] * 265), 9), model.is_separated
    (22.0, False)
    """
    basis, is_case = design.basis, design.is_case
    k, n = basis.shape
    space, work = spaces(k, 0, n)
    space[0][:k, :n], space[1][:n] = basis, is_case
    shape, parameter = (k, 0, n, space[0].shape[1]), np.zeros(len(space[0]))
    parameter[0] = np.log(is_case.sum() / (~is_case).sum())
    model = (space[0], space[1], np.zeros((len(space[0]),) * 2))
    if np.isnan(climb(model, shape, k, RULE_EXACT, parameter, work)):
        raise InputDataError(
            f"the null model of {n} samples and {k - 1} covariates did not converge: expected "
            "Firth's fit to reach its maximum; adjust for fewer covariates, or look for one that "
            "a few samples alone decide"
        )
    firth, ordinary = parameter[:k].copy(), parameter.copy()
    direction = separating_direction(basis.T, is_case)
    n_pad = space[0].shape[1]
    if direction is not None or not climb_ordinary(
        space[0], space[1], k, n, n_pad, False, ordinary, work
    ):
        ordinary[:] = np.nan
    p = 1 / (1 + np.exp(-(ordinary[:k] @ basis)))
    weight = p * (1 - p)
    turned = np.full((n, k), np.nan)
    if direction is None:
        lower = np.linalg.cholesky((basis * weight) @ basis.T)
        turned = np.ascontiguousarray(np.linalg.solve(lower, basis).T)
    return NullModel(design, firth, ordinary[:k], p, weight, turned, _extra(basis, firth))


def spaces(n_covariate: int, n_tested: int, n_sample: int) -> tuple[Space, Work]:
    """Room that the compiled fits of one thread work in."""
    n = padded(n_sample)
    n_row = -(-(n_covariate + n_tested) // N_TOGETHER) * N_TOGETHER
    space = np.zeros((n_row, n)), np.zeros(n), np.zeros(n), np.ones(n), np.zeros(1, dtype=np.bool_)
    work = np.zeros((N_ROOM, n)), np.zeros((N_SQUARE, n_row, n_row)), np.zeros((N_VECTOR, n_row))
    return space, work


def _extra(basis: Floats, parameter: Floats) -> Floats:
    """Minus half the second derivatives of log |I| at some parameters.

    With A the inverse of I, w' and w'' the derivatives of the weights along eta and I_r the
    derivative of I along parameter r: half of tr(A I_r A I_s) - sum w'' x'Ax x_r x_s.
    """
    p = 1 / (1 + np.exp(-(parameter @ basis)))
    w = p * (1 - p)
    inverse = np.linalg.inv((basis * w) @ basis.T)
    spread = np.einsum("ji,jm,mi->i", basis, inverse, basis)
    third = np.einsum("i,ri,si,ti->rst", w * (1 - 2 * p), basis, basis, basis, optimize=True)
    turned = np.einsum("ab,rbc->rac", inverse, third)
    product = np.einsum("rab,sba->rs", turned, turned)
    found: Floats = (product - (basis * (w * (1 - 6 * w) * spread)) @ basis.T) / 2
    return found
