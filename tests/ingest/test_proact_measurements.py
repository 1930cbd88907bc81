"""Every quirk of PRO-ACT's vital capacity, weight, height and laboratory tests (SCIENCE 4.1)."""

from pathlib import Path

import pandas as pd
import pytest

from alsrev_dagster.ingest.clinical_rules import biomarker_problems
from tests.ingest.made_proact import Row, imported, notes_of, write_proact


def of(tmp_path: Path, **forms: list[Row]) -> tuple[pd.DataFrame, list[tuple[int, str, str]]]:
    """Measurements, and the notes as line, action and reason."""
    found = imported(write_proact(tmp_path, **forms))
    assert biomarker_problems(found.biomarker) == []
    return found.biomarker, [(line, a, r) for _, line, _, a, r in notes_of(found)]


def values(frame: pd.DataFrame) -> dict[str, tuple[float, str]]:
    """Value and unit by analyte."""
    return {r.analyte: (r.value, r.unit) for r in frame.itertuples()}


def fvc(**columns: object) -> Row:
    told = {"Forced_Vital_Capacity_Delta": 7, "Forced_Vital_Capacity_Units": "L"}
    return {"subject_id": 1, **told, **columns}


def test_the_best_of_three_trials_is_kept_and_the_percent_derived(tmp_path: Path) -> None:
    row = fvc(
        Subject_Liters_Trial_1=3.0,
        Subject_Liters_Trial_2="3.2",
        Subject_Liters_Trial_3=3.1,
        subject_normal=4,
    )
    frame, notes = of(tmp_path, FVC=[row])
    assert values(frame) == {"FVC": (3.2, "L"), "FVC percent predicted": (80.0, "%")}
    assert frame["day"].tolist() == [7, 7]
    reason = "percent of predicted made of the litres and the normal value"
    assert notes == [(2, "repaired", reason)]


def test_a_percent_that_is_given_is_used(tmp_path: Path) -> None:
    frame, notes = of(
        tmp_path, FVC=[fvc(Subject_Liters_Trial_1=3, pct_of_Normal_Trial_1=90, subject_normal=4)]
    )
    assert values(frame)["FVC percent predicted"] == (90, "%")
    assert notes == []


def test_slow_vital_capacity_has_columns_of_its_own_spelling(tmp_path: Path) -> None:
    row = {"subject_id": 1, "Slow_vital_Capacity_Delta": 3, "Subject_Liters__Trial_2_": 2.5,
           "Subject_Normal": 5, "Slow_Vital_Capacity_Units": "Liters"}  # fmt: skip
    frame, _ = of(tmp_path, SVC=[row])
    assert values(frame) == {"SVC": (2.5, "L"), "SVC percent predicted": (50.0, "%")}


def test_a_vital_capacity_without_a_unit_is_flagged(tmp_path: Path) -> None:
    frame, notes = of(tmp_path, FVC=[fvc(Subject_Liters_Trial_1=3, Forced_Vital_Capacity_Units="")])
    assert values(frame) == {"FVC": (3, "L")}
    assert notes == [(2, "flagged", "vital capacity without a unit: litres, as its column says")]


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"Forced_Vital_Capacity_Units": "mL"}, "vital capacity in another unit than litres"),
        ({"Subject_Liters_Trial_1": 3100}, "a measurement that no person has"),
        ({"Forced_Vital_Capacity_Delta": ""}, "a measurement without its day"),
    ],
)
def test_a_vital_capacity_that_is_not_sound_is_refused(
    tmp_path: Path, columns: Row, reason: str
) -> None:
    frame, notes = of(tmp_path, FVC=[fvc(**{"Subject_Liters_Trial_1": 3, **columns})])
    assert frame.empty
    assert (2, "refused", reason) in notes


def vitals(**columns: object) -> Row:
    return {"subject_id": 1, "Vital_Signs_Delta": 0, **columns}


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        ({"Weight": 154, "Weight_Units": "Pounds"}, {"weight": (69.853, "kg")}),
        ({"Weight": "70,5", "Weight_Units": "Kilograms"}, {"weight": (70.5, "kg")}),
        ({"Weight": 70, "Weight_Units": "kg"}, {"weight": (70, "kg")}),
        ({"Height": 70, "Height_Units": "Inches"}, {"height": (177.8, "cm")}),
        ({"Height": 178, "Height_Units": "Centimeters"}, {"height": (178, "cm")}),
    ],
)
def test_units_become_one(
    tmp_path: Path, columns: Row, found: dict[str, tuple[float, str]]
) -> None:
    frame, _ = of(tmp_path, VITALSIGNS=[vitals(**columns)])
    made = {name: (round(value, 3), unit) for name, (value, unit) in values(frame).items()}
    assert made == found


@pytest.mark.parametrize(
    ("columns", "note"),
    [
        ({"Height": 0.8, "Height_Units": "cm"}, ("refused", "a measurement that no person has")),
        ({"Height": 80, "Height_Units": "cm"}, ("refused", "a measurement that no person has")),
        ({"Weight": 24, "Weight_Units": "kg"}, ("refused", "a measurement that no person has")),
        ({"Weight": 70}, ("refused", "a weight or height without a unit that is known")),
        ({"Weight": "-", "Weight_Units": "kg"}, ("refused", "a dash instead of a number")),
        ({"Weight": "UNK", "Weight_Units": "kg"}, ("refused", "text instead of a number")),
        ({"Weight": "200 or 400", "Weight_Units": "kg"}, ("refused", "text instead of a number")),
        ({"Weight": "1,234", "Weight_Units": "kg"},
         ("refused", "a comma that may separate decimals or thousands")),
    ],
)  # fmt: skip
def test_weights_and_heights_that_are_not_sound_are_refused(
    tmp_path: Path, columns: Row, note: tuple[str, str]
) -> None:
    frame, notes = of(tmp_path, VITALSIGNS=[vitals(**columns)])
    assert frame.empty
    assert notes == [(2, *note)]


def lab(name: str, result: object, unit: str = "umol/L", day: object = 0) -> Row:
    told = {"Test_Name": name, "Test_Result": result, "Test_Unit": unit, "Laboratory_Delta": day}
    return {"subject_id": 1, **told}


def test_names_of_tests_differ_in_case_only(tmp_path: Path) -> None:
    rows = [lab("Bilirubin (total)", 7), lab("Bilirubin (Total)", 8, day=30)]
    frame, notes = of(tmp_path, LABS=rows)
    assert frame["analyte"].tolist() == ["bilirubin (total)"] * 2
    assert (frame["value"].tolist(), notes) == ([7, 8], [])


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        ("NEGATIVE", "text instead of a number"),
        ("-", "a dash instead of a number"),
        ("<5", "a bound such as <5 instead of a number"),
        (">100", "a bound such as <5 instead of a number"),
        ("-4", "a measurement that no person has"),
    ],
)
def test_results_that_are_no_numbers_are_refused(tmp_path: Path, result: str, reason: str) -> None:
    frame, notes = of(tmp_path, LABS=[lab("Creatinine", result), lab("CK", 90)])
    assert frame["analyte"].tolist() == ["ck"]
    assert notes == [(2, "refused", reason)]


def test_a_result_without_a_unit_is_refused(tmp_path: Path) -> None:
    frame, notes = of(tmp_path, LABS=[lab("Creatinine", 70, "")])
    assert frame.empty
    assert notes == [(2, "refused", "a measurement without a unit")]


def test_results_of_one_day_are_merged_or_refused(tmp_path: Path) -> None:
    rows = [lab("CK", 90), lab("CK", 90), lab("Sodium", 140), lab("Sodium", 141)]
    frame, notes = of(tmp_path, LABS=rows)
    assert frame["analyte"].tolist() == ["ck"]
    refused = "measurements of one day that differ: none is used"
    assert notes == [
        (3, "repaired", "a measurement repeated whole: merged"),
        (4, "refused", refused),
        (5, "refused", refused),
    ]


def test_what_was_found_is_shown_only_where_it_can_name_nobody(tmp_path: Path) -> None:
    found = imported(
        write_proact(
            tmp_path, LABS=[lab("CK", "seen by Dr Who"), lab("CK", "2019-03-04"), lab("CK", "<5")]
        )
    )
    assert found.note["found"].tolist() == [
        "text of 14 characters, not shown since it may name a person",
        "what looks like a calendar date",
        "'<5'",
    ]
