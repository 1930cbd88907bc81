"""Genotypes: packed two bits a sample, one shard a chromosome and callset."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

import pyarrow as pa

from alsrev_dagster.graph.assets import chromosome_asset
from alsrev_dagster.graph.checks import Finding, key_check, none_of, table_check
from alsrev_dagster.ingest import tables
from alsrev_dagster.ingest.genotype_blocks import VariantBlock, read_blocks, variant_ids
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.storage.genotypes import packed_rows

_SITE = ("pos", "ref", "alt", "rsid", "filter", "qual")


def _files_of_chromosome(work: OpenStudy, chromosome: str) -> Mapping[str, str]:
    return {
        f"{callset} {path.name}": found.sha256
        for callset, path, found in tables.inspections(work.folder, work.study, work.inspector)
        if found.file is None or chromosome in found.file.chromosomes
    }


def _rows(callset: str, blocks: Iterator[VariantBlock]) -> Iterator[pa.Table]:
    for block in blocks:
        site = {"variant_id": variant_ids(block), **{name: getattr(block, name) for name in _SITE}}
        yield packed_rows(callset, block.chrom, block.genotype, site)


@chromosome_asset(
    "raw.genotype",
    owner="data-management",
    reads=["raw.callset"],
    kinds=("vcf", "parquet"),
    files=_files_of_chromosome,
)
def genotype(work: OpenStudy, chromosomes: Sequence[str]) -> dict[str, int]:
    """Genotypes of every sample, biallelic rows, packed; one file is read once for all its rows."""
    tables.sound(work.folder, work.inspector)
    n_row, shards = dict.fromkeys(chromosomes, 0), {c: set[str]() for c in chromosomes}
    for callset, _, found in tables.inspections(work.folder, work.study, work.inspector):
        if found.file is None or not set(chromosomes) & set(found.file.chromosomes):
            continue
        blocks = read_blocks(found.file, chromosomes)
        for chrom, of_chrom in groupby(blocks, key=lambda block: block.chrom):
            rows = _rows(callset, of_chrom)
            n_row[chrom] += work.lake.write_batches("raw.genotype", rows, f"{chrom}/{callset}")
            shards[chrom].add(callset)
    for chrom, kept in shards.items():
        work.lake.keep_only("raw.genotype", chrom, kept)
    return n_row


genotype_has_unique_key = key_check("raw.genotype")


@table_check("raw.genotype")
def every_record_was_read(work: OpenStudy) -> Finding:
    """Each callset gave at least one row a record it holds, less records without an ALT allele."""
    frame = work.lake.frame("raw.genotype", ["callset"])
    n_row = frame.groupby("callset").size()
    callset = work.lake.frame("raw.callset")
    n_record = callset.groupby("callset")["n_record"].sum()
    short = (n_record - n_row.reindex(n_record.index).fillna(0)).clip(lower=0)
    return none_of(int(short.sum()), int(n_record.sum()), "records gave no row", n_row=len(frame))
