"""KING-robust kinship: streaming, missing calls, degrees."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.packing import pack
from alsrev_dagster.stats.king_tally import N_VARIANT_A_BLOCK, PairTally
from alsrev_dagster.stats.kinship import king_matrix, king_pairs, relationship


def by_the_formula(i: NDArray[np.uint8], j: NDArray[np.uint8]) -> float:
    """Manichaikul et al. (2010), equation 11, over the variants called in both."""
    is_both = (i != 3) & (j != 3)
    i, j = i[is_both].astype(int), j[is_both].astype(int)
    n_het_i, n_het_j = (i == 1).sum(), (j == 1).sum()
    smaller = min(n_het_i, n_het_j)
    if smaller == 0:
        return float("nan")
    n_het_het = ((i == 1) & (j == 1)).sum()
    n_ibs0 = (abs(i - j) == 2).sum()
    return (n_het_het - 2 * n_ibs0) / (2 * smaller) + 0.5 - (n_het_i + n_het_j) / (4 * smaller)


def test_hand_counted_pair() -> None:
    # numbers computed apart (docs/methods.md): 3 het-het, no IBS0, 5 heterozygotes each.
    i, j = [0, 1, 2, 1, 1, 0, 2, 1, 0, 1], [0, 1, 1, 1, 2, 0, 2, 0, 1, 1]
    found = king_matrix(pack(np.array([i, j], dtype=np.uint8).T), 2)
    assert found.kinship[0, 1] == pytest.approx(0.30, abs=1e-12)
    assert found.n_variant.tolist() == [[10, 10], [10, 10]]


def random_calls(seed: int, n_variant: int, n_sample: int, codes: int = 4) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, codes, (n_variant, n_sample), dtype=np.uint8)


@given(st.integers(0, 2**32 - 1), st.integers(1, 150), st.integers(0, 150), st.integers(1, 9))
def test_blocks_add_up_to_the_formula(seed: int, n_variant: int, cut: int, n_sample: int) -> None:
    genotype = random_calls(seed, n_variant, n_sample)
    tally = PairTally(n_sample)
    tally.add(pack(genotype[:cut]))
    tally.add(pack(genotype[cut:]))
    found, upper = king_matrix(pack(genotype), n_sample), np.triu_indices(n_sample)
    expected = [[by_the_formula(i, j) for j in genotype.T] for i in genotype.T]
    np.testing.assert_allclose(found.kinship, expected, rtol=1e-12, atol=1e-14)
    np.testing.assert_array_equal(tally.kinship()[upper], found.kinship[upper])
    is_called = (genotype != 3).astype(int)
    np.testing.assert_array_equal(found.n_variant, is_called.T @ is_called)


@pytest.mark.parametrize("n_sample", [1, 31, 32, 33, 70, 130])
@pytest.mark.parametrize("codes", [3, 4])
def test_every_sample_of_a_word_is_counted(n_sample: int, codes: int) -> None:
    genotype = random_calls(n_sample, 200, n_sample, codes)
    found = king_matrix(pack(genotype), n_sample).kinship
    expected = [[by_the_formula(i, j) for j in genotype.T] for i in genotype.T]
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)


def test_a_block_larger_than_is_held_is_counted_in_parts() -> None:
    genotype = random_calls(5, N_VARIANT_A_BLOCK + 70, 3)
    found = king_matrix(pack(genotype), 3)
    expected = [[by_the_formula(i, j) for j in genotype.T] for i in genotype.T]
    np.testing.assert_allclose(found.kinship, expected, rtol=1e-12)


@pytest.mark.parametrize("count_byte", [1, 2000, 10**9])
def test_pairs_are_those_of_the_matrix_however_little_is_held(count_byte: int) -> None:
    genotype = random_calls(6, 150, 40)
    genotype[:, 1::8] = genotype[:, ::8]
    matrix = king_matrix(pack(genotype), 40)
    halves = [pack(genotype[:60]), pack(genotype[60:])]
    found = king_pairs(lambda: halves, 40, kinship_min=-0.1, count_byte=count_byte)
    first, second = np.nonzero(np.triu(matrix.kinship > -0.1, k=1))
    assert 5 <= len(first) < 780
    np.testing.assert_array_equal(found.first, first)
    np.testing.assert_array_equal(found.second, second)
    np.testing.assert_array_equal(found.kinship, matrix.kinship[first, second])
    np.testing.assert_array_equal(found.n_variant, matrix.n_variant[first, second])


@given(st.integers(0, 2**32 - 1), st.integers(2, 6))
def test_alleles_may_be_swapped_and_samples_permuted(seed: int, n_sample: int) -> None:
    genotype = random_calls(seed, 90, n_sample)
    order = np.random.default_rng(seed).permutation(n_sample)
    swapped = np.array([2, 1, 0, 3], dtype=np.uint8)[genotype]
    found = king_matrix(pack(genotype), n_sample).kinship
    np.testing.assert_array_equal(king_matrix(pack(swapped), n_sample).kinship, found)
    permuted = king_matrix(pack(genotype[:, order]), n_sample).kinship
    np.testing.assert_array_equal(permuted, found[np.ix_(order, order)])


def test_pairs_with_few_variants_or_none_are_not_given() -> None:
    packed = pack(random_calls(7, 99, 1, codes=3).repeat(2, axis=1))
    assert len(king_pairs(lambda: [packed], 2, kinship_min=0, n_variant_min=99).first) == 1
    assert len(king_pairs(lambda: [packed], 2, kinship_min=0, n_variant_min=100).first) == 0
    assert len(king_pairs(list, 5, kinship_min=-9).first) == 0
    assert len(king_pairs(list, 0, kinship_min=-9).first) == 0


def test_a_sample_is_its_own_duplicate_and_no_heterozygote_gives_nan() -> None:
    kinship = king_matrix(pack(np.array([[1, 0], [0, 2]], dtype=np.uint8)), 2).kinship
    assert kinship[0, 0] == 0.5
    assert np.isnan(kinship[0, 1])
    assert np.isnan(kinship[1, 1])


def test_a_block_of_other_samples_is_refused() -> None:
    with pytest.raises(InputDataError, match=r"shape \(5, 2\): expected \(n_variant, 1\) for 3"):
        PairTally(n_sample=3).add(np.zeros((5, 2), dtype=np.uint8))


@pytest.mark.parametrize(
    ("kinship", "name"),
    [
        (0.5, "duplicate"),
        (0.25, "first_degree"),
        (0.125, "second_degree"),
        (0.0625, "third_degree"),
        (0.03, None),
        (-0.2, None),
        (float("nan"), None),
    ],
)
def test_relationship_of_expected_kinship(kinship: float, name: str | None) -> None:
    assert relationship(kinship) == name
