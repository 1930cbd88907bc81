"""Firth's Cox fit of some variants, covariates held where the null model has them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from alsrev_dagster.survival.cox_null import CoxNull
from alsrev_dagster.survival.kernel import cox_scan as kernel
from alsrev_dagster.survival.risk import BoolArray, FloatArray, IntArray
from alsrev_dagster.survival.scan_genotypes import (
    Genotypes,
    coding_of,
    each_part,
    room_of,
    total_of,
    who_of,
)
from alsrev_dagster.survival.score_scan import STATUS


@dataclass(frozen=True)
class CoxFirth:
    """Firth's fit of some variants under one genetic model, shape (n_row,); NaN without one."""

    coefficient: FloatArray
    """Log hazard ratio per unit of the coded genotype: positive, the event comes earlier."""
    standard_error: FloatArray
    """From the inverse information at the estimate, without the penalty."""
    ci_lower: FloatArray
    """Ends of the 95% profile penalised likelihood interval of the coefficient."""
    ci_upper: FloatArray
    p_value: FloatArray
    """Penalised likelihood ratio test, one degree of freedom."""
    fit_status: NDArray[np.str_]
    separation: FloatArray
    """Where separated: 1 or -1, the way the ordinary coefficient runs off; else 0."""
    is_joint: BoolArray
    """Whether covariates were estimated together with it: so where there are none."""


def firth_scan(
    null: CoxNull,
    genotype: Genotypes,
    row: IntArray,
    genetic_model: str,
    *,
    with_interval: bool = True,
    n_thread: int = 2,
) -> CoxFirth:
    """Firth's fit of the variants at ``row``; else parameters as for :func:`cox_scan`.

    Notes
    -----
    One coefficient b: the maximum of l(b) + log I(b) / 2 [1]_ [2]_, with Efron's ties, delayed
    entry and strata, and its likelihood ratio against b = 0; the interval is that of the profile
    penalised likelihood. With covariates their null coefficients stand as an offset: the
    likelihood ratio is then too small rather than too large, as they do not fit anew.

    References
    ----------
    .. [1] Firth (1993), Biometrika 80:27-38.
    .. [2] Heinze & Schemper (2001), Biometrics 57:114-119.

    Examples
    --------
    >>> from alsrev_dagster.packing import pack
    >>> from alsrev_dagster.survival.cox_null import cox_null
    >>> null = cox_null(np.arange(1.0, 9.0), np.arange(8) < 6)
    >>> code = np.array([[1, 1, 1, 0, 0, 0, 0, 0]], dtype=np.uint8)
    >>> fit = firth_scan(null, Genotypes(pack(code), np.arange(8)), np.array([0]), "dominant")
    >>> str(fit.fit_status[0]), int(fit.separation[0]), round(float(fit.coefficient[0]), 3)
    ('separated', 1, 3.076)
    """
    coding = coding_of(null, genotype, [genetic_model])[0]
    fitted = np.empty((len(row), kernel.N_FITTED))
    status = np.empty(len(row), dtype=np.int64)

    def fit(part: slice) -> None:
        space, share = room_of(null)
        packed, place = genotype.rows(row[part]), np.arange(len(row[part]))
        who, total = who_of(null, genotype), total_of(null)
        kernel.fit_each(
            packed,
            place,
            who,
            total,
            (coding[0], coding[1]),
            space,
            share,
            with_interval,
            fitted[part],
            status[part],
        )

    each_part(len(row), fit, n_thread)
    beta, error, ratio, lower, upper, separation = fitted.T
    return CoxFirth(
        beta,
        error,
        lower,
        upper,
        chi2.sf(ratio, 1),
        STATUS[status],
        separation,
        is_joint=np.full(len(row), null.covariate.shape[1] == 0),
    )
