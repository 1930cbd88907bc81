"""One row of a VCF looked at with care: all that is wrong with it, told in words."""

import re

from alsrev_dagster.ingest.genotype_scan import SiteScan

_GT = re.compile(rb"[/|]?(\.|[0-9]+)(?:[/|](\.|[0-9]+))?")
_FLOAT = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?|[+-]?(nan|inf(inity)?)", re.I)
_CONTROL = re.compile(rb"[\x00-\x1f]")
_FIXED = ("CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT")
_N_FIXED, _ALT = 9, 4
_N_FIELD_SHOWN = 20
_N_DIGIT_MAX = 9
_GT_FIX = "write the file again from its source"


class RowLook:
    """Looks at rows that are not plain; what is wrong goes to the problems of ``sites``."""

    def __init__(self, sites: SiteScan) -> None:
        self.sites, self.problems = sites, sites.problems

    def tell_unread(self, number: int) -> None:
        """Tell of a line that the compiled pass could not read, whatever the reason."""
        self.problems.add(
            f"line {number}",
            "a row that is not one as the VCF specification has it",
            expected="tab-separated columns, each call with the fields of FORMAT",
            fix=_GT_FIX,
            kind="rows that cannot be read",
        )

    def check_utf8(self, line: bytes, number: int) -> None:
        """Check that a line is text."""
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

    def look(self, line: bytes, number: int) -> float | None:
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
        n_alt = 0 if fields[_ALT] == "." else fields[_ALT].count(",") + 1
        qual = self.look_at_fixed(fields, place)
        self._calls(fields[-1], calls, n_alt, place)
        return qual

    def look_at_fixed(self, fields: list[str], place: str) -> float | None:
        """Look at the columns CHROM to FORMAT with care; QUAL where it is a number."""
        _, pos, _, ref, alt, qual, filters, info, keys = fields
        self._fields(place, fields, filters)
        self._number(place, "POS", pos, is_good=pos.isascii() and pos.isdigit() and len(pos) < 11)
        if qual != ".":
            self._number(place, "QUAL", qual, is_good=_is_float(qual))
        alts = [] if alt == "." else alt.split(",")
        has_end = info.startswith("END=") or ";END=" in info
        has_len = "LEN" in keys.split(":")
        self.sites.alleles(place, ref, alts, has_end=has_end, has_len=has_len)
        if not _has_gt(keys):
            self._without_gt(keys, place)
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
            self._control(place, name, field.encode())
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

    def check_last_call(self, line: bytes, number: int) -> None:
        """Check a last line without a line end: a copy may be cut inside its last call."""
        if _may_be_cut(line.split(b"\t")):
            self.problems.add(
                f"line {number}",
                "a last line without a line end, whose last call may be cut",
                expected="a whole last line",
                fix="copy the file again; if it is whole, end it with a line end",
                kind="file cut in its last line",
            )

    def _control(self, place: str, name: str, field: bytes) -> None:
        found = _CONTROL.search(field)
        if found is not None:
            self.problems.add(
                place,
                f"a control character (byte 0x{found[0].hex()}) in {name}",
                expected="text that can be read",
                fix="copy the file again; if it stays, write it again from its source",
                kind="control characters",
            )

    def _calls(self, keys: str, calls: list[bytes], n_alt: int, place: str) -> None:
        has_gt, n_key = _has_gt(keys), keys.count(":") + 1
        for column, call in enumerate(calls, start=_N_FIXED + 1):
            fields = call.split(b":")
            where, expected = f"{place}, column {column}", _expected_gt(fields[0], n_alt)
            if has_gt and expected is not None:
                self.problems.add(
                    where,
                    f"GT {fields[0][:_N_FIELD_SHOWN].decode(errors='replace')!r}",
                    expected=expected,
                    fix=_GT_FIX,
                    kind="genotypes that cannot be read",
                )
                continue
            self._control(where, "a call", call)
            if len(fields) > n_key:
                self.problems.add(
                    where,
                    f"a call with {len(fields)} fields",
                    expected=f"{n_key} at most, as many as FORMAT has keys ({keys})",
                    fix=_GT_FIX,
                    kind="calls with more fields than FORMAT",
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


def _has_gt(keys: str) -> bool:
    return keys == "GT" or keys.startswith("GT:")


def _expected_gt(value: bytes, n_alt: int) -> str | None:
    """Say what a GT value should have been; None when it is sound."""
    match = _GT.fullmatch(value)
    if match is None:
        return "one or two allele numbers or '.', joined by / or |"
    numbers = [number.lstrip(b"0") for number in match.groups() if number not in (None, b".")]
    if any(len(number) > _N_DIGIT_MAX or int(number or b"0") > n_alt for number in numbers):
        return f"allele numbers up to {n_alt}, the ALT alleles of the record"
    return None


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


def _is_float(text: str) -> bool:
    return _FLOAT.fullmatch(text) is not None
