"""PRO-ACT's long export, as the DREAM challenges had it, and what is no PRO-ACT."""

from pathlib import Path

import pytest

from tests.ingest.made_proact import (
    HEADERS,
    SHARED,
    imported,
    looked_at,
    notes_of,
    visit,
    write_form,
    write_proact,
)

HEADER = "SubjectID|form_name|feature_name|feature_value|feature_unit|feature_delta"
R_ITEMS = ("R1_Dyspnea", "R2_Orthopnea", "R3_Respiratory_Insufficiency")
FILE = "clinical/all_forms_PROACT_training.txt"


def scores(subject: int, day: int, **changes: object) -> list[str]:
    told = {**SHARED, **dict.fromkeys(R_ITEMS, 4), "Q5_Cutting": 4, "ALSFRS_R_Total": 48, **changes}
    return [f"{subject}|ALSFRS|{n}|{v}||{day}" for n, v in told.items() if v != ""]


def write_long(folder: Path, lines: list[str], name: str = "all_forms_PROACT_training.txt") -> Path:
    (folder / name).write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    return folder


def test_features_become_a_row_a_day(tmp_path: Path) -> None:
    found = imported(
        write_long(tmp_path, [*scores(1, 0), *scores(1, 30, Q1_Speech=3, ALSFRS_R_Total=47)])
    )
    assert found.visit["day"].tolist() == [0, 30]
    assert found.visit["q1"].tolist() == [4, 3]
    assert found.visit["alsfrsr_total"].tolist() == [48, 47]
    assert found.visit["source_line"].tolist() == [2, 2 + len(scores(1, 0))]
    assert notes_of(found) == []


def test_people_and_measurements_are_read_too(tmp_path: Path) -> None:
    lines = [
        *scores(1, 0),
        "1|Demographic|Age|60||0",
        "1|Demographic|Gender|M||0",
        "1|ALSHX|onset_delta|-500||",
        "1|ALSHX|diag_delta|-100||",
        "1|ALSHX|onset_site|Limb and Bulbar||",
        "1|FVC|fvc|3.1|L|7",
        "1|FVC|fvc_percent|77|%|7",
        "1|Vitals|weight|70|Kilograms|0",
        "1|Lab Test|CK|90|U/L|14",
        "1|Riluzole|status_of_use|Yes||88",
    ]
    found = imported(write_long(tmp_path, lines))
    row = found.participant.iloc[0]
    assert (row["sex"], row["onset_day"], row["diagnosis_day"]) == ("male", -500, -100)
    assert row["onset_site"] == "limb and bulbar"
    assert row["last_contact_day"] == 88
    assert row["age_at_onset_years"] == pytest.approx(60 - 500 / 365.25)
    made = {r.analyte: (r.value, r.unit) for r in found.biomarker.itertuples()}
    assert made == {
        "FVC": (3.1, "L"), "FVC percent predicted": (77, "%"), "weight": (70, "kg"), "ck": (90, "U/L"),
    }  # fmt: skip
    assert notes_of(found) == []


def test_a_line_given_twice_is_merged_and_one_that_differs_refused(tmp_path: Path) -> None:
    again = scores(1, 0)[0]
    other = "2|ALSFRS|Q1_Speech|1||0"
    found = imported(write_long(tmp_path, [*scores(1, 0), again, *scores(2, 0), other]))
    assert found.visit["participant_id"].tolist() == ["1"]
    n = len(scores(1, 0))
    assert notes_of(found) == [
        (FILE, 2 + n, None, "repaired", "a line repeated whole: merged"),
        (FILE, 3 + n, None, "refused", "rows of one day with different scores: none is used"),
        (FILE, 3 + 2 * n, None, "refused", "rows of one day with different scores: none is used"),
    ]


def test_item_5_without_its_scale_is_not_used(tmp_path: Path) -> None:
    lines = scores(1, 0, Q5a_Cutting_without_Gastrostomy="", ALSFRS_R_Total="")
    found = imported(write_long(tmp_path, lines))
    assert found.visit[["q5a", "q5b"]].isna().all(axis=None)
    reason = "item 5 without saying on which of its two scales: not used"
    assert notes_of(found) == [(FILE, 2, "Q5_Cutting", "refused", reason)]


def test_several_long_files_are_one(tmp_path: Path) -> None:
    write_long(tmp_path, scores(1, 0))
    write_long(tmp_path, scores(2, 0), "all_forms_PROACT_validation.txt")
    assert imported(tmp_path).visit["participant_id"].tolist() == ["1", "2"]


def test_the_same_form_of_two_releases_is_a_problem(tmp_path: Path) -> None:
    write_form(write_proact(tmp_path) / "alsfrs.csv", HEADERS["ALSFRS"], [visit(1, 0)])
    (problem,) = looked_at(tmp_path).problems
    assert str(problem) == (
        "clinical/alsfrs.csv: found the same form as clinical/PROACT_ALSFRS.csv; expected each form "
        "once; remove the one of the older release"
    )


def test_a_folder_without_scores_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (problem,) = looked_at(tmp_path).problems
    assert str(problem) == (
        "clinical: found no file of ALSFRS scores; expected the files of PRO-ACT, such as "
        "PROACT_ALSFRS.csv, alsfrs.csv or all_forms_PROACT.txt; download All Forms of PRO-ACT, and "
        "name the folder they are in"
    )


@pytest.mark.parametrize("is_file", [True, False])
def test_a_folder_that_is_none_is_a_problem(tmp_path: Path, is_file: bool) -> None:
    if is_file:
        (tmp_path / "file").write_text("", encoding="utf-8")
    (problem,) = looked_at(tmp_path / ("file" if is_file else "nowhere")).problems
    assert problem.found == ("a file" if is_file else "no such folder")
    assert problem.fix == "mend clinical.folder in study.yaml (relative to the study's folder)"


def test_a_column_that_is_missing_is_a_problem(tmp_path: Path) -> None:
    write_form(tmp_path / "PROACT_ALSFRS.csv", "subject_id,Q1_Speech,Q9_Climbing_Stairs", [])
    (problem,) = looked_at(tmp_path).problems
    assert str(problem) == (
        "clinical/PROACT_ALSFRS.csv, header: found no column alsfrsdelta; expected the columns of "
        "PRO-ACT's alsfrs (case and underscores do not matter); take the file as it was downloaded"
    )


def test_a_column_twice_is_a_problem(tmp_path: Path) -> None:
    write_form(tmp_path / "PROACT_ALSFRS.csv", HEADERS["ALSFRS"] + ",Q1_SPEECH", [])
    (problem,) = looked_at(tmp_path).problems
    assert problem.found == "column Q1_SPEECH a second time"


def test_what_is_no_text_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "PROACT_ALSFRS.csv").write_bytes(b"subject_id\n\xff\n")
    (problem,) = looked_at(tmp_path).problems
    assert str(problem) == (
        "clinical/PROACT_ALSFRS.csv, line 2: found a byte that is not UTF-8; expected a CSV file; "
        "save the file as UTF-8"
    )


def test_a_quotation_that_never_ends_is_a_problem(tmp_path: Path) -> None:
    path = write_proact(tmp_path) / "PROACT_DEATHDATA.csv"
    path.write_text('subject_id,Subject_Died,Death_Days\n1,"Yes,30\n', encoding="utf-8")
    (problem,) = looked_at(tmp_path).problems
    assert str(problem) == (
        "clinical/PROACT_DEATHDATA.csv: found quotation marks that do not pair; expected a table "
        "whose quotations end; take the file as it was downloaded"
    )


def test_an_empty_file_is_a_problem(tmp_path: Path) -> None:
    (write_proact(tmp_path) / "PROACT_DEATHDATA.csv").write_text("", encoding="utf-8")
    (problem,) = looked_at(tmp_path).problems
    assert str(problem) == (
        "clinical/PROACT_DEATHDATA.csv: found no header line; expected a header and rows; take the "
        "file as it was downloaded"
    )


def test_a_quotation_mark_between_bars_is_a_character(tmp_path: Path) -> None:
    line = '1|FamilyHx|Other_Specify|5" scar||0'
    found = imported(write_long(tmp_path, [line, *scores(1, 0)]))
    assert found.visit["source_line"].tolist() == [3]


def test_files_that_are_not_read_are_named(tmp_path: Path) -> None:
    (write_proact(tmp_path) / "notes.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert imported(tmp_path).left_out == {
        "clinical/notes.csv": "the whole file: no form of PRO-ACT that is read"
    }
