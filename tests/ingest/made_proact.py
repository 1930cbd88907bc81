"""Made-up files in the layouts of PRO-ACT, Target ALS and ALL ALS: nobody in them exists.

Column names are those that public importers read (SCIENCE 4.1, 4.2); every value is made up.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from alsrev_dagster.ingest.clinical_read import SOURCES
from alsrev_dagster.ingest.clinical_source import ClinicalRead
from alsrev_dagster.study_clinical import ClinicalFiles, ClinicalFormat

Row = Mapping[str, object]

ALSFRS = (
    "subject_id,Q1_Speech,Q2_Salivation,Q3_Swallowing,Q4_Handwriting,"
    "Q5a_Cutting_without_Gastrostomy,Q5b_Cutting_with_Gastrostomy,Q6_Dressing_and_Hygiene,"
    "Q7_Turning_in_Bed,Q8_Walking,Q9_Climbing_Stairs,Q10_Respiratory,ALSFRS_Delta,ALSFRS_Total,"
    "ALSFRS_R_Total,R_1_Dyspnea,R_2_Orthopnea,R_3_Respiratory_Insufficiency,"
    "Mode_of_Administration,ALSFRS_Responded_By"
)
HEADERS = {
    "ALSFRS": ALSFRS,
    "ALSHISTORY": (
        "subject_id,Site_of_Onset,Site_of_Onset___Bulbar,Site_of_Onset___Limb,"
        "Site_of_Onset___Limb_and_Bulbar,Site_of_Onset___Other,Site_of_Onset___Other_Specify,"
        "Site_of_Onset___Spine,Disease_Duration,Symptom,Symptom_Other_Specify,Location,"
        "Location_Other_Specify,Subject_ALS_History_Delta,Onset_Delta,Diagnosis_Delta"
    ),
    "DEATHDATA": "subject_id,Subject_Died,Death_Days",
    "DEMOGRAPHICS": "subject_id,Demographics_Delta,Age,Date_of_Birth,Ethnicity,Race_Unknown,Sex",
    "ELESCORIAL": "subject_id,el_escorial,delta_days",
    "FVC": (
        "subject_id,Subject_Liters_Trial_1,Subject_Liters_Trial_2,Subject_Liters_Trial_3,"
        "pct_of_Normal_Trial_1,pct_of_Normal_Trial_2,pct_of_Normal_Trial_3,subject_normal,"
        "Forced_Vital_Capacity_Delta,Forced_Vital_Capacity_Units"
    ),
    "SVC": (
        "subject_id,Subject_Liters_Trial_1,Subject_Liters__Trial_2_,Subject_Liters__Trial_3_,"
        "pct_of_Normal_Trial_1,pct_of_Normal_Trial_2,pct_of_Normal_Trial_3,Subject_Normal,"
        "Slow_vital_Capacity_Delta,Slow_Vital_Capacity_Units"
    ),
    "VITALSIGNS": "subject_id,Vital_Signs_Delta,Weight,Weight_Units,Height,Height_Units,Pulse",
    "LABS": "subject_id,Test_Name,Test_Result,Test_Unit,Laboratory_Delta",
    "CONMEDS": "subject_id,Medication_Coded,Start_Delta,Stop_Delta,Dose,Unit,Frequency,Route",
    "ADVERSEEVENTS": "subject_id,Lowest_Level_Term,Severity,Start_Date_Delta,End_Date_Delta",
}
OLDER = {"ALSFRS": "alsfrs.csv", "ALSHISTORY": "AlsHistory.csv", "DEATHDATA": "deathdata.csv"}
"""Names of the release before, of some forms."""

SHARED = {
    "Q1_Speech": 4, "Q2_Salivation": 4, "Q3_Swallowing": 4, "Q4_Handwriting": 4,
    "Q5a_Cutting_without_Gastrostomy": 4, "Q6_Dressing_and_Hygiene": 4, "Q7_Turning_in_Bed": 4,
    "Q8_Walking": 4, "Q9_Climbing_Stairs": 4,
}  # fmt: skip
REVISED = {
    "R_1_Dyspnea": 4, "R_2_Orthopnea": 4, "R_3_Respiratory_Insufficiency": 4, "ALSFRS_R_Total": 48,
}  # fmt: skip
TARGET_ITEMS = ("1", "2", "3", "4", "5a", "5b", "6", "7", "8", "9", "r1", "r2", "r3")
ALL_ALS_ITEMS = (
    "speech", "saliva", "swallow", "hndwrit", "utenwog", "utenwg", "hygiene", "bedcloth",
    "walking", "stairs", "dyspnea", "ortho", "respins",
)  # fmt: skip


def visit(subject: object, day: object, **changes: object) -> Row:
    """A visit of an ALSFRS-R trial: Q10 is NULL, all is normal."""
    return {"subject_id": subject, "ALSFRS_Delta": day, **SHARED, **REVISED, **changes}


def older_visit(subject: object, day: object, **changes: object) -> Row:
    """A visit of an ALSFRS trial: no R items."""
    scores = {**SHARED, "Q10_Respiratory": 4, "ALSFRS_Total": 40}
    return {"subject_id": subject, "ALSFRS_Delta": day, **scores, **changes}


def write_form(path: Path, header: str, rows: Sequence[Row]) -> None:
    """Write rows as CSV; what a row does not have is empty."""
    columns = header.split(",")
    assert all(set(row) <= set(columns) for row in rows)
    lines = [header, *(",".join(_cell(row.get(name, "")) for name in columns) for row in rows)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _cell(value: object) -> str:
    text = str(value)
    return f'"{text}"' if "," in text else text


def write_proact(folder: Path, prefix: str = "PROACT_", **forms: Sequence[Row]) -> Path:
    """Write forms by their name in capitals; without ALSFRS, with one sound visit of person 1."""
    for form, rows in {"ALSFRS": [visit(1, 0)], **forms}.items():
        write_form(folder / f"{prefix}{form}.csv", HEADERS[form], rows)
    return folder


def imported(folder: Path, format: ClinicalFormat = "proact", **settings: object) -> ClinicalRead:
    """Read a folder as a study with this format does, and refuse problems."""
    found = looked_at(folder, format, **settings)
    assert found.problems == ()
    return found


def looked_at(folder: Path, format: ClinicalFormat = "proact", **settings: object) -> ClinicalRead:
    """Read a folder as a study with this format does."""
    of = ClinicalFiles(format=format, folder="clinical", **settings)  # type: ignore[arg-type]
    return SOURCES[format](folder, "clinical", of)


def notes_of(found: ClinicalRead) -> list[tuple[str, int, str | None, str, str]]:
    """Every note: file, line, column, action and reason."""
    names = ["source_file", "source_line", "source_column", "action", "reason"]
    return [tuple(row) for row in found.note[names].itertuples(index=False)]


def target_row(subject: object, number: object, **changes: object) -> Row:
    """A row of nhs_clinical_data: a visit on which all is normal."""
    items = {f"alsfrs_r_subscore_{item}": 4 for item in TARGET_ITEMS if item != "5b"}
    return {
        "subject_id": subject,
        "visit_number": number,
        "clinical_group": "ALS",
        "sex_reported": "Female",
        **items,
        "alsfrs_r_subscore_5b": -5555,
        "alsfrs_r_score_total": 48,
        **changes,
    }


def write_target_als(folder: Path, rows: Sequence[Row]) -> Path:
    """Write nhs_clinical_data.csv."""
    header = (
        "subject_id,visit_number,clinical_group,als_diagnosis_revised_el_escorial,"
        "site_of_motor_onset,year_of_symptom_onset,year_of_als_diagnosis,age_in_years,"
        "sex_reported,reported_c9orf72_mutation,reported_sod1_mutation,spirometry_test_type,"
        "spirometry_test_trial_1_result_in_l,spirometry_test_trial_2_result_in_l,"
        "spirometry_test_trial_1_pcnt_predict,"
        + ",".join(f"alsfrs_r_subscore_{item}" for item in TARGET_ITEMS)
        + ",alsfrs_r_score_total"
    )
    write_form(folder / "nhs_clinical_data.csv", header, rows)
    return folder


def all_als_row(subject: object, date: object, **changes: object) -> Row:
    """A row of v_ALLALS_AS_ASSEALSFRSR: all is normal, no gastrostomy."""
    items = {f"{item}_ftorres": 4 for item in ALL_ALS_ITEMS if item != "utenwg"}
    told = {"internal_subject_id": subject, "ftdat": date, "gastro_ftorres": 2, "fttotal": 48}
    return {**told, **items, **changes}


def write_all_als(folder: Path, rows: Sequence[Row], **views: tuple[str, Sequence[Row]]) -> Path:
    """Write the view of scores, and others by name with their header."""
    items = ",".join(f"{item}_ftorres" for item in ALL_ALS_ITEMS)
    header = f"internal_subject_id,ftdat,ftadmin,ftresp,gastro_ftorres,{items},fttotal"
    write_form(folder / "v_ALLALS_AS_ASSEALSFRSR.csv", header, rows)
    for view, (names, of_view) in views.items():
        write_form(folder / f"v_ALLALS_AS_ASSE{view}.csv", names, of_view)
    return folder
