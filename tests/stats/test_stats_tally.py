"""Counting block by block gives what counting everything at once gives."""

import numpy as np
import pytest

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.tally import (
    TableTally,
    counts_over_strata,
    group_counts,
    sides_by_stratum,
)

RNG = np.random.default_rng(20240704)
GENOTYPE = RNG.integers(0, 4, (300, 12)).astype(np.uint8)
STRATUM = np.array(["b", "a", "a"] * 4, dtype=object)
IS_CASE = np.arange(12) < 5
IS_MEMBER = np.arange(12) != 7


def groups() -> np.ndarray:
    return sides_by_stratum(IS_MEMBER, IS_CASE, STRATUM)


def test_groups_are_cases_first_and_strata_by_name() -> None:
    found = groups()
    assert found.shape == (2, 2, 12)
    assert np.flatnonzero(found[0, 0]).tolist() == [1, 2, 4]
    assert np.flatnonzero(found[1, 1]).tolist() == [6, 9]
    assert found.any(axis=(0, 1)).tolist() == IS_MEMBER.tolist()


def test_blocks_have_the_tables_that_were_counted_and_each_is_kept_once() -> None:
    tally = TableTally.of_groups(groups())
    blocks = [GENOTYPE[:100], GENOTYPE[:0], GENOTYPE[100:], GENOTYPE[:100]]
    counts = [group_counts(block, groups()) for block in blocks]
    places = [tally.add(count) for count in counts]
    tables = tally.tables()
    for count, place in zip(counts, places, strict=True):
        np.testing.assert_array_equal(tables[place], count)
    assert len(np.unique(tables.reshape(len(tables), -1), axis=0)) == len(tables)
    assert tally.n_counted == 400


def test_counts_are_named_by_side_and_genotype_and_summed_over_strata() -> None:
    named = counts_over_strata(group_counts(GENOTYPE, groups()))
    assert list(named)[:2] == ["n_case_hom_ref", "n_case_het"]
    in_case = GENOTYPE[:, IS_CASE & IS_MEMBER]
    np.testing.assert_array_equal(named["n_case_missing"], (in_case == 3).sum(axis=1))
    assert sum(named.values()).tolist() == [11] * 300


def test_nothing_counted_is_no_table() -> None:
    assert TableTally((2, 3, 4)).tables().shape == (0, 2, 3, 4)


def test_a_block_counted_in_other_groups_is_refused() -> None:
    with pytest.raises(InputDataError, match=r"shape \(2, 2, 4\): expected \(2, 1, 4\), as the"):
        TableTally((2, 1, 4)).add(group_counts(GENOTYPE, groups()))
