"""A PLINK fileset (.pgen or .bed, and the tables beside it) as segments, and what is wrong."""

from collections import Counter
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.ahead import ahead
from alsrev_dagster.ingest import plink_checks as check
from alsrev_dagster.ingest.annotation import AnnotationKeys, annotation_keys
from alsrev_dagster.ingest.genotype_advice import PLINK
from alsrev_dagster.ingest.genotype_bed import PROVISIONAL, BedCalls
from alsrev_dagster.ingest.genotype_contig import canonical_chromosome
from alsrev_dagster.ingest.genotype_pgen import PgenCalls
from alsrev_dagster.ingest.genotype_rows import Segment
from alsrev_dagster.ingest.genotype_scan import SiteScan, Start
from alsrev_dagster.ingest.genotype_stream import READ_ERRORS
from alsrev_dagster.ingest.pgen_header import PgenError, PgenHeader, read_pgen_header
from alsrev_dagster.ingest.plink_files import PlinkFiles, plink_files
from alsrev_dagster.ingest.plink_samples import read_samples
from alsrev_dagster.ingest.plink_variants import Layout, Table, read_layout, tables
from alsrev_dagster.packing import n_byte

_N_THREAD = 2
_N_AHEAD = 1
_BATCH_BYTE = 1 << 23
"""Calls, a byte each, that are decoded at once."""
_BATCH_MIN, _BATCH_MAX = 16, 1 << 15


class Calls(Protocol):
    """Where packed calls come from."""

    n_variant: int

    def packed(self, variant: NDArray[np.int64], alt: NDArray[np.int32]) -> NDArray[np.uint8]:
        """Packed calls: of each variant (rising places) the copies of one of its ALTs."""

    def close(self) -> None:
        """Close the file."""


@dataclass(frozen=True, eq=False)
class _Run:
    """Lines of a table, all of one contig, and the place of the first among the variants."""

    table: Table
    contig: str
    first: int
    last: int
    is_wanted: bool

    def parts(self, n: int) -> Iterator["_Run"]:
        """Yield the run in parts of so many lines."""
        for first in range(self.first, self.last, n):
            last = min(first + n, self.last)
            yield _Run(self.table, self.contig, first, last, self.is_wanted)


@dataclass(frozen=True)
class _Asked:
    """What of a file is to be read: all, or chromosomes, and where their lines start."""

    start: Start | None
    wanted: Collection[str] | None

    def runs(self, table: Table) -> Iterator[_Run]:
        """Yield the stretches of one contig."""
        for contig, first, last in table.runs:
            chrom = canonical_chromosome(contig)
            is_wanted = chrom is not None and (self.wanted is None or chrom in self.wanted)
            yield _Run(table, contig, first, last, is_wanted)

    def ends_at(self, run: _Run) -> bool:
        """Whether nothing that is wanted follows."""
        return self.start is not None and not run.is_wanted


class PlinkReader:
    """Reads a fileset; what it learns of records goes to ``sites``."""

    def __init__(self, path: Path, kind: str, sites: SiteScan) -> None:
        self.path, self.kind, self.sites = path, kind, sites
        self.problems, sites.advice = sites.problems, PLINK
        self.notes: tuple[str, ...] = ()
        """What is to be known of how the file was read."""

    def segments(
        self, start: Start | None = None, wanted: Collection[str] | None = None
    ) -> Iterator[Segment]:
        """Yield runs of variants of one contig, all or those of the ``wanted`` chromosomes.

        From a ``start`` (a place in the table of variants) reading ends with them.
        """
        try:
            yield from self._segments(_Asked(start, wanted))
        except PgenError as error:
            check.unreadable(error.found, self.problems)
        except READ_ERRORS:
            check.unreadable("zstd data that breaks off or is damaged", self.sites.problems)

    def _segments(self, asked: _Asked) -> Iterator[Segment]:
        files = plink_files(self.path, self.problems)
        if files is None:
            return
        samples = read_samples(files.samples, self.problems.of(files.samples.name))
        self.sites.problems = self.problems.of(files.variants.name)
        layout = read_layout(files.variants, self.sites.header, self.sites.problems)
        if self.problems or layout is None:
            return
        self.sites.header.sample_ids = samples
        calls = self._open(files, layout, asked)
        if calls is None:
            return
        try:
            yield from self._decoded(files, layout, calls, asked)
        finally:
            calls.close()

    def _open(self, files: PlinkFiles, layout: Layout, asked: _Asked) -> Calls | None:
        """Open the calls, if what their header or size says fits the table of samples."""
        n_sample = len(self.sites.header.sample_ids or ())
        header = read_pgen_header(self.path) if self.kind == "pgen" else PgenHeader()
        self.notes = _notes(self.kind, header, layout)
        if header.n_variant is None:  # PLINK 1's layout
            check.bed_size(files, n_sample, self.problems)
            return None if self.problems else BedCalls(self.path, n_sample)
        check.pgen_size(files, header, n_sample, self.problems)
        if self.problems:
            return None
        n_alt = None
        if header.is_multiallelic:
            n_alt = self._n_alt(files, layout, asked, header.n_variant)
        return PgenCalls(self.path, n_sample, header.n_variant, n_alt)

    def _n_alt(
        self, files: PlinkFiles, layout: Layout, asked: _Asked, n_variant: int
    ) -> NDArray[np.int64]:
        """ALTs of each variant that will be read, by a pass of its own; 1 of each other."""
        n_alt = np.ones(n_variant, dtype=np.int64)
        with ThreadPoolExecutor(_N_THREAD) as pool:
            for table in tables(files.variants, layout, pool, asked.start):
                for run in asked.runs(table):
                    if asked.ends_at(run):
                        return n_alt
                    first = table.n_before - layout.n_header + run.first
                    here = table.n_alt[run.first : run.last][: max(n_variant - first, 0)]
                    n_alt[first : first + len(here)] = np.maximum(here, 1)
        return n_alt

    def _decoded(
        self, files: PlinkFiles, layout: Layout, calls: Calls, asked: _Asked
    ) -> Iterator[Segment]:
        n_sample = len(self.sites.header.sample_ids or ())
        keys = annotation_keys(self.sites.header.info)
        n_header = layout.n_header
        decode = partial(_segment, calls=calls, n_sample=n_sample, n_header=n_header, keys=keys)
        with ThreadPoolExecutor(_N_THREAD) as pool, ThreadPoolExecutor(1) as one:
            read = tables(files.variants, layout, pool, asked.start)
            parts = self._parts(read, layout, asked, calls.n_variant)
            yield from ahead(one, decode, parts, n_ahead=_N_AHEAD)
        if asked == _Asked(None, None):
            check.n_variant(files, calls.n_variant, self.sites.n_record, self.problems)
            self.sites.finish()

    def _parts(
        self, read: Iterator[Table], layout: Layout, asked: _Asked, n_variant: int
    ) -> Iterator[_Run]:
        """Check the lines; yield those that can be decoded, some thousand at a time."""
        look = check.Lines(self.sites, layout)
        n_sample = len(self.sites.header.sample_ids or ())
        n_part = int(np.clip(_BATCH_BYTE // n_sample, _BATCH_MIN, _BATCH_MAX))
        for table in read:
            look.at_cells(table)
            for run in asked.runs(table):
                if asked.ends_at(run):
                    return
                look.at_sites(table, run.contig, run.first, run.last)
                is_there = table.n_before + run.last - layout.n_header <= n_variant
                if run.is_wanted and is_there and not self.problems:
                    yield from run.parts(n_part)


def _segment(
    run: _Run, calls: Calls, n_sample: int, n_header: int, keys: AnnotationKeys
) -> Segment:
    """Read the calls of a run of lines, and what INFO says of them."""
    table = run.table
    start, stop = np.searchsorted(table.row_line, [run.first, run.last]).tolist()
    variant = table.row_line[start:stop].astype(np.int64) + (table.n_before - n_header)
    packed = np.empty((0, n_byte(n_sample)), dtype=np.uint8)
    if len(variant):
        packed = calls.packed(variant, table.row_alt[start:stop])
    n_alt = table.n_alt[run.first : run.last]
    count = Counter(
        n_record=len(n_alt),
        n_no_alt=int((n_alt == 0).sum()),
        n_star=int(n_alt.sum()) - (stop - start),
    )
    last_pos = int(table.pos[run.first : run.last].max())
    return Segment(run.contig, table.rows(start, stop, packed, keys), last_pos, count)


def _notes(kind: str, header: PgenHeader, layout: Layout) -> tuple[str, ...]:
    notes = []
    if kind == "bed":
        notes.append(PROVISIONAL)
    elif header.ref_is_provisional:
        notes.append(
            "the .pgen says of every REF that it is provisional, as one made from PLINK 1 files"
        )
    elif layout.marks_provisional:
        notes.append(
            "the .pvar says where REF is provisional (PR in INFO); it is read all the same"
        )
    if header.n_dosage:
        notes.append(
            f"{header.n_dosage:,} of {header.n_variant:,} variants have dosages, which are not "
            "read: hard calls alone are"
        )
    return tuple(notes)
