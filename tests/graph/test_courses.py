"""Courses of function by genotype, on the tiny study and on the example."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from alsrev_dagster.commands.courses import write_courses
from alsrev_dagster.errors import AlsrevError
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.study import StudyFolder
from assets.followed import with_cluster
from tests.graph.at_work import Made, run_here
from tests.graph.test_every_check import declared, rewrite, see_carriers_less_often
from tests.graph.test_staleness import settings, stale

TABLES = ("trajectory_model", "fitted_course", "cafs", "stage_flow")
IGFBP7 = "chr4-57110321-G-A"


def frame(made: Made, name: str) -> pd.DataFrame:
    return OpenStudy(made.folder).lake.frame(f"result.{name}")


def slope(rows: pd.DataFrame, method: str, strata: str, genetic_model: str = "dominant") -> dict:
    chosen = rows[
        (rows["variant_id"] == IGFBP7)
        & (rows["method"] == method)
        & (rows["strata"] == strata)
        & (rows["genetic_model"] == genetic_model)
        & (rows["term"] == "slope_difference")
    ]
    (row,) = chosen.to_dict("records")
    return row


def test_carriers_of_the_planted_variant_decline_more_slowly(example: Made) -> None:
    rows = frame(example, "trajectory_model")
    for method, strata in (
        ("mixed_model_linear", "cohort"), ("mixed_model_spline", "cohort"),
        ("mixed_model_tobit", "cohort"), ("joint_model", "cohort"), ("pattern_mixture", ""),
        ("tipping_point", ""),
    ):  # fmt: skip
        row = slope(rows, method, strata)
        assert row["fit_status"] == "ok"
        assert 0 < row["ci_lower"] < row["estimate"] < row["ci_upper"] < 0.7


def test_a_cohort_chosen_by_its_recoveries_is_not_compared_with_others(example: Made) -> None:
    """Over everybody the difference is larger: cases recovered, and carry more often."""
    rows = frame(example, "trajectory_model")
    within, overall = (slope(rows, "mixed_model_linear", strata) for strata in ("cohort", ""))
    assert within["n"] == overall["n"] == 265
    assert overall["estimate"] > within["estimate"] + 0.05
    joint = slope(rows, "joint_model", "cohort")
    assert joint["n"] == 243  # nobody of StAR died


def test_the_two_stage_model_says_what_it_is_and_is_nearer_to_nothing(example: Made) -> None:
    rows = frame(example, "trajectory_model").query("term == 'association'").set_index("method")
    assert set(rows.index) == {"joint_model", "two_stage_biased_toward_null"}
    staged, joint = (
        rows.loc[m, "estimate"] for m in ("two_stage_biased_toward_null", "joint_model")
    )
    assert joint < staged < 0


def test_found_variants_have_the_linear_model_and_are_called_circular(example: Made) -> None:
    rows = frame(example, "trajectory_model")
    found = rows[rows["variant_id"] != IGFBP7]
    assert len(found)
    assert set(found["method"]) == {"mixed_model_linear"}
    assert set(found["genetic_model"]) == {"dominant"}
    assert found["caveat"].str.startswith("circular: the variant was found").all()
    assert rows["caveat"].str.contains("no score after death").all()


@pytest.mark.parametrize("name", [*TABLES, "trajectory"])
def test_every_course_says_whether_it_is_circular(example: Made, name: str) -> None:
    rows = frame(example, name)
    is_declared = rows["variant_id"] == IGFBP7
    assert rows.loc[is_declared, "caveat"].str.contains("circular if the locus was").all()
    assert rows.loc[~is_declared, "caveat"].str.startswith("circular: the variant was f").all()


def test_everybody_is_in_the_flow_of_stages(example: Made) -> None:
    rows = frame(example, "stage_flow").query(f"variant_id == '{IGFBP7}'")
    n = rows.pivot_table(index="carrier_group", columns="month", values="n", aggfunc="sum")
    assert n.columns.tolist() == [0.0, 6.0, 12.0, 18.0]
    assert (n.loc["carrier"] == 96).all()
    assert (n.loc["non_carrier"] == 169).all()
    assert set(rows["time_origin"]) == {"entry"}
    back = rows[(rows["from_stage"] > rows["to_stage"]) & rows["from_stage"].isin(list("1234"))]
    assert back["n"].sum() > 0  # people who recover go back


def test_cafs_compares_within_cohorts(example: Made) -> None:
    rows = frame(example, "cafs")
    assert set(rows["genetic_model"]) == {"dominant", "recessive"}
    assert set(rows["horizon_months"]) == {12.0, 18.0}
    assert set(rows["strata"]) == {"cohort"}
    assert set(rows["n_pair"]) == {22 * 21 // 2 + 103 * 102 // 2 + 140 * 139 // 2}
    known = rows.dropna(subset=["p_value"])
    assert np.allclose(known["p_value"], known["permutation_p_value"], atol=0.06)


def test_no_result_names_a_person(example: Made) -> None:
    for name in TABLES:
        columns = frame(example, name).columns
        assert not [c for c in columns if c.endswith("_id") and "variant" not in c]


def test_the_page_says_who_is_missing_and_draws_nobody_alone(example: Made) -> None:
    page = example.folder.report.read_text(encoding="utf-8")
    assert "Course of function by carrier status" in page
    assert "the fast decliners die and leave it" in page
    assert "two-stage model: biased toward the null" in page
    assert "Individual courses are not shown." in page.replace("\n", " ")
    assert "Each thin line is a person" not in page


def test_courses_of_people_are_drawn_for_their_owner_alone(example: Made, tmp_path: Path) -> None:
    path = tmp_path / "courses.svg"
    told = write_courses(example.folder, "IGFBP7", path)
    assert told.startswith(f"{IGFBP7}: 265 people, 2852 visits; each line is a person")
    assert path.stat().st_mode & 0o777 == 0o600
    drawn = path.read_text(encoding="utf-8")
    assert "private, not for release" in drawn
    assert "simulated data" in drawn
    people = OpenStudy(example.folder).lake.frame("raw.participant")["participant_id"]
    assert not [name for name in people if name in drawn]
    assert write_courses(example.folder, "", tmp_path / "again.svg") == told
    assert (tmp_path / "again.svg").read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("variant", "name", "text"),
    [
        ("", "courses.png", "--out courses.png: found the ending '.png'; expected .svg"),
        ("TP53", "courses.svg", "--variant TP53: found no course fitted to it; expected"),
    ],
)
def test_courses_that_cannot_be_drawn_are_refused(
    example: Made, tmp_path: Path, variant: str, name: str, text: str
) -> None:
    with pytest.raises(AlsrevError, match=re.escape(text)):
        write_courses(example.folder, variant, tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_changed_seed_makes_again_what_is_drawn_alone(tiny: StudyFolder) -> None:
    settings(tiny, trajectory={"seed": 7})
    made_again = {f"result.{name}" for name in TABLES}
    states = {"core.state_spell", "result.state_occupation", "result.state_time"}
    after_them = {"result.reversal_state", "warehouse", "report"}
    assert stale(tiny) == made_again | states | after_them


def test_methods_can_be_left_out_and_others_asked_for(tiny: StudyFolder) -> None:
    settings(
        tiny,
        trajectory={"methods": [], "cafs_horizon_months": [], "staging": "mitos"},
        survival={"cluster": "batch"},
    )
    asked = ("trajectory_model", "cafs", "stage_flow", "survival_model", "state_time")
    run_here(tiny, *(f"result.{name}" for name in asked))
    lake = OpenStudy(tiny).lake
    assert "mitos" in set(lake.frame("core.state_spell")["states"])
    models = lake.frame("result.survival_model").set_index("method")
    told = models.loc["cox_clustered_robust_wald", "caveat"].iloc[0]
    assert "of batch: too small with fewer than some 40" in told
    assert with_cluster(OpenStudy(tiny))["cluster"].notna().all()
    out = lake.frame("raw.sample")["sample_id"].iloc[0]
    settings(tiny, survival={"cluster": "batch"}, exclude=[{"samples": [out], "reason": "swapped"}])
    assert with_cluster(OpenStudy(tiny))["cluster"].isna().sum() == 1
    assert set(lake.frame("result.trajectory_model")["method"]) == {"mixed_model_linear"}
    assert len(lake.frame("result.cafs")) == 0
    assert set(lake.frame("result.stage_flow")["staging"]) == {"mitos"}


def test_spacing_that_differs_is_told_in_months(tiny: StudyFolder) -> None:
    settings(tiny, survival={"strata": []})
    rewrite("core.alsfrsr", see_carriers_less_often)(OpenStudy(tiny))
    check = declared()["result.trajectory_model", "visits_are_as_close_in_carriers"]
    found = check.judge(OpenStudy(tiny))
    assert not found.passed
    assert "in 5 carriers, every 5.9 in 3 others (P " in found.description


@pytest.mark.parametrize("horizon", [0.5, -3])
@pytest.mark.parametrize("key", ["cafs_horizon_months", "occupation_horizon_months"])
def test_a_horizon_behind_is_refused(tiny: StudyFolder, key: str, horizon: float) -> None:
    settings(tiny, trajectory={key: [horizon]})
    with pytest.raises(Exception, match="less than a month ahead"):
        OpenStudy(tiny).study  # noqa: B018 - it is read when asked for


def test_carriers_stay_recovered_for_longer_and_states_fill_the_time(example: Made) -> None:
    spells = OpenStudy(example.folder).lake.frame("core.state_spell")
    assert set(spells["states"]) == {"recovery", "kings"}
    assert {"recovered", "not_recovered"} <= set(spells["state"])
    rows = frame(example, "state_time").query(
        f"variant_id == '{IGFBP7}' and genetic_model == 'dominant' and state == 'recovered'"
    )
    last = rows[rows["horizon_months"] == 36].set_index("carrier_group")["mean_months"]
    assert last["carrier"] > last["non_carrier"] + 1
    apart = rows[(rows["carrier_group"] == "difference") & (rows["horizon_months"] == 36)].iloc[0]
    assert apart["strata"] == "cohort"
    # within cohorts less than over everybody: the cohort chosen for recoveries carries more often
    assert 0 < apart["ci_lower"] < apart["mean_months"] < last["carrier"] - last["non_carrier"]
    assert apart["permutation_p_value"] < 0.01


def test_a_recovery_is_lost_when_the_gain_is_gone(example: Made) -> None:
    rows = frame(example, "reversal_state").set_index("analysis")
    ever, standing = rows.loc["time_varying"], rows.loc["time_varying_standing"]
    assert standing["n_reversed"] <= ever["n_reversed"]
    assert standing["n_event"] <= ever["n_event"]
