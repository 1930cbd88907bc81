"""z of a frequency against an external table: symmetries and edges."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alsrev_dagster.stats.external_frequency import frequency_z


def z_of(count: int, number: int, freq: float, external_number: float) -> float:
    n = np.array([count]), np.array([number])
    return float(frequency_z(*n, np.array([freq]), np.array([external_number]))[0])


@given(st.integers(1, 40), st.integers(1, 99), st.integers(100, 4000))
def test_the_other_allele_has_the_same_z_the_other_way(n: int, other: int, table: int) -> None:
    z = z_of(n, 40 + other, 0.3, table)
    assert z_of(40 + other - n, 40 + other, 0.7, table) == pytest.approx(-z)


def test_a_table_without_numbers_is_one_of_very_many_alleles() -> None:
    assert z_of(30, 100, 0.2, np.nan) == pytest.approx(2.5)  # 0.1 / sqrt(0.2 * 0.8 / 100)
    assert z_of(30, 100, 0.2, 1e12) == pytest.approx(2.5, abs=1e-4)


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ((0, 100, 0.0, 500.0), 0.0),
        ((100, 100, 1.0, np.nan), 0.0),
        ((3, 100, 0.0, np.nan), np.nan),
        ((0, 0, 0.2, 500.0), np.nan),
    ],
)
def test_where_there_is_no_error_to_compare_with(
    given_: tuple[int, int, float, float], expected: float
) -> None:
    assert z_of(*given_) == pytest.approx(expected, nan_ok=True)


def test_a_variant_that_the_table_never_saw_has_an_error_where_its_size_is_known() -> None:
    # r = 3 / 600: 0.03 / sqrt(0.005 * 0.995 * (1/100 + 1/500))
    assert z_of(3, 100, 0.0, 500.0) == pytest.approx(0.03 / np.sqrt(0.005 * 0.995 * 0.012))
