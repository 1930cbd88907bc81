"""Labels that sets share give each set the tests that labels of its own would."""

import numpy as np
import pytest

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.gene_masks import escalated_gene_test
from alsrev_dagster.stats.labelings import labelings, shared_labels
from alsrev_dagster.stats.set_genotypes import set_genotypes
from alsrev_dagster.stats.set_null import set_null

N_SAMPLE, N_CASE = 60, 10
NULL = set_null(np.arange(N_SAMPLE) < N_CASE, np.arange(N_SAMPLE) % 2)


def dosage(seed: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Three common variants, of the kind that has to be drawn for."""
    return np.random.default_rng(seed).binomial(2, 0.3, (N_SAMPLE, 3)).astype(np.float64)


def test_first_set_has_the_p_values_that_draws_of_its_own_give() -> None:
    genotypes, masks = set_genotypes(dosage(1)), {"all": np.ones(3)}
    shared = shared_labels(NULL, (99,), np.random.default_rng(5))
    own, rounds = np.random.default_rng(5), (99,)
    one = escalated_gene_test(genotypes, masks, NULL, n_draws=rounds, rng=shared)
    other = escalated_gene_test(genotypes, masks, NULL, n_draws=rounds, rng=own)
    assert one.masks["all"].resampled == other.masks["all"].resampled


def test_every_set_has_the_same_labels_and_each_stratum_its_cases() -> None:
    shared = shared_labels(NULL, (99, 199), np.random.default_rng(5))
    everyone = np.ones(N_SAMPLE, dtype=np.bool_)
    first, again = (labelings(NULL, everyone, n_draw=199, rng=shared) for _ in range(2))
    np.testing.assert_array_equal(first.is_case, again.is_case)
    np.testing.assert_array_equal(first.is_case[1:], shared[199])
    for stratum in (0, 1):
        here = NULL.stratum == stratum
        assert set(shared[99][:, here].sum(axis=1)) == {N_CASE // 2}


def test_round_that_was_not_drawn_is_told() -> None:
    shared = shared_labels(NULL, (99,), np.random.default_rng(5))
    everyone = np.ones(N_SAMPLE, dtype=np.bool_)
    with pytest.raises(InputDataError, match=r"999 labelings of 60 samples .* those of \[99\]"):
        labelings(NULL, everyone, n_draw=999, rng=shared)
