"""Tails of weighted chi-squares against the tables that their authors printed."""

import numpy as np
import pytest

from alsrev_dagster.stats.cauchy import cauchy_combination
from alsrev_dagster.stats.quadratic_form import ChiSquareMixture, moments_tail, upper_tail

# Davies (1980), J R Stat Soc C 29:323-333, table 3: weights, degrees of freedom, non-centrality
# and values, as the example of CompQuadForm's davies() lists them; P(Q < value) as the test of
# limix/chi2comb prints Davies's own algorithm, with the error bound of 1e-4 it was asked for.
DAVIES = [
    ([6, 3, 1], [1, 1, 1], [0, 0, 0],
     {1: 0.054212946675253, 7: 0.493555201813302, 20: 0.876027228040233}),
    ([6, 3, 1], [2, 2, 2], [0, 0, 0],
     {2: 0.006434833207880, 20: 0.600208198797231, 60: 0.983896847894123}),
    ([6, 3, 1], [6, 4, 2], [0, 0, 0],
     {10: 0.002697179606063, 50: 0.564753029040798, 120: 0.991228814539747}),
    ([7, 3], [6, 2], [6, 2],
     {20: 0.006124621605221, 100: 0.591339218226296, 200: 0.977913846136614}),
    ([7, 3], [1, 1], [6, 2],
     {10: 0.045126148881611, 60: 0.592431357532811, 150: 0.977648412901229}),
    ([7, 3, 7, 3], [6, 2, 1, 1], [6, 2, 6, 2],
     {70: 0.043679499423862, 160: 0.584765475248792, 260: 0.953774439352662}),
    ([7, 3, -7, -3], [6, 2, 1, 1], [6, 2, 6, 2],
     {-40: 0.078208009100774, 40: 0.522107591952669, 140: 0.960370347117791}),
]  # fmt: skip
BOUND = 1e-4


def of(weight: list[float], freedom: list[float], noncentrality: list[float]) -> ChiSquareMixture:
    return ChiSquareMixture(*(np.array(x, dtype=float) for x in (weight, freedom, noncentrality)))


def lower(value: float, mixture: ChiSquareMixture) -> float:
    found = upper_tail(value, mixture)
    assert found.method == "inversion"
    return 1 - found.p_value


@pytest.mark.parametrize(("weight", "freedom", "noncentrality", "printed"), DAVIES)
def test_table_3_of_davies(
    weight: list[float], freedom: list[float], noncentrality: list[float], printed: dict[int, float]
) -> None:
    found = [lower(value, of(weight, freedom, noncentrality)) for value in printed]
    assert found == pytest.approx(list(printed.values()), abs=BOUND)


def test_liu_moments_of_their_first_example() -> None:
    # README of limix/chiscore: liu_sf(2, [0.5, 0.4, 0.1], [1, 2, 1], [1, 0.6, 0.8]).
    found = moments_tail(2.0, of([0.5, 0.4, 0.1], [1, 2, 1], [1, 0.6, 0.8]))
    assert found == pytest.approx(0.4577529852208846, abs=1e-14)


def test_cauchy_combination_of_acats_example() -> None:
    # R package ACAT: ACAT(c(2e-02, 4e-04, 0.2, 0.1, 0.8)) prints 0.001953404.
    found = cauchy_combination(np.array([2e-2, 4e-4, 0.2, 0.1, 0.8]))
    assert found == pytest.approx(0.001953404, abs=5e-10)
