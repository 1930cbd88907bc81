"""Blocks: order, splitting, what is dropped and counted, indexes, and refusals."""

import gzip
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.ingest.genotype_blocks import read_blocks
from alsrev_dagster.ingest.genotype_file import Reading
from alsrev_dagster.ingest.genotype_reader import n_indexed
from alsrev_dagster.ingest.genotype_rows import VariantBlock, variant_ids
from tests.ingest.made_vcf import CONTIG, DATA, as_bcf, bgzf, row, sound, told, vcf_text, write_vcf

COUNTS = ("n_record", "n_star", "n_no_alt")


def _all(path: Path, n_variant: int = 4096) -> list[VariantBlock]:
    file = sound(path)
    return list(read_blocks(file, file.chromosomes, n_variant=n_variant))


def _codes(blocks: list[VariantBlock]) -> dict[str, list[int]]:
    return {
        name: codes
        for block in blocks
        for name, codes in zip(variant_ids(block).to_pylist(), block.genotype.tolist(), strict=True)
    }


def test_fields_of_a_variant(tmp_path: Path) -> None:
    rows = [
        row(id="rs1;rs2", qual="5.1", filter="q10;s50"),
        row(pos=11, qual="."),
        row(pos=12, filter="."),
    ]
    (block,) = _all(write_vcf(tmp_path, rows))
    rows_read = block.rows
    assert (block.chrom, rows_read.pos.tolist()) == ("chr1", [10, 11, 12])
    assert rows_read.pos.dtype == np.int64
    assert (rows_read.ref.to_pylist(), rows_read.alt.to_pylist()) == (["A"] * 3, ["C"] * 3)
    assert rows_read.rsid.to_pylist() == ["rs1;rs2", None, None]
    assert rows_read.filter.to_pylist() == ["q10;s50", "PASS", None]
    np.testing.assert_array_equal(rows_read.qual, [5.1, np.nan, np.nan])
    assert block.genotype.shape == (3, 2)
    assert block.genotype.dtype == np.uint8
    assert variant_ids(block).to_pylist() == ["chr1-10-A-C", "chr1-11-A-C", "chr1-12-A-C"]


def test_multiallelic_record_is_split_trimmed_and_sorted(tmp_path: Path) -> None:
    rows = [
        row("1/2 3/0 ./2 2", ref="CAG", alt="CTG,C,*"),
        row("0/1 0/0 1|1 .", pos=11, ref="A", alt="<DEL>"),
        row("0/0 0/0 0/0 0/0", pos=12, ref="G", alt="."),
    ]
    (block,) = _all(write_vcf(tmp_path, rows, samples="a b c d"))
    assert _codes([block]) == {
        "chr1-10-CAG-C": [1, 0, 3, 2],
        "chr1-11-A-<DEL>": [1, 0, 2, 3],
        "chr1-11-A-T": [1, 0, 3, 0],
    }
    assert tuple(block.count[name] for name in COUNTS) == (3, 1, 1)


@pytest.mark.parametrize("through", ["vcf", "bcf"])
def test_any_other_allele_beside_others_is_no_row_and_counted(tmp_path: Path, through: str) -> None:
    rows = [row("1/2 0/1 2 1", alt="C,<*>"), row("1/3 2/2 0/1 .", pos=11, alt="*,<*>,<INS>")]
    path = write_vcf(tmp_path, rows, samples="a b c d", meta=CONTIG)
    (block,) = _all(as_bcf(path) if through == "bcf" else path)
    assert _codes([block]) == {"chr1-10-A-C": [1, 1, 0, 2], "chr1-11-A-<INS>": [1, 0, 0, 3]}
    assert tuple(block.count[name] for name in COUNTS) == (2, 3, 0)


def test_rows_stay_sorted_when_trimming_moves_them(tmp_path: Path) -> None:
    rows = [row(pos=10, ref="CCCCCA", alt="CCCCCT"), row(pos=12), row(pos=15, alt="G")]
    blocks = _all(write_vcf(tmp_path, rows), n_variant=1)
    assert [variant_ids(block).to_pylist() for block in blocks] == [
        ["chr1-12-A-C"],
        ["chr1-15-A-G"],
        ["chr1-15-A-T"],
    ]
    assert sum(block.count["n_record"] for block in blocks) == 3


def test_dropped_records_are_counted_where_no_row_is_left(tmp_path: Path) -> None:
    rows = [row("0/0 0/0", alt="."), row(chrom="chr2", alt="*"), row(chrom="chr3")]
    blocks = _all(write_vcf(tmp_path, rows))
    assert [(b.chrom, len(b.rows), *(b.count[n] for n in COUNTS)) for b in blocks] == [
        ("chr1", 0, 1, 0, 1),
        ("chr2", 0, 1, 1, 0),
        ("chr3", 1, 1, 0, 0),
    ]
    assert blocks[0].genotype.shape == (0, 2)


def test_left_out_contigs_and_other_chromosomes_are_not_read(tmp_path: Path) -> None:
    rows = [row(chrom="1"), row(chrom="GL000207.1"), row(chrom="X"), row(chrom="2")]
    file = sound(write_vcf(tmp_path, rows))
    assert [b.chrom for b in read_blocks(file, file.chromosomes)] == ["chr1", "chrX", "chr2"]
    assert [b.chrom for b in read_blocks(file, ["chrX", "chr7"])] == ["chrX"]


def test_record_without_gt_is_missing(tmp_path: Path) -> None:
    meta = '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">\n'
    path = write_vcf(tmp_path, [row(), row("3 4", format="DP", pos=11)], meta=meta)
    assert _codes(_all(path))["chr1-11-A-C"] == [3, 3]


ALLELE = st.sampled_from([".", "0", "1", "2"])
CALL = st.one_of(ALLELE, st.tuples(ALLELE, st.sampled_from("/|"), ALLELE).map("".join))


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(CALL, CALL, CALL), min_size=1, max_size=8), st.integers(1, 5))
def test_any_calls_are_coded_as_counted_by_hand(
    tmp_path: Path, calls: list[tuple[str, str, str]], n_variant: int
) -> None:
    rows = [row(" ".join(call), pos=pos, alt="C,G") for pos, call in enumerate(calls, start=1)]
    codes = _codes(_all(write_vcf(tmp_path, rows, samples="a b c"), n_variant))
    assert len(codes) == 2 * len(rows)
    for pos, call in enumerate(calls, start=1):
        for alt, number in (("C", "1"), ("G", "2")):
            assert codes[f"chr1-{pos}-A-{alt}"] == [_by_hand(one, number) for one in call]


def _by_hand(call: str, allele: str) -> int:
    if "." in call:
        return 3
    return call.count(allele) * (2 if len(call) == 1 else 1)


@pytest.mark.parametrize("n_variant", [1, 7, 76])
def test_block_size_changes_nothing(n_variant: int) -> None:
    path = DATA / "hail_sample2_300.vcf.gz"
    blocks = _all(path, n_variant)
    assert all(len(block.rows) <= n_variant for block in blocks)
    assert _codes(blocks) == _codes(_all(path))
    keys = [key for block in blocks for key in _keys(block)]
    assert keys == sorted(keys)
    assert sum(block.count["n_record"] for block in blocks) == 300


def _keys(block: VariantBlock) -> list[tuple[int, str, str]]:
    rows = block.rows
    return list(zip(rows.pos.tolist(), rows.ref.to_pylist(), rows.alt.to_pylist(), strict=True))


def test_duplicate_variants_are_told_by_name(tmp_path: Path) -> None:
    rows = [row(pos=pos) for pos in range(1, 8) for _ in range(3)]
    text = told(write_vcf(tmp_path, rows))
    assert "t.vcf: found 7 variants more than once (chr1-1-A-C, chr1-2-A-C, chr1-3-A-C," in text
    assert "chr1-4-A-C, chr1-5-A-C and 2 more); expected each once; join or drop" in text


def test_duplicates_that_only_trimming_shows_are_told(tmp_path: Path) -> None:
    rows = [row(pos=9, ref="GAT", alt="GCT"), row(pos=10)]
    assert "found 1 variants more than once (chr1-10-A-C)" in told(write_vcf(tmp_path, rows))


def test_duplicate_of_the_source_is_found_in_the_real_file() -> None:
    text = told(DATA / "kg3_exonic_101.vcf.gz")
    assert "found 1 variants more than once (chr10-50099998-A-G)" in text


def _copy(folder: Path) -> Path:
    name = "kg_highcov_chr12_60.bcf"
    for end in ("", ".csi"):
        shutil.copyfile(DATA / f"{name}{end}", folder / f"{name}{end}")
    os.utime(folder / name, (1_000, 1_000))
    return folder / name


def test_index_and_one_pass_of_a_bcf_give_the_same(tmp_path: Path) -> None:
    path = _copy(tmp_path)
    file = sound(path)
    assert n_indexed(path) == file.n_record
    by_index = _codes(list(read_blocks(file, ["chr12"])))
    Path(f"{path}.csi").unlink()
    assert n_indexed(path) is None
    assert _codes(list(read_blocks(file, ["chr12"]))) == by_index


def test_older_or_foreign_index_is_not_used(tmp_path: Path) -> None:
    path = _copy(tmp_path)
    index = Path(f"{path}.csi")
    os.utime(index, (999, 999))
    assert n_indexed(path) is None
    index.write_bytes(b"not an index")
    file = sound(path)
    assert sum(b.count["n_record"] for b in read_blocks(file, ["chr12"])) == 100


ROWS_OF_THREE = [row(chrom=c, pos=pos) for c in ("chr1", "chr2", "chrX") for pos in range(1, 60)]


@pytest.mark.parametrize("packed", ["plain", "bgzf", "gzip"])
@pytest.mark.parametrize("chrom", ["chr1", "chr2", "chrX"])
def test_one_chromosome_is_read_again_alone(tmp_path: Path, packed: str, chrom: str) -> None:
    text = vcf_text(ROWS_OF_THREE).encode()
    path = tmp_path / "t"
    path.write_bytes({"plain": text, "bgzf": bgzf(text), "gzip": gzip.compress(text)}[packed])
    file = sound(path)
    assert set(file.start_of) == (set() if packed == "gzip" else set(file.chromosomes))
    blocks = list(read_blocks(file, [chrom]))
    assert [block.chrom for block in blocks] == [chrom]
    assert _keys(blocks[0]) == [(pos, "A", "C") for pos in range(1, 60)]


def test_file_changed_since_it_was_inspected_is_refused(tmp_path: Path) -> None:
    path = write_vcf(tmp_path, [row(), row(pos=11), row(chrom="chr2")])
    file = sound(path)
    write_vcf(tmp_path, [row()])
    with pytest.raises(InputDataError, match=r"t\.vcf: found a file that changed since it was"):
        list(read_blocks(file, ["chr1"]))


def test_file_that_changes_while_it_is_read_is_told(tmp_path: Path) -> None:
    path = write_vcf(tmp_path, [row(), row(pos=11)])
    reading = Reading(path, n_variant=1)
    for _ in reading.blocks():
        with path.open("a") as stream:
            stream.write(row(pos=12) + "\n")
    assert reading.file is None
    (problem,) = reading.problems.all()
    assert "found a file that changed while it was read; expected" in str(problem)
