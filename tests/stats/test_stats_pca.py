"""Principal components: scikit-learn's full decomposition, projection, rank, determinism."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.packing import pack
from alsrev_dagster.stats.kinship import Blocks
from alsrev_dagster.stats.pca import PrincipalComponents, principal_components

Codes = NDArray[np.uint8]


def two_populations(n_variant: int, n_sample: int, seed: int, missing: float = 0.02) -> Codes:
    """Codes of people of two populations that drifted apart, some calls missing."""
    rng = np.random.default_rng(seed)
    ancestral = rng.uniform(0.1, 0.9, (n_variant, 1))
    freq = np.clip(ancestral + rng.normal(0, 0.1, (n_variant, 2)), 0.02, 0.98)
    population = np.arange(n_sample) % 2
    codes = rng.binomial(2, freq[:, population]).astype(np.uint8)
    codes[rng.random(codes.shape) < missing] = 3
    return codes


def in_blocks(codes: Codes, n_row: int = 300) -> Blocks:
    packed = pack(codes)
    return lambda: (packed[i : i + n_row] for i in range(0, len(packed), n_row))


def components(
    codes: Codes, n_pc: int, is_fitted: NDArray[np.bool_] | None = None, **rule: int
) -> PrincipalComponents:
    fitted = np.ones(codes.shape[1], dtype=np.bool_) if is_fitted is None else is_fitted
    return principal_components(in_blocks(codes), fitted, n_pc, np.random.default_rng(1), **rule)


def standardised(codes: Codes, is_fitted: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Samples x variants that vary among the fitted, by numpy."""
    dosage = np.where(codes == 3, np.nan, codes.astype(float))
    p = np.nanmean(dosage[:, is_fitted], axis=1, keepdims=True) / 2
    varies = ((p > 0) & (p < 1))[:, 0]
    z = (dosage - 2 * p)[varies] / np.sqrt(2 * p * (1 - p))[varies]
    return np.nan_to_num(z).T


def up_to_sign(found: NDArray[np.float64], expected: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(found * np.sign((found * expected).sum(axis=0)))


@pytest.mark.parametrize("missing", [0.0, 0.05])
def test_scores_are_those_of_the_full_decomposition(missing: float) -> None:
    codes = two_populations(1500, 60, seed=2, missing=missing)
    codes[:40] = 0
    found = components(codes, 6)
    z = standardised(codes, np.ones(60, dtype=np.bool_))
    full = PCA(n_components=6, svd_solver="full").fit(z)
    expected = full.transform(z) / np.sqrt(z.shape[1])
    assert found.n_variant == z.shape[1] <= 1460
    np.testing.assert_allclose(up_to_sign(found.score, expected), expected, atol=1e-9)
    np.testing.assert_allclose(found.variance_share, full.explained_variance_ratio_, rtol=1e-10)
    np.testing.assert_allclose((found.score**2).sum(axis=0), found.eigenvalue, rtol=1e-10)
    np.testing.assert_allclose(found.squared_length, (z**2).mean(axis=1), rtol=1e-10)


def test_relatives_are_projected_as_the_full_decomposition_transforms_them() -> None:
    codes = two_populations(2000, 50, seed=3)
    is_fitted = np.arange(50) % 5 != 0
    found = components(codes, 3, is_fitted)
    z = standardised(codes, is_fitted)
    expected = PCA(3, svd_solver="full").fit(z[is_fitted]).transform(z) / np.sqrt(z.shape[1])
    np.testing.assert_allclose(up_to_sign(found.score, expected), expected, atol=1e-9)
    np.testing.assert_allclose(found.squared_length, (z**2).mean(axis=1), rtol=1e-10)


def test_the_randomised_method_agrees_with_the_exact_one() -> None:
    codes = two_populations(3000, 300, seed=4)
    exact, found = components(codes, 4), components(codes, 4, n_exact_max=0)
    assert (exact.method, found.method) == ("exact", "block_krylov")
    np.testing.assert_allclose(found.eigenvalue[0], exact.eigenvalue[0], rtol=1e-10)
    np.testing.assert_allclose(found.variance_share, exact.variance_share, rtol=1e-3)
    np.testing.assert_allclose(found.score[:, 0], exact.score[:, 0], atol=1e-6)
    overlap = np.linalg.svd(found.score.T @ exact.score / exact.eigenvalue)[1]
    assert overlap.min() > 0.98


def test_the_first_component_tells_the_populations_apart() -> None:
    for seed in range(3):
        score = components(two_populations(2000, 80, seed=seed), 1).score[:, 0]
        assert (score[::2] > 0).all() != (score[1::2] > 0).all()
        assert abs(np.sign(score[::2]).sum() - np.sign(score[1::2]).sum()) == 80


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_order_of_samples_and_the_choice_of_alt_change_nothing(seed: int) -> None:
    codes = two_populations(400, 16, seed=seed)
    found = components(codes, 2)
    order = np.random.default_rng(seed).permutation(16)
    swapped = np.array([2, 1, 0, 3], dtype=np.uint8)[codes]
    np.testing.assert_allclose(components(codes[:, order], 2).score, found.score[order], atol=1e-9)
    np.testing.assert_allclose(components(swapped, 2).score, found.score, atol=1e-9)


def test_blocks_and_repeats_give_the_same_and_the_largest_score_is_positive() -> None:
    codes = two_populations(1000, 30, seed=6)
    fitted = np.ones(30, dtype=np.bool_)
    one, other = (
        principal_components(in_blocks(codes, n), fitted, 3, np.random.default_rng(1)).score
        for n in (1, 1000)
    )
    np.testing.assert_allclose(one, other, atol=1e-10)
    np.testing.assert_array_equal(components(codes, 3).score, components(codes, 3).score)
    assert (one[np.abs(one).argmax(axis=0), range(3)] > 0).all()


@pytest.mark.parametrize("n_exact_max", [5000, 0])
def test_more_components_than_there_are_is_refused(n_exact_max: int) -> None:
    codes = two_populations(500, 6, seed=7)
    with pytest.raises(
        InputDataError, match=r"n_pc is 6, and 6 unrelated samples over 451 var.*1 to 5"
    ):
        components(codes, 6, n_exact_max=n_exact_max)
    with pytest.raises(
        InputDataError, match=r"n_pc is 4, and 60 .* over 3 variants .* from 1 to 3"
    ):
        components(two_populations(3, 60, seed=8), 4, n_exact_max=n_exact_max)


def test_a_monomorphic_genome_one_sample_and_copies_of_one_are_refused() -> None:
    with pytest.raises(InputDataError, match=r"over 0 variants that vary .* have 0 principal"):
        components(np.zeros((50, 9), dtype=np.uint8), 2)
    with pytest.raises(InputDataError, match=r"1 unrelated samples .* have 0 principal"):
        components(two_populations(500, 1, seed=9), 1)
    copies = two_populations(500, 2, seed=9, missing=0).repeat(4, axis=1)
    with pytest.raises(InputDataError, match=r"2 unrelated samples .* have 1 principal"):
        components(copies, 3)
