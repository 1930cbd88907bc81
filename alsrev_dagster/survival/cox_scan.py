"""Genome-wide scan of time to an event: score test, saddlepoint, Firth's likelihood ratio."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2, norm

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

SADDLEPOINT_Z = 2.0
"""Absolute z from which the saddlepoint replaces the normal P value (Dey et al. 2017)."""

STATUS = np.array(["ok", "separated", "monomorphic", "no_events", "not_converged"])


@dataclass(frozen=True)
class CoxScore:
    """The score test of each variant under each genetic model, shape (n_variant, n_model)."""

    n_by_code: IntArray
    """Participants by code 0 to 3 (hom-ref, het, hom-alt, missing), shape (n_variant, 4)."""
    n_event_by_code: IntArray
    """Events by code 0 to 3, shape (n_variant, 4)."""
    z: FloatArray
    """Positive where more ALT goes with an earlier event; NaN where nothing can be tested."""
    normal_p: FloatArray
    saddlepoint_p: FloatArray
    """Both tails by the saddlepoint where |z| >= 2, else the normal P; NaN without root."""
    has_root: BoolArray
    """False where the score lies at the end of its range: Firth's test answers there."""
    fit_status: NDArray[np.str_]
    """``ok``, ``monomorphic`` or ``no_events``."""

    @property
    def screen_p(self) -> FloatArray:
        """Saddlepoint where it has a root, else the normal P value; 1 where nothing is tested."""
        p = np.where(self.has_root, self.saddlepoint_p, self.normal_p)
        return np.where(np.isnan(self.z), 1.0, p)


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


Refine = Callable[[CoxNull, Genotypes, IntArray, str], CoxFirth]
"""Fits the variants at some rows under a genetic model."""


@dataclass(frozen=True)
class CoxScan:
    """A scan: the score test of every variant, and the fit of those it chose, by genetic model."""

    score: CoxScore
    row: dict[str, IntArray]
    """Rows that were fitted."""
    firth: dict[str, CoxFirth]


def cox_scan(
    null: CoxNull,
    genotype: Genotypes,
    genetic_models: Sequence[str] = ("additive",),
    *,
    refine_p_max: float = 0.05,
    refine: Refine | None = None,
    n_thread: int = 2,
) -> CoxScan:
    """Score test of every variant, and Firth's penalised likelihood ratio of the promising ones.

    Parameters
    ----------
    null
        Null model: strata, delayed entry, covariates.
    genotype
        Packed genotypes and the participants' places in them.
    genetic_models
        Keys of ``CODING``.
    refine_p_max
        A variant is fitted where the screen's P is below this, and where the saddlepoint has no
        root; every one that can be if it is 1.
    refine
        Fits them; :func:`firth_scan` when None. It takes covariates as an offset; give a fit that
        estimates them again where that matters.
    n_thread
        Threads; results are the same for any number of them.

    Raises
    ------
    InputDataError
        If the genotypes do not fit the null model or a genetic model is unknown.

    Notes
    -----
    See :func:`score_scan` and :func:`firth_scan`. Participants must be unrelated.

    Examples
    --------
    >>> from alsrev_dagster.packing import pack
    >>> from alsrev_dagster.survival.cox_null import cox_null
    >>> null = cox_null(np.arange(1.0, 9.0), np.arange(8) < 6)
    >>> code = np.array([[2, 1, 1, 1, 0, 0, 0, 0]], dtype=np.uint8)
    >>> found = cox_scan(null, Genotypes(pack(code), np.arange(8)), refine_p_max=1.0)
    >>> round(float(found.score.z[0, 0]), 3), str(found.firth["additive"].fit_status[0])
    (3.237, 'separated')
    """
    score = score_scan(null, genotype, genetic_models, n_thread=n_thread)
    fit = refine or _firth_refinement(n_thread)
    screen, row, firth = score.screen_p, dict[str, IntArray](), dict[str, CoxFirth]()
    for place, model in enumerate(genetic_models):
        is_tested = ~np.isnan(score.z[:, place])
        is_chosen = (screen[:, place] < refine_p_max) | ~score.has_root[:, place]
        row[model] = np.flatnonzero(is_tested & (is_chosen | (refine_p_max >= 1)))
        firth[model] = fit(null, genotype, row[model], model)
    return CoxScan(score, row, firth)


def score_scan(
    null: CoxNull,
    genotype: Genotypes,
    genetic_models: Sequence[str] = ("additive",),
    *,
    saddlepoint_z: float = SADDLEPOINT_Z,
    n_thread: int = 2,
) -> CoxScore:
    """Score test of every variant under each genetic model; parameters as for :func:`cox_scan`.

    ``saddlepoint_z`` is the absolute z from which the saddlepoint is sought.

    Notes
    -----
    With Efron's steps k (one an event), and p_k the chance of each genotype among those at risk at
    a step, weighted by exp(x'b) of the null model, the score is U = sum g_event - sum E_k g. Its
    variance is the **information of the partial likelihood** at a coefficient of 0,
    V = sum Var_k g, less what covariates take, V - I_gx I_xx^-1 I_xg: under Efron's ties, delayed
    entry and strata, not the variance of residuals. Where |z| = |U| / sqrt(V) is 2 or more, both
    tails are from the saddlepoint of K(s) = sum_k log E_k exp(s g) - s sum_k E_k g: at each step
    one of those at risk is drawn. With covariates U and V are brought to K's scale by the share of
    V that covariates leave.

    Who has no call is left out of the variant's risk sets (complete cases; nothing is imputed); the
    null model's coefficients then get one Newton step, which the score test needs (C(alpha)).

    References
    ----------
    .. [1] Cox (1972), JRSS B 34:187; Efron (1977), JASA 72:557.
    .. [2] Bi et al. (2020), Am J Hum Genet 107:222 (SPACox: another generating function, of
       residuals); Dey et al. (2017), Am J Hum Genet 101:37 (both tails, from z 2).

    Examples
    --------
    >>> from alsrev_dagster.packing import pack
    >>> from alsrev_dagster.survival.cox_null import cox_null
    >>> null = cox_null(np.arange(1.0, 9.0), np.arange(8) < 6)
    >>> code = np.array([[2, 0, 1, 3, 0, 0, 0, 1]], dtype=np.uint8)
    >>> found = score_scan(null, Genotypes(pack(code), np.arange(8)), ("dominant", "recessive"))
    >>> found.n_event_by_code.tolist(), found.z.round(3).tolist()
    ([[3, 1, 1, 1]], [[0.241, 2.449]])
    """
    coding = coding_of(null, genotype, genetic_models)
    n, n_model = len(genotype.packed), len(coding)
    count = np.empty((n, kernel.N_COUNT), dtype=np.int64)
    scored = np.empty((n, n_model, kernel.N_SCORED))
    status = np.empty((n, n_model), dtype=np.int64)
    of_event = np.where(null.has_event[:, None], null.covariate, 0.0)
    known = null.factor, of_event.sum(axis=0), of_event

    def test(part: slice) -> None:
        packed = genotype.rows(part)
        space, share = room_of(null)
        p = null.covariate.shape[1]
        work = share, (np.zeros((p, p)), np.zeros((p, p)), np.zeros((2, p)), np.zeros(p))
        kernel.score_each(
            packed,
            who_of(null, genotype),
            total_of(null),
            known,
            coding,
            saddlepoint_z,
            space,
            work,
            count[part],
            scored[part],
            status[part],
        )

    each_part(n, test, n_thread)
    z, saddlepoint, is_sought = np.moveaxis(scored, 2, 0)
    normal = 2 * norm.sf(np.abs(z))
    saddlepoint = np.where(is_sought > 0, saddlepoint, normal)
    has_root = ~np.isnan(saddlepoint) | np.isnan(z)
    return CoxScore(count[:, :4], count[:, 4:], z, normal, saddlepoint, has_root, STATUS[status])


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
    return CoxFirth(beta, error, lower, upper, chi2.sf(ratio, 1), STATUS[status], separation)


def _firth_refinement(n_thread: int) -> Refine:
    return lambda null, genotype, row, model: firth_scan(
        null, genotype, row, model, n_thread=n_thread
    )
