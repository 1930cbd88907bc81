"""People read the DuckDB file while it is made, and find in it what its comments say."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cyvcf2
import duckdb
import numpy as np
import pytest

from alsrev_dagster.storage.warehouse import columns_in_warehouse, read_only
from alsrev_dagster.study import StudyFolder
from alsrev_dagster.vocabulary import TABLES
from tests.graph.at_work import Made, run_here, sha256_of
from tests.graph.test_staleness import edit

OF_AN_EXTERNAL_TABLE = {
    "raw.external_allele",
    "result.external_frequency",
    "raw.summary_statistic",
    "result.lead_external",
}
"""Tables without rows where a study names no file of others, as the example does."""

OF_AN_IMPORTER = "raw.clinical_note"
"""The table without rows where the clinical files are the project's own CSV."""

READER = """
import sys, duckdb
db = duckdb.connect(sys.argv[1], read_only=True)
question = "SELECT max(day) FROM raw.visit WHERE participant_id = 'personA'"
for line in sys.stdin:
    print(db.execute(question).fetchone()[0], flush=True)
"""


@pytest.fixture
def reader(tiny: StudyFolder) -> Iterator["subprocess.Popen[str]"]:
    """Another process that holds the file open; it answers a line with the last day of A."""
    with subprocess.Popen(
        [sys.executable, "-c", READER, str(tiny.warehouse)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


def ask(process: "subprocess.Popen[str]") -> int:
    """Return what the reader sees now."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("?\n")
    process.stdin.flush()
    return int(process.stdout.readline())


def last_day(folder: StudyFolder) -> int:
    """Return what a new connection sees."""
    with read_only(folder.warehouse) as db:
        row = db.execute(
            "SELECT max(day) FROM raw.visit WHERE participant_id = 'personA'"
        ).fetchone()
    assert row is not None
    return int(row[0])


def test_reader_keeps_its_file_and_does_not_stop_a_run(
    tiny: StudyFolder, reader: "subprocess.Popen[str]"
) -> None:
    assert ask(reader) == 720
    edit(tiny.root / "visits.csv", "personA,720,", "personA,719,")
    assert run_here(tiny).made
    assert reader.poll() is None
    assert ask(reader) == 720
    assert last_day(tiny) == 719


@pytest.fixture(scope="module")
def warehouse(example: Made) -> Iterator[duckdb.DuckDBPyConnection]:
    """The example's DuckDB file, as people open it."""
    with read_only(example.folder.warehouse) as db:
        yield db


def test_schemas_are_raw_core_result_and_meta(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = warehouse.execute(
        "SELECT DISTINCT schema_name FROM duckdb_tables() WHERE NOT internal"
    ).fetchall()
    assert {name for (name,) in rows} == {"raw", "core", "result", "meta"}


def test_tables_are_those_of_the_vocabulary_with_their_grain(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    rows = warehouse.execute(
        "SELECT schema_name || '.' || table_name, comment FROM duckdb_tables()"
    ).fetchall()
    assert {name for name, _ in rows} == set(TABLES)
    for name, comment in rows:
        assert comment.startswith(f"One row per {TABLES[name].grain}. Key: ")


def test_every_column_has_its_type_and_its_comment(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = warehouse.execute(
        "SELECT schema_name || '.' || table_name, column_name, data_type, comment, is_nullable "
        "FROM duckdb_columns() WHERE NOT internal ORDER BY ALL"
    ).fetchall()
    found = {(table, column): rest for table, column, *rest in rows}
    types = {"TEXT": "VARCHAR"}
    expected = {
        (spec.name, column.name): [
            types.get(column.type, column.type),
            column.comment,
            column.name in spec.nullable,
        ]
        for spec in TABLES.values()
        for column in columns_in_warehouse(spec)
    }
    assert found == expected
    assert all(comment for _, comment, _ in found.values())


def test_no_table_of_the_example_is_empty(warehouse: duckdb.DuckDBPyConnection) -> None:
    empty = [
        name
        for name in TABLES
        if warehouse.execute(f"SELECT count(*) FROM {name}").fetchone() == (0,)
    ]
    assert set(empty) <= {"core.kinship", OF_AN_IMPORTER, *OF_AN_EXTERNAL_TABLE}


@pytest.mark.parametrize("chromosome", ["chr4", "chr22"])
def test_packed_genotypes_are_the_calls_that_cyvcf2_reads(
    example: Made, warehouse: duckdb.DuckDBPyConnection, chromosome: str
) -> None:
    path = example.folder.root / "genotypes" / f"joint.{chromosome}.vcf.gz"
    vcf = cyvcf2.VCF(str(path), gts012=True)
    records = list(vcf)
    chosen = [records[i] for i in np.linspace(0, len(records) - 1, 7, dtype=int)]
    for record in chosen:
        variant_id = f"{record.CHROM}-{record.POS}-{record.REF}-{record.ALT[0]}"
        rows = warehouse.execute(
            "SELECT sample_id, dosage FROM genotype_of(?)", [variant_id]
        ).fetchall()
        calls = [None if g == 3 else int(g) for g in record.gt_types]
        assert rows == list(zip(vcf.samples, calls, strict=True)), variant_id


def test_missing_call_has_no_dosage(made_tiny: Made) -> None:
    with read_only(made_tiny.folder.warehouse) as db:
        rows = db.execute("SELECT dosage FROM genotype_of('chr4-57140000-T-TA')").fetchall()
        direct = db.execute(
            "SELECT dosage(packed, 1), dosage(packed, 5) FROM raw.genotype "
            "WHERE variant_id = 'chr4-57140000-T-TA'"
        ).fetchone()
    assert [dosage for (dosage,) in rows] == [1, None, 0, 0, 0, 1, 0, 0]
    assert direct == (None, 1)


def test_every_result_row_names_the_run_that_made_it(
    example: Made, warehouse: duckdb.DuckDBPyConnection
) -> None:
    known = warehouse.execute("SELECT table_name, run_id FROM meta.table_version").fetchall()
    results = {name for name in TABLES if name.startswith("result.")} - OF_AN_EXTERNAL_TABLE
    for name in results:
        rows = warehouse.execute(f"SELECT DISTINCT run_id FROM {name}").fetchall()
        assert rows, name
        assert {(name, run) for (run,) in rows} <= set(known)
    (published,) = warehouse.execute("SELECT run_id FROM meta.run").fetchall()
    assert published[0] in {run for _, run in known}


def test_input_hashes_are_those_of_the_files(
    example: Made, warehouse: duckdb.DuckDBPyConnection
) -> None:
    rows = warehouse.execute("SELECT path, sha256, size_bytes FROM meta.input").fetchall()
    root = example.folder.root
    named = {"study.yaml", "samples.csv", "participants.csv", "visits.csv", "biomarkers.csv"}
    named |= {"igf1_axis.gmt"}
    files = {f"genotypes/{path.name}" for path in (root / "genotypes").glob("*.vcf.gz")}
    assert {path for path, _, _ in rows} == named | files
    for path, sha256, size in rows:
        assert sha256 == sha256_of(root / path)
        assert size == (root / path).stat().st_size


def test_input_hash_is_what_sha256sum_prints(example: Made) -> None:
    told = subprocess.run(
        ["sha256sum", "visits.csv"],
        cwd=example.folder.root,
        capture_output=True,
        text=True,
        check=True,
    )
    with read_only(example.folder.warehouse) as db:
        row = db.execute("SELECT sha256 FROM meta.input WHERE path = 'visits.csv'").fetchone()
    assert row == (told.stdout.split()[0],)


def test_versions_say_how_many_rows_each_table_has(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    rows = warehouse.execute(
        "SELECT table_name, sum(n_row) FROM meta.table_version "
        "WHERE table_name LIKE '%.%' GROUP BY table_name"
    ).fetchall()
    assert len(rows) == len([name for name in TABLES if not name.startswith("meta.")])
    for name, n_row in rows:
        assert warehouse.execute(f"SELECT count(*) FROM {name}").fetchone() == (n_row,), name


def test_file_is_of_the_format_that_older_duckdb_reads(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    rows = warehouse.execute("SELECT database_name, tags FROM duckdb_databases()").fetchall()
    tags = {name: str(tag) for name, tag in rows}["alsrev"]
    assert re.search(r"v1\.4\.0", tags)


def test_file_has_no_path_of_the_machine_that_made_it(example: Made) -> None:
    home = str(Path(example.folder.root).parent).encode()
    assert home not in example.folder.warehouse.read_bytes()
