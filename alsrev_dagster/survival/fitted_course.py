"""Fitted mean course of carriers and of others: what a mixed model says of everybody."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from alsrev_dagster.survival.carrier_course import carrier_course, mean_course
from alsrev_dagster.survival.course_people import CoursePeople
from alsrev_dagster.survival.groups import CARRIER_GROUP
from alsrev_dagster.survival.risk import FloatArray

_SHARE = (0.025, 0.975)
"""Between which quantiles of a group's visits its course is drawn."""


def fitted_rows(
    people: CoursePeople, *, n_knot: int, every_months: float
) -> Iterator[pd.DataFrame]:
    """Rows of result.fitted_course of one variant; none where the model has no fit.

    Carriers are those of any copy; time is bent, the difference between the groups straight.
    """
    fit = carrier_course(people.visits, people.dosage, "dominant", n_knot=n_knot)
    if fit.fit_status not in ("ok", "singular"):
        return
    carries = people.dosage >= 1
    for is_carrier, name in CARRIER_GROUP.items():
        is_of = carries == is_carrier
        months = _months(people.visits.months[is_of[people.visits.person]], every_months)
        found = mean_course(fit, months, float(is_carrier))
        yield pd.DataFrame(
            {
                "locus": people.locus,
                "variant_id": people.variant_id,
                "carrier_group": name,
                "month": found.months,
                "n": int(is_of.sum()),
                "n_visit": int(is_of[people.visits.person].sum()),
                "mean_total": found.mean,
                "ci_lower": found.ci_lower,
                "ci_upper": found.ci_upper,
                "fit_status": fit.fit_status,
            }
        )


def _months(seen: FloatArray, every_months: float) -> FloatArray:
    """Multiples of an interval within which most of a group's visits are."""
    first, last = np.quantile(seen, _SHARE)
    low, high = np.ceil(first / every_months), np.floor(last / every_months)
    steps: FloatArray = np.arange(low, high + 1) * every_months
    return steps
