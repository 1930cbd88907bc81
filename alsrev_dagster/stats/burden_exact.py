"""Exact conditional tests of what cases carry in a set, however many carriers there are."""

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.exact import TIE_TOLERANCE
from alsrev_dagster.stats.set_null import SetNull

_TIE = 1e-9
"""Slack, in alleles, within which two distances from the mean are the same."""

Floats = NDArray[np.float64]


def burden_exact_p(null: SetNull, n_allele: NDArray[np.int64]) -> float:
    """Two-sided exact P value of the summed alleles of cases, given each stratum's samples.

    Parameters
    ----------
    null
        Labels, strata and the probability of each sample to be a case.
    n_allele
        Minor alleles of each sample in the set, shape (n_sample,), at least 0. A missing call
        counts as none.

    Returns
    -------
    float
        In (0, 1]; 1.0 where the number does not vary.

    Raises
    ------
    InputDataError
        If the shape is wrong or a number is negative.

    Notes
    -----
    Labels are independent given the null model; given each stratum's number of cases, the
    distribution of the sum is built sample by sample and convolved over strata. Without
    covariates every choice of cases is as likely and the test is exact [1]_; with covariates
    it is exact given their fitted probabilities. The P value adds the sums at least as far
    from the mean as the one seen, as the squared burden score does, so that both agree. No
    labelings are drawn: it can be as small as the data allow, to about 12 digits.

    References
    ----------
    .. [1] Agresti (1992), Statistical Science 7:131-153.

    Examples
    --------
    >>> from alsrev_dagster.stats.set_null import set_null
    >>> null, n_allele = set_null(np.arange(265) < 22), (np.arange(265) < 3).astype(np.int64)
    >>> round(burden_exact_p(null, n_allele), 7)
    0.0005022
    """
    probability = sum_distribution(null, n_allele)
    value = np.arange(len(probability))
    mean = float(probability @ value)
    seen = abs(int(n_allele[null.is_case].sum()) - mean)
    return _bounded(float(probability[np.abs(value - mean) >= seen - _TIE].sum()))


def carrier_exact_p(null: SetNull, carrier: NDArray[np.bool_]) -> float:
    """Two-sided exact P value of carriers among cases: Fisher's, within strata (CMC).

    Parameters
    ----------
    null
        As in :func:`burden_exact_p`.
    carrier
        Samples with any minor allele of the set, shape (n_sample,).

    Returns
    -------
    float
        In (0, 1]. It adds the numbers of carriers no more likely than the one seen, as
        Fisher's test does, which it is without strata and covariates.

    Raises
    ------
    InputDataError
        As :func:`burden_exact_p`.

    References
    ----------
    .. [1] Li & Leal (2008), Am J Hum Genet 83:311-321 (CMC).

    Examples
    --------
    >>> from alsrev_dagster.stats.set_null import set_null
    >>> round(carrier_exact_p(set_null(np.arange(265) < 22), np.arange(265) < 3), 7)
    0.0005022
    """
    n_allele = carrier.astype(np.int64)
    probability = sum_distribution(null, n_allele)
    limit = probability[int(n_allele[null.is_case].sum())] * (1 + TIE_TOLERANCE)
    return _bounded(float(probability[probability <= limit].sum()))


def sum_distribution(null: SetNull, n_allele: NDArray[np.int64]) -> Floats:
    """Probability of each sum of the cases' alleles, from 0 on; see :func:`burden_exact_p`.

    Examples
    --------
    >>> from alsrev_dagster.stats.set_null import set_null
    >>> null = set_null(np.array([True, False, False, False]))
    >>> sum_distribution(null, np.array([0, 2, 1, 0])).round(6).tolist()
    [0.5, 0.25, 0.25, 0.0]
    """
    if n_allele.shape != null.is_case.shape or (n_allele < 0).any():
        raise InputDataError(
            f"n_allele has shape {n_allele.shape} and {int((n_allele < 0).sum())} numbers below 0: "
            f"expected {null.is_case.shape} counts; give missing calls as 0"
        )
    probability = np.ones(1)
    for number in range(int(null.stratum.max()) + 1):
        here = null.stratum == number
        n_case = int(null.is_case[here].sum())
        own = _of_stratum(n_allele[here], null.probability[here], n_case)
        probability = np.convolve(probability, own)
    whole: Floats = probability / probability.sum()
    return whole


def _of_stratum(n_allele: NDArray[np.int64], is_case_p: Floats, n_case: int) -> Floats:
    """Probability of each sum in one stratum, given its number of cases."""
    carries = n_allele > 0
    carried, chance = n_allele[carries].tolist(), is_case_p[carries].tolist()
    n_drawn_max = min(n_case, len(carried))
    joint = np.zeros((n_drawn_max + 1, sum(carried) + 1))  # of carriers drawn, and of their sum
    joint[0, 0] = 1
    for copies, p in zip(carried, chance, strict=True):
        drawn = p * joint[:-1, : joint.shape[1] - copies]
        joint *= 1 - p
        joint[1:, copies:] += drawn
    other = np.zeros(n_case + 1)
    other[0] = 1
    for p in is_case_p[~carries].tolist():
        drawn = p * other[:-1]
        other *= 1 - p
        other[1:] += drawn
    probability: Floats = other[n_case - np.arange(n_drawn_max + 1)] @ joint
    return probability


def _bounded(p_value: float) -> float:
    return min(max(p_value, float(np.finfo(np.float64).tiny)), 1.0)
