"""Combined assessment of function and survival (CAFS): everybody compared with everybody."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm, rankdata

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.risk import BoolArray, FloatArray, IntArray

_N_ROW = 512


@dataclass(frozen=True)
class CafsScore:
    """Score of each person: pairs won less pairs lost; and its rank, 1 the worst. Shape (n,)."""

    score: IntArray
    rank: FloatArray
    """Mean rank among ties; within the stratum where there are strata."""
    n_undecided: int
    """Pairs of which nobody can say who did better: counted as ties."""


@dataclass(frozen=True)
class CafsTest:
    """Carriers against others; NaN where one of the groups is empty."""

    n_carrier: int
    n_non_carrier: int
    mean_rank_carrier: float
    mean_rank_non_carrier: float
    """Higher is better."""
    p_value: float
    """Two-sided Wilcoxon by the normal distribution, with ties and strata; no continuity."""
    permutation_p: float
    """Two-sided, of carriers' sum of scores, (b + 1) / (m + 1); NaN without permutations."""
    n_permutation: int
    n_undecided: int


def cafs_score(
    survival_months: FloatArray,
    died: BoolArray,
    change: FloatArray,
    *,
    horizon_months: float = np.inf,
    stratum: IntArray | None = None,
) -> CafsScore:
    """Score of each person against every other of its stratum.

    Parameters
    ----------
    survival_months
        Time to death, or to when a person was last known alive, shape (n,).
    died
        Whether it ended with death, shape (n,).
    change
        Change of the ALSFRS-R total from baseline to the last visit by the horizon, points,
        negative is decline, shape (n,); NaN for those who have none.
    horizon_months
        Up to which survival and function are compared: who dies later is alive.
    stratum
        Number of each person's stratum, shape (n,); None compares everybody.

    Returns
    -------
    CafsScore
        Scores sum to 0 in every stratum.

    Raises
    ------
    InputDataError
        If shapes disagree or a survival time is missing.

    Notes
    -----
    Of two who died the one who lived longer wins; of one who died and one who did not, the
    latter; of two alive the one whose change is larger [1]_. A tie is 0. Nobody can say who did
    better when one died after the other was last seen alive, or when one of two alive has no
    change: such a pair is a tie here and is counted. Change is compared as it was last seen; who
    was lost early had less time to decline.

    References
    ----------
    .. [1] Berry et al. (2013), Amyotroph Lateral Scler Frontotemporal Degener 14:162-168.

    Examples
    --------
    >>> died = np.array([False, False, False, True, True, False])
    >>> months = np.array([12.0, 12, 12, 200 / 30.4375, 320 / 30.4375, 12])
    >>> change = np.array([-3.0, -10, 4, np.nan, np.nan, -10])
    >>> cafs_score(months, died, change, horizon_months=12).score.tolist()
    [3, 0, 5, -5, -3, 0]
    """
    n = len(survival_months)
    group = np.zeros(n, dtype=np.int64) if stratum is None else stratum
    _refuse(survival_months, died, change, group)
    dead = died & (survival_months <= horizon_months)
    until = np.minimum(survival_months, horizon_months)
    score, rank, n_undecided = np.zeros(n, dtype=np.int64), np.zeros(n), 0
    for number in np.unique(group):
        here = np.flatnonzero(group == number)
        won, undecided = _won(until[here], dead[here], change[here])
        score[here], rank[here] = won, rankdata(won)
        n_undecided += undecided
    return CafsScore(score, rank, n_undecided)


def _won(until: FloatArray, dead: BoolArray, change: FloatArray) -> tuple[IntArray, int]:
    """Pairs won less lost by each, and how many pairs are undecided."""
    n, n_undecided = len(until), 0
    won = np.zeros(n, dtype=np.int64)
    for first in range(0, n, _N_ROW):
        row = slice(first, min(first + _N_ROW, n))
        both_dead = dead[row, None] & dead[None, :]
        we_died, they_died = dead[row, None] & ~dead[None, :], ~dead[row, None] & dead[None, :]
        lived = np.sign(until[row, None] - until[None, :])
        apart = change[row, None] - change[None, :]
        both_alive = ~(dead[row, None] | dead[None, :])
        # alive beats dead only when seen alive at that death or later
        outlived, survived = they_died & (lived >= 0), we_died & (lived <= 0)
        is_decided = both_dead | outlived | survived | (both_alive & ~np.isnan(apart))
        pair = np.where(both_dead, lived, 0) + outlived - survived.astype(np.int64)
        pair += np.where(both_alive, np.sign(np.nan_to_num(apart)), 0)
        won[row] = pair.sum(axis=1).astype(np.int64)
        itself = np.arange(row.start, row.stop)
        is_decided[itself - first, itself] = True
        n_undecided += int((~is_decided).sum())
    return won, n_undecided // 2


def cafs_test(
    scores: CafsScore,
    carrier: BoolArray,
    *,
    stratum: IntArray | None = None,
    random: np.random.Generator | None = None,
    n_permutation: int = 0,
) -> CafsTest:
    """Carriers against others by mean rank, with Wilcoxon's and a permutation P value.

    Parameters
    ----------
    scores
        As cafs_score gives them.
    carrier
        Shape (n,).
    stratum
        As it was given for the scores: labels are permuted within it.
    random, n_permutation
        From what and how many permutations are drawn; none without.

    Returns
    -------
    CafsTest
        P values in (0, 1].

    Notes
    -----
    The statistic is carriers' sum of scores; given the scores of a stratum, its mean is 0 and its
    variance n_carrier n_other / (n (n - 1)) times their sum of squares, which takes care of ties.
    Strata add up. With few carriers quote the permutation. Carriers among the strata's scores are
    exchangeable with others only if who is followed, and for how long, does not depend on
    genotype.
    """
    n = len(carrier)
    group = np.zeros(n, dtype=np.int64) if stratum is None else stratum
    if not len(scores.score) == n == len(group):
        raise InputDataError(
            f"there are {len(scores.score)} scores, {n} carrier labels and {len(group)} strata: "
            "expected one of each a person; take all from one table"
        )
    n_carrier = int(carrier.sum())
    found = float(scores.score[carrier].sum())
    variance = sum(
        _variance(scores.score[group == number], carrier[group == number])
        for number in np.unique(group)
    )
    drawn = n_permutation if random is not None and variance > 0 else 0
    p_value = 2 * float(norm.sf(abs(found) / np.sqrt(variance))) if variance > 0 else float("nan")
    return CafsTest(
        n_carrier,
        n - n_carrier,
        _mean(scores.rank[carrier]),
        _mean(scores.rank[~carrier]),
        p_value,
        _permutation_p(scores.score, carrier, group, random, drawn) if random else float("nan"),
        drawn,
        scores.n_undecided,
    )


def _variance(score: IntArray, carrier: BoolArray) -> float:
    n, n_carrier = len(score), int(carrier.sum())
    if n < 2:
        return 0.0
    return (
        n_carrier * (n - n_carrier) / (n * (n - 1)) * float((score.astype(np.float64) ** 2).sum())
    )


def _permutation_p(
    score: IntArray, carrier: BoolArray, group: IntArray, random: np.random.Generator, n: int
) -> float:
    """Share of label permutations within strata whose sum is as far from 0."""
    if n == 0:
        return float("nan")
    found = np.zeros(n, dtype=np.int64)
    for number in np.unique(group):
        here = np.flatnonzero(group == number)
        n_carrier = int(carrier[here].sum())
        for start in range(0, n, _N_ROW):
            rows = min(_N_ROW, n - start)
            order = np.argsort(random.random((rows, len(here))), axis=1)[:, :n_carrier]
            found[start : start + rows] += score[here][order].sum(axis=1)
    as_far = np.abs(found) >= abs(int(score[carrier].sum()))
    return float((as_far.sum() + 1) / (n + 1))


def _mean(rank: FloatArray) -> float:
    return float(rank.mean()) if len(rank) else float("nan")


def _refuse(
    survival_months: FloatArray, died: BoolArray, change: FloatArray, stratum: IntArray
) -> None:
    n = len(survival_months)
    if not n == len(died) == len(change) == len(stratum):
        raise InputDataError(
            f"there are {n} survival times, {len(died)} deaths, {len(change)} changes and "
            f"{len(stratum)} strata: expected one of each a person; take all from one table"
        )
    n_missing = int(np.isnan(survival_months).sum())
    if n_missing:
        raise InputDataError(
            f"{n_missing} of {n} people have no survival_months: expected the time of death or "
            "of the last sign of life of each; leave the others out"
        )
