"""Sums of products by person, and the likelihood of a linear mixed model made from them.

With random effects b ~ N(0, sigma^2 P P') and residuals of variance sigma^2, the visits of a
person have the relative covariance V = I + Z P P' Z'. Woodbury's identity turns everything that
is asked of V into matrices no larger than the random effects: A = I + P' Z'Z P.
"""

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.kernel.mixed import fill_squares, fill_sums
from alsrev_dagster.survival.risk import FloatArray, IntArray

_LOG_2_PI = float(np.log(2 * np.pi))


@dataclass(frozen=True)
class Products:
    """What a likelihood needs of the visits, added up.

    Fixed effects stand in an orthonormal basis and random ones are scaled to a mean square of 1,
    so that nothing depends on the units of time; ``outcome`` is what is left by least squares.
    """

    random_random: FloatArray
    """Z'Z, shape (n_person, n_random, n_random)."""
    random_other: FloatArray
    """Z'Q, and Z'r behind it, shape (n_person, n_random, n_fixed + 1)."""
    outcome_square: float
    """r'r; Q'Q is the identity and Q'r is 0."""
    triangle: FloatArray
    """R of the fixed design X = Q R, shape (n_fixed, n_fixed)."""
    least_squares: FloatArray
    """Q'y, shape (n_fixed,)."""
    scale: FloatArray
    """What the columns of Z were divided by, shape (n_random,)."""
    n_visit: int

    @property
    def n_fixed(self) -> int:
        """Fixed effects."""
        return int(self.triangle.shape[0])

    @property
    def n_random(self) -> int:
        """Random effects of a person."""
        return int(self.scale.shape[0])

    @cached_property
    def from_basis(self) -> FloatArray:
        """R's inverse: from coefficients of Q to those of X."""
        return np.linalg.inv(self.triangle).astype(np.float64)


def products(
    score: FloatArray, fixed: FloatArray, random: FloatArray, person: IntArray
) -> Products:
    """Sums of products of visits by person.

    Parameters
    ----------
    score
        Outcome of each visit, shape (n_visit,).
    fixed, random
        Designs of fixed and random effects, shapes (n_visit, n_fixed) and (n_visit, n_random).
    person
        Number of each visit's person, 0 to n_person - 1, shape (n_visit,).

    Returns
    -------
    Products
        Of full rank.

    Raises
    ------
    InputDataError
        If a number is missing, shapes disagree or a person has no visit.
    """
    _refuse(score, fixed, random, person)
    basis, triangle = np.linalg.qr(fixed)
    least_squares = basis.T @ score
    rest = score - basis @ least_squares
    rest -= basis @ (basis.T @ rest)  # once more, for the digits that the first lost
    scale = np.sqrt((random**2).mean(axis=0))
    scaled = random / scale
    order = np.argsort(person, kind="stable")
    start = np.flatnonzero(np.diff(person[order], prepend=-1))

    def by_person(other: FloatArray) -> FloatArray:
        """Z' times another matrix, a person at a time."""
        of_visit = scaled[order, :, None] * other[order, None, :]
        summed: FloatArray = np.add.reduceat(of_visit, start, axis=0)
        return summed

    return Products(
        by_person(scaled),
        by_person(np.column_stack([basis, rest])),
        float(rest @ rest),
        triangle,
        least_squares,
        scale,
        len(score),
    )


def is_full_rank(design: FloatArray) -> bool:
    """Whether no column of a design follows from the others."""
    length = np.sqrt((design**2).sum(axis=0))
    if design.shape[0] < design.shape[1] or (length == 0).any():
        return False
    return bool(np.linalg.matrix_rank(design / length, tol=1e-9) == design.shape[1])


def _refuse(score: FloatArray, fixed: FloatArray, random: FloatArray, person: IntArray) -> None:
    shapes = {len(score), len(fixed), len(random), len(person)}
    if len(shapes) > 1 or fixed.ndim != 2 or random.ndim != 2 or random.shape[1] not in (1, 2):
        raise InputDataError(
            f"visits have score {score.shape}, fixed {fixed.shape}, random {random.shape} and "
            f"person {person.shape}: expected one row a visit in each, and one or two columns of "
            "random effects"
        )
    n_missing = sum(int((~np.isfinite(part)).sum()) for part in (score, fixed, random))
    if n_missing:
        raise InputDataError(
            f"{n_missing} numbers of scores or designs are missing or infinite: expected none; "
            "leave out visits without a total, and people without a call or covariate"
        )
    if len(person) == 0 or (np.bincount(person) == 0).any():
        raise InputDataError(
            f"{len(person)} visits of people numbered to {person.max(initial=-1)}: expected every "
            "number from 0 to have a visit; number the people of these visits anew"
        )


@dataclass(frozen=True)
class Evaluation:
    """A likelihood at some relative factor P, its slope, and what follows from it."""

    log_determinant: float
    """Sum of log |V|."""
    information: FloatArray
    """Q' V^-1 Q, shape (n_fixed, n_fixed)."""
    inverse: FloatArray
    """Its inverse: the covariance of coefficients of Q over sigma^2."""
    coefficient: FloatArray
    """Of Q beside least squares, shape (n_fixed,)."""
    residual_square: float
    """e' V^-1 e with e the residuals of the fixed part."""
    curvature: FloatArray
    """Sum of Z' V^-1 Z."""
    by_person: FloatArray
    """Z' V^-1 [Q r] of each person, shape (n_person, n_random, n_fixed + 1)."""
    squares: FloatArray
    """Sums of T I^-1 T' and of u u', T = Z' V^-1 Q and u = Z' V^-1 e; (2, n_random, n_random)."""

    @property
    def cross(self) -> FloatArray:
        """Z' V^-1 Q of each person, shape (n_person, n_random, n_fixed)."""
        return self.by_person[:, :, :-1]

    @property
    def pull(self) -> FloatArray:
        """Z' V^-1 e of each person, shape (n_person, n_random)."""
        pull: FloatArray = self.by_person[:, :, -1] - self.cross @ self.coefficient
        return pull


def evaluate(sums: Products, factor: FloatArray) -> Evaluation:
    """All that a likelihood or its slope needs, at a lower triangular relative factor P."""
    n_fixed = sums.n_fixed
    taken = np.empty((n_fixed + 1, n_fixed + 1))
    curvature, by_person = np.empty_like(factor), np.empty_like(sums.random_other)
    log_determinant = fill_sums(
        (sums.random_random, sums.random_other), factor, (taken, curvature), by_person
    )
    information = np.eye(n_fixed) - taken[:-1, :-1]
    inverse: FloatArray = np.linalg.inv(information).astype(np.float64)
    coefficient = -inverse @ taken[:-1, -1]
    squares = np.empty((2, *factor.shape))
    fill_squares(by_person, inverse, coefficient, squares)
    return Evaluation(
        log_determinant,
        information,
        inverse,
        coefficient,
        float(sums.outcome_square - taken[-1, -1] + taken[:-1, -1] @ coefficient),
        curvature,
        by_person,
        squares,
    )


def deviance(sums: Products, at: Evaluation, *, is_restricted: bool) -> float:
    """Minus twice the log likelihood, with the residual variance at its best value.

    Restricted, it is the one of lme4 and nlme: the design's own log |X'X| counts.
    """
    n = sums.n_visit - (sums.n_fixed if is_restricted else 0)
    found = at.log_determinant + n * (1 + _LOG_2_PI + np.log(at.residual_square / n))
    if is_restricted:
        found += np.linalg.slogdet(at.information)[1]
        found += 2 * np.log(np.abs(np.diag(sums.triangle))).sum()
    return float(found)


@cache
def lower_triangle(n: int) -> tuple[IntArray, IntArray]:
    """Rows and columns of a lower triangle, row by row; made once, for it is asked for often."""
    row, column = np.tril_indices(n)
    return row, column


def slope(
    sums: Products, at: Evaluation, factor: FloatArray, variance: float, *, is_restricted: bool
) -> FloatArray:
    """Derivatives of minus twice the log likelihood by the lower triangle of P, row by row.

    ``variance`` is the residual one: where it is at its best value, these are of the deviance.
    """
    by_square = at.curvature - at.squares[1] / variance
    if is_restricted:
        by_square = by_square - at.squares[0]
    moved = 2 * by_square @ factor
    found: FloatArray = moved[lower_triangle(sums.n_random)]
    return found
