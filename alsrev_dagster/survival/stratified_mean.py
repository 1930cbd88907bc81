"""How much larger a mean is in carriers than in the others of their stratum."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import t

from alsrev_dagster.survival.risk import BoolArray, FloatArray, IntArray
from alsrev_dagster.survival.stratified_rank import refuse_values

_NAN = float("nan")
_ALONE = 1 - 1e-9
"""Leverage from which a person's value is fitted exactly, and says nothing of the scatter."""
_ROUNDING = 1e-9
"""Of the largest value, what rounding alone leaves."""


@dataclass(frozen=True)
class StratifiedMean:
    """Mean of carriers less that of the others, within strata."""

    n_stratum: int
    """Strata with people of both groups: the others say nothing."""
    difference: float
    """NaN where no stratum has both groups."""
    standard_error: float = _NAN
    """NaN where one carrier, or one of the others, is alone in a stratum that has both, and where
    values do not scatter within the groups.
    """
    degrees_of_freedom: float = _NAN
    ci_lower: float = _NAN
    ci_upper: float = _NAN
    p_value: float = _NAN
    """Two-sided, by t."""


def stratified_mean(value: FloatArray, carrier: BoolArray, stratum: IntArray) -> StratifiedMean:
    """Difference of the means of two groups within strata, with 95% interval.

    Parameters
    ----------
    value
        Of each person, shape (n_person,); none missing.
    carrier
        Who is in the group, shape (n_person,).
    stratum
        Number of each person's stratum from 0, shape (n_person,).

    Returns
    -------
    StratifiedMean
        In the unit of ``value``.

    Raises
    ------
    InputDataError
        If shapes differ or a value is missing.

    Notes
    -----
    Least squares on the group and strata: b = sum s y / sum s^2, s the group less its share in the
    stratum. Variance without equal scatter, corrected for leverage h (HC2): sum s^2 e^2 / (1 - h) /
    (sum s^2)^2, against t with the degrees of freedom of Bell and McCaffrey [1]_ [2]_, which few
    carriers make few. Of one stratum variance and statistic are Welch's. Assumes people
    independent; where strata differ in their difference, b is a mean of them, weighted by
    n p (1 - p) with p the share of carriers.

    References
    ----------
    .. [1] Bell & McCaffrey (2002), Survey Methodology 28:169-181.
    .. [2] Imbens & Kolesar (2016), Rev Econ Stat 98:701-712.

    Examples
    --------
    >>> value = np.array([5.0, 7, 6, 1, 2, 3, 4, 2])
    >>> found = stratified_mean(value, np.arange(8) < 3, np.zeros(8, dtype=np.int64))
    >>> round(found.difference, 3), round(found.standard_error, 3)
    (3.6, 0.77)
    """
    refuse_values(value, carrier, stratum, to_be="averaged")
    n = np.bincount(stratum)[stratum]
    share = np.bincount(stratum, weights=carrier)[stratum] / n
    score = carrier - share
    # of strata with one group nothing depends
    used = (share > 0) & (share < 1)
    value, score, stratum, n = value[used], score[used], stratum[used], n[used]
    if not len(value):
        return StratifiedMean(0, _NAN)
    information = float(score @ score)
    mean = np.bincount(stratum, weights=value)[stratum] / n
    difference = float(score @ value) / information
    left = value - mean - difference * score
    leverage = score**2 / information + 1 / n
    n_stratum, least = len(np.unique(stratum)), _ROUNDING * float(np.abs(value).max())
    difference = difference if abs(difference) > least else 0.0
    if (leverage > _ALONE).any():
        return StratifiedMean(n_stratum, difference)
    error = float(np.sqrt(((score * left) ** 2 / (1 - leverage)).sum())) / information
    if error <= least:
        return StratifiedMean(n_stratum, difference)
    freedom = _degrees_of_freedom(score, leverage, stratum, n)
    reach = float(t.isf(0.025, freedom)) * error
    return StratifiedMean(
        n_stratum=n_stratum,
        difference=difference,
        standard_error=error,
        degrees_of_freedom=freedom,
        ci_lower=difference - reach,
        ci_upper=difference + reach,
        p_value=float(2 * t.sf(abs(difference) / error, freedom)),
    )


def _degrees_of_freedom(
    score: FloatArray, leverage: FloatArray, stratum: IntArray, n: IntArray
) -> float:
    """(tr M)^2 / tr M^2 of M = D (I - H) D, D the weight of each residual, H of least squares."""
    weight = score**2 / (1 - leverage)
    information = float(score @ score)
    by_stratum = np.bincount(stratum, weights=weight)
    crossed = np.bincount(stratum, weights=weight * score)
    size = np.bincount(stratum).clip(min=1)
    # sum over all pairs of d_i^2 d_j^2 H_ij^2, H_ij = s_i s_j / sum s^2 + [one stratum] / n
    pairs = (float(weight @ score**2) / information) ** 2
    pairs += float((2 * crossed**2 / (information * size) + (by_stratum / size) ** 2).sum())
    pairs += float((weight**2 * ((1 - leverage) ** 2 - leverage**2)).sum())
    return information**2 / pairs
