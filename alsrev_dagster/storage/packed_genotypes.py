"""Genotypes on their way into the lake: rows of packed calls, and how their files are written."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from alsrev_dagster.arrow_arrays import blobs, booleans, numbers, repeated, starts_and_bytes, texts
from alsrev_dagster.storage.lake import Lake
from alsrev_dagster.storage.schema import arrow_schema
from alsrev_dagster.vocabulary import table

_NAME = "raw.genotype"

_FILE_OPTIONS = {
    "use_dictionary": [
        *("callset", "chrom", "ref", "alt", "filter"),
        *("consequence", "consequence_gene"),
    ],
    "column_encoding": {
        "variant_id": "DELTA_BYTE_ARRAY",
        "rsid": "DELTA_BYTE_ARRAY",
        "pos": "DELTA_BINARY_PACKED",
    },
    "write_statistics": ["variant_id", "pos"],
}
"""How a shard is written: neighbours differ in few letters, genotypes repeat no others."""


def write_genotypes(lake: Lake, rows: Iterable[pa.Table], shard: str) -> int:
    """Replace a shard (``chr4/callset``) of ``raw.genotype``; return its number of rows."""
    return lake.write_batches(_NAME, rows, shard, **_FILE_OPTIONS)


def packed_rows(
    callset: str, chrom: str, packed: NDArray[np.uint8], site: Mapping[str, Any]
) -> pa.Table:
    """Rows of ``raw.genotype``: the columns of ``site`` (arrays), and packed genotypes."""
    n_variant = len(packed)
    schema = arrow_schema(table(_NAME))
    columns = {name: _column(values, schema.field(name).type) for name, values in site.items()}
    n_ref, n_alt = (np.diff(starts_and_bytes(columns[name])[0]) for name in ("ref", "alt"))
    columns |= {
        "callset": repeated(callset, n_variant),
        "chrom": repeated(chrom, n_variant),
        "is_snv": booleans((n_ref == 1) & (n_alt == 1)),
        "packed": blobs(packed),
    }
    return pa.Table.from_arrays([columns[field.name] for field in schema], schema=schema)


def _column(values: Any, kind: pa.DataType) -> pa.Array:
    """Values as Arrow has them: an Arrow array, texts, or numbers (NaN for null)."""
    if isinstance(values, pa.Array):
        return values
    if pa.types.is_string(kind):
        return texts(values)
    number = np.asarray(values, dtype=kind.to_pandas_dtype())
    return numbers(number, nan_is_null=pa.types.is_floating(kind))
