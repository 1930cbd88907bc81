"""Exact conditional test of heterozygotes and homozygotes together: no genetic model assumed."""

from collections.abc import Callable
from functools import lru_cache, reduce

import numpy as np
from numpy.typing import NDArray
from scipy.signal import convolve2d

from alsrev_dagster.stats.counts import distinct_rows, stacked_tables
from alsrev_dagster.stats.exact import TIE_TOLERANCE, ExactTests, log_factorials

_N_OUTCOME_MAX = 1_000_000
"""Outcomes of one stratum above which they are not counted out."""
_LEAST = float(np.finfo(np.float64).tiny)
_N_NULL_KEPT = 4_096
_ANY_SCORE = (0, 1, 2)

_Floats = NDArray[np.float64]
_NullOf = Callable[[tuple[int, ...], int], _Floats]


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
        Each in (0, 1]; NaN where a stratum has more than a million outcomes.

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
    log_factorial = log_factorials(int(distinct.sum(axis=(1, 3)).max(initial=0)))

    @lru_cache(maxsize=_N_NULL_KEPT)
    def null_of(n_genotype: tuple[int, ...], n_case: int) -> _Floats:
        return _stratum_null(n_genotype, n_case, log_factorial)

    found = np.array([_tests(row, null_of) for row in distinct]).reshape(-1, 3)
    return ExactTests(*found[inverse].T)


def _tests(table: NDArray[np.int64], null_of: _NullOf) -> tuple[float, float, float]:
    """P value, mid-P value and smallest P value of one table, shape (2, S, 3)."""
    margins, n_case = table.sum(axis=0), table[0].sum(axis=1)
    n_most = np.minimum(margins[:, 1:], n_case[:, None]) + 1
    if (n_most.prod(axis=1) > _N_OUTCOME_MAX).any():
        return float("nan"), float("nan"), float("nan")
    strata = [
        null_of(tuple(n_genotype), n)
        for n_genotype, n in zip(margins.tolist(), n_case.tolist(), strict=True)
    ]
    null = reduce(convolve2d, strata)
    seen = null[tuple(table[0, :, 1:].sum(axis=0))]
    total = null.sum()
    as_likely = null[np.abs(null / seen - 1) <= TIE_TOLERANCE].sum() / total
    p_value, least = (
        min(max(float(null[null <= limit * (1 + TIE_TOLERANCE)].sum() / total), _LEAST), 1.0)
        for limit in (seen, null[null > 0].min())
    )
    return p_value, max(p_value - float(as_likely) / 2, _LEAST), least


def _stratum_null(
    n_genotype: tuple[int, ...], n_case: int, log_factorial: NDArray[np.longdouble]
) -> _Floats:
    """Probability of each number of heterozygous and of homozygous cases that there can be."""
    n_ref, n_het, n_hom = n_genotype
    het, hom = np.arange(min(n_het, n_case) + 1)[:, None], np.arange(min(n_hom, n_case) + 1)
    ref = n_case - het - hom
    can_be = (ref >= 0) & (ref <= n_ref)
    inside = np.clip(ref, 0, n_ref)
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
