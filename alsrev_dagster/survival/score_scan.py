"""Score test of every variant for time to an event, and its saddlepoint P value."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

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
