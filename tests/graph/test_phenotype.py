"""Recoveries beside noise, and over a grid of definitions, on the tiny study and on the example."""

import numpy as np
import pandas as pd
import pytest

from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats.association import evidence
from alsrev_dagster.study import RECOVERY_PRESETS, StudyFolder
from tests.graph.at_work import Made, run_here
from tests.graph.test_every_check import declared, put
from tests.graph.test_staleness import settings, stale

CELL = ["over", "min_gain_points", "min_duration_days", "n_confirming_visit"]
MADE_FROM_RATE = {"result.recovery_rate", "result.recovery_grid", "warehouse", "report"}


def frame(made: Made, name: str) -> pd.DataFrame:
    return OpenStudy(made.folder).lake.frame(name)


def rate_of_everybody(made: Made) -> pd.DataFrame:
    rate = frame(made, "result.recovery_rate")
    return rate[rate["cohort"] == "every_cohort"]


def test_every_preset_and_the_studys_own_are_counted(example: Made) -> None:
    rate = rate_of_everybody(example)
    assert set(rate["definition"]) == set(RECOVERY_PRESETS)
    own = rate[rate["is_study_definition"]]
    assert set(own["definition"]) == {"bedlack2016_large"}
    assert own["horizon_months"].tolist() == [18.0, 24.0, 36.0]


def test_the_studys_definition_finds_who_core_outcome_finds(example: Made) -> None:
    """Nobody of the example recovers after more than 20 years, nor without an origin."""
    outcome, grid = frame(example, "core.outcome"), frame(example, "result.recovery_grid")
    (own,) = grid[grid["is_study_definition"]].to_dict("records")
    assert own["definition_hash"] != outcome["definition_hash"].iloc[0]  # it has another name
    assert own["n_recovered"] == int(outcome["event_recovery"].sum())
    followed = (outcome["followed_months"] * 30.4375).round() > 365
    assert own["n_followed"] == int(followed.sum())


def test_scatter_of_the_example_is_that_it_was_made_with(example: Made) -> None:
    """Scores are drawn with a residual SD of 1.0, and raters disagree on single items besides."""
    rate = rate_of_everybody(example)
    assert rate["residual_sd"].between(1.0, 1.2).all()


def test_planted_recoveries_are_more_than_noise_and_plateaus_are_not_always(example: Made) -> None:
    rate = rate_of_everybody(example).set_index(["definition", "horizon_months"])
    large, short = rate.loc[("bedlack2016_large", 36.0)], rate.loc[("plateau_6", 12.0)]
    assert large["n_recovered"] > large["n_false_upper"]
    assert large["noise_p_value"] == pytest.approx(1 / 201)
    assert short["n_false_lower"] <= short["n_recovered"] <= short["n_false_upper"]


def test_cohorts_add_up_to_everybody_and_recoveries_are_the_cases(example: Made) -> None:
    rate = frame(example, "result.recovery_rate")
    everybody, cohorts = (
        part.groupby(["definition", "horizon_months"])[["n_participant", "n_recovered"]].sum()
        for part in (rate[rate["cohort"] == "every_cohort"], rate[rate["cohort"] != "every_cohort"])
    )
    pd.testing.assert_frame_equal(everybody, cohorts)
    own = rate[rate["is_study_definition"] & (rate["horizon_months"] == 36)].set_index("cohort")
    assert own.loc["StAR", "recovered_rate"] > 3 * own.loc["PGB", "recovered_rate"]
    assert own.loc["PGB", "n_false_lower"] <= own.loc["PGB", "n_recovered"]


def test_effects_of_the_grid_are_those_of_their_counts_within_cohorts(example: Made) -> None:
    effect, grid = (frame(example, f"result.recovery_{name}") for name in ("effect", "grid"))
    one = effect[effect["locus"] == "IGFBP7"].merge(grid, on=CELL)
    assert len(one) == len(grid) == 64
    assert (one["n"] <= one["n_followed"]).all()
    row = one[one["is_study_definition_x"]].iloc[0]
    outcome, carrier = frame(example, "core.outcome"), frame(example, "core.carrier")
    followed = outcome[(outcome["followed_months"] * 30.4375).round() > 365]
    called = carrier[(carrier["locus"] == "IGFBP7") & carrier["carrier"].notna()]
    people = called.merge(followed, on="participant_id")
    sides = []
    for recovered in (True, False):
        mine = people[people["event_recovery"] == recovered]
        n = pd.crosstab(mine["cohort"], mine["carrier"].astype(bool))
        n = n.reindex(index=sorted(people["cohort"].unique()), columns=[False, True], fill_value=0)
        sides.append(np.pad(n.to_numpy(dtype=np.int64), ((0, 0), (0, 1)))[None])
    assert row["n"] == sides[0].sum() + sides[1].sum()
    assert row["n_event_carrier"] == sides[0][..., 1].sum()
    found = evidence(*sides, "dominant")
    assert row["odds_ratio"] == pytest.approx(found.odds_ratio[0], rel=1e-9)
    assert row["exact_p_value"] == pytest.approx(found.exact_p_value[0], rel=1e-9)
    assert row["exact_method"] == "fisher_exact_stratified"
    assert row["strata"] == "cohort"
    has_both = (sides[0].sum(axis=2) > 0) & (sides[1].sum(axis=2) > 0)
    assert row["n_stratum"] == has_both.sum()


def test_pooled_over_cohorts_the_effect_would_be_larger(example: Made) -> None:
    """Most of the 22 cases recovered, and carry more often: not so within their cohort alone."""
    effect = frame(example, "result.recovery_effect")
    (row,) = effect[effect["is_study_definition"] & (effect["locus"] == "IGFBP7")].to_dict(
        "records"
    )
    event, free = row["n_event"], row["n"] - row["n_event"]
    carriers = row["n_event_carrier"], row["n_carrier"] - row["n_event_carrier"]
    case, control = (
        np.array([[[n - carrier, carrier, 0]]])
        for n, carrier in zip((event, free), carriers, strict=True)
    )
    pooled = evidence(case, control, "dominant")
    assert pooled.odds_ratio[0] > row["odds_ratio"] + 1
    assert effect["caveat"].str.contains("who died before is left out").all()


def test_counts_say_how_the_participants_were_chosen(example: Made) -> None:
    for told in (rate_of_everybody(example), frame(example, "result.recovery_grid")):
        (caveat,) = set(told["caveat"])
        assert caveat == "descriptive, not incidence: cases were chosen because they recovered"
    rate = frame(example, "result.recovery_rate").set_index("cohort")
    assert set(rate.loc["PGB", "caveat"]) == {
        "descriptive, not incidence: of the participants of one cohort who were enrolled"
    }


def test_no_result_names_a_person(example: Made) -> None:
    for name in ("recovery_rate", "recovery_grid", "recovery_effect"):
        columns = frame(example, f"result.{name}").columns
        assert not [
            column for column in columns if column.endswith("_id") and "variant" not in column
        ]


def test_page_tells_recoveries_beside_noise(example: Made) -> None:
    page = example.folder.report.read_text(encoding="utf-8")
    assert "How many recovered, by which definition, and how many would by noise alone" in page
    assert "Carriers and recovery, by definition" in page
    assert "4 points or more of ALSFRS-R over the lowest total so far" in page


def test_a_definition_of_ones_own_is_counted_beside_the_presets(tiny: StudyFolder) -> None:
    own = {
        "name": "single", "min_gain_points": 1, "min_duration_days": 0, "n_confirming_visit": 0,
        "over": "rolling", "window_days": 400,
    }  # fmt: skip
    settings(tiny, recovery={"custom": own})
    run_here(tiny, "result.recovery_rate", "result.recovery_grid")
    rate = OpenStudy(tiny).lake.frame("result.recovery_rate")
    mine = rate[rate["is_study_definition"] & (rate["cohort"] == "every_cohort")]
    assert set(mine["definition"]) == {"single"}
    assert set(rate["definition"]) == {"single", *RECOVERY_PRESETS}
    assert mine.set_index("horizon_months").loc[18.0, "n_recovered"] == 4
    assert not OpenStudy(tiny).lake.frame("result.recovery_grid")["is_study_definition"].any()


def test_a_changed_seed_makes_again_what_is_simulated_alone(tiny: StudyFolder) -> None:
    settings(tiny, recovery_rate={"seed": 7})
    assert stale(tiny) == MADE_FROM_RATE


NOT_CHOSEN = {"cases_chosen_for_recovery": False}


def test_recoveries_for_which_cases_were_chosen_are_not_held_against_noise(
    tiny: StudyFolder,
) -> None:
    noisy = put("result.recovery_rate", n_recovered=1, noise_p_value=0.4)
    noisy(OpenStudy(tiny))
    check = declared()["result.recovery_rate", "recoveries_are_more_than_noise"]
    found = check.judge(OpenStudy(tiny))
    assert not found.passed
    assert "PGB, 18 months" in found.description
    assert "StAR" not in found.description
    assert "every_cohort" not in found.description
    put("result.recovery_rate", cohort="StAR")(OpenStudy(tiny))
    found = check.judge(OpenStudy(tiny))
    assert found.passed
    assert found.description == "not judged: cases were chosen because they recovered"


def test_what_is_no_more_than_noise_is_told_with_what_to_do(tiny: StudyFolder) -> None:
    settings(tiny, survival=NOT_CHOSEN)
    put("result.recovery_rate", n_recovered=1, n_false_lower=0, n_false_upper=3, noise_p_value=0.4)(
        OpenStudy(tiny)
    )
    check = declared()["result.recovery_rate", "recoveries_are_more_than_noise"]
    found = check.judge(OpenStudy(tiny))
    assert not found.passed
    assert (
        "every_cohort, 18 months: 1 of 8 recovered, noise alone gives 0 to 3; " in found.description
    )
    assert "; ask for more points, a longer duration or more confirming visits" in found.description


def test_horizons_without_a_recovery_are_counted_as_not_judged(tiny: StudyFolder) -> None:
    settings(tiny, survival=NOT_CHOSEN)
    put("result.recovery_rate", n_recovered=0)(OpenStudy(tiny))
    check = declared()["result.recovery_rate", "recoveries_are_more_than_noise"]
    found = check.judge(OpenStudy(tiny))
    assert found.passed
    assert "could not be judged: nobody recovered" in found.description


def test_without_a_complete_score_no_effect_is_of_anybody(tiny: StudyFolder) -> None:
    visits = pd.read_csv(tiny.root / "visits.csv")
    visits.assign(q1=None, alsfrsr_total=None).to_csv(tiny.root / "visits.csv", index=False)
    run_here(tiny, "result.recovery_effect", "result.state_time")
    effect = OpenStudy(tiny).lake.frame("result.recovery_effect")
    assert len(effect)
    assert (effect[["n", "n_event"]] == 0).all(axis=None)
    assert len(OpenStudy(tiny).lake.frame("core.state_spell").query("states == 'recovery'")) == 0
