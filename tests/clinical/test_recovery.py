"""core.outcome, on people small enough to follow by eye."""

from collections.abc import Mapping
from hashlib import sha256

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alsrev_dagster.clinical.recovery import definition_hash, outcome
from alsrev_dagster.study import RECOVERY_PRESETS, RecoveryDefinition, TimeOrigin
from alsrev_dagster.vocabulary import table
from tests.clinical.made_visits import participants, scores

RULE = RecoveryDefinition(name="rule", min_gain_points=4, min_duration_days=100, max_gap_days=60)
RECOVERS = {100: 30, 150: 35, 200: 36, 250: 35, 300: 30}


def one(
    totals: Mapping[int, int | None],
    days: Mapping[str, object] | None = None,
    *,
    time_origin: TimeOrigin = "onset",
    gastrostomy_from: int | None = None,
) -> pd.Series:
    visit = scores(totals, gastrostomy_from=gastrostomy_from)
    frame = outcome(visit, participants(p1=days or {}), RULE, time_origin)
    assert len(frame) == 1
    return frame.iloc[0]


def months(day: int) -> float:
    return day / 30.4375


def test_recovery_happens_on_the_day_it_is_confirmed() -> None:
    row = one(RECOVERS)
    assert bool(row["event_recovery"])
    assert row["exit_reason"] == "recovery"
    assert row[["recovery_left_day", "recovery_right_day", "confirmation_day"]].tolist() == [
        100,
        150,
        250,
    ]
    assert (row["nadir_total"], row["gain"], row["n_visit"]) == (30, 5, 5)
    assert row["entry_months"] == months(100)
    assert row["duration_months"] == months(250)


def test_no_recovery_is_censored_at_the_last_visit() -> None:
    row = one({100: 30, 150: 36, 200: 30})
    assert not row["event_recovery"]
    assert (row["exit_reason"], row["duration_months"]) == ("last_visit", months(200))
    assert pd.isna(row["confirmation_day"])
    assert (row["nadir_total"], row["gain"]) == (30, 0)


@pytest.mark.parametrize(
    ("days", "exit_reason", "censoring"),
    [
        ({}, "last_visit", "lost"),
        ({"last_contact_day": 200}, "last_visit", "lost"),
        ({"last_contact_day": 201}, "last_visit", "end"),
        ({"death_day": 300, "last_contact_day": 300}, "death", None),
    ],
)
def test_who_leaves_at_the_last_visit_is_lost_unless_heard_of_later(
    days: Mapping[str, object], exit_reason: str, censoring: str | None
) -> None:
    row = one({100: 30, 150: 36, 200: 30}, days)
    assert row["exit_reason"] == exit_reason
    assert (None if pd.isna(row["censoring"]) else row["censoring"]) == censoring


def test_who_recovered_or_is_not_at_risk_is_not_censored() -> None:
    assert pd.isna(one(RECOVERS)["censoring"])
    assert pd.isna(one({100: 30})["censoring"])


def test_death_between_gain_and_confirmation_is_a_death() -> None:
    row = one({100: 30, 150: 36, 200: 36}, {"death_day": 220})
    assert not row["event_recovery"]
    assert (row["exit_reason"], row["duration_months"]) == ("death", months(220))
    assert bool(row["event_death"])
    assert row["survival_months"] == months(220)


def test_death_long_after_the_last_visit_ends_time_at_risk_when_it_happens() -> None:
    row = one({100: 30, 150: 29}, {"death_day": 900})
    assert (row["exit_reason"], row["duration_months"]) == ("death", months(900))


def test_death_after_recovery_is_not_its_competitor() -> None:
    row = one(RECOVERS, {"death_day": 900})
    assert (row["exit_reason"], row["duration_months"]) == ("recovery", months(250))
    assert (bool(row["event_death"]), row["survival_months"]) == (True, months(900))


def test_visit_on_the_day_of_death_counts() -> None:
    assert bool(one(RECOVERS, {"death_day": 250})["event_recovery"])


def test_tracheostomy_ends_time_at_risk_and_is_not_death() -> None:
    row = one(RECOVERS, {"tracheostomy_day": 220, "death_day": 800})
    assert (row["exit_reason"], row["duration_months"]) == ("tracheostomy", months(220))
    assert row["n_visit"] == 3
    assert (bool(row["event_death"]), row["survival_months"]) == (True, months(800))


def test_death_on_the_day_of_tracheostomy_is_death() -> None:
    row = one({100: 30, 150: 29}, {"tracheostomy_day": 220, "death_day": 220})
    assert row["exit_reason"] == "death"


def test_entry_is_enrolment_or_first_complete_visit_or_origin_whichever_is_last() -> None:
    assert one({100: 30, 150: 29}, {"enrolment_day": 90})["entry_months"] == months(100)
    late = one({100: 30, 150: 29, 200: 28}, {"enrolment_day": 120})
    assert (late["entry_months"], late["n_visit"]) == (months(150), 2)
    seen_first = one({100: 30, 150: 29, 200: 28}, {"diagnosis_day": 160}, time_origin="diagnosis")
    assert seen_first["entry_months"] == 0
    assert seen_first["duration_months"] == months(40)


def sampled(day: int | None) -> pd.Series:
    person = participants(p1={"death_day": 900}).assign(sampling_day=pd.array([day], dtype="Int64"))
    return outcome(scores(RECOVERS), person, RULE, "onset").iloc[0]


def test_nobody_is_at_risk_before_they_were_sampled() -> None:
    assert sampled(None)["entry_months"] == sampled(50)["entry_months"] == months(100)
    later = sampled(160)
    assert (later["entry_months"], bool(later["event_recovery"])) == (months(160), True)
    after = sampled(250)
    assert after["exclusion_reason"] == "exit not after entry"
    assert not after["event_recovery"]
    assert (after["entry_months"], after["survival_months"]) == (months(250), months(900))


def test_who_did_not_recover_is_free_of_it_up_to_the_last_visit_that_could_be_confirmed() -> None:
    level = dict.fromkeys((100, 150, 200, 250, 300), 30)
    row = one(level, {"diagnosis_day": 120}, time_origin="diagnosis")
    assert (row["last_free_day"], row["origin_day"]) == (200, 120)
    assert one({**level, 400: 30})["last_free_day"] == 200
    assert pd.isna(one({100: 30, 150: 30, 200: 30})["last_free_day"])


def test_visits_before_enrolment_give_no_nadir() -> None:
    assert bool(one(RECOVERS)["event_recovery"])
    assert not one(RECOVERS, {"enrolment_day": 140})["event_recovery"]


def test_gain_is_not_counted_across_a_change_to_item_5b() -> None:
    """Another scale of item 5 lifts the total: a switch is no recovery."""
    switch = {100: 30, 150: 35, 200: 35, 250: 35}
    assert bool(one(switch)["event_recovery"])
    row = one(switch, gastrostomy_from=150)
    assert not row["event_recovery"]
    assert (row["nadir_total"], row["gain"]) == (30, 0)


def test_recovery_with_gastrostomy_throughout_counts() -> None:
    row = one({50: 10} | RECOVERS, gastrostomy_from=100)
    assert bool(row["event_recovery"])
    assert (row["nadir_total"], row["recovery_left_day"]) == (30, 100)


def test_incomplete_totals_neither_confirm_nor_refute() -> None:
    row = one({100: 30, 150: 35, 200: None, 210: 35, 250: 35})
    assert bool(row["event_recovery"])
    assert row["n_visit"] == 4
    assert not one({100: 30, 150: 35, 200: None, 250: 35})["event_recovery"]  # gap of 100 days


@pytest.mark.parametrize(
    ("totals", "days", "reason"),
    [
        ({}, {}, "no complete visit"),
        ({100: None}, {}, "no complete visit"),
        ({100: 30, 150: 29}, {"enrolment_day": 151}, "no complete visit under observation"),
        ({100: 30, 150: 29}, {"tracheostomy_day": 99}, "no complete visit under observation"),
        ({100: 30, 150: 29}, {"onset_day": None}, "origin day unknown"),
        ({100: 30}, {}, "exit not after entry"),
        ({100: 30, 150: 29}, {"onset_day": 150}, "exit not after entry"),
    ],
)
def test_who_is_not_usable_stays_with_the_reason(
    totals: Mapping[int, int | None], days: Mapping[str, object], reason: str
) -> None:
    row = one(totals, days)
    assert row["exclusion_reason"] == reason
    assert not row["event_recovery"]
    assert pd.isna(row["duration_months"])
    assert pd.isna(row["exit_reason"])


def test_recovery_before_the_origin_is_no_event() -> None:
    row = one(RECOVERS, {"diagnosis_day": 260}, time_origin="diagnosis")
    assert row["exclusion_reason"] == "exit not after entry"
    assert not row["event_recovery"]


def test_survival_is_counted_also_without_usable_visits() -> None:
    row = one({100: 30}, {"enrolment_day": 50, "last_contact_day": 400})
    assert row["exclusion_reason"] == "exit not after entry"
    assert (row["entry_months"], row["survival_months"]) == (months(100), months(400))
    unseen = one({}, {"enrolment_day": 50, "death_day": 400})
    assert (unseen["entry_months"], unseen["survival_months"]) == (months(50), months(400))
    assert bool(unseen["event_death"])


def test_last_contact_is_a_visit_when_none_is_given_or_a_later_one_is_known() -> None:
    assert one({100: 30, 150: None})["survival_months"] == months(150)
    assert one({100: 30, 150: 30}, {"last_contact_day": 120})["survival_months"] == months(150)


def test_every_participant_has_a_row_and_strangers_have_none() -> None:
    visit = pd.concat([scores(RECOVERS, participant_id="b"), scores(RECOVERS, participant_id="x")])
    frame = outcome(visit, participants(c={}, b={}, a={}), RULE, "onset")
    target = table("core.outcome")
    assert frame["participant_id"].tolist() == ["a", "b", "c"]
    assert tuple(frame.columns) == target.column_names
    required = [column for column in target.column_names if column not in target.nullable]
    assert frame[required].notna().all(axis=None)
    assert frame["event_recovery"].tolist() == [False, True, False]


def test_hash_is_of_the_parameters() -> None:
    large = RECOVERY_PRESETS["bedlack2016_large"]
    assert definition_hash(large) == definition_hash(large.model_copy())
    assert definition_hash(large) != definition_hash(large.model_copy(update={"max_gap_days": 99}))
    assert len(definition_hash(large)) == 12


def test_hash_says_also_what_the_parameters_mean() -> None:
    """A definition of before visits were counted has another hash: its numbers may differ."""
    large = RECOVERY_PRESETS["bedlack2016_large"]
    plain = sha256(large.model_dump_json().encode()).hexdigest()[:12]
    assert definition_hash(large) != plain


@pytest.mark.parametrize(
    ("gastrostomy", "event", "gain"),
    [("separate_series", False, 0), ("as_scored", True, 5), ("without_item_5", False, 2)],
)
def test_each_rule_for_gastrostomy_has_its_own_totals(
    gastrostomy: str, event: bool, gain: int
) -> None:
    """The total rises by 5 with the switch to 5b, 2 of them without item 5."""
    visit = scores({100: 30, 150: 35, 200: 35, 250: 35}, gastrostomy_from=150)
    visit["alsfrsr_without_item_5"] = pd.array([29, 31, 31, 31], dtype="Int64")
    rule = RecoveryDefinition.model_validate({**RULE.model_dump(), "gastrostomy": gastrostomy})
    row = outcome(visit, participants(p1={}), rule, "onset").iloc[0]
    assert (bool(row["event_recovery"]), row["gain"]) == (event, gain)


def test_scale_is_the_definitions_alone() -> None:
    visit = scores({100: None, 150: 35, 200: None, 250: None})
    visit["alsfrs_total"] = pd.array([30, None, 34, 34], dtype="Int64")
    rule = RecoveryDefinition.model_validate(
        {**RULE.model_dump(), "scale": "alsfrs", "min_duration_days": 50}
    )
    row = outcome(visit, participants(p1={}), rule, "onset").iloc[0]
    assert (row["scale"], row["n_visit"], row["baseline_total"]) == ("alsfrs", 3, 30)
    assert (row["recovery_left_day"], row["recovery_right_day"]) == (100, 200)
    assert row["followed_months"] == months(150)
    other = outcome(visit, participants(p1={}), RULE, "onset").iloc[0]
    assert (other["scale"], other["n_visit"], other["baseline_total"]) == ("alsfrsr", 1, 35)


DAY = st.none() | st.integers(0, 400)
PERSON = st.fixed_dictionaries(
    {"enrolment_day": DAY, "death_day": DAY, "tracheostomy_day": DAY, "last_contact_day": DAY}
)


@settings(max_examples=30, deadline=None)
@given(
    st.dictionaries(st.integers(0, 400), st.none() | st.integers(25, 35), max_size=10),
    PERSON,
    st.integers(-1000, 1000),
)
def test_where_day_0_lies_changes_no_time(
    totals: dict[int, int | None], days: dict[str, int | None], shift: int
) -> None:
    moved_days = {"onset_day": shift} | {
        name: None if day is None else day + shift for name, day in days.items()
    }
    here = one(totals, days)
    there = one({day + shift: total for day, total in totals.items()}, moved_days)
    is_day = here.index.str.endswith("_day")
    pd.testing.assert_series_equal(here[~is_day], there[~is_day])
    moved = (there[is_day] - shift).tolist()
    assert [str(day) for day in moved] == [str(day) for day in here[is_day]]
    assert here["exclusion_reason"] is not None or here["duration_months"] > here["entry_months"]
