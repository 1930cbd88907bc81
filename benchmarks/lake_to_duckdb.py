"""Build a DuckDB file from the genotypes of a lake, as publishing does."""

import sys
from pathlib import Path

from alsrev_dagster.storage.lake import Lake
from alsrev_dagster.storage.warehouse import publish_tables

if __name__ == "__main__":
    publish_tables(Lake(Path(sys.argv[1])), Path(sys.argv[2]), ["raw.genotype"])
