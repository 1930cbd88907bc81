"""Totals, item 5 and stages, on visits small enough to add up by eye."""

from collections.abc import Mapping

import pandas as pd
import pytest

from alsrev_dagster.clinical.alsfrsr import alsfrsr
from alsrev_dagster.errors import InputDataError
from alsrev_dagster.vocabulary import table
from tests.clinical.made_visits import participants, raw_visit


def scored(*changes: Mapping[str, object]) -> pd.DataFrame:
    return alsfrsr(raw_visit(*changes), participants(p1={}))


@pytest.mark.parametrize(
    ("change", "total", "kings", "mitos"),
    [
        pytest.param({}, 48, 0, 0, id="a: all normal"),
        pytest.param({"q1": 3}, 47, 1, 0, id="b: one region"),
        pytest.param({"q1": 3, "q4": 3, "q8": 3}, 45, 3, 0, id="c: three regions"),
        pytest.param({"q4": 0}, 44, 1, 0, id="d: writing lost, speech kept: AND, not OR"),
        pytest.param({"r3": 3}, 47, 4, 0, id="e: ventilated at times"),
        pytest.param({"q5a": None, "q5b": 2, "q3": 1}, 43, 4, 1, id="f: gastrostomy"),
        pytest.param({"q9": 2}, 46, 0, 0, id="g: stairs only: stage 0 is kept"),
        pytest.param({"q1": 1, "q4": 1}, 42, 2, 1, id="communication lost"),
        pytest.param({"q8": 1, "r3": 2, "q3": 0}, 39, 4, 3, id="three domains"),
        pytest.param({"r1": 0}, 44, 4, 1, id="R1 of 0"),
    ],
)
def test_total_and_stages(change: Mapping[str, object], total: int, kings: int, mitos: int) -> None:
    row = scored(change).iloc[0]
    assert (row["alsfrsr_total"], row["kings_stage"], row["mitos_stage"]) == (total, kings, mitos)


def test_months_since_onset_are_those_of_30_4375_days() -> None:
    """Fixture h: a PRO-ACT Onset_Delta of -487 and a visit on day 0 is 16.0 months."""
    frame = alsfrsr(raw_visit({"day": 0}), participants(p1={"onset_day": -487}))
    assert frame["months_since_onset"].tolist() == [16.0]


def test_progression_rate_is_that_of_fixture_h() -> None:
    """Score 40 after 16.0 months: 0.500 a month (the middle third of Kimura 2006 and Labra 2016)."""
    visit = raw_visit({"day": 0, "q1": 0, "q4": 0})
    row = alsfrsr(visit, participants(p1={"onset_day": -487})).iloc[0]
    assert (row["alsfrsr_total"], row["delta_fs"]) == (40, 0.5)
    assert pd.isna(row["delta_fs_missing_reason"])


@pytest.mark.parametrize(
    ("change", "onset_day", "reason"),
    [
        pytest.param({"q1": None}, -487, "total incomplete", id="no total"),
        pytest.param({}, None, "onset unknown", id="no onset"),
        pytest.param({}, -91, "less than 3 months since onset", id="a day too early"),
        pytest.param({}, 30, "less than 3 months since onset", id="before onset"),
    ],
)
def test_progression_rate_is_null_for_a_reason(
    change: Mapping[str, object], onset_day: int | None, reason: str
) -> None:
    row = alsfrsr(raw_visit({"day": 0, **change}), participants(p1={"onset_day": onset_day})).iloc[
        0
    ]
    assert pd.isna(row["delta_fs"])
    assert row["delta_fs_missing_reason"] == reason


def test_progression_rate_is_given_from_three_months_on() -> None:
    row = alsfrsr(raw_visit({"day": 0, "q1": 1}), participants(p1={"onset_day": -92})).iloc[0]
    assert row["delta_fs"] == 3 / (92 / 30.4375)


@pytest.mark.parametrize(
    ("change", "strict", "recoded", "manera"),
    [
        pytest.param({}, 0, 0, 0, id="a: nothing is lost, so nothing is recoded"),
        pytest.param({"q9": 2}, 0, 1, 1, id="g: stairs only"),
        pytest.param({"q6": 3}, 0, 1, 0, id="an item that no region asks about"),
        pytest.param({"r1": 3}, 0, 1, 4, id="breathless when walking"),
        pytest.param({"r3": 3}, 4, 4, 4, id="e: ventilated at times"),
        pytest.param({"q5a": None, "q5b": 2, "q3": 1}, 4, 4, 4, id="f: gastrostomy"),
        pytest.param({"q8": 3}, 1, 1, 1, id="walking"),
        pytest.param({"q9": 2, "q7": None}, 0, None, 1, id="whether anything is lost is unknown"),
    ],
)
def test_kings_stage_by_each_convention(
    change: Mapping[str, object], strict: int, recoded: int | None, manera: int
) -> None:
    row = scored(change).iloc[0]
    names = ("kings_stage", "kings_stage_recoded", "kings_stage_manera")
    found = [None if pd.isna(row[name]) else row[name] for name in names]
    assert found == [strict, recoded, manera]


def test_the_original_scale_is_kept_apart_and_neither_is_made_from_the_other() -> None:
    no_r = {"r1": None, "r2": None, "r3": None}
    frame = scored({"q10": 3, "q1": 2, **no_r}, {"q10": None, "alsfrs_total": 39}, {"q10": 4})
    assert frame["alsfrs_total"].astype(object).where(
        frame["alsfrs_total"].notna(), None
    ).tolist() == [37, None, 40]
    assert frame["alsfrsr_total"].isna().tolist() == [True, False, False]
    assert frame["alsfrs_without_item_5"].tolist()[0] == 33


def test_totals_without_item_5_need_the_others_alone() -> None:
    frame = scored({"q5a": None}, {"q5a": None, "q5b": 0, "q2": 1}, {"q2": None})
    assert frame["alsfrsr_without_item_5"].tolist()[:2] == [44, 41]
    assert pd.isna(frame["alsfrsr_without_item_5"][2])
    assert frame["alsfrsr_total"].isna().tolist() == [True, False, True]


def test_subscores_add_up_to_the_total() -> None:
    row = scored({"q1": 0, "q5a": 1, "q9": 2, "r2": 3}).iloc[0]
    parts = [row[name] for name in row.index if name.endswith("_score")]
    assert parts == [8, 9, 10, 11]
    assert row["alsfrsr_total"] == sum(parts)


def test_missing_item_makes_the_total_and_its_own_subscore_null() -> None:
    row = scored({"q2": None}).iloc[0]
    assert pd.isna(row["alsfrsr_total"])
    assert pd.isna(row["bulbar_score"])
    assert row["fine_motor_score"] == 12
    assert row["n_item_missing"] == 1


def test_item_5_missing_twice_is_missing_not_zero() -> None:
    row = scored({"q5a": None}).iloc[0]
    assert pd.isna(row["alsfrsr_total"])
    assert pd.isna(row["fine_motor_score"])
    assert not row["has_gastrostomy"]
    assert row["n_item_missing"] == 1


def test_item_5b_counts_as_item_5() -> None:
    row = scored({"q5a": None, "q5b": 0}).iloc[0]
    assert row["has_gastrostomy"]
    assert (row["alsfrsr_total"], row["n_item_missing"]) == (44, 0)


@pytest.mark.parametrize(
    ("change", "kings", "mitos"),
    [
        pytest.param({"q2": None}, None, 0, id="a region could be involved"),
        pytest.param({"q2": None, "q1": 3}, 1, 0, id="the region is involved anyway"),
        pytest.param({"q2": None, "r1": 0}, 4, 1, id="stage 4 needs no region"),
        pytest.param({"r3": None}, None, None, id="ventilation unknown"),
        pytest.param({"r3": None, "q5a": None, "q5b": 4}, 4, None, id="gastrostomy is stage 4"),
        pytest.param({"q9": None}, 0, 0, id="item 9 is not used"),
        pytest.param({"q4": None}, None, 0, id="speech kept: communication is not lost"),
        pytest.param({"q4": None, "q1": 1}, None, None, id="writing decides"),
    ],
)
def test_stage_is_null_when_it_turns_on_a_missing_item(
    change: Mapping[str, object], kings: int | None, mitos: int | None
) -> None:
    row = scored(change).iloc[0]
    found = [None if pd.isna(row[name]) else row[name] for name in ("kings_stage", "mitos_stage")]
    assert found == [kings, mitos]


def test_both_5a_and_5b_is_refused_by_file_and_line_without_the_participant() -> None:
    visit = raw_visit({}, {"participant_id": "secret", "q5b": 3})
    with pytest.raises(InputDataError, match=r"visits\.csv line 3: items 5a and 5b") as refused:
        alsfrsr(visit, participants(p1={}, secret={}))
    assert "secret" not in str(refused.value)


def test_frame_is_the_table_of_the_vocabulary_sorted_by_its_key() -> None:
    visit = raw_visit({"participant_id": "p2"}, {"day": 9}, {"day": 3})
    frame = alsfrsr(visit, participants(p1={}, p2={"onset_day": None}))
    target = table("core.alsfrsr")
    assert tuple(frame.columns) == target.column_names
    assert list(zip(frame["participant_id"], frame["day"], strict=True)) == [
        ("p1", 3),
        ("p1", 9),
        ("p2", 0),
    ]
    assert frame["months_since_onset"].isna().tolist() == [False, False, True]
    required = [column for column in target.column_names if column not in target.nullable]
    assert frame[required].notna().all(axis=None)


def test_no_visits_give_no_rows() -> None:
    frame = alsfrsr(raw_visit(), participants(p1={}))
    assert len(frame) == 0
    assert tuple(frame.columns) == table("core.alsfrsr").column_names
