"""Typing a frame as the vocabulary says, or saying which column does not fit."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.vocabulary import Column, Table

if TYPE_CHECKING:  # brought only where frames are: packing genotypes starts without it
    import pandas as pd

_ARROW = {
    "TEXT": pa.string(),
    "BIGINT": pa.int64(),
    "INTEGER": pa.int32(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "BLOB": pa.binary(),
}


def arrow_schema(spec: Table) -> pa.Schema:
    """Arrow schema of a table of the vocabulary."""
    return pa.schema(
        [pa.field(c.name, _ARROW[c.type], nullable=c.name in spec.nullable) for c in spec.columns]
    )


def arrow_table(spec: Table, frame: "pd.DataFrame") -> pa.Table:
    """Type a frame; NaN becomes NULL."""
    if tuple(frame.columns) != spec.column_names:
        raise InputDataError(
            f"table {spec.name}: found columns {list(frame.columns)}; expected "
            f"{list(spec.column_names)}; mend the code that makes it"
        )
    arrays = [_typed(spec, column, frame[column.name]) for column in spec.columns]
    return pa.Table.from_arrays(arrays, schema=arrow_schema(spec))


def table_of_columns(spec: Table, columns: Mapping[str, object]) -> pa.Table:
    """Type columns (arrays of numpy or Arrow) by name; NaN and None become NULL."""
    arrays = [
        _checked(spec, column, _as_array(columns[column.name], _ARROW[column.type]))
        for column in spec.columns
    ]
    return pa.Table.from_arrays(arrays, schema=arrow_schema(spec))


def _as_array(values: object, kind: pa.DataType) -> pa.Array:
    if isinstance(values, pa.ChunkedArray):
        return values.combine_chunks().cast(kind)
    return pa.array(values, type=kind, from_pandas=True)


def cast(spec: Table, data: pa.Table) -> pa.Table:
    """Type an Arrow table that a query made, by column name."""
    arrays = [
        _checked(spec, column, data.column(column.name).cast(_ARROW[column.type]))
        for column in spec.columns
    ]
    return pa.Table.from_arrays(arrays, schema=arrow_schema(spec))


def frame_of(data: pa.Table) -> "pd.DataFrame":
    """Return a frame with nullable integers and booleans; text and numbers as usual."""
    import pandas as pd

    nullable = {
        pa.int64(): pd.Int64Dtype(),
        pa.int32(): pd.Int32Dtype(),
        pa.bool_(): pd.BooleanDtype(),
    }
    frame: pd.DataFrame = data.to_pandas(types_mapper=nullable.get)
    return frame


def _typed(spec: Table, column: Column, values: "pd.Series[Any]") -> pa.Array:
    try:
        array = pa.Array.from_pandas(values, type=_ARROW[column.type])
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise InputDataError(
            f"table {spec.name}, column {column.name}: found a value that is not "
            f"{column.type}; expected every value to be; mend the code that makes it"
        ) from error
    return _checked(spec, column, array)


def _checked(spec: Table, column: Column, array: pa.Array) -> pa.Array:
    if array.null_count and column.name not in spec.nullable:
        raise InputDataError(
            f"table {spec.name}, column {column.name}: found {array.null_count} NULL; "
            "expected none; mend the code that makes it"
        )
    return array
