"""Rows put in order as they stream by: as one sort of all of them would."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alsrev_dagster.arrow_arrays import texts
from alsrev_dagster.ingest import genotype_order
from alsrev_dagster.ingest.genotype_chromosome import Chromosome
from alsrev_dagster.ingest.genotype_order import RowOrder
from alsrev_dagster.ingest.genotype_rows import Rows, Segment, no_rows, no_sums

Variant = tuple[int, str]


def rows_of(variants: list[Variant]) -> Rows:
    """Rows with these positions and ALTs; ``qual`` numbers them."""
    n = len(variants)
    nothing = texts([None] * n)
    return replace(
        no_rows(4),
        pos=np.array([pos for pos, _ in variants], dtype=np.int64),
        alt=texts([alt for _, alt in variants]),
        ref=texts(["A"] * n),
        qual=np.arange(n, dtype=np.float64),
        info_allele_freq=np.full(n, np.nan),
        packed=np.array([[pos % 256] for pos, _ in variants], dtype=np.uint8).reshape(n, 1),
        call_sum=no_sums(n),
        **dict.fromkeys(("rsid", "filter", "consequence", "consequence_by_gene"), nothing),
    )


_moved = st.tuples(st.integers(0, 3), st.integers(0, 4), st.sampled_from("CGT"))
"""Bases to the record before, bases that trimming moves the row, ALT."""


@given(
    parts=st.lists(st.lists(_moved, max_size=6), max_size=8),
    n_variant=st.sampled_from([1, 2, 3, 7, 100]),
)
def test_blocks_are_a_sort_of_all_rows(parts: list[list[Variant]], n_variant: int) -> None:
    record, segments, variants = 1, [], []
    for part in parts:
        here = []
        for ahead, move, alt in part:
            record += ahead
            here.append((record + move, alt))
        segments.append(Segment("chr1", rows_of(here), record))
        variants += here
    chromosome = Chromosome("chr1", 4, n_variant)
    blocks = [block.rows for block in chromosome.blocks(segments)]
    found = [
        (pos, alt)
        for rows in blocks
        for pos, alt in zip(rows.pos.tolist(), rows.alt.to_pylist(), strict=True)
    ]
    assert found == sorted(set(variants))
    assert [byte for rows in blocks for byte in rows.packed[:, 0]] == [pos for pos, _ in found]
    assert {len(rows) for rows in blocks[:-1]} <= {n_variant}
    twice = sorted(variant for variant in set(variants) if variants.count(variant) > 1)
    assert chromosome.order.n_duplicate == len(twice)
    assert chromosome.order.duplicates == [f"{pos}-A-{alt}" for pos, alt in twice[:5]]


def test_rows_that_rise_are_passed_on_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither sorted nor copied: most files are such."""
    monkeypatch.setattr(genotype_order, "join", None)
    order, parts = RowOrder(), []
    for start in range(0, 100, 10):
        order.add(rows_of([(pos, "C") for pos in range(start, start + 10)]))
        parts += order.settled(before=start + 9)
    parts += order.settled(before=None)
    assert [pos for rows in parts for pos in rows.pos] == list(range(100))
    assert order.settled(before=None) == []
