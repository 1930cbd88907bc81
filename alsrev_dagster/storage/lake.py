"""The lake: a table is one Parquet file, or a folder of shards by chromosome and callset.

A file is written whole or not at all, with the same bytes for the same content. Beside
the tables lie their receipts (`receipt.py`).
"""

import fcntl
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from alsrev_dagster.ahead import ahead
from alsrev_dagster.files import file_sha256, make_private_folder, replacing
from alsrev_dagster.storage.receipt import CheckSlip, Receipt
from alsrev_dagster.storage.schema import (
    arrow_schema,
    arrow_table,
    frame_of,
    table_of_columns,
)
from alsrev_dagster.vocabulary import table

if TYPE_CHECKING:  # brought only where frames are: packing genotypes starts without it
    import pandas as pd
Condition = tuple[str, str, object]
"""A column, a comparison (``==``, ``in``, ...) and a value, as Parquet readers take them."""


@dataclass(frozen=True)
class Lake:
    """Tables as Parquet below one folder, private to the user."""

    root: Path

    @property
    def spill(self) -> Path:
        """Where DuckDB may put what memory cannot hold."""
        return self.root / "spill"

    def path(self, name: str, shard: str = "") -> Path:
        """Where a table lies, or one shard of it (``chr4`` or ``chr4/callset``)."""
        stem = self.root.joinpath(*table(name).name.split("."))
        return (stem / shard if shard else stem).with_suffix(".parquet")

    def files(self, name: str, partition: str = "") -> list[Path]:
        """Every Parquet file of a table or partition, in name order."""
        whole = self.path(name, partition)
        return [whole] if whole.is_file() else sorted(whole.with_suffix("").rglob("*.parquet"))

    def write(self, name: str, frame: "pd.DataFrame", shard: str = "") -> int:
        """Replace a table or shard by a frame; return its number of rows."""
        return self.write_frames(name, [frame], shard)

    def write_batches(
        self,
        name: str,
        batches: Iterable[pa.Table],
        shard: str = "",
        *,
        footer: Callable[[], Mapping[str, str]] = dict,
        **options: object,
    ) -> int:
        """Replace a table or shard by a stream of Arrow tables, one row group each.

        They are written in a thread of their own, while the next one is made. ``footer``, asked
        after the last one, gives what the file says of itself besides. ``options`` are those of
        ``pyarrow.parquet.ParquetWriter``.
        """
        schema = arrow_schema(table(name))
        with (
            replacing(self.path(name, shard)) as temporary,
            pq.ParquetWriter(temporary, schema, compression="zstd", **options) as writer,
            ThreadPoolExecutor(1) as pool,
        ):

            def write(batch: pa.Table) -> int:
                writer.write_table(batch)
                return int(batch.num_rows)

            n_row = sum(ahead(pool, write, batches, n_ahead=1))
            if told := footer():
                writer.add_key_value_metadata(dict(told))
            return n_row

    def write_frames(self, name: str, frames: Iterable["pd.DataFrame"], shard: str = "") -> int:
        """Replace a table or shard by a stream of frames, one row group each."""
        return self.write_batches(name, (arrow_table(table(name), f) for f in frames), shard)

    def write_columns(
        self,
        name: str,
        parts: Iterable[Mapping[str, object]],
        shard: str = "",
        **options: Any,
    ) -> int:
        """Replace a table or shard by a stream of columns by name, one row group a part."""
        batches = (table_of_columns(table(name), part) for part in parts)
        return self.write_batches(name, batches, shard, **options)

    def keep_only(self, name: str, partition: str, shards: Iterable[str]) -> None:
        """Remove shards of a partition that no input stands behind any more."""
        kept = {self.path(name, f"{partition}/{shard}") for shard in shards}
        for path in set(self.files(name, partition)) - kept:
            path.unlink()

    def frame(
        self,
        name: str,
        columns: Iterable[str] | None = None,
        *,
        partition: str = "",
        where: Sequence[Condition] | None = None,
    ) -> "pd.DataFrame":
        """Read a table, or a partition, or the rows that fulfil every condition.

        Without files it has no rows. Rows that a condition leaves out are never held together.
        """
        schema = arrow_schema(table(name))
        if columns is not None:
            schema = pa.schema([schema.field(column) for column in columns])
        if any(relation == "in" and not value for _, relation, value in where or ()):
            return frame_of(schema.empty_table())  # Arrow knows no type of no values
        parts = [
            pq.read_table(path, columns=schema.names, filters=list(where), partitioning=None)
            if where
            else pq.ParquetFile(path).read(schema.names)
            for path in self.files(name, partition)
        ]
        return frame_of(pa.concat_tables(parts) if parts else schema.empty_table())

    def n_row(self, name: str) -> int:
        """Rows of a table, by what its files say of themselves."""
        return sum(pq.read_metadata(path).num_rows for path in self.files(name))

    def empty_frame(self, name: str) -> "pd.DataFrame":
        """Return the columns of a table, typed, without rows."""
        return frame_of(arrow_schema(table(name)).empty_table())

    def n_file_of_other_schema(self, name: str) -> int:
        """Files whose columns, types or NULLs are not those of the vocabulary."""
        expected = arrow_schema(table(name))
        return sum(not pq.read_schema(path).equals(expected) for path in self.files(name))

    def data_version(self, name: str, partition: str = "") -> str:
        """Hash of a table's content: equal content has equal bytes."""
        files = self.files(name, partition)
        return hash_of({str(p.relative_to(self.root)): file_sha256(p) for p in files})

    def receipt(self, name: str, partition: str = "") -> Receipt | None:
        """What the table was made from; None when it was never finished."""
        return Receipt.read(self._slip(name, partition or "whole"))

    def tear_receipt(self, name: str, partition: str = "") -> None:
        """Forget that the table was made, before making it again."""
        self._slip(name, partition or "whole").unlink(missing_ok=True)

    def leave_receipt(self, receipt: Receipt) -> None:
        """Say that the table is made, after it was."""
        with replacing(self._slip(receipt.table_name, receipt.partition or "whole")) as path:
            path.write_text(receipt.to_json(), encoding="utf-8")

    def leave_check(self, slip: CheckSlip) -> None:
        """Keep the outcome of a check."""
        with replacing(self._slip(slip.table_name, f"check.{slip.check_name}")) as path:
            path.write_text(slip.to_json(), encoding="utf-8")

    def receipts(self) -> list[Receipt]:
        """Every receipt, by table and partition."""
        paths = sorted((self.root / "receipt").glob("*/*.json"))
        found = [Receipt.read(p) for p in paths if not p.name.startswith("check.")]
        return [receipt for receipt in found if receipt is not None]

    def checks(self, name: str = "*") -> list[CheckSlip]:
        """Every check outcome of a table, or of all."""
        paths = sorted((self.root / "receipt").glob(f"{name}/check.*.json"))
        return [slip for path in paths if (slip := CheckSlip.read(path)) is not None]

    @contextmanager
    def lock(self, *, reads: Iterable[str], writes: str) -> Iterator[None]:
        """Hold tables still: shared for those read, exclusive for the one written.

        The kernel frees a lock when its holder dies, so a killed run blocks nobody.
        """
        wanted = [(name, fcntl.LOCK_SH) for name in sorted(set(reads))]
        make_private_folder(self.root / "lock")
        with ExitStack() as stack:
            for name, kind in (*wanted, (writes, fcntl.LOCK_EX)):
                stream = stack.enter_context((self.root / "lock" / name).open("w"))
                fcntl.flock(stream, kind)
            yield

    def _slip(self, name: str, stem: str) -> Path:
        return self.root / "receipt" / name / f"{stem}.json"


def hash_of(parts: Mapping[str, object]) -> str:
    """Hash of named plain values, whatever their order."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()
