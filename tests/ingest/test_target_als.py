"""Target ALS Natural History Study: years that stay years, and codes that are no scores."""

from pathlib import Path

import pandas as pd
import pytest

from alsrev_dagster.ingest.clinical_rules import participant_problems, visit_problems
from tests.ingest.made_proact import (
    imported,
    looked_at,
    notes_of,
    target_row,
    write_target_als,
)

FILE = "clinical/nhs_clinical_data.csv"


def said(found: object) -> list[tuple[int, str, str]]:
    """Notes as line, action and reason, but those of codes."""
    code = "a code for a missing value, read as missing"
    return [(line, a, r) for _, line, _, a, r in notes_of(found) if r != code]  # type: ignore[arg-type]


def test_a_visit_is_read_and_its_codes_are_missing(tmp_path: Path) -> None:
    found = imported(write_target_als(tmp_path, [target_row("S1", 1)]), "target_als")
    row = found.visit.iloc[0]
    assert (row["day"], row["q1"], row["r3"], row["alsfrsr_total"]) == (0, 4, 4, 48)
    assert pd.isna(row["q5b"])
    assert visit_problems(found.visit) == participant_problems(found.participant) == []
    assert notes_of(found) == [
        (FILE, 2, "alsfrs_r_subscore_5b", "repaired", "a code for a missing value, read as missing")
    ]


@pytest.mark.parametrize("code", ["-5555", "-8888", "-9999", "PEN", "N/D"])
def test_a_visit_of_codes_alone_is_no_visit(tmp_path: Path, code: str) -> None:
    row = {name: code for name in target_row("S1", 1) if name.startswith("alsfrs")}
    found = imported(write_target_als(tmp_path, [target_row("S1", 1, **row)]), "target_als")
    assert found.visit.empty
    assert said(found) == [(2, "refused", "a visit without any score")]
    assert found.participant["participant_id"].tolist() == ["S1"]


def test_a_year_is_never_made_a_day(tmp_path: Path) -> None:
    years = {"year_of_symptom_onset": 2019, "year_of_als_diagnosis": 2020}
    rows = [target_row("S1", 1, **years), target_row("S1", 2, **years)]
    found = imported(write_target_als(tmp_path, rows), "target_als", visit_days={2: 120})
    days = [
        "onset_day",
        "onset_earliest_day",
        "onset_latest_day",
        "diagnosis_day",
        "age_at_onset_years",
    ]
    assert found.participant[days].isna().all(axis=None)
    reason = "known to the year only: no day is made of it"
    assert [note for note in said(found) if note[2] == reason] == [(2, "flagged", reason)] * 2
    assert "2019" not in found.note.to_string()


def test_later_visits_need_their_days_declared(tmp_path: Path) -> None:
    rows = [target_row("S1", 1), target_row("S1", 2), target_row("S1", -8888)]
    found = imported(write_target_als(tmp_path, rows), "target_als")
    assert found.visit["day"].tolist() == [0]
    assert said(found) == [
        (3, "refused", "a visit whose day no file gives: declare clinical.visit_days"),
        (4, "refused", "a visit without its number"),
    ]


def test_a_visit_between_two_is_not_the_one_before_it(tmp_path: Path) -> None:
    rows = [target_row("S1", 1), target_row("S1", 1.5), target_row("S1", 2)]
    found = imported(write_target_als(tmp_path, rows), "target_als", visit_days={2: 120})
    assert found.visit["day"].tolist() == [0, 120]
    assert (3, "refused", "a visit whose number is not whole") in said(found)


def test_declared_days_are_flagged_as_the_protocols(tmp_path: Path) -> None:
    rows = [target_row("S1", 1), target_row("S1", 2)]
    found = imported(write_target_als(tmp_path, rows), "target_als", visit_days={1: 0, 2: 120})
    assert found.visit["day"].tolist() == [0, 120]
    assert found.participant["last_contact_day"].tolist() == [120]
    reason = "a visit on the day of the protocol (clinical.visit_days), not its own"
    assert said(found) == [(3, "flagged", reason)]


def test_people_are_read(tmp_path: Path) -> None:
    rows = [
        target_row(
            "S1", 1,
            site_of_motor_onset="Bulbar | Limb",
            als_diagnosis_revised_el_escorial="Definite ALS",
            reported_c9orf72_mutation="Positive",
            reported_sod1_mutation="Negative",
        ),
        target_row("S2", 1, clinical_group="Non-Neurological Control", sex_reported="Male",
                   site_of_motor_onset="N/D"),
    ]  # fmt: skip
    people = imported(write_target_als(tmp_path, rows), "target_als").participant
    assert people["sex"].tolist() == ["female", "male"]
    assert people["onset_site"].tolist() == ["limb and bulbar", None]
    assert people["el_escorial"].tolist() == ["Definite ALS", None]
    assert people["known_mutation"].tolist() == ["C9ORF72", None]
    assert people["diagnosis"].tolist() == ["ALS", "Non-Neurological Control"]
    assert people["has_died"].isna().all()


def test_the_best_of_the_trials_is_kept(tmp_path: Path) -> None:
    row = target_row(
        "S1", 1,
        spirometry_test_type="SVC",
        spirometry_test_trial_1_result_in_l="2.5",
        spirometry_test_trial_2_result_in_l="2.75",
        spirometry_test_trial_1_pcnt_predict="-7777.0",
    )  # fmt: skip
    found = imported(write_target_als(tmp_path, [row]), "target_als")
    assert found.biomarker[["analyte", "value", "unit"]].to_numpy().tolist() == [["SVC", 2.75, "L"]]


def test_a_spreadsheet_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "nhs_clinical_data.xlsx").write_bytes(b"PK\x03\x04")
    (problem,) = looked_at(tmp_path, "target_als").problems
    assert str(problem) == (
        "clinical/nhs_clinical_data.xlsx: found a spreadsheet; expected nhs_clinical_data.csv; open "
        "the spreadsheet and save its sheet as CSV (UTF-8, commas): alsrev reads no xlsx"
    )


def test_a_folder_without_the_table_is_a_problem(tmp_path: Path) -> None:
    (problem,) = looked_at(tmp_path, "target_als").problems
    assert problem.found == "no file nhs_clinical_data.csv"


def test_a_column_that_is_missing_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "nhs_clinical_data.csv").write_text("subject_id,visit_number\n", encoding="utf-8")
    problems = looked_at(tmp_path, "target_als").problems
    assert str(problems[0]) == (
        f"{FILE}, header: found no column clinicalgroup; expected the columns of nhs_clinical_data; "
        "take the file as it was downloaded"
    )
