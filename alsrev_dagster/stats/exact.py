"""Exact conditional test of genotype and outcome, Fisher's test among them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.stats.counts import distinct_rows, stacked_tables
from alsrev_dagster.stats.kernel.exact import N_SAMPLE_MAX, N_TEST, exact_each

TIE_TOLERANCE = 1e-7
"""Relative slack of "no more likely than", as in R's ``fisher.test`` (relErr)."""

LEAST_P = float(np.finfo(np.float64).tiny)
"""What a P value below every double is given as."""

_N_NULL_KEPT = 65_536
"""Null distributions of one stratum that are remembered during a call."""

Score = tuple[int, int, int]
Null = tuple[int, NDArray[np.float64]]
"""Smallest value of T, and the probability of it and each whole number above."""


@dataclass(frozen=True)
class ExactTests:
    """What one pass over the null distribution of each table gives; arrays of shape (n,)."""

    p_value: NDArray[np.float64]
    """Of :func:`exact_conditional_p`: never too small."""
    mid_p_value: NDArray[np.float64]
    """With half of the outcomes as likely as the one seen: nearer to uniform, can be too small."""
    minimum_p_value: NDArray[np.float64]
    """Of :func:`minimum_attainable_p`."""


def exact_conditional_p(
    case_counts: NDArray[np.int64], control_counts: NDArray[np.int64], score: Score
) -> NDArray[np.float64]:
    """Two-sided exact P value of T, the cases' summed genotype score.

    Parameters
    ----------
    case_counts, control_counts
        Samples with genotype 0, 1 and 2 in each stratum, shape (n, S, 3). Missing
        calls are not counted.
    score
        Whole numbers for genotypes 0, 1 and 2: (0, 1, 2) additive, (0, 1, 1)
        carrier, (0, 0, 1) recessive.

    Returns
    -------
    NDArray[np.float64]
        Shape (n,), in (0, 1]; 1.0 where the coded genotype, or the outcome, does
        not vary within any stratum.

    Raises
    ------
    InputDataError
        If the shapes differ, a count is negative or the score is not whole numbers.

    Notes
    -----
    Given each stratum's genotype counts and number of cases, the cases' genotypes
    are multivariate hypergeometric; T's distribution is that one projected on the
    score and convolved over strata [1]_. The P value sums the outcomes no more
    likely than the one seen, with R's ``fisher.test`` slack for ties. With one
    stratum and a two-valued score it is Fisher's exact test. It assumes that
    outcomes are exchangeable within a stratum: relatives, or a batch or ancestry
    that differs between cases and controls inside a stratum, break it.

    References
    ----------
    .. [1] Agresti (1992), Statistical Science 7:131-153.

    Examples
    --------
    >>> case, control = np.array([[[19, 0, 3]]]), np.array([[[243, 0, 0]]])
    >>> float(exact_conditional_p(case, control, (0, 0, 1))[0])  # doctest: +ELLIPSIS
    0.00050218...
    """
    return exact_conditional_tests(case_counts, control_counts, score).p_value


def minimum_attainable_p(
    case_counts: NDArray[np.int64], control_counts: NDArray[np.int64], score: Score
) -> NDArray[np.float64]:
    """Smallest P value that :func:`exact_conditional_p` can give with these margins.

    Parameters
    ----------
    case_counts, control_counts, score
        As in :func:`exact_conditional_p`; only their margins matter.

    Returns
    -------
    NDArray[np.float64]
        Shape (n,), in (0, 1]; 1.0 where nothing could be learned.

    Raises
    ------
    InputDataError
        As :func:`exact_conditional_p`.

    Notes
    -----
    A variant whose smallest P value is above the significance level can't be
    significant and need not be counted as a test [1]_. That holds only for the exact
    test, and for margins that are the same under the null.

    References
    ----------
    .. [1] Tarone (1990), Biometrics 46:515-522.

    Examples
    --------
    >>> case, control = np.array([[[22, 0, 0]]]), np.array([[[240, 3, 0]]])
    >>> float(minimum_attainable_p(case, control, (0, 1, 1))[0])  # doctest: +ELLIPSIS
    0.00050218...
    """
    return exact_conditional_tests(case_counts, control_counts, score).minimum_p_value


def exact_conditional_tests(
    case_counts: NDArray[np.int64], control_counts: NDArray[np.int64], score: Score
) -> ExactTests:
    """P value, mid-P value and smallest attainable P value of T, in one pass.

    Parameters
    ----------
    case_counts, control_counts, score
        As in :func:`exact_conditional_p`.

    Returns
    -------
    ExactTests
        Each in (0, 1]; where nothing varies the mid-P value is a half, the others 1.

    Raises
    ------
    InputDataError
        As :func:`exact_conditional_p`.

    Notes
    -----
    The mid-P value counts outcomes less likely than the one seen whole and those as likely
    half [1]_. Its mean under the null is a half; it does not keep the significance level, and is
    reported beside the P value, not for it.

    References
    ----------
    .. [1] Lancaster (1961), J Am Stat Assoc 56:223-234.

    Examples
    --------
    >>> case, control = np.array([[[19, 0, 3]]]), np.array([[[243, 0, 0]]])
    >>> round(float(exact_conditional_tests(case, control, (0, 0, 1)).mid_p_value[0]), 9)
    0.000251094
    """
    table = stacked_tables(case_counts, control_counts, score)
    has_both = (table.sum(axis=3) > 0).all(axis=1)
    compared = (table * has_both[:, None, :, None]).sum(axis=2)
    is_one = (has_both.sum(axis=1) <= 1) & (compared.sum(axis=(1, 2)) <= N_SAMPLE_MAX)
    number, rest = np.empty((3, len(table))), (case_counts[~is_one], control_counts[~is_one])
    number[:, is_one] = _one_stratum(compared[is_one], score)
    number[:, ~is_one] = solve_distinct(*rest, score, _all_of_seen)
    return ExactTests(*number)


def log_factorials(n_max: int) -> NDArray[np.longdouble]:
    """Log factorial of 0 to ``n_max``, in extended precision.

    That of 265 is 1,216, and its last double digit alone would be an error of 1e-13 in every
    probability.

    Examples
    --------
    >>> np.exp(log_factorials(4)).round().astype(int).tolist()
    [1, 1, 2, 6, 24]
    """
    log_factorial = np.zeros(n_max + 1, dtype=np.longdouble)
    log_factorial[1:] = np.cumsum(np.log(np.arange(1, n_max + 1, dtype=np.longdouble)))
    return log_factorial


def solve_distinct(
    case_counts: NDArray[np.int64],
    control_counts: NDArray[np.int64],
    score: Score,
    solve: Callable[[Null, int], tuple[float, ...]],
) -> NDArray[np.float64]:
    """Apply ``solve`` to the null distribution and T of each distinct table, shape (k, n)."""
    table = stacked_tables(case_counts, control_counts, score)
    unique, inverse = distinct_rows(table.reshape(len(table), 6 * table.shape[2]))
    distinct = unique.reshape(len(unique), *table.shape[1:])
    n_genotype = distinct.sum(axis=1)
    n_case = distinct[:, 0].sum(axis=2)
    t_seen = distinct[:, 0].sum(axis=1) @ np.array(score)
    null_of = _null_solver(int(n_genotype.sum(axis=2).max(initial=0)), score)
    solved = [
        solve(_convolved(null_of, margins, cases), t)
        for margins, cases, t in zip(
            n_genotype.tolist(), n_case.tolist(), t_seen.tolist(), strict=True
        )
    ]
    if not solved:  # how many numbers there would be, a table of one sample tells
        return np.empty((len(solve((0, np.ones(1)), 0)), 0))
    number: NDArray[np.float64] = np.array(solved, dtype=np.float64).T[:, inverse]
    return number


def _one_stratum(table: NDArray[np.int64], score: Score) -> NDArray[np.float64]:
    """All three P values of tables of which one stratum is compared, shape (n, 2, 3): compiled."""
    unique, inverse = distinct_rows(table.reshape(len(table), 6))
    n_sample, whole = int(unique.sum(axis=1).max(initial=0)), np.array(score, dtype=np.int64)
    room = np.empty((3, n_sample + 1)), np.empty(n_sample * int(np.ptp(whole)) + 1)
    number = np.empty((len(unique), N_TEST))
    distinct = np.ascontiguousarray(unique.reshape(-1, 2, 3))
    exact_each(distinct, whole, (TIE_TOLERANCE, LEAST_P), *room, number)
    found: NDArray[np.float64] = number[inverse].T
    return found


def _all_of_seen(null: Null, t_seen: int) -> tuple[float, float, float]:
    """P value, mid-P value and smallest P value."""
    t_min, probability = null
    seen = float(probability[t_seen - t_min])
    p_value = p_up_to(probability, seen)
    smallest = p_up_to(probability, float(probability[probability > 0].min()))
    as_likely = np.abs(probability / seen - 1) <= TIE_TOLERANCE
    half = float(probability[as_likely].sum() / probability.sum()) / 2
    return p_value, max(p_value - half, LEAST_P), smallest


def p_up_to(probability: NDArray[np.float64], limit: float) -> float:
    """Summed probability of the outcomes no likelier than a limit, with R's slack for ties."""
    as_rare = probability <= limit * (1 + TIE_TOLERANCE)
    return min(max(float(probability[as_rare].sum() / probability.sum()), LEAST_P), 1.0)


def _convolved(
    null_of: Callable[[tuple[int, ...], int], Null], margins: list[list[int]], cases: list[int]
) -> Null:
    """Null distribution of T over all strata; one without samples adds nothing."""
    t_min, probability = 0, np.ones(1)
    for n_genotype, n_case in zip(margins, cases, strict=True):
        shift, stratum = null_of(tuple(n_genotype), n_case)
        probability = np.convolve(probability, stratum)
        t_min += shift
    return t_min, probability


def _null_solver(n_sample_max: int, score: Score) -> Callable[[tuple[int, ...], int], Null]:
    """Solver of one stratum that remembers the margins it has met."""
    log_factorial = log_factorials(n_sample_max)

    @lru_cache(maxsize=_N_NULL_KEPT)
    def null_of(n_genotype: tuple[int, ...], n_case: int) -> Null:
        return _stratum_null(n_genotype, n_case, score, log_factorial)

    return null_of


def _stratum_null(
    n_genotype: tuple[int, ...],
    n_case: int,
    score: Score,
    log_factorial: NDArray[np.longdouble],
) -> Null:
    """Null distribution of T in one stratum, drawn for the smaller of the two groups."""
    n_sample = sum(n_genotype)
    n_drawn = min(n_case, n_sample - n_case)
    ref_ways, het_ways, alt_ways = (
        _log_choices(n, min(n, n_drawn), log_factorial) for n in n_genotype
    )
    n_ref = n_drawn - np.arange(len(het_ways))[:, None] - np.arange(len(alt_ways))
    het, alt = np.nonzero((n_ref >= 0) & (n_ref < len(ref_ways)))
    ref = n_ref[het, alt]
    all_ways = _log_choices(n_sample, n_drawn, log_factorial)[-1]
    log_p = ref_ways[ref] + het_ways[het] + alt_ways[alt] - all_ways
    t = score[0] * ref + score[1] * het + score[2] * alt
    probability: NDArray[np.float64] = np.bincount(
        t - t.min(), weights=np.exp(log_p.astype(np.float64))
    ).astype(np.float64)
    if n_drawn == n_case:
        return int(t.min()), probability
    t_of_all = int(np.dot(score, n_genotype))
    return t_of_all - int(t.max()), probability[::-1]


def _log_choices(
    n: int, n_drawn_max: int, log_factorial: NDArray[np.longdouble]
) -> NDArray[np.longdouble]:
    """Log of the ways to draw 0, 1 … ``n_drawn_max`` out of ``n``."""
    left = log_factorial[n - n_drawn_max : n + 1][::-1]
    ways: NDArray[np.longdouble] = log_factorial[n] - log_factorial[: n_drawn_max + 1] - left
    return ways
