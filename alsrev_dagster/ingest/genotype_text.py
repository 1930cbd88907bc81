"""A VCF as text (plain, gzip or BGZF): its records as segments, and all that is wrong with it.

Lines are read by a compiled pass (``vcf_kernel``); one that is not plain is looked at here,
with care, and told in words.
"""

import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.ingest import vcf_kernel as kernel
from alsrev_dagster.ingest.genotype_problem import ProblemList
from alsrev_dagster.ingest.genotype_rows import Rows, Segment, no_rows
from alsrev_dagster.ingest.genotype_scan import SiteScan, Start
from alsrev_dagster.ingest.text_stream import GROUP_BYTE, Chunk, ahead, chunks
from alsrev_dagster.ingest.vcf_lines import Lines, read_lines, rows_of

N_THREAD = 2
"""Threads that unpack and parse, beside the one that puts in order and writes."""

_GT = re.compile(rb"[/|]?(\.|[0-9]+)(?:[/|](\.|[0-9]+))?")
_FLOAT = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?|[+-]?(nan|inf(inity)?)", re.I)
_FIXED = ("CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT")
_N_FIXED = 9
_UNREAD = kernel.ODD_SHAPE | kernel.ODD_POS | kernel.ODD_CALL
"""Flags of a line whose rows are not to be used."""
_N_FIELD_SHOWN = 20
_N_DIGIT_MAX = 9
_GT_FIX = "write the file again from its source"
_ASCII_MAX = 127


@dataclass(frozen=True, eq=False)
class _Parsed:
    """A chunk, its lines and their rows; ``text`` starts with the first line."""

    chunk: Chunk
    text: NDArray[np.uint8]
    lines: Lines
    rows: Rows
    is_utf8: bool


class TextReader:
    """Reads a VCF through once; what it learns of records goes to ``sites``."""

    def __init__(
        self,
        path: Path,
        sites: SiteScan,
        *,
        half_calls: str = "missing",
        n_group_byte: int = GROUP_BYTE,
    ) -> None:
        self.path, self.sites, self.half_calls = path, sites, half_calls
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
        with ThreadPoolExecutor(N_THREAD) as pool:
            read = chunks(
                self.path,
                pool,
                start=start[:2],
                n_ahead=N_THREAD + 1,
                n_group_byte=self.n_group_byte,
            )
            parse = partial(_parse, reader=self)
            for parsed in ahead(pool, parse, self._behind_header(read), n_ahead=N_THREAD + 1):
                yield from self._segments(parsed)

    def _behind_header(self, read: Iterator[Chunk]) -> Iterator[tuple[Chunk, int]]:
        """Read the header's lines; yield chunks of rows, each with where its rows start."""
        header = self.sites.header
        for chunk in read:
            at = chunk.start
            while at < chunk.n_byte and header.sample_ids is None:
                if chunk.text[at] != ord("#"):
                    return
                line = _line(chunk.text, at)
                self.n_line += 1
                self._check_utf8(line, self.n_line)
                text = line.rstrip(b"\r\n").decode(errors="replace")
                header.read(text, f"line {self.n_line}", self.problems)
                at += len(line)
            if header.sample_ids is not None and not header.sample_ids:
                return
            if at < chunk.n_byte:
                yield chunk, at

    def _segments(self, parsed: _Parsed) -> Iterator[Segment]:
        lines, n_line = parsed.lines, len(parsed.lines.flag)
        self._look_at_odd(parsed)
        is_record = lines.flag & kernel.ODD_SHAPE == 0
        self.sites.n_record += n_line - self._n_header_line(parsed)
        self.sites.n_without_gt += int((lines.flag[is_record] & kernel.ODD_FORMAT > 0).sum())
        starts = np.flatnonzero(lines.is_new_contig)
        for first, last in pairwise([*starts.tolist(), n_line]):
            record = np.flatnonzero(is_record[first:last]) + first
            if record.size:
                yield self._segment(parsed, first, record)
        self.n_line += n_line

    def _segment(self, parsed: _Parsed, first: int, record: NDArray[np.intp]) -> Segment:
        """Make a segment of records (places among the lines) of one contig."""
        lines = parsed.lines
        place = lines.place[first]
        name = bytes(parsed.text[place[kernel.CHROM] : place[kernel.POS] - 1])
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
        count = Counter(
            n_record=len(record),
            n_no_alt=int((n_alt == 0).sum()),
            n_star=int(n_alt.sum()) - int(row[1] - row[0]),
        )
        rows = parsed.rows.slice(int(row[0]), int(row[1])) if parsed.is_utf8 else parsed.rows
        return Segment(contig, rows, int(pos.max()), count)

    def _n_header_line(self, parsed: _Parsed) -> int:
        odd = np.flatnonzero(parsed.lines.flag & kernel.ODD_SHAPE)
        starts = parsed.lines.place[odd, kernel.CHROM]
        return int((parsed.text[starts] == ord("#")).sum())

    def _look_at_odd(self, parsed: _Parsed) -> None:
        lines = parsed.lines
        is_odd = lines.flag > 0
        if not parsed.is_utf8:
            is_odd |= np.array([not _is_utf8(_raw(parsed, line)) for line in range(len(is_odd))])
        if parsed.chunk.is_cut:
            is_odd[-1] = True
        for line in np.flatnonzero(is_odd).tolist():
            raw = _raw(parsed, line)
            number = self.n_line + line + 1
            self._check_utf8(raw, number)
            n_problem, row = self.problems.n, _without_end(raw)
            qual = self._row(row, number)
            if lines.flag[line] & kernel.ODD_QUAL and qual is not None:
                lines.qual[line] = qual
            if parsed.chunk.is_cut and line == len(is_odd) - 1:
                self._check_last_call(row, number)
            if lines.flag[line] & _UNREAD and self.problems.n == n_problem:
                self._unread(number)
        if parsed.is_utf8 and (lines.flag & kernel.ODD_QUAL).any():
            parsed.rows.qual[:] = lines.qual[lines.row_line]

    def _unread(self, number: int) -> None:
        """Tell of a line that the compiled pass could not read, whatever the reason."""
        self.problems.add(
            f"line {number}",
            "a row that is not one as the VCF specification has it",
            expected="tab-separated columns, each call with the fields of FORMAT",
            fix=_GT_FIX,
            kind="rows that cannot be read",
        )

    def _check_utf8(self, line: bytes, number: int) -> None:
        try:
            line.decode()
        except UnicodeDecodeError as error:
            self.problems.add(
                f"line {number}",
                f"bytes that are not UTF-8 text (at byte {error.start + 1} of the line)",
                expected="UTF-8",
                fix="convert the file with iconv --to-code UTF-8",
                kind="lines that are not UTF-8",
            )

    def _row(self, line: bytes, number: int) -> float | None:
        """Look at one line with care; QUAL where it is a number."""
        place = f"line {number}"
        if line.startswith(b"#"):
            self.sites.header.read(line.decode(errors="replace"), place, self.problems)
            return None
        head = line.split(b"\t", _N_FIXED)
        calls = head.pop().split(b"\t") if len(head) > _N_FIXED else []
        if _N_FIXED + len(calls) != self.sites.header.n_column or len(head) < _N_FIXED:
            self._ragged(place, len(line.split(b"\t")) if line else 0)
            return None
        fields = [part.decode(errors="replace") for part in head]
        _, pos, _, ref, alt, qual, filters, info, keys = fields
        self._fields(place, fields, filters)
        self._number(place, "POS", pos, is_good=pos.isascii() and pos.isdigit() and len(pos) < 11)
        if qual != ".":
            self._number(place, "QUAL", qual, is_good=_is_float(qual))
        alts = [] if alt == "." else alt.split(",")
        has_end = info.startswith("END=") or ";END=" in info
        self.sites.alleles(place, ref, alts, has_end=has_end)
        self._calls(keys, calls, len(alts), place)
        return float(qual) if _is_float(qual) else None

    def _fields(self, place: str, fields: list[str], filters: str) -> None:
        """Check what is text: fields are not empty, and FILTER says whether a record passes."""
        for name, field in zip(_FIXED, fields, strict=True):
            if not field and name in ("ID", "FILTER", "INFO", "FORMAT"):
                self.problems.add(
                    place,
                    f"an empty {name}",
                    expected="a value, or '.' for none",
                    fix=_GT_FIX,
                    kind="empty columns",
                )
        names = filters.split(";")
        if len(names) > 1 and {"", "."} & set(names):
            self.problems.add(
                place,
                f"FILTER {filters[:_N_FIELD_SHOWN]!r}",
                expected="PASS, '.', or names of filters joined by ';'",
                fix=_GT_FIX,
                kind="FILTER that is no list of names",
            )

    def _ragged(self, place: str, n_column: int) -> None:
        self.problems.add(
            place,
            f"{n_column} columns" if n_column else "an empty line",
            expected=f"{self.sites.header.n_column} columns, as in the #CHROM line, tab separated",
            fix="copy or write the file again: the row is cut or joined with another",
            kind="rows with the wrong number of columns",
        )

    def _number(self, place: str, name: str, text: str, *, is_good: bool) -> None:
        if not is_good:
            self.problems.add(
                place,
                f"{name} {text[:_N_FIELD_SHOWN]!r}",
                expected="a whole number" if name == "POS" else "a number or '.'",
                fix=_GT_FIX,
                kind=f"{name} that is not a number",
            )

    def _check_last_call(self, line: bytes, number: int) -> None:
        """Check a last line without a line end: a copy may be cut inside its last call."""
        if _may_be_cut(line.split(b"\t")):
            self.problems.add(
                f"line {number}",
                "a last line without a line end, whose last call may be cut",
                expected="a whole last line",
                fix="copy the file again; if it is whole, end it with a line end",
                kind="file cut in its last line",
            )

    def _calls(self, keys: str, calls: list[bytes], n_alt: int, place: str) -> None:
        if keys != "GT" and not keys.startswith("GT:"):
            self._without_gt(keys, place)
            return
        for column, call in enumerate(calls, start=_N_FIXED + 1):
            value = call if keys == "GT" else call.split(b":", 1)[0]
            expected = _expected_gt(value, n_alt)
            if expected is not None:
                self.problems.add(
                    f"{place}, column {column}",
                    f"GT {value[:_N_FIELD_SHOWN].decode(errors='replace')!r}",
                    expected=expected,
                    fix=_GT_FIX,
                    kind="genotypes that cannot be read",
                )

    def _without_gt(self, keys: str, place: str) -> None:
        if "GT" in keys.split(":"):
            self.problems.add(
                place,
                f"GT not first in FORMAT {keys[:_N_FIELD_SHOWN]!r}",
                expected="GT first, as the VCF specification has it",
                fix=_GT_FIX,
                kind="records with GT out of its place",
            )


def _parse(given: tuple[Chunk, int], *, reader: TextReader) -> _Parsed:
    chunk, at = given
    text, n_byte = chunk.text[at:], chunk.n_byte - at
    n_sample = len(reader.sites.header.sample_ids or ())
    lines = read_lines(text, n_byte, n_sample=n_sample, half_calls=reader.half_calls)
    is_utf8 = bool(text[:n_byte].max(initial=0) <= _ASCII_MAX) or _is_utf8(bytes(text[:n_byte]))
    rows = rows_of(text, lines) if is_utf8 else no_rows(n_sample)
    return _Parsed(chunk, text, lines, rows, is_utf8)


def _may_be_cut(columns: list[bytes]) -> bool:
    """Whether the last call of a row lacks what the one before (else FORMAT) has.

    An allele number that could have had one more digit may be cut too.
    """
    fixed, calls = columns[:_N_FIXED], columns[_N_FIXED:]
    if len(fixed) < _N_FIXED or not calls:
        return False
    call = b"0/0" if fixed[-1].startswith(b"GT") else b""
    whole = calls[-2] if len(calls) > 1 else call + b":" * fixed[-1].count(b":")
    shape, shape_of_whole = (re.sub(rb"[^:/|]", b"", call) for call in (calls[-1], whole))
    if shape.replace(b"|", b"/") != shape_of_whole.replace(b"|", b"/"):
        return True
    number, n_alt = re.split(rb"[:/|]", calls[-1])[-1], fixed[4].count(b",") + 1
    is_allele = b":" not in calls[-1] and number.isdigit()
    return is_allele and 0 < 10 * int(number[:_N_DIGIT_MAX]) <= n_alt


def _begin(parsed: _Parsed, line: int, n_before: int) -> Start | None:
    """Where a line can be read again; None inside gzip that is not BGZF."""
    at = parsed.chunk.text.size - parsed.text.size + int(parsed.lines.place[line, kernel.CHROM])
    place = parsed.chunk.place(at)
    return None if place is None else (*place, n_before + line)


def _line(text: NDArray[np.uint8], at: int) -> bytes:
    """Return the line that starts at a place, with its line end."""
    n_byte = 1 << 12
    while True:
        part = bytes(text[at : at + n_byte])
        stop = part.find(b"\n")
        if stop >= 0 or at + n_byte >= len(text):
            return part[: stop + 1] if stop >= 0 else part
        n_byte *= 4


def _without_end(line: bytes) -> bytes:
    return line.removesuffix(b"\n").removesuffix(b"\r")


def _raw(parsed: _Parsed, line: int) -> bytes:
    return _line(parsed.text, int(parsed.lines.place[line, kernel.CHROM]))


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _expected_gt(value: bytes, n_alt: int) -> str | None:
    """Say what a GT value should have been; None when it is sound."""
    match = _GT.fullmatch(value)
    if match is None:
        return "one or two allele numbers or '.', joined by / or |"
    numbers = [number.lstrip(b"0") for number in match.groups() if number not in (None, b".")]
    if any(len(number) > _N_DIGIT_MAX or int(number or b"0") > n_alt for number in numbers):
        return f"allele numbers up to {n_alt}, the ALT alleles of the record"
    return None


def _is_float(text: str) -> bool:
    return _FLOAT.fullmatch(text) is not None
