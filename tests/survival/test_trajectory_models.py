"""Rows of courses by genotype: who they rest on, strata, and what each method is asked."""

from dataclasses import replace

import numpy as np
import pytest

from alsrev_dagster.survival.carrier_course import carrier_course
from alsrev_dagster.survival.course_design import Visits, stratum_course
from alsrev_dagster.survival.course_people import CoursePeople
from alsrev_dagster.survival.mixed_model import mixed_model
from alsrev_dagster.survival.one_thread import one_blas_thread
from alsrev_dagster.survival.trajectory_models import CourseRule, trajectory_rows
from tests.survival.made_courses import Truth, courses

ALL = CourseRule(
    genetic_models=("additive", "dominant", "recessive"),
    method_genetic_models=("dominant",),
    methods=("spline", "pattern_mixture", "tobit", "joint", "two_stage", "tipping_point"),
    strata=("cohort",),
    n_imputation=10,
    seed=7,
)


def made(seed: int = 3, n: int = 90, n_carrier: int = 30) -> CoursePeople:
    """Two strata; every third person carries, and carriers decline more slowly."""
    found = courses(
        np.random.default_rng(seed), n, n_carrier, Truth(slope_difference=0.5, level=36.0),
        association=-0.08, base_hazard=0.2,
    )  # fmt: skip
    score = np.clip(np.round(found.visits.score), 0, 48)
    return CoursePeople(
        locus="L", variant_id="chr1-1-A-C",
        visits=replace(found.visits, score=score), dosage=found.dosage,
        stratum=np.arange(n) % 2, entry_months=np.zeros(n),
        until_months=found.until_months, died=found.died,
    )  # fmt: skip


def rows_of(people: CoursePeople, rule: CourseRule = ALL) -> dict[tuple[object, ...], dict]:
    """Rows by genetic model, method, strata and term."""
    key = ("genetic_model", "method", "strata", "term")
    with one_blas_thread():
        rows = list(trajectory_rows(people, rule, is_declared=True))
    found = {tuple(row[name] for name in key): row for row in rows}
    assert len(found) == len(rows)
    return found


@pytest.fixture(scope="module")
def rows() -> dict[tuple[object, ...], dict]:
    return rows_of(made())


def test_every_method_that_was_asked_for_is_told(rows: dict) -> None:
    assert {(method, strata) for _, method, strata, _ in rows} == {
        ("mixed_model_linear", ""), ("mixed_model_linear", "cohort"),
        ("mixed_model_spline", "cohort"), ("mixed_model_tobit", "cohort"),
        ("pattern_mixture", ""), ("tipping_point", ""), ("joint_model", "cohort"),
        ("two_stage_biased_toward_null", "cohort"),
    }  # fmt: skip


def test_methods_agree_on_a_large_difference(rows: dict) -> None:
    slopes = [
        row["estimate"] for key, row in rows.items()
        if key[3] == "slope_difference" and row["fit_status"] in ("ok", "singular")
    ]  # fmt: skip
    assert len(slopes) == 9
    assert all(0.2 < estimate < 0.8 for estimate in slopes)


def test_additive_is_dominant_where_nobody_has_two_copies(rows: dict) -> None:
    for strata in ("", "cohort"):
        one, other = (rows[m, "mixed_model_linear", strata, "slope_difference"] for m in
                      ("additive", "dominant"))  # fmt: skip
        assert one["estimate"] == other["estimate"]
        assert one["genetic_model"] != other["genetic_model"]
    nobody = rows["recessive", "mixed_model_linear", "cohort", "slope_difference"]
    assert nobody["fit_status"] == "not_estimable"
    assert nobody["n_carrier"] == 0
    assert np.isnan(nobody["estimate"])


def test_counts_are_those_of_the_people(rows: dict) -> None:
    people = made()
    row = rows["dominant", "mixed_model_linear", "cohort", "slope_difference"]
    score = people.visits.score
    carries = people.dosage[people.visits.person] > 0
    assert row["n"] == 90
    assert row["n_carrier"] == 30
    assert row["n_visit"] == len(score)
    assert row["n_event"] == int(people.died.sum())
    assert row["ceiling_rate_carrier"] == pytest.approx((score[carries] == 48).mean())
    assert row["floor_rate_non_carrier"] == pytest.approx((score[~carries] == 0).mean())


def test_the_joint_model_is_of_strata_in_which_somebody_died() -> None:
    people = made()
    alive = replace(people, died=people.died & (people.stratum == 0))
    rule = replace(ALL, methods=("joint", "two_stage"), genetic_models=("dominant",))
    found = rows_of(alive, rule)
    row = found["dominant", "joint_model", "cohort", "slope_difference"]
    assert row["n"] == 45
    assert row["n_event"] == int(alive.died.sum())
    assert found["dominant", "mixed_model_linear", "cohort", "slope_difference"]["n"] == 90


def test_without_a_death_there_is_no_joint_model() -> None:
    people = replace(made(), died=np.zeros(90, dtype=bool))
    found = rows_of(people, replace(ALL, methods=("joint", "two_stage")))
    joint = [row for key, row in found.items() if key[1] in
             ("joint_model", "two_stage_biased_toward_null")]  # fmt: skip
    assert len(joint) == 5
    assert {row["fit_status"] for row in joint} == {"no_events"}


def test_a_difference_of_the_others_tips_by_their_scores() -> None:
    people = made()
    rule = replace(ALL, methods=("tipping_point",), tipping_delta_max=8.0)
    one, other = (
        rows_of(replace(people, dosage=dosage), rule)
        for dosage in (people.dosage, 1 - people.dosage)
    )
    for term in ("slope_difference", "tipping_delta"):
        key = ("dominant", "tipping_point", "", term)
        assert one[key]["estimate"] == pytest.approx(-other[key]["estimate"], rel=1e-6)
        assert one[key]["fit_status"] == other[key]["fit_status"] == "ok"
    assert one[key]["estimate"] > 0


def test_found_variants_have_the_linear_model_alone() -> None:
    found = list(trajectory_rows(made(), ALL, is_declared=False))
    assert {(row["method"], row["strata"]) for row in found} == {("mixed_model_linear", "cohort")}


def test_a_difference_between_strata_is_none_of_carriers() -> None:
    """Cases decline more slowly, and carry more often: nothing is left within cohorts."""
    random, n = np.random.default_rng(5), 240
    stratum = np.arange(n) % 2
    carries = random.random(n) < np.where(stratum == 1, 0.8, 0.1)
    months = np.tile(np.arange(0.0, 24, 3), n)
    person = np.repeat(np.arange(n), 8)
    slope = np.where(stratum == 1, 0.0, -1.0) + random.normal(0, 0.3, n)
    score = 40 + slope[person] * months + random.normal(0, 2, len(months))
    visits = Visits(score, months, person)
    overall = carrier_course(visits, carries.astype(float), "dominant")
    within = carrier_course(visits, carries.astype(float), "dominant", stratum=stratum)
    assert overall.slope_difference_per_month > 0.5
    assert overall.p_value < 1e-12
    assert abs(within.slope_difference_per_month) < 3 * within.standard_error


def test_strata_are_the_same_however_their_columns_are_written() -> None:
    """A column of level and one of slope for each stratum, and none that all share."""
    people = made()
    visits, stratum = people.visits, people.stratum % 2
    found = carrier_course(visits, people.dosage, "dominant", stratum=stratum)
    level = (stratum[visits.person, None] == [0, 1]).astype(float)
    code = people.dosage[visits.person, None]
    months = visits.months[:, None]
    fixed = np.hstack([level, level * months, code, code * months])
    random = np.column_stack([np.ones(len(months)), visits.months])
    other = mixed_model(visits.score, fixed, random, visits.person)
    assert found.slope_difference_per_month == pytest.approx(other.coefficient[-1], rel=1e-6)
    assert found.standard_error == pytest.approx(other.standard_error[-1], rel=1e-6)


def test_names_of_strata_change_nothing() -> None:
    people = made()
    one, other = (
        stratum_course(people.visits.months, stratum, people.visits.person)
        for stratum in (people.stratum, 10 + 5 * people.stratum)
    )
    np.testing.assert_array_equal(one, other)


def test_where_a_search_begins_does_not_change_where_it_ends() -> None:
    people = made()
    visits = people.visits
    design = np.column_stack([np.ones(len(visits.score)), visits.months])
    near = mixed_model(visits.score, design, design, visits.person)
    alone, led = (
        mixed_model(visits.score, design, design, visits.person, method="ml", near=one)
        for one in (None, near)
    )
    np.testing.assert_allclose(alone.coefficient, led.coefficient, rtol=1e-6)
    np.testing.assert_allclose(alone.random_covariance, led.random_covariance, rtol=1e-4)
    assert alone.log_likelihood == pytest.approx(led.log_likelihood, abs=1e-7)
