"""Firth's logistic regression of outcome on genotype, one intercept per stratum."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfc
from scipy.stats import chi2

from alsrev_dagster.stats.counts import distinct_rows, stacked_tables
from alsrev_dagster.stats.firth_newton import Bools, Cells, Fit, Floats, maximise
from alsrev_dagster.stats.firth_profile import profile_ends
from alsrev_dagster.stats.separation import is_informative, is_separated

_DROP_95 = float(chi2.isf(0.05, 1))
"""Twice the fall of the penalised log likelihood at the ends of a 95% interval."""

_N_TABLE_AT_ONCE = 20_000
"""Tables fitted together; bounds the memory, changes no result."""

_P_VALUE = 1
"""Row of the P value among the numbers of a table."""

Estimate = Callable[[Cells], tuple[Floats, Bools]]
"""Numbers of tables that carry information, beta and P value first, and which converged."""


@dataclass(frozen=True)
class FirthFit:
    """Estimate of each table, on the log-odds scale; every array has shape (n,)."""

    beta: NDArray[np.float64]
    """Log odds ratio of being a case per unit of the genotype score."""
    standard_error: NDArray[np.float64]
    """From the inverse Fisher information at the estimate (PLINK 2, REGENIE, brglm2)."""
    standard_error_augmented: NDArray[np.float64]
    """From the leverage-augmented data (logistf >= 1.25): smaller; beta is the same."""
    ci_lower: NDArray[np.float64]
    """95% profile penalised likelihood; NaN where not found."""
    ci_upper: NDArray[np.float64]
    """95% profile penalised likelihood; NaN where not found."""
    p_value: NDArray[np.float64]
    """Penalised likelihood ratio test, one degree of freedom."""
    fit_status: NDArray[np.str_]
    """``ok``, ``separated``, ``monomorphic`` or ``not_converged``."""


@dataclass(frozen=True)
class FirthTest:
    """What of :class:`FirthFit` a screen needs; every array has shape (n,)."""

    beta: NDArray[np.float64]
    p_value: NDArray[np.float64]
    fit_status: NDArray[np.str_]


def firth_logistic(
    case_counts: NDArray[np.int64],
    control_counts: NDArray[np.int64],
    score: tuple[int, int, int],
) -> FirthFit:
    """Penalised log odds ratio of each table, with its interval and P value.

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
    FirthFit
        ``fit_status`` is ``ok``; ``separated`` where ordinary maximum likelihood
        would run off to an infinite beta (Firth's numbers are still given);
        ``monomorphic`` where no stratum has cases, controls and two values of the
        coded genotype (P value 1, the rest NaN); ``not_converged`` (all NaN).

    Raises
    ------
    InputDataError
        If the shapes differ, a count is negative or the score is not whole numbers.

    Notes
    -----
    The model is logit P(case) = intercept of the stratum + beta * score. The
    penalty is half the log determinant of the Fisher information [1]_; the test
    compares penalised likelihoods with the full information matrix in both fits, as
    logistf does, and the interval profiles the penalised likelihood [2]_. A stratum
    without called samples changes nothing. With one carrier among unbalanced groups
    the sign of beta is not evidence: a single carrier, a control, gives beta > 0.
    Relatives break it; strata of a few samples each bias it, and in some of at most
    six an end of the interval is not found.

    References
    ----------
    .. [1] Firth (1993), Biometrika 80:27-38.
    .. [2] Heinze & Schemper (2002), Stat Med 21:2409-2419.

    Examples
    --------
    >>> case, control = np.array([[[19, 0, 3]]]), np.array([[[243, 0, 0]]])
    >>> fit = firth_logistic(case, control, (0, 0, 1))
    >>> round(float(fit.beta[0]), 6), str(fit.fit_status[0])
    (4.470613, 'separated')
    """
    number, status = _over_distinct(case_counts, control_counts, score, _full_estimate)
    beta, p_value, standard_error, augmented, ci_lower, ci_upper = number
    return FirthFit(beta, standard_error, augmented, ci_lower, ci_upper, p_value, status)


def firth_test(
    case_counts: NDArray[np.int64],
    control_counts: NDArray[np.int64],
    score: tuple[int, int, int],
) -> FirthTest:
    """Estimate, P value and status of each table as :func:`firth_logistic` gives them.

    The interval, half of the time or more, is not sought: for a scan that is a control and
    no result.

    Examples
    --------
    >>> case, control = np.array([[[19, 0, 3]]]), np.array([[[243, 0, 0]]])
    >>> round(float(firth_test(case, control, (0, 0, 1)).p_value[0]), 9)
    0.000123342
    """
    number, status = _over_distinct(case_counts, control_counts, score, _bare_estimate)
    return FirthTest(number[0], number[1], status)


def _over_distinct(
    case_counts: NDArray[np.int64],
    control_counts: NDArray[np.int64],
    score: tuple[int, int, int],
    estimate: Estimate,
) -> tuple[Floats, NDArray[np.str_]]:
    """Numbers, shape (n_number, n), and status of every table; each distinct one solved once."""
    table = stacked_tables(case_counts, control_counts, score)
    unique, inverse = distinct_rows(table.reshape(len(table), 6 * table.shape[2]))
    distinct = unique.reshape(len(unique), *table.shape[1:])
    coded = np.array(score, dtype=np.float64)
    starts = range(0, max(len(distinct), 1), _N_TABLE_AT_ONCE)
    solved = [
        _fit_distinct(distinct[start : start + _N_TABLE_AT_ONCE], coded, estimate)
        for start in starts
    ]
    number = np.concatenate([part for part, _ in solved], axis=1)
    return number[:, inverse], np.concatenate([status for _, status in solved])[inverse]


def _fit_distinct(
    table: NDArray[np.int64], score: Floats, estimate: Estimate
) -> tuple[Floats, NDArray[np.str_]]:
    """Fit every table that can be, and fill in the others."""
    cells = Cells(table[:, 0].astype(np.float64), table.sum(axis=1).astype(np.float64), score)
    is_usable, runs_off = is_informative(table, score), is_separated(table, score)
    index = np.flatnonzero(is_usable)
    number, is_converged = estimate(cells.take(index))
    result = np.full((len(number), len(table)), np.nan)
    result[:, index] = number
    result[_P_VALUE, ~is_usable] = 1.0
    status = np.where(runs_off, "separated", "ok").astype("<U13")
    status[~is_usable] = "monomorphic"
    status[index[~is_converged]] = "not_converged"
    return result, status


def _bare_estimate(cells: Cells) -> tuple[Floats, Bools]:
    """Rows beta and P value of tables that carry information."""
    number, is_converged, _ = _fitted(cells)
    return number, is_converged


def _full_estimate(cells: Cells) -> tuple[Floats, Bools]:
    """Rows beta, P value, both standard errors and the ends of the interval."""
    bare, is_converged, full = _fitted(cells)
    ends = profile_ends(cells, full, drop=_DROP_95)
    errors = 1 / np.sqrt([full.information, full.augmented_information])
    number = np.array([*bare, *errors, *ends.T])
    number[:, ~is_converged] = np.nan
    return number, is_converged


def _fitted(cells: Cells) -> tuple[Floats, Bools, Fit]:
    """Rows beta and P value, which tables converged, and the fit with beta free."""
    n_case, n_sample = cells.n_case.sum(axis=2), cells.n_sample.sum(axis=2)
    start = np.log((n_case + 0.5) / (n_sample - n_case + 0.5))
    zero = np.zeros(len(start))
    null = maximise(cells, start, zero, is_beta_free=False)
    full = maximise(cells, null.intercept, zero, is_beta_free=True)
    is_converged = null.is_converged & full.is_converged
    statistic = np.maximum(2 * (full.log_likelihood - null.log_likelihood), 0)
    p_value = erfc(np.sqrt(statistic / 2))  # of chi-square, one degree of freedom
    number = np.array([full.beta, p_value])
    number[:, ~is_converged] = np.nan
    return number, is_converged, full
