"""Genotypes on their way into the lake: rows of packed calls, and how their files are written."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from alsrev_dagster.arrow_arrays import blobs, booleans, numbers, repeated, starts_and_bytes, texts
from alsrev_dagster.call_sums import SAMPLE_SUMS
from alsrev_dagster.storage.lake import Lake
from alsrev_dagster.storage.schema import arrow_schema
from alsrev_dagster.vocabulary import table

_NAME = "raw.genotype"

_SAMPLE_SUM = "alsrev.sample_sum"
"""Key in the metadata of a shard's file: sums by sample, in the order of the packed genotypes."""

_FILE_OPTIONS = {
    "use_dictionary": [
        *("callset", "chrom", "ref", "alt", "filter"),
        *("consequence", "consequence_by_gene"),
    ],
    "column_encoding": {
        "variant_id": "DELTA_BYTE_ARRAY",
        "rsid": "DELTA_BYTE_ARRAY",
        "pos": "DELTA_BINARY_PACKED",
    },
    "write_statistics": ["variant_id", "pos"],
}
"""How a shard is written: neighbours differ in few letters, genotypes repeat no others."""

_GROUP_N_ROW = 122_880
_GROUP_BYTE = 48 << 20
"""What is written together at most: the rows that DuckDB packs together, which it then takes as
they come, or as many as fit into some memory."""


def write_genotypes(
    lake: Lake,
    rows: Iterable[pa.Table],
    shard: str,
    sample_sum: Callable[[], NDArray[np.float64] | None] = lambda: None,
) -> int:
    """Replace a shard (``chr4/callset``) of ``raw.genotype``; return its number of rows.

    ``sample_sum``, asked when the rows are written, gives ``call_sums.SAMPLE_SUMS`` of each sample.
    They stand in the shard's own file, so that neither is ever there without the other.
    """

    def footer() -> dict[str, str]:
        found = sample_sum()
        if found is None:
            return {}
        by_name = dict(zip(SAMPLE_SUMS, found.T.tolist(), strict=True))
        return {_SAMPLE_SUM: json.dumps(by_name, separators=(",", ":"))}

    return lake.write_batches(_NAME, _grouped(rows), shard, footer=footer, **_FILE_OPTIONS)


def _grouped(parts: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Join parts to groups of rows that are written together."""
    held: list[pa.Table] = []
    n_row, n_byte = 0, 0
    for part in parts:
        n_row, n_byte = n_row + part.num_rows, n_byte + part.nbytes
        if held and (n_row > _GROUP_N_ROW or n_byte > _GROUP_BYTE):
            yield pa.concat_tables(held)
            held, n_row, n_byte = [], part.num_rows, part.nbytes
        held.append(part)
    if held:
        yield pa.concat_tables(held)


def read_sample_sum(lake: Lake, shard: str) -> NDArray[np.float64] | None:
    """Sums by sample of a shard, shape (n_sample, 4) as ``SAMPLE_SUMS``; None where none were made.

    Samples are in the order of ``raw.callset_sample``.
    """
    path = lake.path(_NAME, shard)
    held = (pq.read_metadata(path).metadata or {}) if path.is_file() else {}
    if _SAMPLE_SUM.encode() not in held:
        return None
    by_name = json.loads(held[_SAMPLE_SUM.encode()])
    return np.array([by_name[name] for name in SAMPLE_SUMS], dtype=np.float64).T


def packed_rows(
    callset: str, chrom: str, packed: NDArray[np.uint8], site: Mapping[str, Any]
) -> pa.Table:
    """Rows of ``raw.genotype``: the columns of ``site`` (arrays), and packed genotypes.

    A column that may be NULL, and that ``site`` does not have, is.
    """
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
    for field in schema:
        if field.nullable and field.name not in columns:
            columns[field.name] = pa.nulls(n_variant, field.type)
    return pa.Table.from_arrays([columns[field.name] for field in schema], schema=schema)


def _column(values: Any, kind: pa.DataType) -> pa.Array:
    """Values as Arrow has them: an Arrow array, texts, or numbers (NaN for null)."""
    if isinstance(values, pa.Array):
        return values
    if pa.types.is_string(kind):
        return texts(values)
    number = np.asarray(values, dtype=kind.to_pandas_dtype())
    return numbers(number, nan_is_null=pa.types.is_floating(kind))
