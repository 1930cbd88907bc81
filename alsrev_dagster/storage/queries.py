"""The SQL files, and running one over the lake."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import duckdb
import pyarrow as pa

from alsrev_dagster.files import scratch
from alsrev_dagster.storage.lake import Lake
from alsrev_dagster.storage.schema import cast, frame_of
from alsrev_dagster.vocabulary import table

if TYPE_CHECKING:  # brought only where frames are: publishing a lake starts without it
    import pandas as pd

_PACKAGE = Path(__file__).resolve().parents[1]
_CANDIDATES = (_PACKAGE.parent / "sql", _PACKAGE / "sql")
FIRST_MACROS = ("macro/genotype_code", "macro/dosage")
"""Macros that queries and other macros call, in the order they are made."""


@cache
def sql_root() -> Path:
    """The folder of SQL files: the checkout's, or the installed wheel's."""
    for root in _CANDIDATES:
        if (root / "macro").is_dir():
            return root
    raise FileNotFoundError(
        f"folder sql/ is at none of {[str(root) for root in _CANDIDATES]}: expected the SQL "
        "files beside the package or in it; install alsrev again"
    )


@cache
def query(name: str) -> str:
    """Return the text of ``sql/<name>.sql``."""
    path = sql_root() / f"{name}.sql"
    if path.is_file():
        return path.read_text(encoding="utf-8")
    raise FileNotFoundError(
        f"query {name!r} is not in {sql_root().name}/: expected a file {name}.sql; names are "
        "relative to sql/ and have no suffix"
    )


def query_names(folder: str) -> list[str]:
    """Names of the queries of one folder of ``sql/``, sorted."""
    return sorted(f"{folder}/{path.stem}" for path in (sql_root() / folder).glob("*.sql"))


_SHARED: dict[Path, duckdb.DuckDBPyConnection] = {}
"""Databases that serve every connection to a lake, by its folder."""


@contextmanager
def connect(lake: Lake) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory DuckDB, empty, that fetches nothing from anywhere.

    What memory cannot hold it spills below the lake: left to itself it takes the caller's folder.
    """
    shared = _SHARED.get(lake.root)
    with _opened(lake) if shared is None else _part_of(shared) as db:
        yield db


@contextmanager
def one_database(lake: Lake) -> Iterator[None]:
    """Make every connection to a lake, as long as this lasts, a part of one database: to open one
    of its own takes longer than most queries.
    """
    with ExitStack() as stack:
        if lake.root not in _SHARED:
            _SHARED[lake.root] = stack.enter_context(_opened(lake))
            stack.callback(_SHARED.pop, lake.root)
        yield


@contextmanager
def _opened(lake: Lake) -> Iterator[duckdb.DuckDBPyConnection]:
    with scratch(lake.spill) as spill:
        config: dict[str, str | bool | int | float | list[str]] = {
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "temp_directory": str(spill),
        }
        with duckdb.connect(config=config) as db:
            yield db


@contextmanager
def _part_of(shared: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection whose schemas, views and macros are its own."""
    name = f"part_{uuid4().hex}"
    with shared.cursor() as db, attached(db, f"':memory:' AS {name}", name):
        yield db


@contextmanager
def attached(db: duckdb.DuckDBPyConnection, what: str, name: str) -> Iterator[None]:
    """Attach a database and use it; whatever happens there it is left, and no error is hidden."""
    db.execute(f"ATTACH {what}")
    db.execute(f"USE {name}")
    try:
        yield
    except BaseException:
        with suppress(duckdb.Error):
            db.rollback()
        with suppress(duckdb.Error):
            _detach(db, name)
        raise
    _detach(db, name)


def _detach(db: duckdb.DuckDBPyConnection, name: str) -> None:
    db.execute("USE memory")
    db.execute(f"DETACH {name}")


def mount(
    db: duckdb.DuckDBPyConnection, lake: Lake, names: Iterable[str], partition: str = ""
) -> None:
    """Make tables of the lake, or one partition, readable by their names, as views over Parquet."""
    for name in names:
        schema = name.partition(".")[0]
        db.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        files = [str(path) for path in lake.files(name, partition)]
        if files:
            listed = ", ".join(f"'{path.replace(chr(39), chr(39) * 2)}'" for path in files)
            db.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet([{listed}])")  # noqa: S608
        else:
            columns = ", ".join(f"{c.name} {c.type}" for c in table(name).columns)
            db.execute(f"CREATE TABLE {name} ({columns})")


def run_query(
    lake: Lake, name: str, *, reads: Iterable[str], parameters: Mapping[str, object] | None = None
) -> "pd.DataFrame":
    """Run the query that makes a table; return it typed as the vocabulary says.

    Rows come in the order of the query's ORDER BY. Frames given as parameters are
    readable by their names; plain values are bound to ``$name``.
    """
    made = _execute(lake, name.replace(".", "/"), reads, dict(parameters or {}))
    return frame_of(cast(table(name), made))


def read_query(
    lake: Lake,
    name: str,
    reads: Iterable[str],
    parameters: Mapping[str, object] | None = None,
    *,
    partition: str = "",
) -> "pd.DataFrame":
    """Run a query that makes no table of the vocabulary, over all or one partition."""
    return frame_of(_execute(lake, name, reads, dict(parameters or {}), partition))


def _execute(
    lake: Lake, name: str, reads: Iterable[str], values: dict[str, object], partition: str = ""
) -> pa.Table:
    import pandas as pd

    with connect(lake) as db:
        for macro in FIRST_MACROS:
            db.execute(query(macro))
        mount(db, lake, reads, partition)
        for key in [k for k, v in values.items() if isinstance(v, pd.DataFrame)]:
            db.register(key, values.pop(key))
        return db.sql(query(name), params=values or None).to_arrow_table()


def key_count(lake: Lake, name: str) -> tuple[int, int]:
    """Rows of a table, and distinct keys among them."""
    return lake.n_row(name), distinct_count(lake, name, table(name).key)


def distinct_count(
    lake: Lake, name: str, columns: Iterable[str], *, n_row_at_once: int = 2_000_000
) -> int:
    """Distinct values of some columns of a table, taken together.

    A large table is counted in parts, by a hash of the values: only one part's are held.
    """
    key = ", ".join(columns)
    n_part = lake.n_row(name) // n_row_at_once + 1
    counts = f"SELECT count(DISTINCT ({key})) FROM {name} WHERE hash({key}) % $n = $part"  # noqa: S608
    with connect(lake) as db:
        mount(db, lake, [name])
        rows = [db.execute(counts, {"n": n_part, "part": i}).fetchone() for i in range(n_part)]
    return sum(int(row[0]) for row in rows if row)
