"""One chromosome on its way from segments to blocks of variants, sorted, in bounded memory.

What a row is:

- one ALT allele, with the bases it shares with REF trimmed (left-aligned only where there is
  a reference: ``genotype_align``);
- dosage counts copies of that ALT; the record's other alleles count as not this one;
- a call with a missing allele (``0/.``) is missing, unless the callset says otherwise; a
  haploid call is 0 or 2;
- symbolic alleles and breakends are rows with ALT as it stands; ``*`` is not a row, nor is
  ``<*>`` (any other allele), nor a record without ALT: all are counted.
"""

from collections import Counter, deque
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.call_sums import added
from alsrev_dagster.ingest.genotype_order import RowOrder
from alsrev_dagster.ingest.genotype_rows import Rows, Segment, VariantBlock, join, no_rows
from alsrev_dagster.packing import n_byte

_BLOCK_BYTE = 4 << 20
"""Packed calls of a block."""
_N_VARIANT_MAX = 15_360
"""Variants of a block: unpacked, those of a thousand samples take 15 MB; eight are what DuckDB
packs together."""


def n_variant_of_block(n_sample: int) -> int:
    """Return how many variants a block has where nobody says: a few MB of packed calls.

    Examples
    --------
    >>> [n_variant_of_block(n_sample) for n_sample in (1, 265, 2_504, 10_000)]
    [15360, 15360, 6700, 1677]
    """
    return max(1, min(_N_VARIANT_MAX, _BLOCK_BYTE // n_byte(n_sample)))


class Chromosome:
    """One chromosome on its way from segments to blocks of ``n_variant`` rows.

    A row stands at most ``shift_max_bp`` left of its record: it waits until the records are
    that far ahead.
    """

    def __init__(
        self, chrom: str, n_sample: int, n_variant: int | None = None, *, shift_max_bp: int = 0
    ) -> None:
        self.chrom, self.n_sample = chrom, n_sample
        self.n_variant = n_variant or n_variant_of_block(n_sample)
        self.shift_max_bp = shift_max_bp
        self.order = RowOrder()
        self.n_record = 0
        self._count = Counter[str]()
        self._sample_sum: NDArray[np.float64] | None = None
        self._ready = deque[Rows]()
        self._n_ready = 0

    def blocks(self, segments: Iterable[Segment]) -> Iterator[VariantBlock]:
        """Yield the chromosome's blocks; the last one may be smaller, or empty."""
        for segment in segments:
            self.n_record += segment.count["n_record"]
            self._count.update(segment.count)
            self._sample_sum = added(self._sample_sum, segment.sample_sum)
            self.order.add(segment.rows)
            before = segment.last_pos - self.shift_max_bp
            yield from self._whole_blocks(self.order.settled(before=before))
        yield from self._whole_blocks(self.order.settled(before=None))
        if self._n_ready or self._count.total():
            yield self._block(self._n_ready)

    def _whole_blocks(self, parts: list[Rows]) -> Iterator[VariantBlock]:
        self._ready += parts
        self._n_ready += sum(map(len, parts))
        while self._n_ready >= self.n_variant:
            yield self._block(self.n_variant)

    def _block(self, n: int) -> VariantBlock:
        """Make a block of the first ``n`` rows that are ready."""
        parts: list[Rows] = []
        self._n_ready -= n
        while n:
            rows = self._ready.popleft()
            parts.append(rows.slice(0, n) if n < len(rows) else rows)
            if n < len(rows):
                self._ready.appendleft(rows.slice(n, len(rows)))
            n -= len(parts[-1])
        count, self._count = self._count, Counter[str]()
        sample_sum, self._sample_sum = self._sample_sum, None
        rows = join(parts) if parts else no_rows(self.n_sample)
        return VariantBlock(self.chrom, rows, self.n_sample, count, sample_sum)
