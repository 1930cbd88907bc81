"""Controls matched to cases by principal components: few pairs far apart, none beyond a caliper."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

N_OPTIMAL_MAX = 25_000_000
"""Distances up to which the best matching is sought (200 MB); above, nearest come first."""


@dataclass(frozen=True)
class Matching:
    """Which case each control stands beside, shape (n_control,)."""

    case: NDArray[np.int64]
    """Place of the case; -1 where the control is not used."""
    distance: NDArray[np.float64]
    """From that case; NaN where not used."""
    is_optimal: bool
    """False where the sum of distances may not be the smallest."""


def weighted_distance(
    case: NDArray[np.float64], control: NDArray[np.float64], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Distance of each case from each control over principal components.

    Parameters
    ----------
    case, control
        Principal components, shapes (n_case, n_pc) and (n_control, n_pc).
    weight
        Of each component, at least 0: its eigenvalue.

    Returns
    -------
    NDArray[np.float64]
        Shape (n_case, n_control): root of the weighted mean of the squared differences, each in
        standard deviations of cases and controls together. 1 is a standard deviation apart on
        every component, whatever their number.

    Notes
    -----
    The Mahalanobis distance of uncorrelated components, weighted by the variance that each
    explains, as PCAmatchR [1]_, over the sum of the weights.

    References
    ----------
    .. [1] Brown, Myers & Machiela (2021), Bioinformatics 37:1178-1181.

    Examples
    --------
    >>> case, control = np.array([[0.0, 0.0]]), np.array([[2.0, 0.0], [-2.0, 0.0]])
    >>> weighted_distance(case, control, np.array([3.0, 1.0])).round(3).tolist()
    [[0.866, 0.866]]
    """
    both = np.concatenate([case, control])
    spread = both.std(axis=0, ddof=1)
    scale = np.sqrt(weight / weight.sum()) / np.where(spread > 0, spread, np.inf)
    a, b = case * scale, control * scale
    squared = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * a @ b.T
    return np.asarray(np.sqrt(np.maximum(squared, 0)), dtype=np.float64)


def match_controls(
    distance: NDArray[np.float64],
    is_allowed: NDArray[np.bool_],
    *,
    ratio: int,
    caliper: float,
    n_optimal_max: int = N_OPTIMAL_MAX,
) -> Matching:
    """Up to ``ratio`` controls for each case, none used twice.

    Parameters
    ----------
    distance
        Of each case from each control, shape (n_case, n_control).
    is_allowed
        Pairs that may be matched, the same shape: those that agree where they must.
    ratio
        Controls wanted for each case.
    caliper
        Distance beyond which a control is not matched, in the distance's unit.
    n_optimal_max
        Entries of the assignment's table up to which the best matching is sought.

    Returns
    -------
    Matching
        Of all matchings the one with the most cases that have a control; of these the most
        controls; of these the smallest sum of distances. A case may have fewer than ``ratio``
        controls, or none.

    Notes
    -----
    Optimal matching [1]_: the assignment problem with ``ratio`` rows a case, and a column to
    leave each of them empty, at a price that no sum of distances reaches. Larger problems are
    matched greedily: round by round, the case with the fewest controls within the caliper first.

    References
    ----------
    .. [1] Rosenbaum (1989), J Am Stat Assoc 84:1024-1032.

    Examples
    --------
    >>> distance = np.array([[0.1, 0.2, 0.9], [0.3, 0.1, 0.15]])
    >>> match_controls(distance, distance < 1, ratio=1, caliper=0.5).case.tolist()
    [0, 1, -1]
    """
    is_near = is_allowed & (distance <= caliper)
    n_case, n_control = distance.shape
    n_row = n_case * ratio
    is_optimal = n_row * (n_control + n_row) <= n_optimal_max
    choose = _optimal if is_optimal else _greedy
    case = choose(distance, is_near, ratio)
    used = np.flatnonzero(case >= 0)
    apart = np.full(n_control, np.nan)
    apart[used] = distance[case[used], used]
    return Matching(case, apart, is_optimal)


def _optimal(
    distance: NDArray[np.float64], is_near: NDArray[np.bool_], ratio: int
) -> NDArray[np.int64]:
    n_case, n_control = distance.shape
    n_row = n_case * ratio
    top = float(distance[is_near].max(initial=0.0)) * n_row + 1.0
    empty = np.full((ratio, n_case), top)
    empty[0] = top * (n_row + 1)  # a case without any control costs more than all the others
    near = np.where(is_near, distance, np.inf)
    cost = np.concatenate(
        [np.tile(near, (ratio, 1)), np.broadcast_to(empty.reshape(-1, 1), (n_row, n_row))], axis=1
    )
    row, column = linear_sum_assignment(cost)
    case = np.full(n_control, -1, dtype=np.int64)
    is_real = column < n_control
    case[column[is_real]] = row[is_real] % n_case
    return case


def _greedy(
    distance: NDArray[np.float64], is_near: NDArray[np.bool_], ratio: int
) -> NDArray[np.int64]:
    case = np.full(distance.shape[1], -1, dtype=np.int64)
    order = np.argsort(is_near.sum(axis=1), kind="stable")
    for _ in range(ratio):
        for i in order:
            free = np.flatnonzero(is_near[i] & (case < 0))
            if len(free):
                case[free[distance[i, free].argmin()]] = i
    return case
