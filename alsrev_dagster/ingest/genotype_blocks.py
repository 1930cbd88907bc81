"""Genotypes of a sound file as blocks of biallelic variants, sorted, in bounded memory.

What a row is:

- one ALT allele, with the bases it shares with REF trimmed (not left-aligned);
- dosage counts copies of that ALT; the record's other alleles count as not this one;
- a call with a missing allele (``0/.``) is missing; a haploid call is 0 or 2;
- symbolic alleles and breakends are rows with ALT as it stands; ``*`` is not a row, and
  neither is a record without ALT: both are counted.
"""

from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.ingest.genotype_alleles import SPANNING, CallError, allele_rows
from alsrev_dagster.ingest.genotype_contig import canonical_chromosome
from alsrev_dagster.ingest.genotype_file import GenotypeFile
from alsrev_dagster.ingest.genotype_order import Row, RowOrder
from alsrev_dagster.ingest.genotype_reader import Record, n_indexed, open_records, sample_ids


@dataclass(frozen=True, eq=False)
class VariantBlock:
    """Variants of one chromosome, sorted by (pos, ref, alt) within and across blocks."""

    chrom: str
    pos: NDArray[np.int64]
    """1-based position of the first base of REF."""
    ref: list[str]
    alt: list[str]
    rsid: list[str | None]
    filter: list[str | None]
    """FILTER as it stands; None for ``.``."""
    qual: NDArray[np.float64]
    """NaN where missing."""
    genotype: NDArray[np.uint8]
    """(n_variant, n_sample) codes: 0 hom-ref, 1 het, 2 hom-alt, 3 missing."""
    n_record: int
    """Records read for this block: over all blocks, every record of the chromosome."""
    n_star: int
    """``*`` alleles dropped among them."""
    n_no_alt: int
    """Records dropped among them because ALT is ``.``."""


def variant_ids(block: VariantBlock) -> list[str]:
    """Name each variant of a block: ``chrom-pos-ref-alt``."""
    named = zip(block.pos.tolist(), block.ref, block.alt, strict=True)
    return [f"{block.chrom}-{pos}-{ref}-{alt}" for pos, ref, alt in named]


def read_blocks(
    file: GenotypeFile, chromosomes: Collection[str], *, n_variant: int = 4096
) -> Iterator[VariantBlock]:
    """Read the chromosomes (canonical names) in blocks of at most ``n_variant`` rows.

    Goes by the file's index when that is as new as the file and counts as many records;
    else reads the file once, in its own order. A chromosome whose records are not as
    many as inspect counted is an InputDataError, and so are duplicate variants, told
    when the chromosome has been read; what came before is then not to be kept.
    """
    _check_samples(file)
    for chrom, records in _by_chromosome(file, frozenset(chromosomes)):
        yield from _Chromosome(file, chrom, n_variant).blocks(records)


def _check_samples(file: GenotypeFile) -> None:
    if sample_ids(file.path, file.name) != file.sample_ids:
        raise InputDataError(
            f"{file.name}: found other samples than when the file was inspected; expected "
            "an unchanged file; run again"
        )


def _by_chromosome(
    file: GenotypeFile, wanted: frozenset[str]
) -> Iterator[tuple[str, Iterator[Record]]]:
    """Yield each wanted chromosome with its records, by index or from one pass."""
    held = [chrom for chrom in file.chromosomes if chrom in wanted]
    if len(held) < len(file.chromosomes) and n_indexed(file.path) == file.n_record:
        for chrom in held:
            yield (
                chrom,
                open_records(file.path, file.contigs, region=file.spelling[chrom], shown=file.name),
            )
        return
    left = set(held)
    with closing(open_records(file.path, file.contigs, shown=file.name)) as everything:
        for contig, records in groupby(everything, lambda record: record.CHROM):
            name = canonical_chromosome(contig)
            if name in left:
                left.remove(name)
                yield name, records
            if not left:
                break
    for chrom in sorted(left):
        yield chrom, iter(())


class _Chromosome:
    """One chromosome on its way from records to blocks."""

    def __init__(self, file: GenotypeFile, chrom: str, n_variant: int) -> None:
        self.file, self.chrom, self.n_variant = file, chrom, n_variant
        self._order = RowOrder()
        self._ready: list[Row] = []
        self._n_read = 0
        self._n_record = self._n_star = self._n_no_alt = 0

    def blocks(self, records: Iterator[Record]) -> Iterator[VariantBlock]:
        """Yield the chromosome's blocks, then check that it was whole and free of duplicates."""
        for record in records:
            self._ready += self._order.settled(before=record.POS)
            while len(self._ready) >= self.n_variant:
                yield self._block()
            self._take(record)
        self._ready += self._order.settled(before=None)
        while self._ready or self._n_record:
            yield self._block()
        self._check_count()
        self._check_duplicates()

    def _take(self, record: Record) -> None:
        self._n_read += 1
        self._n_record += 1
        self._n_no_alt += not record.ALT
        self._n_star += sum(alt in SPANNING for alt in record.ALT)
        calls = record.genotype.array()[:, :-1] if "GT" in record.FORMAT else None
        alleles = (record.REF, *record.ALT)
        try:
            rows = allele_rows(record.POS, alleles, calls, len(self.file.sample_ids))
        except CallError as error:
            raise InputDataError(
                f"{self.file.name}, record {self._n_read} of {self.chrom} (POS {record.POS}): "
                f"{error}; write the file again from its source"
            ) from error
        passed = ";".join(record.FILTERS) or None
        qual = np.nan if record.QUAL is None else record.QUAL
        for row in rows:
            label = (row.pos, row.ref, row.alt, record.ID, passed, qual)
            self._order.add(Row(*label, genotype=row.genotype))

    def _block(self) -> VariantBlock:
        rows, self._ready = self._ready[: self.n_variant], self._ready[self.n_variant :]
        codes = np.empty((len(rows), len(self.file.sample_ids)), dtype=np.uint8)
        for index, row in enumerate(rows):
            codes[index] = row.genotype
        # htslib keeps QUAL in 32 bits: by its shortest text, 5.1 stays 5.1 in 64
        qual = np.array([row.qual for row in rows], dtype=np.float32).astype(str)
        block = VariantBlock(
            chrom=self.chrom,
            pos=np.array([row.pos for row in rows], dtype=np.int64),
            ref=[row.ref for row in rows],
            alt=[row.alt for row in rows],
            rsid=[row.rsid for row in rows],
            filter=[row.filter for row in rows],
            qual=qual.astype(np.float64),
            genotype=codes,
            n_record=self._n_record,
            n_star=self._n_star,
            n_no_alt=self._n_no_alt,
        )
        self._n_record = self._n_star = self._n_no_alt = 0
        return block

    def _check_count(self) -> None:
        expected = self.file.n_record_of[self.chrom]
        if self._n_read != expected:
            raise InputDataError(
                f"{self.file.name}: found {self._n_read:,} records on {self.chrom}; expected "
                f"{expected:,}, as counted when the file was inspected; make its index again "
                "(bcftools index --force) or delete it, and run again"
            )

    def _check_duplicates(self) -> None:
        n_more = self._order.n_duplicate - len(self._order.duplicates)
        if self._order.n_duplicate:
            names = ", ".join(f"{self.chrom}-{name}" for name in self._order.duplicates)
            raise InputDataError(
                f"{self.file.name}: found {self._order.n_duplicate:,} variants more than once "
                f"({names}{f' and {n_more:,} more' if n_more else ''}); expected each once; join "
                "or drop the duplicates (bcftools norm --multiallelics -, then --rm-dup exact)"
            )
