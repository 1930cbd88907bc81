"""Whether a number is larger in one group than in the other of the same stratum: ranks."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm, rankdata

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.risk import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class StratifiedRank:
    """Van Elteren's test of two groups within strata."""

    n_stratum: int
    """Strata with people of both groups: the others say nothing."""
    statistic: float
    """Weighted sum over strata of ranks in the group, less what is expected of it."""
    variance: float
    """Of the statistic, were the group drawn at random within strata; ties counted."""
    z: float
    """Above 0: larger in the group. NaN where no stratum has both groups, 0 where all are alike."""
    p_value: float
    """Two-sided, by the normal distribution, without a correction for continuity, in [0, 1]."""


def stratified_rank(value: FloatArray, group: BoolArray, stratum: IntArray) -> StratifiedRank:
    """Compare the values of a group with those of the others of its stratum.

    Parameters
    ----------
    value
        Of each person, shape (n_person,); none missing.
    group
        Who is in the group, shape (n_person,).
    stratum
        Number of each person's stratum, shape (n_person,).

    Returns
    -------
    StratifiedRank
        P value in [0, 1], or NaN where nobody can be compared.

    Raises
    ------
    InputDataError
        If shapes differ or a value is missing.

    Notes
    -----
    Sum over strata of W / (N + 1), W the sum of the group's ranks among the N people of a stratum,
    mid-ranks for ties: the weights with the most power where the shift is the same in all strata
    [1]_. Of one stratum it is the Mann-Whitney test. Differences of opposite sign in two strata
    cancel; with few people in all strata together the normal distribution is rough.

    References
    ----------
    .. [1] van Elteren (1960), Bulletin of the Institute of International Statistics 37:351.

    Examples
    --------
    >>> value, group = np.array([3.0, 4, 1, 2, 8, 9, 5, 6]), np.tile([True, True, False, False], 2)
    >>> found = stratified_rank(value, group, np.repeat([0, 1], 4))
    >>> found.n_stratum, round(found.z, 3), round(found.p_value, 4)
    (2, 2.191, 0.0285)
    """
    refuse_values(value, group, stratum, to_be="ranked")
    n_stratum, statistic, variance = 0, 0.0, 0.0
    for number in np.unique(stratum):
        mine = stratum == number
        n, n_group = int(mine.sum()), int((mine & group).sum())
        if not 0 < n_group < n:
            continue
        n_stratum += 1
        rank = rankdata(value[mine]) - (n + 1) / 2
        statistic += float(rank[group[mine]].sum()) / (n + 1)
        spread = float((rank**2).sum()) / (n - 1)
        variance += n_group * (n - n_group) / n * spread / (n + 1) ** 2
    z = _standardised(statistic, variance) if n_stratum else float("nan")
    return StratifiedRank(n_stratum, statistic, variance, z, float(2 * norm.sf(abs(z))))


def _standardised(statistic: float, variance: float) -> float:
    return statistic / float(np.sqrt(variance)) if variance > 0 else 0.0


def refuse_values(value: FloatArray, group: BoolArray, stratum: IntArray, *, to_be: str) -> None:
    """Refuse values that are missing or not one a person; ``to_be`` says what is done to them."""
    if not value.shape == group.shape == stratum.shape:
        raise InputDataError(
            f"there are {value.shape} values, {group.shape} groups and {stratum.shape} strata: "
            "expected one of each a person"
        )
    n_missing = int(np.isnan(value).sum())
    if n_missing:
        raise InputDataError(
            f"{n_missing} of {len(value)} values to be {to_be} are missing: expected none; leave "
            "out people without one"
        )
