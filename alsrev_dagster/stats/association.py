"""The tests of one contrast under one genetic model, for every variant at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from alsrev_dagster.stats.counts import distinct_rows
from alsrev_dagster.stats.exact import ExactTests, exact_conditional_p, exact_conditional_tests
from alsrev_dagster.stats.exact_genotypic import exact_genotypic_tests
from alsrev_dagster.stats.firth import firth_logistic, firth_test
from alsrev_dagster.stats.genetic_model import GENOTYPIC, SCORE
from alsrev_dagster.stats.separation import separating_side
from alsrev_dagster.stats.table_genotypic import genotypic_fit, genotypic_fit_interval
from alsrev_dagster.stats.table_score import table_score

ONE_SIDE_MISSING = "one_side_missing"
"""fit_status where no stratum has a call of both a case and a control: nothing was compared."""

METHOD = "logistic_firth_lrt"
"""The test of record: Firth logistic regression, penalised likelihood ratio."""

_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Evidence:
    """What the tests say of each variant, shape (n_variant,); ratios are of odds."""

    beta: _Floats
    """Log odds ratio a unit of the coded genotype; of the genotypic model, homozygotes of ALT
    against those of REF."""
    standard_error: _Floats
    odds_ratio: _Floats
    ci_lower: _Floats
    """Profile penalised likelihood, 95%."""
    ci_upper: _Floats
    odds_ratio_het: _Floats
    """Heterozygotes against homozygotes of REF, under the genotypic model; NaN without these."""
    ci_lower_het: _Floats
    ci_upper_het: _Floats
    p_value: _Floats
    """Of record: penalised likelihood ratio."""
    exact_p_value: _Floats
    exact_mid_p_value: _Floats
    minimum_attainable_p_value: _Floats
    """Smallest exact P value that these margins can give."""
    score_p_value: _Floats
    """Normal approximation of the score test: a screen, too small in the tail; NaN if genotypic."""
    saddlepoint_p_value: _Floats
    """Saddlepoint of the score test; NaN where it has no root, and if genotypic."""
    wald_p_value: _Floats
    """Of Firth's beta over its standard error: shown, never ranked on; NaN if genotypic."""
    fit_status: NDArray[np.object_]
    separation: _Floats
    """Where separated: 1 or -1, the way maximum likelihood runs off; else NaN."""


def evidence(
    case_counts: NDArray[np.int64], control_counts: NDArray[np.int64], genetic_model: str
) -> Evidence:
    """Every test of every variant; each distinct table is solved once.

    Parameters
    ----------
    case_counts, control_counts
        Samples with dosage 0, 1 and 2 per stratum, shape (n_variant, n_stratum, 3).
        Samples without a call are left out of the variant (complete cases).
    genetic_model
        A key of ``SCORE``, or ``GENOTYPIC``.

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
    solve = _genotypic if genetic_model == GENOTYPIC else _scored
    found = solve(cells[:, :, :3], cells[:, :, 3:], genetic_model)
    return Evidence(**{name: value[inverse] for name, value in vars(found).items()})


def _scored(case: NDArray[np.int64], control: NDArray[np.int64], genetic_model: str) -> Evidence:
    """Evidence of distinct tables under a model that gives each genotype a score."""
    score = SCORE[genetic_model]
    fit, screened = firth_logistic(case, control, score), table_score(case, control, score)
    side = separating_side(np.stack([case, control], axis=1), np.array(score, dtype=np.float64))
    unknown = np.full(len(case), np.nan)
    return Evidence(
        beta=fit.beta,
        standard_error=fit.standard_error,
        odds_ratio=np.exp(fit.beta),
        ci_lower=np.exp(fit.ci_lower),
        ci_upper=np.exp(fit.ci_upper),
        odds_ratio_het=unknown,
        ci_lower_het=unknown,
        ci_upper_het=unknown,
        p_value=fit.p_value,
        **exact_columns(exact_tests(case, control, genetic_model)),
        score_p_value=screened.p_value,
        saddlepoint_p_value=screened.saddlepoint_p_value,
        wald_p_value=2 * norm.sf(np.abs(fit.beta / fit.standard_error)),
        fit_status=compared_status(fit.fit_status, case, control),
        separation=np.where(fit.fit_status == "separated", side, np.nan),
    )


def _genotypic(case: NDArray[np.int64], control: NDArray[np.int64], genetic_model: str) -> Evidence:
    """Evidence of distinct tables, heterozygotes and homozygotes each on their own."""
    fit, unknown = genotypic_fit(case, control), np.full(len(case), np.nan)
    het, hom = genotypic_fit_interval(case, control)
    return Evidence(
        beta=fit.beta_hom,
        standard_error=fit.standard_error_hom,
        odds_ratio=np.exp(fit.beta_hom),
        ci_lower=np.exp(hom.ci_lower),
        ci_upper=np.exp(hom.ci_upper),
        odds_ratio_het=np.where(has_ref(case, control), np.exp(fit.beta_het), np.nan),
        ci_lower_het=np.exp(het.ci_lower),
        ci_upper_het=np.exp(het.ci_upper),
        p_value=fit.p_value,
        **exact_columns(exact_tests(case, control, genetic_model)),
        score_p_value=unknown,
        saddlepoint_p_value=unknown,
        wald_p_value=unknown,
        fit_status=compared_status(fit.fit_status, case, control),
        separation=unknown,
    )


def has_ref(case: NDArray[np.int64], control: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether somebody is homozygous for REF: without, there is nothing to compare with."""
    seen: NDArray[np.bool_] = (case[..., 0] + control[..., 0]).sum(axis=1) > 0
    return seen


def exact_tests(
    case: NDArray[np.int64], control: NDArray[np.int64], genetic_model: str
) -> ExactTests:
    """The exact test that belongs to a genetic model, of each table."""
    if genetic_model == GENOTYPIC:
        return exact_genotypic_tests(case, control)
    return exact_conditional_tests(case, control, SCORE[genetic_model])


def exact_columns(found: ExactTests) -> dict[str, _Floats]:
    """The exact tests by the names that :class:`Evidence` has for them."""
    return {
        "exact_p_value": found.p_value,
        "exact_mid_p_value": found.mid_p_value,
        "minimum_attainable_p_value": found.minimum_p_value,
    }


@dataclass(frozen=True)
class Screen:
    """What a scan that is a control says of each variant, shape (n_variant,)."""

    odds_ratio: _Floats
    p_value: _Floats
    exact_p_value: _Floats
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
        A key of ``SCORE``, or ``GENOTYPIC``.
    """
    if genetic_model == GENOTYPIC:
        both = genotypic_fit(first_counts, second_counts)
        beta, p_value, status = both.beta_hom, both.p_value, both.fit_status
        exact_p = exact_genotypic_tests(first_counts, second_counts).p_value
    else:
        fit = firth_test(first_counts, second_counts, SCORE[genetic_model])
        beta, p_value, status = fit.beta, fit.p_value, fit.fit_status
        exact_p = exact_conditional_p(first_counts, second_counts, SCORE[genetic_model])
    return Screen(
        odds_ratio=np.exp(beta),
        p_value=p_value,
        exact_p_value=exact_p,
        fit_status=compared_status(status, first_counts, second_counts),
    )


def compared_status(
    of_fit: NDArray[np.generic], first_counts: NDArray[np.int64], second_counts: NDArray[np.int64]
) -> NDArray[np.object_]:
    """Status of the fits; that of a table where no stratum has a call of both sides is its own."""
    has_both = ((first_counts.sum(axis=2) > 0) & (second_counts.sum(axis=2) > 0)).any(axis=1)
    return np.where(has_both, of_fit, ONE_SIDE_MISSING).astype(object)


_EXACT = {"additive": "exact_conditional_trend", GENOTYPIC: "freeman_halton_exact"}


def exact_method(genetic_model: str, n_stratum: int) -> str:
    """Name of the exact test beside the test of record."""
    name = _EXACT.get(genetic_model, "fisher_exact")
    return name if n_stratum == 1 else f"{name}_stratified"


def record_method(genetic_model: str) -> str:
    """Name of the test of record."""
    return f"{METHOD}_genotypic" if genetic_model == GENOTYPIC else METHOD
