"""Firth's multinomial logistic regression of cases and several control arms on genotype."""

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.counts import distinct_rows
from alsrev_dagster.stats.polytomous_model import (
    GroupedData,
    PolytomousFit,
    PolytomousTest,
    polytomous_fit_of,
    polytomous_test_of,
    with_blanks,
)
from alsrev_dagster.stats.separation import Bools, Floats, is_separated

_N_TABLE_AT_ONCE = 20_000
"""Tables fitted together; bounds the memory, changes no result."""

_Result = TypeVar("_Result", bound=PolytomousTest)


def polytomous_firth(group_counts: NDArray[np.int64], score: tuple[int, int, int]) -> PolytomousFit:
    """Each arm's penalised log odds ratio against the cases, whether they agree, and their one.

    Parameters
    ----------
    group_counts
        Samples with genotype 0, 1 and 2 by group and stratum, shape (n, 1 + K, S, 3): cases
        first, then K >= 1 control arms. Missing calls are not counted.
    score
        Whole numbers for genotypes 0, 1 and 2: (0, 1, 2) additive, (0, 1, 1)
        carrier, (0, 0, 1) recessive.

    Returns
    -------
    PolytomousFit
        ``fit_status`` is ``ok``; ``separated`` where ordinary maximum likelihood would run
        off (Firth's numbers are given); ``group_missing`` where cases or an arm have no call,
        and ``monomorphic`` where the coded genotype varies in no stratum (P values 1, the rest
        NaN); ``not_converged`` (all NaN).

    Raises
    ------
    InputDataError
        If the shape is another, a count is negative or the score is not whole numbers.

    Notes
    -----
    log P(arm k) / P(case) = intercept of arm and stratum - beta_k * score. The cases are one
    group of one model, so the arms' betas are correlated as they should be. The penalty is half
    the log determinant of the Fisher information [1]_ of the whole model in the tests of each
    arm, of all and of agreement [2]_ [3]_: for a carrier score without strata beta_k is the log
    odds ratio of cases and arm k with a half added to each cell.

    The common beta is of a model of its own, with one beta and its own penalty. Under the larger
    model's each arm would add a half to the carriers among the controls; under its own the beta
    is that of cases against pooled controls (:func:`firth.firth_logistic`), but for a factor
    (expected controls)^((K-1)/2) in the likelihood that hardly moves it.

    The LRT's chi-square is an approximation at 22 cases: the exact stratified test is beside it.
    Relatives break it, and so do batches that differ between the groups.

    References
    ----------
    .. [1] Firth (1993), Biometrika 80:27-38.
    .. [2] Bull, Mak & Greenwood (2002), Comput Stat Data Anal 39:57-74.
    .. [3] Kosmidis & Firth (2011), Biometrika 98:755-759.

    Examples
    --------
    >>> counts = np.array([[[[19, 0, 3]], [[103, 0, 0]], [[140, 0, 0]]]])
    >>> fit = polytomous_firth(counts, (0, 0, 1))
    >>> np.exp(fit.beta[0]).round(3).tolist(), str(fit.fit_status[0])
    ([37.154, 50.436], 'separated')
    """
    return _over_distinct(group_counts, score, polytomous_fit_of)


def polytomous_firth_test(
    group_counts: NDArray[np.int64], score: tuple[int, int, int]
) -> PolytomousTest:
    """Estimates, P values and status as :func:`polytomous_firth` gives them, for a scan.

    Errors, covariance and intervals, most of whose time goes into the last, are not sought.

    Examples
    --------
    >>> counts = np.array([[[[10, 9, 3]], [[95, 8, 0]], [[129, 11, 0]]]])
    >>> bool(polytomous_firth_test(counts, (0, 1, 2)).agreement_p_value[0] > 0.5)
    True
    """
    return _over_distinct(group_counts, score, polytomous_test_of)


def _over_distinct(
    group_counts: NDArray[np.int64],
    score: tuple[int, int, int],
    solve: Callable[[GroupedData], _Result],
) -> _Result:
    """Solve each distinct table once, and give every table its numbers."""
    table = _require_groups(group_counts, score)
    n, n_group, n_stratum, _ = table.shape
    unique, inverse = distinct_rows(table.reshape(n, n_group * n_stratum * 3))
    distinct = unique.reshape(len(unique), *table.shape[1:])
    coded = np.array(score, dtype=np.float64)
    starts = range(0, max(len(distinct), 1), _N_TABLE_AT_ONCE)
    parts = [
        _solve_usable(distinct[start : start + _N_TABLE_AT_ONCE], coded, solve) for start in starts
    ]
    columns = {
        name: np.concatenate([vars(part)[name] for part in parts])[inverse]
        for name in vars(parts[0])
    }
    return replace(parts[0], **columns)


def _solve_usable(
    table: NDArray[np.int64], score: Floats, solve: Callable[[GroupedData], _Result]
) -> _Result:
    """Solve every table that can be, and fill in the others."""
    has_all = (table.sum(axis=(2, 3)) > 0).all(axis=1)
    is_usable = has_all & _varies(table, score)
    solved = solve(_grouped(table[is_usable], score))
    columns = with_blanks(solved, is_usable)
    status = np.where(has_all, "monomorphic", "group_missing").astype("<U13")
    found = np.where(_runs_off(table[is_usable], score), "separated", "ok")
    status[is_usable] = np.where(solved.fit_status == "ok", found, solved.fit_status)
    return replace(solved, **columns, fit_status=status)


def _grouped(table: NDArray[np.int64], score: Floats) -> GroupedData:
    """Cells by stratum and genotype; one intercept for each arm and stratum."""
    n, n_group, n_stratum, _ = table.shape
    count = np.moveaxis(table, 1, 3).reshape(n, n_stratum * 3, n_group).astype(np.float64)
    level = np.log(table.sum(axis=3) + 0.5)
    return GroupedData(
        count=count,
        base=np.repeat(np.eye(n_stratum), 3, axis=0),
        score=np.tile(score, n_stratum)[None],
        crude=(level[:, 1:] - level[:, :1]).reshape(n, (n_group - 1) * n_stratum),
        is_level=np.ones(n_stratum, dtype=np.bool_),
    )


def _varies(table: NDArray[np.int64], score: Floats) -> Bools:
    """Whether some stratum has cases, a control and two values of the coded genotype."""
    has_both = (table[:, 0].sum(axis=2) > 0) & (table[:, 1:].sum(axis=(1, 3)) > 0)
    seen = table.sum(axis=1) > 0
    low = np.where(seen, score, np.inf).min(axis=2)
    high = np.where(seen, score, -np.inf).max(axis=2)
    varies: Bools = (has_both & (low < high)).any(axis=1)
    return varies


def _runs_off(table: NDArray[np.int64], score: Floats) -> Bools:
    """Whether ordinary maximum likelihood has no finite estimate of every beta.

    It has none if the groups of largest slope are ordered against all the others: some split
    of the groups in two is separated.
    """
    n_group = table.shape[1]
    found = np.zeros(len(table), dtype=np.bool_)
    for size in range(1, n_group // 2 + 1):
        for some in combinations(range(n_group), size):
            is_some = np.isin(np.arange(n_group), some)
            two = np.stack([table[:, is_some].sum(axis=1), table[:, ~is_some].sum(axis=1)], axis=1)
            found |= is_separated(two, score)
    return found


def _require_groups(
    group_counts: NDArray[np.int64], score: tuple[int, int, int]
) -> NDArray[np.int64]:
    shape = group_counts.shape
    if len(shape) != 4 or shape[1] < 2 or shape[2] == 0 or shape[3] != 3:
        raise InputDataError(
            f"group_counts has shape {shape}: expected (n_table, 1 + n_arm, n_stratum, 3), cases "
            "first, with at least one arm and one stratum and without the missing calls"
        )
    if len(score) != 3 or any(int(value) != value for value in score):
        raise InputDataError(
            f"score is {score}: expected three whole numbers, one per genotype 0, 1 and 2, for "
            "instance (0, 1, 2) for additive or (0, 1, 1) for carriers"
        )
    if group_counts.size and group_counts.min() < 0:
        raise InputDataError(
            f"the smallest genotype count is {group_counts.min()}: expected no count below 0; "
            "check the step that counted the genotypes"
        )
    return group_counts.astype(np.int64)
