"""Pattern mixture: courses by when people left, averaged over when they did."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import norm

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.course_design import Visits
from alsrev_dagster.survival.mixed_model import MixedFit, mixed_model
from alsrev_dagster.survival.mixed_products import is_full_rank
from alsrev_dagster.survival.nonparametric import Z_95
from alsrev_dagster.survival.risk import BoolArray, FloatArray, IntArray

PatternStatus = Literal["ok", "singular", "not_estimable", "too_few_visits", "not_converged"]


@dataclass(frozen=True)
class PatternMixture:
    """Slope of carriers less that of others, averaged over patterns; see ``fit_status``.

    ``not_estimable``: in one of the groups some pattern's people were each seen at one time only,
    or nobody is in a group; join patterns.
    """

    fit_status: PatternStatus
    n_person: IntArray
    """People by group (others, carriers) and pattern, shape (2, n_pattern)."""
    slope_per_month: FloatArray
    """By group and pattern, shape (2, n_pattern); NaN where nobody is."""
    averaged_slope_per_month: FloatArray
    """Of others and of carriers, over their own patterns, shape (2,)."""
    slope_difference_per_month: float
    """Above 0: carriers decline more slowly."""
    standard_error: float
    """By the delta method: of the slopes, and of the shares of the patterns."""
    ci_lower: float
    ci_upper: float
    p_value: float


def dropout_pattern(
    last_months: FloatArray, left: BoolArray, n_early: int, *, least: int = 5
) -> IntArray:
    """Pattern of each person: stayed (0), else by when it left, 1 the latest to n_early.

    Parameters
    ----------
    last_months
        Time of death, or of the end of observation, shape (n_person,).
    left
        Whether death ended it, shape (n_person,).
    n_early
        Patterns of those who left, of about equal numbers; fewer where they would hold fewer
        than ``least`` people.

    Returns
    -------
    IntArray
        0 to at most n_early, shape (n_person,).

    Examples
    --------
    >>> months = np.array([24.0, 24, 20, 18, 4, 3])
    >>> left = np.array([False, False, True, True, True, True])
    >>> dropout_pattern(months, left, 2, least=2).tolist()
    [0, 0, 1, 1, 2, 2]
    """
    n_pattern = max(min(n_early, int(left.sum()) // least), 1)
    pattern = np.zeros(len(left), dtype=np.int64)
    if left.any():
        inner = np.quantile(last_months[left], np.linspace(0, 1, n_pattern + 1)[1:-1])
        place = np.searchsorted(inner, last_months[left], side="right")
        pattern[left] = n_pattern - place
    return pattern


def pattern_mixture(visits: Visits, carrier: BoolArray, pattern: IntArray) -> PatternMixture:
    """Carriers against others in slope, each group averaged over its own patterns.

    Parameters
    ----------
    visits
        Complete scores.
    carrier
        Of each person, shape (n_person,).
    pattern
        Number of each person's pattern, 0 to n_pattern - 1: dropout_pattern makes one.

    Returns
    -------
    PatternMixture
        Read ``fit_status`` first.

    Raises
    ------
    InputDataError
        If people and visits do not fit together.

    Notes
    -----
    A mixed model gives each group and pattern its own level and slope; a group's slope is the
    mean of its patterns' by its own shares pi, with variance pi'V pi + (sum pi s^2 - (sum pi
    s)^2) / n [1]_. It asks nothing about why people left, and pays by taking a pattern's course
    to go on as it was seen: who dies at 4 months is taken to have gone on so for good. A
    sensitivity beside the mixed model, whose assumption (missing at random) is another.

    References
    ----------
    .. [1] Little (1993), JASA 88:125; Hogan & Laird (1997), Stat Med 16:239; Hedeker & Gibbons
       (1997), Psychol Methods 2:64.
    """
    refuse_people(visits, carrier, pattern)
    group = carrier.astype(np.int64)
    n_pattern = int(pattern.max(initial=0)) + 1
    count = np.zeros((2, n_pattern), dtype=np.int64)
    np.add.at(count, (group, pattern), 1)
    cell = (group * n_pattern + pattern)[visits.person]
    used = np.flatnonzero(count.ravel())
    level = (cell[:, None] == used).astype(np.float64)
    fixed = np.hstack([level, level * visits.months[:, None]])
    if (count.sum(axis=1) == 0).any() or not is_full_rank(fixed):
        return _nothing("not_estimable", count)
    random = np.column_stack([np.ones(len(visits.months)), visits.months])
    fit = mixed_model(visits.score, fixed, random, visits.person)
    if fit.fit_status not in ("ok", "singular"):
        return _nothing(fit.fit_status, count)
    return _averaged(fit, count, used)


def _averaged(fit: MixedFit, count: IntArray, used: IntArray) -> PatternMixture:
    """Average the slopes of a group over its shares, with the variance of both."""
    n_used = len(used)
    of_cell = np.full(count.size, np.nan)
    of_cell[used] = fit.coefficient[n_used:]
    slope = of_cell.reshape(count.shape)
    share = count / count.sum(axis=1, keepdims=True)
    held = np.where(count > 0, slope, 0.0)
    averaged = (share * held).sum(axis=1)
    of_shares = ((share * held**2).sum(axis=1) - averaged**2) / count.sum(axis=1)
    weight = (share * np.array([[-1.0], [1.0]])).ravel()[used]
    of_slopes = weight @ fit.covariance[n_used:, n_used:] @ weight
    difference, error = (
        float(averaged[1] - averaged[0]),
        float(np.sqrt(of_slopes + of_shares.sum())),
    )
    return PatternMixture(
        fit_status=fit.fit_status,
        n_person=count,
        slope_per_month=slope,
        averaged_slope_per_month=averaged,
        slope_difference_per_month=difference,
        standard_error=error,
        ci_lower=difference - Z_95 * error,
        ci_upper=difference + Z_95 * error,
        p_value=float(2 * norm.sf(abs(difference) / error)),
    )


def _nothing(status: PatternStatus, count: IntArray) -> PatternMixture:
    nan = float("nan")
    return PatternMixture(
        status, count, np.full(count.shape, nan), np.full(2, nan), nan, nan, nan, nan, nan
    )


def refuse_people(visits: Visits, carrier: BoolArray, pattern: IntArray) -> None:
    """Raise when labels are not one a person with visits."""
    n_person = int(visits.person.max(initial=-1)) + 1
    if not n_person == len(carrier) == len(pattern):
        raise InputDataError(
            f"there are {len(carrier)} carrier labels and {len(pattern)} patterns for {n_person} "
            "people with visits: expected one of each a person; leave out people without a visit"
        )
