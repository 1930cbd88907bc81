"""Publish a lake of `alsrev ingest` as a DuckDB file, by the code that publishes a study's.

python -m benchmarks.lake_to_duckdb LAKE FILE
"""

import sys
from pathlib import Path

from alsrev_dagster.commands.ingest_place import check_finished
from alsrev_dagster.storage.lake import Lake
from alsrev_dagster.storage.receipt import Receipt
from alsrev_dagster.storage.warehouse import publish

_NAME = "raw.genotype"


def main(lake: Lake, path: Path) -> int:
    """Leave the receipts that a run would, and publish; return the number of rows."""
    check_finished(lake.root)
    partitions = sorted({shard.parent.name for shard in lake.files(_NAME)})
    for partition in partitions:
        lake.leave_receipt(Receipt(_NAME, partition, "benchmark", "", "", "", n_row=0))
    return publish(lake, path, {})[_NAME]


if __name__ == "__main__":
    print(main(Lake(Path(sys.argv[1])), Path(sys.argv[2])))
