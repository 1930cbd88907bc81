"""Tiny VCFs, written where a test can be read beside them."""

import zlib
from collections.abc import Sequence
from pathlib import Path

from cyvcf2 import VCF, Writer

from alsrev_dagster.ingest.genotype_file import GenotypeFile, inspect

DATA = Path(__file__).parents[1] / "data" / "genotypes"
FORMAT = '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
CONTIG = "##contig=<ID=chr1,length=248956422>\n"
BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


def row(call: str = "0/1 0/0", **changed: object) -> str:
    """Write one row; ``call`` has the sample columns, separated by blanks."""
    names = ("chrom", "pos", "id", "ref", "alt", "qual", "filter", "info", "format")
    values = dict(zip(names, ("chr1", 10, ".", "A", "C", ".", "PASS", ".", "GT"), strict=True))
    values |= changed
    return "\t".join([*map(str, values.values()), *call.split(" ")])


def vcf_text(rows: Sequence[str], samples: str = "s1 s2", meta: str = "") -> str:
    fixed = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"]
    columns = "\t".join([*fixed, *samples.split(" ")])
    header = "##fileformat=VCFv4.2\n" + meta + FORMAT + columns
    return "\n".join([header, *rows]) + "\n"


def write_vcf(
    folder: Path, rows: Sequence[str], samples: str = "s1 s2", meta: str = "", name: str = "t.vcf"
) -> Path:
    path = folder / name
    path.write_text(vcf_text(rows, samples, meta))
    return path


def bgzf(data: bytes, n_byte: int = 200) -> bytes:
    """Pack as BGZF (SAM specification, section 4.1) with small blocks, end marker included."""
    out = []
    for start in range(0, len(data), n_byte):
        part = data[start : start + n_byte]
        packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        body = packer.compress(part) + packer.flush()
        size = (len(body) + 25).to_bytes(2, "little")
        tail = zlib.crc32(part).to_bytes(4, "little") + len(part).to_bytes(4, "little")
        out.append(bytes.fromhex("1f8b08040000000000ff060042430200") + size + body + tail)
    return b"".join([*out, BGZF_END])


def as_bcf(path: Path) -> Path:
    """Write a VCF again as a BCF beside it, through htslib."""
    source = VCF(str(path))
    out = path.with_name(f"{path.stem}.again.bcf")
    writer = Writer(str(out), source, mode="wb")
    for record in source:
        writer.write_record(record)
    writer.close()
    return out


def sound(path: Path) -> GenotypeFile:
    """Return the file, which must have no problem."""
    file, problems = inspect(path)
    assert not problems, "\n".join(map(str, problems))
    assert file is not None
    return file


def told(path: Path) -> str:
    """Return the problems of a file that must have some, one a line."""
    file, problems = inspect(path)
    assert file is None
    assert problems
    return "\n".join(map(str, problems))
