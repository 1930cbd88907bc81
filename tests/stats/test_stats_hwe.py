"""Exact Hardy-Weinberg test: an oracle that sums every table, symmetry, mid-P, refusals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import gammaln

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.packing import pack
from alsrev_dagster.stats.counts import packed_counts
from alsrev_dagster.stats.hwe import hwe_exact
from tests.stats.plink_ld import hapmap, stored

count = st.integers(0, 300)


def by_every_table(n_hom_ref: int, n_het: int, n_hom_alt: int) -> tuple[float, float]:
    """P and mid-P by the formula of every heterozygote count, in logarithms."""
    n, n_minor = n_hom_ref + n_het + n_hom_alt, 2 * min(n_hom_ref, n_hom_alt) + n_het
    if n_minor == 0:
        return 1.0, 1.0
    het = np.arange(n_minor % 2, n_minor + 1, 2)
    minor = (n_minor - het) / 2
    log_p = het * np.log(2) - gammaln(het + 1) - gammaln(minor + 1) - gammaln(n - het - minor + 1)
    p = np.exp(log_p - log_p.max())
    seen = p[het == n_het][0]
    at_most, tied = p <= seen * (1 + 1e-9), np.abs(p - seen) <= seen * 1e-9
    tiny = np.finfo(float).tiny
    return (
        max(p[at_most].sum() / p.sum(), tiny),
        max((p[at_most].sum() - p[tied].sum() / 2) / p.sum(), tiny),
    )


def one(*counts: int) -> tuple[float, float]:
    found = hwe_exact(np.array([counts]))
    return float(found.p_value[0]), float(found.mid_p_value[0])


@given(count, count, count)
@settings(deadline=None)
def test_p_and_mid_p_are_the_sums_over_every_table(ref: int, het: int, alt: int) -> None:
    if ref + het + alt:
        assert one(ref, het, alt) == pytest.approx(by_every_table(ref, het, alt), rel=1e-9)


@pytest.mark.parametrize(
    "counts", [(5000, 5000, 0), (2500, 5000, 2500), (9000, 10, 990), (0, 10000, 0), (4999, 2, 4999)]
)
def test_thousands_of_samples_are_tested_as_a_few_are(counts: tuple[int, int, int]) -> None:
    assert one(*counts) == pytest.approx(by_every_table(*counts), rel=1e-7)


@given(count, count, count)
@settings(deadline=None)
def test_swapping_ref_and_alt_changes_nothing(ref: int, het: int, alt: int) -> None:
    if ref + het + alt:
        assert one(ref, het, alt) == one(alt, het, ref)
        assert 0 < one(ref, het, alt)[1] <= one(ref, het, alt)[0] <= 1


def test_without_variation_both_are_one_and_without_samples_there_are_none() -> None:
    assert one(7, 0, 0) == one(0, 0, 7) == (1.0, 1.0)
    assert np.isnan(one(0, 0, 0)).all()
    assert one(6, 1, 0) == (1.0, 0.5)  # one table is possible, and it counts by half


def test_four_columns_and_counts_below_zero_are_refused() -> None:
    with pytest.raises(InputDataError, match="drop the column of missing calls"):
        hwe_exact(np.zeros((2, 4), dtype=np.int64))
    with pytest.raises(InputDataError, match="smallest genotype count is -1: expected no count"):
        hwe_exact(np.array([[1, -1, 2]]))


@pytest.mark.parametrize(("suffix", "share"), [("", 0.0), ("_missing", 0.1)])
def test_counts_and_p_values_are_plinks(suffix: str, share: float) -> None:
    genotype, printed = hapmap(share)[0], stored(f"hapmap_hardy{suffix}")
    counts = packed_counts(pack(genotype), np.ones((1, 60), dtype=np.bool_))[:, 0]
    columns = ["n_hom_ref", "n_het", "n_hom_alt", "n_missing"]
    np.testing.assert_array_equal(counts, printed[columns])
    found = hwe_exact(counts[:, :3])
    np.testing.assert_allclose(found.p_value, printed["hwe_p"], rtol=5e-6)
    varies = found.p_value < 1
    np.testing.assert_allclose(found.mid_p_value[varies], printed["hwe_mid_p"][varies], rtol=5e-6)
