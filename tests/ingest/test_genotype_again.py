"""Chromosomes read again: every column of every row as on the first reading."""

import gzip
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from alsrev_dagster.ingest.genotype_blocks import read_blocks
from alsrev_dagster.ingest.genotype_file import Reading
from alsrev_dagster.ingest.genotype_rows import Rows, VariantBlock
from alsrev_dagster.ingest.inspection import Inspector
from tests.ingest.made_plink import write_pgen
from tests.ingest.made_vcf import as_bcf, bgzf, row, sound, vcf_text
from tests.ingest.test_annotation import AF, VEP

CHROMOSOMES = ("chr1", "chr2", "chrX")
META = AF + VEP + "".join(f"##contig=<ID={chrom},length=1000000>\n" for chrom in CHROMOSOMES)
ROWS = [
    row(
        chrom=chrom,
        pos=pos,
        id=f"rs{pos}",
        alt="C,G" if pos % 3 == 0 else "C",
        qual=pos,
        info=f"AF={pos / 64}{',0.5' if pos % 3 == 0 else ''};"
        f"CSQ=C|missense_variant|MODERATE|GENE{pos},G|stop_gained|HIGH|OTHER{pos}",
    )
    for chrom in CHROMOSOMES
    for pos in range(1, 33)
]


def _columns(blocks: Iterable[VariantBlock]) -> dict[str, dict[str, list[object]]]:
    """Every column of Rows, by chromosome; NaN as text, which equals itself."""
    out: dict[str, dict[str, list[object]]] = {}
    for block in blocks:
        for name in (field.name for field in fields(Rows)):
            column = getattr(block.rows, name)
            values = column.tolist() if isinstance(column, np.ndarray) else column.to_pylist()
            out.setdefault(block.chrom, {}).setdefault(name, []).extend(map(str, values))
    return out


def _file(folder: Path, packing: str) -> Path:
    text = vcf_text(ROWS, meta=META).encode()
    path = folder / f"t.{packing}"
    packed = {"vcf": text, "vcf.gz": bgzf(text), "gzip": gzip.compress(text), "bcf": text}
    path.write_bytes(packed[packing])
    return as_bcf(path) if packing == "bcf" else path


@pytest.mark.parametrize("packing", ["vcf", "vcf.gz", "gzip", "bcf"])
def test_every_column_is_that_of_the_first_reading(tmp_path: Path, packing: str) -> None:
    path = _file(tmp_path, packing)
    reading = Reading(path, n_variant=7)
    once = _columns(reading.blocks())
    assert once["chr2"]["info_allele_freq"][0] == str(1 / 64)
    assert once["chr2"]["consequence_by_gene"][0] == "GENE1:missense_variant"
    Inspector(tmp_path / "kept").look(path)
    for file in (reading.file, Inspector(tmp_path / "kept").look(path).file):
        assert file is not None
        assert _columns(read_blocks(file, CHROMOSOMES, n_variant=5)) == once
        for chrom in CHROMOSOMES:
            assert _columns(read_blocks(file, [chrom])) == {chrom: once[chrom]}
        assert _columns(read_blocks(file, ["chr1", "chrX"])).keys() == {"chr1", "chrX"}


def test_a_pgen_says_of_its_variants_what_the_vcf_says(tmp_path: Path) -> None:
    """A .pvar has the VCF's columns up to INFO, and its INFO lines."""
    vcf = sound(_file(tmp_path, "vcf"))
    pvar = [" ".join(line.split("\t")[:8]) for line in ROWS]
    columns = "#CHROM POS ID REF ALT QUAL FILTER INFO"
    calls = [[1, 0]] * len(pvar)
    pgen = sound(write_pgen(tmp_path, calls, pvar, ["#IID", "s1", "s2"], META, columns))
    once = _columns(read_blocks(vcf, CHROMOSOMES))
    assert _columns(read_blocks(pgen, CHROMOSOMES)) == once
    assert _columns(Reading(pgen.path, n_variant=7).blocks()) == once
    for chrom in CHROMOSOMES:
        assert _columns(read_blocks(pgen, [chrom])) == {chrom: once[chrom]}


def test_a_pvar_without_info_says_nothing(tmp_path: Path) -> None:
    columns = _columns(read_blocks(sound(write_pgen(tmp_path, meta=META)), ["chr1", "chrX"]))
    for name in ("info_allele_freq", "consequence", "consequence_by_gene"):
        assert {value for of in columns.values() for value in of[name]} <= {"nan", "None"}
