"""Cells that missing_codes make NULL are counted where people look."""

import json
from pathlib import Path

import dagster as dg

from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.study import StudyFolder
from tests.builders import write_study
from tests.commands.test_cli import alsrev
from tests.graph.at_work import run_here

EXPECTED = {"sample": 0, "participant": 1, "visit": 2, "biomarker": 0}
TOLD = (
    "cells read as missing, by missing_codes: 0 of samples.csv, 1 of participants.csv, "
    "2 of visits.csv, 0 of biomarkers.csv\n"
)


def coded(folder: Path, **settings: object) -> StudyFolder:
    """The tiny study with three cells of -9999."""
    replace = {"participants.csv": [("personA,male,50.5", "personA,male,-9999")]}
    study = write_study(folder, missing_codes=["-9999"], replace=replace, **settings)  # type: ignore[arg-type]
    path = study.root / "visits.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    for index in (1, 2):
        cells = lines[index].split(",")
        lines[index] = ",".join([*cells[:2], "-9999", *cells[3:-1], ""])
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return study


def test_validate_counts_them_by_table(tmp_path: Path) -> None:
    told = alsrev("validate", coded(tmp_path).root)
    assert (told.exit_code, told.stdout) == (0, f"no problem found\n{TOLD}")
    found = json.loads(alsrev("validate", tmp_path, "--json").stdout)
    assert found == {"problems": [], "n_missing_code": EXPECTED}


def test_validate_counts_them_beside_problems_too(tmp_path: Path) -> None:
    told = alsrev("validate", coded(tmp_path, genome_build="GRCh37").root)
    assert told.exit_code == 1
    assert told.stdout == TOLD


def test_a_file_that_a_study_does_not_have_is_not_counted(tmp_path: Path) -> None:
    told = alsrev("validate", coded(tmp_path, biomarkers=None).root)
    assert told.stdout.endswith("2 of visits.csv\n")


def test_the_raw_tables_have_the_count_in_their_metadata(tmp_path: Path) -> None:
    study = coded(tmp_path)
    run_here(study, *(f"raw.{name}" for name in EXPECTED))
    receipts = {r.table_name: r.counts for r in OpenStudy(study).lake.receipts()}
    with dg.DagsterInstance.from_config(str(study.dagster_home)) as instance:
        for name, n in EXPECTED.items():
            assert receipts[f"raw.{name}"]["n_missing_code"] == n
            event = instance.get_latest_materialization_event(dg.AssetKey(["raw", name]))
            assert event is not None
            assert event.asset_materialization is not None
            assert event.asset_materialization.metadata["n_missing_code"].value == n
