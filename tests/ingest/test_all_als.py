"""ALL ALS ASSESS: dates become days and go no further; codes count, labels do not."""

from pathlib import Path

import pandas as pd
import pytest

from alsrev_dagster.ingest.clinical_rules import participant_problems, visit_problems
from alsrev_dagster.ingest.clinical_source import ClinicalRead
from tests.ingest.made_proact import (
    Row,
    all_als_row,
    imported,
    looked_at,
    notes_of,
    write_all_als,
)

DEMOG = "internal_subject_id,dmdat,brthdat,sex"
HIST = "internal_subject_id,mhdat,mhstdat,limb_mhloc,bulb_mhloc,axia_mhloc,mhevdtyp_diagnosis"
VC = "internal_subject_id,redat,svctest,svc_t1_reorres,svc_t2_reorres,svc_t3_reorres,vcpp_reorres"
VITSIGN = "internal_subject_id,vsdat,weight_vsorres,weight_vsorresu"
KEYDEV = "internal_subject_id,prtrt,prstdat"


def of(tmp_path: Path, *rows: Row, **views: tuple[str, list[Row]]) -> ClinicalRead:
    scored = rows or (all_als_row("A", "2024-01-31"),)
    found = imported(write_all_als(tmp_path, scored, **views), "all_als")
    assert visit_problems(found.visit) == participant_problems(found.participant) == []
    return found


def said(found: ClinicalRead) -> list[tuple[str, str]]:
    return [(action, reason) for _, _, _, action, reason in notes_of(found)]


def test_days_count_from_the_participants_own_first_assessment(tmp_path: Path) -> None:
    rows = [all_als_row("A", "2024-03-01"), all_als_row("A", "2024-01-31"), all_als_row("B", "31-Jan-2023"),
            all_als_row("B", "2023-02-01T10:00:00")]  # fmt: skip
    found = of(tmp_path, *rows)
    assert found.visit[["participant_id", "day"]].to_numpy().tolist() == [
        ["A", 0],
        ["A", 30],
        ["B", 0],
        ["B", 1],
    ]
    assert said(found) == []


@pytest.mark.parametrize("date", ["03/04/2024", "2024-02-31", "soon", "2024", "2024-05"])
def test_a_date_that_is_not_whole_gives_no_visit_and_is_not_shown(
    tmp_path: Path, date: str
) -> None:
    found = of(tmp_path, all_als_row("A", "2024-01-01"), all_als_row("A", date))
    assert found.visit["source_line"].tolist() == [2]
    assert ("refused", "a visit without its day") in said(found)
    assert found.note["found"].isna().all()


def test_scores_are_read_by_code_and_never_by_label(tmp_path: Path) -> None:
    row = all_als_row("A", "2024-01-31", speech_ftorres=2, fttotal=46)
    label = all_als_row(
        "A", "2024-02-28", speech_ftorres="Important Deterioration (Getting Worse)", fttotal=""
    )
    found = of(tmp_path, row, label)
    assert found.visit["q1"].tolist()[0] == 2
    assert found.visit["q1"].isna().tolist() == [False, True]
    assert said(found) == [("refused", "text instead of a number")]


@pytest.mark.parametrize(
    ("changes", "is_flagged"),
    [
        ({"gastro_ftorres": 1}, True),
        ({"gastro_ftorres": 2, "utenwog_ftorres": "", "utenwg_ftorres": 4}, True),
        ({"gastro_ftorres": 1, "utenwog_ftorres": "", "utenwg_ftorres": 4}, False),
    ],
)
def test_item_5_is_held_against_the_answer_on_gastrostomy(
    tmp_path: Path, changes: Row, is_flagged: bool
) -> None:
    found = of(tmp_path, all_als_row("A", "2024-01-31", **changes))
    reason = "item 5 on the scale that the answer on gastrostomy contradicts"
    assert (("flagged", reason) in said(found)) == is_flagged
    assert found.visit["alsfrsr_total"].tolist() == [48]


def test_people_are_read_by_code(tmp_path: Path) -> None:
    found = of(
        tmp_path,
        DEMOG=(DEMOG, [{"internal_subject_id": "A", "dmdat": "2024-02-02", "brthdat": "1964-01-31", "sex": 1}]),
        ALSHIST=(HIST, [{"internal_subject_id": "A", "mhstdat": "2022-01-31", "limb_mhloc": 1,
                         "bulb_mhloc": 1, "mhevdtyp_diagnosis": "2023-01-31"}]),
        KEYDEV=(KEYDEV, [{"internal_subject_id": "A", "prtrt": 5, "prstdat": "2024-02-01"},
                         {"internal_subject_id": "A", "prtrt": 1, "prstdat": "2024-02-02"}]),
    )  # fmt: skip
    row = found.participant.iloc[0]
    assert (row["sex"], row["onset_day"], row["diagnosis_day"]) == ("female", -730, -365)
    assert (row["onset_site"], row["tracheostomy_day"]) == ("limb and bulbar", 1)
    assert row["age_at_onset_years"] == pytest.approx(58, abs=0.01)
    assert (row["enrolment_day"], row["last_contact_day"]) == (0, 2)
    assert said(found) == []


@pytest.mark.parametrize(
    ("date", "days"),
    [("2022", (-760, -396)), ("2022-03", (-701, -671)), ("2022-UN-UNK", (-760, -396))],
)
def test_an_onset_known_in_part_is_an_interval_and_no_day(
    tmp_path: Path, date: str, days: tuple[int, int]
) -> None:
    found = of(tmp_path, ALSHIST=(HIST, [{"internal_subject_id": "A", "mhstdat": date}]))
    row = found.participant.iloc[0]
    assert pd.isna(row["onset_day"])
    assert (row["onset_earliest_day"], row["onset_latest_day"]) == days
    assert said(found) == [
        ("flagged", "a date known to the year or month only: no day is made of it")
    ]


def test_who_has_no_assessment_has_no_day_0(tmp_path: Path) -> None:
    at = {"internal_subject_id": "B", "dmdat": "2024-02-02", "sex": 2}
    found = of(tmp_path, DEMOG=(DEMOG, [at]))
    row = found.participant.set_index("participant_id").loc["B"]
    assert row["sex"] == "male"
    assert row[["enrolment_day", "last_contact_day"]].isna().all()


def test_a_date_of_somebody_without_an_assessment_is_noted(tmp_path: Path) -> None:
    found = of(tmp_path, ALSHIST=(HIST, [{"internal_subject_id": "B", "mhstdat": "2022-01-31"}]))
    assert found.participant["onset_day"].isna().all()
    reason = "a date of somebody without a dated ALSFRS-R: there is no day 0"
    assert set(said(found)) == {("refused", reason)}


def test_vital_capacity_and_weight_are_read_by_code(tmp_path: Path) -> None:
    at = {"internal_subject_id": "A"}
    found = of(
        tmp_path,
        VC=(VC, [{**at, "redat": "2024-02-01", "svctest": 1, "svc_t1_reorres": 2.5,
                  "svc_t2_reorres": 2.75, "vcpp_reorres": 66}]),
        VITSIGN=(VITSIGN, [{**at, "vsdat": "2024-01-31", "weight_vsorres": 154, "weight_vsorresu": 2},
                           {**at, "vsdat": "2024-02-09", "weight_vsorres": 70, "weight_vsorresu": 1}]),
    )  # fmt: skip
    made = found.biomarker[["day", "analyte", "unit"]].to_numpy().tolist()
    assert made == [
        [0, "weight", "kg"], [1, "SVC", "L"], [1, "SVC percent predicted", "%"], [9, "weight", "kg"],
    ]  # fmt: skip
    assert found.biomarker["value"].to_numpy() == pytest.approx([69.853, 2.75, 66, 70], abs=1e-3)


def test_no_date_is_in_any_table(tmp_path: Path) -> None:
    found = of(
        tmp_path,
        all_als_row("A", "2024-01-31"), all_als_row("A", "13/02/2024"),
        DEMOG=(DEMOG, [{"internal_subject_id": "A", "brthdat": "1964-01-31", "sex": 3}]),
    )  # fmt: skip
    frames = (found.participant, found.visit, found.biomarker, found.note)
    text = "".join(frame.to_csv() for frame in frames)
    assert not any(year in text for year in ("2024", "1964"))


def test_other_views_are_named_and_left(tmp_path: Path) -> None:
    write_all_als(
        tmp_path, [all_als_row("A", "2024-01-31")], ALSFRSRSAQ=("internal_subject_id", [])
    )
    assert imported(tmp_path, "all_als").left_out == {
        "clinical/v_ALLALS_AS_ASSEALSFRSRSAQ.csv": "the whole file: no view of ALL ALS ASSESS that is read"
    }


def test_a_folder_without_scores_is_a_problem(tmp_path: Path) -> None:
    (problem,) = looked_at(tmp_path, "all_als").problems
    assert str(problem) == (
        "clinical: found no file of ALSFRS-R scores; expected the views of ALL ALS ASSESS as CSV, "
        "v_ALLALS_AS_ASSEALSFRSR.csv among them; download it, and name its folder"
    )


def test_the_same_view_twice_is_a_problem(tmp_path: Path) -> None:
    folder = write_all_als(tmp_path, [all_als_row("A", "2024-01-31")])
    (folder / "v_ALLALS_AS_ASSEALSFRSR_new.csv").write_text("a\n", encoding="utf-8")
    (problem,) = looked_at(tmp_path, "all_als").problems
    assert problem.found == "the same view as clinical/v_ALLALS_AS_ASSEALSFRSR.csv"


def test_a_column_that_is_missing_is_a_problem(tmp_path: Path) -> None:
    write_all_als(tmp_path, [all_als_row("A", "2024-01-31")], VC=("internal_subject_id,redat", []))
    (problem,) = looked_at(tmp_path, "all_als").problems
    assert str(problem) == (
        "clinical/v_ALLALS_AS_ASSEVC.csv, header: found no column svctest; expected the columns of "
        "view VC; take the file as it was downloaded"
    )
