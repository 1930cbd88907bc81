"""Genotype counts and distinct rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.packing import pack
from alsrev_dagster.stats.counts import (
    distinct_rows,
    genotype_counts,
    packed_counts,
    stacked_tables,
)


@given(st.integers(0, 2**32 - 1), st.integers(1, 40))
def test_counts_are_those_of_a_loop(seed: int, n_sample: int) -> None:
    rng = np.random.default_rng(seed)
    genotype = rng.integers(0, 4, size=(7, n_sample), dtype=np.uint8)
    is_in_group = rng.random(n_sample) < 0.5
    expected = [np.bincount(row[is_in_group], minlength=4).tolist() for row in genotype]
    assert genotype_counts(genotype, is_in_group).tolist() == expected


@given(st.integers(0, 2**32 - 1), st.integers(1, 200), st.integers(0, 4))
@settings(max_examples=60, deadline=None)
def test_packed_counts_are_those_of_the_codes(seed: int, n_sample: int, n_group: int) -> None:
    rng = np.random.default_rng(seed)
    genotype = rng.integers(0, 4, size=(5, n_sample), dtype=np.uint8)
    groups = rng.random((n_group, n_sample)) < 0.6
    found = packed_counts(pack(genotype), groups)
    assert found.shape == (5, n_group, 4)
    for i, group in enumerate(groups):
        np.testing.assert_array_equal(found[:, i], genotype_counts(genotype, group))


def test_packed_rows_of_other_samples_are_refused() -> None:
    packed = pack(np.zeros((2, 3), dtype=np.uint8))
    with pytest.raises(InputDataError, match=r"expected \(n_variant, 2\) bytes for 5 samples"):
        packed_counts(packed, np.ones((1, 5), dtype=np.bool_))


def test_an_empty_group_or_no_variant_is_counted_too() -> None:
    genotype = np.zeros((2, 3), dtype=np.uint8)
    assert genotype_counts(genotype, np.zeros(3, dtype=bool)).tolist() == [[0] * 4] * 2
    assert genotype_counts(genotype[:0], np.ones(3, dtype=bool)).shape == (0, 4)


def test_a_group_of_another_length_is_refused() -> None:
    with pytest.raises(InputDataError, match=r"\(2, 3\) and is_in_group \(4,\): expected"):
        genotype_counts(np.zeros((2, 3), dtype=np.uint8), np.ones(4, dtype=bool))


@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.sampled_from([2, 300, 2**31]))
def test_distinct_rows_rebuild_the_rows(seed: int, n_column: int, limit: int) -> None:
    rng = np.random.default_rng(seed)
    few = rng.integers(0, limit, size=(5, n_column))
    rows = few[rng.integers(0, 5, size=30)]
    unique, inverse = distinct_rows(rows)
    np.testing.assert_array_equal(unique[inverse], rows)
    np.testing.assert_array_equal(unique, np.unique(rows, axis=0))


def test_no_rows_have_no_distinct_rows() -> None:
    unique, inverse = distinct_rows(np.zeros((0, 3), dtype=np.int64))
    assert unique.shape == (0, 3)
    assert inverse.shape == (0,)


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(InputDataError, match="no count below 0"):
        distinct_rows(np.array([[-1, 2]]))
    with pytest.raises(InputDataError, match="smallest genotype count is -1"):
        stacked_tables(np.array([[[-1, 0, 0]]]), np.array([[[0, 0, 0]]]), (0, 1, 2))


def test_tables_of_different_shapes_are_refused() -> None:
    with pytest.raises(InputDataError, match="expected the same"):
        stacked_tables(np.zeros((1, 1, 3), int), np.zeros((1, 2, 3), int), (0, 1, 2))


def test_a_score_that_is_not_whole_is_refused() -> None:
    table = np.zeros((1, 1, 3), dtype=np.int64)
    with pytest.raises(InputDataError, match=r"score is \(0, 0.5, 1\): expected three whole"):
        stacked_tables(table, table, (0, 0.5, 1))  # type: ignore[arg-type]
