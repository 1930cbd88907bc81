"""Exact burden test: every choice of cases, the labelings, Fisher's numbers, symmetries."""

from itertools import combinations, product

import numpy as np
import pytest
from scipy.stats import hypergeom

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.burden_exact import burden_exact_p
from alsrev_dagster.stats.set_genotypes import set_genotypes
from alsrev_dagster.stats.set_null import set_null
from alsrev_dagster.stats.set_tests import set_test


@pytest.mark.parametrize("seed", range(8))
def test_p_value_counts_every_choice_of_cases_in_two_strata(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n_allele = rng.integers(0, 4, 12) * (rng.random(12) < 0.6)
    stratum = np.repeat([0, 1], [7, 5])
    is_case = np.isin(np.arange(12), [0, 1, 7, 8])
    mean = 2 * n_allele[:7].mean() + 2 * n_allele[7:].mean()
    sums = [
        n_allele[[*first, *second]].sum()
        for first, second in product(combinations(range(7), 2), combinations(range(7, 12), 2))
    ]
    far = np.abs(np.array(sums) - mean) >= abs(n_allele[is_case].sum() - mean) - 1e-9
    found = burden_exact_p(set_null(is_case, stratum), n_allele)
    assert found == pytest.approx(far.mean(), rel=1e-12)


def test_it_is_the_burden_of_the_labelings_where_these_are_complete() -> None:
    rng = np.random.default_rng(3)
    dosage = np.zeros((265, 3))
    dosage[rng.choice(265, 10, replace=False), rng.integers(0, 3, 10)] = rng.integers(1, 3, 10)
    is_case = rng.permutation(np.arange(265) < 22)
    found = set_test(set_genotypes(dosage), np.ones(3), set_null(is_case), n_draw=1, rng=rng)
    assert found.resampled.is_exact
    assert found.model.burden_exact_p == pytest.approx(found.resampled.burden_p, rel=1e-9)


def test_tiny_p_values_need_no_draws() -> None:
    n_allele = (np.arange(265) < 22).astype(np.int64)
    n_allele[100:110] = 1
    found = burden_exact_p(set_null(np.arange(265) < 22), n_allele)
    assert 0 < found < 1e-20
    # All 22 cases among 32 carriers; no sum is as far below the mean of 2.7 as 22 is above.
    assert found == pytest.approx(hypergeom.pmf(22, 265, 32, 22), rel=1e-11)


def test_an_empty_stratum_of_cases_and_the_order_of_samples_change_nothing() -> None:
    rng = np.random.default_rng(5)
    n_allele, is_case = rng.integers(0, 3, 40), np.arange(40) < 9
    alone = burden_exact_p(set_null(is_case), n_allele)
    stratum = np.repeat([0, 1], [40, 15])
    null = set_null(np.append(is_case, np.zeros(15, dtype=bool)), stratum)
    more = burden_exact_p(null, np.append(n_allele, rng.integers(0, 3, 15)))
    order = rng.permutation(40)
    assert more == pytest.approx(alone, rel=1e-12)
    assert burden_exact_p(set_null(is_case[order]), n_allele[order]) == pytest.approx(alone)
    assert burden_exact_p(set_null(is_case), np.ones(40, dtype=np.int64)) == 1.0


def test_negative_numbers_are_refused() -> None:
    with pytest.raises(
        InputDataError, match=r"shape \(2,\) and 1 numbers below 0: expected \(2,\)"
    ):
        burden_exact_p(set_null(np.array([True, False])), np.array([-9, 1]))
