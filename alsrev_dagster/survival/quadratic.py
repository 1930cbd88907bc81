"""From scores of K groups and their covariance to a chi-squared statistic."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from alsrev_dagster.survival.risk import FloatArray

_RANK_TOLERANCE = 1e-9
"""An eigenvalue this small beside the largest is 0: a comparison that nobody informs."""

_TIE_TOLERANCE = 1e-9
"""Relative slack of "as large as the one seen" among relabelled statistics."""


@dataclass(frozen=True)
class Permutation:
    """A statistic against those of random relabellings; ``p_value`` is (b + 1) / (m + 1)."""

    statistic: float
    p_value: float
    n_permutation: int
    n_as_large: int


def quadratic_form(
    score: FloatArray, covariance: FloatArray
) -> tuple[FloatArray, NDArray[np.int64]]:
    """U' V^- U and the rank of V, of scores (b, K) and covariances (b, K, K)."""
    value, vector = np.linalg.eigh(covariance)
    largest = np.abs(value).max(axis=1, keepdims=True, initial=0.0)
    is_kept = (value > _RANK_TOLERANCE * largest) & (value > 0)
    along = np.einsum("bk,bkj->bj", score, vector)
    share = np.divide(along**2, value, out=np.zeros_like(value), where=is_kept)
    return share.sum(axis=1), is_kept.sum(axis=1).astype(np.int64)


@dataclass(frozen=True)
class ChiSquared:
    """A test of K groups; statistic and P value are NaN when nothing was compared."""

    statistic: float
    degrees_of_freedom: int
    p_value: float


def chi_squared(score: FloatArray, covariance: FloatArray) -> ChiSquared:
    """Test of the scores of one labelling, shapes (1, K) and (1, K, K)."""
    statistic, rank = quadratic_form(score, covariance)
    found, degrees_of_freedom = float(statistic[0]), int(rank[0])
    if degrees_of_freedom == 0:
        return ChiSquared(float("nan"), 0, float("nan"))
    p_value = float(chi2.sf(found, degrees_of_freedom))
    return ChiSquared(found, degrees_of_freedom, p_value)


def permutation(seen: float, drawn: FloatArray) -> Permutation:
    """P value of the statistic seen among those drawn; NaN when nothing was compared."""
    n_as_large = int((drawn >= seen * (1 - _TIE_TOLERANCE)).sum())
    p_value = float("nan") if np.isnan(seen) else (n_as_large + 1) / (len(drawn) + 1)
    return Permutation(seen, p_value, len(drawn), n_as_large)
