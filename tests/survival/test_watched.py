"""Who is watched for a recovery that begins between two visits, and up to when."""

import numpy as np
import pandas as pd

from alsrev_dagster.survival.groups import recovery_follow_up
from alsrev_dagster.survival.milestone_follow_up import milestone_follow_up
from alsrev_dagster.survival.watched import has_begun_by_entry, intervals_of, watched
from alsrev_dagster.vocabulary import table

MONTH = 30.4375
# participant: (origin, entry day, last free, left, right, confirmation or exit day, exit_reason)
PEOPLE = {
    "free": (100, 200, 400, np.nan, np.nan, 500, "last_visit"),
    "never": (100, 200, np.nan, np.nan, np.nan, 500, "death"),
    "unwatched": (100, 450, 400, np.nan, np.nan, 500, "death"),
    "recovers": (100, 200, 400, 210, 300, 400, "recovery"),
    "between": (100, 250, 400, 210, 300, 400, "recovery"),
    "begun": (100, 350, 400, 210, 300, 400, "recovery"),
}


def follow_up() -> pd.DataFrame:
    days = pd.DataFrame.from_dict(PEOPLE, orient="index").reset_index()
    names = ["origin_day", "entry", "last_free_day", "recovery_left_day", "recovery_right_day"]
    days.columns = pd.Index(["participant_id", *names, "exit", "exit_reason"])
    outcome = days.assign(
        definition_hash="abc",
        entry_months=(days["entry"] - days["origin_day"]) / MONTH,
        duration_months=(days["exit"] - days["origin_day"]) / MONTH,
    )
    return recovery_follow_up(outcome.reindex(columns=list(table("core.outcome").column_names)))


def test_months_of_visits_are_since_the_origin_wherever_entry_is() -> None:
    told = follow_up().set_index("participant_id")
    columns = ["left_months", "right_months", "last_free_months"]
    found = told.loc[["unwatched", "begun"], columns].to_numpy(dtype=np.float64) * MONTH
    np.testing.assert_allclose(found, [[np.nan, np.nan, 300], [110, 200, 300]])


def test_a_person_is_free_up_to_the_last_visit_that_could_have_been_confirmed() -> None:
    seen = watched(follow_up())
    assert seen["participant_id"].tolist() == ["free", "recovers", "between"]
    found = intervals_of(seen)
    np.testing.assert_allclose(found.left * MONTH, [300, 110, 150])
    np.testing.assert_allclose(found.right * MONTH, [np.inf, 200, 200])


def test_who_had_begun_to_recover_by_entry_is_not_at_risk_of_beginning() -> None:
    frame = follow_up()
    assert frame.loc[has_begun_by_entry(frame), "participant_id"].tolist() == ["begun"]


def test_a_milestone_that_was_reached_before_observation_began_is_no_event() -> None:
    visit = pd.DataFrame(
        {
            "participant_id": ["a"] * 4 + ["b"] * 4,
            "months_since_origin": [1.0, 3, 6, 9] * 2,
            "value": [2.0, 4, 4, 4, 2, 2, 4, 4],
        }
    )
    lived = pd.DataFrame(
        {
            "participant_id": ["a", "b"],
            "entry_months": 4.0,
            "duration_months": 20.0,
            "event_code": 1,
        }
    )
    found = milestone_follow_up(visit, lived, measure="kings_stage", at_least=4)
    assert found.to_numpy().tolist() == [["b", 4.0, 6.0, 1]]
