"""The table of variants of a PLINK fileset: a .pvar (plain or zstd) or .bim, as arrays."""

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise, takewhile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from alsrev_dagster.ingest import kernels, line_layout, plink_layout
from alsrev_dagster.ingest.annotation import NO_KEYS, AnnotationKeys
from alsrev_dagster.ingest.genotype_header import Header
from alsrev_dagster.ingest.genotype_problem import ProblemList
from alsrev_dagster.ingest.genotype_rows import Rows, no_sums, no_text
from alsrev_dagster.ingest.genotype_scan import Start
from alsrev_dagster.ingest.info_columns import InfoText
from alsrev_dagster.ingest.line_arrays import LineArrays, room_for_lines, room_for_rows
from alsrev_dagster.ingest.text_chunk import Chunk
from alsrev_dagster.ingest.text_stream import lines, read_chunks
from alsrev_dagster.ingest.vcf_text import strings, whole_line

_N_AHEAD = 2
_LINE_END = 10
_ASCII_MAX = 127
_ROLE = {
    name: role
    for role, name in enumerate(("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO"))
}
_REQUIRED = ("#CHROM", "POS", "ID", "REF", "ALT")
_BIM = ("#CHROM", "ID", "CM", "POS", "ALT", "REF")
"""PLINK 2 takes A1 (the fifth column) for ALT and A2 for REF when it reads a .bim."""
_PROVISIONAL = "##INFO=<ID=PR,"


@dataclass(frozen=True)
class Layout:
    """Columns of a table of variants, and what stands before its rows."""

    columns: tuple[str, ...]
    by_tab: bool
    n_header: int = 0
    """Lines before the first row."""
    n_header_byte: int = 0
    marks_provisional: bool = False
    """INFO can say that REF is provisional (PR)."""

    @property
    def role_of(self) -> NDArray[np.int64]:
        """Role of each column; -1 for what is not read."""
        return np.array([_ROLE.get(name, -1) for name in self.columns], dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Table(LineArrays):
    """Lines of a chunk, which are rows of the table."""

    chunk: Chunk
    n_before: int = 0
    """Lines of the file before them."""

    @property
    def text(self) -> NDArray[np.uint8]:
        """The chunk's bytes: places point into them."""
        return self.chunk.text

    @property
    def runs(self) -> Iterator[tuple[str, int, int]]:
        """Lines that follow one another on one contig: its name, first line, line behind."""
        starts = np.flatnonzero(self.is_new_contig).tolist()
        for first, last in pairwise([*starts, len(self.flag)]):
            yield self.cell(first, plink_layout.CHROM), first, last

    def cell(self, line: int, role: int) -> str:
        """Return one cell; empty where the file has no such column."""
        start, stop = self.place[line, role]
        return bytes(self.text[start:stop]).decode(errors="replace")

    @property
    def is_ascii(self) -> bool:
        """Whether all of the text is."""
        return bool(self.text.max(initial=0) <= _ASCII_MAX)

    def line(self, line: int) -> bytes:
        """Return a whole line, without its line end."""
        start = int(self.place[line, plink_layout.CHROM, 0])
        return whole_line(self.text, start).removesuffix(b"\n").rstrip(b"\r")

    def begin(self, line: int) -> Start | None:
        """Where a line can be read again; None inside zstd."""
        place = self.chunk.place(int(self.place[line, plink_layout.CHROM, 0]))
        return None if place is None else (*place, self.n_before + line)

    def rows(
        self, start: int, stop: int, packed: NDArray[np.uint8], keys: AnnotationKeys = NO_KEYS
    ) -> Rows:
        """Return rows of the table, with their calls and what INFO says of them."""
        text, at, part = self.text, self.row_place, slice(start, stop)
        line = self.row_line[part]
        info = self._info(start, stop)
        consequence, by_gene = info.consequences(keys)
        has_filter = bool(self.place[line, plink_layout.FILTER, 1].any())
        return Rows(
            pos=self.row_pos[part],
            ref=strings(text, at[part, 0], at[part, 1], bases_in_capitals=True),
            alt=strings(text, at[part, 2], at[part, 3], bases_in_capitals=True),
            rsid=self._column(line, plink_layout.ID),
            filter=self._column(line, plink_layout.FILTER) if has_filter else no_text(len(line)),
            qual=self.qual[line],
            info_allele_freq=info.allele_freq(keys),
            consequence=consequence,
            consequence_by_gene=by_gene,
            packed=packed,
            call_sum=no_sums(len(line)),
        )

    def _info(self, start: int, stop: int) -> InfoText:
        """Return the INFO of the lines that these rows are of, placed as in a VCF."""
        line = self.row_line[start:stop]
        first, behind = (int(line[0]), int(line[-1]) + 1) if len(line) else (0, 0)
        of_line = self.place[first:behind]
        place = np.zeros((len(of_line), line_layout.N_COLUMN), dtype=np.int32)
        place[:, line_layout.REF] = of_line[:, plink_layout.REF, 0]
        place[:, line_layout.ALT] = of_line[:, plink_layout.ALT, 0]
        place[:, line_layout.QUAL] = of_line[:, plink_layout.ALT, 1] + 1
        place[:, line_layout.INFO] = of_line[:, plink_layout.INFO, 0]
        place[:, line_layout.FORMAT] = of_line[:, plink_layout.INFO, 1] + 1
        flag, alt = self.flag[first:behind], self.row_alt[start:stop]
        return InfoText(self.text, place, flag, line - np.int32(first), alt)

    def _column(self, line: NDArray[np.int32], role: int) -> pa.StringArray:
        start, stop = self.place[line, role, 0], self.place[line, role, 1]
        return strings(self.text, start, stop, dot_is_null=True)


def read_layout(path: Path, header: Header, problems: ProblemList) -> Layout | None:
    """Read what stands before the rows; ``problems`` are those of this file."""
    if path.suffix.lower() == ".bim":
        n_column = len(_first_line(path).split())
        columns = _BIM if n_column != len(_BIM) - 1 else tuple(c for c in _BIM if c != "CM")
        return Layout(columns, by_tab=False)
    marks, n_byte = False, 0
    for n_line, raw in enumerate(_head(path), start=1):
        line, n_byte = _text(raw), n_byte + len(raw)
        if line.startswith("#CHROM"):
            layout = Layout(tuple(line.split("\t")), True, n_line, n_byte, marks)
            return layout if _has_columns(layout, problems) else None
        marks |= line.startswith(_PROVISIONAL)
        if line.startswith("##"):
            header.read(line, f"line {n_line}", problems)
    problems.add(
        "",
        "no #CHROM line",
        expected="a header line that names the columns",
        fix="write the table again (plink2 --make-just-pvar)",
        kind="no #CHROM line",
    )
    return None


def _has_columns(layout: Layout, problems: ProblemList) -> bool:
    """Whether the columns are there, each once; told where they are not."""
    columns = layout.columns
    if set(_REQUIRED) <= set(columns) and len(set(columns)) == len(columns):
        return True
    problems.add(
        f"line {layout.n_header}",
        "a #CHROM line without one of the columns, or with one of them twice",
        expected=f"{' '.join(_REQUIRED)} at least, separated by tabs",
        fix="write the table again (plink2 --make-just-pvar)",
        kind="malformed #CHROM line",
    )
    return False


def head_lines(path: Path) -> Iterator[str]:
    """Yield the lines at the top that start with ``#``."""
    return map(_text, _head(path))


def _head(path: Path) -> Iterator[bytes]:
    return takewhile(lambda line: line.startswith(b"#"), lines(path))


def _text(line: bytes) -> str:
    return line.removesuffix(b"\n").rstrip(b"\r").decode(errors="replace")


def _first_line(path: Path) -> str:
    return _text(next(lines(path), b""))


def tables(
    path: Path, layout: Layout, pool: Executor, start: Start | None = None
) -> Iterator[Table]:
    """Read the rows from the top, or from a place behind the header, in order.

    Raises READ_ERRORS where packing is broken.
    """
    place = start[:2] if start else (0, layout.n_header_byte)
    n_before = start[2] if start else layout.n_header
    parse = partial(_parse, layout=layout)
    for table in read_chunks(path, pool, parse, start=place, n_ahead=_N_AHEAD):
        yield replace(table, n_before=n_before)
        n_before += len(table.flag)


def _parse(chunk: Chunk, layout: Layout) -> Table:
    chunk = chunk.kept()  # rows are made of it when other chunks have been read
    text, n_byte = chunk.text, chunk.n_byte
    n_line = int((text[:n_byte] == _LINE_END).sum())
    n_row, reached = n_line + n_line // 4 + 1, np.empty(3, dtype=np.int64)
    while True:
        line, row = room_for_lines(n_line, plink_layout.N_ROLE, 2), room_for_rows(n_row)
        kernels.read_table(
            text, n_byte, layout.role_of, layout.by_tab, *line.values(), *row.values(), reached
        )
        n_read, n_row_read, at = reached.tolist()
        if at == n_byte:
            of_line: dict[str, Any] = {name: array[:n_read] for name, array in line.items()}
            of_row: dict[str, Any] = {name: array[:n_row_read] for name, array in row.items()}
            return Table(chunk=chunk, **of_line, **of_row)
        n_row *= 2
