"""Fisher's exact test of many tables, against R's printed numbers, scipy and the exact test."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.missingness import fisher_exact_p

count = st.integers(0, 120)


def test_p_value_is_rs() -> None:
    # R fisher.test(matrix(c(51, 43, 22, 92), 2, byrow = TRUE)), as in Hail's tests.
    found = fisher_exact_p(np.array([[51, 43, 22, 92], [3, 19, 0, 243]]))
    assert found[0] == pytest.approx(2.1564999740157304e-07, rel=1e-12)
    assert found[1] == pytest.approx(5.02188e-4, rel=1e-5)


@given(count, count, count, count)
@settings(deadline=None)
def test_p_value_is_scipys_and_neither_side_comes_first(a: int, b: int, c: int, d: int) -> None:
    found = fisher_exact_p(np.array([[a, b, c, d], [c, d, a, b], [b, a, d, c]]))
    expected = fisher_exact([[a, b], [c, d]])[1]
    np.testing.assert_allclose(found, max(expected, np.finfo(float).tiny), rtol=1e-9)


def test_thousands_of_samples_have_a_p_value_too() -> None:
    tables = np.array([[40, 4960, 0, 5000], [5000, 0, 0, 5000]])
    expected = fisher_exact(tables[0].reshape(2, 2))[1]
    found = fisher_exact_p(tables)
    assert found[0] == pytest.approx(expected, rel=1e-9)
    assert found[1] == np.finfo(float).tiny


def test_other_shapes_are_refused() -> None:
    with pytest.raises(InputDataError, match=r"expected \(n_table, 4\) and no count below 0"):
        fisher_exact_p(np.zeros((2, 3), dtype=np.int64))
    with pytest.raises(InputDataError, match="a smallest count of -1"):
        fisher_exact_p(np.array([[1, 2, -1, 4]]))
