"""KING-robust kinship of real families, against the matrix published with GENESIS.

That matrix was computed from other markers as well (tests/data/published/
genesis_hapmap_10.README.md), so its degrees are compared, not its digits; those are what PLINK 2
prints of the same calls.
"""

import shutil

import numpy as np
import pandas as pd
import pytest

from alsrev_dagster.packing import pack
from alsrev_dagster.stats.kinship import king_matrix, relationship
from tests.published.plink_king import DATA, STORED, by_plink, genotype


def test_first_degree_pairs_are_the_published_ones() -> None:
    codes = genotype()
    published = np.loadtxt(DATA / "genesis_hapmap_10_kinship.tsv", skiprows=3, usecols=range(1, 11))
    found = king_matrix(pack(codes), 10).kinship
    pair = np.triu_indices(10, 1)
    is_close = [relationship(kinship) == "first_degree" for kinship in found[pair]]
    expected = [relationship(kinship) == "first_degree" for kinship in published[pair]]
    assert codes.shape == (20_000, 10)
    assert sum(expected) == 10
    assert is_close == expected
    np.testing.assert_array_equal(np.diag(found), np.diag(published))


def test_every_digit_is_what_plink_prints() -> None:
    stored, found = pd.read_csv(STORED, sep="\t"), king_matrix(pack(genotype()), 10)
    pair = stored["first"].to_numpy(), stored["second"].to_numpy()
    assert len(stored) == 45
    np.testing.assert_array_equal(found.n_variant[pair], stored["n_variant"])
    np.testing.assert_allclose(found.kinship[pair], stored["kinship"], rtol=5e-6, atol=1e-6)


@pytest.mark.peer
@pytest.mark.skipif(shutil.which("plink2") is None, reason="PLINK 2 is not installed")
def test_stored_table_is_what_plink_says_now() -> None:
    pd.testing.assert_frame_equal(by_plink(genotype()), pd.read_csv(STORED, sep="\t"))
