"""A row of models of courses: who it rests on, and one term with its numbers."""

import numpy as np

from alsrev_dagster.survival.censored_course import at_the_ends
from alsrev_dagster.survival.course_people import CoursePeople
from alsrev_dagster.survival.risk import FloatArray

Row = dict[str, object]
Numbers = tuple[float, float, float, float, float]
"""Estimate, standard error, interval and P."""

SLOPE, ASSOCIATION, HAZARD, TIPPING = (
    "slope_difference",
    "association",
    "carrier_hazard",
    "tipping_delta",
)
"""Terms: points a month; log hazard ratio of death a point; the carrier's own; points a month."""

_NAN = float("nan")
NOTHING: Numbers = (_NAN, _NAN, _NAN, _NAN, _NAN)


def counted(people: CoursePeople, code: FloatArray) -> Row:
    """Identity of a variant, and how many people, visits and scores at the ends there are."""
    carries = code > 0
    n_seen = np.bincount(people.visits.person, minlength=len(code))
    ends = {
        group: at_the_ends(people.visits.score[is_of[people.visits.person]])
        for group, is_of in (("carrier", carries), ("non_carrier", ~carries))
    }
    return {
        "locus": people.locus,
        "variant_id": people.variant_id,
        "n": len(code),
        "n_carrier": int(carries.sum()),
        "n_carrier_repeated": int((carries & (n_seen > 1)).sum()),
        "n_event": int(people.died.sum()),
        "n_visit": len(people.visits.score),
        **{f"floor_rate_{group}": found.floor_rate for group, found in ends.items()},
        **{f"ceiling_rate_{group}": found.ceiling_rate for group, found in ends.items()},
    }


def told(method: str, term: str, numbers: Numbers, status: str) -> Row:
    """A term: estimate, standard error, interval and P."""
    names = ("estimate", "standard_error", "ci_lower", "ci_upper", "p_value")
    return {
        "method": method,
        "strata": "",
        "term": term,
        **dict(zip(names, map(float, numbers), strict=True)),
        "t_degrees_of_freedom": _NAN,
        "likelihood_ratio_p_value": _NAN,
        "n_imputation": None,
        "seed": None,
        "fit_status": status,
    }
