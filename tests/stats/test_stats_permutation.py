"""Permutations: the exact test's P values, brute force over labellings, blocks, calibration."""

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.packing import pack
from alsrev_dagster.stats.exact import exact_conditional_p
from alsrev_dagster.stats.exact_genotypic import exact_genotypic_tests
from alsrev_dagster.stats.genetic_model import telling_score
from alsrev_dagster.stats.permutation import (
    SmallestP,
    genome_wide_threshold,
    permutation_p,
    permuted_labels,
)

ADDITIVE, CARRIER, RECESSIVE = (0, 1, 2), (0, 1, 1), (0, 0, 1)
N_SAMPLE = 75
IS_CASE = np.arange(N_SAMPLE) % 7 == 0
ONE = np.zeros(N_SAMPLE)
THREE = np.arange(N_SAMPLE) % 3
Genotype = NDArray[np.uint8]


def genotypes(seed: int, n: int, n_sample: int = N_SAMPLE, missing: float = 0.0) -> Genotype:
    rng = np.random.default_rng(seed)
    freq = rng.beta(0.5, 1.5, size=(n, 1))
    genotype = rng.binomial(2, freq, size=(n, n_sample)).astype(np.uint8)
    genotype[rng.random(genotype.shape) < missing] = 3
    return genotype


def counted(genotype: Genotype, is_in: NDArray[np.bool_], stratum: NDArray) -> NDArray[np.int64]:
    """Genotypes 0, 1 and 2 of some samples by stratum."""
    return np.stack(
        [
            np.stack(
                [(genotype[:, is_in & (stratum == s)] == code).sum(axis=1) for code in range(3)],
                axis=1,
            )
            for s in np.unique(stratum)
        ],
        axis=1,
    )


def exact(genotype: Genotype, label: NDArray[np.bool_], stratum: NDArray, score: tuple) -> NDArray:
    case, control = counted(genotype, label, stratum), counted(genotype, ~label, stratum)
    return exact_conditional_p(case, control, score)


@pytest.mark.parametrize("stratum", [ONE, THREE])
@pytest.mark.parametrize("score", [ADDITIVE, CARRIER, RECESSIVE, (0, 2, 5)])
def test_every_p_value_is_that_of_the_exact_test(stratum: NDArray, score: tuple) -> None:
    genotype = genotypes(1, 60, missing=0.04)
    labels = permuted_labels(IS_CASE, stratum, n_permutation=20, generator=np.random.default_rng(2))
    scan = SmallestP(IS_CASE, stratum, labels=labels, score=score)
    seen = scan.add(pack(genotype))
    np.testing.assert_allclose(seen, exact(genotype, IS_CASE, stratum, score), rtol=1e-11)
    expected = [exact(genotype, label, stratum, score).min() for label in labels]
    np.testing.assert_allclose(scan.smallest, expected, rtol=1e-11)
    assert scan.n_filled == 0


@pytest.mark.parametrize("stratum", [ONE, THREE])
def test_every_genotypic_p_value_is_that_of_freeman_and_halton(stratum: NDArray) -> None:
    genotype = genotypes(11, 60, missing=0.04)
    labels = permuted_labels(IS_CASE, stratum, n_permutation=8, generator=np.random.default_rng(2))
    score = telling_score("genotypic", int(IS_CASE.sum()))
    scan = SmallestP(IS_CASE, stratum, labels=labels, score=score, n_inflation=8)
    seen = scan.add(pack(genotype))

    def expected(label: NDArray[np.bool_]) -> NDArray[np.float64]:
        sides = counted(genotype, label, stratum), counted(genotype, ~label, stratum)
        return exact_genotypic_tests(*sides).p_value

    np.testing.assert_allclose(seen, expected(IS_CASE), rtol=1e-11)
    np.testing.assert_allclose(scan.smallest, [expected(label).min() for label in labels], 1e-11)


def test_all_labellings_give_the_adjusted_p_value_of_enumeration() -> None:
    genotype = genotypes(3, 12, n_sample=9)
    is_case = np.arange(9) < 3
    labels = np.array([np.isin(np.arange(9), some) for some in combinations(range(9), 3)])
    scan = SmallestP(is_case, np.zeros(9), labels=labels, score=ADDITIVE)
    adjusted = scan.adjusted_p(scan.add(pack(genotype)))
    smallest = [exact(genotype, label, np.zeros(9), ADDITIVE).min() for label in labels]
    seen = exact(genotype, is_case, np.zeros(9), ADDITIVE)
    n_smaller = [(np.array(smallest) <= p * (1 + 1e-7)).sum() for p in seen]
    np.testing.assert_array_equal(adjusted, (np.array(n_smaller) + 1) / (84 + 1))


def test_blocks_of_any_size_and_order_give_the_same_bits() -> None:
    packed = pack(genotypes(4, 700, missing=0.02))
    labels = permuted_labels(IS_CASE, THREE, n_permutation=50, generator=np.random.default_rng(5))
    scans = [SmallestP(IS_CASE, THREE, labels=labels, score=ADDITIVE) for _ in range(3)]
    whole = scans[0].add(packed)
    parts = np.concatenate([scans[1].add(packed[i : i + 13]) for i in range(0, 700, 13)])
    backwards = scans[2].add(packed[::-1])
    np.testing.assert_array_equal(parts, whole)
    np.testing.assert_array_equal(backwards[::-1], whole)
    for scan in scans[1:]:
        np.testing.assert_array_equal(scan.smallest, scans[0].smallest)


def test_order_of_samples_and_counted_allele_change_nothing() -> None:
    genotype = genotypes(18, 40, missing=0.03)
    labels = permuted_labels(IS_CASE, THREE, n_permutation=20, generator=np.random.default_rng(19))
    scan = SmallestP(IS_CASE, THREE, labels=labels, score=ADDITIVE)
    seen = scan.add(pack(genotype))
    order = np.random.default_rng(20).permutation(N_SAMPLE)
    moved = SmallestP(IS_CASE[order], THREE[order], labels=labels[:, order], score=ADDITIVE)
    np.testing.assert_array_equal(moved.add(pack(genotype[:, order])), seen)
    np.testing.assert_array_equal(moved.smallest, scan.smallest)
    turned = SmallestP(IS_CASE, THREE, labels=labels, score=ADDITIVE)
    other_allele = np.array([2, 1, 0, 3], dtype=np.uint8)[genotype]
    np.testing.assert_allclose(turned.add(pack(other_allele)), seen, rtol=1e-9)
    np.testing.assert_allclose(turned.smallest, scan.smallest, rtol=1e-9)


def test_labels_follow_the_generator_and_keep_the_cases_of_each_stratum() -> None:
    first, again = (
        permuted_labels(IS_CASE, THREE, n_permutation=40, generator=np.random.default_rng(6))
        for _ in range(2)
    )
    np.testing.assert_array_equal(first, again)
    for s in range(3):
        assert (first[:, s == THREE].sum(axis=1) == IS_CASE[s == THREE].sum()).all()
    assert len(np.unique(first, axis=0)) == 40


def test_uncalled_samples_count_as_hom_ref_where_patterns_are_too_many() -> None:
    stratum, is_case = np.arange(60) // 4, np.arange(60) % 4 == 0
    genotype = genotypes(7, 5, n_sample=60)
    genotype[:2, 1::4] = 3  # a call is missing in each of 15 strata
    labels = permuted_labels(is_case, stratum, n_permutation=30, generator=np.random.default_rng(8))
    scan = SmallestP(is_case, stratum, labels=labels, score=ADDITIVE)
    seen = scan.add(pack(genotype))
    assert scan.n_filled == 2
    filled = np.where(genotype == 3, 0, genotype).astype(np.uint8)
    np.testing.assert_allclose(seen, exact(filled, is_case, stratum, ADDITIVE), rtol=1e-11)


def test_family_wise_error_is_kept_under_the_null() -> None:
    rng = np.random.default_rng(9)
    n_significant = 0
    for _ in range(300):
        genotype = rng.binomial(2, rng.uniform(0.02, 0.4, size=(40, 1)), size=(40, 40))
        is_case = rng.permutation(40) < 10
        labels = permuted_labels(is_case, np.zeros(40), n_permutation=99, generator=rng)
        scan = SmallestP(is_case, np.zeros(40), labels=labels, score=ADDITIVE)
        n_significant += scan.adjusted_p(scan.add(pack(genotype.astype(np.uint8)))).min() <= 0.1
    # 300 trials of at most 0.1: 30 expected, above 44 with a chance of 0.4%.
    assert 10 <= n_significant <= 44


def test_a_variant_is_significant_exactly_below_the_threshold() -> None:
    smallest = np.random.default_rng(10).beta(1, 50, size=999)
    found = genome_wide_threshold(smallest, 0.05)
    for p_value, is_significant in ((found.p_value * 0.999, True), (found.p_value, False)):
        adjusted = (1 + (smallest <= p_value).sum()) / 1000
        assert (adjusted <= 0.05) == is_significant
    assert found.ci_lower < found.p_value < found.ci_upper
    assert genome_wide_threshold(smallest[:10], 0.05).p_value == 0


def test_the_threshold_interval_has_the_true_quantile_in_19_of_20() -> None:
    rng = np.random.default_rng(11)
    found = [genome_wide_threshold(rng.uniform(size=500), 0.05) for _ in range(400)]
    share = np.mean([one.ci_lower <= 0.05 <= one.ci_upper for one in found])
    assert 0.93 <= share <= 0.98


def test_never_zero() -> None:
    # T10, Phipson & Smyth (2010): b = 0 and m = 9999 give 1e-4.
    assert permutation_p(np.array([0]), 9999)[0] == 1e-4


LABELS = permuted_labels(IS_CASE, ONE, n_permutation=3, generator=np.random.default_rng(1))


@pytest.mark.parametrize(
    ("labels", "score", "message"),
    [
        (LABELS[:, 1:], ADDITIVE, r"labels have shape \(3, 74\): expected \(n_permutation, 75\)"),
        (~LABELS, ADDITIVE, r"other numbers of cases by stratum than \[11\]: expected the same"),
        (LABELS, (1, 0, 0), r"score is \(1, 0, 0\): expected three whole numbers, 0 for hom-ref"),
    ],
)
def test_labels_and_scores_that_do_not_fit_are_refused(
    labels: NDArray[np.bool_], score: tuple[int, int, int], message: str
) -> None:
    with pytest.raises(InputDataError, match=message):
        SmallestP(IS_CASE, ONE, labels=labels, score=score)


def test_what_else_cannot_be_used_is_refused() -> None:
    with pytest.raises(InputDataError, match="and 0 permutations are wanted: expected"):
        permuted_labels(IS_CASE, ONE, n_permutation=0, generator=np.random.default_rng(1))
    with pytest.raises(InputDataError, match="counts run from 3 to 12 of 10 permutations"):
        permutation_p(np.array([3, 12]), 10)
    with pytest.raises(InputDataError, match=r"alpha is 1.5 and there are 3 permutations"):
        genome_wide_threshold(np.ones(3), 1.5)
