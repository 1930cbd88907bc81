"""The tests of one contrast with covariates, for a block of variants."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from alsrev_dagster.stats.association import (
    ONE_SIDE_MISSING,
    Evidence,
    compared_status,
    exact_columns,
    exact_method,
    exact_tests,
    has_ref,
    record_method,
)
from alsrev_dagster.stats.exact import ExactTests
from alsrev_dagster.stats.genetic_model import GENOTYPIC
from alsrev_dagster.stats.logistic_detail import genotypic_interval, profile_interval
from alsrev_dagster.stats.logistic_genotypic import genotypic_scan
from alsrev_dagster.stats.logistic_null import NullModel
from alsrev_dagster.stats.logistic_scan import SADDLEPOINT_Z, logistic_scan
from alsrev_dagster.stats.separation import is_informative

SCREENED = "screened"
"""fit_status of a variant whose P of record is the screen's: Firth's test was not asked for."""
SADDLEPOINT, SCORE_TEST = "logistic_saddlepoint_adjusted", "logistic_score_adjusted"

_Counts = tuple[NDArray[np.int64], NDArray[np.int64]]


@dataclass(frozen=True)
class Refinement:
    """Which variants of a block are looked at more closely than by the screen."""

    refine_p_max: float
    """Firth's test where the screen's or the exact P is below this; 1: everywhere."""
    interval_p_max: float
    """Profile interval where Firth's P is at most this."""
    is_wanted: NDArray[np.bool_] | bool = False
    """Variants that get both whatever their P, shape (n_variant,); none by default."""


def adjusted_method(genetic_model: str) -> str:
    """Name of the test of record where it is made."""
    return f"{record_method(genetic_model)}_adjusted"


def adjusted_evidence(
    model: NullModel,
    genotype: NDArray[np.uint8],
    counts: _Counts,
    genetic_model: str,
    refinement: Refinement,
) -> tuple[Evidence, NDArray[np.object_]]:
    """Every test of every variant of a block, adjusted, and the method behind each P of record.

    Parameters
    ----------
    model
        Null model of the contrast, strata among its covariates.
    genotype
        Codes 0-3, shape (n_variant, n_sample), samples in the order of the design.
    counts
        Cases and controls with dosage 0, 1 and 2 per stratum, shape (n_variant, n_stratum, 3)
        each: what the exact test, which is not adjusted, rests on.
    genetic_model
        A key of ``SCORE``, or ``GENOTYPIC``, whose screen is the exact test.

    Returns
    -------
    Evidence, NDArray[np.object_]
        Where ``fit_status`` is ``screened`` the P of record is the saddlepoint's (or, near the
        null, the score test's) and there is no estimate; the method says so.

    Notes
    -----
    Complete cases of each variant: who has no call is left out of its null model too. The methods
    are those of :func:`alsrev_dagster.stats.logistic_scan.logistic_scan`.
    """
    exact = exact_tests(*counts, genetic_model)
    if genetic_model == GENOTYPIC:
        return _genotypic(model, genotype, counts, exact, refinement)
    known = np.where(refinement.is_wanted, 0.0, np.nan_to_num(exact.p_value, nan=1.0))
    found = logistic_scan(
        model,
        genotype,
        genetic_model,
        exact_p_value=known,
        refine_p_max=refinement.refine_p_max,
    )
    score, firth = found.score, found.firth
    is_screened = firth.fit_status == SCREENED
    is_saddlepoint = np.abs(score.z) >= SADDLEPOINT_Z
    method = np.where(is_saddlepoint, SADDLEPOINT, SCORE_TEST)
    row = _rows_with_interval(firth.p_value, refinement)
    profile = profile_interval(model, genotype[row], genetic_model)
    unknown = np.full(len(genotype), np.nan)
    evidence = Evidence(
        beta=firth.beta,
        standard_error=firth.standard_error,
        odds_ratio=np.exp(firth.beta),
        ci_lower=np.exp(_placed(profile.ci_lower, row, unknown)),
        ci_upper=np.exp(_placed(profile.ci_upper, row, unknown)),
        odds_ratio_het=unknown,
        ci_lower_het=unknown,
        ci_upper_het=unknown,
        p_value=np.where(is_screened, score.screen_p, firth.p_value),
        **exact_columns(exact),
        score_p_value=score.normal_p,
        saddlepoint_p_value=score.saddlepoint_p,
        wald_p_value=2 * norm.sf(np.abs(firth.beta / firth.standard_error)),
        fit_status=compared_status(firth.fit_status, *counts),
        separation=np.where(firth.fit_status == "separated", firth.separation, np.nan),
    )
    named = np.where(is_screened, method, adjusted_method(genetic_model))
    return _without_the_uncompared(evidence), named.astype(object)


def _rows_with_interval(p_value: NDArray[np.float64], refinement: Refinement) -> NDArray[np.int64]:
    """Variants whose interval is sought, by Firth's P."""
    is_fitted = np.isfinite(p_value) & (p_value < 1)
    return np.flatnonzero(
        is_fitted & (refinement.is_wanted | (p_value <= refinement.interval_p_max))
    )


def _placed(
    value: NDArray[np.float64], row: NDArray[np.int64], otherwise: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Values of some variants among those of all the others."""
    whole = otherwise.copy()
    whole[row] = value
    return whole


def _genotypic(
    model: NullModel,
    genotype: NDArray[np.uint8],
    counts: _Counts,
    exact: ExactTests,
    refinement: Refinement,
) -> tuple[Evidence, NDArray[np.object_]]:
    """Heterozygotes and homozygotes each on their own; the exact P, not adjusted, is the screen."""
    has_none = ~is_informative(np.stack(counts, axis=1), np.arange(3.0))
    is_chosen = has_none | refinement.is_wanted | ~(exact.p_value >= refinement.refine_p_max)
    row = np.flatnonzero(is_chosen | (refinement.refine_p_max >= 1))
    fit, unknown = genotypic_scan(model, genotype, row=row), np.full(len(genotype), np.nan)
    status = np.full(len(genotype), SCREENED, dtype=object)
    status[row] = fit.fit_status
    beta, p_value = (_placed(value, row, unknown) for value in (fit.beta_hom, fit.p_value))
    shown = _rows_with_interval(p_value, refinement)
    het, hom = genotypic_interval(model, genotype[shown])
    evidence = Evidence(
        beta=beta,
        standard_error=_placed(fit.standard_error_hom, row, unknown),
        odds_ratio=np.exp(beta),
        ci_lower=np.exp(_placed(hom.ci_lower, shown, unknown)),
        ci_upper=np.exp(_placed(hom.ci_upper, shown, unknown)),
        odds_ratio_het=np.where(
            has_ref(*counts), np.exp(_placed(fit.beta_het, row, unknown)), np.nan
        ),
        ci_lower_het=np.exp(_placed(het.ci_lower, shown, unknown)),
        ci_upper_het=np.exp(_placed(het.ci_upper, shown, unknown)),
        p_value=_placed(fit.p_value, row, exact.p_value),
        **exact_columns(exact),
        score_p_value=unknown,
        saddlepoint_p_value=unknown,
        wald_p_value=unknown,
        fit_status=compared_status(status, *counts),
        separation=unknown,
    )
    screened = exact_method(GENOTYPIC, counts[0].shape[1])
    named = np.where(status == SCREENED, screened, adjusted_method(GENOTYPIC))
    return _without_the_uncompared(evidence), named.astype(object)


def _without_the_uncompared(found: Evidence) -> Evidence:
    """P of record 1 where no stratum has a call of both sides: nothing was tested."""
    is_missing = found.fit_status == ONE_SIDE_MISSING
    return replace(found, p_value=np.where(is_missing, 1.0, found.p_value))
