"""The header of a VCF: contigs, reference and samples, and what is wrong with it."""

import re
from collections import defaultdict
from dataclasses import dataclass, field

from alsrev_dagster.ingest.genotype_contig import canonical_chromosome
from alsrev_dagster.ingest.genotype_problem import ProblemList

_COLUMNS = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"]
_CALL_FIELD = re.compile(r"<ID=(GQ|DP|AD),")
_INFO = re.compile(r"<ID=(AF|CSQ|ANN),")
_VERSION = re.compile(r"VCFv?([0-9]{1,4})\.([0-9]{1,4})")
_VERSION_MIN, _VERSION_MAX = (4, 0), (4, 5)
"""Versions of VCF that are read; a newer one is read as the newest of them."""
_NO_LENGTH = 2**31 - 1
"""Written for "length unknown" by some tools (htslib, GATK)."""


@dataclass
class Header:
    """What the header says; filled line by line."""

    contigs: set[str] = field(default_factory=set)
    contig_lengths: dict[str, int] = field(default_factory=dict)
    reference: str | None = None
    assembly: str | None = None
    info: dict[str, str] = field(default_factory=dict)
    """Text of the INFO lines that say something of variants, by ID."""
    notes: tuple[str, ...] = ()
    """What is to be known of how the file is read."""
    call_fields: set[str] = field(default_factory=set)
    """Which of GQ, DP and AD the FORMAT lines declare: what a call can be judged by."""
    sample_ids: tuple[str, ...] | None = None
    """None until the #CHROM line has been read."""

    @property
    def n_column(self) -> int:
        """Columns every row must have."""
        return len(_COLUMNS) + len(self.sample_ids or ())

    def read(self, line: str, place: str, problems: ProblemList) -> None:
        """Take in one header line (without its line end)."""
        if self.sample_ids is not None:
            problems.add(
                place,
                "a second header line",
                expected="one header at the top of the file",
                fix="join files with bcftools concat or merge, not by appending",
                kind="header lines among the rows",
            )
        elif line.startswith("##"):
            self._read_meta(line, place, problems)
        else:
            self.sample_ids = _samples(line, place, problems)

    def _read_meta(self, line: str, place: str, problems: ProblemList) -> None:
        key, _, value = line[2:].partition("=")
        if key == "reference" and value:
            self.reference = value
        elif key == "assembly" and value:
            self.assembly = value
        elif key == "contig":
            self._read_contig(value)
        elif key == "INFO" and (name := _INFO.match(value)):
            self.info[name[1]] = value
        elif key == "FORMAT" and (name := _CALL_FIELD.match(value)):
            self.call_fields.add(name[1])
        elif key == "fileformat" and value.startswith("VCF"):  # a .pvar may say PVAR
            self._read_version(value.strip(), place, problems)

    def _read_version(self, value: str, place: str, problems: ProblemList) -> None:
        found = _VERSION.fullmatch(value)
        version = (int(found[1]), int(found[2])) if found else (0, 0)
        if version < _VERSION_MIN:
            problems.add(
                place,
                f"fileformat {value[:20]!r}",
                expected="VCFv4.0 to VCFv4.5",
                fix="write the file again as VCF 4 (bcftools view; of VCF 3, vcf-convert of "
                "VCFtools): what calls and alleles mean depends on it",
                kind="VCF of a version that is not read",
            )
        elif version > _VERSION_MAX:
            newer = ".".join(map(str, version))
            self.notes += (f"written as VCF {newer}, newer than this reader knows (4.5)",)

    def _read_contig(self, value: str) -> None:
        name = re.search(r"[<,]ID=([^,>]+)", value)
        if name is None:
            return
        self.contigs.add(name[1])
        length = re.search(r"[<,]length=([0-9]{1,18})\b", value)
        chrom = canonical_chromosome(name[1])
        if chrom and length and 0 < int(length[1]) < _NO_LENGTH:
            self.contig_lengths.setdefault(chrom, int(length[1]))
        assembly = re.search(r"[<,]assembly=\"?([^,>\"]+)", value)
        if chrom and assembly and self.assembly is None:
            self.assembly = assembly[1]


def _samples(line: str, place: str, problems: ProblemList) -> tuple[str, ...]:
    """Return the samples of the #CHROM line, after checking it."""
    columns = line.split("\t")
    if columns[: len(_COLUMNS)] != _COLUMNS[: len(columns)] or len(columns) < len(_COLUMNS) - 1:
        problems.add(
            place,
            "a #CHROM line whose first columns are not the fixed ones",
            expected=f"{' '.join(_COLUMNS)} and the samples, separated by tabs",
            fix="write the header line as the VCF specification has it",
            kind="malformed #CHROM line",
        )
        return tuple(columns[len(_COLUMNS) :])
    samples = columns[len(_COLUMNS) :]
    if not samples:
        problems.add(
            place,
            "no samples",
            expected="a FORMAT column and one column per sample",
            fix="give the file with genotypes, not a sites-only one",
            kind="no samples",
        )
    _check_names(samples, place, problems)
    return tuple(samples)


def _check_names(samples: list[str], place: str, problems: ProblemList) -> None:
    columns_of: dict[str, list[int]] = defaultdict(list)
    for column, sample in enumerate(samples, start=len(_COLUMNS) + 1):
        columns_of[sample].append(column)
        if not sample.strip():
            problems.add(
                f"{place}, column {column}",
                "an empty sample name",
                expected="a sample_id",
                fix="name it with bcftools reheader --samples",
                kind="empty sample names",
            )
    for sample, columns in columns_of.items():
        if len(columns) > 1 and sample.strip():
            problems.add(
                f"{place}, columns {', '.join(map(str, columns))}",
                "the same sample name in all of them",
                expected="each sample once",
                fix="rename or drop one with bcftools reheader or view --samples",
                kind="duplicate sample names",
            )
