"""What an importer did is told by reason in the graph, and row by row in its table alone."""

from pathlib import Path

import dagster as dg

from alsrev_dagster.graph.checks import checks_of
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.resources import StudyResource
from alsrev_dagster.study import StudyFolder
from assets import sources
from tests.builders import PARTICIPANTS
from tests.ingest.test_clinical_study import write_resource_study

REASON = "refused: a visit without its day"


def made(folder: StudyFolder) -> dg.ExecuteInProcessResult:
    """Make raw.clinical_note alone, and ask its check."""
    study = StudyResource(study_folder=str(folder.root))
    nodes = [sources.clinical_note, checks_of("raw.clinical_note")]
    with dg.DagsterInstance.ephemeral() as instance:
        return dg.materialize(nodes, resources={"study": study}, instance=instance)


def test_counts_by_reason_are_metadata_and_the_check_says_them(tmp_path: Path) -> None:
    folder = write_resource_study(tmp_path)
    result = made(folder)
    (event,) = result.asset_materializations_for_node("raw__clinical_note")
    assert event.metadata[REASON].value == 1
    checks = {check.check_name: check for check in result.get_asset_check_evaluations()}
    check = checks["everything_was_taken_as_written"]
    assert not check.passed
    assert not check.blocking
    assert check.description == (
        f"1 of 1 notes are of something refused or flagged (expected 0): 1 {REASON}"
    )
    assert check.metadata["refused"].value == 1
    note = OpenStudy(folder).lake.frame("raw.clinical_note")
    assert note[["source_file", "source_line"]].to_numpy().tolist() == [
        ["clinical/PROACT_ALSFRS.csv", 18]
    ]


def test_nobody_is_named_in_what_is_told(tmp_path: Path) -> None:
    result = made(write_resource_study(tmp_path))
    told = " ".join(str(event) for event in result.all_events)
    assert not any(name in told for name in PARTICIPANTS)
    assert "PROACT_ALSFRS" not in told
