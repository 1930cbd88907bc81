"""The fixed part of a course of scores: time, straight or as a spline, carrier, and both."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.risk import BoolArray, FloatArray, IntArray

GeneticModel = Literal["additive", "dominant", "recessive"]

_QUANTILES = {
    3: (0.10, 0.50, 0.90),
    4: (0.05, 0.35, 0.65, 0.95),
    5: (0.05, 0.275, 0.50, 0.725, 0.95),
}
"""Where knots stand (Harrell 2015, Regression Modeling Strategies, table 2.3)."""


@dataclass(frozen=True)
class Visits:
    """Complete scores; one entry a visit."""

    score: FloatArray
    """Points; an ALSFRS-R total is 0-48."""
    months: FloatArray
    """Since the time origin."""
    person: IntArray
    """Number of the person, 0 to n_person - 1."""

    def of(self, is_chosen: BoolArray) -> "Visits":
        """Some of the visits; their people keep their numbers."""
        return Visits(self.score[is_chosen], self.months[is_chosen], self.person[is_chosen])


def genotype_code(dosage: FloatArray, genetic_model: GeneticModel) -> FloatArray:
    """Dosage as a model sees it: 0-2 (additive), or 1 for a carrier or for two copies.

    Parameters
    ----------
    dosage
        Count of ALT alleles, 0-2, of each person, shape (n_person,).
    genetic_model
        ``additive``, ``dominant`` (any copy) or ``recessive`` (two copies).

    Returns
    -------
    FloatArray
        Shape (n_person,).

    Raises
    ------
    InputDataError
        If a dosage is missing or outside 0-2.

    Examples
    --------
    >>> genotype_code(np.array([0.0, 1, 2]), "recessive").tolist()
    [0.0, 0.0, 1.0]
    """
    n_outside = int((~((dosage >= 0) & (dosage <= 2))).sum())
    if n_outside:
        raise InputDataError(
            f"{n_outside} of {len(dosage)} people have a dosage that is missing or outside 0-2: "
            "expected a call of each; leave out people without one"
        )
    if genetic_model == "additive":
        return dosage.astype(np.float64)
    least = 1.0 if genetic_model == "dominant" else 2.0
    return (dosage >= least).astype(np.float64)


def spline_knots(months: FloatArray, n_knot: int) -> FloatArray:
    """Knots of a restricted cubic spline at Harrell's quantiles; none for a straight line.

    Fewer than asked where visits are at few distinct times; none when fewer than 3 are left.
    """
    if n_knot == 0:
        return np.empty(0)
    if n_knot not in _QUANTILES:
        raise InputDataError(
            f"a spline of {n_knot} knots was asked for: expected 0 (a straight line), "
            f"{', '.join(map(str, _QUANTILES))}"
        )
    knots = np.unique(np.quantile(months, _QUANTILES[n_knot]))
    return knots if len(knots) >= 3 else np.empty(0)


def time_basis(months: FloatArray, knots: FloatArray) -> FloatArray:
    """Months, and beside them the terms of a restricted cubic spline.

    Parameters
    ----------
    months
        Shape (n,).
    knots
        Increasing; at least 3, or none for a straight line.

    Returns
    -------
    FloatArray
        Shape (n, 1 + max(n_knot - 2, 0)), each column in months: the spline's terms are divided
        by the squared distance of the outer knots, and are 0 up to the first knot.

    Notes
    -----
    Cubic between the knots and straight outside them, where scores are few [1]_.

    References
    ----------
    .. [1] Stone & Koo (1985); Harrell (2015), Regression Modeling Strategies, equation 2.24.

    Examples
    --------
    >>> time_basis(np.array([0.0, 6, 12]), np.array([0.0, 6, 12])).round(3).tolist()
    [[0.0, 0.0], [6.0, 1.5], [12.0, 9.0]]
    """
    if len(knots) == 0:
        return months[:, None].astype(np.float64)
    if len(knots) < 3 or (np.diff(knots) <= 0).any():
        raise InputDataError(
            f"knots are {knots.tolist()}: expected none, or at least 3 that increase; take them "
            "from spline_knots"
        )
    last, before = knots[-1], knots[-2]

    def cube(knot: float) -> FloatArray:
        above: FloatArray = np.maximum(months - knot, 0.0) ** 3
        return above

    terms = [
        cube(knot)
        - cube(before) * (last - knot) / (last - before)
        + cube(last) * (before - knot) / (last - before)
        for knot in knots[:-2]
    ]
    return np.column_stack([months, *(term / (last - knots[0]) ** 2 for term in terms)])


def course_design(
    months: FloatArray, code: FloatArray, covariate: FloatArray, knots: FloatArray
) -> FloatArray:
    """Design of a mean course: 1, time, spline terms, covariates, carrier, carrier x time.

    Parameters
    ----------
    months, code
        Of each row, shape (n,); ``code`` as genotype_code gives it.
    covariate
        Of each row, shape (n, n_covariate); they shift the level.
    knots
        Of the spline of time; what carriers differ in is straight: one slope.

    Returns
    -------
    FloatArray
        Shape (n, 2 + n_spline + n_covariate + 2); the last two columns are the carrier's.
    """
    one = np.ones(len(months))
    return np.column_stack([one, time_basis(months, knots), covariate, code, code * months])


def stratum_course(months: FloatArray, stratum: IntArray, person: IntArray) -> FloatArray:
    """Level and slope of each stratum but the first, beside those of the first.

    Parameters
    ----------
    months, person
        Of each row, shape (n,).
    stratum
        Number of each person's stratum, shape (n_person,).

    Returns
    -------
    FloatArray
        Shape (n, 2 (n_stratum - 1)): columns for course_design's covariates.

    Examples
    --------
    >>> stratum_course(np.array([0.0, 6, 6]), np.array([3, 7]), np.array([0, 0, 1])).tolist()
    [[0.0, 0.0], [0.0, 0.0], [1.0, 6.0]]
    """
    levels = (stratum[person, None] == np.unique(stratum)[1:]).astype(np.float64)
    return np.hstack([levels, levels * months[:, None]])
