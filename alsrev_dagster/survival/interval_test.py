"""Test that two groups have interval-censored times of one law: rank scores, by permutation."""

from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Literal

import numpy as np
from scipy.stats import norm

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.intervals import Intervals
from alsrev_dagster.survival.mass import likeliest_mass
from alsrev_dagster.survival.risk import BoolArray, FloatArray, IntArray
from alsrev_dagster.survival.shuffled_scores import shuffled_within
from alsrev_dagster.survival.turnbull_support import Support, support_of

Scores = Literal["sun", "finkelstein", "wilcoxon"]
"""Logrank with odds of the discrete hazard, logrank of proportional hazards, proportional odds."""

_N_EXACT_MAX = 200_000
"""Ways to choose the carriers up to which all are counted."""

_TIE = 1e-9
"""Slack of "as far from the mean", relative to the sum of the scores' sizes."""


_NOTHING = 1e-14
"""Probability of no event at most this is 0."""


@dataclass(frozen=True)
class IntervalTest:
    """Sum of the carriers' scores: above 0 where they have the event sooner than expected."""

    n: int
    n_carrier: int
    statistic: float
    z: float
    normal_p_value: float
    """From the permutation's mean and variance and a normal tail."""
    p_value: float
    """Share of relabellings at least as far from the mean; (b + 1) / (m + 1) where drawn."""
    is_exact: bool
    n_draw: int
    """Relabellings counted."""
    scores: Scores


def interval_test(
    seen: Intervals,
    carrier: BoolArray,
    *,
    n_draw: int,
    rng: np.random.Generator,
    scores: Scores = "sun",
    stratum: IntArray | None = None,
) -> IntervalTest:
    """Permutation test of carriers against non-carriers on interval-censored times.

    Parameters
    ----------
    seen
        From :func:`~alsrev_dagster.survival.intervals.intervals`; weights must be 1.
    carrier
        Whether a carrier, shape (n,).
    n_draw
        Relabellings drawn where there are more than 200,000 ways to choose the carriers.
    rng
        Source of randomness; not used where all are counted.
    scores
        Which efficient scores are summed.
    stratum
        Number of each participant's stratum, within which carriers are shuffled; None for one.
        Scores are of all together. With several strata relabellings are always drawn.

    Returns
    -------
    IntervalTest
        P values in (0, 1]; NaN numbers where all or none are carriers.

    Raises
    ------
    InputDataError
        If weights are not 1, or carrier has another length.

    Notes
    -----
    With S Turnbull's curve of all and c = (S(L) g(L) - S(R) g(R)) / (S(L) - S(R)), g is the log of
    S (Finkelstein), of the exponential of minus the summed discrete hazard (Sun), and S(L) + S(R)
    - 1 for Wilcoxon [1]_. Entry E takes g(E) away (not for Wilcoxon, which refuses entries). Valid
    where visits and entry do not depend on the carrier status; where one group is seen more often,
    it is not.

    References
    ----------
    .. [1] Fay & Shaw (2010), J Stat Softw 36(2), eq. 5-8; Sun (1996), Stat Med 15:1387; Finkelstein
       (1986), Biometrics 42:845.

    Examples
    --------
    >>> from alsrev_dagster.survival.intervals import intervals
    >>> seen = intervals(
    ...     np.array([2.0, 5, 1, 1, 9, 8, 10]), np.array([3.0, 6, 7, 7, 12, 10, 13])
    ... )
    >>> found = interval_test(
    ...     seen, np.array([0, 0, 1, 1, 0, 1, 0]) == 1, n_draw=1, rng=np.random.default_rng(1)
    ... )
    >>> found.is_exact, found.n_draw, round(found.statistic, 6)
    (True, 35, 0.842857)
    """
    is_carrier = np.asarray(carrier, dtype=np.bool_)
    if len(is_carrier) != len(seen.left) or (seen.weight != 1).any():
        raise InputDataError(
            f"{len(seen.left)} intervals, {len(is_carrier)} carrier statuses and "
            f"{int((seen.weight != 1).sum())} weights other than 1: expected a status each and no "
            "weights; a permutation has no place for sampling weights"
        )
    score, n, k = interval_scores(seen, scores), len(is_carrier), int(is_carrier.sum())
    statistic = float(score[is_carrier].sum())
    if stratum is not None and len(np.unique(stratum)) > 1:
        within = shuffled_within(score, is_carrier, stratum, n_draw=n_draw, rng=rng)
        told = (within.z, within.normal_p_value, within.p_value)
        return IntervalTest(n, k, statistic, *told, False, n_draw, scores)
    spread = float(((score - score.mean()) ** 2).sum())
    variance = k * (n - k) / max(n * (n - 1), 1) * spread
    if variance <= 0:
        return IntervalTest(n, k, statistic, *(np.nan,) * 3, False, 0, scores)
    z = (statistic - k * float(score.mean())) / np.sqrt(variance)
    is_exact = comb(n, k) <= _N_EXACT_MAX
    sums = _every_sum(score, k) if is_exact else _drawn_sums(score, k, n_draw, rng)
    distance = np.abs(sums - k * score.mean())
    seen_distance = abs(statistic - k * score.mean()) - _TIE * float(np.abs(score).sum())
    n_far = int((distance >= seen_distance).sum()) + (not is_exact)
    p_value = n_far / (len(sums) + (not is_exact))
    return IntervalTest(
        n, k, statistic, float(z), float(2 * norm.sf(abs(z))), p_value, is_exact, len(sums), scores
    )


def interval_scores(seen: Intervals, scores: Scores) -> FloatArray:
    """Efficient scores at no difference, shape (n,); above 0 for an early event; they sum to 0."""
    if scores == "wilcoxon" and np.isfinite(seen.entry).any():
        raise InputDataError(
            "wilcoxon scores with delayed entry: expected none, as odds of the event are not kept "
            "by it; use finkelstein or sun"
        )
    support = support_of(seen, "half_open")
    mass = likeliest_mass(support.in_interval, support.after_entry, seen.weight, None).mass
    free = np.append(1 - np.concatenate([[0.0], np.cumsum(mass)[:-1]]), 0.0).clip(min=0.0)
    left, right, entry = _places(support)
    if scores == "wilcoxon":
        odds: FloatArray = free[left] + free[right] - 1
        return odds
    log_free = _log_free(free, scores)
    weighted = free[left] * log_free[left] - free[right] * log_free[right]
    score: FloatArray = weighted / (free[left] - free[right]) - log_free[entry]
    return score


def _places(support: Support) -> tuple[IntArray, IntArray, IntArray]:
    """Innermost intervals before the left end, up to the right end and before entry of each."""
    inside, n_place = support.in_interval, support.in_interval.shape[1]
    last = n_place - inside[:, ::-1].argmax(axis=1)
    return inside.argmax(axis=1), last, support.after_entry.argmax(axis=1)


def _log_free(free: FloatArray, scores: Scores) -> FloatArray:
    """Log probability of no event, or minus the summed discrete hazard (Sun); 0 at the very end."""
    log_free = np.zeros(len(free))
    is_left = free > _NOTHING
    if scores == "finkelstein":
        log_free[is_left] = np.log(free[is_left])
    else:
        hazard = -np.diff(free) / np.where(is_left[:-1], free[:-1], 1.0)
        log_free[1:] = np.where(is_left[1:], -np.cumsum(hazard), 0.0)
    return log_free


def _every_sum(score: FloatArray, k: int) -> FloatArray:
    """Sum of the scores of every choice of k."""
    chosen = np.array(list(combinations(range(len(score)), k)), dtype=np.int64)
    sums: FloatArray = score[chosen].sum(axis=1)
    return sums


def _drawn_sums(score: FloatArray, k: int, n_draw: int, rng: np.random.Generator) -> FloatArray:
    """Sum of the scores of k drawn without replacement, ``n_draw`` times."""
    return np.array([rng.permutation(score)[:k].sum() for _ in range(n_draw)])
