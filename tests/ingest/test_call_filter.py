"""Calls read as missing: by half calls, genotype quality, depth and allele balance."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from cyvcf2 import VCF

from alsrev_dagster.ingest.call_filter import REASONS, CallFilter
from alsrev_dagster.ingest.genotype_file import Reading
from alsrev_dagster.ingest.genotype_rows import variant_ids
from tests.ingest.made_vcf import CONTIG, DATA, as_bcf, row, write_vcf

META = "".join(
    f'##FORMAT=<ID={name},Number={number},Type=Integer,Description="x">\n'
    for name, number in (("GQ", 1), ("DP", 1), ("AD", "R"))
)


def read(path: Path, call_filter: CallFilter) -> tuple[dict[str, list[int]], Counter[str]]:
    reading = Reading(path, call_filter=call_filter)
    codes: dict[str, list[int]] = {}
    count = Counter[str]()
    for block in reading.blocks():
        names = variant_ids(block).to_pylist()
        codes |= dict(zip(names, block.genotype.tolist(), strict=True))
        count.update(block.count)
    assert reading.file is not None, reading.problems.all()
    return codes, count


HALF = "0/. ./1 1|. . ./. 0/1 2/."


@pytest.mark.parametrize(
    ("half_calls", "of_c", "of_g"),
    [
        ("missing", [3, 3, 3, 3, 3, 1, 3], [3, 3, 3, 3, 3, 0, 3]),
        ("reference", [0, 1, 1, 3, 3, 1, 0], [0, 0, 0, 3, 3, 0, 1]),
        ("haploid", [0, 2, 2, 3, 3, 1, 0], [0, 0, 0, 3, 3, 0, 2]),
    ],
)
def test_half_calls_are_read_as_the_study_says(
    tmp_path: Path, half_calls: str, of_c: list[int], of_g: list[int]
) -> None:
    path = write_vcf(tmp_path, [row(HALF, alt="C,G")], samples="a b c d e f g")
    codes, count = read(path, CallFilter(half_calls))  # type: ignore[arg-type]
    assert codes == {"chr1-10-A-C": of_c, "chr1-10-A-G": of_g}
    assert count["n_half_call"] == 4


@pytest.mark.parametrize("half_calls", ["missing", "reference", "haploid"])
def test_half_calls_of_one_alt_are_those_of_two(tmp_path: Path, half_calls: str) -> None:
    calls = HALF.replace("2", "1")
    one = write_vcf(tmp_path, [row(calls)], samples="a b c d e f g", name="one.vcf")
    two = write_vcf(tmp_path, [row(calls, alt="C,G")], samples="a b c d e f g", name="two.vcf")
    read_as = CallFilter(half_calls)  # type: ignore[arg-type]
    assert read(one, read_as)[0]["chr1-10-A-C"] == read(two, read_as)[0]["chr1-10-A-C"]


ROWS = [
    row(
        "0/1:9,1:10:30 0/1:5,5:10:19 1/1:0,3:3:50 0/0:.:.:. ./.:0,0:0:0 0/1:4,6:10",
        format="GT:AD:DP:GQ",
    ),
    row(
        "1/2:20:0,8,2:4 0/2:20:5,0,5:9 0/1:20:1,9,0:9 2/2:20:0,0,9:9 1:20:0,9,0:9 0:1:1,0,0:1",
        format="GT:GQ:AD:DP",
        alt="C,G",
        pos=11,
    ),
]
PLAIN = {
    "chr1-10-A-C": [1, 1, 2, 0, 3, 1],
    "chr1-11-A-C": [1, 0, 1, 0, 2, 0],
    "chr1-11-A-G": [1, 1, 0, 2, 0, 0],
}


@pytest.mark.parametrize(
    ("call_filter", "masked", "n"),
    [
        (CallFilter(), {}, (0, 0, 0)),
        (CallFilter(genotype_quality_min=20), {10: [1], 11: [5]}, (2, 0, 0)),
        (CallFilter(depth_min=5), {10: [2], 11: [0, 5]}, (0, 3, 0)),
        (CallFilter(allele_balance_min=0.2), {10: [0], 11: [2]}, (0, 0, 2)),
        (CallFilter(allele_balance_min=0.21), {10: [0], 11: [0, 2]}, (0, 0, 3)),
        (
            CallFilter(genotype_quality_min=20, depth_min=5, allele_balance_min=0.21),
            {10: [0, 1, 2], 11: [0, 2, 5]},
            (2, 2, 2),
        ),
    ],
)
def test_calls_that_fail_are_missing_and_counted_by_the_first_reason(
    tmp_path: Path, call_filter: CallFilter, masked: dict[int, list[int]], n: tuple[int, ...]
) -> None:
    codes, count = read(write_vcf(tmp_path, ROWS, samples="a b c d e f", meta=META), call_filter)
    expected = {
        name: [3 if i in masked.get(int(name.split("-")[1]), []) else c for i, c in enumerate(row_)]
        for name, row_ in PLAIN.items()
    }
    assert codes == expected
    assert tuple(count[name] for name in REASONS) == n


@pytest.mark.parametrize(
    "call_filter",
    [
        CallFilter(genotype_quality_min=40),
        CallFilter(depth_min=25),
        CallFilter(allele_balance_min=0.3),
        CallFilter("reference", 30, 20, 0.4),
    ],
)
def test_vcf_and_bcf_fail_the_same_real_calls(tmp_path: Path, call_filter: CallFilter) -> None:
    bcf = DATA / "kg_highcov_chr12_60.bcf"
    source = VCF(str(bcf))
    vcf = tmp_path / "t.vcf"
    vcf.write_text(source.raw_header + "".join(map(str, source)))
    from_bcf = read(bcf, call_filter)
    assert from_bcf == read(vcf, call_filter)
    n_failed = sum(from_bcf[1][name] for name in REASONS)
    kept, _ = read(bcf, CallFilter())
    changed = [np.array(kept[name]) != np.array(codes) for name, codes in from_bcf[0].items()]
    assert n_failed > 0
    assert sum(int(where.sum()) for where in changed) >= n_failed


@pytest.mark.parametrize("alt", ["C", "C,G"])
@pytest.mark.parametrize("fields", ["GT", "GT:DP"])
def test_haploid_calls_are_counted(tmp_path: Path, alt: str, fields: str) -> None:
    calls = "0 1 . 0/1 0|0 0/0 1 ./1"
    if fields == "GT:DP":
        calls = " ".join(f"{call}:3" for call in calls.split(" "))
    path = write_vcf(
        tmp_path, [row(calls, alt=alt, format=fields)], samples="a b c d e f g h", meta=META
    )
    _, count = read(path, CallFilter())
    assert (count["n_haploid_call"], count["n_half_call"]) == (3, 1)


@pytest.mark.parametrize("through", ["vcf", "bcf"])
def test_calls_are_counted_only_in_records_that_have_a_row(tmp_path: Path, through: str) -> None:
    calls = "0/.:3 0:3 ./1:9 1:9"
    rows = [
        row(calls, pos=10, alt="*", format="GT:DP"),
        row(calls.replace("1", "0"), pos=11, alt=".", format="GT:DP"),
        row(calls, pos=12, alt="C,*", format="GT:DP"),
    ]
    path = write_vcf(tmp_path, rows, samples="a b c d", meta=META + CONTIG)
    path = as_bcf(path) if through == "bcf" else path
    codes, count = read(path, CallFilter("haploid", depth_min=5))
    assert codes == {"chr1-12-A-C": [3, 3, 2, 2]}
    names = ("n_record", "n_star", "n_no_alt", "n_half_call", "n_haploid_call", "n_low_depth")
    assert [count[name] for name in names] == [3, 2, 1, 2, 2, 2]


@pytest.mark.parametrize("through", ["vcf", "bcf"])
def test_allele_balance_at_its_minimum_is_kept(tmp_path: Path, through: str) -> None:
    """0.07 * 100 is above 7 in 64 bits, 7 / 100 is not below 0.07; no reads have no balance."""
    calls = "0/1:93,7 0/1:7,93 0/1:94,6 0/1:0,0"
    path = write_vcf(tmp_path, [row(calls, format="GT:AD")], samples="a b c d", meta=META + CONTIG)
    path = as_bcf(path) if through == "bcf" else path
    codes, count = read(path, CallFilter(allele_balance_min=0.07))
    assert codes == {"chr1-10-A-C": [1, 1, 3, 1]}
    assert count["n_low_allele_balance"] == 1
