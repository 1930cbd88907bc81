"""A sum of scores over carriers, against carriers shuffled within strata."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from alsrev_dagster.survival.risk import BoolArray, FloatArray, IntArray

_TIE = 1e-9
_N_AT_ONCE = 2_000


@dataclass(frozen=True)
class ShuffledSum:
    """Sum of the carriers' scores less what their strata make expected."""

    statistic: float
    z: float
    """Over its permutation standard deviation; NaN where no shuffle changes anything."""
    normal_p_value: float
    p_value: float
    """(b + 1) / (m + 1); NaN without shuffles."""


def shuffled_within(
    score: FloatArray,
    carrier: BoolArray,
    stratum: IntArray,
    *,
    n_draw: int,
    rng: np.random.Generator,
) -> ShuffledSum:
    """Two-sided permutation test of carriers within strata.

    Parameters
    ----------
    score
        Of each participant, shape (n,).
    carrier, stratum
        Shape (n,).
    n_draw
        Shuffles; 0 for the normal approximation alone.
    rng
        Where they come from.

    Notes
    -----
    Given the number of carriers in a stratum, their sum has mean k m and variance
    k (n - k) s^2 / n, with m and s^2 (n - 1 below) of all scores of the stratum.

    References
    ----------
    .. [1] Fay & Shaw (2010), J Stat Softw 36(2), for scores of interval-censored times.

    Examples
    --------
    >>> score, carrier = np.array([1.0, 0, 0, 0]), np.array([True, False, False, False])
    >>> found = shuffled_within(
    ...     score, carrier, np.zeros(4, np.int64), n_draw=0, rng=np.random.default_rng(1)
    ... )
    >>> round(found.z, 6)
    1.732051
    """
    mean, variance = np.zeros(len(score)), 0.0
    for one in np.unique(stratum):
        inside = stratum == one
        mean[inside] = score[inside].mean()
        n, k = int(inside.sum()), int(carrier[inside].sum())
        if n > 1:
            variance += k * (n - k) / n * float(score[inside].var(ddof=1))
    centred = score - mean
    statistic = float(centred @ carrier)
    if variance <= (_TIE * float(np.abs(score).max(initial=0.0))) ** 2:
        nan = float("nan")
        return ShuffledSum(statistic, nan, nan, nan)
    z = statistic / np.sqrt(variance)
    p_value = _share_as_far(centred, carrier, stratum, statistic, n_draw=n_draw, rng=rng)
    return ShuffledSum(statistic, float(z), float(2 * norm.sf(abs(z))), p_value)


def _share_as_far(
    centred: FloatArray,
    carrier: BoolArray,
    stratum: IntArray,
    statistic: float,
    *,
    n_draw: int,
    rng: np.random.Generator,
) -> float:
    if n_draw == 0:
        return float("nan")
    n_far, scale = 0, float(np.abs(centred).sum())
    for start in range(0, n_draw, _N_AT_ONCE):
        drawn = np.zeros(min(_N_AT_ONCE, n_draw - start))
        for one in np.unique(stratum):
            inside = np.flatnonzero(stratum == one)
            rows = np.tile(centred[inside], (len(drawn), 1))
            drawn += rng.permuted(rows, axis=1)[:, : int(carrier[inside].sum())].sum(axis=1)
        n_far += int((np.abs(drawn) >= abs(statistic) - _TIE * scale).sum())
    return (n_far + 1) / (n_draw + 1)
