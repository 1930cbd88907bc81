"""CAFS, fitted courses, flow of stages and spacing of visits, as rows; by hand on a few people."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import rankdata
from threadpoolctl import threadpool_info

from alsrev_dagster.survival.cafs_rows import cafs_rows
from alsrev_dagster.survival.course_design import Visits
from alsrev_dagster.survival.course_people import CoursePeople, course_people
from alsrev_dagster.survival.fitted_course import fitted_rows
from alsrev_dagster.survival.one_thread import one_blas_thread
from alsrev_dagster.survival.stage_rows import stage_rows
from alsrev_dagster.survival.visit_spacing import visit_spacing
from tests.survival.made_courses import Truth, courses


def people(visits: Visits, dosage: list[float], until: list[float], died: list[bool],
           entry: float = 0.0) -> CoursePeople:  # fmt: skip
    n = len(dosage)
    return CoursePeople(
        "L", "chr1-1-A-C", visits, np.array(dosage), np.zeros(n, dtype=np.int64),
        np.full(n, entry), np.array(until), np.array(died),
    )  # fmt: skip


def table_of_carriers(*dosage: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "locus": "L", "variant_id": "chr1-1-A-C", "cohort": "C", "dosage": dosage,
            "participant_id": [f"p{k}" for k in range(len(dosage))],
            "sample_id": [f"s{k}" for k in range(len(dosage))],
            "carrier": [d > 0 for d in dosage],
        }
    )  # fmt: skip


def outcomes(entry: list[float], until: list[float], died: list[bool]) -> pd.DataFrame:
    names = [f"p{k}" for k in range(len(entry))]
    return pd.DataFrame(
        {"participant_id": names, "entry_months": entry, "survival_months": until,
         "event_death": died}
    )  # fmt: skip


def test_cafs_is_the_pairs_of_the_textbook() -> None:
    """SCIENCE T24 (Berry 2013's rule): A, B, C and F alive, D and E dead at 200 and 320 days."""
    person = np.repeat(np.arange(6), 2)
    months = np.tile([0.0, 5.0], 6)
    change = np.array([-3, -10, 4, -1, -1, -10])
    score = 30.0 + np.where(months > 0, change[person], 0)
    day = 30.4375
    who = people(
        Visits(score, months, person),
        [1, 0, 1, 0, 0, 0],
        [12.0, 12, 12, 200 / day, 320 / day, 12],
        [False, False, False, True, True, False],
    )
    rows = {row["genetic_model"]: row for row in cafs_rows(who, [12.0], n_permutation=0, seed=1)}
    score_printed = np.array([3, 0, 5, -5, -3, 0])  # by the source
    place = (rankdata(score_printed) - 0.5) / 6
    row = rows["dominant"]
    assert row["mean_rank_carrier"] == pytest.approx(place[[0, 2]].mean())
    assert row["mean_rank_non_carrier"] == pytest.approx(place[[1, 3, 4, 5]].mean())
    assert row["n_event"] == 2
    assert row["n_pair"] == 15
    assert row["n_undecided_pair"] == 0
    assert rows["recessive"]["n_carrier"] == 0
    assert np.isnan(rows["recessive"]["p_value"])


def test_change_is_from_entry_to_the_last_visit_by_the_horizon() -> None:
    """The visit before entry and the one after the horizon tell nothing."""
    months = np.array([0.0, 6, 12, 30, 6, 12])
    score = np.array([48.0, 40, 38, 10, 40, 30])
    visits = Visits(score, months, np.array([0, 0, 0, 0, 1, 1]))
    who = people(visits, [1, 0], [40.0, 40.0], [False, False], entry=6.0)
    (row, _) = cafs_rows(who, [12.0], n_permutation=0, seed=1)
    assert row["mean_rank_carrier"] == pytest.approx(0.75)
    assert row["mean_rank_non_carrier"] == pytest.approx(0.25)


def test_a_shuffle_is_the_same_again_and_another_with_another_seed() -> None:
    found = courses(np.random.default_rng(2), 60, 20, Truth(), association=-0.1, base_hazard=1.0)
    who = people(found.visits, list(found.dosage), list(found.until_months), list(found.died))
    one, again, other = (
        [row["permutation_p_value"] for row in cafs_rows(who, [12.0], n_permutation=99, seed=seed)]
        for seed in (1, 1, 2)
    )
    assert one[0] == again[0]
    assert one[0] != other[0]


def test_fitted_means_are_of_straight_courses_what_they_were_made_with() -> None:
    truth = Truth(slope_difference=0.5, residual_sd=0.5, level_sd=0.5, slope_sd=0.05)
    found = courses(np.random.default_rng(1), 60, 30, truth)
    who = people(found.visits, list(found.dosage), [24.0] * 60, [False] * 60)
    frame = pd.concat(fitted_rows(who, n_knot=4, every_months=6.0))
    for group, slope in (("carrier", -0.4), ("non_carrier", -0.9)):
        mine = frame[frame["carrier_group"] == group]
        assert mine["month"].tolist() == [0.0, 6.0, 12.0, 18.0, 24.0]
        assert mine["n"].tolist() == [30] * 5
        np.testing.assert_allclose(mine["mean_total"], 40 + slope * mine["month"], atol=0.6)
        assert mine["mean_total"].between(mine["ci_lower"], mine["ci_upper"]).all()


def test_a_model_without_a_fit_draws_no_course() -> None:
    visits = Visits(np.array([40.0, 39]), np.array([0.0, 3]), np.array([0, 1]))
    who = people(visits, [1, 1], [4.0, 4.0], [False, False])
    assert list(fitted_rows(who, n_knot=4, every_months=6.0)) == []


def test_stages_are_counted_from_entry_on() -> None:
    staged = pd.DataFrame(
        {"participant_id": ["p0", "p0", "p1", "p1"], "months_since_origin": [10.0, 16.0, 4.0, 10.0],
         "stage": [1, 2, 3, 2]}
    )  # fmt: skip
    outcome = outcomes([10.0, 4.0, 5.0], [30.0, 12.0, 8.0], [False, True, True])
    (frame,) = stage_rows(
        table_of_carriers(1, 0, 0), staged, outcome, every_months=6.0, last_months=12.0
    )
    found = {
        (row.carrier_group, row.month, row.from_stage, row.to_stage): row.n
        for row in frame.itertuples()
    }
    assert found == {
        ("carrier", 0.0, "1", "2"): 1,
        ("carrier", 6.0, "2", "unseen"): 1,
        ("non_carrier", 0.0, "3", "2"): 1,
        ("non_carrier", 0.0, "unseen", "dead"): 1,
        ("non_carrier", 6.0, "2", "dead"): 1,
        ("non_carrier", 6.0, "dead", "dead"): 1,
    }


def test_visits_before_the_origin_and_after_death_are_left_out() -> None:
    visit = pd.DataFrame(
        {"participant_id": ["p0"] * 4 + ["p9"], "months_since_origin": [-1.0, 0.0, 5.0, 9.0, 1.0],
         "alsfrsr_total": [45, 44, 43, 42, 41]}
    )  # fmt: skip
    outcome = outcomes([0.0, 0.0], [6.0, 6.0], [True, False])
    participant = pd.DataFrame({"participant_id": ["p0", "p1"]})
    (who,) = course_people(table_of_carriers(1, 0), visit, outcome, participant, ())
    assert who.visits.score.tolist() == [44.0, 43.0]
    assert who.dosage.tolist() == [1.0]  # p1 was never seen with a score


def test_some_of_the_people_are_numbered_anew() -> None:
    visits = Visits(np.array([1.0, 2, 3]), np.array([0.0, 1, 2]), np.array([0, 1, 2]))
    some = people(visits, [0, 1, 2], [5.0] * 3, [False] * 3).of(np.array([True, False, True]))
    assert some.visits.person.tolist() == [0, 1]
    assert some.visits.score.tolist() == [1.0, 3.0]
    assert some.dosage.tolist() == [0.0, 2.0]


def test_spacing_is_by_the_median_gap_of_a_person() -> None:
    """Carriers every 3 months, the others every 6: z is 8 / sqrt(12), 4 against 4 people."""
    gaps = [3.0, 3.1, 3.2, 3.3, 6.0, 6.1, 6.2, 6.3]
    person = np.repeat(np.arange(8), 3)
    months = np.array([gap * k for gap in gaps for k in range(3)])
    carrier = np.arange(8) < 4
    found = visit_spacing(Visits(np.zeros(24), months, person), carrier)
    assert found.median_carrier == pytest.approx(3.15)
    assert found.median_non_carrier == pytest.approx(6.15)
    assert found.p_value == pytest.approx(0.0209, abs=5e-5)
    swapped = visit_spacing(Visits(np.zeros(24), months, person), ~carrier)
    assert swapped.p_value == pytest.approx(found.p_value)


def test_protocols_of_two_cohorts_are_no_spacing_of_carriers() -> None:
    """Of one cohort, seen every 3 months, most are carriers; of the other, every 6, few."""
    gaps, cohort = np.repeat([3.0, 6.0], 8), np.repeat([0, 1], 8)
    person = np.repeat(np.arange(16), 3)
    months = np.array([gap * k for gap in gaps for k in range(3)])
    visits = Visits(np.zeros(48), months, person)
    carrier = np.isin(np.arange(16), [0, 1, 2, 3, 4, 5, 8])
    assert visit_spacing(visits, carrier).p_value < 0.02
    assert visit_spacing(visits, carrier, cohort).p_value == 1.0


def test_equal_gaps_are_no_difference_and_one_visit_no_gap() -> None:
    months, person = np.array([0.0, 6, 0, 6, 0]), np.array([0, 0, 1, 1, 2])
    visits = Visits(np.zeros(5), months, person)
    assert visit_spacing(visits, np.array([True, False, False])).p_value == 1.0
    alone = visit_spacing(visits, np.array([False, False, True]))
    assert alone.n_carrier == 0
    assert np.isnan(alone.p_value)


def test_threads_of_the_linear_algebra_are_given_back() -> None:
    def n_thread() -> list[int]:
        return [one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"]

    before = n_thread()
    with one_blas_thread():
        assert set(n_thread()) <= {1}
    assert n_thread() == before
