"""What a genotype file holds, and everything that is wrong with it, from one pass over it."""

import os
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from alsrev_dagster.errors import InputDataError, Problem
from alsrev_dagster.ingest.genotype_bcf import read_bcf_header, scan_bcf
from alsrev_dagster.ingest.genotype_header import Header
from alsrev_dagster.ingest.genotype_problem import ProblemList
from alsrev_dagster.ingest.genotype_reader import sample_ids
from alsrev_dagster.ingest.genotype_scan import SiteScan
from alsrev_dagster.ingest.genotype_stream import (
    READ_ERRORS,
    is_gzip,
    kind_of,
    lacks_bgzf_end,
    open_bytes,
)
from alsrev_dagster.ingest.genotype_text import TextScan

_COPY_AGAIN = "copy or download the file again and compare its checksum"


@dataclass(frozen=True)
class GenotypeFile:
    """A VCF or BCF that inspect found sound."""

    path: Path
    format: str
    """``vcf``, ``vcf.gz`` (gzip or BGZF) or ``bcf``, by content, not by name."""
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
    shown: str = ""
    """What messages call it where its study has another file of that name."""

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.shown or self.path.name


def inspect(path: Path) -> tuple[GenotypeFile | None, tuple[Problem, ...]]:
    """Read the whole file once; the file when it is sound, else every problem of it."""
    problems = ProblemList(path.name)
    sites = SiteScan(Header(), problems)
    try:
        kind = _open_kind(path, problems)
        if kind == "vcf":
            _scan_text(path, sites)
        elif kind == "bcf":
            _scan_bcf(path, sites)
    except OSError as error:
        _unreadable(problems, f"a file that cannot be read ({error.strerror or error})")
    if problems or not kind:
        return None, problems.all()
    is_packed = kind == "vcf" and is_gzip(path)
    return _file(path, "vcf.gz" if is_packed else kind, sites), ()


def as_shown(
    name: str, file: GenotypeFile | None, problems: tuple[Problem, ...]
) -> tuple[GenotypeFile | None, tuple[Problem, ...]]:
    """What inspect found, under the name by which messages call the file."""
    if file is not None:
        file = replace(file, shown=name)
    base = PurePath(name).name
    told = [replace(p, where=name + p.where.removeprefix(base)) for p in problems]
    return file, tuple(told)


def _file(path: Path, kind: str, sites: SiteScan) -> GenotypeFile:
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
    )


def _unreadable(problems: ProblemList, found: str, fix: str = _COPY_AGAIN, place: str = "") -> None:
    problems.add(place, found, expected="a whole VCF or BCF file", fix=fix, kind=found)


def _open_kind(path: Path, problems: ProblemList) -> str:
    """``vcf``, ``bcf``, or empty when the file is neither (said among the problems)."""
    if not path.exists():
        _unreadable(problems, "no such file", "mend the path under callsets in study.yaml")
    elif not path.is_file():
        _unreadable(problems, "a folder or device", "name a file under callsets in study.yaml")
    elif not os.access(path, os.R_OK):
        _unreadable(problems, "a file you may not read", "ask its owner for read permission")
    elif path.stat().st_size == 0:
        _unreadable(problems, "an empty file")
    else:
        return _kind(path, problems)
    return ""


def _kind(path: Path, problems: ProblemList) -> str:
    try:
        with open_bytes(path) as stream:
            start = stream.read(64)
    except READ_ERRORS:
        _unreadable(problems, "gzip data that breaks off or is damaged at its start")
        return ""
    kind, fix = kind_of(start) if start else ("an empty gzip file", _COPY_AGAIN)
    if kind in ("vcf", "bcf"):
        return kind
    problems.add("", kind, expected="VCF or BCF", fix=fix, kind="not a VCF or BCF")
    return ""


def _scan_text(path: Path, sites: SiteScan) -> None:
    scan, problems = TextScan(sites), sites.problems
    try:
        with open_bytes(path) as stream:
            scan.read(stream)
    except READ_ERRORS:
        found = "gzip data that breaks off or is damaged (a truncated copy?)"
        _unreadable(problems, found, place=f"after line {scan.n_line}")
        return
    _check_end(path, problems)
    if sites.header.sample_ids is None:
        _unreadable(problems, "no #CHROM line", "write the file again from its source")
    elif sites.header.sample_ids:
        sites.finish()
    if not problems:
        _check_htslib(path, sites)


def _check_end(path: Path, problems: ProblemList) -> None:
    if lacks_bgzf_end(path):
        _unreadable(problems, "a BGZF file without its 28-byte end marker (a truncated copy)")


def _scan_bcf(path: Path, sites: SiteScan) -> None:
    _check_end(path, sites.problems)
    try:
        read_bcf_header(path, sites)
    except READ_ERRORS:
        _unreadable(sites.problems, "a BCF header that breaks off or is damaged")
    if sites.header.sample_ids is None and not sites.problems:
        _unreadable(sites.problems, "no #CHROM line", "write the file again from its source")
    if sites.problems:  # htslib is not let near a file that is known to be broken
        return
    try:
        scan_bcf(path, sites)
    except InputDataError as error:
        _unreadable(sites.problems, str(error), place=f"after record {sites.n_record}")
    else:
        sites.finish()
        _check_htslib(path, sites)


def _check_htslib(path: Path, sites: SiteScan) -> None:
    """Check that htslib, which will read the genotypes, understands the header too."""
    try:
        found = sample_ids(path)
    except (InputDataError, UnicodeDecodeError):
        found = None
    if found != sites.header.sample_ids:
        _unreadable(
            sites.problems,
            "a header that htslib cannot read",
            "write the header again with bcftools reheader",
        )
