"""Every quirk of PRO-ACT's scores (SCIENCE 4.1), on made-up files of that layout."""

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alsrev_dagster.clinical.alsfrsr import alsfrsr
from alsrev_dagster.ingest.clinical_note import counts_by_reason
from alsrev_dagster.ingest.clinical_rules import participant_problems, visit_problems
from tests.ingest.made_proact import (
    ALSFRS,
    OLDER,
    Row,
    imported,
    notes_of,
    older_visit,
    visit,
    write_form,
    write_proact,
)

FILE = "clinical/PROACT_ALSFRS.csv"


def of(tmp_path: Path, *rows: Row) -> tuple[pd.DataFrame, list[tuple[int, str, str]]]:
    """Visits read, and the notes as line, action and reason."""
    found = imported(write_proact(tmp_path, ALSFRS=rows))
    assert visit_problems(found.visit) == []
    assert participant_problems(found.participant) == []
    return found.visit, [(line, action, reason) for _, line, _, action, reason in notes_of(found)]


def test_a_sound_visit_is_taken_as_it_stands(tmp_path: Path) -> None:
    frame, notes = of(tmp_path, visit(7, 30, Q1_Speech=3, ALSFRS_R_Total=47))
    row = frame.iloc[0]
    assert (row["participant_id"], row["day"], row["q1"], row["alsfrsr_total"]) == ("7", 30, 3, 47)
    assert (row["source_file"], row["source_line"]) == (FILE, 2)
    assert pd.isna(row["q5b"])
    assert pd.isna(row["q10"])
    assert notes == []


@pytest.mark.parametrize(
    "name", ["PROACT_ALSFRS.csv", "F_PROACT_ALSFRS.csv", "alsfrs.csv", "Alsfrs.csv"]
)
def test_the_file_has_a_name_in_each_release(tmp_path: Path, name: str) -> None:
    header = ALSFRS.lower() if name.islower() else ALSFRS
    rows = [visit(1, 0), visit(1, 90)]
    lowered = [{key.lower(): value for key, value in row.items()} for row in rows]
    write_form(tmp_path / name, header, lowered if name.islower() else rows)
    assert imported(tmp_path).visit["day"].tolist() == [0, 90]


def test_a_release_may_be_mixed_in_case(tmp_path: Path) -> None:
    write_form(tmp_path / OLDER["ALSFRS"], ALSFRS, [visit(1, 0)])
    write_form(tmp_path / OLDER["DEATHDATA"], "subject_id,Subject_Died,Death_Days", [
        {"subject_id": 1, "Subject_Died": "Yes", "Death_Days": 400}
    ])  # fmt: skip
    assert imported(tmp_path).participant["death_day"].tolist() == [400]


def test_a_visit_without_its_day_is_refused(tmp_path: Path) -> None:
    frame, notes = of(tmp_path, visit(1, ""), visit(1, "NULL"), visit(1, 5))
    assert frame["day"].tolist() == [5]
    assert notes == [(line, "refused", "a visit without its day") for line in (2, 3)]


def test_a_row_without_a_participant_is_refused(tmp_path: Path) -> None:
    frame, notes = of(tmp_path, visit("", 5), visit(1, 5))
    assert len(frame) == 1
    assert notes == [(2, "refused", "a row without a participant")]


def test_exact_duplicates_are_merged(tmp_path: Path) -> None:
    frame, notes = of(tmp_path, visit(1, 5), visit(1, 5), visit(1, 5), visit(1, 6))
    assert frame["source_line"].tolist() == [2, 5]
    assert notes == [(line, "repaired", "a row repeated whole: merged") for line in (3, 4)]


def test_different_scores_of_one_day_are_refused_all_of_them(tmp_path: Path) -> None:
    """A pair and a triple."""
    other = {"Q1_Speech": 3, "ALSFRS_R_Total": 47}
    rows = [visit(1, 5), visit(1, 5, **other), visit(2, 5), visit(2, 5), visit(2, 5, **other)]
    frame, notes = of(tmp_path, *rows, visit(3, 5))
    assert frame["participant_id"].tolist() == ["3"]
    reason = "rows of one day with different scores: none is used"
    assert [line for line, _, said in notes if said == reason] == [2, 3, 4, 6]


def test_of_rows_that_agree_the_fuller_one_is_kept(tmp_path: Path) -> None:
    frame, notes = of(tmp_path, visit(1, 5, Q8_Walking="", ALSFRS_R_Total=""), visit(1, 5))
    assert frame["source_line"].tolist() == [3]
    reason = "a second row of one day that agrees: the fuller one is kept"
    assert notes == [(2, "repaired", reason)]


def test_item_5_on_another_scale_on_the_same_day_does_not_agree(tmp_path: Path) -> None:
    swapped = {"Q5a_Cutting_without_Gastrostomy": "", "Q5b_Cutting_with_Gastrostomy": 4}
    frame, _ = of(tmp_path, visit(1, 5), visit(1, 5, **swapped))
    assert frame.empty


def test_item_5_on_both_scales_is_used_on_neither(tmp_path: Path) -> None:
    frame, notes = of(tmp_path, visit(1, 5, Q5b_Cutting_with_Gastrostomy=4))
    assert frame[["q5a", "q5b"]].isna().all(axis=None)
    assert frame["q4"].tolist() == [4]
    assert notes == [(2, "refused", "item 5 scored on both scales: neither is used")]


def test_a_visit_before_the_trial_is_flagged_and_kept(tmp_path: Path) -> None:
    frame, notes = of(tmp_path, visit(1, -14), visit(1, 0))
    assert frame["day"].tolist() == [-14, 0]
    assert notes == [(2, "flagged", "a visit before day 0")]


def test_the_older_scale_is_kept_apart_and_never_upgraded(tmp_path: Path) -> None:
    frame, notes = of(tmp_path, older_visit(1, 0))
    row = frame.iloc[0]
    assert (row["q10"], row["alsfrs_total"]) == (4, 40)
    assert row[["r1", "r2", "r3", "alsfrsr_total"]].isna().all()
    assert notes == []
    found = imported(tmp_path)
    assert alsfrsr(found.visit, found.participant)["alsfrsr_total"].isna().all()


def test_a_total_of_the_revised_scale_for_a_visit_of_the_older_is_not_used(tmp_path: Path) -> None:
    frame, notes = of(tmp_path, older_visit(1, 0, ALSFRS_R_Total=48))
    assert frame["alsfrsr_total"].isna().all()
    reason = "an ALSFRS-R total of a visit scored on the older ALSFRS: not used"
    assert notes == [(2, "flagged", reason)]


@pytest.mark.parametrize("score", ["3.5", "2.25"])
def test_a_fraction_of_a_point_is_never_rounded(tmp_path: Path, score: str) -> None:
    frame, notes = of(tmp_path, visit(1, 0, Q1_Speech=score, ALSFRS_R_Total=""))
    assert frame["q1"].isna().all()
    assert notes == [(2, "refused", "a fraction of a point: nothing is rounded")]


def test_a_score_written_as_a_decimal_is_whole(tmp_path: Path) -> None:
    frame, notes = of(tmp_path, visit(1, "30.0", Q1_Speech="4.0", ALSFRS_R_Total="48.0"))
    assert (frame["q1"].tolist(), frame["day"].tolist(), notes) == ([4], [30], [])


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("Q1_Speech", 5),
        ("Q1_Speech", -1),
        ("ALSFRS_R_Total", 49),
        ("ALSFRS_Total", 41),
        ("ALSFRS_Total", -2),
    ],
)
def test_a_score_outside_its_scale_is_refused_not_clipped(
    tmp_path: Path, column: str, value: int
) -> None:
    found = imported(write_proact(tmp_path, ALSFRS=[visit(1, 0, **{column: value})]))
    assert notes_of(found)[0] == (FILE, 2, column, "refused", "a score outside its scale")
    assert found.note["found"][0] == repr(str(value))


@pytest.mark.parametrize(
    ("row", "name", "reason"),
    [
        (visit(1, 0, ALSFRS_R_Total=40), "alsfrsr_total",
         "an ALSFRS-R total that is not the sum of its items: not used"),
        (older_visit(1, 0, ALSFRS_Total=30), "alsfrs_total",
         "an ALSFRS total that is not the sum of its items: not used"),
    ],
)  # fmt: skip
def test_a_total_that_is_not_the_sum_is_flagged(
    tmp_path: Path, row: Row, name: str, reason: str
) -> None:
    frame, notes = of(tmp_path, row)
    assert frame[name].isna().all()
    assert notes == [(2, "flagged", reason)]


def test_q5a_missing_is_not_0(tmp_path: Path) -> None:
    row = visit(
        1, 0, Q5a_Cutting_without_Gastrostomy="", Q5b_Cutting_with_Gastrostomy=2, ALSFRS_R_Total=46
    )
    frame, notes = of(tmp_path, row)
    assert frame["q5a"].isna().all()
    assert (frame["q5b"].tolist(), frame["alsfrsr_total"].tolist(), notes) == ([2], [46], [])


@pytest.mark.parametrize("code", ["-5555", "-7777", "-8888", "-9999", "-9999.0", "PEN", "N/D"])
def test_codes_for_missing_are_no_scores(tmp_path: Path, code: str) -> None:
    frame, notes = of(tmp_path, visit(1, 0, Q1_Speech=code, ALSFRS_R_Total=code))
    assert frame[["q1", "alsfrsr_total"]].isna().all(axis=None)
    assert set(notes) == {(2, "repaired", "a code for a missing value, read as missing")}


def test_a_visit_without_any_score_is_refused(tmp_path: Path) -> None:
    frame, notes = of(tmp_path, {"subject_id": 1, "ALSFRS_Delta": 9}, visit(1, 10))
    assert frame["day"].tolist() == [10]
    assert notes == [(2, "refused", "a visit without any score")]


def test_text_and_days_that_are_no_days_are_refused(tmp_path: Path) -> None:
    frame, notes = of(tmp_path, visit(1, "5.5"), visit(1, 43000), visit(1, "soon"), visit(1, 8))
    assert frame["day"].tolist() == [8]
    assert [reason for _, _, reason in notes if "without" not in reason] == [
        "a day that is not a whole number",
        "a day too far from day 0: a date, or a slip",
        "text instead of a number",
    ]


def test_a_row_of_another_width_is_refused_and_lines_stay_true(tmp_path: Path) -> None:
    path = write_proact(tmp_path, ALSFRS=[visit(1, 0), visit(1, 30)]) / "PROACT_ALSFRS.csv"
    header, first, second = path.read_text(encoding="utf-8").splitlines()
    first = first.removesuffix(",") + ',"two\nlines"'
    path.write_text("\n".join([header, first, "", "1,2", second, ""]), encoding="utf-8")
    found = imported(tmp_path)
    assert found.visit["source_line"].tolist() == [2, 6]
    reason = "a row with another number of cells than the header"
    assert notes_of(found) == [(FILE, 5, None, "refused", reason)]


ROW = st.tuples(st.sampled_from([1, 2]), st.sampled_from([0, 90]), st.sampled_from(["", 3, 4]))


@given(rows=st.lists(ROW, min_size=1, max_size=6), seed=st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None)
def test_the_order_of_rows_changes_no_visit(
    rows: list[tuple[int, int, object]], seed: Random
) -> None:
    """Nor does it change how many rows are noted for each reason."""
    made = [visit(who, day, Q1_Speech=q1, ALSFRS_R_Total="") for who, day, q1 in rows]
    shuffled = seed.sample(made, len(made))
    with TemporaryDirectory() as first, TemporaryDirectory() as second:
        one, other = (
            imported(write_proact(Path(f), ALSFRS=r))
            for f, r in ((first, made), (second, shuffled))
        )
    columns = ["participant_id", "day", "q1", "q2"]
    pd.testing.assert_frame_equal(one.visit[columns], other.visit[columns])
    assert counts_by_reason(one.note) == counts_by_reason(other.note)
