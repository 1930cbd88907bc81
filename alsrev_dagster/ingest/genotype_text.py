"""The structural pass over a VCF as text: plain, gzip or BGZF."""

import re
from collections.abc import Iterable

from alsrev_dagster.ingest.genotype_problem import ProblemList
from alsrev_dagster.ingest.genotype_scan import SiteScan

_GT = re.compile(rb"(\.|\d+)(?:[/|](\.|\d+))?")
_PLAIN = frozenset("ACGT")
_N_FIXED = 9
_N_FIELD_SHOWN = 20
_GT_FIX = "write the file again from its source"


class TextScan:
    """Takes the lines of a VCF one by one, and keeps what it learnt of them."""

    def __init__(self, sites: SiteScan) -> None:
        self.sites = sites
        self.n_line = 0
        self._good: dict[int, set[bytes]] = {}
        """GT values found to be sound, by number of ALT alleles."""

    @property
    def problems(self) -> ProblemList:
        """The file's problems."""
        return self.sites.problems

    def read(self, lines: Iterable[bytes]) -> None:
        """Read lines up to the end; stops at the first row when there is no #CHROM line."""
        for raw in lines:
            self.n_line += 1
            line = raw.rstrip(b"\r\n")
            if not line.isascii():
                self._check_utf8(line)
            if line.startswith(b"#"):
                place = f"line {self.n_line}"
                self.sites.header.read(line.decode(errors="replace"), place, self.problems)
            elif self.sites.header.sample_ids is None:
                return
            elif self.sites.header.sample_ids:
                self._row(line, is_cut=not raw.endswith(b"\n"))

    def _check_utf8(self, line: bytes) -> None:
        try:
            line.decode()
        except UnicodeDecodeError as error:
            self.problems.add(
                f"line {self.n_line}",
                f"bytes that are not UTF-8 text (at byte {error.start + 1} of the line)",
                expected="UTF-8",
                fix="convert the file with iconv --to-code UTF-8",
                kind="lines that are not UTF-8",
            )

    def _row(self, line: bytes, *, is_cut: bool) -> None:
        self.sites.n_record += 1
        head = line.split(b"\t", _N_FIXED)
        calls = head.pop().split(b"\t") if len(head) > _N_FIXED else []
        place = f"line {self.n_line}"
        if _N_FIXED + len(calls) != self.sites.header.n_column or len(head) < _N_FIXED:
            self._ragged(place, len(line.split(b"\t")) if line else 0)
            return
        if is_cut:
            self._check_last_call(place, calls)
        contig, pos, _, ref, alt, qual, _, info, keys = (
            part.decode(errors="replace") for part in head
        )
        self._number(place, "POS", pos, is_good=pos.isascii() and pos.isdigit())
        self.sites.site(place, contig, int(pos) if pos.isascii() and pos.isdigit() else 1)
        if qual != ".":
            self._number(place, "QUAL", qual, is_good=_is_float(qual))
        alts = [] if alt == "." else alt.split(",")
        if not (alt in _PLAIN and ref in _PLAIN and alt != ref):
            has_end = info.startswith("END=") or ";END=" in info
            self.sites.alleles(place, ref, alts, has_end=has_end)
        self._calls(keys, calls, len(alts))

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

    def _check_last_call(self, place: str, calls: list[bytes]) -> None:
        """Check a last line without a line end: a copy may be cut inside its last call."""
        shape = [re.sub(rb"[^:/|]", b"", call) for call in calls[-2:]]
        if len(shape) == 2 and shape[0] != shape[1]:
            self.problems.add(
                place,
                "a last line without a line end, whose last call is shorter than the one before",
                expected="a whole last line",
                fix="copy the file again; if it is whole, end it with a line end",
                kind="file cut in its last line",
            )

    def _calls(self, keys: str, calls: list[bytes], n_alt: int) -> None:
        if keys == "GT":
            values = set(calls)
        elif keys.startswith("GT:"):
            values = {call.split(b":", 1)[0] for call in calls}
        else:
            self._without_gt(keys)
            return
        good = self._good.setdefault(n_alt, set())
        for value in sorted(values - good):
            expected = _expected_gt(value, n_alt)
            if expected is None:
                good.add(value)
            else:
                self._bad_call(value, calls, expected)

    def _without_gt(self, keys: str) -> None:
        self.sites.n_without_gt += 1
        if "GT" in keys.split(":"):
            self.problems.add(
                f"line {self.n_line}",
                f"GT not first in FORMAT {keys[:_N_FIELD_SHOWN]!r}",
                expected="GT first, as the VCF specification has it",
                fix=_GT_FIX,
                kind="records with GT out of its place",
            )

    def _bad_call(self, value: bytes, calls: list[bytes], expected: str) -> None:
        for column, call in enumerate(calls, start=_N_FIXED + 1):
            if call == value or call.startswith(value + b":"):
                self.problems.add(
                    f"line {self.n_line}, column {column}",
                    f"GT {value[:_N_FIELD_SHOWN].decode(errors='replace')!r}",
                    expected=expected,
                    fix=_GT_FIX,
                    kind="genotypes that cannot be read",
                )


def _expected_gt(value: bytes, n_alt: int) -> str | None:
    """Say what a GT value should have been; None when it is sound."""
    match = _GT.fullmatch(value)
    if match is None:
        return "one or two allele numbers or '.', joined by / or |"
    alleles = [int(allele) for allele in match.groups() if allele not in (None, b".")]
    if any(allele > n_alt for allele in alleles):
        return f"allele numbers up to {n_alt}, the ALT alleles of the record"
    return None


def _is_float(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text
