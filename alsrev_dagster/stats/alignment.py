"""How strongly the values of a factor go with being a case: their overlap, and an exact P."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from alsrev_dagster.errors import InputDataError

_TIE_TOLERANCE = 1e-7
"""Relative slack when two table probabilities are compared for equality, as R's fisher.test."""
_N_TABLE = 9_999
"""Random tables where there are more than two values: the least P is then 1 in 10,000."""


def overlap(n_case: NDArray[np.int64], n_control: NDArray[np.int64]) -> float:
    """Share of the two sides that lies on common values, in [0, 1].

    Parameters
    ----------
    n_case, n_control
        Samples of each side with each value, shape (n_value,); each side has one or more.

    Returns
    -------
    float
        Sum over values of the smaller of the two sides' shares: 0 where they have no value
        in common, 1 where their shares are equal. The share of cases among all samples
        plays no part. Who guesses the side from the value is right in 1 - overlap / 2 of
        even odds.

    Examples
    --------
    >>> round(overlap(np.array([20, 0]), np.array([1, 39])), 3)
    0.025
    """
    _require(n_case, n_control)
    return float(np.minimum(n_case / n_case.sum(), n_control / n_control.sum()).sum())


def freeman_halton_p(
    n_case: NDArray[np.int64], n_control: NDArray[np.int64], generator: np.random.Generator
) -> float:
    """P value of the exact test that a factor has nothing to do with being a case.

    Parameters
    ----------
    n_case, n_control
        Samples of each side with each value, shape (n_value,); each side has one or more.
    generator
        Draws the tables where there are more than two values.

    Returns
    -------
    float
        The summed probability, given both margins, of all tables no likelier than the one
        seen [1]_. With two values every table is counted (Fisher's exact test); with more
        it is (1 + tables as rare) / (1 + 9,999 random ones), which keeps its level [2]_.

    References
    ----------
    .. [1] Freeman & Halton (1951), Biometrika 38:141-149.
    .. [2] Davison & Hinkley (1997), Bootstrap Methods, section 4.2.

    Examples
    --------
    >>> round(freeman_halton_p(np.array([3, 1]), np.array([1, 3]), np.random.default_rng(1)), 4)
    0.4857
    """
    _require(n_case, n_control)
    seen = n_case + n_control > 0
    case, total = n_case[seen].astype(np.int64), (n_case + n_control)[seen].astype(np.int64)
    if len(total) <= 2:
        table = _every_table(total, int(case.sum()))
        log_p = _log_probability(table, total)
        p = np.exp(log_p - log_p.max())
        as_rare = log_p <= _log_probability(case, total) + _TIE_TOLERANCE
        return float(p[as_rare].sum() / p.sum())
    table = generator.multivariate_hypergeometric(
        total, int(case.sum()), size=_N_TABLE, method="marginals"
    )
    as_rare = _log_probability(table, total) <= _log_probability(case, total) + _TIE_TOLERANCE
    return float((1 + as_rare.sum()) / (1 + _N_TABLE))


def _every_table(total: NDArray[np.int64], n_case: int) -> NDArray[np.int64]:
    """Cases by value in each possible table of one or two values."""
    if len(total) == 1:
        return np.array([[n_case]], dtype=np.int64)
    first = np.arange(max(0, n_case - total[1]), min(n_case, total[0]) + 1)
    return np.stack([first, n_case - first], axis=1)


def _log_probability(case: NDArray[np.int64], total: NDArray[np.int64]) -> NDArray[np.float64]:
    """Log probability of cases by value, but for a constant: the sum of log binomials."""
    log_p: NDArray[np.float64] = -(gammaln(case + 1.0) + gammaln(total - case + 1.0)).sum(axis=-1)
    return log_p


def _require(n_case: NDArray[np.int64], n_control: NDArray[np.int64]) -> None:
    if n_case.shape != n_control.shape or not (n_case.sum() > 0 and n_control.sum() > 0):
        raise InputDataError(
            f"a factor has {n_case.sum()} cases in {n_case.shape} values and {n_control.sum()} "
            f"controls in {n_control.shape}: expected one or more of each side and the same "
            "values; leave out a factor that is unknown on one side"
        )
