"""Models of the course of a score by genotype: one table, each row a term of one model."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from alsrev_dagster.survival.carrier_course import CarrierCourse, carrier_course
from alsrev_dagster.survival.censored_course import censored_course
from alsrev_dagster.survival.course_design import GeneticModel, genotype_code
from alsrev_dagster.survival.course_people import CoursePeople
from alsrev_dagster.survival.course_terms import (
    NOTHING,
    SLOPE,
    TIPPING,
    Numbers,
    Row,
    counted,
    told,
)
from alsrev_dagster.survival.death_courses import design_of, rows_with_death
from alsrev_dagster.survival.pattern_mixture import (
    PatternMixture,
    dropout_pattern,
    pattern_mixture,
)
from alsrev_dagster.survival.risk import BoolArray, FloatArray
from alsrev_dagster.survival.tipping_point import TippingPoint, tipping_point

CourseMethod = Literal["spline", "pattern_mixture", "tobit", "joint", "two_stage", "tipping_point"]

_SCHEDULE_MONTHS = 6.0
"""Between the visits that everybody should have had."""
_N_DELTA = 41


@dataclass(frozen=True)
class CourseRule:
    """What a study asks of its models of courses; see study_course.Trajectory."""

    genetic_models: tuple[GeneticModel, ...]
    found_genetic_models: tuple[GeneticModel, ...] = ("dominant",)
    method_genetic_models: tuple[GeneticModel, ...] = ()
    methods: tuple[CourseMethod, ...] = ()
    strata: tuple[str, ...] = field(default=())
    n_knot: int = 4
    n_dropout_pattern: int = 3
    tipping_delta_max: float = 2.0
    n_imputation: int = 20
    seed: int = 0

    @property
    def stratified(self) -> str:
        """Strata as rows say them."""
        return ", ".join(self.strata)


def trajectory_rows(people: CoursePeople, rule: CourseRule, *, is_declared: bool) -> Iterator[Row]:
    """Rows of result.trajectory_model of one variant: linear models, and for a declared locus
    what is held against them.

    Notes
    -----
    Models are within strata, each with its own level and slope. Of a declared locus the linear
    one stands over everybody, too: it is what pattern mixture and tipping point, that know no
    strata, are to be compared with.
    """
    models = rule.genetic_models if is_declared else rule.found_genetic_models
    asked = rule.method_genetic_models if is_declared else ()
    linear = dict[bytes, tuple[Row, ...]]()
    for genetic_model in dict.fromkeys((*models, *asked)):
        code = genotype_code(people.dosage, genetic_model)
        known = {**counted(people, code), "genetic_model": genetic_model}
        if genetic_model in models:
            # without two copies in anybody, additive and dominant are one model
            if code.tobytes() not in linear:
                linear[code.tobytes()] = tuple(_linear(people, rule, genetic_model, is_declared))
            yield from ({**known, **row} for row in linear[code.tobytes()])
        if genetic_model in asked:
            for row in _held_against(people, code, rule, genetic_model):
                yield {**known, **row}


def _linear(
    people: CoursePeople, rule: CourseRule, genetic_model: GeneticModel, is_declared: bool
) -> Iterator[Row]:
    """The linear mixed model, within strata and over everybody."""
    if rule.strata:
        within = carrier_course(people.visits, people.dosage, genetic_model, stratum=people.stratum)
        yield _of_course(within, "mixed_model_linear", rule.stratified)
    if is_declared or not rule.strata:
        overall = carrier_course(people.visits, people.dosage, genetic_model)
        yield _of_course(overall, "mixed_model_linear", "")


def _held_against(
    people: CoursePeople,
    code: FloatArray,
    rule: CourseRule,
    genetic_model: GeneticModel,
) -> Iterator[Row]:
    """Rows of the methods that a study asks for."""
    stratum = people.stratum if rule.strata else None
    if "spline" in rule.methods:
        bent = carrier_course(
            people.visits, people.dosage, genetic_model, stratum=stratum, n_knot=rule.n_knot
        )
        yield _of_course(bent, "mixed_model_spline", rule.stratified)
    if "tobit" in rule.methods:
        yield {**_tobit(people, code), "strata": rule.stratified}
    if genetic_model != "additive":  # those two know carriers and others only
        if "pattern_mixture" in rule.methods:
            yield _pattern(people, code > 0, rule.n_dropout_pattern)
        if "tipping_point" in rule.methods:
            yield from _tipping(people, code > 0, rule)
    if "joint" in rule.methods or "two_stage" in rule.methods:
        yield from rows_with_death(people, code, rule.methods, rule.stratified)


def _slope(fit: CarrierCourse | PatternMixture) -> tuple[float, float, float, float, float]:
    """Difference in slope with its error, interval and P value."""
    return (
        fit.slope_difference_per_month,
        fit.standard_error,
        fit.ci_lower,
        fit.ci_upper,
        fit.p_value,
    )


def _of_course(fit: CarrierCourse, method: str, strata: str) -> Row:
    return {
        **told(method, SLOPE, _slope(fit), fit.fit_status),
        "strata": strata,
        "t_degrees_of_freedom": fit.degrees_of_freedom,
        "likelihood_ratio_p_value": fit.likelihood_ratio_p,
    }


def _tobit(people: CoursePeople, code: FloatArray) -> Row:
    visits = people.visits
    fixed = design_of(code, people.stratum)(visits.months, visits.person)
    fit = censored_course(visits, fixed)
    parts = (fit.coefficient, fit.standard_error, fit.ci_lower, fit.ci_upper, fit.p_value)
    estimate, error, lower, upper, p_value = (float(part[-1]) for part in parts)
    numbers = (estimate, error, lower, upper, p_value)
    return told("mixed_model_tobit", SLOPE, numbers, fit.fit_status)


def _pattern(people: CoursePeople, carrier: BoolArray, n_early: int) -> Row:
    pattern = dropout_pattern(people.until_months, people.died, n_early)
    fit = pattern_mixture(people.visits, carrier, pattern)
    return told("pattern_mixture", SLOPE, _slope(fit), fit.fit_status)


def _tipping(people: CoursePeople, carrier: BoolArray, rule: CourseRule) -> Iterator[Row]:
    """Difference with unseen scores filled in, and by how much they must fall for it to go.

    A difference in favour of the others tips by their scores: its delta is below 0.
    """
    overall = carrier_course(people.visits, carrier.astype(np.float64), "dominant")
    if overall.fit_status not in ("ok", "singular"):
        for term in (SLOPE, TIPPING):
            yield told("tipping_point", term, NOTHING, overall.fit_status)
        return
    sign = -1.0 if overall.slope_difference_per_month < 0 else 1.0
    found = tipping_point(
        people.visits,
        carrier if sign > 0 else ~carrier,
        _schedule(people),
        np.linspace(0, rule.tipping_delta_max, _N_DELTA),
        random=np.random.default_rng([rule.seed, *people.variant_id.encode()]),
        n_imputation=rule.n_imputation,
    )
    drawn: Row = {"n_imputation": found.n_imputation, "seed": rule.seed}
    yield {**told("tipping_point", SLOPE, _at_random(found, sign), overall.fit_status), **drawn}
    delta = (sign * found.tipping_delta, *NOTHING[1:])
    yield {**told("tipping_point", TIPPING, delta, _how_it_tips(found)), **drawn}


def _schedule(people: CoursePeople) -> FloatArray:
    """Visits every half year up to the median last visit of those who lived."""
    visits = people.visits
    last = np.zeros(len(people.dosage))
    np.maximum.at(last, visits.person, visits.months)
    lived = last[~people.died] if (~people.died).any() else last
    return np.arange(0.0, float(np.median(lived)) + 1e-9, _SCHEDULE_MONTHS)


def _at_random(found: TippingPoint, sign: float) -> Numbers:
    """Estimate, error, interval and P at a delta of 0; carriers less others."""
    estimate, ends = (
        sign * found.slope_difference_per_month[0],
        sorted((sign * found.ci_lower[0], sign * found.ci_upper[0])),
    )
    return (float(estimate), float("nan"), float(ends[0]), float(ends[1]), float(found.p_value[0]))


def _how_it_tips(found: TippingPoint) -> str:
    if np.isfinite(found.tipping_delta):
        return "ok"
    holds_zero = found.ci_lower[0] <= 0 <= found.ci_upper[0]
    return "not_significant" if holds_zero else "never_tips"
