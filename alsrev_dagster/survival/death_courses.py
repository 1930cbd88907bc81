"""Rows of models in which death and the course of a score know of one another."""

from collections.abc import Iterator, Sequence

import numpy as np

from alsrev_dagster.survival.course_design import course_design, stratum_course
from alsrev_dagster.survival.course_people import CoursePeople
from alsrev_dagster.survival.course_terms import (
    ASSOCIATION,
    HAZARD,
    NOTHING,
    SLOPE,
    Numbers,
    Row,
    counted,
    told,
)
from alsrev_dagster.survival.joint_data import FixedDesign, JointData, joint_data
from alsrev_dagster.survival.joint_model import Estimates, joint_model
from alsrev_dagster.survival.risk import FloatArray, IntArray
from alsrev_dagster.survival.two_stage import two_stage

_METHOD = {"joint": "joint_model", "two_stage": "two_stage_biased_toward_null"}
_TERMS = {"joint": (SLOPE, HAZARD, ASSOCIATION), "two_stage": (HAZARD, ASSOCIATION)}


def rows_with_death(
    people: CoursePeople, code: FloatArray, methods: Sequence[str], strata: str
) -> Iterator[Row]:
    """Joint model and two-stage model, those asked for, of people in strata in which somebody
    died; ``strata`` is what rows say of them.
    """
    chosen = people.is_in_stratum_with_death
    mine = people.of(chosen)
    rows = _rows(mine, code[chosen], [name for name in _METHOD if name in methods])
    for row in rows:
        yield {**row, **counted(mine, code[chosen]), "strata": strata}


def _rows(people: CoursePeople, code: FloatArray, asked: Sequence[str]) -> Iterator[Row]:
    if not people.died.any():
        for name in asked:
            yield from (told(_METHOD[name], term, NOTHING, "no_events") for term in _TERMS[name])
        return
    data = _joint_data(people, code)
    for name in asked:
        yield from _joint(data) if name == "joint" else _two_stage(data)


def design_of(code: FloatArray, stratum: IntArray) -> FixedDesign:
    """Straight courses of codes, each stratum with its own level and slope."""

    def design(months: FloatArray, person: IntArray) -> FloatArray:
        beside = stratum_course(months, stratum, person)
        return course_design(months, code[person], beside, np.empty(0))

    return design


def _joint_data(people: CoursePeople, code: FloatArray) -> JointData:
    dummies = (people.stratum[:, None] == np.unique(people.stratum)[1:]).astype(np.float64)
    return joint_data(
        people.visits,
        design_of(code, people.stratum),
        np.column_stack([code, dummies]),
        people.until_months,
        people.died,
        entry_months=people.entry_months,
    )


def _joint(data: JointData) -> Iterator[Row]:
    fit = joint_model(data)
    terms = ((SLOPE, fit.fixed, -1), (HAZARD, fit.risk, 0), (ASSOCIATION, fit.association, 0))
    for term, found, place in terms:
        yield told(_METHOD["joint"], term, _of_estimates(found, place), fit.fit_status)


def _two_stage(data: JointData) -> Iterator[Row]:
    fit = two_stage(data)
    for term, found in ((HAZARD, fit.risk), (ASSOCIATION, fit.association)):
        numbers = _of_estimates(found, 0)
        yield told(_METHOD["two_stage"], term, numbers, fit.fit_status)


def _of_estimates(found: Estimates, place: int) -> Numbers:
    parts = (found.value, found.standard_error, found.ci_lower, found.ci_upper, found.p_value)
    value, error, lower, upper, p_value = (float(part[place]) for part in parts)
    return (value, error, lower, upper, p_value)
