"""Whether a declared effect was seen again, in a word; one-sided P values and their power."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom, hypergeom

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.exact import TIE_TOLERANCE, Null, Score, solve_distinct

ReplicationStatus = Literal["confirmed", "refuted", "underpowered", "not_tested"]


def one_sided_p(p_value: float, beta: float, *, is_higher: bool) -> float:
    """P value in one direction from a two-sided likelihood ratio test.

    Parameters
    ----------
    p_value
        Two-sided, in (0, 1].
    beta
        Log odds ratio; its sign is what counts.
    is_higher
        Whether the direction is that of a beta above 0.

    Returns
    -------
    float
        Half of the P value, or 1 less that half: the tail of the signed root of the statistic.

    Examples
    --------
    >>> one_sided_p(0.04, 1.2, is_higher=True), one_sided_p(0.04, 1.2, is_higher=False)
    (0.02, 0.98)
    """
    half = p_value / 2
    return half if (beta > 0) == is_higher else 1 - half


def exact_one_sided_p(
    case_counts: NDArray[np.int64],
    control_counts: NDArray[np.int64],
    score: Score,
    *,
    is_higher: bool,
) -> NDArray[np.float64]:
    """Probability that the cases' summed score is as far in one direction as seen, or farther.

    Parameters
    ----------
    case_counts, control_counts, score
        As in :func:`exact.exact_conditional_p`, shape (n, S, 3).
    is_higher
        Whether the direction is more of the score in cases.

    Returns
    -------
    NDArray[np.float64]
        Shape (n,), in (0, 1]; R's ``fisher.test(alternative = "greater")`` with a two-valued score.

    Examples
    --------
    >>> case, control = np.array([[[1, 3, 0]]]), np.array([[[3, 1, 0]]])
    >>> exact_one_sided_p(case, control, (0, 1, 1), is_higher=True).round(4).tolist()
    [0.2429]
    """

    def tail(null: Null, t_seen: int) -> tuple[float]:
        t_min, probability = null
        place = t_seen - t_min
        part = probability[place:] if is_higher else probability[: place + 1]
        return (min(float(part.sum() / probability.sum()), 1.0),)

    (p_value,) = solve_distinct(case_counts, control_counts, score, tail)
    return np.asarray(p_value, dtype=np.float64)


def one_sided_fisher_power(
    n_case: int, n_control: int, control_freq: float, odds_ratio: float, alpha: float
) -> float:
    """Exact power of Fisher's one-sided test, in the direction of the odds ratio.

    Parameters
    ----------
    n_case, n_control
        Samples, at least 1 of each.
    control_freq
        Exposed among controls, a fraction strictly between 0 and 1.
    odds_ratio
        True one, above 0 and not 1: above it the test is for more exposed cases.
    alpha
        The test rejects where P <= alpha; strictly between 0 and 1.

    Raises
    ------
    InputDataError
        If an argument is outside its range.

    Notes
    -----
    The probability of every table that the test rejects, both counts binomial: for each number of
    exposed cases the test rejects up to some number of exposed controls.

    Examples
    --------
    >>> round(one_sided_fisher_power(22, 243, 0.05, 6.0, 0.05), 3)
    0.759
    """
    if min(n_case, n_control) < 1 or not 0 < control_freq < 1 or not 0 < alpha < 1:
        raise InputDataError(
            f"n_case is {n_case}, n_control {n_control}, control_freq {control_freq} and alpha "
            f"{alpha}: expected samples on each side and fractions strictly between 0 and 1"
        )
    if not odds_ratio > 0 or odds_ratio == 1:
        raise InputDataError(f"odds_ratio is {odds_ratio}: expected above 0 and not 1")
    if odds_ratio < 1:  # fewer exposed is more unexposed
        control_freq, odds_ratio = 1 - control_freq, 1 / odds_ratio
    exposed = np.arange(n_case + 1)
    low, high = np.full(n_case + 1, -1), np.full(n_case + 1, n_control)
    while (low < high).any():
        middle = (low + high + 1) // 2
        p_value = hypergeom.sf(exposed - 1, n_case + n_control, exposed + middle, n_case)
        rejects = p_value <= alpha * (1 + TIE_TOLERANCE)
        low, high = np.where(rejects, middle, low), np.where(rejects, high, middle - 1)
    odds = odds_ratio * control_freq / (1 - control_freq)
    in_case = binom.pmf(exposed, n_case, odds / (1 + odds))
    return float(in_case @ binom.cdf(low, n_control, control_freq))


def replication_status(
    p_value: float,
    odds_ratio: tuple[float, float, float],
    declared_odds_ratio: float,
    *,
    alpha: float,
    power: tuple[float, float],
) -> ReplicationStatus:
    """Whether a declared effect was confirmed, refuted, or could not have been seen.

    Parameters
    ----------
    p_value
        As declared; NaN where nothing was tested.
    odds_ratio
        Estimate and the ends of its 95% interval, NaN where not known.
    declared_odds_ratio
        Of the same allele, above 0 and not 1.
    alpha
        Declared level.
    power
        That of these samples for the declared odds ratio (NaN if it has no baseline), and the
        one that was declared to be enough to refute.

    Returns
    -------
    str
        ``confirmed``: P at most alpha and an estimate on the declared side of 1. ``refuted``: not
        so, and either the power was enough, or the interval leaves out the declared odds ratio
        and lies nearer to 1, or beyond it. ``underpowered``: none of these. ``not_tested``.

    Notes
    -----
    An odds ratio of a discovery is overstated, and the power for it with it: declare a corrected
    one, or a refutation says too much.

    Examples
    --------
    >>> replication_status(0.2, (1.5, 0.7, 3.4), 6.0, alpha=0.05, power=(0.5, 0.8))
    'refuted'
    >>> replication_status(0.2, (1.5, 0.4, 7.4), 6.0, alpha=0.05, power=(0.5, 0.8))
    'underpowered'
    """
    estimate, lower, upper = odds_ratio
    if np.isnan(p_value):
        return "not_tested"
    is_higher = declared_odds_ratio > 1
    is_declared_side = estimate > 1 if is_higher else estimate < 1
    if p_value <= alpha and is_declared_side:
        return "confirmed"
    reached, wanted = power
    is_apart = upper < declared_odds_ratio if is_higher else lower > declared_odds_ratio
    return "refuted" if reached >= wanted or is_apart else "underpowered"
