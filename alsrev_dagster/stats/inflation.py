"""Genomic control: whether test statistics are larger than chance makes them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from alsrev_dagster.errors import InputDataError

_DIGITS = 6
"""Digits to which a lambda of 1 is 1: the median is known to no more."""

MEDIAN_CHI2 = 0.4549364
"""Median of chi-square with one degree of freedom."""


@dataclass(frozen=True)
class Inflation:
    """Inflation factor of one scan, as seen and scaled, and the samples it rests on."""

    lambda_gc: float
    """NaN where there is no P value."""
    lambda_1000: float
    """NaN also where lambda_gc is below 1: there is no excess to scale."""
    n_case: int
    n_control: int


def inflation(p_value: NDArray[np.float64], n_case: int, n_control: int) -> Inflation:
    """Inflation of a scan: ``lambda_gc``, and ``lambda_1000`` where there is an excess.

    Parameters
    ----------
    p_value
        Two-sided P values in [0, 1], shape (n,). NaN is left out.
    n_case, n_control
        Samples that were compared.

    Returns
    -------
    Inflation
        Both factors with the two counts.

    Raises
    ------
    InputDataError
        If a P value is outside [0, 1], or there are some and a group is empty.

    Notes
    -----
    Scaled to 1,000 and 1,000 samples, a deficit at small n would come out below 0, which no
    ratio of chi-squares can be.

    Examples
    --------
    >>> inflation(np.array([0.1, 0.5, 0.9]), n_case=22, n_control=243).n_case
    22
    """
    found = lambda_gc(p_value)
    has_excess = round(found, _DIGITS) >= 1  # False for NaN
    scaled = lambda_1000(found, n_case, n_control) if has_excess else float("nan")
    return Inflation(found, scaled, n_case, n_control)


def lambda_gc(p_value: NDArray[np.float64]) -> float:
    """Genomic inflation factor: median chi-square over its expected median.

    Parameters
    ----------
    p_value
        Two-sided P values in [0, 1], shape (n,). NaN is left out.

    Returns
    -------
    float
        At least 0, expected 1; NaN where there is no P value.

    Raises
    ------
    InputDataError
        If a P value is outside [0, 1].

    Notes
    -----
    It expects P values that are uniform under the null. Those of discrete tests are not:
    with 22 cases most exact P values of rare variants are near 1 and lambda is too low,
    so a value near 1 shows nothing. Read it beside the exact-null quantiles.

    References
    ----------
    .. [1] Devlin & Roeder (1999), Biometrics 55:997-1004.

    Examples
    --------
    >>> round(lambda_gc(np.array([0.1, 0.5, 0.9])), 4)
    1.0
    """
    known = p_value[~np.isnan(p_value)]
    if known.size == 0:
        return float("nan")
    if known.min() < 0 or known.max() > 1:
        raise InputDataError(
            f"P values run from {known.min()} to {known.max()}: expected all in [0, 1]; give P "
            "values, not their logarithms or the test statistics"
        )
    return float(np.median(chi2.isf(known, 1)) / MEDIAN_CHI2)


def lambda_1000(lambda_gc: float, n_case: int, n_control: int) -> float:
    """Inflation factor that a study of 1,000 cases and 1,000 controls would show.

    Parameters
    ----------
    lambda_gc
        Inflation factor as observed.
    n_case, n_control
        Samples it was observed in, at least 1.

    Returns
    -------
    float
        1 + (lambda_gc - 1) (1/n_case + 1/n_control) / (1/1000 + 1/1000).

    Raises
    ------
    InputDataError
        If a group is empty.

    Notes
    -----
    It assumes that the excess grows in proportion to sample size, as it does for
    stratification; for a batch effect in a few variants it does not [1]_.

    References
    ----------
    .. [1] de Bakker et al. (2008), Hum Mol Genet 17:R122-R128.

    Examples
    --------
    >>> round(lambda_1000(1.05, n_case=22, n_control=243), 3)
    2.239
    """
    if n_case < 1 or n_control < 1:
        raise InputDataError(
            f"n_case is {n_case} and n_control {n_control}: expected at least 1 of each; check "
            "which samples were analysed"
        )
    return 1 + (lambda_gc - 1) * (1 / n_case + 1 / n_control) / (2 / 1000)
