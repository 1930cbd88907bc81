"""KING-robust kinship of real families, against the matrix published with GENESIS.

The matrix was computed from other markers as well (tests/data/published/
genesis_hapmap_10.README.md), so degrees are compared, not digits.
"""

import gzip
from pathlib import Path

import numpy as np

from alsrev_dagster.stats.kinship import KingTally, relationship

DATA = Path(__file__).parents[1] / "data" / "published"


def test_first_degree_pairs_are_the_published_ones() -> None:
    with gzip.open(DATA / "genesis_hapmap_10_genotype.tsv.gz", "rt") as file:
        rows = [line.split() for line in file][1:]
    genotype = np.array([list(calls) for _, calls in rows]).astype(np.uint8).T
    published = np.loadtxt(DATA / "genesis_hapmap_10_kinship.tsv", skiprows=3, usecols=range(1, 11))
    tally = KingTally(n_sample=10)
    for start in range(0, len(genotype), 3000):
        tally.add(genotype[start : start + 3000])
    found = tally.kinship()
    pair = np.triu_indices(10, 1)
    is_close = [relationship(kinship) == "first_degree" for kinship in found[pair]]
    expected = [relationship(kinship) == "first_degree" for kinship in published[pair]]
    assert genotype.shape == (20_000, 10)
    assert sum(expected) == 10
    assert is_close == expected
    np.testing.assert_array_equal(np.diag(found), np.diag(published))
