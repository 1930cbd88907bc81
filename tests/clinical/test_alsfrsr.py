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
