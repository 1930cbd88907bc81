"""Terms that stand behind a lead: joint tests over strata, each control arm, what they share."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from alsrev_dagster.stats.arm_term import NUMBERS, Floats, Ints, Term, term_of, with_status
from alsrev_dagster.stats.association import METHOD, exact_method
from alsrev_dagster.stats.cmh import Exposure, exposure_tables, mantel_haenszel, mantel_trend
from alsrev_dagster.stats.exact import exact_conditional_tests
from alsrev_dagster.stats.exact_odds_ratio import exact_odds_ratio
from alsrev_dagster.stats.firth import firth_logistic
from alsrev_dagster.stats.genetic_model import SCORE
from alsrev_dagster.stats.logistic_detail import profile_interval
from alsrev_dagster.stats.logistic_null import NullModel
from alsrev_dagster.stats.logistic_scan import firth_scan
from alsrev_dagster.stats.polytomous_model import PolytomousFit
from alsrev_dagster.stats.shared_cases import combine_arms, shared_case_correlation

POLYTOMOUS = "polytomous_firth_lrt"
COMBINED = "fixed_effect_shared_cases"

_Z_95 = float(norm.isf(0.025))
_EXPOSURE: dict[str, Exposure] = {"dominant": "dominant", "recessive": "recessive"}


def mantel_haenszel_term(case_counts: Ints, control_counts: Ints, genetic_model: str) -> Term:
    """Cochran-Mantel-Haenszel over strata, without continuity correction.

    Parameters
    ----------
    case_counts, control_counts
        Samples with genotype 0, 1 and 2 in each stratum, shape (n, S, 3).
    genetic_model
        A key of ``SCORE``; additive gives Mantel's trend, whose P value has no odds ratio.

    Examples
    --------
    >>> case, control = np.array([[[10, 9, 3]]]), np.array([[[95, 8, 0]]])
    >>> term = mantel_haenszel_term(case, control, "dominant")
    >>> term.odds_ratio.round(2).tolist(), term.method
    ([14.25], 'mantel_haenszel')
    """
    if genetic_model not in _EXPOSURE:
        trend = mantel_trend(case_counts, control_counts, SCORE[genetic_model])
        return term_of("mantel_haenszel", "mantel_trend", (case_counts, control_counts), {
            "p_value": trend.p_value
        })  # fmt: skip
    found = mantel_haenszel(exposure_tables(case_counts, control_counts, _EXPOSURE[genetic_model]))
    with np.errstate(divide="ignore"):
        beta = np.log(found.odds_ratio)
    numbers = {
        "beta": np.where(np.isfinite(beta), beta, np.nan),
        "standard_error": found.log_standard_error,
        "odds_ratio": found.odds_ratio,
        "ci_lower": found.ci_lower,
        "ci_upper": found.ci_upper,
        "p_value": found.p_value,
    }
    return term_of("mantel_haenszel", "mantel_haenszel", (case_counts, control_counts), numbers)


def exact_term(case_counts: Ints, control_counts: Ints, genetic_model: str) -> Term:
    """Conditional odds ratio, exact interval, exact and mid-P values; parameters as above.

    Examples
    --------
    >>> case, control = np.array([[[19, 0, 3]]]), np.array([[[243, 0, 0]]])
    >>> term = exact_term(case, control, "recessive")
    >>> float(term.odds_ratio[0]), round(float(term.ci_lower[0]), 3)
    (inf, 4.839)
    """
    sides = case_counts, control_counts
    odds = exact_odds_ratio(*sides, SCORE[genetic_model])
    test = exact_conditional_tests(*sides, SCORE[genetic_model])
    numbers = {
        "odds_ratio": odds.odds_ratio,
        "ci_lower": odds.ci_lower,
        "ci_upper": odds.ci_upper,
        "p_value": test.p_value,
        "exact_mid_p_value": test.mid_p_value,
    }
    method = exact_method(genetic_model, case_counts.shape[1])
    return term_of("exact_conditional", method, sides, numbers)


def firth_term(name: str, case_counts: Ints, control_counts: Ints, genetic_model: str) -> Term:
    """Firth's logistic regression of the cases against some of the controls.

    Examples
    --------
    >>> case, control = np.array([[[10, 9, 3]]]), np.array([[[95, 8, 0]]])
    >>> firth_term("alone:PGB", case, control, "additive").odds_ratio.round(2).tolist()
    [11.0]
    """
    fit = firth_logistic(case_counts, control_counts, SCORE[genetic_model])
    numbers = {
        "beta": fit.beta,
        "standard_error": fit.standard_error,
        "odds_ratio": np.exp(fit.beta),
        "ci_lower": np.exp(fit.ci_lower),
        "ci_upper": np.exp(fit.ci_upper),
        "p_value": fit.p_value,
    }
    term = term_of(name, METHOD, (case_counts, control_counts), numbers)
    return with_status(term, fit.fit_status)


def adjusted_term(
    name: str, model: NullModel | None, genotype: NDArray[np.uint8], *, sides: tuple[Ints, Ints],
    genetic_model: str,
) -> Term:  # fmt: skip
    """As :func:`firth_term`, with the covariates of a null model.

    Parameters
    ----------
    model
        Of the cases and those controls; None where the covariates cannot be fitted among them.
    genotype
        Codes 0-3, shape (n, n_sample), samples in the order of the design.
    sides
        Cases and controls with genotype 0, 1 and 2 by stratum, shape (n, S, 3) each.
    """
    method = f"{METHOD}_adjusted"
    if model is None:
        return with_status(term_of(name, method, sides, {}), np.full(len(genotype), "not_fitted"))
    fit = firth_scan(model, genotype, genetic_model)
    ends = profile_interval(model, genotype, genetic_model)
    numbers = {
        "beta": fit.beta,
        "standard_error": fit.standard_error,
        "odds_ratio": np.exp(fit.beta),
        "ci_lower": np.exp(ends.ci_lower),
        "ci_upper": np.exp(ends.ci_upper),
        "p_value": fit.p_value,
    }
    return with_status(term_of(name, method, sides, numbers), fit.fit_status)


def polytomous_terms(
    fit: PolytomousFit, group_counts: Ints, arms: Sequence[str], *, is_adjusted: bool = False
) -> list[Term]:
    """Each arm's odds ratio under the multinomial model, and the one of the arms that agree.

    Parameters
    ----------
    fit
        Of :func:`polytomous_firth.polytomous_firth`, or with covariates.
    group_counts
        Shape (n, 1 + K, S, 3): cases first, then the arms.
    arms
        Names of the K arms.

    Returns
    -------
    list of Term
        ``arm:<name>`` of each, then ``common``, which also has the tests that the arms agree and
        that every one is 1, and the arms' correlation.
    """
    method = f"{POLYTOMOUS}_adjusted" if is_adjusted else POLYTOMOUS
    case, terms = group_counts[:, 0], []
    for place, arm in enumerate(arms):
        numbers = {
            "beta": fit.beta[:, place],
            "standard_error": fit.standard_error[:, place],
            "odds_ratio": np.exp(fit.beta[:, place]),
            "ci_lower": np.exp(fit.ci_lower[:, place]),
            "ci_upper": np.exp(fit.ci_upper[:, place]),
            "p_value": fit.p_value[:, place],
        }
        terms.append(term_of(f"arm:{arm}", method, (case, group_counts[:, 1 + place]), numbers))
    scale = fit.standard_error[:, :, None] * fit.standard_error[:, None, :]
    numbers = {
        "beta": fit.common_beta,
        "standard_error": fit.common_standard_error,
        "odds_ratio": np.exp(fit.common_beta),
        "ci_lower": np.exp(fit.common_ci_lower),
        "ci_upper": np.exp(fit.common_ci_upper),
        "p_value": fit.common_p_value,
        "agreement_p_value": fit.agreement_p_value,
        "joint_p_value": fit.joint_p_value,
        "arm_correlation": _mean_apart(fit.covariance / scale),
    }
    common = term_of("common", method, (case, group_counts[:, 1:].sum(axis=1)), numbers)
    return [with_status(term, fit.fit_status) for term in (*terms, common)]


def combined_term(alone: Sequence[Term]) -> Term:
    """Fixed-effect combination of each arm alone, the shared cases in its variance.

    Parameters
    ----------
    alone
        The cases against each of two arms or more.

    Returns
    -------
    Term
        With Cochran's test that the arms agree; NaN where an arm has no estimate.

    Notes
    -----
    Lin & Sullivan (2009), Am J Hum Genet 85:862-872: the correlation from the numbers of called
    samples. Normal theory, beside the joint model and never for it.

    Examples
    --------
    >>> case = np.array([[[10, 9, 3]]])
    >>> arms = [np.array([[[95, 8, 0]]]), np.array([[[126, 13, 1]]])]
    >>> terms = [firth_term(f"alone:{i}", case, arm, "additive") for i, arm in enumerate(arms)]
    >>> combined_term(terms).arm_correlation.round(4).tolist()
    [0.8439]
    """
    beta = np.stack([term.beta for term in alone], axis=1)
    error = np.stack([term.standard_error for term in alone], axis=1)
    n_control = np.stack([term.n_control for term in alone], axis=1)
    n_case = np.max([term.n_case for term in alone], axis=0)
    is_known = (n_case > 0) & (n_control > 0).all(axis=1) & np.isfinite(beta + error).all(axis=1)
    correlation = np.tile(np.eye(len(alone)), (len(beta), 1, 1))
    for row in np.flatnonzero(is_known):
        correlation[row] = shared_case_correlation(int(n_case[row]), n_control[row])
    found = combine_arms(beta, error, correlation)
    numbers = {
        "beta": found.beta,
        "standard_error": found.standard_error,
        "odds_ratio": np.exp(found.beta),
        "ci_lower": np.exp(found.beta - _Z_95 * found.standard_error),
        "ci_upper": np.exp(found.beta + _Z_95 * found.standard_error),
        "p_value": found.p_value,
        "agreement_p_value": found.agreement_p_value,
        "arm_correlation": np.where(is_known, _mean_apart(correlation), np.nan),
    }
    blank = np.full(len(beta), np.nan)
    every = dict.fromkeys(NUMBERS, blank) | numbers
    status = np.where(is_known, "ok", "arm_without_estimate").astype(object)
    return Term("combined", COMBINED, n_case, n_control.sum(axis=1), **every, fit_status=status)


def _mean_apart(matrix: Floats) -> Floats:
    """Mean off the diagonal of each matrix, shape (n, K, K) to (n,); NaN for one arm."""
    n_arm = matrix.shape[1]
    if n_arm < 2:
        return np.full(len(matrix), np.nan)
    apart: Floats = matrix[:, ~np.eye(n_arm, dtype=np.bool_)].mean(axis=1)
    return apart
