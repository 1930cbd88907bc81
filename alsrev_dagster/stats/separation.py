"""Separation: where cases and controls are told apart, so that maximum likelihood runs off."""

from functools import reduce

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_TOLERANCE = 1e-7
"""Sum of the signed predictor, with coefficients in [-1, 1], above which it separates."""


def is_informative(table: NDArray[np.int64], score: Floats) -> Bools:
    """Whether some stratum has samples of both groups and two values of the coded genotype.

    Parameters
    ----------
    table
        Samples by group, stratum and genotype, shape (n, 2, S, 3).
    score
        Coded value of genotypes 0, 1 and 2, shape (3,).

    Returns
    -------
    NDArray[np.bool_]
        Shape (n,).

    Examples
    --------
    >>> table = np.array([[[[4, 1, 0]], [[9, 0, 0]]], [[[5, 0, 0]], [[9, 0, 0]]]])
    >>> is_informative(table, np.arange(3.0)).tolist()
    [True, False]
    """
    has_both = (table.sum(axis=3) > 0).all(axis=1)
    low, high = _score_range(table.sum(axis=1), score)
    informative: Bools = (has_both & (low < high)).any(axis=1)
    return informative


def separating_side(table: NDArray[np.int64], score: Floats) -> NDArray[np.int8]:
    """Which way maximum likelihood runs off: 1 or -1 along beta, 0 where it does not.

    Parameters
    ----------
    table, score
        As in :func:`is_informative`.

    Returns
    -------
    NDArray[np.int8]
        Shape (n,). Not 0 where all strata with both groups are ordered, ties allowed, the same
        way.

    Notes
    -----
    The likelihood of the logistic model then rises for ever along beta, or along -beta [1]_. It is
    not the sign of Firth's estimate: one carrier, a control among many, has beta > 0 and -1 here.

    References
    ----------
    .. [1] Albert & Anderson (1984), Biometrika 71:1-10.

    Examples
    --------
    >>> cases, control = [[[[19, 0, 3]], [[243, 0, 0]]]], [[[[22, 0, 0]], [[242, 1, 0]]]]
    >>> separating_side(np.array(cases + control), np.arange(3.0)).tolist()
    [1, -1]
    """
    has_both = (table.sum(axis=3) > 0).all(axis=1)
    case_low, case_high = _score_range(table[:, 0], score)
    control_low, control_high = _score_range(table[:, 1], score)
    is_up = ((case_low >= control_high) | ~has_both).all(axis=1)
    is_down = ((case_high <= control_low) | ~has_both).all(axis=1)
    return np.where(is_up, 1, np.where(is_down, -1, 0)).astype(np.int8)


def is_separated(table: NDArray[np.int64], score: Floats) -> Bools:
    """Whether :func:`separating_side` finds a side.

    Examples
    --------
    >>> is_separated(np.array([[[[19, 0, 3]], [[243, 0, 0]]]]), np.arange(3.0)).tolist()
    [True]
    """
    return np.asarray(separating_side(table, score) != 0)


def separating_direction(
    column: NDArray[np.float64], is_case: NDArray[np.bool_]
) -> NDArray[np.float64] | None:
    """A direction along which the likelihood of a logistic regression rises for ever, or None.

    Parameters
    ----------
    column
        Design with its intercept, shape (n_sample, n_parameter), of full rank.
    is_case
        Shape (n_sample,).

    Returns
    -------
    NDArray[np.float64] or None
        Coefficients in [-1, 1] whose sum is nowhere negative in a case or positive in a control,
        and not 0 everywhere; None where the data overlap and maximum likelihood has an end.

    Notes
    -----
    The linear programme of Konis (2007) [1]_: the largest sum of the signed predictor. Coordinates
    other than 0 are those that run off, for this direction has as much of every one as it can.

    References
    ----------
    .. [1] Konis (2007), Linear programming algorithms for detecting separated data in binary
       logistic regression models, DPhil thesis, University of Oxford.

    Examples
    --------
    >>> column = np.array([[1.0, 0], [1, 0], [1, 1], [1, 1]])
    >>> separating_direction(column, np.array([False, True, True, True])).tolist()
    [0.0, 1.0]
    >>> separating_direction(column, np.array([False, True, True, False])) is None
    True
    """
    signed = column * np.where(is_case, 1.0, -1.0)[:, None]
    found = linprog(
        -signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(len(signed)), bounds=(-1, 1)
    )  # fmt: skip
    if (signed @ np.asarray(found.x)).sum() <= _TOLERANCE * len(column):
        return None
    return np.asarray(found.x, dtype=np.float64) + 0.0  # no -0.0


def _score_range(count: NDArray[np.int64], score: Floats) -> tuple[Floats, Floats]:
    """Lowest and highest score seen in each stratum; (inf, -inf) where there is none."""
    seen, n_genotype = count > 0, range(len(score))
    low, high = np.where(seen, score, np.inf), np.where(seen, score, -np.inf)
    return (
        reduce(np.minimum, (low[..., g] for g in n_genotype)),  # quicker than along a short axis
        reduce(np.maximum, (high[..., g] for g in n_genotype)),
    )
