"""Inflation counted in bins is that of the P values themselves, in blocks of any size."""

import numpy as np
import pytest

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.packing import pack
from alsrev_dagster.stats.inflation import lambda_gc
from alsrev_dagster.stats.inflation_tally import InflationTally
from alsrev_dagster.stats.permutation import SmallestP, permuted_labels
from tests.stats.test_stats_permutation import exact, genotypes


def test_factor_is_that_of_the_p_values_to_the_width_of_a_bin() -> None:
    p_value = np.random.default_rng(3).uniform(size=(5001, 3)) ** [0.7, 1.0, 1.4]
    tally = InflationTally(3)
    for block in np.array_split(p_value, 7):
        tally.add(block)
    expected = [lambda_gc(one) for one in p_value.T]
    np.testing.assert_allclose(tally.lambda_gc(), expected, rtol=1e-3)
    assert tally.n_variant == 5001


def test_most_p_values_of_one_are_a_factor_of_zero() -> None:
    tally = InflationTally(1)
    tally.add(np.array([[1.0], [1.0], [0.01]]))
    assert tally.lambda_gc().tolist() == [0.0]


def test_no_variant_is_no_factor() -> None:
    assert np.isnan(InflationTally(2).lambda_gc()).all()


@pytest.mark.parametrize("p_value", [np.ones(3), np.ones((3, 1)), np.ones((3, 3))])
def test_other_labellings_are_refused(p_value: np.ndarray) -> None:
    with pytest.raises(InputDataError, match=r"expected \(n_variant, 2\)"):
        InflationTally(2).add(p_value)


@pytest.mark.parametrize("wrong", [0.0, 1.5])
def test_no_p_value_is_refused(wrong: float) -> None:
    with pytest.raises(InputDataError, match=r"expected all in \(0, 1\]"):
        InflationTally(1).add(np.array([[0.5], [wrong]]))


def test_a_scan_tallies_the_true_labels_and_the_first_permuted_ones() -> None:
    genotype, is_case = genotypes(1, 301, n_sample=60), np.arange(60) < 14
    stratum = np.arange(60) % 2
    labels = permuted_labels(is_case, stratum, n_permutation=9, generator=np.random.default_rng(2))
    scan = SmallestP(is_case, stratum, labels=labels, score=(0, 1, 2), n_inflation=4)
    for block in np.array_split(genotype, 3):
        scan.add(pack(block))
    every = [exact(genotype, label, stratum, (0, 1, 2)) for label in (is_case, *labels[:4])]
    expected = [lambda_gc(p) for p in every]
    np.testing.assert_allclose(scan.inflation.lambda_gc(), expected, atol=2e-3)
    assert len(scan.smallest) == 9
