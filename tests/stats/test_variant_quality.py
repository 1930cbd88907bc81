"""Variant quality: counts by hand, HWE in controls alone, and the first reason that holds."""

import numpy as np

from alsrev_dagster.stats.kinship import KingTally
from alsrev_dagster.stats.relatedness import related_pairs
from alsrev_dagster.stats.variant_quality import filter_reason, variant_quality

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
        call_rate_min=0.8,
        hwe_p_min=1e-6,
    )
    assert reason.tolist() == [
        "call_rate below 0.8",
        "no sample called",
        "ALT is symbolic or a breakend",
    ]
    passing = filter_reason(
        found, is_sequence=np.ones(3, dtype=bool), call_rate_min=0.0, hwe_p_min=0.0
    )
    assert passing.tolist() == [None, "no sample called", None]


def test_a_copy_of_a_genome_is_a_duplicate_and_a_stranger_is_nothing() -> None:
    rng = np.random.default_rng(7)
    genotype = rng.binomial(2, 0.4, size=(2000, 6)).astype(np.uint8)
    genotype[:, 4] = genotype[:, 1]
    tally = KingTally(6)
    tally.add(genotype)
    pairs = related_pairs(tally)
    assert list(zip(pairs.first, pairs.second, pairs.relationship, strict=True)) == [
        (1, 4, "duplicate")
    ]
    assert pairs.kinship.tolist() == [0.5]
    assert pairs.n_variant.tolist() == [2000]
