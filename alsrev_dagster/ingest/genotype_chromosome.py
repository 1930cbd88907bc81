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

from collections import Counter
from collections.abc import Iterable, Iterator

from alsrev_dagster.ingest.genotype_order import RowOrder
from alsrev_dagster.ingest.genotype_rows import Rows, Segment, VariantBlock, join, no_rows

N_VARIANT = 4096
"""Variants of a block."""


class Chromosome:
    """One chromosome on its way from segments to blocks of ``n_variant`` rows.

    A row stands at most ``shift_max_bp`` left of its record: it waits until the records are
    that far ahead.
    """

    def __init__(self, chrom: str, n_sample: int, n_variant: int, *, shift_max_bp: int = 0) -> None:
        self.chrom, self.n_sample, self.n_variant = chrom, n_sample, n_variant
        self.shift_max_bp = shift_max_bp
        self.order = RowOrder()
        self.n_record = 0
        self._count = Counter[str]()
        self._ready: list[Rows] = []
        self._n_ready = 0

    def blocks(self, segments: Iterable[Segment]) -> Iterator[VariantBlock]:
        """Yield the chromosome's blocks; the last one may be smaller, or empty."""
        for segment in segments:
            self.n_record += segment.count["n_record"]
            self._count.update(segment.count)
            self.order.add(segment.rows)
            before = segment.last_pos - self.shift_max_bp
            yield from self._whole_blocks(self.order.settled(before=before))
        yield from self._whole_blocks(self.order.settled(before=None))
        if self._n_ready or self._count.total():
            yield self._block(join(self._ready) if self._ready else no_rows(self.n_sample))

    def _whole_blocks(self, rows: Rows | None) -> Iterator[VariantBlock]:
        if rows is None:
            return
        self._ready.append(rows)
        self._n_ready += len(rows)
        if self._n_ready < self.n_variant:
            return
        ready, start = join(self._ready), 0
        while start + self.n_variant <= len(ready):
            yield self._block(ready.slice(start, start + self.n_variant))
            start += self.n_variant
        self._ready, self._n_ready = [ready.slice(start, len(ready))], len(ready) - start

    def _block(self, rows: Rows) -> VariantBlock:
        count, self._count = self._count, Counter[str]()
        return VariantBlock(self.chrom, rows, self.n_sample, count)
