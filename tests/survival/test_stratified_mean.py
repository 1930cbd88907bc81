"""Means of two groups within strata: least squares by matrices, and Welch's test of one stratum."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_ind

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.stratified_mean import stratified_mean

ONE = np.zeros(8, dtype=np.int64)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4))
def test_it_is_least_squares_with_bell_and_mccaffreys_freedom(seed: int, n_stratum: int) -> None:
    rng = np.random.default_rng(seed)
    n = 12 * n_stratum
    stratum = np.repeat(np.arange(n_stratum), 12)
    carrier = np.concatenate([rng.permutation(12) < rng.integers(2, 7) for _ in range(n_stratum)])
    value = rng.normal(size=n) * (1 + carrier)
    design = np.column_stack([carrier, *(stratum == k for k in range(n_stratum))]).astype(float)
    inverse = np.linalg.inv(design.T @ design)
    left = np.eye(n) - design @ inverse @ design.T
    row = (inverse @ design.T)[0]
    leverage = 1 - np.diag(left)
    root = np.diag(row / np.sqrt(1 - leverage))
    middle = root @ left @ root
    found = stratified_mean(value, carrier, stratum)
    assert found.difference == pytest.approx(row @ value)
    variance = float((row**2 * (left @ value) ** 2 / (1 - leverage)).sum())
    assert found.standard_error == pytest.approx(np.sqrt(variance))
    freedom = np.trace(middle) ** 2 / np.trace(middle @ middle)
    assert found.degrees_of_freedom == pytest.approx(freedom)


def test_of_one_stratum_the_statistic_is_welchs() -> None:
    value = np.array([5.0, 7, 6, 1, 2, 3, 4, 2])
    found = stratified_mean(value, np.arange(8) < 3, ONE)
    welch = ttest_ind(value[:3], value[3:], equal_var=False)
    assert found.difference / found.standard_error == pytest.approx(welch.statistic)


def test_a_stratum_with_one_group_says_nothing() -> None:
    value, carrier = np.array([5.0, 7, 6, 1, 2, 3, 4, 2]), np.arange(8) < 3
    more = stratified_mean(
        np.append(value, [90.0, 95]), np.append(carrier, [True, True]), np.repeat([0, 1], [8, 2])
    )
    alone = stratified_mean(value, carrier, ONE)
    assert more == alone
    assert more.n_stratum == 1


def test_one_carrier_has_a_difference_and_no_interval() -> None:
    found = stratified_mean(np.arange(8.0), np.arange(8) == 7, ONE)
    assert found.difference == 4.0
    assert np.isnan([found.standard_error, found.ci_lower, found.p_value]).all()


def test_nobody_to_compare_is_no_difference() -> None:
    found = stratified_mean(np.arange(8.0), np.ones(8, dtype=bool), ONE)
    assert found.n_stratum == 0
    assert np.isnan(found.difference)


def test_values_that_cannot_be_compared_are_refused() -> None:
    with pytest.raises(InputDataError, match=r"expected one of each a person"):
        stratified_mean(np.arange(7.0), np.ones(8, dtype=bool), ONE)
    value = np.where(np.arange(8) == 2, np.nan, 1.0)
    with pytest.raises(InputDataError, match=r"1 of 8 values to be averaged are missing"):
        stratified_mean(value, np.arange(8) < 3, ONE)


def test_values_that_do_not_scatter_have_a_difference_and_no_certainty() -> None:
    apart = stratified_mean(np.repeat([24.0, 0], [3, 5]), np.arange(8) < 3, ONE)
    assert apart.difference == 24.0
    alike = stratified_mean(np.full(8, 24.0), np.arange(8) < 3, ONE)
    assert alike.difference == 0.0
    for found in (apart, alike):
        assert np.isnan([found.standard_error, found.ci_lower, found.p_value]).all()
