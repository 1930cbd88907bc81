"""Exact conditional test of heterozygotes and homozygotes together: no genetic model assumed."""

from functools import lru_cache, reduce

import numpy as np
from numpy.typing import NDArray
from scipy.signal import convolve2d

from alsrev_dagster.stats.counts import distinct_rows, stacked_tables
from alsrev_dagster.stats.exact import (
    LEAST_P,
    TIE_TOLERANCE,
    ExactTests,
    log_factorials,
    p_up_to,
)

_N_STEP_MAX = 5_000_000
"""Steps of convolving the strata, or outcomes of one, above which they are not counted out."""
_N_TABLE_KEPT = 65_536
"""Tables whose answer is remembered: the blocks of a scan have many in common."""
_N_NULL_KEPT = 4_096
_ANY_SCORE = (0, 1, 2)

_Floats = NDArray[np.float64]


def exact_genotypic_tests(
    case_counts: NDArray[np.int64], control_counts: NDArray[np.int64]
) -> ExactTests:
    """Exact P values of the cases' heterozygotes and homozygotes of ALT, taken together.

    Parameters
    ----------
    case_counts, control_counts
        Samples with genotype 0, 1 and 2 in each stratum, shape (n, S, 3).

    Returns
    -------
    ExactTests
        Each in (0, 1]; NaN where there are too many outcomes to count, some five million steps.

    Raises
    ------
    InputDataError
        If the shapes differ or a count is negative.

    Notes
    -----
    Given each stratum's genotype counts and number of cases, the cases' genotypes are multivariate
    hypergeometric; their sums over strata are that convolved. The P value sums the outcomes no
    more likely than the one seen: with one stratum it is the test of Freeman & Halton [1]_ of the
    table of 2 x 3. It assumes that outcomes are exchangeable within a stratum.

    References
    ----------
    .. [1] Freeman & Halton (1951), Biometrika 38:141-149.

    Examples
    --------
    >>> case, control = np.array([[[3, 0, 1]]]), np.array([[[1, 3, 0]]])
    >>> round(float(exact_genotypic_tests(case, control).p_value[0]), 6)
    0.142857
    """
    table = stacked_tables(case_counts, control_counts, _ANY_SCORE)
    unique, inverse = distinct_rows(table.reshape(len(table), 6 * table.shape[2]))
    distinct = unique.reshape(len(unique), *table.shape[1:])
    found = [_tests(row.tobytes(), table.shape[2]) for row in distinct]
    return ExactTests(*np.array(found).reshape(-1, 3)[inverse].T)


@lru_cache(maxsize=_N_TABLE_KEPT)
def _tests(table: bytes, n_stratum: int) -> tuple[float, float, float]:
    """P value, mid-P value and smallest P value of one table, shape (2, S, 3)."""
    cells = np.frombuffer(table, dtype=np.int64).reshape(2, n_stratum, 3)
    margins, n_case = cells.sum(axis=0), cells[0].sum(axis=1)
    if _n_step(np.minimum(margins[:, 1:], n_case[:, None])) > _N_STEP_MAX:
        return float("nan"), float("nan"), float("nan")
    strata = [
        _stratum_null(tuple(n_genotype), n)
        for n_genotype, n in zip(margins.tolist(), n_case.tolist(), strict=True)
    ]
    null = reduce(convolve2d, strata)
    seen = float(null[tuple(cells[0, :, 1:].sum(axis=0))])
    as_likely = float(null[np.abs(null / seen - 1) <= TIE_TOLERANCE].sum() / null.sum())
    p_value, least = p_up_to(null, seen), p_up_to(null, float(null[null > 0].min()))
    return p_value, max(p_value - as_likely / 2, LEAST_P), least


def _n_step(n_most: NDArray[np.int64]) -> int:
    """Steps that convolving takes: outcomes so far times those of the next stratum."""
    so_far, n_step = np.zeros(2, dtype=np.int64), 0
    for n in n_most:
        n_step += int((so_far + 1).prod() * (n + 1).prod())
        so_far = so_far + n
    return n_step


@lru_cache(maxsize=_N_NULL_KEPT)
def _stratum_null(n_genotype: tuple[int, ...], n_case: int) -> _Floats:
    """Probability of each number of heterozygous and of homozygous cases that there can be."""
    n_ref, n_het, n_hom = n_genotype
    het, hom = np.arange(min(n_het, n_case) + 1)[:, None], np.arange(min(n_hom, n_case) + 1)
    ref = n_case - het - hom
    can_be = (ref >= 0) & (ref <= n_ref)
    inside, log_factorial = np.clip(ref, 0, n_ref), log_factorials(sum(n_genotype))
    log_p = (
        _log_ways(n_ref, inside, log_factorial)
        + _log_ways(n_het, het, log_factorial)
        + _log_ways(n_hom, hom, log_factorial)
        - _log_ways(sum(n_genotype), np.array(n_case), log_factorial)
    )
    return np.where(can_be, np.exp(log_p.astype(np.float64)), 0.0)


def _log_ways(
    n: int, drawn: NDArray[np.int64], log_factorial: NDArray[np.longdouble]
) -> NDArray[np.longdouble]:
    """Log of the ways to draw some of ``n``."""
    ways: NDArray[np.longdouble] = (
        log_factorial[n] - log_factorial[drawn] - log_factorial[n - drawn]
    )
    return ways
