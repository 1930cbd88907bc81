"""Bytes of a genotype file: what kind of file it is, and whether it is whole."""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from isal.igzip_lib import IsalError

BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
"""The empty block that closes every BGZF file (SAM specification, section 4.1.2)."""

READ_ERRORS: tuple[Any, ...] = (EOFError, gzip.BadGzipFile, zlib.error, IsalError)
"""What a broken compressed stream raises."""

_BUFFER_BYTE = 1 << 20
_BED_AGAIN = "write it again by variant: plink1.9 --bfile NAME --make-bed --out NEW_NAME"
_PGEN_AGAIN = "write it as one file: plink2 --pfile NAME --make-pgen --out NEW_NAME"
_TABLE = (
    (b"BCF\x02", "bcf", ""),
    (b"##fileformat=VCF", "vcf", ""),
    (b"BCF\x04", "BCF version 1", "convert it with an old bcftools (0.1) to VCF"),
    (b"l\x1b\x01", "bed", ""),
    (b"l\x1b\x00", "a PLINK 1 .bed file that is sample-major (individual-major)", _BED_AGAIN),
    (b"l\x1b\x20", "a .pgen whose index is a file of its own", _PGEN_AGAIN),
    (b"l\x1b\x21", "a .pgen whose index is a file of its own", _PGEN_AGAIN),
    (b"l\x1b\x30", "the index of a .pgen (.pgen.pgi)", _PGEN_AGAIN),
    (b"l\x1b\x31", "the index of a .pgen (.pgen.pgi)", _PGEN_AGAIN),
    (b"l\x1b", "pgen", ""),
    (b"BAM\x01", "a BAM file (reads)", "call variants first; alsrev reads genotypes"),
    (b"CRAM", "a CRAM file (reads)", "call variants first; alsrev reads genotypes"),
    (b"@HD", "a SAM file (reads)", "call variants first; alsrev reads genotypes"),
    (b"TBI\x01", "a tabix index", "name the .vcf.gz file beside it"),
    (b"CSI\x01", "a CSI index", "name the .vcf.gz or .bcf file beside it"),
    (b"\xef\xbb\xbf", "a byte-order mark before the text", "save the file without it"),
    (b"\xff\xfe", "UTF-16 text", "save the file as UTF-8"),
    (b"\xfe\xff", "UTF-16 text", "save the file as UTF-8"),
    (b"PK\x03\x04", "a zip archive or spreadsheet", "unpack it and give the VCF inside"),
    (b"BZh", "a bzip2 file", "unpack it, then compress with bgzip"),
    (b"\xfd7zXZ", "an xz file", "unpack it, then compress with bgzip"),
    (b"\x28\xb5\x2f\xfd", "a zstd file", "unpack it, then compress with bgzip"),
    (b"\x1f\x8b", "a gzip file inside a gzip file", "unpack it once"),
    (b"PAR1", "a Parquet file", "export it to VCF"),
    (b"%PDF", "a PDF", "give the VCF itself"),
    (b"<", "an HTML or XML page (a failed download?)", "download the file again"),
    (b"##", "header lines that do not start with ##fileformat=VCF", "make it the first line"),
    (b"#CHROM", "a VCF without its ##fileformat=VCF line", "make it the first line"),
)
"""First bytes, what they are, and what to do when that is not a format that is read."""


def is_gzip(path: Path) -> bool:
    """Whether the file starts as gzip does."""
    with path.open("rb") as stream:
        return stream.read(2) == b"\x1f\x8b"


def lacks_bgzf_end(path: Path) -> bool:
    """Whether the file is BGZF and its 28-byte end block is missing (a truncated copy)."""
    with path.open("rb") as stream:
        start = stream.read(18)
        if start[:2] != b"\x1f\x8b" or len(start) < 18 or not start[3] & 4 or start[12:14] != b"BC":
            return False
        stream.seek(0, io.SEEK_END)
        stream.seek(max(stream.tell() - len(BGZF_END), 0))
        return stream.read() != BGZF_END


@contextmanager
def open_bytes(path: Path) -> Iterator[BinaryIO]:
    """Open the file's bytes, unpacked; reading raises READ_ERRORS when the packing is broken."""
    packed = is_gzip(path)
    with path.open("rb", buffering=_BUFFER_BYTE) as raw:
        if not packed:
            yield raw
            return
        with gzip.GzipFile(fileobj=raw, mode="rb") as unpacked:
            yield io.BufferedReader(unpacked, _BUFFER_BYTE)


def kind_of(start: bytes) -> tuple[str, str]:
    """``vcf``, ``bcf``, ``pgen``, ``bed`` or words for what the first bytes are, and what to do."""
    for magic, name, fix in _TABLE:
        if start.startswith(magic):
            return name, fix
    if start[16:20] == b"bgen":
        return "a BGEN file", "convert it with plink2 --export bcf"
    is_text = not start.translate(None, bytes(range(32, 256)) + b"\t\r\n")
    return (
        "text that is not VCF" if is_text else "binary data"
    ), "give a VCF, BCF, .pgen or .bed file"
