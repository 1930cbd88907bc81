"""Several P values of one question as one: the Cauchy combination."""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import cauchy

from alsrev_dagster.errors import InputDataError

_SMALL = 1e-15
"""Below it tan((1/2 - p) pi) is 1 / (p pi) to every digit."""
_P_MAX = 0.999
"""What a P value of 1 counts as: tan would be minus infinity and hide all the others."""

Floats = NDArray[np.float64]


def cauchy_statistic(p_value: Floats, weight: Floats) -> Floats:
    """Weighted mean of tan((1/2 - p) pi) over the last axis.

    Parameters
    ----------
    p_value
        In (0, 1], shape (..., k).
    weight
        At least 0, not all 0, shape (k,).

    Returns
    -------
    Floats
        Shape (...); standard Cauchy for independent uniform P values.

    Examples
    --------
    >>> cauchy_statistic(np.array([[0.5, 0.25]]), np.array([1.0, 1.0])).round(6).tolist()
    [0.5]
    """
    p = np.minimum(p_value, _P_MAX)
    with np.errstate(divide="ignore"):
        part = np.where(p < _SMALL, 1 / (p * np.pi), np.tan((0.5 - p) * np.pi))
    combined: Floats = part @ (weight / weight.sum())
    return combined


def cauchy_combination(p_value: Floats, weight: Floats | None = None) -> float:
    """One P value from several that may depend on each other (ACAT).

    Parameters
    ----------
    p_value
        Shape (k,), in (0, 1]; NaN is left out.
    weight
        At least 0, shape (k,); equal ones if not given.

    Returns
    -------
    float
        In (0, 1]; NaN where no P value has a weight.

    Raises
    ------
    InputDataError
        If a P value is outside (0, 1], or weights are negative or of another shape.

    Notes
    -----
    The tail of the weighted mean is Cauchy's whatever the dependence, for small P values [1]_;
    towards 0.05 it may be slightly liberal. It needs P values that are nearly uniform: of
    discrete ones many are 1, each counts as 0.999, and one of them can hide another's 1e-3.
    The resampled omnibus has neither fault.

    References
    ----------
    .. [1] Liu & Xie (2020), J Am Stat Assoc 115:393-402; Liu et al. (2019), Am J Hum Genet
       104:410-421.

    Examples
    --------
    >>> round(cauchy_combination(np.array([0.02, 0.0004, 0.2, 0.1, 0.8])), 8)
    0.0019534
    """
    weight = np.ones(len(p_value)) if weight is None else weight
    known = ~np.isnan(p_value)
    is_outside = (p_value[known] <= 0) | (p_value[known] > 1)
    if weight.shape != p_value.shape or (weight < 0).any() or is_outside.any():
        raise InputDataError(
            f"{int(is_outside.sum())} of {len(p_value)} P values are outside (0, 1], and "
            f"{int((weight < 0).sum())} weights below 0: expected none, and a weight for each; "
            "give P values, not their logarithms"
        )
    if not weight[known].sum() > 0:
        return float("nan")
    value = float(cauchy_statistic(p_value[known], weight[known]))
    return max(float(cauchy.sf(value)), float(np.finfo(np.float64).tiny))
