"""Somebody who leaves the study: excluded, the data stay; removed from the inputs, they go."""

from pathlib import Path

import duckdb
import pytest

from alsrev_dagster.study import StudyFolder
from tests.builders import (
    RECORDS,
    SAMPLES,
    VCF,
    biomarkers_text,
    participants_text,
    samples_text,
    study_text,
    vcf_text,
    visits_text,
)
from tests.graph.at_work import run_here

GONE = ("vialH", "personH")


def without(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not any(g in line for g in GONE)) + "\n"


def tables_with(folder: StudyFolder) -> set[str]:
    """Tables of the DuckDB file in which the one who left still stands."""
    with duckdb.connect(str(folder.warehouse), read_only=True) as db:
        held = db.execute(
            "SELECT schema_name || '.' || table_name, column_name FROM duckdb_columns()"
            " WHERE column_name IN ('sample_id', 'participant_id') AND schema_name <> 'main'"
        ).fetchall()
        return {
            name
            for name, column in held
            if db.execute(f"SELECT 1 FROM {name} WHERE {column} IN {GONE} LIMIT 1").fetchall()
        }


def names_in_files(folder: Path) -> list[Path]:
    """Files, not packed, in which a name can be read."""
    held = [path for path in folder.rglob("*") if path.is_file()]
    return [path for path in held if any(g.encode() in path.read_bytes() for g in GONE)]


@pytest.fixture
def rid(tiny: StudyFolder) -> StudyFolder:
    """The tiny study, run with everybody, and again without one person in its inputs."""
    texts = {
        "samples.csv": without(samples_text()),
        "participants.csv": without(participants_text()),
        "visits.csv": without(visits_text()),
        "biomarkers.csv": without(biomarkers_text()),
        VCF: vcf_text([record.rpartition(" ")[0] for record in RECORDS], SAMPLES[:-1]),
    }
    assert tables_with(tiny) >= {"raw.sample", "raw.visit", "core.sample_qc", "core.carrier"}
    for name, text in texts.items():
        (tiny.root / name).write_text(text, encoding="utf-8")
    assert run_here(tiny).made
    return tiny


def test_who_is_removed_from_the_inputs_is_nowhere_after_the_next_run(rid: StudyFolder) -> None:
    assert tables_with(rid) == set()
    assert names_in_files(rid.root) == []
    with duckdb.connect(str(rid.warehouse), read_only=True) as db:
        packed = db.execute("SELECT max(octet_length(packed)) FROM raw.genotype").fetchone()
    assert packed == (2,)  # seven samples, four to a byte


def test_who_is_excluded_is_still_in_the_tables(tiny: StudyFolder) -> None:
    exclude = [{"samples": ["vialH"], "reason": "sequenced again"}]
    tiny.study_file.write_text(study_text(exclude=exclude), encoding="utf-8")
    assert run_here(tiny, "warehouse").made
    still = {"raw.sample", "raw.callset_sample", "raw.visit", "core.analysis_set", "core.alsfrsr"}
    assert tables_with(tiny) >= still
