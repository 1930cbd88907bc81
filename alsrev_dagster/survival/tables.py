"""Rows as a table of the vocabulary: its columns, its types, sorted by its key."""

from collections.abc import Sequence

import pandas as pd

from alsrev_dagster.vocabulary import MARK, table

_DTYPE = {
    "TEXT": "object",
    "BIGINT": "Int64",
    "INTEGER": "Int64",
    "DOUBLE": "float64",
    "BOOLEAN": "boolean",
}


def result_table(
    name: str, rows: Sequence[pd.DataFrame], **constant: str | int | float
) -> pd.DataFrame:
    """Rows joined, with the values that are the same in all; also when there are none.

    The mark at the end of a table is not of survival: who knows the contrasts adds it.
    """
    target = table(name)
    columns = [column for column in target.columns if column.name not in MARK]
    types = {column.name: _DTYPE[column.type] for column in columns}
    if not rows:
        return pd.DataFrame({column: pd.Series(dtype=dtype) for column, dtype in types.items()})
    joined = pd.concat(rows, ignore_index=True).assign(**constant)
    ordered = joined[list(types)].astype(types)
    return ordered.sort_values(list(target.key), ignore_index=True)
