"""Conditional odds ratio of genotype and outcome: its exact and mid-P intervals."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.exact import Null, Score, solve_distinct
from alsrev_dagster.stats.kernel.exact_odds import N_NUMBER, fill_odds_ratio


@dataclass(frozen=True)
class ExactOddsRatio:
    """Conditional odds ratio of each table; every array has shape (n,)."""

    odds_ratio: NDArray[np.float64]
    """Maximum conditional likelihood; 0 or infinite where T is as small or large as it can be."""
    ci_lower: NDArray[np.float64]
    """Exact: each tail at most half of 1 - confidence (Clopper & Pearson's way)."""
    ci_upper: NDArray[np.float64]
    mid_p_ci_lower: NDArray[np.float64]
    """As the exact one, with half of the probability of the T seen: shorter, not guaranteed."""
    mid_p_ci_upper: NDArray[np.float64]


def exact_odds_ratio(
    case_counts: NDArray[np.int64],
    control_counts: NDArray[np.int64],
    score: Score,
    *,
    confidence: float = 0.95,
) -> ExactOddsRatio:
    """Odds ratio per unit of the score, given every stratum's genotype counts and cases.

    Parameters
    ----------
    case_counts, control_counts
        Samples with genotype 0, 1 and 2 in each stratum, shape (n, S, 3).
    score
        Whole numbers for genotypes 0, 1 and 2, as in :func:`exact.exact_conditional_p`.
    confidence
        Of the intervals, strictly between 0 and 1.

    Returns
    -------
    ExactOddsRatio
        NaN where the coded genotype, or the outcome, does not vary within any stratum.

    Raises
    ------
    InputDataError
        If the confidence is out of range, or as :func:`exact.exact_conditional_p`.

    Notes
    -----
    At an odds ratio psi the probability of T = t is the null's times psi^t, scaled [1]_. With a
    two-valued score this is the estimate and interval of R's ``fisher.test``, over strata those
    of ``mantelhaen.test(exact = TRUE)``, with (0, 1, 2) exact logistic regression. The interval is
    of two one-sided tests and the P value of :func:`exact.exact_conditional_p` of one two-sided:
    one may say 1 is in, the other out [2]_. A fraction of a millisecond a table.

    References
    ----------
    .. [1] Hirji, Mehta & Patel (1987), J Am Stat Assoc 82:1110-1117.
    .. [2] Fay (2010), Biostatistics 11:373-374.

    Examples
    --------
    >>> case, control = np.array([[[43, 51, 0]]]), np.array([[[92, 22, 0]]])
    >>> round(float(exact_odds_ratio(case, control, (0, 1, 1)).odds_ratio[0]), 4)
    4.9178
    """
    if not 0 < confidence < 1:
        raise InputDataError(
            f"confidence is {confidence}: expected strictly between 0 and 1, such as 0.95"
        )
    tail = (1 - confidence) / 2

    def solve(null: Null, t_seen: int) -> tuple[float, ...]:
        return _solve(null, t_seen, tail)

    return ExactOddsRatio(*solve_distinct(case_counts, control_counts, score, solve))


def _solve(null: Null, t_seen: int, tail: float) -> tuple[float, ...]:
    """Estimate and ends of one table, in the order of the result."""
    t_min, probability = null
    possible = np.flatnonzero(probability > 0)
    number = np.full(N_NUMBER, np.nan)
    if len(possible) > 1:
        apart = (possible + (t_min - t_seen)).astype(np.float64)
        fill_odds_ratio(apart, np.log(probability[possible]), tail, number)
    return tuple(number.tolist())
