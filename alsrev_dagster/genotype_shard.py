"""Blocks of variants, from the reader's room to the lake: one shard a chromosome and callset."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import groupby

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from alsrev_dagster.ahead import ahead
from alsrev_dagster.call_sums import added, call_means
from alsrev_dagster.ingest.genotype_rows import VariantBlock, variant_ids
from alsrev_dagster.storage.lake import Lake
from alsrev_dagster.storage.packed_genotypes import packed_rows, write_genotypes

_SITE = (
    *("pos", "ref", "alt", "rsid", "filter", "qual"),
    *("info_allele_freq", "consequence", "consequence_by_gene"),
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
    passed: dict[str, _Passed] = {}
    with ThreadPoolExecutor(1) as pool:
        for chrom, of_chrom in groupby(blocks, key=lambda block: block.chrom):
            of_shard = passed.setdefault(chrom, _Passed())
            tables = ahead(pool, partial(_table, callset), of_shard.told(of_chrom, tell), n_ahead=1)
            shard = f"{chrom}/{callset}"
            write_genotypes(lake, tables, shard, of_shard.sums)
    return {chrom: of_shard.count for chrom, of_shard in passed.items()}


class _Passed:
    """What the blocks of a chromosome that have passed told beside their rows."""

    def __init__(self) -> None:
        self.count = Counter[str]()
        self.sample_sum: NDArray[np.float64] | None = None

    def sums(self) -> NDArray[np.float64] | None:
        """Sums by sample; None where calls were not summed."""
        return self.sample_sum

    def told(
        self, blocks: Iterable[VariantBlock], tell: Callable[[str, int], None]
    ) -> Iterator[VariantBlock]:
        """Pass blocks on."""
        for block in blocks:
            self.count.update(block.count)
            self.count["n_row"] += len(block.rows)
            self.sample_sum = added(self.sample_sum, block.sample_sum)
            tell(block.chrom, self.count["n_row"])
            yield block


def _table(callset: str, block: VariantBlock) -> pa.Table:
    site = {name: getattr(block.rows, name) for name in _SITE}
    site["variant_id"] = variant_ids(block)
    site |= call_means(block.rows.call_sum)
    return packed_rows(callset, block.chrom, block.rows.packed, site)
