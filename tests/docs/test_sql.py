"""The SQL that README and docs/ show runs on a warehouse, if an empty one, and beside a lake."""

import re
from pathlib import Path

import duckdb
import pytest
from cyvcf2 import VCF

from alsrev_dagster.commands.ingest import ingest
from alsrev_dagster.ingest.call_filter import CallFilter
from alsrev_dagster.storage.lake import Lake
from alsrev_dagster.storage.warehouse import publish
from tests.ingest.made_vcf import DATA

ROOT = Path(__file__).parents[2]
QUERIES = [
    pytest.param(found, id=f"{page.name}-{i}")
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
    for i, found in enumerate(
        re.findall(r"^```sql\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)
    )
]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("empty")
    publish(Lake(folder / "lake"), folder / "alsrev.duckdb", {})
    return folder / "alsrev.duckdb"


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder with the lake of an ingest."""
    folder = tmp_path_factory.mktemp("beside")
    ingest([DATA / "hapmap2_ceu_igfbp7.vcf.gz"], folder / "lake", call_filter=CallFilter())
    return folder


@pytest.mark.parametrize("query", QUERIES)
def test_query_runs(
    warehouse: Path, beside: Path, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(beside)
    with duckdb.connect(str(warehouse), read_only=True) as db:
        db.execute(query)


def test_the_calls_of_a_lake_are_those_of_the_file(
    beside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (query,) = (param.values[0] for param in QUERIES if "read_parquet" in str(param.values[0]))
    monkeypatch.chdir(beside)
    found = duckdb.sql(str(query)).df().pivot(index="variant_id", columns="sample_id")["code"]
    source = VCF(str(DATA / "hapmap2_ceu_igfbp7.vcf.gz"), gts012=True)
    for record in source:
        name = f"chr4-{record.POS}-{record.REF}-{record.ALT[0]}"
        assert found.loc[name, source.samples].tolist() == record.gt_types.tolist()
