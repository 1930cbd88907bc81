"""Odds ratio of a lead, had it not been picked for its P value."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from alsrev_dagster.stats.winners_curse import conditional_estimate


@dataclass(frozen=True)
class CorrectedOddsRatio:
    """Corrected odds ratios, shape (n,); NaN where a lead did not pass the threshold."""

    odds_ratio: NDArray[np.float64]
    ci_lower: NDArray[np.float64]
    ci_upper: NDArray[np.float64]


def corrected_odds_ratio(
    beta: NDArray[np.float64], p_value: NDArray[np.float64], p_max: float
) -> CorrectedOddsRatio:
    """Odds ratios corrected for having been picked by a P value.

    Parameters
    ----------
    beta
        Log odds ratio of each lead, shape (n,); NaN where there is none.
    p_value
        Two-sided, of record, by which it was picked, shape (n,).
    p_max
        A P value at most this picked it; strictly between 0 and 1.

    Returns
    -------
    CorrectedOddsRatio
        The third estimate of :func:`winners_curse.conditional_estimate`, nearer to 1.

    Notes
    -----
    Leads are picked by the likelihood ratio test, so z is the normal deviate of its P value with
    the sign of beta, and the standard error beta / z: a test-based one [1]_. Wald's would put
    leads below the threshold that picked them. A lead picked as the best of several genetic models
    or neighbours is more overstated than this says.

    References
    ----------
    .. [1] Miettinen (1976), Am J Epidemiol 103:226-235.

    Examples
    --------
    >>> found = corrected_odds_ratio(np.array([2.0, 2.0]), np.array([5e-5, 1e-12]), 1e-4)
    >>> found.odds_ratio.round(2).tolist(), round(float(np.exp(2.0)), 2)
    ([1.86, 7.36], 7.39)
    """
    is_picked = (p_value <= p_max) & np.isfinite(beta) & (beta != 0)
    z = np.where(is_picked, np.sign(beta) * norm.isf(np.where(is_picked, p_value, 0.5) / 2), np.nan)
    error = np.divide(beta, z, out=np.full(len(beta), np.nan), where=is_picked)
    found = conditional_estimate(z, error, float(norm.isf(p_max / 2)))
    return CorrectedOddsRatio(np.exp(found.beta), np.exp(found.ci_lower), np.exp(found.ci_upper))
