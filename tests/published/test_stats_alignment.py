"""Sizes and P values of the audit, against what R and SAS print."""

import numpy as np
import pytest
from numpy.typing import NDArray

from alsrev_dagster.stats.alignment import alignment, cramers_v
from alsrev_dagster.stats.balance import Side, standardised_difference
from alsrev_dagster.stats.quantity_alignment import quantity_alignment

# Koch & Edwards (1988), R package vcd: xtabs(~ Treatment + Improved, Arthritis)
TREATED, PLACEBO = [13, 7, 21], [29, 7, 7]


def counts(n: list[int]) -> NDArray[np.int64]:
    return np.array(n, dtype=np.int64)


def p_of(case: list[int], control: list[int]) -> tuple[float, str]:
    found = alignment(counts(case), counts(control), np.random.default_rng(7), n_draw=99)
    return found.p_value, found.method


def test_two_values_are_fishers_test() -> None:
    # R: fisher.test(matrix(c(2, 10, 15, 3), nrow = 2)), Fisher's convictions of like-sex twins
    p_value, method = p_of([2, 10], [15, 3])
    assert p_value == pytest.approx(0.0005367, abs=5e-8)
    assert method == "fisher_exact"
    # R: fisher.test(matrix(c(3, 1, 1, 3), nrow = 2)), the lady tasting tea
    assert p_of([3, 1], [1, 3])[0] == pytest.approx(0.4857, abs=5e-5)


def test_three_values_are_every_table_of_freeman_and_halton() -> None:
    # R: fisher.test(xtabs(~ Treatment + Improved, data = vcd::Arthritis)): p-value = 0.001393
    p_value, method = p_of(TREATED, PLACEBO)
    assert p_value == pytest.approx(0.001393, abs=5e-7)
    assert method == "freeman_halton_exact"


def test_cramers_v() -> None:
    # R: vcd::assocstats of the same table: Cramer's V 0.394
    assert cramers_v(counts(TREATED), counts(PLACEBO)) == pytest.approx(0.394, abs=5e-4)
    # SAS: proc freq of female * homeless in the HELP trial (Kleinman & Horton): 0.0977
    assert cramers_v(counts([67, 40]), counts([177, 169])) == pytest.approx(0.0977, abs=5e-5)


def test_kolmogorov_smirnov_of_conover() -> None:
    # Conover (1999), Practical Nonparametric Statistics, 6.3: D = 0.4; R's ks.test: p = 0.2653
    x = np.array([7.6, 8.4, 8.6, 8.7, 9.3, 9.9, 10.1, 10.6, 11.2])
    y = [5.2, 5.7, 5.9, 6.5, 6.8, 8.2, 9.1, 9.8, 10.8, 11.3, 11.5, 12.3, 12.5, 13.4, 14.6]
    found = quantity_alignment(x, np.array(y))
    assert found.overlap == pytest.approx(1 - 0.4)
    assert found.p_value == pytest.approx(0.2653, abs=5e-5)


def test_standardised_difference_of_lalonde() -> None:
    # R package tableone on the Lalonde data: age 28.03 (10.79) and 25.82 (7.16), SMD 0.242
    sides = Side(429, 28.03, 10.79**2), Side(185, 25.82, 7.16**2)
    assert standardised_difference(*sides, sides) == pytest.approx(0.242, abs=1.1e-3)
