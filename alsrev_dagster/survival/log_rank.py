"""The log-rank test of two or more groups: strata, ties, delayed entry, weights over time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.group_counts import (
    Stratum,
    indicator,
    numbered,
    relabelled,
    strata_of,
)
from alsrev_dagster.survival.quadratic import (
    Permutation,
    chi_squared,
    permutation,
    quadratic_form,
)
from alsrev_dagster.survival.risk import BoolArray, FloatArray, IntArray, follow_up


@dataclass(frozen=True)
class LogRank:
    """Observed against expected events of each group; P value and statistic are NaN if none."""

    group: NDArray[np.generic]
    n: NDArray[np.int64]
    observed: NDArray[np.float64]
    """Weighted where the test is."""
    expected: NDArray[np.float64]
    covariance: NDArray[np.float64]
    """Of observed - expected, shape (K, K)."""
    statistic: float
    degrees_of_freedom: int
    """Groups that are ever compared, less one."""
    p_value: float


@dataclass(frozen=True)
class TimeWeight:
    """Fleming-Harrington weight S(t-)^rho (1 - S(t-))^gamma, S that of all groups together.

    (0, 0) is the log-rank test, (1, 0) the Peto-Peto-Prentice form: early differences weigh more.
    """

    rho: float = 0.0
    gamma: float = 0.0


LOG_RANK = TimeWeight()
"""Every time weighs the same."""


def log_rank(
    duration_months: FloatArray,
    event: BoolArray,
    group: NDArray[np.generic],
    *,
    entry_months: FloatArray | None = None,
    stratum: IntArray | None = None,
    weight: TimeWeight = LOG_RANK,
) -> LogRank:
    """Log-rank test that the groups have the same hazard within strata.

    Parameters
    ----------
    duration_months
        Time from the origin to the event or to the end of observation, months.
    event
        Whether the event happened at that time. With other events coded as censored the
        hazards compared are cause-specific.
    group
        Label of each participant's group; at least two.
    entry_months
        Time from the origin to the start of observation, months; None when not delayed.
    stratum
        Number of each participant's stratum; None for one. Each is compared within itself.
    weight
        Weight over time.

    Returns
    -------
    LogRank
        Groups in the order of their labels.

    Raises
    ------
    InputDataError
        If a time is missing, an exit is not after its entry, there is one group, or a weight
        is asked for where the curve that it needs is not defined.

    Notes
    -----
    At each event time the events are drawn without replacement from those at risk: mean and
    covariance are hypergeometric, summed over times and strata [1]_. It is the score test of
    Cox's model (exactly so without ties). Entry and censoring must be independent of the event
    given group and stratum. Chi-squared is an approximation: with few carriers report
    :func:`log_rank_permutation` beside it.

    References
    ----------
    .. [1] Mantel (1966), Cancer Chemother Rep 50:163; Peto & Peto (1972), JRSS A 135:185.
    .. [2] Harrington & Fleming (1982), Biometrika 69:553.

    Examples
    --------
    >>> test = log_rank(np.array([1.0, 2, 3, 4]), np.ones(4, bool), np.array([1, 1, 0, 0]))
    >>> test.observed.tolist(), [round(x, 3) for x in test.expected.tolist()]
    ([2.0, 2.0], [3.167, 0.833])
    """
    label, number = numbered(group)
    followed = follow_up(duration_months, entry_months)
    code = np.asarray(event, dtype=np.bool_).astype(np.int64)
    strata = strata_of(followed, code, number, stratum)
    given = [indicator(one.group, len(label)) for one in strata]
    observed, expected, covariance = _summed(strata, given, len(label), weight=weight)
    found = chi_squared(observed - expected, covariance)
    return LogRank(
        group=label,
        n=np.bincount(number, minlength=len(label)).astype(np.int64),
        observed=observed[0],
        expected=expected[0],
        covariance=covariance[0],
        **vars(found),
    )


def log_rank_permutation(
    duration_months: FloatArray,
    event: BoolArray,
    group: NDArray[np.generic],
    *,
    generator: np.random.Generator,
    n_permutation: int = 9_999,
    entry_months: FloatArray | None = None,
    stratum: IntArray | None = None,
    weight: TimeWeight = LOG_RANK,
) -> Permutation:
    """Log-rank statistic against those of groups shuffled within strata.

    Parameters
    ----------
    duration_months, event, group, entry_months, stratum, weight
        As in :func:`log_rank`.
    generator
        Source of the shuffles.
    n_permutation
        How many; the smallest P value is 1 / (n_permutation + 1).

    Returns
    -------
    Permutation
        P value (b + 1) / (m + 1), in (0, 1] and never 0 [1]_; NaN when nothing is compared.

    Raises
    ------
    InputDataError
        As :func:`log_rank`, or if no permutation is asked for.

    Notes
    -----
    It holds its level at any size when group tells nothing of event, entry and censoring: a
    group that entered later, or was followed for longer, breaks it. Each shuffled statistic has
    its own variance.

    References
    ----------
    .. [1] Phipson & Smyth (2010), Stat Appl Genet Mol Biol 9:39.

    Examples
    --------
    >>> found = log_rank_permutation(
    ...     np.array([1.0, 2, 3, 4]), np.ones(4, bool), np.array([1, 1, 0, 0]),
    ...     generator=np.random.default_rng(1), n_permutation=99,
    ... )
    >>> 0.2 < found.p_value < 0.5
    True
    """
    seen = log_rank(
        duration_months, event, group, entry_months=entry_months, stratum=stratum, weight=weight
    )
    _, number = numbered(group)
    code = np.asarray(event, dtype=np.bool_).astype(np.int64)
    strata = strata_of(follow_up(duration_months, entry_months), code, number, stratum)
    drawn = []
    for labels in relabelled(
        strata, len(seen.group), n_permutation=n_permutation, generator=generator
    ):
        observed, expected, covariance = _summed(strata, labels, len(seen.group), weight=weight)
        drawn.append(quadratic_form(observed - expected, covariance)[0])
    return permutation(seen.statistic, np.concatenate(drawn))


def _summed(
    strata: list[Stratum], labels: list[FloatArray], n_group: int, *, weight: TimeWeight
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Observed and expected, shape (b, K), and covariance, shape (b, K, K), over strata."""
    n_label = labels[0].shape[1] if labels else 1
    observed, expected = np.zeros((n_label, n_group)), np.zeros((n_label, n_group))
    covariance = np.zeros((n_label, n_group, n_group))
    for one, label in zip(strata, labels, strict=True):
        n_group_at_risk, n_group_event = one.n_at_risk(label), one.n_event(label, 1)
        n, d = one.is_at_risk.sum(axis=1), one.has_event[1].sum(axis=1)
        w = _weight(n, d, weight, time=one.time_months)
        share = n_group_at_risk / n[:, None, None]
        observed += np.einsum("m,mbk->bk", w, n_group_event)
        expected += np.einsum("m,mbk->bk", w * d, share)
        spread = w**2 * d * (n - d) / np.maximum(n - 1, 1)
        covariance -= np.einsum("m,mbj,mbk->bjk", spread, share, share)
        own = np.einsum("m,mbk->bk", spread, share)
        covariance += own[:, :, None] * np.eye(n_group)
    return observed, expected, covariance


def _weight(n: FloatArray, d: FloatArray, weight: TimeWeight, *, time: FloatArray) -> FloatArray:
    """Weight of each time; of all groups together, so that relabelling does not change it."""
    if weight == LOG_RANK:
        return np.ones(len(n))
    after = np.cumprod(1 - d / n)
    if (after[:-1] <= 0).any():
        emptied = float(time[:-1][after[:-1] <= 0][0])
        raise InputDataError(
            f"all at risk at {emptied:g} months had the event while others were still to enter: "
            "expected a survival curve above 0 up to the last event, for a weight over time; "
            "use the unweighted log-rank test"
        )
    before = np.concatenate(([1.0], after[:-1]))
    weighted: FloatArray = before**weight.rho * (1 - before) ** weight.gamma
    return weighted
