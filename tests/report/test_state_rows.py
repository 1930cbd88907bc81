"""Months in states on the page: sides beside their difference, of declared loci alone."""

import pandas as pd

from alsrev_dagster.report.course_section import CourseSection
from alsrev_dagster.report.state_rows import state_rows
from alsrev_dagster.vocabulary import table

COLUMNS = list(table("result.state_time").column_names)


def frame(variant: str = "v1", model: str = "dominant", states: str = "recovery") -> pd.DataFrame:
    rows = [
        {
            "locus": "IGFBP7", "variant_id": variant, "genetic_model": model, "states": states,
            "horizon_months": horizon, "state": state, "carrier_group": group, "n": n,
            "n_in_state": n // 2, "mean_months": months, "n_permutation": draws,
            "fit_status": "ok", "strata": "cohort",
        }
        for horizon in (36.0, 24.0) for state in ("dead", "recovered", "not_recovered")
        for group, n, months, draws in (
            ("carrier", 10, 3.0, 0), ("non_carrier", 90, 1.0, 0), ("difference", 100, 1.5, 999),
        )
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def test_a_row_holds_both_groups_and_what_parts_them() -> None:
    rows = state_rows(frame(), ["v1"])
    assert [(row["state"], row["horizon_months"]) for row in rows] == [
        ("recovered", 24.0), ("recovered", 36.0), ("dead", 24.0), ("dead", 36.0),
    ]  # fmt: skip
    first = rows[0]
    assert (first["mean_months_carrier"], first["n_carrier"]) == (3.0, 10)
    assert (first["mean_months_non_carrier"], first["n_in_state_non_carrier"]) == (1.0, 45)
    assert (first["mean_months"], first["n_permutation"]) == (1.5, 999)
    assert first["ci_lower"] is None


def test_other_variants_codings_and_stages_are_left_to_the_table() -> None:
    others = [frame("v2"), frame(model="recessive"), frame(states="kings")]
    assert state_rows(pd.concat(others), ["v1"]) == []
    assert CourseSection(state_time=pd.concat(others), declared=("v1",)).told().states == []


def test_without_a_difference_there_is_no_row() -> None:
    alone = frame().query("carrier_group != 'difference'")
    assert state_rows(alone, ["v1"]) == []
