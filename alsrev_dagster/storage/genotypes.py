"""Genotypes of the lake, read back as blocks over all callsets."""

from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from alsrev_dagster.packing import MISSING, n_byte, pack, unpack
from alsrev_dagster.storage.het_reads import READS, HetReads
from alsrev_dagster.storage.lake import Lake
from alsrev_dagster.storage.schema import arrow_schema
from alsrev_dagster.vocabulary import table

_NAME = "raw.genotype"
_SITE = ["variant_id", "chrom", "pos", "ref", "alt", "rsid", "filter", "is_snv"]
_ORDER = ["pos", "ref", "alt"]
_N_ROW_READ = 4096
"""Rows that are read of a callset at once: a row group may hold many more."""
WRITTEN: dict[str, object] = {
    "use_dictionary": ["chrom", "ref", "alt", "filter_reason"],
    "column_encoding": {
        "variant_id": "DELTA_BYTE_ARRAY",
        "rsid": "DELTA_BYTE_ARRAY",
        "pos": "DELTA_BINARY_PACKED",
    },
    "write_statistics": ["variant_id", "pos"],
}
"""How a table of a row a variant is written, as the genotypes are."""
_TRANSITIONS = ["AG", "GA", "CT", "TC"]


@dataclass(frozen=True)
class GenotypeBlock:
    """Some variants of one chromosome, in order, with the genotypes of every used sample.

    ``parts`` are the packed genotypes of each callset, of every sample that it holds, used or
    not; ``is_lacking`` says which callsets do not hold a variant, where that means missing:
    shape (n_variant, n_callset). ``het_reads`` are each callset's (``het_reads.py``).
    """

    chrom: str
    site: pa.Table
    parts: tuple[NDArray[np.uint8], ...]
    axis: "SampleAxis"
    is_lacking: NDArray[np.bool_]
    het_reads: HetReads

    @cached_property
    def variant(self) -> pd.DataFrame:
        """The sites as a frame."""
        frame: pd.DataFrame = self.site.to_pandas()
        return frame

    @cached_property
    def genotype(self) -> NDArray[np.uint8]:
        """Codes 0-3, shape (n_variant, n_sample), samples in the order of the axis."""
        n_held = self.axis.n_by_callset.values()
        codes = [unpack(part, n) for part, n in zip(self.parts, n_held, strict=True)]
        joined = codes[0] if len(codes) == 1 else np.concatenate(codes, axis=1)
        return joined if self.axis.column is None else joined[:, list(self.axis.column)]

    @cached_property
    def packed(self) -> NDArray[np.uint8]:
        """The same packed, shape (n_variant, n_byte): a callset's own bytes where all are used."""
        if len(self.parts) == 1 and self.axis.column is None:
            return self.parts[0]
        return pack(self.genotype)

    @property
    def pos(self) -> NDArray[np.int64]:
        """Position of each variant."""
        return np.asarray(self.site["pos"].to_numpy(), dtype=np.int64)

    def columns(self, *names: str) -> dict[str, object]:
        """Columns of the sites, as a table of the lake takes them."""
        return {name: self.site[name] for name in names}

    def is_sequence(self) -> NDArray[np.bool_]:
        """Whether ALT is spelled in bases, not symbolic or a breakend."""
        return _as_bool(pc.match_substring_regex(self.site["alt"], "^[ACGTN]+$"))

    def is_filtered(self, filters_kept: Collection[str]) -> NDArray[np.bool_]:
        """Whether FILTER says that the call is not to be trusted."""
        passes = pc.is_in(self.site["filter"], value_set=pa.array(list(filters_kept), pa.string()))
        return _as_bool(pc.invert(pc.or_(passes, pc.is_null(self.site["filter"]))))

    def changes(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which variants are transitions, and which transversions, among the SNVs."""
        change = pc.binary_join_element_wise(self.site["ref"], self.site["alt"], "")
        is_transition = _as_bool(pc.is_in(change, value_set=pa.array(_TRANSITIONS)))
        is_snv = _as_bool(self.site["is_snv"])
        return is_snv & is_transition, is_snv & ~is_transition

    def n_variant_lacking(self, is_counted: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Of the variants counted, those that each sample's callset lacks, shape (n_sample,)."""
        n_lacking = self.is_lacking[is_counted].sum(axis=0)
        return np.asarray(n_lacking[self.axis.callset_place], dtype=np.int64)


@dataclass(frozen=True)
class SampleAxis:
    """Samples that are used, of all callsets one after the other."""

    sample_id: tuple[str, ...]
    n_by_callset: dict[str, int]
    """Samples that each callset holds, used or not."""
    column: tuple[int, ...] | None = None
    """Place of each used sample among all that the callsets hold; None where all are used."""

    @property
    def used(self) -> NDArray[np.int64]:
        """Place of each used sample among all that the callsets hold."""
        held = np.arange(sum(self.n_by_callset.values()))
        return held if self.column is None else held[list(self.column)]

    @property
    def callset_place(self) -> NDArray[np.int64]:
        """Place of each used sample's callset among the callsets."""
        n_held = list(self.n_by_callset.values())
        return np.repeat(np.arange(len(n_held)), n_held)[self.used]

    def by_callset(self, groups: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
        """Groups of used samples, shape (n_group, n_sample), over all that each callset holds."""
        n_held = list(self.n_by_callset.values())
        held = np.zeros((len(groups), sum(n_held)), dtype=np.bool_)
        held[:, self.used] = groups
        return np.split(held, np.cumsum(n_held)[:-1], axis=1)

    @classmethod
    def of(cls, callset_sample: pd.DataFrame, left_out: Collection[str] = ()) -> "SampleAxis":
        """Make the axis from ``raw.callset_sample``, without the samples that are left out."""
        ordered = callset_sample.sort_values(["callset", "sample_index"])
        counts = {str(k): int(v) for k, v in ordered.groupby("callset").size().items()}
        names = tuple(ordered["sample_id"])
        column = tuple(i for i, name in enumerate(names) if name not in left_out)
        if len(column) == len(names):
            return cls(names, counts)
        return cls(tuple(names[i] for i in column), counts, column)


def genotype_blocks(
    lake: Lake,
    chrom: str,
    axis: SampleAxis,
    absent_sites: Mapping[str, str],
    *,
    filters_kept: Collection[str] = ("PASS",),
    n_variant: int = 4096,
) -> Iterator[GenotypeBlock]:
    """Read a chromosome, callsets joined on variant_id, memory bounded by the block.

    A variant that a callset does not hold is missing in its samples, or reference where
    ``absent_sites`` says so. Its FILTER is the first that does not pass (neither NULL nor
    among ``filters_kept``) in a callset that holds it, if there is one.
    """
    shards = {name: lake.path(_NAME, f"{chrom}/{name}") for name in axis.n_by_callset}
    if len(shards) == 1:
        yield from _blocks_of_one(chrom, next(iter(shards.values())), axis, n_variant)
        return
    index = {name: _site_index(path) for name, path in shards.items()}
    site = _joined_sites(list(index.values()), filters_kept)
    cursors = [
        _Cursor(shards[name], frame, n, absent_sites[name] == "reference")
        for (name, frame), n in zip(index.items(), axis.n_by_callset.values(), strict=True)
    ]
    for start in range(0, len(site), n_variant):
        block = site.iloc[start : start + n_variant].reset_index(drop=True)
        yield GenotypeBlock(
            chrom,
            pa.Table.from_pandas(block, schema=_site_schema(), preserve_index=False),
            tuple(cursor.take(block["variant_id"]) for cursor in cursors),
            axis,
            np.stack([cursor.lacks(block["variant_id"]) for cursor in cursors], axis=1),
            HetReads.joined([cursor.het_reads(block["variant_id"]) for cursor in cursors]),
        )


def _blocks_of_one(
    chrom: str, path: Path, axis: SampleAxis, n_variant: int
) -> Iterator[GenotypeBlock]:
    """Read the one callset's shard as it lies there: in order, each variant once."""
    if not path.is_file():
        return
    batches = pq.ParquetFile(path).iter_batches(n_variant, columns=[*_SITE, *READS, "packed"])
    for rows in _one_ahead(pa.Table.from_batches([batch]) for batch in batches):
        is_lacking = np.zeros((len(rows), 1), dtype=np.bool_)
        packed = _bytes_of(rows["packed"].combine_chunks())
        reads = HetReads.of(*(rows[name] for name in READS))
        yield GenotypeBlock(chrom, rows.select(_SITE), (packed,), axis, is_lacking, reads)


def _one_ahead(items: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Pass items on, the next one being read while one is worked on."""
    with ThreadPoolExecutor(1) as reader:
        ahead = reader.submit(next, items, None)
        while (item := ahead.result()) is not None:
            ahead = reader.submit(next, items, None)
            yield item


def _site_schema() -> pa.Schema:
    schema = arrow_schema(table(_NAME))
    return pa.schema([schema.field(name) for name in _SITE])


def _joined_sites(index: list[pd.DataFrame], filters_kept: Collection[str]) -> pd.DataFrame:
    """Each site of the callsets once, in order, with the FILTER that fails it, if one does."""
    site = pd.concat(index, ignore_index=True)
    fails = site[site["filter"].notna() & ~site["filter"].isin(filters_kept)]
    failing = fails.drop_duplicates("variant_id").set_index("variant_id")["filter"]
    site = site.drop_duplicates("variant_id").sort_values(_ORDER, kind="stable", ignore_index=True)
    is_failed = site["variant_id"].isin(failing.index)
    site.loc[is_failed, "filter"] = failing.reindex(site.loc[is_failed, "variant_id"]).to_numpy()
    return site


def _site_index(path: Path) -> pd.DataFrame:
    """The sites of a shard, in file order; none when the shard is absent."""
    columns = [*_SITE, *READS]
    if not path.is_file():
        empty: pd.DataFrame = arrow_schema(table(_NAME)).empty_table().select(columns).to_pandas()
        return empty
    frame: pd.DataFrame = pq.ParquetFile(path).read(columns).to_pandas()
    return frame


class _Cursor:
    """Reads one shard forward: variants are asked for in the shard's own order."""

    def __init__(
        self, path: Path, site: pd.DataFrame, n_sample: int, absent_is_reference: bool
    ) -> None:
        self._variant_id = pd.Index(site["variant_id"])
        self._het_reads = HetReads.of(*(site[name] for name in READS))
        absent = 0 if absent_is_reference else MISSING
        self._absent = pack(np.full((1, n_sample), absent, dtype=np.uint8))
        self._absent_is_reference = absent_is_reference
        self._groups = _packed_groups(path) if len(site) else iter(())
        self._buffer = np.empty((0, n_byte(n_sample)), dtype=np.uint8)
        self._start = 0

    def take(self, variant_id: "pd.Series[str]") -> NDArray[np.uint8]:
        """Packed genotypes of these variants, shape (n_variant, n_byte)."""
        row = self._places(variant_id)
        here = row >= 0
        packed = np.repeat(self._absent, len(row), axis=0)
        if here.any():
            wanted = row[here]
            self._read_until(int(wanted.max()))
            packed[here] = self._buffer[wanted - self._start]
            self._buffer = self._buffer[int(wanted.max()) + 1 - self._start :]
            self._start = int(wanted.max()) + 1
        return packed

    def het_reads(self, variant_id: "pd.Series[str]") -> HetReads:
        """Reads of the heterozygous calls of these variants."""
        return self._het_reads.take(self._places(variant_id))

    def lacks(self, variant_id: "pd.Series[str]") -> NDArray[np.bool_]:
        """Whether each variant is missing because the shard does not hold it."""
        is_here = self._places(variant_id) >= 0
        return np.asarray(~is_here & (not self._absent_is_reference), dtype=np.bool_)

    def _places(self, variant_id: "pd.Series[str]") -> NDArray[np.intp]:
        """Rows of the shard that these variants are; -1 where it does not hold one."""
        return np.asarray(self._variant_id.get_indexer(pd.Index(variant_id)), dtype=np.intp)

    def _read_until(self, row: int) -> None:
        while self._start + len(self._buffer) <= row:
            self._buffer = np.concatenate([self._buffer, next(self._groups)])


def _packed_groups(path: Path) -> Iterator[NDArray[np.uint8]]:
    """The packed column of a shard, some rows at a time, as bytes."""
    for batch in pq.ParquetFile(path).iter_batches(_N_ROW_READ, columns=["packed"]):
        yield _bytes_of(batch["packed"])


def _bytes_of(packed: pa.Array) -> NDArray[np.uint8]:
    """The bytes of packed rows, which all have the same number, shape (n_variant, n_byte)."""
    offset = np.frombuffer(packed.buffers()[1], dtype=np.int32)[packed.offset :][: len(packed) + 1]
    flat = np.frombuffer(packed.buffers()[2], dtype=np.uint8)[offset[0] : offset[-1]]
    return flat.reshape(len(packed), -1)


def _as_bool(values: pa.ChunkedArray) -> NDArray[np.bool_]:
    """Values of a column without NULL."""
    return np.asarray(values.to_numpy(), dtype=np.bool_)
