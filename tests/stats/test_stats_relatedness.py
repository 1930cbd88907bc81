"""Degrees are named only where strangers do not reach them."""

import numpy as np
import pytest
from numpy.typing import NDArray

from alsrev_dagster.packing import pack
from alsrev_dagster.stats.kinship import king_matrix
from alsrev_dagster.stats.relatedness import (
    N_PLACE_MIN,
    RelatedPairs,
    n_independent,
    n_place,
    n_place_needed,
    related_pairs,
)


def strangers(n_variant: int, n_sample: int, seed: int) -> NDArray[np.uint8]:
    """Genotypes of unrelated people at independent common variants."""
    rng = np.random.default_rng(seed)
    freq = rng.uniform(0.05, 0.5, size=(n_variant, 1))
    return rng.binomial(2, freq, size=(n_variant, n_sample)).astype(np.uint8)


def pairs_of(genotype: NDArray[np.uint8], n_independent: int) -> RelatedPairs:
    return related_pairs(lambda: [pack(genotype)], genotype.shape[1], n_independent)


def test_strangers_are_no_relatives_where_variants_are_few() -> None:
    pairs = pairs_of(strangers(862, 100, seed=1), 862)
    assert len(pairs.kinship) > 50  # of 4,950: what the third degree's cut-off alone would tell
    assert set(pairs.relationship) == {None}


@pytest.mark.parametrize(
    ("limit", "closest"), [(0.177, "first"), (0.0884, "second"), (0.0442, "third")]
)
def test_strangers_do_not_reach_a_degree_that_has_its_places(limit: float, closest: str) -> None:
    needed = n_place_needed(limit)
    pairs = pairs_of(strangers(needed, 150, seed=2), needed)
    named = [name for name in pairs.relationship if name]
    assert named == [], closest


@pytest.mark.parametrize("n_variant", [500, 2000, 8000])
def test_the_spread_of_strangers_is_that_of_the_formula(n_variant: int) -> None:
    matrix = king_matrix(pack(strangers(n_variant, 120, seed=3)), 120).kinship
    kinship = matrix[np.triu_indices(120, k=1)]
    expected = np.sqrt(0.75 * (1 + 0.109) / n_variant)  # cv^2 of pq, alleles uniform on .05 to .5
    assert np.std(kinship) == pytest.approx(expected, rel=0.1)


def test_siblings_are_named_from_the_places_that_the_first_degree_needs() -> None:
    rng, needed = np.random.default_rng(4), n_place_needed(0.177)
    haplotype = rng.random((4, 2000)) < rng.uniform(0.2, 0.5, size=2000)
    child = [
        haplotype[rng.integers(0, 2, 2000), np.arange(2000)].astype(int)
        + haplotype[rng.integers(2, 4, 2000), np.arange(2000)]
        for _ in range(2)
    ]
    genotype = np.array(child, dtype=np.uint8).T
    assert pairs_of(genotype, needed).relationship == ["first_degree"]
    assert pairs_of(genotype, needed - 1).relationship == [None]


def test_places_count_once_however_many_variants_lie_in_each() -> None:
    pos = [i * 100_000 for i in range(600)]
    assert n_independent(["chr1"] * 600, pos) == 600
    assert n_independent(["chr1"] * 1200, pos * 2) == 600
    assert n_independent([], []) == 0


def test_a_copy_of_a_genome_is_a_duplicate_and_a_stranger_is_nothing() -> None:
    rng = np.random.default_rng(7)
    genotype = rng.binomial(2, 0.4, size=(2000, 6)).astype(np.uint8)
    genotype[:, 4] = genotype[:, 1]
    pairs = pairs_of(genotype, 2000)
    assert list(zip(pairs.first, pairs.second, pairs.relationship, strict=True)) == [
        (1, 4, "duplicate")
    ]
    assert pairs.kinship.tolist() == [0.5]
    assert pairs.n_variant.tolist() == [2000]


@pytest.mark.parametrize("n_variant", [N_PLACE_MIN - 1, N_PLACE_MIN])
def test_a_pair_is_judged_by_enough_variants_called_in_both(n_variant: int) -> None:
    genotype = np.tile([[0, 0], [1, 1], [2, 2]], (100, 1)).astype(np.uint8)
    genotype[n_variant:, 1] = 3
    assert len(pairs_of(genotype, 2000).first) == (n_variant >= N_PLACE_MIN)


def test_variants_of_one_stretch_of_a_chromosome_are_one_place() -> None:
    chrom = ["chr1", "chr1", "chr1", "chr2"]
    assert n_place(chrom, [999_999, 1_000_000, 1_999_999, 1_000_000]) == 3
    assert n_place([], []) == 0
