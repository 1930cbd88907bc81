"""Blocks of variants, from the reader's room to the lake: one shard a chromosome and callset."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import groupby

import pyarrow as pa

from alsrev_dagster.ahead import ahead
from alsrev_dagster.ingest.genotype_rows import VariantBlock, variant_ids
from alsrev_dagster.storage.lake import Lake
from alsrev_dagster.storage.packed_genotypes import packed_rows, write_genotypes

_SITE = (
    *("pos", "ref", "alt", "rsid", "filter", "qual"),
    *("info_allele_freq", "consequence", "consequence_gene"),
)
"""Columns that a block's rows bring."""


def write_shards(
    lake: Lake,
    callset: str,
    blocks: Iterable[VariantBlock],
    tell: Callable[[str, int], None] = lambda *_: None,
) -> dict[str, Counter[str]]:
    """Write the shards of a callset's blocks; counts by chromosome, ``n_row`` among them.

    ``tell`` hears of each block: its chromosome, and how many rows there are so far.
    """
    counts: dict[str, Counter[str]] = {}
    with ThreadPoolExecutor(1) as pool:
        for chrom, of_chrom in groupby(blocks, key=lambda block: block.chrom):
            told = _told(of_chrom, counts.setdefault(chrom, Counter()), tell)
            tables = ahead(pool, partial(_table, callset), told, n_ahead=1)
            write_genotypes(lake, tables, f"{chrom}/{callset}")
    return counts


def _told(
    blocks: Iterable[VariantBlock], count: Counter[str], tell: Callable[[str, int], None]
) -> Iterator[VariantBlock]:
    for block in blocks:
        count.update(block.count)
        count["n_row"] += len(block.rows)
        tell(block.chrom, count["n_row"])
        yield block


def _table(callset: str, block: VariantBlock) -> pa.Table:
    site = {name: getattr(block.rows, name) for name in _SITE}
    site["variant_id"] = variant_ids(block)
    return packed_rows(callset, block.chrom, block.rows.packed, site)
