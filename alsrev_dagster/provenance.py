"""What the numbers rest on: inputs, versions, runs; as tables of the schema ``meta``."""

import json
from pathlib import Path

import pandas as pd

import alsrev_dagster
from alsrev_dagster.files import file_sha256
from alsrev_dagster.ingest.clinical_read import clinical_file_names
from alsrev_dagster.ingest.plink_files import members
from alsrev_dagster.ingest.set_files import set_file_names
from alsrev_dagster.ingest.tables import inspections
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.versions import package_versions
from alsrev_dagster.vocabulary import table


def meta_tables(work: OpenStudy, run_id: str) -> dict[str, pd.DataFrame]:
    """meta.run, meta.input, meta.table_version and meta.check as they stand now."""
    return {
        "meta.run": _frame("meta.run", [_run(work, run_id)]),
        "meta.input": _frame("meta.input", _inputs(work)),
        "meta.table_version": _frame("meta.table_version", [vars(r) for r in work.lake.receipts()]),
        "meta.check": _frame("meta.check", [vars(slip) for slip in work.lake.checks()]),
    }


def _frame(name: str, rows: list[dict[str, object]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(table(name).column_names))


def _run(work: OpenStudy, run_id: str) -> dict[str, object]:
    return {
        "run_id": run_id,
        "study": work.study.study,
        "genome_build": work.study.genome_build,
        "is_simulated": work.study.simulated,
        "study_sha256": file_sha256(work.folder.study_file),
        "alsrev_version": alsrev_dagster.__version__,
        "package_versions": json.dumps(package_versions(), sort_keys=True),
    }


def _inputs(work: OpenStudy) -> list[dict[str, object]]:
    study, root = work.study, work.folder.root
    named = clinical_file_names(work.folder, study)
    external = [study.external_frequency.file] if study.external_frequency else []
    others = [*external, *set_file_names(study)]
    clinical = [root / name for name in (*named, *others)]
    rows: list[dict[str, object]] = [
        {
            "path": str(path.relative_to(root)),
            "sha256": file_sha256(path),
            "size_bytes": path.stat().st_size,
        }
        for path in (work.folder.study_file, *clinical)
    ]
    for _, path, found in inspections(work.folder, study, work.inspector):
        size = sum(member.stat().st_size for member in members(path))
        rows.append(_row(root, path, found.sha256, size))
    if study.reference is not None:
        path = root / study.reference
        rows.append(_row(root, path, work.inspector.sha256(path), path.stat().st_size))
    return rows


def _row(root: Path, path: Path, sha256: str, size: int) -> dict[str, object]:
    return {"path": str(path.relative_to(root)), "sha256": sha256, "size_bytes": size}
