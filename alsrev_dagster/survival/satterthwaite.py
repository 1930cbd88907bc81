"""Degrees of freedom of the fixed effects of a linear mixed model (Satterthwaite)."""

import numpy as np

from alsrev_dagster.survival.mixed_products import Products, evaluate, slope
from alsrev_dagster.survival.newton import curvature
from alsrev_dagster.survival.risk import FloatArray


def satterthwaite_df(
    sums: Products, factor: FloatArray, variance: float, contrast: FloatArray
) -> FloatArray:
    """Degrees of freedom of each contrast of the coefficients, at the REML estimate.

    Parameters
    ----------
    sums
        Of the visits.
    factor
        Lower triangular relative factor of the random effects at the estimate.
    variance
        Residual one at the estimate.
    contrast
        Of the coefficients as they were given, shape (n_contrast, n_fixed).

    Returns
    -------
    FloatArray
        Above 0, shape (n_contrast,); NaN where the likelihood has no curvature.

    Notes
    -----
    2 v^2 / (g' W g) with v the variance of the contrast, g its slope by the variance parameters
    and W their covariance, twice the inverse curvature of the restricted deviance [1]_, as
    lmerTest has it [2]_. A relative standard deviation of 0 is taken as known, which is what a
    fit at that boundary says.

    What they rest on is people: a contrast between carriers and others has about n_person - 2,
    because all share one variance. That is right when carriers vary as others do, and generous
    when they are few and vary more.

    References
    ----------
    .. [1] Satterthwaite (1946), Biometrics Bulletin 2:110; Giesbrecht & Burns (1985).
    .. [2] Kuznetsova, Brockhoff & Christensen (2017), J Stat Softw 82(13), section 2.
    """
    place = np.tril_indices(sums.n_random)
    start = np.append(factor[place], np.log(variance) / 2)
    free = np.append((place[0] != place[1]) | (factor[place] > 0), True)

    def by(parameter: FloatArray) -> FloatArray:
        moved = np.zeros_like(factor)
        moved[place] = parameter[:-1]
        at, square = evaluate(sums, moved), float(np.exp(2 * parameter[-1]))
        of_factor = slope(sums, at, moved, square, is_restricted=True)
        n = sums.n_visit - sums.n_fixed
        return np.append(of_factor, 2 * n - 2 * at.residual_square / square)

    at = evaluate(sums, factor)
    moved = contrast @ sums.from_basis @ at.inverse  # to the orthonormal basis
    spread = np.einsum("ck,kl,cl->c", moved, at.information, moved)
    pulled = np.einsum("nik,ck->cni", at.cross, moved)
    by_square = 2 * np.einsum("cni,cnj->cij", pulled, pulled) @ factor
    of_factor = by_square[:, place[0], place[1]]
    gradient = variance * np.column_stack([of_factor, 2 * spread])[:, free]
    try:
        twice = 2 * np.linalg.inv(curvature(by, start, free))
    except np.linalg.LinAlgError:
        return np.full(len(contrast), np.nan)
    below = np.einsum("ci,ij,cj->c", gradient, twice, gradient)
    with np.errstate(divide="ignore", invalid="ignore"):
        df: FloatArray = np.where(below > 0, 2 * (variance * spread) ** 2 / below, np.nan)
    return df
