"""A BCF: its header as text, its records through htslib, as segments."""

import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.arrow_arrays import texts
from alsrev_dagster.call_sums import NO_SUMS, ROW_SUMS
from alsrev_dagster.errors import InputDataError
from alsrev_dagster.ingest.annotation import Consequence, annotation_keys, consequence_of
from alsrev_dagster.ingest.call_filter import ALL_CALLS, REASONS, CallFilter
from alsrev_dagster.ingest.genotype_alleles import (
    MISSING,
    SPANNING,
    AlleleRow,
    CallError,
    allele_rows,
    odd_calls,
)
from alsrev_dagster.ingest.genotype_header import Header
from alsrev_dagster.ingest.genotype_problem import ProblemList
from alsrev_dagster.ingest.genotype_reader import Record, failed_calls, open_records
from alsrev_dagster.ingest.genotype_rows import Rows, Segment
from alsrev_dagster.ingest.genotype_scan import SiteScan
from alsrev_dagster.ingest.genotype_stream import open_bytes
from alsrev_dagster.ingest.record_sums import RecordSums
from alsrev_dagster.packing import n_byte, pack

_HEADER_BYTE_MAX = 1 << 30
_N_AHEAD = 1024
"""Records that are read, and then split, at once."""


def read_bcf_header(path: Path, header: Header, problems: ProblemList) -> None:
    """Read the text header of a BCF (BCF2 specification, section 6.2)."""
    with open_bytes(path) as stream:
        start = stream.read(9)
        n_text = struct.unpack("<I", start[5:])[0] if len(start) == 9 else 0
        text = stream.read(n_text) if n_text <= _HEADER_BYTE_MAX else b""
    if len(text) < n_text or not text:
        raise EOFError("the BCF header is cut")
    for line in text.rstrip(b"\0\n").decode(errors="replace").split("\n"):
        if line.startswith("#"):
            header.read(line.rstrip("\r"), "header", problems)


class BcfReader:
    """Reads a BCF through once; what it learns of records goes to ``sites``."""

    def __init__(self, path: Path, sites: SiteScan, *, call_filter: CallFilter = ALL_CALLS) -> None:
        self.path, self.sites, self.call_filter = path, sites, call_filter
        self._sums: RecordSums | None = None

    def segments(self, region: str | None = None) -> Iterator[Segment]:
        """Yield runs of records of one contig, all or (by the file's index) one contig's.

        Raises InputDataError where a record cannot be read.
        """
        name, header = self.sites.problems.file_name, self.sites.header
        if self.call_filter.call_depth and header.call_fields:
            self._sums = RecordSums(len(header.sample_ids or ()), header.call_fields)
        every = open_records(self.path, region, shown=name)
        try:
            for contig, records in groupby(every, lambda record: record.CHROM):
                while batch := [self._rows(record) for record in islice(records, _N_AHEAD)]:
                    yield self._segment(contig, batch)
        except UnicodeDecodeError as error:
            raise InputDataError(
                f"{self.path.name}, record {self.sites.n_record}: found bytes that are not UTF-8 "
                "text; expected UTF-8; write the file again from its source"
            ) from error

    def _segment(self, contig: str, batch: list["_Split"]) -> Segment:
        pos = np.array([split.pos for split in batch], dtype=np.int64)
        first = self.sites.n_record - len(batch) + 1
        self.sites.records(contig, pos, lambda index: f"record {first + index}")
        count = Counter(
            n_record=len(batch),
            n_no_alt=sum(split.n_alt == 0 for split in batch),
            n_star=sum(split.n_star for split in batch),
        )
        for split in batch:
            count.update(split.count)
        n_sample = len(self.sites.header.sample_ids or ())
        if self._sums is None:
            return Segment(contig, _joined(batch, n_sample, NO_SUMS), int(pos.max()), count)
        rows = _joined(batch, n_sample, len(ROW_SUMS))
        return Segment(contig, rows, int(pos.max()), count, self._sums.take())

    def _rows(self, record: Record) -> "_Split":
        """Check one record, and split it; a record with faulty calls has no rows."""
        self.sites.n_record += 1
        place = f"record {self.sites.n_record}"
        has_end = record.INFO.get("END") is not None
        has_len = "LEN" in record.FORMAT
        self.sites.alleles(place, record.REF, record.ALT, has_end=has_end, has_len=has_len)
        has_gt = "GT" in record.FORMAT
        self.sites.n_without_gt += not has_gt
        if self.sites.header.call_fields - self.sites.fields_seen:
            self.sites.fields_seen |= self.sites.header.call_fields.intersection(record.FORMAT)
        calls = record.genotype.array()[:, :-1] if has_gt else None
        alleles, n_sample = (record.REF, *record.ALT), len(self.sites.header.sample_ids or ())
        split = _Split(record.POS, len(record.ALT), sum(alt in SPANNING for alt in record.ALT))
        half_calls = self.call_filter.half_calls
        try:
            split.rows += allele_rows(record.POS, alleles, calls, n_sample, half_calls)
        except CallError as error:
            column = self.sites.header.n_column - n_sample + error.sample + 1
            self.sites.problems.add(
                f"{place} ({record.CHROM}:{record.POS}), column {column}",
                error.found,
                expected=error.expected,
                fix="write the file again from its source",
                kind="genotypes that cannot be read",
            )
        if calls is not None and split.rows:
            failed = failed_calls(record, calls, self.call_filter)
            for row in split.rows:
                row.genotype[failed >= 0] = MISSING
            split.count.update(odd_calls(calls))
            split.count.update({name: int((failed == i).sum()) for i, name in enumerate(REASONS)})
            split.call_sum = self._summed(record, calls, split)
        # htslib keeps QUAL in 32 bits: by its shortest text, 5.1 stays 5.1 in 64
        split.qual = np.nan if record.QUAL is None else float(str(np.float32(record.QUAL)))
        split.rsid, split.filter = record.ID, ";".join(record.FILTERS) or None
        split.annotation = self._annotation(record)
        return split

    def _summed(
        self, record: Record, calls: NDArray[np.int16], split: "_Split"
    ) -> NDArray[np.float64] | None:
        if self._sums is None:
            return None
        is_called = split.rows[0].genotype != MISSING  # the same in each row
        alts = [n for n, alt in enumerate(record.ALT, start=1) if alt not in SPANNING]
        return self._sums.add(record, calls, is_called, alts)

    def _annotation(self, record: Record) -> list["_Annotation"]:
        """AF, consequence and that by gene of each ALT that is a variant."""
        keys = annotation_keys(self.sites.header.info)
        freq = record.INFO.get("AF") if keys.has_allele_freq else None
        freqs = freq if isinstance(freq, tuple) else (freq,)
        said = record.INFO.get(keys.key) if keys.key else None
        out: list[_Annotation] = []
        for index, alt in enumerate(record.ALT):
            if alt in SPANNING:
                continue
            value = freqs[index] if index < len(freqs) and freqs[index] is not None else np.nan
            both: Consequence = (None, None)
            if said:
                both = consequence_of(said, keys, record.REF, record.ALT, index + 1)
            out.append((float(str(np.float32(value))), *both))
        return out


_Annotation = tuple[float, str | None, str | None]
"""AF, consequence and that by gene."""


@dataclass
class _Split:
    """A record, and its rows."""

    pos: int
    n_alt: int
    n_star: int
    rows: list[AlleleRow] = field(default_factory=list)
    count: Counter[str] = field(default_factory=Counter)
    rsid: str | None = None
    filter: str | None = None
    qual: float = np.nan
    annotation: list[_Annotation] = field(default_factory=list)
    call_sum: NDArray[np.float64] | None = None


def _joined(batch: list[_Split], n_sample: int, n_sum: int) -> Rows:
    rows = [(split, row) for split in batch for row in split.rows]
    said = [item for split in batch if split.rows for item in split.annotation]
    codes = np.empty((len(rows), n_sample), dtype=np.uint8)
    for index, (_, row) in enumerate(rows):
        codes[index] = row.genotype
    none = np.zeros((1, n_sum))
    sums = [
        none.repeat(len(split.rows), axis=0) if split.call_sum is None else split.call_sum
        for split in batch
    ]
    return Rows(
        pos=np.array([row.pos for _, row in rows], dtype=np.int64),
        ref=texts([row.ref for _, row in rows]),
        alt=texts([row.alt for _, row in rows]),
        rsid=texts([split.rsid for split, _ in rows]),
        filter=texts([split.filter for split, _ in rows]),
        qual=np.array([split.qual for split, _ in rows], dtype=np.float64),
        info_allele_freq=np.array([freq for freq, _, _ in said], dtype=np.float64),
        consequence=texts([consequence for _, consequence, _ in said]),
        consequence_by_gene=texts([by_gene for _, _, by_gene in said]),
        packed=pack(codes) if len(rows) else np.empty((0, n_byte(n_sample)), dtype=np.uint8),
        call_sum=np.concatenate(sums),
    )
