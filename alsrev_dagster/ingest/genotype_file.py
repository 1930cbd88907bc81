"""A genotype file: what it holds, everything that is wrong with it, and its blocks."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path, PurePath

from alsrev_dagster.errors import InputDataError, Problem
from alsrev_dagster.ingest.call_filter import ALL_CALLS, CallFilter
from alsrev_dagster.ingest.genotype_advice import Advice
from alsrev_dagster.ingest.genotype_align import Aligner
from alsrev_dagster.ingest.genotype_bcf import BcfReader, read_bcf_header
from alsrev_dagster.ingest.genotype_chromosome import Chromosome
from alsrev_dagster.ingest.genotype_contig import canonical_chromosome
from alsrev_dagster.ingest.genotype_header import Header
from alsrev_dagster.ingest.genotype_open import (
    READ_AGAIN,
    WRITE_AGAIN,
    check_end,
    check_htslib,
    open_kind,
    unreadable,
)
from alsrev_dagster.ingest.genotype_plink import PlinkReader
from alsrev_dagster.ingest.genotype_problem import ProblemList
from alsrev_dagster.ingest.genotype_rows import Segment, VariantBlock
from alsrev_dagster.ingest.genotype_scan import SiteScan, Start
from alsrev_dagster.ingest.genotype_stream import (
    READ_ERRORS,
    is_gzip,
)
from alsrev_dagster.ingest.genotype_text import TextReader
from alsrev_dagster.ingest.plink_files import (
    PLINK_FORMATS,
    fileset_mark,
    members,
)
from alsrev_dagster.ingest.reference_sequence import Reference
from alsrev_dagster.ingest.text_chunk import LongLineError
from alsrev_dagster.ingest.text_stream import GROUP_BYTE

_N_FIXED = 9
"""Columns of a VCF before the first sample."""


@dataclass(frozen=True)
class GenotypeFile:
    """A file (of PLINK: three) that inspect found sound."""

    path: Path
    format: str
    """``vcf``, ``vcf.gz`` (gzip or BGZF), ``bcf``, ``pgen`` or ``bed``, by content, not by name."""
    sample_ids: tuple[str, ...]
    chromosomes: tuple[str, ...]
    """Canonical names of those with records, in canonical order."""
    n_record: int
    n_left_out: int
    """Records on contigs that are known not to be chromosomes."""
    contig_lengths: dict[str, int]
    """Length by canonical name, where the header gives one."""
    reference: str | None
    """Text of ##reference, else of ##assembly or the assembly of a ##contig."""
    n_record_of: dict[str, int]
    """Records by chromosome; read_blocks must find as many."""
    last_pos: dict[str, int]
    """Last position with a record, by chromosome."""
    spelling: dict[str, str]
    """The chromosome's name in the file, by canonical name."""
    contigs: tuple[str, ...]
    """Every contig with records, as spelled in the file."""
    n_without_gt: int
    """Records whose FORMAT has no GT: all their calls are missing."""
    start_of: dict[str, Start]
    """Where a chromosome can be read again without what lies before it, where it can."""
    info: dict[str, str]
    """Text of the header's INFO lines that say something of variants, by ID."""
    mark: tuple[int, ...]
    """``fileset_mark`` of its files as they were read: another mark means other bytes."""
    call_fields: tuple[str, ...] = ()
    """Which of AD, DP and GQ the header declares."""
    call_fields_seen: tuple[str, ...] = ()
    """Which of those any record has in its FORMAT."""
    notes: tuple[str, ...] = ()
    """What is to be known of how the file was read."""

    def sample_place(self, index: int) -> str:
        """Say where a sample stands, by its place among them."""
        if self.format in PLINK_FORMATS:
            return f"sample {index + 1} of {members(self.path)[-1].name}"
        return f"column {index + _N_FIXED + 1}"

    shown: str = ""
    """What messages call it where its study has another file of that name."""

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.shown or self.path.name


def inspect(
    path: Path, *, reference: Reference | None = None
) -> tuple[GenotypeFile | None, tuple[Problem, ...]]:
    """Read the whole file once; the file when it is sound, else every problem of it."""
    reading = Reading(path, reference=reference)
    for _ in reading.blocks():
        """Blocks are checked as they are made."""
    return reading.file, reading.problems.all()


class Reading:
    """A file that is read through once: first its blocks, then the file or its problems."""

    def __init__(
        self,
        path: Path,
        *,
        call_filter: CallFilter = ALL_CALLS,
        n_variant: int | None = None,
        reference: Reference | None = None,
        n_group_byte: int = GROUP_BYTE,
    ) -> None:
        self.path, self.call_filter, self.n_variant = path, call_filter, n_variant
        self.n_group_byte = n_group_byte
        self.problems = ProblemList(path.name)
        self._aligner = Aligner(reference, self.problems)
        self.file: GenotypeFile | None = None
        """The file, once its blocks are read and nothing is wrong with it."""
        self._sites = SiteScan(Header(), self.problems)
        self._notes: tuple[str, ...] = ()

    def blocks(self) -> Iterator[VariantBlock]:
        """Yield blocks until something is wrong; read on to the end all the same."""
        try:
            mark, kind = fileset_mark(self.path), open_kind(self.path, self.problems)
            if kind == "vcf":
                yield from self._blocks(self._text_segments())
            elif kind == "bcf":
                yield from self._blocks(self._bcf_segments())
            elif kind:
                yield from self._blocks(self._plink_segments(kind))
            if kind and not self.problems and fileset_mark(self.path) != mark:
                unreadable(self.problems, "a file that changed while it was read", READ_AGAIN)
        except OSError as error:
            unreadable(self.problems, f"a file that cannot be read ({error.strerror or error})")
            return
        if kind and not self.problems:
            is_packed = kind == "vcf" and is_gzip(self.path)
            kind = "vcf.gz" if is_packed else kind
            self.file = _file(self.path, kind, self._sites, mark, self._notes)

    def _blocks(self, segments: Iterator[Segment]) -> Iterator[VariantBlock]:
        for chrom, of_chrom in groupby(segments, lambda s: canonical_chromosome(s.contig)):
            if chrom is None or self.problems:
                continue
            n_sample, most = len(self._sites.header.sample_ids or ()), self._aligner.shift_max_bp
            chromosome = Chromosome(chrom, n_sample, self.n_variant, shift_max_bp=most)
            for block in chromosome.blocks(self._aligner.segments(of_chrom)):
                if not self.problems and not self._aligner.found_fault:
                    yield block
            tell_duplicates(chromosome, self.problems, self._sites.advice)
        self._aligner.tell()

    def _text_segments(self) -> Iterator[Segment]:
        reader = TextReader(
            self.path, self._sites, call_filter=self.call_filter, n_group_byte=self.n_group_byte
        )
        try:
            yield from reader.segments()
        except LongLineError as error:
            unreadable(self.problems, str(error), WRITE_AGAIN, f"after line {reader.n_line}")
            return
        except READ_ERRORS:
            found = "gzip data that breaks off or is damaged (a truncated copy?)"
            unreadable(self.problems, found, place=f"after line {reader.n_line}")
            return
        check_end(self.path, self.problems)
        if self._sites.header.sample_ids is None:
            found = f"no #CHROM line behind the {reader.n_line} header lines at its start"
            unreadable(self.problems, found, WRITE_AGAIN)
        elif self._sites.header.sample_ids:
            self._sites.finish()
        if not self.problems:
            check_htslib(self.path, self._sites)

    def _bcf_segments(self) -> Iterator[Segment]:
        check_end(self.path, self.problems)
        try:
            read_bcf_header(self.path, self._sites.header, self.problems)
        except READ_ERRORS:
            unreadable(self.problems, "a BCF header that breaks off or is damaged")
        if self._sites.header.sample_ids is None and not self.problems:
            unreadable(self.problems, "no #CHROM line", WRITE_AGAIN)
        if self.problems:  # htslib is not let near a file that is known to be broken
            return
        try:
            yield from BcfReader(self.path, self._sites, call_filter=self.call_filter).segments()
        except InputDataError as error:
            place = f"after record {self._sites.n_record}"
            unreadable(self.problems, str(error), place=place)
            return
        self._sites.finish()
        check_htslib(self.path, self._sites)

    def _plink_segments(self, kind: str) -> Iterator[Segment]:
        reader = PlinkReader(self.path, kind, self._sites)
        yield from reader.segments()
        self._notes = reader.notes


def check_mark(file: GenotypeFile) -> None:
    """Refuse a file that is not the one that was inspected."""
    if fileset_mark(file.path) != file.mark:
        raise InputDataError(
            f"{file.name}: found a file that changed since it was inspected; expected the "
            f"same bytes; {READ_AGAIN}"
        )


def tell_duplicates(chromosome: Chromosome, problems: ProblemList, advice: Advice) -> None:
    """Add a problem where variants stand in a chromosome more than once."""
    order = chromosome.order
    if not order.n_duplicate:
        return
    names = ", ".join(f"{chromosome.chrom}-{name}" for name in order.duplicates)
    n_more = order.n_duplicate - len(order.duplicates)
    problems.add(
        "",
        f"{order.n_duplicate:,} variants more than once "
        f"({names}{f' and {n_more:,} more' if n_more else ''})",
        expected="each once",
        fix=advice.duplicate,
        kind=f"duplicate variants on {chromosome.chrom}",
    )


def as_shown(
    name: str, file: GenotypeFile | None, problems: tuple[Problem, ...]
) -> tuple[GenotypeFile | None, tuple[Problem, ...]]:
    """What inspect found, under the name by which messages call the file."""
    if file is not None:
        file = replace(file, shown=name)
    base = PurePath(name).name
    told = [replace(p, where=name + p.where.removeprefix(base)) for p in problems]
    return file, tuple(told)


def _file(
    path: Path, kind: str, sites: SiteScan, mark: tuple[int, ...], notes: tuple[str, ...]
) -> GenotypeFile:
    header = sites.header
    return GenotypeFile(
        path=path,
        format=kind,
        sample_ids=header.sample_ids or (),
        chromosomes=sites.chromosomes,
        n_record=sites.n_record,
        n_left_out=sites.n_left_out,
        contig_lengths=header.contig_lengths,
        reference=header.reference or header.assembly,
        n_record_of=sites.n_record_of,
        last_pos=sites.last_pos,
        spelling=sites.spelling,
        contigs=tuple(sorted(sites.contigs)),
        n_without_gt=sites.n_without_gt,
        start_of=sites.start_of,
        info=header.info,
        mark=mark,
        call_fields=tuple(sorted(header.call_fields)),
        call_fields_seen=tuple(sorted(header.call_fields & sites.fields_seen)),
        notes=header.notes + notes,
    )
