"""Van Elteren's test, against enumeration, Mann-Whitney, and Mantel-Haenszel on two values."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.stratified_rank import stratified_rank


def mid_rank(value: np.ndarray) -> np.ndarray:
    """By counting, without scipy."""
    below = (value[None, :] < value[:, None]).sum(axis=1)
    return below + ((value[None, :] == value[:, None]).sum(axis=1) + 1) / 2


def test_mean_and_variance_are_those_of_every_draw_within_strata() -> None:
    value = np.array([1.0, 2, 2, 5, 3, 3, 3, 8, 9])
    stratum, n_group = np.repeat([0, 1], [4, 5]), (2, 2)
    every = []
    for first, second in product(combinations(range(4), 2), combinations(range(4, 9), 2)):
        statistic = 0.0
        for number, chosen in enumerate((first, second)):
            rank = mid_rank(value[stratum == number])
            inside = np.array(chosen) - 4 * number
            n = len(rank)
            statistic += (rank[inside].sum() - n_group[number] * (n + 1) / 2) / (n + 1)
        every.append(statistic)
    group = np.isin(np.arange(9), [2, 3, 7, 8])
    found = stratified_rank(value, group, stratum)
    assert np.mean(every) == pytest.approx(0, abs=1e-12)
    assert found.variance == pytest.approx(np.var(every), rel=1e-12)
    assert found.statistic == pytest.approx(max(every), rel=1e-12)  # the largest of each stratum
    assert found.n_stratum == 2


def test_one_stratum_is_mann_whitney_without_a_correction() -> None:
    value = np.array([3.1, 2.0, 2.0, 5.5, 1.2, 7.0, 2.0, 4.4])
    group = np.array([True, False, True, True, False, True, False, False])
    found = stratified_rank(value, group, np.zeros(8, dtype=np.int64))
    other = mannwhitneyu(value[group], value[~group], use_continuity=False, method="asymptotic")
    assert found.p_value == pytest.approx(other.pvalue, rel=1e-12)


def test_two_values_in_strata_of_one_size_are_mantel_haenszel() -> None:
    """Weights are then alike: chi-squared of the 2 x 2 tables without a correction."""
    table = np.array([[[3, 1], [2, 6]], [[4, 3], [1, 4]]])  # 12 people each
    value, group, stratum = [], [], []
    for number, each in enumerate(table):
        for i, j in product((0, 1), (0, 1)):
            n = int(each[i, j])
            value += [1.0 - j] * n
            group += [i == 0] * n
            stratum += [number] * n
    found = stratified_rank(np.array(value), np.array(group), np.array(stratum))
    n, first, row = (
        table.sum(axis=(1, 2)), table[:, :, 0].sum(axis=1), table[:, 0, :].sum(axis=1)
    )  # fmt: skip
    variance = row * (n - row) * first * (n - first) / (n**2 * (n - 1))
    chi_squared = (table[:, 0, 0] - row * first / n).sum() ** 2 / variance.sum()
    assert found.z**2 == pytest.approx(chi_squared, rel=1e-12)


def test_a_difference_between_strata_alone_is_none() -> None:
    value = np.array([3.0, 3, 3, 6, 6, 6])
    group = np.array([True, True, False, True, False, False])
    stratum = np.array([0, 0, 0, 1, 1, 1])
    assert stratified_rank(value, group, stratum).p_value == 1.0
    assert stratified_rank(value, group, np.zeros(6, dtype=np.int64)).z < 0


def test_strata_of_one_group_alone_compare_nobody() -> None:
    found = stratified_rank(
        np.arange(4.0), np.array([True, True, False, False]), np.repeat([0, 1], 2)
    )
    assert found.n_stratum == 0
    assert np.isnan(found.z)
    assert np.isnan(found.p_value)


people = st.lists(
    st.tuples(st.integers(0, 5), st.booleans(), st.integers(0, 2)), min_size=2, max_size=20
)


@settings(max_examples=50, deadline=None)
@given(people, st.randoms(use_true_random=False))
def test_order_and_an_empty_stratum_change_nothing_and_swapped_groups_negate(
    rows: list[tuple[int, bool, int]], random: object
) -> None:
    value, group, stratum = (np.array(one) for one in zip(*rows, strict=True))
    found = stratified_rank(value.astype(float), group, stratum)
    order = np.array(sorted(range(len(rows)), key=lambda _: random.random()))  # type: ignore[attr-defined]
    moved = stratified_rank(value[order].astype(float), group[order], stratum[order])
    more = stratified_rank(
        np.append(value.astype(float), 2.0), np.append(group, True), np.append(stratum, 9)
    )
    swapped = stratified_rank(value.astype(float), ~group, stratum)
    for other, sign in ((moved, 1), (more, 1), (swapped, -1)):
        assert other.statistic == pytest.approx(sign * found.statistic, abs=1e-12)
        assert other.p_value == pytest.approx(found.p_value, nan_ok=True)


def test_what_cannot_be_ranked_is_refused() -> None:
    two = np.zeros(2, dtype=np.int64)
    with pytest.raises(InputDataError, match="1 of 2 values to be ranked are missing"):
        stratified_rank(np.array([1.0, np.nan]), np.array([True, False]), two)
    with pytest.raises(InputDataError, match="expected one of each a person"):
        stratified_rank(np.array([1.0]), np.array([True, False]), two)
