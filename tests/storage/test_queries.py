"""One database a run: each query sees its own, and one that fails leaves the rest as it was."""

from pathlib import Path

import duckdb
import pytest

from alsrev_dagster.storage.lake import Lake
from alsrev_dagster.storage.queries import connect, one_database


def test_parts_do_not_see_one_another(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    with one_database(lake), connect(lake) as one:
        one.execute("CREATE SCHEMA raw")
        one.execute("CREATE VIEW raw.sample AS SELECT 1 AS n")
        with connect(lake) as other:
            other.execute("CREATE SCHEMA raw")
            other.execute("CREATE VIEW raw.sample AS SELECT 2 AS n")
            assert other.sql("SELECT n FROM raw.sample").fetchall() == [(2,)]
        assert one.sql("SELECT n FROM raw.sample").fetchall() == [(1,)]
    assert list(lake.spill.iterdir()) == []


def fail_within(lake: Lake) -> None:
    with connect(lake) as db:
        db.begin()
        db.execute("CREATE TABLE kept (n INTEGER)")
        db.execute("SELECT * FROM nowhere")


def test_an_error_in_a_transaction_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    with one_database(lake):
        with pytest.raises(duckdb.CatalogException, match="nowhere"):
            fail_within(lake)
        with connect(lake) as db:
            names = {
                row[0] for row in db.sql("SELECT database_name FROM duckdb_databases()").fetchall()
            }
            assert len([name for name in names if name.startswith("part_")]) == 1


def test_one_within_another_is_the_same(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    with one_database(lake):
        with one_database(lake):
            (spill,) = lake.spill.iterdir()
        with connect(lake) as db:
            assert list(lake.spill.iterdir()) == [spill]
            assert db.sql("SELECT 1").fetchall() == [(1,)]
    with connect(lake) as db:
        assert db.sql("SELECT 1").fetchall() == [(1,)]
