"""``alsrev sql``: a question to the DuckDB file, read-only, or one of the cookbook's."""

import json
import math
import os
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from rich.table import Table
from rich.text import Text

from alsrev_dagster.errors import AlsrevError
from alsrev_dagster.storage.lake import Lake
from alsrev_dagster.storage.queries import query, query_names
from alsrev_dagster.storage.warehouse import read_only
from alsrev_dagster.study import StudyFolder

_N_SHOWN = 200


def cookbook() -> dict[str, str]:
    """The question each cookbook query answers, by its name: the first line of its file."""
    names = query_names("cookbook")
    return {n.partition("/")[2]: query(n).splitlines()[0].lstrip("- ") for n in names}


def rows_of(folder: StudyFolder, text: str) -> pd.DataFrame:
    """Answer a cookbook query by name, or SQL."""
    if not folder.warehouse.is_file():
        raise AlsrevError(
            f"{folder.warehouse.name}: found no such file in results/; expected the study to have "
            "been run; start with 'alsrev run STUDY'"
        )
    asked = query(f"cookbook/{text}") if text in cookbook() else text
    lake = Lake(folder.lake) if _is_ours(folder) else None
    with read_only(folder.warehouse, lake) as db:
        try:
            n_statement = len(db.extract_statements(asked))
            if n_statement == 1:
                return db.execute(asked).df()
        except duckdb.Error as error:
            raise AlsrevError(f"the query was refused: {error}") from None
    raise AlsrevError(
        f"the query: found {n_statement} statements; expected one, because one answer is shown; "
        "ask for each by itself"
    )


def _is_ours(folder: StudyFolder) -> bool:
    """Whether alsrev may write beside the file: not in a study that was only copied or lent."""
    return folder.lake.is_dir() and os.access(folder.lake, os.W_OK)


def json_of(frame: pd.DataFrame) -> str:
    """Rows as JSON with every digit; NULL and NaN are null."""
    rows = [
        {str(name): None if _is_null(value) else value for name, value in row.items()}
        for row in frame.to_dict("records")
    ]
    return json.dumps(rows, indent=1, default=_plain, allow_nan=False)


def csv_of(frame: pd.DataFrame) -> str:
    """Rows as CSV with every digit; NULL and NaN are empty, lists and structs are JSON."""
    # Only object columns hold lists; the type of the others would change under map.
    columns = [frame.iloc[:, place] for place in range(frame.shape[1])]
    plain = [c.map(_csv_cell) if pd.api.types.is_object_dtype(c) else c for c in columns]
    return pd.concat(plain, axis=1).to_csv(index=False, lineterminator="\n")


def table_of(frame: pd.DataFrame) -> Table:
    """The first rows for a reader, as wide as they are: an identifier is never broken."""
    shown = Table()
    for name in frame.columns:
        shown.add_column(Text(str(name)), no_wrap=True)
    for row in frame.head(_N_SHOWN).itertuples(index=False):
        shown.add_row(*[Text(_cell(value)) for value in row])
    return shown


def count_of(frame: pd.DataFrame) -> str:
    """How many rows there are, and that some are not shown."""
    if len(frame) > _N_SHOWN:
        return f"{_N_SHOWN} of {len(frame)} rows; --csv and --json give all"
    return f"{len(frame)} row(s)"


def _csv_cell(value: object) -> object:
    is_nested = isinstance(value, list | dict | np.ndarray)
    return json.dumps(value, default=_plain) if is_nested else value


def _plain(value: Any) -> object:
    """A list or number of numpy as Python's own; anything else as text."""
    return value.tolist() if hasattr(value, "tolist") else str(value)


def _cell(value: object) -> str:
    if _is_null(value):
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _is_null(value: object) -> bool:
    """Whether a cell is empty; a list or struct, which pandas would look into, is not."""
    is_nan = isinstance(value, float) and math.isnan(value)
    return is_nan or value is None or value is pd.NA or value is pd.NaT
