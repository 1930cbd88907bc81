"""Which stratified tables carry information, and in which maximum likelihood runs off."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


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


def is_separated(table: NDArray[np.int64], score: Floats) -> Bools:
    """Whether all strata with both groups are ordered, ties allowed, the same way.

    Parameters
    ----------
    table, score
        As in :func:`is_informative`.

    Returns
    -------
    NDArray[np.bool_]
        Shape (n,).

    Notes
    -----
    The likelihood of the logistic model then rises for ever along beta, or along -beta [1]_.

    References
    ----------
    .. [1] Albert & Anderson (1984), Biometrika 71:1-10.

    Examples
    --------
    >>> is_separated(np.array([[[[19, 0, 3]], [[243, 0, 0]]]]), np.arange(3.0)).tolist()
    [True]
    """
    has_both = (table.sum(axis=3) > 0).all(axis=1)
    case_low, case_high = _score_range(table[:, 0], score)
    control_low, control_high = _score_range(table[:, 1], score)
    is_up = ((case_low >= control_high) | ~has_both).all(axis=1)
    is_down = ((case_high <= control_low) | ~has_both).all(axis=1)
    separated: Bools = is_up | is_down
    return separated


def _score_range(count: NDArray[np.int64], score: Floats) -> tuple[Floats, Floats]:
    """Lowest and highest score seen in each stratum; (inf, -inf) where there is none."""
    seen = count > 0
    return np.where(seen, score, np.inf).min(axis=2), np.where(seen, score, -np.inf).max(axis=2)
