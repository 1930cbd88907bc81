"""LD against what PLINK printed of real genotypes; and symmetries."""

import shutil

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.packing import pack
from alsrev_dagster.stats.clump import clump_by_ld
from alsrev_dagster.stats.haplotype import haplotype_ld
from alsrev_dagster.stats.ld import prune, r2_within
from tests.stats.plink_ld import CLUMP, MADE, PRUNE, WINDOW_BP, hapmap, p_values, stored

PRINTED_R2, PRINTED_D_PRIME = 5e-6, 5e-6
"""Half of the last of the six digits that PLINK prints, relative."""
CHROM_4 = np.full(168, "chr4")
SHARES = pytest.mark.parametrize(("suffix", "share"), [("", 0.0), ("_missing", 0.1)])


@SHARES
def test_r2_is_plinks(suffix: str, share: float) -> None:
    genotype, pos = hapmap(share)
    found = r2_within(pack(genotype), 60, CHROM_4, pos, window_bp=WINDOW_BP)
    printed = stored(f"hapmap_r2{suffix}")
    assert len(printed) == (864 if share else 865)  # of one pair nothing varies in shared calls
    np.testing.assert_array_equal(found.first, printed["first"])
    np.testing.assert_array_equal(found.second, printed["second"])
    np.testing.assert_allclose(found.r2, printed["r2"], rtol=PRINTED_R2)
    both = ((genotype[found.first] < 3) & (genotype[found.second] < 3)).sum(axis=1)
    np.testing.assert_array_equal(found.n_called, both)


@SHARES
def test_d_prime_and_r2_of_haplotypes_are_plinks(suffix: str, share: float) -> None:
    printed = stored(f"hapmap_r2{suffix}")
    first, second = (printed[name].to_numpy() for name in ("first", "second"))
    found = haplotype_ld(pack(hapmap(share)[0]), 60, first, second)
    np.testing.assert_allclose(found.r2, printed["haplotype_r2"], rtol=PRINTED_R2)
    np.testing.assert_allclose(found.d_prime, printed["d_prime"], rtol=PRINTED_D_PRIME)


@SHARES
def test_pruning_keeps_what_plink_keeps(suffix: str, share: float) -> None:
    genotype, pos = hapmap(share)
    keep = prune(pack(genotype), 60, CHROM_4, pos, **PRUNE)
    np.testing.assert_array_equal(np.flatnonzero(keep), stored(f"hapmap_kept{suffix}")["kept"])


@SHARES
def test_clumps_are_plinks(suffix: str, share: float) -> None:
    genotype, pos = hapmap(share)
    lead = clump_by_ld(pack(genotype), 60, CHROM_4, pos, p_values(168), **CLUMP)
    printed = stored(f"hapmap_clump{suffix}")
    np.testing.assert_array_equal(np.flatnonzero(lead >= 0), printed["variant"])
    np.testing.assert_array_equal(lead[lead >= 0], printed["lead"])


@pytest.mark.peer
@pytest.mark.skipif(
    None in (shutil.which("plink1.9"), shutil.which("plink2")), reason="PLINK is not installed"
)
@pytest.mark.parametrize("name", list(MADE))
def test_stored_tables_are_what_plink_says_now(name: str) -> None:
    make, share = MADE[name]
    pd.testing.assert_frame_equal(make(share), stored(name))


GENOTYPE = st.integers(0, 2**32 - 1).map(
    lambda seed: np.random.default_rng(seed).choice(4, (12, 70), p=[0.5, 0.3, 0.15, 0.05])
)


@given(GENOTYPE)
@settings(max_examples=30, deadline=None)
def test_r2_is_the_squared_correlation_of_shared_calls(drawn: NDArray[np.int64]) -> None:
    pos = np.arange(12)
    found = r2_within(pack(drawn.astype(np.uint8)), 70, np.full(12, "chr1"), pos, window_bp=99)
    assert len(found.r2) == 66
    for i, j, r2 in zip(found.first, found.second, found.r2, strict=True):
        both = (drawn[i] < 3) & (drawn[j] < 3)
        expected = np.corrcoef(drawn[i, both], drawn[j, both])[0, 1] ** 2
        assert r2 == pytest.approx(expected, rel=1e-12, abs=1e-15)


@given(GENOTYPE, st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_swapping_alleles_and_samples_changes_no_r2(drawn: NDArray[np.int64], seed: int) -> None:
    rng = np.random.default_rng(seed)
    swapped = np.array([2, 1, 0, 3])[drawn[:, rng.permutation(70)]]
    chrom, pos = np.full(12, "chr1"), np.arange(12)
    kept, dosage, d_prime = [], [], []
    for codes in (drawn, swapped):
        packed = pack(codes.astype(np.uint8))
        kept.append(prune(packed, 70, chrom, pos, window_bp=5, r2_max=0.02))
        dosage.append(r2_within(packed, 70, chrom, pos, window_bp=99).r2)
        d_prime.append(haplotype_ld(packed, 70, np.array([0, 2]), np.array([1, 7])).d_prime)
    np.testing.assert_array_equal(kept[0], kept[1])
    np.testing.assert_allclose(dosage[0], dosage[1], rtol=1e-12)
    np.testing.assert_allclose(d_prime[0], d_prime[1], atol=1e-9)


@given(GENOTYPE)
@settings(max_examples=30, deadline=None)
def test_no_kept_pair_within_the_window_is_above_the_limit(drawn: NDArray[np.int64]) -> None:
    packed, pos = pack(drawn.astype(np.uint8)), np.arange(12) * 10
    keep = prune(packed, 70, np.full(12, "chr1"), pos, window_bp=50, r2_max=0.01)
    pairs = r2_within(packed, 70, np.full(12, "chr1"), pos, window_bp=50)
    assert not (keep[pairs.first] & keep[pairs.second] & (pairs.r2 > 0.01)).any()


def test_chromosomes_are_pruned_apart_and_constant_variants_go() -> None:
    row = [0, 1, 2, 0, 1]
    genotype = np.array([row, row, [2] * 5, [3] * 5, row], dtype=np.uint8)
    chrom, pos = np.array(["chr1"] * 4 + ["chr2"]), np.array([5, 6, 7, 8, 5])
    keep = prune(pack(genotype), 5, chrom, pos, window_bp=10, r2_max=0.9)
    assert keep.tolist() == [True, False, False, False, True]
    assert prune(pack(genotype), 5, chrom, pos, window_bp=0, r2_max=0.9)[:2].all()
    assert prune(pack(genotype[:0]), 5, chrom[:0], pos[:0], window_bp=1, r2_max=0.9).tolist() == []


def test_a_phase_that_nobody_saw_takes_its_likeliest_place() -> None:
    # 2 alt-alt and 2 ref-ref haplotypes seen, and two double heterozygotes: all in phase.
    genotype = np.array([[2, 0, 1, 1], [2, 0, 1, 1]], dtype=np.uint8)
    found = haplotype_ld(pack(genotype), 4, np.array([0]), np.array([1]))
    assert found.alt_alt.tolist() == [0.5]
    assert found.d_prime.tolist() == [1.0]
    nobody = haplotype_ld(
        pack(np.array([[0, 3], [3, 1]], dtype=np.uint8)), 2, *np.array([[0], [1]])
    )
    assert nobody.n_called.tolist() == [0]
    assert np.isnan(nobody.r2).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pos": np.array([3, 2, 9])}, "position below the one before it.*sort them"),
        ({"chrom": np.array(["1", "2", "1"])}, "chromosome that comes twice.*sort them"),
        ({"pos": np.array([1, 2])}, r"pos \(2,\): expected \(3,\)"),
        ({"n_sample": 9}, r"shape \(3, 1\) and type uint8: expected \(n_variant, 3\)"),
    ],
)
def test_variants_that_do_not_fit_are_refused(change: dict[str, object], message: str) -> None:
    whole = {"n_sample": 4, "chrom": np.array(["1", "1", "1"]), "pos": np.arange(3), **change}
    packed = pack(np.ones((3, 4), dtype=np.uint8))
    with pytest.raises(InputDataError, match=message):
        prune(packed, **whole, window_bp=10, r2_max=0.5)  # type: ignore[arg-type]


def test_a_lead_that_could_be_no_member_is_refused() -> None:
    rule = {"lead_p_max": 0.1, "member_p_max": 0.01, "r2_above": 0.5, "window_bp": 10}
    with pytest.raises(InputDataError, match=r"lead_p_max is 0.1 and member_p_max 0.01: expected"):
        clump_by_ld(pack(hapmap()[0]), 60, CHROM_4, hapmap()[1], p_values(168), **rule)
