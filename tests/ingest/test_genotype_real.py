"""Every genotype of real files, against calls read and counted one by one."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from cyvcf2 import VCF

from alsrev_dagster.ingest.genotype_blocks import read_blocks
from alsrev_dagster.ingest.genotype_rows import variant_ids
from tests.ingest.made_vcf import DATA, row, sound, write_vcf

FILES = [
    *["hapmap2_ceu_igfbp7.vcf.gz", "cy_test.vcf.gz", "b2z_chr22.vcf.gz", "hail_sample2_300.vcf.gz"],
    *["cy_haploidX_200.vcf.gz", "imp_chrX_unphased_3000.vcf.gz", "kg_highcov_chr12_60.bcf"],
]


def _ours(path: Path) -> dict[str, tuple[int, ...]]:
    file = sound(path)
    return {
        name: tuple(codes)
        for block in read_blocks(file, file.chromosomes, n_variant=50)
        for name, codes in zip(variant_ids(block).to_pylist(), block.genotype.tolist(), strict=True)
    }


def _code(call: list[int | str], allele: int | str, missing: int | str) -> int:
    """Count copies of an allele in one call, given as its alleles."""
    if missing in call:
        return 3
    n_copy = sum(number == allele for number in call)
    return n_copy * 2 // len(call)


def _name(chrom: str, pos: int, ref: str, alt: str) -> str:
    """Trim base by base, and name."""
    while alt.isalpha() and len(ref) > 1 and len(alt) > 1 and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while alt.isalpha() and len(ref) > 1 and len(alt) > 1 and ref[0] == alt[0]:
        pos, ref, alt = pos + 1, ref[1:], alt[1:]
    return f"chr{chrom.removeprefix('chr')}-{pos}-{ref}-{alt}"


def _by_lists(path: Path) -> dict[str, tuple[int, ...]]:
    """Read by cyvcf2's per-sample lists, another way through it than the blocks'."""
    return {
        _name(record.CHROM, record.POS, record.REF, alt): tuple(
            _code(call[:-1], number, -1) for call in record.genotypes
        )
        for record in VCF(str(path))
        for number, alt in enumerate(record.ALT, start=1)
        if alt != "*"
    }


def _text_rows(path: Path) -> Iterator[list[str]]:
    with gzip.open(path, "rt") as lines:
        for line in lines:
            if not line.startswith("#"):
                yield line.rstrip("\n").split("\t")


def _by_text(path: Path) -> dict[str, tuple[int, ...]]:
    """Read the text itself, without htslib."""
    return {
        _name(cells[0], int(cells[1]), cells[3], alt): tuple(
            _code([*cell.split(":")[0].replace("|", "/").split("/")], str(number), ".")
            for cell in cells[9:]
        )
        for cells in _text_rows(path)
        for number, alt in enumerate(cells[4].split(","), start=1)
        if alt != "*"
    }


@pytest.mark.parametrize("name", FILES)
def test_every_genotype_is_that_of_cyvcf2(name: str) -> None:
    ours = _ours(DATA / name)
    assert ours
    assert ours == _by_lists(DATA / name)


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith("gz")])
def test_every_genotype_is_that_of_the_text(name: str) -> None:
    assert _ours(DATA / name) == _by_text(DATA / name)


@pytest.mark.parametrize("name", ["hapmap2_ceu_igfbp7.vcf.gz", "cy_test.vcf.gz"])
def test_biallelic_codes_are_the_strict_types_of_cyvcf2(name: str) -> None:
    ours = _ours(DATA / name)
    for record in VCF(str(DATA / name), gts012=True, strict_gt=True):
        if len(record.ALT) == 1:
            codes = ours[_name(record.CHROM, record.POS, record.REF, record.ALT[0])]
            assert codes == tuple(record.gt_types.tolist())


def test_half_calls_are_in_the_data_and_missing() -> None:
    """cyvcf2's test file has 369 of them; without strict_gt they are not missing."""
    n_lax = sum(
        int((record.gt_types == 3).sum())  # counted while its record lives: gt_types is a view
        for record in VCF(str(DATA / "cy_test.vcf.gz"), gts012=True)
    )
    n_strict = sum(codes.count(3) for codes in _ours(DATA / "cy_test.vcf.gz").values())
    assert n_strict == n_lax + 369


def test_one_corrupted_cell_is_seen(tmp_path: Path) -> None:
    rows = [row("0/1 0/0 1|1 ./1 1", pos=pos, alt="C,G") for pos in range(1, 40)]
    good = _by_text_of(tmp_path, rows)
    assert good[0] == good[1]
    rows[17] = rows[17].replace("0/0", "0/1")
    bad = _by_text_of(tmp_path, rows)
    assert bad[0] != good[1]
    assert sum(bad[0][name] != good[1][name] for name in good[1]) == 1


def _by_text_of(
    folder: Path, rows: list[str]
) -> tuple[dict[str, tuple[int, ...]], dict[str, tuple[int, ...]]]:
    path = write_vcf(folder, rows, samples="a b c d e", name="t.vcf")
    packed = folder / "t.vcf.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    return _ours(path), _by_text(packed)
