"""Depth, genotype quality and allele balance, summed while calls are read."""

from pathlib import Path

import numpy as np
import pytest
from cyvcf2 import VCF
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from alsrev_dagster.call_sums import ROW_SUMS, SAMPLE_SUMS, added, call_means
from alsrev_dagster.ingest.call_filter import CallFilter
from alsrev_dagster.ingest.genotype_blocks import read_blocks
from alsrev_dagster.ingest.genotype_file import Reading
from alsrev_dagster.ingest.genotype_rows import VariantBlock, variant_ids
from tests.ingest.made_plink import write_pgen
from tests.ingest.made_vcf import CONTIG, DATA, as_bcf, row, sound, vcf_text, write_vcf

META = "".join(
    f'##FORMAT=<ID={name},Number={number},Type=Integer,Description="x">\n'
    for name, number in (("GQ", 1), ("DP", 1), ("AD", "R"), ("MIN_DP", 1))
)
READ = CallFilter(call_depth=True)
REAL = DATA / "kg_highcov_chr12_60.bcf"

Sums = dict[str, list[float]]


def sums_of(path: Path, calls: CallFilter = READ) -> tuple[Sums, NDArray[np.float64] | None]:
    """Sums of each row by variant, and of each sample over all of them."""
    reading = Reading(path, call_filter=calls)
    found = _sums(list(reading.blocks()))
    assert reading.file is not None, reading.problems.all()
    return found


def _sums(blocks: list[VariantBlock]) -> tuple[Sums, NDArray[np.float64] | None]:
    by_row: Sums = {}
    by_sample = None
    for block in blocks:
        names = variant_ids(block).to_pylist()
        by_row |= dict(zip(names, block.rows.call_sum.tolist(), strict=True))
        by_sample = added(by_sample, block.sample_sum)
    return by_row, by_sample


ROWS = [
    row(
        "0/1:9,1:10:30 0/0:5,5:10:19 1|0:3,9:12:50 0/0:.:.:. ./.:7,7:14:99 0/1:4,6:10",
        format="GT:AD:DP:GQ",
    ),
    row(
        "1/2:20:0,8,2:4 0/2:20:5,0,7:9 0/1:.:1,9,0:9 2/2:20:0,0,9:9 1:20:0,9,0 ./1:1:1,3,0:1",
        format="GT:GQ:AD:DP",
        alt="C,G",
        pos=11,
    ),
    row("0/1:3 0/1:4 0/1:5 0/1:6 0/1:7 0/1", format="GT:MIN_DP", pos=12),
    row("0/1:3 0/1:4 0/1:5 0/1:6 0/1:7 0/1", alt="*", format="GT:DP", pos=13),
]
# n and sum of DP, n and sum of GQ, reads of ALT and of both in calls of REF and that ALT
BY_ROW = {
    "chr1-10-A-C": [4, 42, 3, 99, 16, 32],
    "chr1-11-A-C": [4, 31, 4, 80, 9, 10],
    "chr1-11-A-G": [4, 31, 4, 80, 7, 12],
    "chr1-12-A-C": [0, 0, 0, 0, 0, 0],
}
BY_SAMPLE = [
    [2, 14, 2, 50], [2, 19, 2, 39], [2, 21, 1, 50], [1, 9, 1, 20], [0, 0, 1, 20], [1, 10, 0, 0],
]  # fmt: skip


def write_as(folder: Path, through: str) -> Path:
    path = write_vcf(folder, ROWS, samples="a b c d e f", meta=META + CONTIG)
    if through == "crlf":
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    return as_bcf(path) if through == "bcf" else path


@pytest.mark.parametrize("through", ["vcf", "crlf", "bcf"])
def test_calls_that_are_not_missing_are_summed_by_row_and_by_sample(
    tmp_path: Path, through: str
) -> None:
    by_row, by_sample = sums_of(write_as(tmp_path, through))
    assert by_row == BY_ROW
    assert by_sample is not None
    assert by_sample.tolist() == BY_SAMPLE


@pytest.mark.parametrize("through", ["vcf", "bcf"])
def test_calls_made_missing_do_not_count_and_half_calls_read_as_whole_do(
    tmp_path: Path, through: str
) -> None:
    path = write_as(tmp_path, through)
    by_row, by_sample = sums_of(path, CallFilter("reference", 20, call_depth=True))
    assert by_row["chr1-10-A-C"] == [3, 32, 2, 80, 16, 32]
    assert by_row["chr1-11-A-C"] == [4, 31, 4, 80, 9, 10]
    assert by_sample is not None
    assert by_sample[1].tolist() == [1, 9, 1, 20]
    half = sums_of(path, CallFilter("reference", call_depth=True))[0]
    assert half["chr1-11-A-C"] == [5, 32, 5, 81, 9, 10]


def test_a_field_that_no_header_line_declares_is_not_read(tmp_path: Path) -> None:
    meta = META.replace("ID=DP", "ID=XX").replace("ID=AD", "ID=XY")
    path = write_vcf(tmp_path, ROWS, samples="a b c d e f", meta=meta + CONTIG)
    by_row, _ = sums_of(path)
    assert by_row["chr1-10-A-C"] == [0, 0, 3, 99, 0, 0]


@pytest.mark.parametrize(
    "path", [DATA / "hapmap2_ceu_igfbp7.vcf.gz", DATA / "b2z_chr22.pgen"], ids=lambda p: p.name
)
def test_nothing_is_summed_where_a_file_has_nothing_to_sum(path: Path) -> None:
    by_row, by_sample = sums_of(path)
    assert by_sample is None
    assert set(map(len, by_row.values())) == {0}


def test_nothing_is_summed_where_it_is_not_asked(tmp_path: Path) -> None:
    for path in (write_as(tmp_path, "vcf"), REAL, write_pgen(tmp_path)):
        by_row, by_sample = sums_of(path, CallFilter(depth_min=1 if path == REAL else 0))
        assert by_sample is None
        assert set(map(len, by_row.values())) == {0}


def by_cyvcf2(path: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sums of each record and ALT, and of each sample, from cyvcf2's own arrays."""
    vcf = VCF(str(path))
    by_row, by_sample = [], np.zeros((len(vcf.samples), len(SAMPLE_SUMS)))
    for record in vcf:
        is_called = record.gt_types != 2  # cyvcf2: 0 hom-ref, 1 het, 2 unknown, 3 hom-alt
        sums: list[float] = []
        for column, name in ((0, "DP"), (2, "GQ")):
            value = record.format(name)[:, 0]
            counts = is_called & (value >= 0)
            sums += [counts.sum(), value[counts].sum()]
            by_sample[:, column] += counts
            by_sample[:, column + 1] += np.where(counts, value, 0)
        for alt, allele in enumerate(record.ALT, start=1):
            if allele == "*":
                continue
            is_het = [sorted(call[:2]) == [0, alt] for call in record.genotypes]
            ref_alt = record.format("AD")[is_het][:, [0, alt]]
            ref_alt = ref_alt[ref_alt.min(axis=1) >= 0]
            by_row.append([*sums, ref_alt[:, 1].sum(), ref_alt.sum()])
    return np.array(by_row, dtype=np.float64), by_sample


@pytest.mark.parametrize("through", ["vcf", "bcf"])
def test_sums_of_a_real_file_are_those_of_cyvcf2(tmp_path: Path, through: str) -> None:
    """30x genomes of the 1000 Genomes Project: DP, GQ and AD as GATK wrote them."""
    path, source = REAL, VCF(str(REAL))
    if through == "vcf":
        path = tmp_path / "t.vcf"
        path.write_text(source.raw_header + "".join(map(str, source)))
    by_row, by_sample = sums_of(path)
    row_sum, sample_sum = by_cyvcf2(REAL)
    assert sorted(by_row.values()) == sorted(row_sum.tolist())  # rows may stand in another order
    assert by_sample is not None
    np.testing.assert_array_equal(by_sample, sample_sum)
    mean = by_sample[:, 1] / by_sample[:, 0]
    assert 20 < mean.min() < mean.max() < 60
    balance = row_sum[:, 4].sum() / row_sum[:, 5].sum()
    assert 0.4 < balance < 0.55


@pytest.mark.parametrize("n_group_byte", [300, 5_000, 1 << 22])
def test_each_chromosome_has_its_own_sums_however_much_is_read_at_once(
    tmp_path: Path, n_group_byte: int
) -> None:
    rows = [
        row(f"0/1:{pos % 7} 0/0:{chrom}", chrom=f"chr{chrom}", pos=pos, format="GT:DP")
        for chrom in (1, 2, 3)
        for pos in range(1, 60)
    ]
    path = tmp_path / "t.vcf"
    path.write_text(vcf_text(rows, meta=META))
    file = sound(path)
    every = [*Reading(path, call_filter=READ, n_group_byte=n_group_byte).blocks()]
    for chrom in (1, 2, 3):
        again = read_blocks(file, [f"chr{chrom}"], call_filter=READ, n_group_byte=n_group_byte)
        expected = [[59, sum(pos % 7 for pos in range(1, 60)), 0, 0], [59, 59 * chrom, 0, 0]]
        for blocks in ([b for b in every if b.chrom == f"chr{chrom}"], list(again)):
            by_sample = _sums(blocks)[1]
            assert by_sample is not None
            assert by_sample.tolist() == expected


_number = st.none() | st.integers(0, 2**31 - 1)


@st.composite
def _calls(draw: st.DrawFn) -> tuple[int, list[tuple[list[int], object, object, list[object]]]]:
    """Number of ALTs, and calls: alleles (-1 missing), DP, GQ and AD."""
    n_alt = draw(st.integers(1, 3))
    allele = st.integers(-1, n_alt)
    call = st.tuples(
        st.lists(allele, min_size=1, max_size=2),
        _number,
        _number,
        st.lists(_number, min_size=1, max_size=n_alt + 1),
    )
    return n_alt, draw(st.lists(call, min_size=1, max_size=9))


@given(made=_calls(), order=st.permutations(["DP", "GQ", "AD", "PL"]))
def test_sums_are_those_of_a_plain_loop(
    tmp_path_factory: pytest.TempPathFactory, made: tuple[int, list[object]], order: list[str]
) -> None:
    n_alt, calls = made
    text, expected = [], np.zeros((n_alt, len(ROW_SUMS)))
    for alleles, dp, gq, ad in calls:  # type: ignore[misc]
        field = {"DP": _said([dp]), "GQ": _said([gq]), "AD": _said(ad), "PL": "0,1,2"}
        gt = "/".join("." if a < 0 else str(a) for a in alleles)
        text.append(":".join([gt, *(field[name] for name in order)]))
        if min(alleles) < 0:
            continue
        for column, value in ((0, dp), (2, gq)):
            expected[:, column : column + 2] += [value is not None, value or 0]
        alt = max(alleles)
        is_het = len(alleles) == 2 and min(alleles) == 0 < alt
        if is_het and alt < len(ad) and None not in (ad[0], ad[alt]):
            expected[alt - 1, 4:] += [ad[alt], ad[0] + ad[alt]]
    samples = " ".join(f"s{i}" for i in range(len(calls)))
    fixed = {"format": ":".join(["GT", *order]), "alt": ",".join("CGT"[:n_alt])}
    folder = tmp_path_factory.mktemp("made")
    path = write_vcf(folder, [row(" ".join(text), **fixed)], samples=samples, meta=META)
    by_row, _ = sums_of(path)
    assert list(by_row.values()) == expected.tolist()


def _said(numbers: list[object]) -> str:
    return ",".join("." if n is None else str(n) for n in numbers)


def test_a_number_that_no_bcf_can_hold_is_none(tmp_path: Path) -> None:
    calls = "0/1:2147483647:9 0/1:2147483648:-9 0/1:99999999999999999999:1e 0/1::"
    rows = [row(calls, format="GT:DP:GQ")]
    by_row, _ = sums_of(write_vcf(tmp_path, rows, samples="a b c d", meta=META))
    assert by_row["chr1-10-A-C"] == [1, 2**31 - 1, 2, 10, 0, 0]


def test_means_rest_on_their_counts_and_are_null_without_any() -> None:
    means = call_means(np.array([[4, 42, 3, 99, 16, 32], [0, 0, 0, 0, 0, 0]], dtype=np.float64))
    assert {name: array.to_pylist() for name, array in means.items()} == {
        "n_depth": [4, 0],
        "mean_depth": [10.5, None],
        "n_genotype_quality": [3, 0],
        "mean_genotype_quality": [33.0, None],
        "n_het_read": [32, 0],
        "allele_balance": [0.5, None],
    }
    assert call_means(np.empty((2, 0))) == {}
