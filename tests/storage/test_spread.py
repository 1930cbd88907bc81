"""Rows worked out once stand at every variant that has them."""

from pathlib import Path

import numpy as np
import pandas as pd

from alsrev_dagster.storage.lake import Lake
from alsrev_dagster.storage.schema import arrow_schema
from alsrev_dagster.storage.spread import Placed, spread
from alsrev_dagster.vocabulary import table

NAME = "core.carrier"


def solved() -> pd.DataFrame:
    values = {"locus": ["a", "b", "c", "d"], "dosage": [0, None, 2, 1]}
    same = {"sample_id": "s", "participant_id": "p", "cohort": "c", "carrier": None}
    return pd.DataFrame(values).assign(**same)


def test_each_variant_has_the_rows_of_its_place() -> None:
    blocks = [
        Placed.of(pd.Series(["v1", "v2"]), np.array([1, 0], dtype=np.int32)),
        Placed.of(pd.Series([], dtype=str), np.array([], dtype=np.int32)),
        Placed.of(pd.Series(["v3"]), np.array([1], dtype=np.int32)),
    ]
    first, second = spread(NAME, solved(), blocks, n_row_each=2)
    assert first.schema.equals(arrow_schema(table(NAME)))
    assert first["variant_id"].to_pylist() == ["v1", "v1", "v2", "v2"]
    assert first["locus"].to_pylist() == ["c", "d", "a", "b"]
    assert first["dosage"].to_pylist() == [2, 1, 0, None]
    assert second["variant_id"].to_pylist() == ["v3", "v3"]


def test_no_variant_is_a_table_without_rows(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    assert lake.write_batches(NAME, spread(NAME, solved(), [], n_row_each=2), "chr1/x") == 0
    assert lake.frame(NAME).empty
