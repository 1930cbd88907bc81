"""Null design of one contrast: who is a case, and what is adjusted for, checked before any fit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import qr, solve_triangular

from alsrev_dagster.errors import InputDataError

_DEPENDENT = 1e-8
"""Share of a covariate's spread that the others leave, below which it is taken for theirs."""
_TAKES_PART = 1e-6
"""Smallest coefficient, in standard deviations, that is named in a dependence."""
_N_SIDE_MIN = 2

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class NullDesign:
    """What every variant of a contrast is adjusted for; made by :func:`null_design`."""

    is_case: NDArray[np.bool_]
    """Shape (n_sample,)."""
    name: tuple[str, ...]
    """Of each covariate: those given, then a column for each stratum but the first."""
    basis: Floats
    """Intercept and covariates as rows, shape (n_covariate + 1, n_sample): orthogonal, each of
    mean square 1, the intercept first."""
    triangle: Floats
    """The covariates, with a leading 1, are ``basis.T @ triangle``; upper triangle."""

    @property
    def n_sample(self) -> int:
        """Samples of the contrast."""
        return len(self.is_case)

    def coefficient(self, parameter: Floats) -> Floats:
        """Intercept and log odds ratios per unit of each covariate, from those of the basis."""
        found: Floats = solve_triangular(self.triangle, parameter)
        return found


def null_design(
    is_case: NDArray[np.bool_],
    covariate: Floats,
    name: Sequence[str],
    *,
    stratum: NDArray[np.generic] | None = None,
) -> NullDesign:
    """Return the design of a contrast after checking that it can be fitted.

    Parameters
    ----------
    is_case
        Shape (n_sample,): the samples of the contrast and no others.
    covariate
        Shape (n_sample, n_covariate), in any units; without an intercept. May have no column.
    name
        Of each covariate, for messages and results.
    stratum
        The number or name of each sample's stratum: each but the first becomes a column of 0 and 1.

    Returns
    -------
    NullDesign
        With an intercept, and the covariates centred, scaled and made orthogonal: a change of
        coordinates that leaves every estimate of a genotype as it is.

    Raises
    ------
    InputDataError
        If shapes disagree; a side has fewer than 2 samples; a covariate has missing values, is
        constant or is a sum of others; there are more covariates than cases; or a stratum has
        no case or no control. No message names a sample.

    Notes
    -----
    A covariate that is the same but for rounding (below 1e-8 of its spread) counts as dependent.

    Examples
    --------
    >>> is_case = np.array([True, True, False, False, False])
    >>> age = np.array([[50.0], [60.0], [40.0], [70.0], [65.0]])
    >>> design = null_design(is_case, age, ["age"])
    >>> design.name, (design.basis @ design.basis.T / 5).round(12).tolist()
    (('age',), [[1.0, 0.0], [0.0, 1.0]])
    """
    _require_shapes(is_case, covariate, name, stratum)
    _require_sides(is_case)
    _require_values(covariate, name)
    column, every = covariate.astype(np.float64), tuple(name)
    if stratum is not None:
        _require_strata(is_case, stratum)
        label = np.unique(stratum)[1:]
        column = np.column_stack([column, stratum[:, None] == label])
        every += tuple(f"stratum {value}" for value in label)
    _require_few(column.shape[1], is_case)
    _require_independent(column, every)
    basis, triangle = _orthogonal(column)
    return NullDesign(is_case.astype(np.bool_), every, basis, triangle)


def events_per_covariate(design: NullDesign) -> float:
    """Samples of the smaller side for each covariate; infinity without covariates.

    Below some 5 to 10 even penalised estimates are unsteady (Peduzzi et al. 1996, J Clin
    Epidemiol 49:1373-1379): show it, and adjust for less.

    Examples
    --------
    >>> is_case = np.array([True, True, False, False, False])
    >>> age = np.array([[50.0], [60.0], [40.0], [70.0], [65.0]])
    >>> events_per_covariate(null_design(is_case, age, ["age"]))
    2.0
    """
    n_case = int(design.is_case.sum())
    n_covariate = len(design.name)
    return min(n_case, design.n_sample - n_case) / n_covariate if n_covariate else float("inf")


def _orthogonal(column: Floats) -> tuple[Floats, Floats]:
    """Rows of an orthogonal basis of an intercept and columns, and the triangle back to them."""
    n = len(column)
    middle, spread = column.mean(axis=0), column.std(axis=0)
    scaled = np.column_stack([np.ones(n), (column - middle) / spread])
    q, r = np.linalg.qr(scaled)
    sign = np.sign(np.diag(r))
    triangle = sign[:, None] * r / np.sqrt(n)
    triangle[:, 1:] = triangle[:, 1:] * spread + triangle[:, :1] * middle
    return np.ascontiguousarray((q * sign).T * np.sqrt(n)), triangle


def _require_shapes(
    is_case: NDArray[np.bool_],
    covariate: Floats,
    name: Sequence[str],
    stratum: NDArray[np.generic] | None,
) -> None:
    n = len(is_case)
    is_good = is_case.ndim == 1 and covariate.shape == (n, len(name))
    if not is_good or (stratum is not None and stratum.shape != (n,)):
        strata = "none" if stratum is None else stratum.shape
        raise InputDataError(
            f"is_case has shape {is_case.shape}, covariate {covariate.shape}, stratum {strata}, "
            f"with {len(name)} names: expected (n_sample,), (n_sample, one column a name) and "
            "(n_sample,); take all of them from the same analysis set"
        )


def _require_sides(is_case: NDArray[np.bool_]) -> None:
    n_case = int(is_case.sum())
    n_control = len(is_case) - n_case
    if min(n_case, n_control) < _N_SIDE_MIN:
        raise InputDataError(
            f"the contrast has {n_case} case(s) and {n_control} control(s): expected at least "
            f"{_N_SIDE_MIN} of each; look at the contrast's cohorts, and at why samples were left "
            "out"
        )


def _require_values(covariate: Floats, name: Sequence[str]) -> None:
    n_bad = (~np.isfinite(covariate)).sum(axis=0)
    if n_bad.any():
        found = ", ".join(f"{k!r} in {n}" for k, n in zip(name, n_bad, strict=True) if n)
        raise InputDataError(
            f"covariates without a value, of {len(covariate)} samples: {found}; expected a number "
            "for every sample; fill them in, leave those samples out of the contrast, or do not "
            "adjust for it"
        )
    constant = [k for k, column in zip(name, covariate.T, strict=True) if np.ptp(column) == 0]
    if constant:
        raise InputDataError(
            f"covariate(s) {', '.join(map(repr, constant))} have the same value in all "
            f"{len(covariate)} samples: expected at least two values; do not adjust for them in "
            "this contrast"
        )


def _require_strata(is_case: NDArray[np.bool_], stratum: NDArray[np.generic]) -> None:
    label, place = np.unique(stratum, return_inverse=True)
    n_case = np.bincount(place, weights=is_case)
    n_control = np.bincount(place, weights=~is_case)
    bad = np.flatnonzero((n_case == 0) | (n_control == 0))
    if len(bad):
        i = bad[0]
        raise InputDataError(
            f"stratum {label[i]} has {n_case[i]:.0f} case(s) and {n_control[i]:.0f} control(s): "
            "expected some of both, or nothing in it is compared; join it with another, or leave "
            "its samples out"
        )


def _require_few(n_covariate: int, is_case: NDArray[np.bool_]) -> None:
    n_case = int(is_case.sum())
    if n_covariate > n_case:
        raise InputDataError(
            f"{n_covariate} covariates (strata among them) stand against {n_case} cases: expected "
            "at most as many as cases, better one to five or ten; adjust for fewer, or match"
        )


def _require_independent(column: Floats, name: tuple[str, ...]) -> None:
    """Refuse a covariate that is a sum of others, and say which: rank-revealing QR."""
    if not column.shape[1]:
        return
    scaled = (column - column.mean(axis=0)) / column.std(axis=0)
    _, r, order = qr(scaled, mode="economic", pivoting=True)
    diagonal = np.abs(np.diag(r))
    rank = int((diagonal > _DEPENDENT * diagonal[0]).sum())
    if rank == column.shape[1]:
        return
    share = solve_triangular(r[:rank, :rank], r[:rank, rank])
    partner = [name[order[i]] for i in np.flatnonzero(np.abs(share) > _TAKES_PART)]
    raise InputDataError(
        f"covariate {name[order[rank]]!r} is a sum of {', '.join(map(repr, sorted(partner)))} (and "
        f"a constant): expected none to follow from the others, found rank {rank} "
        f"of {len(name)}; do not adjust for one of them"
    )
