"""Genotypes: packed two bits a sample, one shard a chromosome and callset."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

import pyarrow as pa

from alsrev_dagster.graph.assets import chromosome_asset
from alsrev_dagster.graph.checks import Finding, key_check, none_of, table_check
from alsrev_dagster.ingest import tables
from alsrev_dagster.ingest.callset_files import relative
from alsrev_dagster.ingest.genotype_blocks import VariantBlock, read_blocks, variant_ids
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.storage.genotypes import packed_rows

_SITE = ("pos", "ref", "alt", "rsid", "filter", "qual")


def _files_of_chromosome(work: OpenStudy, chromosome: str) -> Mapping[str, str]:
    return {
        f"{callset} {relative(work.folder, path)}": found.sha256
        for callset, path, found in tables.inspections(work.folder, work.study, work.inspector)
        if found.file is None or chromosome in found.file.chromosomes
    }


_COUNTS = ("n_record", "n_star", "n_no_alt")
"""What a block says of the records it came from."""


def _rows(callset: str, blocks: Iterator[VariantBlock], count: Counter[str]) -> Iterator[pa.Table]:
    for block in blocks:
        count.update({name: getattr(block, name) for name in _COUNTS})
        site = {"variant_id": variant_ids(block), **{name: getattr(block, name) for name in _SITE}}
        yield packed_rows(callset, block.chrom, block.genotype, site)


@chromosome_asset(
    "raw.genotype",
    owner="data-management",
    after=["raw.callset"],
    kinds=("vcf", "parquet"),
    files=_files_of_chromosome,
    settings=("callsets",),
)
def genotype(work: OpenStudy, chromosomes: Sequence[str]) -> dict[str, Counter[str]]:
    """Genotypes of every sample, packed, a row an ALT allele; each file is read once.

    Records without an ALT allele (n_no_alt) and ``*`` alleles (n_star) have no row; they are
    counted.
    """
    tables.sound(work.folder, work.inspector)
    counts, shards = {c: Counter[str]() for c in chromosomes}, {c: set[str]() for c in chromosomes}
    for callset, _, found in tables.inspections(work.folder, work.study, work.inspector):
        if found.file is None or not set(chromosomes) & set(found.file.chromosomes):
            continue
        blocks = read_blocks(found.file, chromosomes)
        for chrom, of_chrom in groupby(blocks, key=lambda block: block.chrom):
            rows = _rows(callset, of_chrom, counts[chrom])
            n_row = work.lake.write_batches("raw.genotype", rows, f"{chrom}/{callset}")
            counts[chrom]["n_row"] += n_row
            shards[chrom].add(callset)
    for chrom, kept in shards.items():
        work.lake.keep_only("raw.genotype", chrom, kept)
    return counts


genotype_has_unique_key = key_check("raw.genotype")


@table_check("raw.genotype")
def every_record_was_read(work: OpenStudy) -> Finding:
    """As many records were read as the files hold, and as many rows are stored as were made."""
    receipts = [r for r in work.lake.receipts() if r.table_name == "raw.genotype"]
    count = sum((Counter(r.counts) for r in receipts), Counter[str]())
    made = {receipt.partition for receipt in receipts}
    found = tables.inspections(work.folder, work.study, work.inspector)
    files = [item.file for _, _, item in found if item.file is not None]
    n_record = sum(n for file in files for chrom, n in file.n_record_of.items() if chrom in made)
    n_stored = work.lake.n_row("raw.genotype")
    n_lost = abs(n_record - count["n_record"]) + abs(count["n_row"] - n_stored)
    return none_of(n_lost, n_record, "records were lost", **{"n_row": n_stored, **count})
