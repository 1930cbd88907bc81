"""Variant quality: counts by hand, HWE in controls alone, and the first reason that holds."""

import numpy as np
import pytest

from alsrev_dagster.stats.kinship import KingTally
from alsrev_dagster.stats.relatedness import N_PLACE_MIN, n_place, related_pairs
from alsrev_dagster.stats.variant_quality import SEX_LINKED, filter_reason, variant_quality

GENOTYPE = np.array([[0, 1, 2, 3], [3, 3, 3, 3], [2, 2, 2, 1]], dtype=np.uint8)
IS_CONTROL = np.array([True, True, False, True])


def test_counts_and_frequencies_are_those_of_all_samples() -> None:
    found = variant_quality(GENOTYPE, IS_CONTROL)
    assert found.call_rate.tolist() == [0.75, 0.0, 1.0]
    assert found.allele_count.tolist() == [3, 0, 7]
    assert found.allele_number.tolist() == [6, 0, 8]
    assert found.mac.tolist() == [3, 0, 1]
    np.testing.assert_array_equal(found.allele_freq, [0.5, np.nan, 0.875])
    np.testing.assert_array_equal(found.maf, [0.5, np.nan, 0.125])


def test_hardy_weinberg_is_tested_in_called_controls_alone() -> None:
    genotype = np.array([[2] * 10 + [0] * 10 + [1] * 20], dtype=np.uint8)
    controls = np.arange(40) < 20  # no heterozygote among them, and the cases all are
    found = variant_quality(genotype, controls)
    assert found.n_control.tolist() == [20]
    assert found.hwe_p[0] < 1e-4
    assert variant_quality(genotype, ~controls).hwe_p[0] < 1e-3
    assert variant_quality(genotype, np.ones(40, dtype=bool)).hwe_p[0] == 1.0
    assert np.isnan(variant_quality(GENOTYPE, IS_CONTROL).hwe_p[1])


def test_the_gravest_reason_is_given() -> None:
    found = variant_quality(GENOTYPE, IS_CONTROL)
    reason = filter_reason(
        found,
        is_sequence=np.array([True, True, False]),
        is_filtered=np.array([False, True, True]),
        is_sex_linked=False,
        call_rate_min=0.8,
        hwe_p_min=1e-6,
    )
    assert reason.tolist() == [
        "call_rate below 0.8",
        "no sample called",
        "ALT is symbolic or a breakend",
    ]
    passing = filter_reason(
        found,
        is_sequence=np.ones(3, dtype=bool),
        is_filtered=np.array([False, False, True]),
        is_sex_linked=False,
        call_rate_min=0.0,
        hwe_p_min=0.0,
    )
    assert passing.tolist() == [None, "no sample called", "FILTER of the caller"]


def test_a_copy_of_a_genome_is_a_duplicate_and_a_stranger_is_nothing() -> None:
    rng = np.random.default_rng(7)
    genotype = rng.binomial(2, 0.4, size=(2000, 6)).astype(np.uint8)
    genotype[:, 4] = genotype[:, 1]
    tally = KingTally(6)
    tally.add(genotype)
    pairs = related_pairs(tally, 2000)
    assert list(zip(pairs.first, pairs.second, pairs.relationship, strict=True)) == [
        (1, 4, "duplicate")
    ]
    assert pairs.kinship.tolist() == [0.5]
    assert pairs.n_variant.tolist() == [2000]


@pytest.mark.parametrize("n_variant", [N_PLACE_MIN - 1, N_PLACE_MIN])
def test_a_pair_is_judged_by_enough_variants_called_in_both(n_variant: int) -> None:
    genotype = np.tile([[0, 0], [1, 1], [2, 2]], (100, 1)).astype(np.uint8)
    genotype[n_variant:, 1] = 3
    tally = KingTally(2)
    tally.add(genotype)
    assert len(related_pairs(tally, 2000).first) == (n_variant >= N_PLACE_MIN)


def test_variants_of_one_stretch_of_a_chromosome_are_one_place() -> None:
    chrom = ["chr1", "chr1", "chr1", "chr2"]
    assert n_place(chrom, [999_999, 1_000_000, 1_999_999, 1_000_000]) == 3
    assert n_place([], []) == 0


def test_haploid_males_are_no_departure_from_hardy_weinberg() -> None:
    female, male = [0] * 36 + [1] * 48 + [2] * 16, [0] * 60 + [2] * 40
    genotype = np.array([female + male] * 2, dtype=np.uint8)
    everyone, is_female = np.ones(200, dtype=bool), np.arange(200) < 100
    pooled = variant_quality(genotype, everyone)
    assert (pooled.hwe_p < 1e-6).all()
    on_x, in_par = is_female, np.ones(200, dtype=bool)
    found = variant_quality(genotype, everyone, np.stack([on_x, in_par]))
    assert found.n_control.tolist() == [100, 200]
    assert found.hwe_p.tolist() == [1.0, pooled.hwe_p[1]]
    assert found.n_hom_alt.tolist() == [56, 56]
    assert np.isnan(variant_quality(genotype, everyone, np.zeros((2, 200), dtype=bool)).hwe_p).all()


def test_a_sex_linked_variant_that_passes_is_left_out_all_the_same() -> None:
    found = variant_quality(np.array([[0, 1, 2, 1]], dtype=np.uint8), np.ones(4, dtype=bool))
    reason = filter_reason(
        found,
        is_sequence=np.array([True]),
        is_filtered=np.array([False]),
        is_sex_linked=True,
        call_rate_min=0.9,
        hwe_p_min=1e-4,
    )
    assert reason.tolist() == [SEX_LINKED]


def test_samples_whose_callset_lacks_the_variant_are_not_in_its_call_rate() -> None:
    genotype = np.array([[0, 1, 3, 3], [0, 3, 3, 3], [0, 1, 1, 3]], dtype=np.uint8)
    is_control = np.ones(4, dtype=np.bool_)
    found = variant_quality(genotype, is_control, n_lacking=np.array([2, 2, 0]))
    assert found.call_rate.tolist() == [1.0, 0.5, 0.75]
    assert found.n_missing.tolist() == [2, 3, 1]
