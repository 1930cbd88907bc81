"""Genotypes on their way into the lake: rows of packed calls, and how their files are written."""

from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

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
    callset: str, chrom: str, packed: NDArray[np.uint8], site: Mapping[str, object]
) -> pa.Table:
    """Rows of ``raw.genotype``: the columns of ``site`` (arrays), and packed genotypes."""
    n_variant, width = packed.shape
    offset = pa.py_buffer(np.arange(n_variant + 1, dtype=np.int32) * np.int32(width))
    flat = pa.py_buffer(np.ascontiguousarray(packed))
    n_ref, n_alt = (pc.binary_length(pa.array(site[name], pa.string())) for name in ("ref", "alt"))
    values: dict[str, object] = {
        **site,
        "callset": pa.repeat(callset, n_variant),
        "chrom": pa.repeat(chrom, n_variant),
        "is_snv": pc.and_(pc.equal(n_ref, 1), pc.equal(n_alt, 1)),
        "packed": pa.Array.from_buffers(pa.binary(), n_variant, [None, offset, flat]),
    }
    schema = arrow_schema(table(_NAME))
    arrays = [pa.array(values[f.name], type=f.type, from_pandas=True) for f in schema]
    return pa.Table.from_arrays(arrays, schema=schema)
