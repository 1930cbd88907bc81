"""A study whose clinical tables are the files of a public resource."""

from pathlib import Path

import pytest

from alsrev_dagster.ingest.clinical_read import clinical_file_names
from alsrev_dagster.ingest.study_file import read_study
from alsrev_dagster.ingest.validate import Validation, validate
from alsrev_dagster.study import StudyFolder
from tests.builders import PARTICIPANTS, write_study
from tests.ingest.made_proact import visit, write_proact
from tests.ingest.told_problems import told

OWN = ("participants.csv", "visits.csv", "biomarkers.csv")
PROACT = {"format": "proact", "folder": "clinical"}


def write_resource_study(folder: Path, people: tuple[str, ...] = PARTICIPANTS) -> StudyFolder:
    """The tiny study with PRO-ACT's files in place of its own tables; one visit is refused."""
    rows = [visit(who, day) for who in people for day in (0, 100)]
    write_proact(folder / "clinical", ALSFRS=[*rows, visit(people[0], "")])
    return write_study(
        folder, files=dict.fromkeys(OWN), clinical=PROACT, **dict.fromkeys(("participants", "visits", "biomarkers"), ...)
    )  # fmt: skip


def validated(tmp_path: Path) -> Validation:
    return validate(write_resource_study(tmp_path))


def test_it_is_sound_and_says_what_was_done(tmp_path: Path) -> None:
    found = validated(tmp_path)
    assert found.problems == ()
    assert len(found.frames["visit"]) == 2 * len(PARTICIPANTS)
    assert found.frames["participant"]["participant_id"].tolist() == sorted(PARTICIPANTS)
    assert found.told_notes() == "1 refused: a visit without its day\n"
    assert found.notes_as_json() == {"n_note": {"refused: a visit without its day": 1}}


def test_tables_of_ones_own_have_no_notes(tmp_path: Path) -> None:
    found = validate(write_study(tmp_path))
    assert (found.told_notes(), found.notes_as_json(), len(found.note)) == ("", {}, 0)


def test_every_file_of_the_folder_is_an_input(tmp_path: Path) -> None:
    folder = write_resource_study(tmp_path)
    names = clinical_file_names(folder, read_study(folder))
    assert names == ["samples.csv", "clinical/PROACT_ALSFRS.csv"]


def test_a_sample_of_nobody_in_the_folder_is_a_problem(tmp_path: Path) -> None:
    folder = write_resource_study(tmp_path, people=PARTICIPANTS[:-1])
    (problem,) = validate(folder).problems
    assert str(problem) == (
        "samples.csv, line 9, column participant_id: found a participant who is in no row of "
        "clinical; expected every participant in the table of participants; add the participant to "
        "clinical, or mend the spelling"
    )


def test_what_is_wrong_with_the_folder_is_told_by_itself(tmp_path: Path) -> None:
    folder = write_resource_study(tmp_path)
    (tmp_path / "clinical" / "PROACT_ALSFRS.csv").unlink()
    (problem,) = validate(folder).problems
    assert problem.where == "clinical"
    assert problem.found == "no file of ALSFRS scores"


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({"clinical": PROACT}, "participants beside clinical"),
        ({"clinical": PROACT, "participants": ..., "visits": ...}, "biomarkers beside clinical"),
        ({"visits": ...}, "no key visits, and no key clinical in its place"),
        ({"participants": ...}, "no key participants, and no key clinical in its place"),
    ],
)
def test_the_tables_are_named_one_way(
    tmp_path: Path, settings: dict[str, object], found: str
) -> None:
    assert told(tmp_path, **settings) == [
        f"study.yaml, line 1: found {found}; expected participants and visits, or clinical in place "
        "of both and of biomarkers; name your own tables, or the format and folder of a resource, "
        "not both"
    ]


NO_OWN: dict[str, object] = {"participants": ..., "visits": ..., "biomarkers": ...}


@pytest.mark.parametrize(
    ("clinical", "message"),
    [
        ({"format": "redcap", "folder": "clinical"},
         "key clinical.format: found 'redcap'; expected 'proact', 'target_als' or 'all_als'"),
        ({"format": "proact"}, "key clinical: found no key folder"),
        ({"format": "proact", "folder": "../clinical"}, "key clinical.folder: found '../clinical'; expected"),
        ({**PROACT, "visit_days": {1: 0, 2: 90, 3: 60}}, "found visit_days that do not rise with the number"),
        ({**PROACT, "visit_days": {1: 5}}, "found visit_days with visit 1 on another day than 0"),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_are_told(
    tmp_path: Path, clinical: dict[str, object], message: str
) -> None:
    assert any(message in line for line in told(tmp_path, clinical=clinical, **NO_OWN))
