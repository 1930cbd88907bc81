"""KING-robust kinship: streaming, missing calls, degrees."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.kinship import KingTally, relationship


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
    tally = KingTally(n_sample=2)
    tally.add(np.array([i, j], dtype=np.uint8).T)
    assert tally.kinship()[0, 1] == pytest.approx(0.30, abs=1e-12)
    assert tally.n_variant().tolist() == [[10, 10], [10, 10]]


@given(st.integers(0, 2**32 - 1), st.integers(0, 60))
def test_blocks_add_up_to_the_formula(seed: int, cut: int) -> None:
    genotype = np.random.default_rng(seed).integers(0, 4, size=(60, 4), dtype=np.uint8)
    tally = KingTally(n_sample=4)
    tally.add(genotype[:cut])
    tally.add(genotype[cut:])
    expected = [[by_the_formula(i, j) for j in genotype.T] for i in genotype.T]
    np.testing.assert_allclose(tally.kinship(), expected, rtol=1e-12, atol=1e-14)
    is_called = (genotype != 3).astype(int)
    np.testing.assert_array_equal(tally.n_variant(), is_called.T @ is_called)


def test_a_sample_is_its_own_duplicate_and_no_heterozygote_gives_nan() -> None:
    tally = KingTally(n_sample=2)
    tally.add(np.array([[1, 0], [0, 2]], dtype=np.uint8))
    assert tally.kinship()[0, 0] == 0.5
    assert np.isnan(tally.kinship()[0, 1])
    assert np.isnan(tally.kinship()[1, 1])


def test_a_block_of_other_samples_is_refused() -> None:
    with pytest.raises(InputDataError, match=r"shape \(5, 2\): expected \(n_variant, 3\)"):
        KingTally(n_sample=3).add(np.zeros((5, 2), dtype=np.uint8))


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
