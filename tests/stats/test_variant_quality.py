"""Variant quality: counts by hand, HWE in controls alone, and the first reason that holds."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import fisher_exact

from alsrev_dagster.packing import pack
from alsrev_dagster.stats.counts import packed_counts
from alsrev_dagster.stats.variant_quality import Arms, VariantQuality, variant_quality
from alsrev_dagster.stats.variant_verdict import SEX_LINKED, VariantRule, filter_reason

GENOTYPE = np.array([[0, 1, 2, 3], [3, 3, 3, 3], [2, 2, 2, 1]], dtype=np.uint8)
IS_CONTROL = np.array([True, True, False, True])
RULE = VariantRule(
    call_rate_min=0.8, missing_p_min=1e-5, hwe_p_min=1e-6, allele_balance_min=0.2, n_het_read_min=20
)
NOT_SYMBOLIC = {"is_sequence": np.array([True]), "is_filtered": np.array([False])}


def quality_of(
    genotype: NDArray[np.uint8],
    is_control: NDArray[np.bool_],
    arm: NDArray[np.int64] | None = None,
    **by_arm: NDArray[np.bool_] | None,
) -> VariantQuality:
    """Cases against controls; arms are the two sides, or part them further."""
    number = (~is_control).astype(np.int64) if arm is None else arm
    groups = number == np.unique(number)[:, None]
    controls = np.array([is_control[group].all() for group in groups])
    arms = Arms(groups.sum(axis=1), np.array([[~controls, controls]]), np.arange(len(groups)))
    return variant_quality(packed_counts(pack(genotype), groups), arms, **by_arm)


def test_counts_and_frequencies_are_those_of_all_samples() -> None:
    found = quality_of(GENOTYPE, IS_CONTROL)
    assert found.call_rate.tolist() == [0.75, 0.0, 1.0]
    assert found.allele_count.tolist() == [3, 0, 7]
    assert found.allele_number.tolist() == [6, 0, 8]
    assert found.mac.tolist() == [3, 0, 1]
    np.testing.assert_array_equal(found.allele_freq, [0.5, np.nan, 0.875])
    np.testing.assert_array_equal(found.maf, [0.5, np.nan, 0.125])


def test_hardy_weinberg_is_tested_in_called_controls_alone() -> None:
    genotype = np.array([[2] * 10 + [0] * 10 + [1] * 20], dtype=np.uint8)
    controls = np.arange(40) < 20  # no heterozygote among them, and the cases all are
    found = quality_of(genotype, controls)
    assert found.n_control.tolist() == [20]
    assert found.hwe_p[0] < 1e-4
    assert quality_of(genotype, ~controls).hwe_p[0] < 1e-3
    assert quality_of(genotype, np.ones(40, dtype=bool)).hwe_p[0] == 1.0
    assert np.isnan(quality_of(GENOTYPE, IS_CONTROL).hwe_p[1])


def test_the_gravest_reason_is_given() -> None:
    found = quality_of(GENOTYPE, IS_CONTROL)
    reason = filter_reason(
        found,
        RULE,
        is_sequence=np.array([True, True, False]),
        is_filtered=np.array([False, True, True]),
        is_sex_linked=False,
    )
    assert reason.tolist() == [
        "call_rate below 0.8",
        "no sample called",
        "ALT is symbolic or a breakend",
    ]
    passing = filter_reason(
        found,
        VariantRule(0.0, 0.0, 0.0, 0.0, 1),
        is_sequence=np.ones(3, dtype=bool),
        is_filtered=np.array([False, False, True]),
        is_sex_linked=False,
    )
    assert passing.tolist() == [None, "no sample called", "FILTER of the caller"]


def test_calls_lost_on_one_side_are_a_reason_though_the_call_rate_is_high() -> None:
    genotype = np.array([[3] * 15 + [0] * 285, [0] * 15 + [3] * 15 + [0] * 270], dtype=np.uint8)
    is_control = np.arange(300) >= 50
    found = quality_of(genotype, is_control)
    assert found.call_rate.tolist() == [0.95, 0.95]
    assert found.case_call_rate.tolist() == [0.7, 0.7]
    assert found.control_call_rate.tolist() == [1.0, 1.0]
    assert found.cohort_call_rate_min.tolist() == [0.7, 0.7]
    expected = fisher_exact([[15, 35], [0, 250]])[1]
    assert found.missing_p.tolist() == pytest.approx([expected] * 2, rel=1e-9)
    reason = filter_reason(
        found,
        RULE,
        is_sequence=np.array([True, True]),
        is_filtered=np.array([False, False]),
        is_sex_linked=False,
    )
    assert reason.tolist() == ["missing_p below 1e-05"] * 2
    sex_linked = filter_reason(
        found,
        RULE,
        is_sequence=np.array([True, True]),
        is_filtered=np.array([False, False]),
        is_sex_linked=True,
    )
    assert sex_linked.tolist() == [SEX_LINKED] * 2


def test_the_smallest_p_of_the_contrasts_is_told() -> None:
    # Arms: cases, two control cohorts of which the second lost calls; contrasts with each.
    counts = np.array([[[20, 0, 0, 0], [100, 0, 0, 0], [60, 0, 0, 40]]])
    sides = np.array([[[1, 0, 0], [0, 1, 0]], [[1, 0, 0], [0, 0, 1]], [[1, 0, 0], [0, 1, 1]]]) == 1
    found = variant_quality(counts, Arms(np.array([20, 100, 100]), sides, np.arange(3)))
    expected = min(fisher_exact(t)[1] for t in ([[0, 20], [40, 60]], [[0, 20], [40, 160]]))
    assert found.missing_p[0] == pytest.approx(expected, rel=1e-9)
    assert found.cohort_call_rate_min.tolist() == [0.6]


def test_the_minor_allele_of_all_is_counted_on_both_sides() -> None:
    genotype = np.array([[2, 2, 2, 1, 0, 0, 0, 0, 0, 0]], dtype=np.uint8)
    found = quality_of(genotype, np.arange(10) >= 4)
    assert (found.mac[0], found.case_mac[0], found.control_mac[0]) == (7, 7, 0)
    assert (found.maf[0], found.case_maf[0], found.control_maf[0]) == (0.35, 0.875, 0)
    swapped = quality_of(2 - genotype, np.arange(10) >= 4)
    assert (swapped.case_maf[0], swapped.control_maf[0]) == (0.875, 0)


def test_haploid_males_are_no_departure_from_hardy_weinberg() -> None:
    female, male = [0] * 36 + [1] * 48 + [2] * 16, [0] * 60 + [2] * 40
    genotype = np.array([female + male] * 2, dtype=np.uint8)
    everyone, is_female = np.ones(200, dtype=bool), np.arange(200) < 100
    pooled = quality_of(genotype, everyone)
    assert (pooled.hwe_p < 1e-6).all()
    arm = is_female.astype(np.int64)  # males first
    on_x, in_par = [False, True], [True, True]
    found = quality_of(genotype, everyone, arm, is_diploid=np.array([on_x, in_par]))
    assert found.n_control.tolist() == [100, 200]
    assert found.hwe_p.tolist() == [1.0, pooled.hwe_p[1]]
    assert found.n_hom_alt.tolist() == [56, 56]
    nobody = quality_of(genotype, everyone, arm, is_diploid=np.zeros((2, 2), dtype=bool))
    assert np.isnan(nobody.hwe_p).all()


def test_reads_of_heterozygous_calls_far_from_a_half_are_a_reason_where_they_are_enough() -> None:
    n_read = np.array([[20.0, 19, 20, 900, 20, np.nan, 400], [np.nan] * 6 + [4000]]).T
    balance = np.array([[0.19, 0.0, 0.2, 0.81, 0.8, np.nan, 0.05], [np.nan] * 6 + [0.5]]).T
    n = len(n_read)
    found = quality_of(np.tile([0, 1, 1, 0], (n, 1)).astype(np.uint8), np.ones(4, dtype=bool))

    def reasons(rule: VariantRule) -> list[str | None]:
        everywhere = {"is_sequence": np.ones(n, dtype=bool), "is_filtered": np.zeros(n, dtype=bool)}
        told = filter_reason(
            found, rule, **everywhere, is_sex_linked=False, het_reads=(n_read, balance)
        )
        return list(told)

    odd = "allele_balance outside 0.2 to 0.8"
    assert reasons(RULE) == [odd, None, None, odd, None, None, odd]
    assert reasons(replace(RULE, allele_balance_min=0.0)) == [None] * n


def test_a_sex_linked_variant_that_passes_is_left_out_all_the_same() -> None:
    found = quality_of(np.array([[0, 1, 2, 1]], dtype=np.uint8), np.ones(4, dtype=bool))
    reason = filter_reason(found, RULE, **NOT_SYMBOLIC, is_sex_linked=True)
    assert reason.tolist() == [SEX_LINKED]


def test_samples_whose_callset_lacks_the_variant_are_not_in_its_call_rate() -> None:
    genotype = np.array([[0, 1, 3, 3], [0, 3, 3, 3], [0, 1, 1, 3], [3, 3, 3, 3]], dtype=np.uint8)
    is_tried = np.array([[True, False], [True, False], [True, True], [False, False]])
    found = quality_of(
        genotype, np.array([True, True, False, False]), np.array([0, 0, 1, 1]), is_tried=is_tried
    )
    assert found.call_rate.tolist() == [1.0, 0.5, 0.75, 0.0]
    assert found.n_missing.tolist() == [2, 3, 1, 4]
    assert found.missing_p.tolist() == [1, 1, 1, 1]
    np.testing.assert_array_equal(found.case_call_rate, [np.nan, np.nan, 0.5, np.nan])


def test_ancestries_that_differ_in_frequency_are_not_a_departure_from_hwe() -> None:
    genotype = np.array([[0] * 60 + [2] * 60, [1] * 120], dtype=np.uint8)
    control = np.ones(120, dtype=np.bool_)
    half = np.arange(120) >= 60
    groups = np.array([~half, half])
    sides = np.array([[[False, False], [True, True]]])
    counts = packed_counts(pack(genotype), groups)
    pooled = quality_of(genotype, control)
    within = variant_quality(
        counts, Arms(groups.sum(axis=1), sides, np.zeros(2, np.int64), np.arange(2))
    )
    assert pooled.hwe_p[0] < 1e-20
    assert within.hwe_p[0] == within.hwe_mid_p[0] == 1.0
    assert within.n_control.tolist() == [120, 120]
    one_half = quality_of(genotype[:, :60], control[:60])
    assert within.hwe_p[1] == pytest.approx(2 * one_half.hwe_p[1], rel=1e-12)
