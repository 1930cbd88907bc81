"""Whether carriers are seen as often as others: visits that follow the course bias every model."""

from dataclasses import dataclass

import numpy as np

from alsrev_dagster.survival.course_design import Visits
from alsrev_dagster.survival.risk import BoolArray, FloatArray, IntArray
from alsrev_dagster.survival.stratified_rank import stratified_rank


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
    """Two-sided, of van Elteren's test within strata, ties counted; NaN where no stratum has two
    people to compare."""


def visit_spacing(
    visits: Visits, carrier: BoolArray, stratum: IntArray | None = None
) -> VisitSpacing:
    """Gaps between visits of carriers against those of others of their stratum.

    Parameters
    ----------
    visits
        Of people numbered 0 to n_person - 1.
    carrier
        Of each person, shape (n_person,).
    stratum
        Number of each person's stratum, shape (n_person,); None is one for all.

    Returns
    -------
    VisitSpacing
        A person counts once, with its median gap; the medians are over all strata.

    Notes
    -----
    Two groups seen at different spacing have maxima, minima and confirmed gains of different
    chance, whatever their courses are. Cohorts have protocols of their own: without strata a
    variant that is commoner in one of them would seem to change the spacing. A rank test [1]_: it
    sees a shift, not a wider spread.

    References
    ----------
    .. [1] van Elteren (1960), Bulletin of the Institute of International Statistics 37:351.

    Examples
    --------
    >>> months, person = np.array([0.0, 3, 6, 0, 6, 12]), np.repeat([0, 1], 3)
    >>> found = visit_spacing(Visits(np.zeros(6), months, person), np.array([True, False]))
    >>> found.median_carrier, found.median_non_carrier
    (3.0, 6.0)
    """
    gap = median_gap_months(visits, len(carrier))
    seen = np.isfinite(gap)
    group = np.zeros(len(carrier), dtype=np.int64) if stratum is None else stratum
    test = stratified_rank(gap[seen], carrier[seen], group[seen])
    mine, others = gap[seen & carrier], gap[seen & ~carrier]
    return VisitSpacing(len(mine), len(others), _median(mine), _median(others), test.p_value)


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
