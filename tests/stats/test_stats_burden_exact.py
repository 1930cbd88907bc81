"""Exact burden test: every choice of cases, the labelings, Fisher's numbers, symmetries."""

from itertools import combinations, product

import numpy as np
import pytest
from scipy.stats import hypergeom

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.burden_exact import burden_exact_p, carrier_exact_p
from alsrev_dagster.stats.exact import exact_conditional_p
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


@pytest.mark.parametrize("seed", range(10))
def test_carriers_within_strata_are_the_exact_test_of_their_tables(seed: int) -> None:
    rng = np.random.default_rng(seed)
    stratum, is_case = rng.integers(0, 3, 265), rng.permutation(np.arange(265) < 22)
    carrier = rng.random(265) < 0.08
    counts = np.zeros((2, 1, 3, 3), dtype=np.int64)
    np.add.at(counts, (1 - is_case.astype(int), 0, stratum, carrier.astype(int)), 1)
    expected = exact_conditional_p(counts[0], counts[1], (0, 1, 1))[0]
    assert carrier_exact_p(set_null(is_case, stratum), carrier) == pytest.approx(expected, rel=1e-9)


def test_with_a_covariate_choices_of_cases_weigh_by_their_odds() -> None:
    rng = np.random.default_rng(2)
    is_case, n_allele = np.arange(9) % 3 == 0, rng.integers(0, 3, 9)
    null = set_null(is_case, None, rng.normal(size=(9, 1)))
    odds = null.probability / (1 - null.probability)
    ways = [list(way) for way in combinations(range(9), 3)]
    law = np.array([odds[way].prod() for way in ways])
    law /= law.sum()
    sums = np.array([n_allele[way].sum() for way in ways])
    seen = abs(n_allele[is_case].sum() - law @ sums)
    expected = law[np.abs(sums - law @ sums) >= seen - 1e-9].sum()
    assert burden_exact_p(null, n_allele) == pytest.approx(expected, rel=1e-10)


def test_a_covariate_that_goes_with_cases_and_alleles_is_accounted_for() -> None:
    rng, found = np.random.default_rng(7), []
    for _ in range(150):
        covariate = rng.normal(size=265)
        chance = np.exp(0.8 * covariate)
        chosen = rng.choice(265, 22, replace=False, p=chance / chance.sum())
        null = set_null(np.isin(np.arange(265), chosen), None, covariate[:, None])
        carrier = rng.random(265) < 1 / (1 + np.exp(2.5 - 0.8 * covariate))
        found.append(
            [carrier_exact_p(null, carrier), burden_exact_p(null, carrier.astype(np.int64))]
        )
    assert ((np.array(found) <= 0.1).mean(axis=0) < 0.18).all()


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
