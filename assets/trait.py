"""Trait: sex, ancestry and age at onset, by which everything judges a sample."""

import pandas as pd

from alsrev_dagster.graph.assets import table_asset
from alsrev_dagster.graph.checks import key_check
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.storage.queries import run_query


@table_asset(
    "core.sample_trait",
    owner="data-management",
    reads=["raw.sample", "raw.participant"],
    kinds=("duckdb", "sql", "parquet"),
)
def sample_trait(work: OpenStudy) -> pd.DataFrame:
    """Samples with participant, cohort, and the sex (their own, or else their participant's),
    ancestry and age at onset that everything judges them by.
    """
    return run_query(work.lake, "core.sample_trait", reads=["raw.sample", "raw.participant"])


sample_trait_has_unique_key = key_check("core.sample_trait")
