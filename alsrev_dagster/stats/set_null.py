"""Who would be a case if genotype did not matter: the null model of a set test."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError

_STEP_TOLERANCE = 1e-10
_N_ITERATION_MAX = 100
_PROBABILITY_EDGE = 1e-6
"""A fitted probability nearer to 0 or 1 is a model that separates."""

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class SetNull:
    """Samples, their labels, and their probability of being a case without genotype."""

    is_case: Bools
    """Shape (n_sample,)."""
    stratum: NDArray[np.int64]
    """Number of each sample's stratum, from 0, shape (n_sample,)."""
    design: Floats
    """One intercept per stratum, then the covariates, shape (n_sample, n_parameter)."""
    probability: Floats
    """Fitted, in (0, 1) where the stratum has both groups, shape (n_sample,)."""

    @property
    def is_exchangeable(self) -> bool:
        """Whether the labels of a stratum are exchangeable: there is no covariate."""
        return bool(self.design.shape[1] == self.stratum.max(initial=-1) + 1)


def set_null(
    is_case: Bools, stratum: NDArray[np.int64] | None = None, covariate: Floats | None = None
) -> SetNull:
    """Null model: logistic regression on strata and covariates, without genotype.

    Parameters
    ----------
    is_case
        Shape (n_sample,). A sample stands once: cases that both arms share are not doubled.
    stratum
        Any whole number for each sample, shape (n_sample,); none puts all in one.
    covariate
        Shape (n_sample, n_covariate), no NaN; centred and scaled here.

    Returns
    -------
    SetNull
        With strata alone the probability is the share of cases in the stratum.

    Raises
    ------
    InputDataError
        If shapes differ, a group is empty, a covariate is missing or covariates and strata
        separate cases from controls.

    Notes
    -----
    Maximum likelihood by Newton steps. With 22 cases every covariate costs: more than two is
    a tenth of the cases each. The two arms share the cases, so an arm is neither a stratum
    nor a covariate: all cases would stand on both sides of it.

    Examples
    --------
    >>> null = set_null(np.array([True, False, False, False]))
    >>> null.probability.tolist(), null.is_exchangeable
    ([0.25, 0.25, 0.25, 0.25], True)
    """
    n = len(is_case)
    stratum = np.zeros(n, dtype=np.int64) if stratum is None else stratum
    covariate = np.zeros((n, 0)) if covariate is None else covariate
    _require(is_case, stratum, covariate)
    number = np.unique(stratum, return_inverse=True)[1].astype(np.int64)
    intercepts = (number[:, None] == np.arange(number.max(initial=-1) + 1)).astype(np.float64)
    share = (is_case @ intercepts / intercepts.sum(axis=0))[number]
    if covariate.shape[1] == 0:
        return SetNull(is_case.astype(np.bool_), number, intercepts, share)
    scale = covariate.std(axis=0)
    scaled = (covariate - covariate.mean(axis=0)) / np.where(scale > 0, scale, 1)
    design = np.column_stack([intercepts, scaled[:, scale > 0]])
    probability = share.copy()
    is_mixed = (share > 0) & (share < 1)
    probability[is_mixed] = _fitted(design[is_mixed], is_case[is_mixed])
    return SetNull(is_case.astype(np.bool_), number, design, probability)


def projected_covariance(null: SetNull, score: Floats) -> Floats:
    """Covariance of the columns' scores, intercepts and covariates having been fitted.

    G' D G - G' D X (X' D X)^-1 X' D G, with D = probability (1 - probability).

    Examples
    --------
    >>> null = set_null(np.array([True, False, False, False]))
    >>> float(projected_covariance(null, np.array([[1.0], [0.0], [0.0], [0.0]]))[0, 0].round(9))
    0.140625
    """
    root = np.sqrt(null.probability * (1 - null.probability))[:, None]
    weighted, design = root * score, root * null.design
    basis, singular, _ = np.linalg.svd(design, full_matrices=False)
    basis = basis[:, singular > singular.max(initial=0) * 1e-10]
    rest = weighted - basis @ (basis.T @ weighted)
    covariance: Floats = rest.T @ rest
    return covariance


def _fitted(design: Floats, is_case: Bools) -> Floats:
    """Fitted probabilities; collinear columns are given the shortest solution."""
    beta = np.zeros(design.shape[1])
    for _ in range(_N_ITERATION_MAX):
        p = 1 / (1 + np.exp(-np.clip(design @ beta, -50, 50)))
        information = design.T @ ((p * (1 - p))[:, None] * design)
        step = np.linalg.pinv(information, hermitian=True) @ (design.T @ (is_case - p))
        beta += step * min(1.0, 2.0 / max(np.abs(step).max(), 1e-300))
        if np.abs(step).max() < _STEP_TOLERANCE:
            break
    if min(p.min(), 1 - p.max()) < _PROBABILITY_EDGE or np.abs(step).max() > 1e-4:
        raise InputDataError(
            f"strata and covariates fit {int(is_case.sum())} cases with probabilities from "
            f"{p.min():.2g} to {p.max():.2g}: expected a null model that does not separate cases "
            "from controls; leave a covariate out, or match on it"
        )
    fitted: Floats = p
    return fitted


def _require(is_case: Bools, stratum: NDArray[np.int64], covariate: Floats) -> None:
    n = len(is_case)
    if stratum.shape != (n,) or covariate.shape[:1] != (n,) or covariate.ndim != 2:
        raise InputDataError(
            f"is_case has shape {is_case.shape}, stratum {stratum.shape} and covariate "
            f"{covariate.shape}: expected (n_sample,), (n_sample,) and (n_sample, n_covariate); "
            "take all of them from the same sample list"
        )
    n_case = int(np.asarray(is_case, dtype=np.bool_).sum())
    if not 0 < n_case < n:
        raise InputDataError(
            f"{n_case} of {n} samples are cases: expected cases and controls; check which "
            "samples were analysed"
        )
    if not np.isfinite(covariate).all():
        raise InputDataError(
            f"{int((~np.isfinite(covariate)).any(axis=1).sum())} of {n} samples lack a covariate: "
            "expected none; leave these samples out of the analysis set"
        )
