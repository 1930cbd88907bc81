"""Blocks: order, splitting, what is dropped and counted, indexes, and refusals."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.ingest.genotype_blocks import VariantBlock, read_blocks, variant_ids
from alsrev_dagster.ingest.genotype_reader import n_indexed, open_records
from tests.ingest.made_vcf import DATA, row, sound, write_vcf


def _all(path: Path, n_variant: int = 4096) -> list[VariantBlock]:
    file = sound(path)
    return list(read_blocks(file, file.chromosomes, n_variant=n_variant))


def _codes(blocks: list[VariantBlock]) -> dict[str, list[int]]:
    return {
        name: codes
        for block in blocks
        for name, codes in zip(variant_ids(block), block.genotype.tolist(), strict=True)
    }


def test_fields_of_a_variant(tmp_path: Path) -> None:
    rows = [
        row(id="rs1;rs2", qual="5.1", filter="q10;s50"),
        row(pos=11, qual="."),
        row(pos=12, filter="."),
    ]
    (block,) = _all(write_vcf(tmp_path, rows))
    assert (block.chrom, block.pos.tolist()) == ("chr1", [10, 11, 12])
    assert block.pos.dtype == np.int64
    assert (block.ref, block.alt) == (["A"] * 3, ["C"] * 3)
    assert block.rsid == ["rs1;rs2", None, None]
    assert block.filter == ["q10;s50", "PASS", None]
    np.testing.assert_array_equal(block.qual, [5.1, np.nan, np.nan])
    assert block.genotype.shape == (3, 2)
    assert block.genotype.dtype == np.uint8
    assert variant_ids(block) == ["chr1-10-A-C", "chr1-11-A-C", "chr1-12-A-C"]


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
    assert (block.n_record, block.n_star, block.n_no_alt) == (3, 1, 1)


def test_rows_stay_sorted_when_trimming_moves_them(tmp_path: Path) -> None:
    rows = [row(pos=10, ref="CCCCCA", alt="CCCCCT"), row(pos=12), row(pos=15, alt="G")]
    blocks = _all(write_vcf(tmp_path, rows), n_variant=1)
    assert [variant_ids(block) for block in blocks] == [
        ["chr1-12-A-C"],
        ["chr1-15-A-G"],
        ["chr1-15-A-T"],
    ]
    assert sum(block.n_record for block in blocks) == 3


def test_dropped_records_are_counted_where_no_row_is_left(tmp_path: Path) -> None:
    rows = [row("0/0 0/0", alt="."), row(chrom="chr2", alt="*"), row(chrom="chr3")]
    blocks = _all(write_vcf(tmp_path, rows))
    assert [(b.chrom, len(b.ref), b.n_record, b.n_star, b.n_no_alt) for b in blocks] == [
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
    assert all(len(block.ref) <= n_variant for block in blocks)
    assert _codes(blocks) == _codes(_all(path))
    keys = [(p, r, a) for b in blocks for p, r, a in zip(b.pos, b.ref, b.alt, strict=True)]
    assert keys == sorted(keys)
    assert sum(block.n_record for block in blocks) == 300


def test_duplicate_variants_are_refused_by_name(tmp_path: Path) -> None:
    rows = [row(pos=pos) for pos in range(1, 8) for _ in range(3)]
    with pytest.raises(InputDataError, match="found 7 variants more than once") as caught:
        _all(write_vcf(tmp_path, rows))
    assert "chr1-1-A-C, chr1-2-A-C, chr1-3-A-C, chr1-4-A-C, chr1-5-A-C and 2 more" in str(
        caught.value
    )
    assert "join or drop the duplicates" in str(caught.value)


def test_duplicates_that_only_trimming_shows_are_refused(tmp_path: Path) -> None:
    rows = [row(pos=9, ref="GAT", alt="GCT"), row(pos=10)]
    with pytest.raises(InputDataError, match=r"1 variants more than once \(chr1-10-A-C\)"):
        _all(write_vcf(tmp_path, rows))


def test_duplicate_of_the_source_is_found_in_the_real_file() -> None:
    file = sound(DATA / "kg3_exonic_101.vcf.gz")
    assert sum(len(b.ref) for b in read_blocks(file, ["chr4", "chr17"])) == 39
    with pytest.raises(InputDataError, match=r"\(chr10-50099998-A-G\)"):
        list(read_blocks(file, ["chr10"]))


def test_record_that_htslib_cannot_read_is_refused_with_its_place(tmp_path: Path) -> None:
    rows = [row(pos=5), row("0/1:2:9 0/0:1", pos=6, format="GT:DP")]
    meta = '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">\n'
    with pytest.raises(InputDataError, match=r"t\.vcf, record 2 \(after chr1:5\): found a record"):
        _all(write_vcf(tmp_path, rows, meta=meta))


def test_faulty_call_on_an_undeclared_contig_is_refused_not_read(tmp_path: Path) -> None:
    """Unless the contig is declared to it, cyvcf2 0.35 lets such a record through and crashes."""
    path = write_vcf(tmp_path, [row("0/x 0/0")])
    with pytest.raises(InputDataError, match=r"record 1 \(after the header\)"):
        list(open_records(path, ("chr1",)))


def _copy(folder: Path, name: str = "kg3_exonic_101.vcf.gz", suffix: str = ".tbi") -> Path:
    for end in ("", suffix):
        shutil.copyfile(DATA / f"{name}{end}", folder / f"{name}{end}")
    os.utime(folder / name, (1_000, 1_000))
    return folder / name


@pytest.mark.parametrize(
    ("name", "suffix", "chrom"),
    [("kg3_exonic_101.vcf.gz", ".tbi", "chr4"), ("kg_highcov_chr12_60.bcf", ".csi", "chr12")],
)
def test_index_and_one_pass_give_the_same(
    tmp_path: Path, name: str, suffix: str, chrom: str
) -> None:
    path = _copy(tmp_path, name, suffix)
    file = sound(path)
    assert n_indexed(path) == file.n_record
    by_index = _codes(list(read_blocks(file, [chrom])))
    Path(f"{path}{suffix}").unlink()
    assert n_indexed(path) is None
    assert _codes(list(read_blocks(file, [chrom]))) == by_index


def test_older_or_foreign_index_is_not_used(tmp_path: Path) -> None:
    path = _copy(tmp_path)
    index = Path(f"{path}.tbi")
    os.utime(index, (999, 999))
    assert n_indexed(path) is None
    shutil.copyfile(DATA / "hapmap2_ceu_igfbp7.vcf.gz.tbi", index)
    file = sound(path)
    assert n_indexed(path) == 168
    assert sum(b.n_record for b in read_blocks(file, ["chr4"])) == 36
    index.write_bytes(b"not an index")
    assert sum(b.n_record for b in read_blocks(file, ["chr4"])) == 36


def test_file_changed_since_it_was_inspected_is_refused(tmp_path: Path) -> None:
    path = write_vcf(tmp_path, [row(), row(pos=11), row(chrom="chr2")])
    file = sound(path)
    write_vcf(tmp_path, [row()])
    with pytest.raises(InputDataError, match="found 1 records on chr1; expected 2, as counted"):
        list(read_blocks(file, ["chr1"]))
    with pytest.raises(InputDataError, match="found 0 records on chr2; expected 1"):
        list(read_blocks(file, ["chr2"]))
    write_vcf(tmp_path, [row()], samples="s1 s3")
    with pytest.raises(InputDataError, match="found other samples than when"):
        list(read_blocks(file, ["chr1"]))
    path.write_text("gone")
    with pytest.raises(InputDataError, match="found a file that htslib cannot open"):
        list(read_blocks(file, ["chr1"]))
