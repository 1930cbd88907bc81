"""Rows worked out once for many variants, written at each of them, block by block."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from alsrev_dagster.storage.schema import arrow_table
from alsrev_dagster.vocabulary import table

_KEY = "variant_id"


@dataclass(frozen=True)
class Placed:
    """Variants of one block, and of each the place of its rows among those worked out."""

    variant_id: pa.Array
    place: NDArray[np.int32]

    @classmethod
    def of(cls, variant_id: "pd.Series[str]", place: NDArray[np.int32]) -> "Placed":
        """Keep the names in a few bytes a letter, not as objects."""
        return cls(pa.array(variant_id, type=pa.string()), place)


def spread(
    name: str, solved: pd.DataFrame, blocks: Iterable[Placed], *, n_row_each: int
) -> Iterator[pa.Table]:
    """Rows of a table for each block: those of its place, at each of its variants.

    ``solved`` has the table's columns but ``variant_id``, and ``n_row_each`` rows a place, one
    after the other.
    """
    spec = table(name)
    rows = arrow_table(spec, solved.assign(**{_KEY: ""})[list(spec.column_names)])
    column = spec.column_names.index(_KEY)
    for block in blocks:
        if not len(block.place):
            continue
        first = block.place.astype(np.int64)[:, None] * n_row_each
        made = rows.take(pa.array((first + np.arange(n_row_each)).ravel()))
        ids = block.variant_id.take(pa.array(np.arange(len(block.place)).repeat(n_row_each)))
        yield made.set_column(column, rows.schema.field(_KEY), ids)
