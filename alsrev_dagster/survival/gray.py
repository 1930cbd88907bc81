"""Gray's test that groups have the same cumulative incidence, other events competing."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.survival.gray_score import GroupCurves
from alsrev_dagster.survival.group_counts import (
    Stratum,
    indicator,
    numbered,
    refuse_unequal,
    relabelled,
    strata_of,
)
from alsrev_dagster.survival.quadratic import (
    Permutation,
    chi_squared,
    permutation,
    quadratic_form,
)
from alsrev_dagster.survival.risk import BoolArray, FloatArray, FollowUp, IntArray, follow_up

_INTEREST, _COMPETING = 1, 2


@dataclass(frozen=True)
class GrayTest:
    """Observed and expected events of the cause, by group; statistic and P value NaN if none."""

    group: NDArray[np.generic]
    n: NDArray[np.int64]
    observed: NDArray[np.float64]
    expected: NDArray[np.float64]
    covariance: NDArray[np.float64]
    """Of observed - expected, shape (K, K)."""
    statistic: float
    degrees_of_freedom: int
    p_value: float
    conditional_from_months: float
    """Above 0 where, in some stratum, only what came after is compared; the latest of them."""


def gray_test(
    duration_months: FloatArray,
    event_code: IntArray,
    group: NDArray[np.generic],
    *,
    cause: int = 1,
    entry_months: FloatArray | None = None,
    stratum: IntArray | None = None,
) -> GrayTest:
    """Gray's K-sample test (rho = 0) of the cumulative incidence of one cause.

    Parameters
    ----------
    duration_months
        Time from the origin to the first event or to the end of observation, months.
    event_code
        0 where censored, else the number of the event.
    group
        Label of each participant's group; at least two.
    cause
        The event whose incidence is compared.
    entry_months
        Time from the origin to the start of observation, months; None when not delayed.
    stratum
        Number of each participant's stratum; None for one.

    Returns
    -------
    GrayTest
        Groups in the order of their labels.

    Raises
    ------
    InputDataError
        If a time is missing, an exit is not after its entry, or there is one group.

    Notes
    -----
    A log-rank test on subdistribution hazards: of n(t) at risk in a group,
    R(t) = n(t) (1 - F(t-)) / S(t-) are counted, F and S being the group's own incidence and
    all-cause survival [1]_; the variance is the one of R's cmprsk, with its correction for ties.
    Without competing events R(t) = n(t), and the score is the log-rank test's.

    Under delayed entry n(t) is who is under observation. Gray's derivation uses n(t) only as
    the predictable process of a multiplicative intensity, which it remains when entry is
    independent of the events given group [2]_; weighting by R(t) is then the weighting by
    censoring and entry of Geskus [3]_. Gray himself treats right censoring alone; cmprsk
    refuses delayed entry. Where all of a group at risk have had an event while others of it are
    still to enter, S would be 0 for good: the stratum is then compared conditional on no event
    of any kind by the last such time, as in :func:`cumulative_incidence`.

    References
    ----------
    .. [1] Gray (1988), Ann Stat 16:1141-1154.
    .. [2] Andersen, Borgan, Gill & Keiding (1993), sections III.3 and V.2.
    .. [3] Geskus (2011), Biometrics 67:39-49.

    Examples
    --------
    >>> test = gray_test(
    ...     np.array([1.0, 2, 3, 4, 5, 6]),
    ...     np.array([1, 1, 2, 2, 1, 0]),
    ...     np.array([1, 1, 1, 0, 0, 0]),
    ... )
    >>> test.degrees_of_freedom, test.observed.tolist()
    (1, [1.0, 2.0])
    """
    label, number = numbered(group)
    strata, landmark = _compared(
        follow_up(duration_months, entry_months), (event_code, number, stratum), cause
    )
    given = [indicator(one.group, len(label)) for one in strata]
    observed, expected, covariance = _summed(strata, given, len(label))
    found = chi_squared(observed - expected, covariance)
    return GrayTest(
        group=label,
        n=np.bincount(number, minlength=len(label)).astype(np.int64),
        observed=observed[0],
        expected=expected[0],
        covariance=covariance[0],
        **vars(found),
        conditional_from_months=landmark,
    )


def gray_permutation(
    duration_months: FloatArray,
    event_code: IntArray,
    group: NDArray[np.generic],
    *,
    generator: np.random.Generator,
    n_permutation: int = 9_999,
    cause: int = 1,
    stratum: IntArray | None = None,
) -> Permutation:
    """Gray's statistic against those of groups shuffled within strata; not for delayed entry.

    Parameters
    ----------
    duration_months, event_code, group, cause, stratum
        As in :func:`gray_test`.
    generator
        Source of the shuffles.
    n_permutation
        How many; the smallest P value is 1 / (n_permutation + 1).

    Returns
    -------
    Permutation
        P value (b + 1) / (m + 1), in (0, 1]; NaN when nothing is compared.

    Raises
    ------
    InputDataError
        As :func:`gray_test`, or if no permutation is asked for.

    Notes
    -----
    Each statistic has its own variance. It holds its level when group tells nothing of events
    and censoring. Under delayed entry a shuffled group may be emptied where the given one is
    not, and be compared from another time: use :func:`log_rank_permutation` there.

    Examples
    --------
    >>> found = gray_permutation(
    ...     np.array([1.0, 2, 3, 4]), np.array([1, 1, 2, 1]), np.array([1, 1, 0, 0]),
    ...     generator=np.random.default_rng(1), n_permutation=99,
    ... )
    >>> 0 < found.p_value <= 1
    True
    """
    seen = gray_test(duration_months, event_code, group, cause=cause, stratum=stratum)
    _, number = numbered(group)
    strata, _ = _compared(follow_up(duration_months, None), (event_code, number, stratum), cause)
    drawn = []
    for labels in relabelled(
        strata, len(seen.group), n_permutation=n_permutation, generator=generator
    ):
        observed, expected, covariance = _summed(strata, labels, len(seen.group))
        drawn.append(quadratic_form(observed - expected, covariance)[0])
    return permutation(seen.statistic, np.concatenate(drawn))


def _compared(
    followed: FollowUp, coded: tuple[IntArray, IntArray, IntArray | None], cause: int
) -> tuple[list[Stratum], float]:
    """Strata with the cause as 1 and all others as 2, and the last time that one starts from."""
    event_code, group, stratum = coded
    n = len(followed.duration_months)
    stratum = np.zeros(n, dtype=np.int64) if stratum is None else stratum
    refuse_unequal(n, event_code=event_code, group=group, stratum=stratum)
    code = np.where(event_code == cause, _INTEREST, np.where(event_code > 0, _COMPETING, 0))
    is_kept, last = np.ones(n, dtype=np.bool_), 0.0
    for one in np.unique(stratum):
        inside = stratum == one
        landmark = _landmark(followed.of(inside), code[inside] > 0, group[inside])
        is_kept &= ~(inside & (followed.duration_months <= landmark))
        last = max(last, landmark)
    kept = strata_of(followed.of(is_kept), code[is_kept], group[is_kept], stratum[is_kept])
    return [_with_codes(one) for one in kept], last


def _landmark(followed: FollowUp, event: BoolArray, group: IntArray) -> float:
    """Last time at which events emptied the risk set of a group that others still enter."""
    each = [
        followed.of(group == one).last_emptied_by_events(event[group == one])
        for one in np.unique(group)
    ]
    return max(each)


def _with_codes(one: Stratum) -> Stratum:
    """Both kinds of event, also where one never happens."""
    none = np.zeros_like(one.is_at_risk)
    return replace(one, has_event={_INTEREST: none, _COMPETING: none} | one.has_event)


def _summed(
    strata: list[Stratum], labels: list[FloatArray], n_group: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Observed and expected, shape (b, K), and covariance, shape (b, K, K), over strata."""
    n_label = labels[0].shape[1] if labels else 1
    observed, expected = np.zeros((n_label, n_group)), np.zeros((n_label, n_group))
    covariance = np.zeros((n_label, n_group, n_group))
    for one, label in zip(strata, labels, strict=True):
        counts = GroupCurves(
            one.n_at_risk(label), one.n_event(label, _INTEREST), one.n_event(label, _COMPETING)
        )
        observed += counts.d.sum(axis=0)
        expected += counts.expected()
        covariance += counts.covariance()
    return observed, expected, covariance
