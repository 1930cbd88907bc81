"""The SQL that README and docs/ show runs on a warehouse, if an empty one."""

import re
from pathlib import Path

import duckdb
import pytest

from alsrev_dagster.storage.lake import Lake
from alsrev_dagster.storage.warehouse import publish

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


@pytest.mark.parametrize("query", QUERIES)
def test_query_runs(
    warehouse: Path, query: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with duckdb.connect(str(warehouse), read_only=True) as db:
        db.execute(query)
