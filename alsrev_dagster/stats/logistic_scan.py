"""Covariate-adjusted scan of one contrast: score test, saddlepoint, Firth's likelihood ratio."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2, norm

from alsrev_dagster.stats.coded_genotype import CodedGenotype, Floats, Genotype
from alsrev_dagster.stats.kernel import logistic as kernel
from alsrev_dagster.stats.logistic_fit import STATUS, fit_firth
from alsrev_dagster.stats.logistic_null import NullModel, spaces

SADDLEPOINT_Z = 2.0
"""Absolute z from which the saddlepoint replaces the normal P value (Dey et al. 2017)."""


@dataclass(frozen=True)
class ScoreScan:
    """The score test of each variant, shape (n_variant,)."""

    z: Floats
    """Positive where ALT goes with being a case; NaN where nothing can be tested."""
    normal_p: Floats
    """Two-sided P value of z; anti-conservative in the tail with few cases."""
    saddlepoint_p: Floats
    """Two tails by the saddlepoint where |z| >= 2, else the normal P value; NaN without root."""
    has_root: NDArray[np.bool_]
    """False where the score lies at the end of its range: use an exact test or Firth's."""
    fit_status: NDArray[np.str_]
    """``ok``, ``monomorphic`` or ``one_side_missing``."""

    @property
    def screen_p(self) -> Floats:
        """Saddlepoint where it has a root, else the normal P value; 1 where nothing varies."""
        p = np.where(self.has_root, self.saddlepoint_p, self.normal_p)
        return np.where(self.fit_status == "ok", p, 1.0)


@dataclass(frozen=True)
class FirthScan:
    """Firth's test of each variant, shape (n_variant,); NaN where it was not asked for."""

    beta: Floats
    """Log odds ratio of being a case per unit of the coded genotype."""
    standard_error: Floats
    """From the inverse Fisher information at the estimate."""
    p_value: Floats
    """Penalised likelihood ratio test, one degree of freedom; 1 where nothing varies."""
    fit_status: NDArray[np.str_]
    """``ok``, ``separated``, ``not_converged``, ``monomorphic``, ``one_side_missing``; ``screened``
    where the test was not asked for."""
    separation: NDArray[np.int8]
    """Where separated: 1 or -1, the way the ordinary beta runs off; 0 where covariates do."""


@dataclass(frozen=True)
class LogisticScan:
    """A scan: the score test of every variant, and Firth's of those that it or another chose."""

    score: ScoreScan
    firth: FirthScan


def logistic_scan(
    model: NullModel,
    genotype: Genotype,
    genetic_model: str = "additive",
    *,
    exact_p_value: Floats | None = None,
    refine_p_max: float = 0.05,
    n_thread: int = 2,
) -> LogisticScan:
    """Score test of every variant, and Firth's likelihood ratio test of the promising ones.

    Parameters
    ----------
    model
        Null model of the contrast.
    genotype
        Packed genotypes, shape (n_variant, n_byte); codes 0-3, shape (n_variant, n_sample); or
        dosages of ALT in [0, 2], floats of that shape, NaN where missing (additive only). Samples
        in the order of the design.
    genetic_model
        A key of ``genetic_model.SCORE``.
    exact_p_value
        Of another test of each variant, shape (n_variant,): it chooses variants, too.
    refine_p_max
        Firth's test is made where the screen's or the other P value is below this, where there
        is no screen (NaN) or no root, and everywhere if it is 1.
    n_thread
        Threads; results are the same for any number of them.

    Raises
    ------
    InputDataError
        If the genotypes do not fit the design, or dosages are asked for under another model.

    Notes
    -----
    A sample without a call is left out of its variant's null model and fits, which are made anew
    for it (complete cases): nothing is imputed or projected. Firth's test compares penalised
    likelihoods, both with the full information matrix [1]_ [2]_; the saddlepoint is [3]_. Samples
    must be unrelated. With about five cases a covariate or fewer the estimates are unsteady.

    References
    ----------
    .. [1] Firth (1993), Biometrika 80:27-38.
    .. [2] Heinze & Schemper (2002), Stat Med 21:2409-2419.
    .. [3] Dey et al. (2017), Am J Hum Genet 101:37-49.

    Examples
    --------
    >>> from alsrev_dagster.stats.design import null_design
    >>> from alsrev_dagster.stats.logistic_null import null_model
    >>> model = null_model(null_design(np.arange(265) < 22, np.empty((265, 0)), []))
    >>> genotype = np.where(np.arange(265) < 3, 2, 0).astype(np.uint8)[None]
    >>> found = logistic_scan(model, genotype, "recessive").firth
    >>> round(float(found.beta[0]), 6), str(found.fit_status[0]), int(found.separation[0])
    (4.470613, 'separated', 1)
    """
    score = score_scan(model, genotype, genetic_model, n_thread=n_thread)
    screen = score.screen_p
    is_chosen = np.full(len(screen), True) if refine_p_max >= 1 else ~(screen >= refine_p_max)
    if exact_p_value is not None:
        is_chosen |= exact_p_value < refine_p_max
    is_chosen |= (score.fit_status != "ok") | ~score.has_root
    row = np.flatnonzero(is_chosen)
    firth = firth_scan(model, genotype, genetic_model, row=row, n_thread=n_thread)
    return LogisticScan(score, firth)


def score_scan(
    model: NullModel,
    genotype: Genotype,
    genetic_model: str = "additive",
    *,
    n_thread: int = 2,
) -> ScoreScan:
    """Score test of every variant; parameters as for :func:`logistic_scan`.

    Examples
    --------
    >>> from alsrev_dagster.stats.design import null_design
    >>> from alsrev_dagster.stats.logistic_null import null_model
    >>> model = null_model(null_design(np.arange(125) < 22, np.empty((125, 0)), []))
    >>> genotype = np.repeat([0, 1, 2, 0, 1], [10, 9, 3, 95, 8]).astype(np.uint8)[None]
    >>> found = score_scan(model, genotype)
    >>> round(float(found.z[0]), 5), f"{found.saddlepoint_p[0]:.3e}"
    (5.77867, '2.654e-07')
    """
    coded = CodedGenotype.of(genotype, model.design.n_sample, genetic_model)
    scored = np.empty((coded.n_variant, kernel.N_SCORED))
    status = np.empty(coded.n_variant, dtype=np.int64)
    null = model.null
    fitted = model.ordinary, model.p, model.weight, model.turned

    def test(part: slice, value: Floats) -> None:
        room = spaces(len(null[0]), 1, coded.n_sample)
        kernel.score_each(value, null, fitted, SADDLEPOINT_Z, *room, scored[part], status[part])

    coded.each(np.arange(coded.n_variant), test, n_thread)
    z, saddlepoint, is_sought = scored.T
    if model.is_separated:
        z[:], saddlepoint[:], is_sought[:] = np.nan, np.nan, 1.0
    normal = 2 * norm.sf(np.abs(z))
    saddlepoint = np.where(is_sought > 0, saddlepoint, normal)
    return ScoreScan(z, normal, saddlepoint, ~np.isnan(saddlepoint), STATUS[status])


def firth_scan(
    model: NullModel,
    genotype: Genotype,
    genetic_model: str = "additive",
    *,
    row: NDArray[np.int64] | None = None,
    n_thread: int = 2,
) -> FirthScan:
    """Firth's test of the variants at ``row``, or of all; else as for :func:`logistic_scan`.

    Examples
    --------
    >>> from alsrev_dagster.stats.design import null_design
    >>> from alsrev_dagster.stats.logistic_null import null_model
    >>> model = null_model(null_design(np.arange(125) < 22, np.empty((125, 0)), []))
    >>> genotype = np.repeat([0, 1, 2, 0, 1], [10, 9, 3, 95, 8]).astype(np.uint8)[None]
    >>> f"{firth_scan(model, genotype).p_value[0]:.3e}"
    '3.486e-07'
    """
    coded = CodedGenotype.of(genotype, model.design.n_sample, genetic_model)
    place = np.arange(coded.n_variant) if row is None else row
    number, _, code = fit_firth(model, coded, place, 1, n_thread)
    shape = (coded.n_variant,)
    beta, error, p_value = np.full((3, *shape), np.nan)
    status, separation = np.full(shape, "screened", dtype=STATUS.dtype), np.zeros(shape, np.int8)
    beta[place], error[place] = number[:, 0, 0], number[:, 0, 1]
    p_value[place] = chi2.sf(number[:, 0, 2], 1)
    status[place], separation[place] = STATUS[code], number[:, 0, 3].astype(np.int8)
    p_value[np.isin(status, ("monomorphic", "one_side_missing"))] = 1.0
    return FirthScan(beta, error, p_value, status, separation)
