"""What is wrong with a PLINK fileset: sizes, counts, and lines of its table of variants."""

import numpy as np

from alsrev_dagster.ingest import line_layout as odd
from alsrev_dagster.ingest import plink_layout as layout
from alsrev_dagster.ingest.genotype_problem import ProblemList
from alsrev_dagster.ingest.genotype_scan import SiteScan
from alsrev_dagster.ingest.pgen_header import PgenHeader
from alsrev_dagster.ingest.plink_files import PlinkFiles
from alsrev_dagster.ingest.plink_variants import Layout, Table
from alsrev_dagster.packing import n_byte

_COPY_AGAIN = "copy the three files again from where they were written together"
_WRITE_AGAIN = "write the fileset again from its source"
_GIVE_ALLELE = (
    "give the variant its alleles (plink2 --ref-from-fa, or the array's manifest), or leave it "
    "out: a monomorphic one tells nothing (plink1.9 --mac 1 --make-bed)"
)
_N_SHOWN = 20


def unreadable(found: str, problems: ProblemList) -> None:
    """Add that a file of the fileset cannot be read."""
    problems.add("", found, expected="a whole PLINK fileset", fix=_COPY_AGAIN, kind=found)


def bed_size(files: PlinkFiles, n_sample: int, problems: ProblemList) -> None:
    """Check that a .bed has whole variants of so many samples."""
    size, width = files.calls.stat().st_size, n_byte(n_sample)
    if (size - 3) % width:
        problems.add(
            "",
            f"{size:,} bytes",
            expected=f"3, and {width:,} for each variant: {files.samples.name} has "
            f"{n_sample:,} samples",
            fix=f"{_COPY_AGAIN}: one is truncated, or they are not of one fileset",
            kind="wrong size",
        )


def pgen_size(files: PlinkFiles, header: PgenHeader, n_sample: int, problems: ProblemList) -> None:
    """Check that a .pgen is as long as its header says, and has the samples of its table."""
    size, expected = files.calls.stat().st_size, header.n_byte or 0
    if header.n_sample != n_sample:
        problems.add(
            "",
            f"{header.n_sample or 0:,} samples",
            expected=f"{n_sample:,}, the samples of {files.samples.name}",
            fix=_COPY_AGAIN,
            kind="samples of another fileset",
        )
    if size < expected or (size > expected and not header.has_tail):
        problems.add(
            "",
            f"{size:,} bytes",
            expected=f"{expected:,}, as its header says",
            fix=f"{_COPY_AGAIN}: it is truncated or joined with another",
            kind="wrong size",
        )


def n_variant(files: PlinkFiles, n_calls: int, n_line: int, problems: ProblemList) -> None:
    """Check that there are calls of as many variants as the table has."""
    if n_calls != n_line and not problems:
        problems.add(
            "",
            f"calls of {n_calls:,} variants",
            expected=f"{n_line:,}, the variants of {files.variants.name}",
            fix=f"{_COPY_AGAIN}: one is truncated, or they are not of one fileset",
            kind="variants of another fileset",
        )


class Lines:
    """Looks at the lines of a table of variants; tells what is wrong to ``sites``."""

    def __init__(self, sites: SiteScan, layout: Layout) -> None:
        self.sites, self.layout = sites, layout

    def at_sites(self, table: Table, contig: str, first: int, last: int) -> None:
        """Check where the variants of a stretch of one contig stand."""
        record = np.flatnonzero(table.flag[first:last] & odd.ODD_SHAPE == 0) + first
        pos = np.where(table.pos[record] < 0, 1, table.pos[record])
        self.sites.records(
            contig,
            pos,
            lambda index: f"line {table.n_before + int(record[index]) + 1}",
            begin=lambda: table.begin(first),
        )

    def at_cells(self, table: Table) -> None:
        """Check what stands in the cells of every line that is not plain."""
        self.sites.n_record += len(table.flag)
        is_odd = table.flag > 0
        if not self.layout.by_tab:
            is_odd |= table.n_alt != 1
        is_ascii = table.is_ascii
        is_odd |= not is_ascii
        for line in np.flatnonzero(is_odd).tolist():
            place = f"line {table.n_before + line + 1}"
            if table.flag[line] & odd.ODD_SHAPE:
                self._shape(table, line, place)
                continue
            if not is_ascii:
                self._utf8(table, line, place)
            self._numbers(table, line, place)
            self._alleles(table, line, place)

    def _shape(self, table: Table, line: int, place: str) -> None:
        text = table.line(line)
        cells = text.split(b"\t") if self.layout.by_tab else text.split()
        n_column, names = len(cells) if text else 0, " ".join(self.layout.columns)
        self.sites.problems.add(
            place,
            "a header line among the rows"
            if text.startswith(b"#")
            else (f"{n_column} columns" if n_column else "an empty line"),
            expected=f"{len(self.layout.columns)} columns ({names})",
            fix="copy or write the file again: the row is cut or joined with another",
            kind="rows with the wrong number of columns",
        )

    def _utf8(self, table: Table, line: int, place: str) -> None:
        try:
            table.line(line).decode()
        except UnicodeDecodeError as error:
            self.sites.problems.add(
                place,
                f"bytes that are not UTF-8 text (at byte {error.start + 1} of the line)",
                expected="UTF-8",
                fix="convert the file with iconv --to-code UTF-8",
                kind="lines that are not UTF-8",
            )

    def _numbers(self, table: Table, line: int, place: str) -> None:
        if table.flag[line] & odd.ODD_POS:
            self._number(place, "POS", table.cell(line, layout.POS), "a whole number")
        if table.flag[line] & odd.ODD_QUAL:
            text = table.cell(line, layout.QUAL)
            try:
                table.qual[line] = float(text)
            except ValueError:
                self._number(place, "QUAL", text, "a number or '.'")

    def _number(self, place: str, name: str, text: str, expected: str) -> None:
        self.sites.problems.add(
            place,
            f"{name} {text[:_N_SHOWN]!r}",
            expected=expected,
            fix=_WRITE_AGAIN,
            kind=f"{name} that is not a number",
        )

    def _alleles(self, table: Table, line: int, place: str) -> None:
        ref, alt = table.cell(line, layout.REF), table.cell(line, layout.ALT)
        if not self.layout.by_tab and "0" in (ref, alt):
            self._unknown(place, "A1" if alt == "0" else "A2")
            return
        info = table.cell(line, layout.INFO)
        alts = alt.split(",") if self.layout.by_tab else [alt]
        has_end = info.startswith("END=") or ";END=" in info
        self.sites.alleles(place, ref, [] if alt == "." else alts, has_end=has_end)

    def _unknown(self, place: str, name: str) -> None:
        self.sites.problems.add(
            place,
            f"{name} 0, an allele that is not known",
            expected="both alleles of each variant",
            fix=_GIVE_ALLELE,
            kind="variants without one of their alleles",
        )
