"""Genotypes of the lake, read back as blocks over all callsets."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from numpy.typing import NDArray

from alsrev_dagster.packing import MISSING, n_byte, unpack
from alsrev_dagster.storage.lake import Lake
from alsrev_dagster.storage.schema import arrow_schema
from alsrev_dagster.vocabulary import table

_NAME = "raw.genotype"
_SITE = ["variant_id", "chrom", "pos", "ref", "alt", "rsid", "filter", "is_snv"]
_ORDER = ["pos", "ref", "alt"]


@dataclass(frozen=True)
class GenotypeBlock:
    """Some variants of one chromosome, in order, with the genotypes of every used sample.

    ``genotype`` has codes 0-3, shape (n_variant, n_sample), samples in the order of
    ``SampleAxis.sample_id``. ``is_lacking`` says which callsets do not hold a variant, where
    that means missing: shape (n_variant, n_callset); ``n_by_callset`` is their used
    samples.
    """

    chrom: str
    variant: pd.DataFrame
    genotype: NDArray[np.uint8]
    is_lacking: NDArray[np.bool_]
    n_by_callset: tuple[int, ...]

    def n_sample_lacking(self) -> NDArray[np.int64]:
        """Samples of the callsets that lack each variant, shape (n_variant,)."""
        n = np.array(self.n_by_callset, dtype=np.int64)
        return np.asarray(self.is_lacking @ n, dtype=np.int64)

    def n_variant_lacking(self, is_counted: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Of the variants counted, those that each sample's callset lacks, shape (n_sample,)."""
        return np.repeat(self.is_lacking[is_counted].sum(axis=0), self.n_by_callset)


@dataclass(frozen=True)
class SampleAxis:
    """Samples that are used, of all callsets one after the other."""

    sample_id: tuple[str, ...]
    n_by_callset: dict[str, int]
    """Samples that each callset holds, used or not."""
    column: tuple[int, ...] | None = None
    """Place of each used sample among all that the callsets hold; None where all are used."""

    @property
    def n_used_by_callset(self) -> tuple[int, ...]:
        """Used samples of each callset."""
        stops = np.cumsum(list(self.n_by_callset.values()))
        if self.column is None:
            return tuple(self.n_by_callset.values())
        place = np.searchsorted(stops, np.array(self.column, dtype=np.int64), side="right")
        return tuple(np.bincount(place, minlength=len(stops)).tolist())

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
    index = {name: _site_index(path) for name, path in shards.items()}
    site = _joined_sites(list(index.values()), filters_kept)
    cursors = {
        name: _Cursor(
            shards[name],
            frame["variant_id"],
            n,
            0 if absent_sites[name] == "reference" else MISSING,
        )
        for (name, frame), n in zip(index.items(), axis.n_by_callset.values(), strict=True)
    }
    for start in range(0, len(site), n_variant):
        block = site.iloc[start : start + n_variant].reset_index(drop=True)
        parts = [cursor.take(block["variant_id"]) for cursor in cursors.values()]
        lacking = [cursor.lacks(block["variant_id"]) for cursor in cursors.values()]
        genotype = np.concatenate(parts, axis=1)
        yield GenotypeBlock(
            chrom,
            block,
            genotype if axis.column is None else genotype[:, list(axis.column)],
            is_lacking=np.stack(lacking, axis=1),
            n_by_callset=axis.n_used_by_callset,
        )


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
    if not path.is_file():
        empty: pd.DataFrame = arrow_schema(table(_NAME)).empty_table().select(_SITE).to_pandas()
        return empty
    frame: pd.DataFrame = pq.ParquetFile(path).read(_SITE).to_pandas()
    return frame


class _Cursor:
    """Reads one shard forward: variants are asked for in the shard's own order."""

    def __init__(
        self, path: Path, variant_id: "pd.Series[str]", n_sample: int, absent: int
    ) -> None:
        self._row = pd.Series(np.arange(len(variant_id)), index=variant_id)
        self._n_sample, self._absent = n_sample, absent
        self._groups = _packed_groups(path) if len(variant_id) else iter(())
        self._buffer = np.empty((0, n_byte(n_sample)), dtype=np.uint8)
        self._start = 0

    def take(self, variant_id: "pd.Series[str]") -> NDArray[np.uint8]:
        """Genotypes of these variants, shape (n_variant, n_sample)."""
        row = self._row.reindex(variant_id).to_numpy(dtype=float)
        here = ~np.isnan(row)
        genotype = np.full((len(row), self._n_sample), self._absent, dtype=np.uint8)
        if here.any():
            wanted = row[here].astype(int)
            self._read_until(int(wanted.max()))
            genotype[here] = unpack(self._buffer[wanted - self._start], self._n_sample)
            self._buffer = self._buffer[int(wanted.max()) + 1 - self._start :]
            self._start = int(wanted.max()) + 1
        return genotype

    def lacks(self, variant_id: "pd.Series[str]") -> NDArray[np.bool_]:
        """Whether each variant is missing because the shard does not hold it."""
        is_here = self._row.index.get_indexer(pd.Index(variant_id)) >= 0
        return np.asarray(~is_here & (self._absent == MISSING), dtype=np.bool_)

    def _read_until(self, row: int) -> None:
        while self._start + len(self._buffer) <= row:
            self._buffer = np.concatenate([self._buffer, next(self._groups)])


def _packed_groups(path: Path) -> Iterator[NDArray[np.uint8]]:
    """The packed column of a shard, a row group at a time, as bytes."""
    file = pq.ParquetFile(path)
    for group in range(file.num_row_groups):
        chunk = file.read_row_group(group, ["packed"])["packed"].combine_chunks()
        yield np.frombuffer(chunk.buffers()[2], dtype=np.uint8).reshape(len(chunk), -1)
