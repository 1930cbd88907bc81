"""The tests of one contrast under one genetic model, for every variant at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.stats.counts import distinct_rows
from alsrev_dagster.stats.exact import exact_conditional_p
from alsrev_dagster.stats.firth import firth_logistic, firth_test

SCORE: dict[str, tuple[int, int, int]] = {
    "additive": (0, 1, 2),
    "dominant": (0, 1, 1),
    "recessive": (0, 0, 1),
}
"""Coded value of dosage 0, 1 and 2."""

ONE_SIDE_MISSING = "one_side_missing"
"""fit_status where no stratum has a call of both a case and a control: nothing was compared."""

METHOD = "logistic_firth_lrt"
"""The test of record: Firth logistic regression, penalised likelihood ratio."""


@dataclass(frozen=True)
class Evidence:
    """What the tests say of each variant, shape (n_variant,); ratios are of odds."""

    beta: NDArray[np.float64]
    standard_error: NDArray[np.float64]
    odds_ratio: NDArray[np.float64]
    ci_lower: NDArray[np.float64]
    ci_upper: NDArray[np.float64]
    p_value: NDArray[np.float64]
    exact_p_value: NDArray[np.float64]
    fit_status: NDArray[np.object_]


def evidence(
    case_counts: NDArray[np.int64], control_counts: NDArray[np.int64], genetic_model: str
) -> Evidence:
    """Firth and exact evidence of every variant; each distinct table is solved once.

    Parameters
    ----------
    case_counts, control_counts
        Samples with dosage 0, 1 and 2 per stratum, shape (n_variant, n_stratum, 3).
        Samples without a call are left out of the variant (complete cases).
    genetic_model
        A key of ``SCORE``.

    Notes
    -----
    ``fit_status`` is ``one_side_missing``, and P 1, where no stratum has calls of both sides.
    There are at most C(24, 2) * C(245, 2) tables of 22 v 243 samples, and a few thousand
    in a genome: a scan without covariates costs what its distinct tables cost.
    """
    n_variant, n_stratum, _ = case_counts.shape
    table = np.concatenate([case_counts, control_counts], axis=2).reshape(n_variant, n_stratum * 6)
    distinct, inverse = distinct_rows(table)
    cells = distinct.reshape(len(distinct), n_stratum, 6)
    case, control, score = cells[:, :, :3], cells[:, :, 3:], SCORE[genetic_model]
    fit = firth_logistic(case, control, score)
    exact = exact_conditional_p(case, control, score)
    return Evidence(
        beta=fit.beta[inverse],
        standard_error=fit.standard_error[inverse],
        odds_ratio=np.exp(fit.beta)[inverse],
        ci_lower=np.exp(fit.ci_lower)[inverse],
        ci_upper=np.exp(fit.ci_upper)[inverse],
        p_value=fit.p_value[inverse],
        exact_p_value=exact[inverse],
        fit_status=_status(fit.fit_status, case, control)[inverse],
    )


@dataclass(frozen=True)
class Screen:
    """What a scan that is a control says of each variant, shape (n_variant,)."""

    odds_ratio: NDArray[np.float64]
    p_value: NDArray[np.float64]
    exact_p_value: NDArray[np.float64]
    fit_status: NDArray[np.object_]


def screen(
    first_counts: NDArray[np.int64], second_counts: NDArray[np.int64], genetic_model: str
) -> Screen:
    """Firth and exact tests of one group against another, as :func:`evidence`, without interval.

    Parameters
    ----------
    first_counts, second_counts
        Samples with dosage 0, 1 and 2 per stratum, shape (n_variant, n_stratum, 3); an odds
        ratio above 1 is more ALT in the first group.
    genetic_model
        A key of ``SCORE``.
    """
    score = SCORE[genetic_model]
    fit = firth_test(first_counts, second_counts, score)
    return Screen(
        odds_ratio=np.exp(fit.beta),
        p_value=fit.p_value,
        exact_p_value=exact_conditional_p(first_counts, second_counts, score),
        fit_status=_status(fit.fit_status, first_counts, second_counts),
    )


def _status(
    of_fit: NDArray[np.str_], first_counts: NDArray[np.int64], second_counts: NDArray[np.int64]
) -> NDArray[np.object_]:
    """Status of the fits; that of a table where no stratum has a call of both sides is its own."""
    has_both = ((first_counts.sum(axis=2) > 0) & (second_counts.sum(axis=2) > 0)).any(axis=1)
    return np.where(has_both, of_fit, ONE_SIDE_MISSING).astype(object)


def exact_method(genetic_model: str, n_stratum: int) -> str:
    """Name of the exact test beside the test of record."""
    name = "exact_conditional_trend" if genetic_model == "additive" else "fisher_exact"
    return name if n_stratum == 1 else f"{name}_stratified"
