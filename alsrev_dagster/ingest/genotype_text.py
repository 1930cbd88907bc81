"""A VCF as text (plain, gzip or BGZF): its records as segments, and all that is wrong with it.

Lines are read by a compiled pass (``kernels``); one that is not plain is looked at with
care, and told in words (``vcf_row``).
"""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.ingest import line_layout as layout
from alsrev_dagster.ingest.annotation import annotation_keys
from alsrev_dagster.ingest.call_filter import ALL_CALLS, REASONS, CallFilter
from alsrev_dagster.ingest.genotype_problem import ProblemList
from alsrev_dagster.ingest.genotype_rows import Rows, Segment, no_rows
from alsrev_dagster.ingest.genotype_scan import SiteScan, Start
from alsrev_dagster.ingest.text_chunk import Chunk
from alsrev_dagster.ingest.text_stream import GROUP_BYTE, lines, read_chunks
from alsrev_dagster.ingest.vcf_lines import Lines, fields_seen, read_lines, rows_of
from alsrev_dagster.ingest.vcf_row import RowLook
from alsrev_dagster.ingest.vcf_text import whole_line

N_THREAD = 2
"""Threads that unpack and parse, beside the one that puts in order and writes."""

_UNREAD = layout.ODD_SHAPE | layout.ODD_POS | layout.ODD_CALL
"""Flags of a line whose rows are not to be used."""
_UNREAD_CALLS = layout.ODD_SHAPE | layout.ODD_CALL
"""Flags of a line whose calls are looked at; of any other only the columns before them."""
_ASCII_MAX = 127


@dataclass(frozen=True, eq=False)
class _Parsed:
    """A chunk, its lines and their rows, which outlast its text."""

    chunk: Chunk
    lines: Lines
    rows: Rows
    is_utf8: bool

    @property
    def text(self) -> NDArray[np.uint8]:
        """The chunk's bytes: ``lines`` point into them."""
        return self.chunk.text


class TextReader:
    """Reads a VCF through once; what it learns of records goes to ``sites``."""

    def __init__(
        self,
        path: Path,
        sites: SiteScan,
        *,
        call_filter: CallFilter = ALL_CALLS,
        n_group_byte: int = GROUP_BYTE,
    ) -> None:
        self.path, self.sites, self.call_filter = path, sites, call_filter
        self.n_group_byte = n_group_byte
        self.n_line = 0

    @property
    def problems(self) -> ProblemList:
        """The file's problems."""
        return self.sites.problems

    def segments(self, start: Start = (0, 0, 0)) -> Iterator[Segment]:
        """Yield runs of records of one contig; nothing where the header is not whole.

        From a ``start`` behind the header, the header of ``sites`` must be known.
        """
        self.n_line = start[2]
        place = start[:2]
        if self.sites.header.sample_ids is None:
            place = (0, self._read_header())
        if not self.sites.header.sample_ids:
            return
        with ThreadPoolExecutor(N_THREAD) as pool:
            for parsed in read_chunks(
                self.path,
                pool,
                partial(_parse, reader=self),
                start=place,
                n_ahead=N_THREAD + 1,
                n_group_byte=self.n_group_byte,
            ):
                yield from self._segments(parsed)

    def _read_header(self) -> int:
        """Read the lines up to #CHROM; how many bytes they are."""
        header, look, n_byte = self.sites.header, RowLook(self.sites), 0
        for line in lines(self.path, n_group_byte=self.n_group_byte):
            if not line.startswith(b"#"):
                break
            self.n_line += 1
            n_byte += len(line)
            look.check_utf8(line, self.n_line)
            text = line.rstrip(b"\r\n").decode(errors="replace")
            header.read(text, f"line {self.n_line}", self.problems)
            if header.sample_ids is not None:
                break
        return n_byte

    def _segments(self, parsed: _Parsed) -> Iterator[Segment]:
        lines, n_line = parsed.lines, len(parsed.lines.flag)
        self._look_at_odd(parsed)
        is_record = lines.flag & layout.ODD_SHAPE == 0
        self.sites.n_record += n_line - self._n_header_line(parsed)
        self.sites.n_without_gt += int((lines.flag[is_record] & layout.ODD_FORMAT > 0).sum())
        if self.sites.header.call_fields - self.sites.fields_seen:
            self.sites.fields_seen |= fields_seen(parsed.text, lines)
        starts = np.flatnonzero(lines.is_new_contig)
        for run, (first, last) in enumerate(pairwise([*starts.tolist(), n_line])):
            record = np.flatnonzero(is_record[first:last]) + first
            if record.size:
                yield self._segment(parsed, run, first, record)
        self.n_line += n_line

    def _segment(self, parsed: _Parsed, run: int, first: int, record: NDArray[np.intp]) -> Segment:
        """Make a segment of records (places among the lines) of one contig: a run, by number."""
        lines = parsed.lines
        place = lines.place[first]
        name = bytes(parsed.text[place[layout.CHROM] : place[layout.POS] - 1])
        contig = name.decode(errors="replace")
        n_before = self.n_line
        pos = np.where(lines.pos[record] < 0, 1, lines.pos[record])
        self.sites.records(
            contig,
            pos,
            lambda index: f"line {n_before + int(record[index]) + 1}",
            begin=lambda: _begin(parsed, first, n_before),
        )
        row = np.searchsorted(lines.row_line, [record[0], record[-1] + 1])
        n_alt = lines.n_alt[record]
        n_odd_call = _of_lines_with_rows(lines.n_odd_call, lines.row_line[row[0] : row[1]])
        count = Counter(
            n_record=len(record),
            n_no_alt=int((n_alt == 0).sum()),
            n_star=int(n_alt.sum()) - int(row[1] - row[0]),
            n_half_call=int(n_odd_call[0]),
            n_haploid_call=int(n_odd_call[1]),
        )
        n_failed = lines.n_failed[record].sum(axis=0)
        count.update(dict(zip(REASONS, n_failed.tolist(), strict=True)))
        rows = parsed.rows.slice(int(row[0]), int(row[1])) if parsed.is_utf8 else parsed.rows
        sample_sum = lines.sample_sum[run] if len(lines.sample_sum) else None
        return Segment(contig, rows, int(pos.max()), count, sample_sum)

    def _n_header_line(self, parsed: _Parsed) -> int:
        odd = np.flatnonzero(parsed.lines.flag & layout.ODD_SHAPE)
        starts = parsed.lines.place[odd, layout.CHROM]
        return int((parsed.text[starts] == ord("#")).sum())

    def _look_at_odd(self, parsed: _Parsed) -> None:
        lines, look = parsed.lines, RowLook(self.sites)
        is_whole = lines.flag & _UNREAD_CALLS > 0
        if not parsed.is_utf8:
            is_whole |= np.array([not _is_utf8(_raw(parsed, n)) for n in range(len(is_whole))])
        if parsed.chunk.is_cut:
            is_whole[-1] = True
        for line in np.flatnonzero(is_whole | (lines.flag > 0)).tolist():
            number, n_problem = self.n_line + line + 1, self.problems.n
            if is_whole[line]:
                is_last = parsed.chunk.is_cut and line == len(is_whole) - 1
                qual = self._look_at_line(look, _raw(parsed, line), number, is_last=is_last)
            else:
                qual = look.look_at_fixed(_fixed(parsed, line), f"line {number}")
            if lines.flag[line] & layout.ODD_QUAL and qual is not None:
                lines.qual[line] = qual
            if lines.flag[line] & _UNREAD and self.problems.n == n_problem:
                look.tell_unread(number)
        if parsed.is_utf8 and (lines.flag & layout.ODD_QUAL).any():
            parsed.rows.qual[:] = lines.qual[lines.row_line]

    @staticmethod
    def _look_at_line(look: RowLook, raw: bytes, number: int, *, is_last: bool) -> float | None:
        """Look at a line and its calls; ``is_last``: of a file whose last line has no end."""
        look.check_utf8(raw, number)
        row = raw.removesuffix(b"\n").removesuffix(b"\r")
        qual = look.look(row, number)
        if is_last:
            look.check_last_call(row, number)
        return qual


def _parse(chunk: Chunk, *, reader: TextReader) -> _Parsed:
    text, n_byte = chunk.text, chunk.n_byte
    header = reader.sites.header
    n_sample = len(header.sample_ids or ())
    lines = read_lines(
        text,
        n_byte,
        n_sample=n_sample,
        call_filter=reader.call_filter,
        call_fields=header.call_fields,
    )
    is_utf8 = bool(text[:n_byte].max(initial=0) <= _ASCII_MAX) or _is_utf8(bytes(text[:n_byte]))
    keys = annotation_keys(header.info)
    rows = rows_of(text, lines, keys) if is_utf8 else no_rows(n_sample)
    return _Parsed(chunk, lines, rows, is_utf8)


def _of_lines_with_rows(count: NDArray[np.int32], row_line: NDArray[np.int32]) -> NDArray[np.int64]:
    """Sum of counts over the lines of these rows, each line once."""
    is_other = np.append(True, row_line[1:] != row_line[:-1])[: len(row_line)]
    total: NDArray[np.int64] = count[row_line[is_other]].sum(axis=0)
    return total


def _begin(parsed: _Parsed, line: int, n_before: int) -> Start | None:
    """Where a line can be read again; None inside gzip that is not BGZF."""
    place = parsed.chunk.place(int(parsed.lines.place[line, layout.CHROM]))
    return None if place is None else (*place, n_before + line)


def _raw(parsed: _Parsed, line: int) -> bytes:
    return whole_line(parsed.text, int(parsed.lines.place[line, layout.CHROM]))


def _fixed(parsed: _Parsed, line: int) -> list[str]:
    """Return the columns CHROM to FORMAT of a line; their text is UTF-8."""
    place = parsed.lines.place[line]
    fixed = parsed.text[place[layout.CHROM] : place[layout.CALLS] - 1].tobytes()
    return fixed.decode().split("\t")


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
