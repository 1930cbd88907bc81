"""The structural pass over a BCF: its header as text, its records through cyvcf2."""

import struct
from pathlib import Path

from alsrev_dagster.ingest.genotype_reader import open_records
from alsrev_dagster.ingest.genotype_scan import SiteScan
from alsrev_dagster.ingest.genotype_stream import open_bytes

_HEADER_BYTE_MAX = 1 << 30


def read_bcf_header(path: Path, sites: SiteScan) -> None:
    """Read the text header of a BCF (BCF2 specification, section 6.2)."""
    with open_bytes(path) as stream:
        start = stream.read(9)
        n_byte = struct.unpack("<I", start[5:])[0] if len(start) == 9 else 0
        text = stream.read(n_byte) if n_byte <= _HEADER_BYTE_MAX else b""
    if len(text) < n_byte or not text:
        raise EOFError("the BCF header is cut")
    for line in text.rstrip(b"\0\n").decode(errors="replace").split("\n"):
        if line.startswith("#"):
            sites.header.read(line.rstrip("\r"), "header", sites.problems)


def scan_bcf(path: Path, sites: SiteScan) -> None:
    """Check every record of a BCF; raises InputDataError where it cannot be read."""
    for record in open_records(path, ()):
        sites.n_record += 1
        place = f"record {sites.n_record}"
        sites.site(place, record.CHROM, record.POS)
        has_end = record.INFO.get("END") is not None
        sites.alleles(place, record.REF, record.ALT, has_end=has_end)
        sites.n_without_gt += "GT" not in record.FORMAT
