"""Genotype blocks: several callsets joined on variant_id, whatever the block size."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from numpy import nan

from alsrev_dagster.packing import pack
from alsrev_dagster.storage import packed_genotypes
from alsrev_dagster.storage.chosen_genotypes import chosen_genotypes
from alsrev_dagster.storage.genotypes import SampleAxis, genotype_blocks
from alsrev_dagster.storage.het_reads import HetReads
from alsrev_dagster.storage.lake import Lake
from alsrev_dagster.storage.packed_genotypes import packed_rows, write_genotypes

FIRST = {10: [0, 1, 2], 20: [1, 1, 1], 40: [3, 0, 1]}
SECOND = {5: [2, 2], 20: [0, 1], 30: [1, 0], 40: [2, 3], 50: [1, 1]}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path)
    for callset, calls in (("one", FIRST), ("two", SECOND)):
        tables = [rows(callset, dict([item])) for item in calls.items()]
        write_genotypes(lake, tables, f"chr4/{callset}")
    return lake


def rows(
    callset: str,
    calls: dict[int, list[int]],
    verdict: dict[int, str] | None = None,
    reads: dict[int, tuple[int, float]] | None = None,
) -> object:
    n_read = {pos: (reads or {}).get(pos, (0, np.nan)) for pos in calls}
    site = {
        "variant_id": [f"chr4-{pos}-A-G" for pos in calls],
        "pos": list(calls),
        "ref": ["A"] * len(calls),
        "alt": ["G"] * len(calls),
        "rsid": [None] * len(calls),
        "filter": [(verdict or {}).get(pos) for pos in calls],
        "qual": [np.nan] * len(calls),
        "info_allele_freq": [np.nan] * len(calls),
        "consequence": [None] * len(calls),
        "consequence_by_gene": [None] * len(calls),
        "n_het_read": [n for n, _ in n_read.values()],
        "allele_balance": [share for _, share in n_read.values()],
    }
    return packed_rows(callset, "chr4", pack(np.array(list(calls.values()), dtype=np.uint8)), site)


AXIS = SampleAxis(("a", "b", "c", "d", "e"), {"one": 3, "two": 2})


def test_a_row_is_typed_and_missing_qual_is_null() -> None:
    table = rows("one", {10: [0, 1, 2]})
    assert table["qual"].null_count == 1
    assert table["is_snv"].to_pylist() == [True]
    assert table["packed"].to_pylist() == [bytes([0b00011000])]


@pytest.mark.parametrize("n_variant", [1, 2, 3, 100])
def test_callsets_are_joined_and_absent_sites_are_what_the_study_says(
    lake: Lake, n_variant: int
) -> None:
    absent = {"one": "missing", "two": "reference"}
    blocks = list(genotype_blocks(lake, "chr4", AXIS, absent, n_variant=n_variant))
    assert max(len(block.variant) for block in blocks) <= n_variant
    pos = [p for block in blocks for p in block.variant["pos"]]
    genotype = np.concatenate([block.genotype for block in blocks])
    assert dict(zip(pos, genotype.tolist(), strict=True)) == {
        5: [3, 3, 3, 2, 2],
        10: [0, 1, 2, 0, 0],
        20: [1, 1, 1, 0, 1],
        30: [3, 3, 3, 1, 0],
        40: [3, 0, 1, 2, 3],
        50: [3, 3, 3, 1, 1],
    }
    lacking = np.concatenate(
        [np.where(block.is_lacking, (3, 2), 0).sum(axis=1) for block in blocks]
    )
    assert dict(zip(pos, lacking.tolist(), strict=True)) == {
        5: 3,
        10: 0,
        20: 0,
        30: 3,
        40: 0,
        50: 3,
    }
    of_sample = sum(
        block.n_variant_lacking(block.variant["pos"].to_numpy() > 5) for block in blocks
    )
    assert of_sample.tolist() == [2, 2, 2, 0, 0]


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        (("PASS",), ["PASS", "LowQual", "q10", None]),
        (("PASS", "LowQual"), ["PASS", "PASS", "q10", None]),
    ],
)
def test_a_variant_has_the_filter_that_fails_it_in_any_callset(
    tmp_path: Path, kept: tuple[str, ...], expected: list[str | None]
) -> None:
    lake, calls = Lake(tmp_path), {10: [0, 1], 20: [1, 1], 30: [2, 1], 40: [0, 1]}
    for callset, verdict in (
        ("one", {10: "PASS", 20: "PASS", 30: "q10"}),
        ("two", {20: "LowQual", 30: "PASS"}),
    ):
        lake.write_batches("raw.genotype", [rows(callset, calls, verdict)], f"chr4/{callset}")
    axis, absent = (
        SampleAxis(tuple("abcd"), {"one": 2, "two": 2}),
        {"one": "missing", "two": "missing"},
    )
    (block,) = genotype_blocks(lake, "chr4", axis, absent, filters_kept=kept)
    assert block.variant["filter"].tolist() == expected


@pytest.mark.parametrize("left_out", ["b", "e"])
def test_samples_that_are_left_out_are_in_no_block(lake: Lake, left_out: str) -> None:
    held = pd.DataFrame(
        {
            "callset": ["one"] * 3 + ["two"] * 2,
            "sample_index": [0, 1, 2, 0, 1],
            "sample_id": ["a", "b", "c", "d", "e"],
        }
    )
    axis = SampleAxis.of(held, left_out={left_out})
    absent = {"one": "missing", "two": "reference"}
    used = [i for i, name in enumerate(AXIS.sample_id) if name != left_out]
    assert axis.sample_id == tuple(AXIS.sample_id[i] for i in used)
    for all_of, some in zip(
        genotype_blocks(lake, "chr4", SampleAxis.of(held), absent),
        genotype_blocks(lake, "chr4", axis, absent),
        strict=True,
    ):
        np.testing.assert_array_equal(some.genotype, all_of.genotype[:, used])


def test_a_name_of_two_callsets_is_left_out_of_both() -> None:
    held = pd.DataFrame(
        {"callset": ["one", "one", "two"], "sample_index": [0, 1, 0], "sample_id": ["a", "b", "a"]}
    )
    axis = SampleAxis.of(held, left_out=["a"])
    assert (axis.sample_id, axis.column) == (("b",), (1,))


def test_a_chromosome_that_no_callset_holds_has_no_block(lake: Lake) -> None:
    absent = {"one": "missing", "two": "missing"}
    assert list(genotype_blocks(lake, "chr5", AXIS, absent)) == []


def test_reads_of_heterozygous_calls_are_told_by_callset_and_pooled(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    reads = {"one": {10: (30, 0.5), 11: (30, 0.4)}, "two": {10: (10, 0.1), 12: (8, 0.25)}}
    for callset, n_sample in AXIS.n_by_callset.items():
        calls = {pos: [1] * n_sample for pos in (10, 11, 12, 13)}
        del calls[13 if callset == "one" else 11]
        write_genotypes(lake, [rows(callset, calls, reads=reads[callset])], f"chr4/{callset}")
    (block,) = genotype_blocks(lake, "chr4", AXIS, {"one": "missing", "two": "missing"})
    np.testing.assert_array_equal(block.het_reads.n_read, [[30, 10], [30, nan], [0, 8], [nan, 0]])
    share = [[0.5, 0.1], [0.4, nan], [nan, 0.25], [nan, nan]]
    np.testing.assert_array_equal(block.het_reads.share, share)
    n_read, pooled = block.het_reads.pooled().values()
    np.testing.assert_array_equal(n_read, [40, 30, 8, 0])
    np.testing.assert_array_equal(pooled, [0.4, 0.4, 0.25, nan])
    alone = SampleAxis(("a", "b", "c"), {"one": 3})
    (block,) = genotype_blocks(lake, "chr4", alone, {"one": "missing"})
    np.testing.assert_array_equal(block.het_reads.share[:, 0], [0.5, 0.4, nan])


def test_reads_are_pooled_as_whole_numbers() -> None:
    """3 of 3 and 29 of 157 are 32 of 160: a fifth, not a little less."""
    parts = [HetReads.of(pd.Series([n]), pd.Series([k / n])) for n, k in ((3, 3), (157, 29))]
    assert HetReads.joined(parts).pooled()["allele_balance"].tolist() == [0.2]


@pytest.mark.parametrize(
    ("sizes", "groups"),
    [([15_360] * 9, [122_880, 15_360]), ([5, 0, 3], [8]), ([0], [0]), ([], [])],
)
def test_parts_are_written_together_as_duckdb_packs_them(
    lake: Lake, sizes: list[int], groups: list[int]
) -> None:
    def parts() -> Iterator[object]:
        first = 1
        for size in sizes:
            some = {first + i: [0, 1, 2] for i in range(max(size, 1))}
            yield rows("one", some).slice(0, size)  # type: ignore[attr-defined]
            first += size

    assert write_genotypes(lake, parts(), "chr5/one") == sum(sizes)
    file = pq.ParquetFile(lake.path("raw.genotype", "chr5/one"))
    assert [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)] == groups
    axis = SampleAxis(("a", "b", "c", "d"), {"one": 3, "two": 1})
    found = list(genotype_blocks(lake, "chr5", axis, {"one": "missing", "two": "reference"}))
    assert sum(len(block.genotype) for block in found) == sum(sizes)
    assert all((block.genotype == [0, 1, 2, 0]).all() for block in found)


def test_what_memory_would_not_like_is_written_apart(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed_genotypes, "_GROUP_BYTE", 1)
    parts = [rows("one", {pos: [0, 1, 2]}) for pos in (1, 2, 3)]
    write_genotypes(lake, parts, "chr5/one")
    assert pq.ParquetFile(lake.path("raw.genotype", "chr5/one")).num_row_groups == 3


def test_chosen_variants_are_read_as_the_blocks_hold_them_in_the_order_asked(lake: Lake) -> None:
    names = [f"chr4-{pos}-A-G" for pos in (40, 5, 30)]
    absent = {"one": "missing", "two": "reference"}
    expected = [[3, 0, 1, 2, 3], [3, 3, 3, 2, 2], [3, 3, 3, 1, 0]]
    assert chosen_genotypes(lake, AXIS, names, absent).tolist() == expected
    some = SampleAxis(("b", "e"), AXIS.n_by_callset, (1, 4))
    assert chosen_genotypes(lake, some, names, absent).tolist() == [[0, 3], [3, 2], [3, 0]]
    assert chosen_genotypes(lake, AXIS, [], absent).shape == (0, 5)
