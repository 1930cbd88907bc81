"""Exact Hardy-Weinberg test: symmetry and refusal."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.hwe import hwe_exact_p, hwe_exact_p_many

count = st.integers(0, 150)


@given(count, count, count)
def test_swapping_ref_and_alt_changes_nothing(ref: int, het: int, alt: int) -> None:
    if ref + het + alt:
        assert hwe_exact_p(ref, het, alt) == hwe_exact_p(alt, het, ref)
        assert 0 < hwe_exact_p(ref, het, alt) <= 1


def test_many_are_one_by_one() -> None:
    rows = np.random.default_rng(1).integers(0, 9, size=(200, 3))
    rows[0] = 0
    p_value = hwe_exact_p_many(rows)
    assert np.isnan(p_value[0])
    expected = [hwe_exact_p(*row) for row in rows[1:].tolist()]
    np.testing.assert_array_equal(p_value[1:], expected)


def test_no_called_sample_is_refused() -> None:
    with pytest.raises(InputDataError, match="at least one called sample; filter the variant"):
        hwe_exact_p(0, 0, 0)


def test_four_columns_are_refused() -> None:
    with pytest.raises(InputDataError, match="drop the column of missing calls"):
        hwe_exact_p_many(np.zeros((2, 4), dtype=np.int64))
