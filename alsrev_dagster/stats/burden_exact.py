"""Exact conditional test of the alleles that cases carry in a set, however many carriers."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.set_null import SetNull

_TIE = 1e-9
"""Slack, in alleles, within which two distances from the mean are the same."""

Floats = NDArray[np.float64]


def burden_exact_p(null: SetNull, n_allele: NDArray[np.int64]) -> float:
    """Two-sided exact P value of the summed alleles of cases, given each stratum's samples.

    Parameters
    ----------
    null
        Labels and strata; covariates are not used.
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
    Within a stratum every choice of its cases is as likely; the number of choices for each
    sum is counted sample by sample, and the strata's sums are convolved. The P value adds the
    sums at least as far from the mean as the one seen, as the squared burden score does, so
    that both agree; Fisher's rule (as unlikely) orders them otherwise where the distribution
    is skewed. No labelings are drawn: it can be as small as the data allow. Doubles count to
    about 13 digits of each probability.

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
    if n_allele.shape != null.is_case.shape or (n_allele < 0).any():
        raise InputDataError(
            f"n_allele has shape {n_allele.shape} and {int((n_allele < 0).sum())} numbers below 0: "
            f"expected {null.is_case.shape} counts; give missing calls as 0"
        )
    probability, mean = np.ones(1), 0.0
    for number in range(int(null.stratum.max()) + 1):
        here = null.stratum == number
        n_case = int(null.is_case[here].sum())
        probability = np.convolve(probability, _sum_distribution(n_allele[here], n_case))
        mean += n_case * float(n_allele[here].mean())
    seen = abs(int(n_allele[null.is_case].sum()) - mean)
    is_as_far = np.abs(np.arange(len(probability)) - mean) >= seen - _TIE
    p_value = float(probability[is_as_far].sum() / probability.sum())
    return min(max(p_value, float(np.finfo(np.float64).tiny)), 1.0)


def _sum_distribution(n_allele: NDArray[np.int64], n_case: int) -> Floats:
    """Probability of each sum, from 0 on, over the choices of ``n_case`` samples."""
    carried = n_allele[n_allele > 0]
    n, n_drawn_max = len(n_allele), min(n_case, len(carried))
    n_other = n - len(carried)
    ways = np.zeros((n_drawn_max + 1, int(carried.sum()) + 1))  # of carriers drawn and their sum
    ways[0, 0] = 1
    for copies in carried.tolist():
        ways[1:, copies:] += ways[:-1, : ways.shape[1] - copies].copy()
    k = n_case - np.arange(n_drawn_max + 1)
    can_be = k <= n_other
    log_rest = _log_ways(n_other, np.where(can_be, k, 0)) - _log_ways(n, np.array([n_case]))
    probability: Floats = (ways * np.where(can_be, np.exp(log_rest), 0)[:, None]).sum(axis=0)
    return probability


def _log_ways(n: int, k: NDArray[np.int64]) -> Floats:
    ways: Floats = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return ways
