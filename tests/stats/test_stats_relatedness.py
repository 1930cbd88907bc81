"""Degrees are named only where strangers do not reach them."""

import numpy as np
import pytest
from numpy.typing import NDArray

from alsrev_dagster.stats.kinship import KingTally
from alsrev_dagster.stats.relatedness import n_independent, n_place_needed, related_pairs


def strangers(n_variant: int, n_sample: int, seed: int) -> NDArray[np.uint8]:
    """Genotypes of unrelated people at independent common variants."""
    rng = np.random.default_rng(seed)
    freq = rng.uniform(0.05, 0.5, size=(n_variant, 1))
    return rng.binomial(2, freq, size=(n_variant, n_sample)).astype(np.uint8)


def tally_of(genotype: NDArray[np.uint8]) -> KingTally:
    tally = KingTally(genotype.shape[1])
    tally.add(genotype)
    return tally


def test_strangers_are_no_relatives_where_variants_are_few() -> None:
    pairs = related_pairs(tally_of(strangers(862, 100, seed=1)), 862)
    assert len(pairs.kinship) > 50  # of 4,950: what the third degree's cut-off alone would tell
    assert set(pairs.relationship) == {None}


@pytest.mark.parametrize(
    ("limit", "closest"), [(0.177, "first"), (0.0884, "second"), (0.0442, "third")]
)
def test_strangers_do_not_reach_a_degree_that_has_its_places(limit: float, closest: str) -> None:
    needed = n_place_needed(limit)
    pairs = related_pairs(tally_of(strangers(needed, 150, seed=2)), needed)
    named = [name for name in pairs.relationship if name]
    assert named == [], closest


@pytest.mark.parametrize("n_variant", [500, 2000, 8000])
def test_the_spread_of_strangers_is_that_of_the_formula(n_variant: int) -> None:
    kinship = tally_of(strangers(n_variant, 120, seed=3)).kinship()[np.triu_indices(120, k=1)]
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
    tally = tally_of(np.array(child, dtype=np.uint8).T)
    assert related_pairs(tally, needed).relationship == ["first_degree"]
    assert related_pairs(tally, needed - 1).relationship == [None]


def test_places_count_once_however_many_variants_lie_in_each() -> None:
    pos = [i * 100_000 for i in range(600)]
    assert n_independent(["chr1"] * 600, pos) == 600
    assert n_independent(["chr1"] * 1200, pos * 2) == 600
    assert n_independent([], []) == 0
