"""The warehouse: one DuckDB file for people to read, built beside the old and renamed over it.

A reader keeps the file it opened; nobody waits for anybody. The file can be opened by
DuckDB 1.4 and later.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.files import replacing, scratch
from alsrev_dagster.storage.lake import Lake
from alsrev_dagster.storage.queries import FIRST_MACROS, attached, connect, query, query_names
from alsrev_dagster.storage.receipt import Receipt
from alsrev_dagster.storage.schema import arrow_table, frame_of
from alsrev_dagster.vocabulary import COLUMNS, TABLES, Column, Table

if TYPE_CHECKING:  # brought only where frames are: publishing a lake starts without it
    import pandas as pd

_STORAGE_VERSION = "v1.4.0"
_SHUT_OFF = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "enable_external_access": False,
    "lock_configuration": True,
}


def columns_in_warehouse(spec: Table) -> tuple[Column, ...]:
    """Columns of a table as people read it: every result row carries the run behind it."""
    is_result = spec.name.startswith("result.")
    return (*spec.columns, COLUMNS["run_id"]) if is_result else spec.columns


def words() -> list[str]:
    """What the file says besides its rows, comments and macros: an edit makes it another file."""
    names = dict.fromkeys((*FIRST_MACROS, *query_names("macro")))
    return [*(t.meaning for t in TABLES.values()), COLUMNS["run_id"].comment, *map(query, names)]


def publish(lake: Lake, path: Path, meta: "Mapping[str, pd.DataFrame]") -> dict[str, int]:
    """Build the warehouse from the lake and the ``meta`` tables; return rows by table."""
    with replacing(path) as temporary:
        temporary.unlink()  # DuckDB makes its own file
        out = f"'{_quoted(temporary)}' AS out (STORAGE_VERSION '{_STORAGE_VERSION}')"
        with connect(lake) as db, attached(db, out, "out"):
            n_row = _filled(db, lake, meta)
    return n_row


def _filled(
    db: duckdb.DuckDBPyConnection, lake: Lake, meta: "Mapping[str, pd.DataFrame]"
) -> dict[str, int]:
    """Make the tables, rows and macros of the attached file; return rows by table."""
    db.begin()  # one write of them all, not one for each comment
    for spec in TABLES.values():
        _create(db, spec)
    db.commit()
    receipts = lake.receipts()
    n_row = {spec.name: _fill(db, lake, spec, receipts, meta) for spec in TABLES.values()}
    for macro in dict.fromkeys((*FIRST_MACROS, *query_names("macro"))):
        db.execute(query(macro))
    return n_row


def _create(db: duckdb.DuckDBPyConnection, spec: Table) -> None:
    """Make one table with its comments."""
    columns = columns_in_warehouse(spec)
    typed = ", ".join(
        f'"{c.name}" {c.type}{"" if c.name in spec.nullable else " NOT NULL"}' for c in columns
    )
    db.execute(f"CREATE SCHEMA IF NOT EXISTS {spec.name.partition('.')[0]}")
    db.execute(f"CREATE TABLE {spec.name} ({typed})")
    grain = _literal(f"One row per {spec.grain}. Key: {', '.join(spec.key)}.")
    db.execute(f"COMMENT ON TABLE {spec.name} IS {grain}")
    for column in columns:
        comment = _literal(column.comment)
        db.execute(f'COMMENT ON COLUMN {spec.name}."{column.name}" IS {comment}')


def _fill(
    db: duckdb.DuckDBPyConnection,
    lake: Lake,
    spec: Table,
    receipts: Iterable[Receipt],
    meta: "Mapping[str, pd.DataFrame]",
) -> int:
    """Put the rows of one table; return their number."""
    if spec.name in meta:
        db.register("rows_of_meta", arrow_table(spec, meta[spec.name]))
        db.execute(f"INSERT INTO {spec.name} SELECT * FROM rows_of_meta")  # noqa: S608
        db.unregister("rows_of_meta")
    else:
        for receipt in (r for r in receipts if r.table_name == spec.name):
            _insert(db, lake, spec, receipt)
    ((n_row,),) = db.execute(f"SELECT count(*) FROM {spec.name}").fetchall()  # noqa: S608
    return int(n_row)


def _insert(db: duckdb.DuckDBPyConnection, lake: Lake, spec: Table, receipt: Receipt) -> None:
    files = [str(path) for path in lake.files(spec.name, receipt.partition)]
    if not files:
        return
    names = ", ".join(f'"{name}"' for name in spec.column_names)
    run = ", $run_id AS run_id" if len(columns_in_warehouse(spec)) > len(spec.columns) else ""
    values: dict[str, object] = {"files": files}
    if run:
        values["run_id"] = receipt.run_id
    db.execute(f"INSERT INTO {spec.name} SELECT {names}{run} FROM read_parquet($files)", values)  # noqa: S608


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def n_table_that_differs(lake: Lake, path: Path) -> int:
    """Tables of the file with another number of rows than the lake, or without comments."""
    n_row = Counter[str]()
    for receipt in lake.receipts():
        n_row[receipt.table_name] += receipt.n_row
    with read_only(path) as db:
        commented = "SELECT count(*) FROM duckdb_columns() WHERE comment IS NULL AND NOT internal"
        found = db.execute(commented).fetchone()
        n_differ = int(found[0]) if found else 0
        for name in (name for name in TABLES if not name.startswith("meta.")):
            row = db.execute(f"SELECT count(*) FROM {name}").fetchone()  # noqa: S608
            n_differ += row is None or row[0] != n_row[name]
    return n_differ


@contextmanager
def read_only(path: Path, lake: Lake | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse for reading, shut off from files and network.

    What memory cannot hold is spilled below the lake, or refused without one.
    """
    with ExitStack() as stack:
        spill = str(stack.enter_context(scratch(lake.spill))) if lake else ""
        config: dict[str, str | bool | int | float | list[str]] = {"temp_directory": spill}
        try:
            db = stack.enter_context(duckdb.connect(str(path), read_only=True, config=config))
        except duckdb.Error as error:
            raise InputDataError(
                f"{path.name}: found a file that DuckDB cannot open ({_first_line(error)}); "
                "expected the one that 'alsrev run' writes, and nobody writing to it; close what "
                "has it open, or delete it and run 'alsrev run STUDY'"
            ) from error
        _shut_off(db)
        yield db


def _shut_off(db: duckdb.DuckDBPyConnection) -> None:
    """Shut a connection off, unless another one of this process to the same file did so.

    The place of the spill cannot be given after this: it is not in the first settings.
    """
    found = db.execute("SELECT current_setting('lock_configuration')").fetchone()
    if found is not None and not found[0]:
        for name, value in _SHUT_OFF.items():
            db.execute(f"SET {name} = {value}")


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def tables(path: Path, names: Iterable[str]) -> "dict[str, pd.DataFrame]":
    """Read some tables of the warehouse whole, typed as the lake's are."""
    with read_only(path) as db:
        try:
            return {name: frame_of(db.sql(f"FROM {name}").to_arrow_table()) for name in names}
        except duckdb.Error as error:
            raise InputDataError(
                f"{path.name}: found tables that cannot be read ({_first_line(error)}); expected "
                "those that this version of alsrev writes; run 'alsrev run STUDY'"
            ) from error
