"""Genotypes of the LD-pruned SNVs, read back packed: what relatedness and ancestry rest on."""

from collections.abc import Iterator

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from alsrev_dagster.storage.lake import Lake

_NAME = "core.pruned_variant"


def pruned_genotypes(
    lake: Lake, *, outside_long_range_ld: bool = False
) -> Iterator[NDArray[np.uint8]]:
    """Packed calls of the used samples, a row group at a time, shape (n_variant, n_byte)."""
    columns = ["is_in_long_range_ld", "packed_used"]
    for path in lake.files(_NAME):
        file = pq.ParquetFile(path)
        for group in range(file.num_row_groups):
            rows = file.read_row_group(group, columns)
            if outside_long_range_ld:
                rows = rows.filter(pc.invert(rows["is_in_long_range_ld"]))
            if rows.num_rows:
                flat = b"".join(rows["packed_used"].to_pylist())
                yield np.frombuffer(flat, dtype=np.uint8).reshape(rows.num_rows, -1)
