"""Score test of count tables, and its saddlepoint: a screen, solved for all tables at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from alsrev_dagster.stats.counts import stacked_tables
from alsrev_dagster.stats.logistic_scan import SADDLEPOINT_Z
from alsrev_dagster.stats.separation import separating_side

_N_STEP = 80
_STEP_TOLERANCE = 1e-12
_N_TABLE_AT_ONCE = 50_000

_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class TableScore:
    """The score test of each table, shape (n,); NaN where nothing varies."""

    z: _Floats
    """Positive where ALT goes with being a case."""
    p_value: _Floats
    """Two-sided normal P value of z; too small in the tail with few cases."""
    saddlepoint_p_value: _Floats
    """Both tails by the saddlepoint where z is 2 or more either way, else the normal P value; NaN
    without root, or where the sides are separated: there an exact test or Firth's answers."""


def table_score(
    case_counts: NDArray[np.int64], control_counts: NDArray[np.int64], score: tuple[int, int, int]
) -> TableScore:
    """Score test of each table against an intercept a stratum.

    Parameters
    ----------
    case_counts, control_counts
        Samples with genotype 0, 1 and 2 in each stratum, shape (n, S, 3). Missing calls are not
        counted.
    score
        Whole numbers for genotypes 0, 1 and 2.

    Raises
    ------
    InputDataError
        If the shapes differ, a count is negative or the score is not whole numbers.

    Notes
    -----
    With m the share of cases of a stratum and c the score less its stratum's mean, the statistic is
    s = sum c (case - m), its variance sum m (1 - m) c^2 and its cumulant generating function
    K(t) = sum log(1 - m + m exp(c t)) - t sum c m [1]_. The saddlepoint P solves K'(t) = s and
    takes Phi(-w - log(v / w) / w), w = sqrt(2 (t s - K)), v = t sqrt(K''), on both tails [1]_. The
    variance is that of independent outcomes (N, as PLINK's), not N - 1.

    References
    ----------
    .. [1] Dey et al. (2017), Am J Hum Genet 101:37-49, equations 1 to 4.

    Examples
    --------
    >>> case, control = np.array([[[10, 9, 3]]]), np.array([[[95, 8, 0]]])
    >>> found = table_score(case, control, (0, 1, 2))
    >>> round(float(found.z[0]), 5), f"{found.saddlepoint_p_value[0]:.3e}"
    (5.77867, '2.654e-07')
    """
    table = stacked_tables(case_counts, control_counts, score)
    starts = range(0, len(table), _N_TABLE_AT_ONCE)
    parts = [_tested(table[start : start + _N_TABLE_AT_ONCE], score) for start in starts]
    found = np.concatenate(parts, axis=1) if parts else np.empty((3, 0))
    return TableScore(*found)


def _tested(table: NDArray[np.int64], score: tuple[int, int, int]) -> _Floats:
    """Rows z, normal P and saddlepoint P."""
    of_stratum = table.sum(axis=(1, 3))[:, :, None]
    n = table.sum(axis=1).astype(np.float64)
    share = _ratio(table[:, 0].sum(axis=2)[:, :, None], of_stratum)
    mean = _ratio((n * np.array(score)).sum(axis=2, keepdims=True), of_stratum)
    centred = np.array(score, dtype=np.float64) - mean
    statistic = (table[:, 0] * centred).sum(axis=(1, 2))
    variance = (n * share * (1 - share) * centred**2).sum(axis=(1, 2))
    z = _ratio(statistic, np.sqrt(variance), np.nan)
    p_value = 2 * norm.sf(np.abs(z))
    saddlepoint = p_value.copy()
    is_apart = separating_side(table, np.array(score, dtype=np.float64)) != 0
    far = np.flatnonzero(np.abs(z) >= SADDLEPOINT_Z)
    if len(far):
        given = n[far], share[far], centred[far], variance[far]
        size, sign = np.abs(statistic[far]), np.sign(statistic[far])
        near = _upper_tail(given, size, sign)
        both = near + np.nan_to_num(_upper_tail(given, size, -sign))
        saddlepoint[far] = np.where(is_apart[far], np.nan, np.minimum(both, 1.0))
    return np.array([z, p_value, saddlepoint])


def _upper_tail(cells: tuple[_Floats, ...], size: _Floats, sign: _Floats) -> _Floats:
    """Probability that the score, turned by ``sign``, is at least ``size``; NaN without root.

    ``cells`` holds samples, share of cases, centred score and the variance.
    """
    n, share, centred, variance = cells
    turned = centred * sign[:, None, None]
    end = _largest(n, share, turned)
    has_root = size < end * (1 - 1e-12)
    t = np.where(has_root, size / variance, 0.0)
    low, high = np.zeros_like(t), np.full_like(t, np.inf)
    for _ in range(_N_STEP):
        _, slope, curvature = _cumulant(n, share, turned, t)
        gap = slope - size
        low, high = np.where(gap < 0, t, low), np.where(gap > 0, t, high)
        step = t - gap / np.where(curvature > 0, curvature, np.inf)
        middle = np.where(np.isfinite(high), (low + high) / 2, 2 * t + 1e-3)
        after = np.where((step > low) & (step < high), step, middle)
        is_done = ~has_root | (np.abs(after - t) <= _STEP_TOLERANCE * np.abs(after))
        t = np.where(has_root, after, t)
        if is_done.all():
            break
    value, _, curvature = _cumulant(n, share, turned, t)
    w = np.sqrt(np.maximum(2 * (t * size - value), 0))
    v = t * np.sqrt(curvature)
    with np.errstate(divide="ignore", invalid="ignore"):
        tail = norm.sf(w + np.log(v / w) / w)
    return np.where(has_root & (w > 0), tail, np.nan)


def _cumulant(
    n: _Floats, share: _Floats, centred: _Floats, t: _Floats
) -> tuple[_Floats, _Floats, _Floats]:
    """K and its first two derivatives at t; sum n c m is 0 in each stratum."""
    tilt = centred * t[:, None, None]
    high = np.maximum(tilt, 0)
    total = (1 - share) * np.exp(-high) + share * np.exp(tilt - high)
    tilted = share * np.exp(tilt - high) / total
    axes = (1, 2)
    value = (n * (high + np.log(total))).sum(axis=axes)
    slope = (n * centred * tilted).sum(axis=axes)
    curvature = (n * centred**2 * tilted * (1 - tilted)).sum(axis=axes)
    return value, slope, curvature


def _largest(n: _Floats, share: _Floats, centred: _Floats) -> _Floats:
    """Largest score there can be: every sample above its stratum's mean is a case."""
    can_be = (share > 0) & (share < 1)
    return np.asarray((n * np.maximum(centred, 0) * can_be).sum(axis=(1, 2)), dtype=np.float64)


def _ratio(part: object, whole: object, otherwise: float = 0.0) -> _Floats:
    top, bottom = np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64)
    out = np.full(np.broadcast(top, bottom).shape, otherwise)
    return np.asarray(np.divide(top, bottom, out=out, where=bottom > 0), dtype=np.float64)
