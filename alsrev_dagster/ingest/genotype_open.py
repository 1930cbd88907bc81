"""Opening a genotype file: what it is by its content, and what keeps it from being read."""

import os
from pathlib import Path

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.ingest.genotype_problem import ProblemList
from alsrev_dagster.ingest.genotype_reader import sample_ids
from alsrev_dagster.ingest.genotype_scan import SiteScan
from alsrev_dagster.ingest.genotype_stream import READ_ERRORS, kind_of, lacks_bgzf_end, open_bytes
from alsrev_dagster.ingest.plink_files import (
    COMPANION_SUFFIXES,
    FORMATS,
    PLINK_FORMATS,
    plink_kind,
)

_COPY_AGAIN = "copy or download the file again and compare its checksum"
WRITE_AGAIN = "write the file again from its source"
READ_AGAIN = "let whatever writes it end, and run again"


def unreadable(problems: ProblemList, found: str, fix: str = _COPY_AGAIN, place: str = "") -> None:
    """Add a problem of the file as a whole, or from a place on."""
    problems.add(place, found, expected="a whole genotype file", fix=fix, kind=found)


def open_kind(path: Path, problems: ProblemList) -> str:
    """``vcf``, ``bcf``, ``pgen``, ``bed``; empty for anything else (said among the problems)."""
    if not path.exists():
        unreadable(problems, "no such file", "mend the path (callsets in study.yaml)")
    elif not path.is_file():
        unreadable(problems, "a folder or device", "name a file (callsets in study.yaml)")
    elif not os.access(path, os.R_OK):
        unreadable(problems, "a file you may not read", "ask its owner for read permission")
    elif path.stat().st_size == 0:
        unreadable(problems, "an empty file")
    else:
        return _kind(path, problems)
    return ""


def _kind(path: Path, problems: ProblemList) -> str:
    try:
        with open_bytes(path) as stream:
            start = stream.read(64)
    except READ_ERRORS:
        unreadable(problems, "gzip data that breaks off or is damaged at its start")
        return ""
    kind, fix = kind_of(start) if start else ("an empty gzip file", _COPY_AGAIN)
    if kind in PLINK_FORMATS:
        return plink_kind(path, kind, problems)
    if kind in ("vcf", "bcf"):
        return kind
    if path.name.lower().endswith(COMPANION_SUFFIXES):
        kind, fix = "a table beside a PLINK file", "name the .pgen or .bed file beside it"
    elif path.suffix.lower() in (".pgen", ".bed") and kind == "binary data":
        kind = f"first bytes {start[:3].hex(' ')}"
        fix = "write it again with plink2 --make-pgen or --make-bed: PLINK's start with 6c 1b"
    problems.add("", kind, expected=FORMATS, fix=fix, kind="not a genotype file")
    return ""


def check_end(path: Path, problems: ProblemList) -> None:
    """Add a problem where a BGZF file lacks what closes it."""
    if lacks_bgzf_end(path):
        unreadable(problems, "a BGZF file without its 28-byte end marker (a truncated copy)")


def check_htslib(path: Path, sites: SiteScan) -> None:
    """Check that htslib, which reads a BCF's records, takes the header as we do; a VCF's too."""
    try:
        found = sample_ids(path)
    except (InputDataError, UnicodeDecodeError):
        found = None
    if found != sites.header.sample_ids:
        unreadable(
            sites.problems,
            "a header that htslib cannot read",
            "write the header again with bcftools reheader",
        )
