"""Depth of leads in cases over that in controls, by hand."""

from pathlib import Path

import pandas as pd
import pytest

from alsrev_dagster.storage.lake import Lake
from alsrev_dagster.storage.queries import read_query
from alsrev_dagster.vocabulary import table

DEPTH = {  # variants a, b, c of each callset: medians 40, 20 and 30
    "cases": [(10, 80.0), (10, 40.0), (10, 30.0)],
    "controls": [(30, 20.0), (30, 20.0), (30, 40.0)],
    "others": [(10, 60.0), (0, None), (10, 30.0)],
}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    rows = [
        {"callset": callset, "variant_id": f"chr1-{k}-A-C", "n_depth": n, "mean_depth": depth}
        for callset, of in DEPTH.items()
        for k, (n, depth) in enumerate(of, start=1)
    ]
    made = Lake(tmp_path)
    site = {"chrom": "chr1", "pos": 1, "ref": "A", "alt": "C", "is_snv": True, "packed": b"0"}
    frame = pd.DataFrame(rows).assign(**site).reindex(columns=table("raw.genotype").column_names)
    made.write("raw.genotype", frame.sort_values(["variant_id", "callset"]), "chr1")
    return made


def ratios(lake: Lake, *side: tuple[str, bool]) -> dict[str, float]:
    asked = {
        "wanted": pd.DataFrame(
            {"contrast": "primary", "variant_id": [f"chr1-{k}-A-C" for k in (1, 2, 9)]}
        ),
        "side_callset": pd.DataFrame(
            [("primary", *of) for of in side], columns=["contrast", "callset", "is_case"]
        ),
    }
    found = read_query(lake, "lead/depth_ratio", ["raw.genotype"], asked)
    return dict(zip(found["variant_id"], found["depth_ratio"], strict=True))


def test_depths_are_beside_the_median_of_their_callset(lake: Lake) -> None:
    # a: (80 / 40) / (20 / 20); b: (40 / 40) / (20 / 20); the third is in no callset
    assert ratios(lake, ("cases", True), ("controls", False)) == {
        "chr1-1-A-C": 2.0,
        "chr1-2-A-C": 1.0,
    }


def test_callsets_of_a_side_weigh_their_calls_and_one_without_depth_weighs_nothing(
    lake: Lake,
) -> None:
    found = ratios(lake, ("cases", True), ("controls", False), ("others", False))
    # others' median is (60 + 30) / 2 = 45: a is (30 * 1 + 10 * 60 / 45) / 40 = 13 / 12
    assert found == {"chr1-1-A-C": pytest.approx(2 / (13 / 12)), "chr1-2-A-C": 1.0}


def test_one_callset_of_both_sides_tells_nothing(lake: Lake) -> None:
    assert ratios(lake, ("cases", True), ("cases", False)) == {}
    both = [("cases", True), ("controls", True), ("cases", False), ("controls", False)]
    assert ratios(lake, *both) == {}


def test_a_callset_of_both_sides_is_left_out_and_one_without_depth_leaves_nothing(
    lake: Lake,
) -> None:
    shared = [("cases", True), ("others", True), ("others", False), ("controls", False)]
    assert ratios(lake, *shared)["chr1-1-A-C"] == 2.0
    assert ratios(lake, ("cases", True), ("cases", False), ("controls", False)) == {}
    assert "chr1-2-A-C" not in ratios(lake, ("others", True), ("controls", False))
