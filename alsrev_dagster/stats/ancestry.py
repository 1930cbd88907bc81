"""Where a sample lies among others in the space of principal components."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.robust import middle_and_spread


def robust_distance(
    score: NDArray[np.float64], is_fitted: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """How far each sample lies from the middle of the fitted ones, in robust standard deviations.

    Parameters
    ----------
    score
        Principal components, shape (n_sample, n_pc).
    is_fitted
        Samples that say where the middle is and how wide they spread, shape (n_sample,).

    Returns
    -------
    NDArray[np.float64]
        Shape (n_sample,): the largest over the components of |score - median| / (1.4826 x MAD).
        A component on which more than half of the fitted samples agree is not looked at.

    Notes
    -----
    EIGENSTRAT leaves out who lies 6 standard deviations from the mean on one of ten components,
    and repeats that five times [1]_; median and MAD, which outliers do not move, need no repeats
    [2]_. Where a cohort is of several populations the spread is theirs, and few are far.

    References
    ----------
    .. [1] Price et al. (2006), Nat Genet 38:904-909.
    .. [2] Rousseeuw & Croux (1993), J Am Stat Assoc 88:1273-1283.

    Examples
    --------
    >>> score = np.array([[-1.0], [0.0], [1.0], [2.0], [90.0]])
    >>> robust_distance(score, np.array([True] * 5)).round(2).tolist()
    [1.35, 0.67, 0.0, 0.67, 60.03]
    """
    middle, spread = middle_and_spread(score[is_fitted])
    away = np.abs(score - middle)[:, spread > 0] / spread[spread > 0]
    distance: NDArray[np.float64] = away.max(axis=1, initial=0.0)
    return distance


def nearest_label(
    score: NDArray[np.float64],
    reference: NDArray[np.float64],
    label: NDArray[np.int64],
    n_neighbour: int,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Label that most of a sample's nearest labelled samples have, and the share that have it.

    Parameters
    ----------
    score
        Principal components of the samples asked about, shape (n_sample, n_pc): each scaled by
        the root of its eigenvalue, so that a distance counts what a component explains.
    reference
        Those of the labelled samples, shape (n_reference, n_pc).
    label
        A whole number from 0 for each label, shape (n_reference,).
    n_neighbour
        Labelled samples that are asked, by Euclidean distance.

    Returns
    -------
    tuple of NDArray[np.int64], NDArray[np.float64]
        Shapes (n_sample,). Of labels that as many neighbours have, the one whose are nearer in
        sum. The share is in (0, 1].

    Raises
    ------
    InputDataError
        If there are fewer labelled samples than neighbours asked for.

    Notes
    -----
    k nearest neighbours [1]_. A label of a population that the reference lacks is that of
    another: look at the share, and at the picture.

    References
    ----------
    .. [1] Cover & Hart (1967), IEEE Trans Inf Theory 13:21-27.

    Examples
    --------
    >>> reference, label = np.array([[0.0], [1.0], [9.0]]), np.array([0, 0, 1])
    >>> [found.tolist() for found in nearest_label(np.array([[0.4]]), reference, label, 3)]
    [[0], [0.6666666666666666]]
    """
    if not 1 <= n_neighbour <= len(reference):
        raise InputDataError(
            f"{n_neighbour} neighbours are asked for among {len(reference)} labelled reference "
            f"samples: expected from 1 to {len(reference)}; lower ancestry.n_neighbour in "
            "study.yaml, or bring more labelled samples"
        )
    found = cKDTree(reference).query(score, k=np.arange(1, n_neighbour + 1))
    distance, place = np.asarray(found[0]), np.asarray(found[1])
    is_label = label[place][:, :, None] == np.arange(label.max() + 1)
    n_vote = is_label.sum(axis=1)
    apart = np.where(is_label, distance[:, :, None], 0.0).sum(axis=1)
    is_most = n_vote == n_vote.max(axis=1, keepdims=True)
    best = np.where(is_most, apart, np.inf).argmin(axis=1)
    share = n_vote[np.arange(len(score)), best] / n_neighbour
    return best.astype(np.int64), share.astype(np.float64)
