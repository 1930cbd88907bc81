"""Whether carriers are seen as often as others: visits that follow the course bias every model."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import mannwhitneyu

from alsrev_dagster.survival.course_design import Visits
from alsrev_dagster.survival.risk import BoolArray, FloatArray


@dataclass(frozen=True)
class VisitSpacing:
    """Median over people of their median gap between visits, months, by group; and whether they
    differ. NaN where a group has nobody who was seen twice.
    """

    n_carrier: int
    n_non_carrier: int
    """People seen twice or more."""
    median_carrier: float
    median_non_carrier: float
    p_value: float
    """Two-sided Mann-Whitney, ties corrected."""


def visit_spacing(visits: Visits, carrier: BoolArray) -> VisitSpacing:
    """Gaps between visits of carriers against those of others.

    Parameters
    ----------
    visits
        Of people numbered 0 to n_person - 1.
    carrier
        Of each person, shape (n_person,).

    Returns
    -------
    VisitSpacing
        A person counts once, with its median gap.

    Notes
    -----
    Two groups seen at different spacing have maxima, minima and confirmed gains of different
    chance, whatever their courses are. A rank test: it sees a shift, not a wider spread [1]_.

    References
    ----------
    .. [1] Mann & Whitney (1947), Ann Math Stat 18:50.

    Examples
    --------
    >>> months, person = np.array([0.0, 3, 6, 0, 6, 12]), np.repeat([0, 1], 3)
    >>> found = visit_spacing(Visits(np.zeros(6), months, person), np.array([True, False]))
    >>> found.median_carrier, found.median_non_carrier
    (3.0, 6.0)
    """
    gap = median_gap_months(visits, len(carrier))
    seen = np.isfinite(gap)
    mine, others = gap[seen & carrier], gap[seen & ~carrier]
    p_value = _mann_whitney_p(mine, others)
    return VisitSpacing(len(mine), len(others), _median(mine), _median(others), p_value)


def _mann_whitney_p(mine: FloatArray, others: FloatArray) -> float:
    """P value; 1 where all gaps are alike, NaN where a group has none."""
    if not len(mine) or not len(others):
        return float("nan")
    if np.ptp(np.concatenate([mine, others])) == 0:
        return 1.0
    found = mannwhitneyu(mine, others, alternative="two-sided", method="asymptotic")
    return float(found.pvalue)


def median_gap_months(visits: Visits, n_person: int) -> FloatArray:
    """Median gap between successive visits of each person, months; NaN for those seen once."""
    order = np.lexsort((visits.months, visits.person))
    person, months = visits.person[order], visits.months[order]
    same = person[1:] == person[:-1]
    gap, who = np.diff(months)[same], person[1:][same]
    median = np.full(n_person, np.nan)
    for number in np.unique(who):
        median[number] = np.median(gap[who == number])
    return median


def _median(gap: FloatArray) -> float:
    return float(np.median(gap)) if len(gap) else float("nan")
