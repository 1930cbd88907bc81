"""Tests of sets: brute force over every labelling, exact type-I error, calibration, symmetries."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.cauchy import cauchy_combination
from alsrev_dagster.stats.exact import exact_conditional_p
from alsrev_dagster.stats.gene_masks import escalated_gene_test
from alsrev_dagster.stats.labelings import Labelings
from alsrev_dagster.stats.set_genotypes import set_genotypes
from alsrev_dagster.stats.set_null import set_null
from alsrev_dagster.stats.set_statistics import set_statistics
from alsrev_dagster.stats.set_tests import SetTest, labels_of, resampled_tests, set_test
from alsrev_dagster.stats.set_weights import beta_weight
from alsrev_dagster.stats.small_sample import (
    adjusted_p,
    skat_o_adjusted_p,
    skat_o_statistics,
)
from tests.stats.made_sets import made_gene, made_labels

RNG = np.random.default_rng


def test_p_values_count_every_labelling() -> None:
    rng = RNG(4)
    dosage = rng.integers(0, 3, size=(10, 3)) * (rng.random((10, 3)) < 0.4).astype(float)
    weight = np.array([1.0, 2.5, 0.3])
    is_case = np.arange(10) < 3
    genotypes = set_genotypes(dosage)
    minor = np.where(dosage.mean(axis=0) > 1, 2 - dosage, dosage)
    burden, skat = [], []
    for chosen in combinations(range(10), 3):
        score = weight * (minor[list(chosen)].sum(axis=0) - 3 * minor.mean(axis=0))
        burden.append(score.sum() ** 2)
        skat.append((score**2).sum())
    seen = weight * (minor[:3].sum(axis=0) - 3 * minor.mean(axis=0))
    found = set_test(genotypes, weight, set_null(is_case), n_draw=1, rng=rng).resampled
    expected_burden = np.mean(np.array(burden) >= seen.sum() ** 2 * (1 - 1e-9))
    expected_skat = np.mean(np.array(skat) >= (seen**2).sum() * (1 - 1e-9))
    assert found.is_exact
    assert found.burden_p == pytest.approx(expected_burden, rel=1e-12)
    assert found.skat_p == pytest.approx(expected_skat, rel=1e-12)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_no_level_is_passed_more_often_than_it_says_over_all_labelings(seed: int) -> None:
    # Type-I error without simulation: what share of all labelings gives a P value up to alpha?
    rng = RNG(seed)
    dosage = (rng.random((265, 4)) < 0.008).astype(np.float64)
    dosage[rng.integers(0, 265, 4), np.arange(4)] = 1
    genotypes, null = set_genotypes(dosage), set_null(made_labels(rng))
    labels = labels_of(genotypes, null, n_draw=2000, rng=rng)
    found = set_statistics(genotypes, beta_weight(genotypes.maf), null, labels)
    statistic = np.column_stack([found.burden, found.skat, found.acat_v, found.omnibus])
    p_value = labels.tail(statistic)
    for alpha in (0.2, 0.05, 0.01, 0.001):
        passed = labels.probability @ (p_value <= alpha)
        assert (passed <= alpha * (1 + 1e-9)).all()


def test_p_values_of_record_are_valid_at_22_cases_and_243_controls_quick() -> None:
    # 300 null genes, LD and missing calls in them. Bound: five per cent and 3.3 standard errors.
    rng = RNG(22243)
    found = []
    for _ in range(300):
        genotypes = made_gene(rng, n_variant=int(rng.integers(2, 12)), share_missing=0.01)
        null = set_null(made_labels(rng))
        labels = labels_of(genotypes, null, n_draw=199, rng=rng)
        statistic = set_statistics(genotypes, beta_weight(genotypes.maf), null, labels)
        p = resampled_tests(statistic, labels)
        found.append([p.burden_p, p.skat_p, p.skat_o_p, p.acat_v_p, p.omnibus_p])
    for alpha in (0.05, 0.1, 0.25):
        passed = (np.array(found) <= alpha).mean(axis=0)
        assert (passed <= alpha + 3.3 * (alpha * (1 - alpha) / 300) ** 0.5).all(), passed
        assert (passed >= alpha - 3.3 * (alpha * (1 - alpha) / 300) ** 0.5).all(), passed


def test_p_values_of_record_are_valid_within_strata_that_differ_in_cases_and_alleles() -> None:
    rng = RNG(9)
    stratum = np.repeat([0, 1], [65, 200])
    found = []
    for _ in range(200):
        freq = np.where(stratum == 0, 0.15, 0.02)[:, None]
        dosage = (rng.random((265, 5)) < freq).astype(np.float64)
        is_case = np.concatenate(
            [rng.permutation(np.arange(65) < 16), rng.permutation(np.arange(200) < 6)]
        )
        genotypes, null = set_genotypes(dosage), set_null(is_case, stratum)
        labels = labels_of(genotypes, null, n_draw=199, rng=rng)
        statistic = set_statistics(genotypes, np.ones(5), null, labels)
        found.append([labels.tail(statistic.burden)[0], labels.tail(statistic.skat)[0]])
    assert ((np.array(found) <= 0.1).mean(axis=0) < 0.17).all()


def run(dosage: np.ndarray, is_case: np.ndarray, weight: np.ndarray) -> SetTest:
    return set_test(set_genotypes(dosage), weight, set_null(is_case), n_draw=1, rng=RNG(1))


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=8, deadline=None)
def test_symmetries_change_nothing(seed: int) -> None:
    rng = RNG(seed)
    dosage, weight = np.zeros((60, 3)), rng.random(3) + 0.1
    dosage[rng.choice(60, 8, replace=False), rng.integers(0, 3, 8)] = 1
    is_case = rng.permutation(np.arange(60) < 12)
    found = run(dosage, is_case, weight)
    order, swap = rng.permutation(60), rng.permutation(3)
    moved = run(dosage[order][:, swap], is_case[order], weight[swap])
    swapped_alleles = run(2 - dosage, is_case, weight)
    other_unit = run(dosage, is_case, 7 * weight)
    for other in (moved, swapped_alleles, other_unit):
        for name in ("burden_p", "skat_p", "skat_o_p", "acat_v_p", "omnibus_p"):
            assert getattr(other.resampled, name) == pytest.approx(
                getattr(found.resampled, name), rel=1e-9
            )
        assert other.model.skat.p_value == pytest.approx(found.model.skat.p_value, rel=1e-6)
        assert other.model.carrier_exact_p == pytest.approx(found.model.carrier_exact_p)


def test_a_single_variant_is_the_exact_trend_test_when_two_sides_agree() -> None:
    # 3 of 22 cases, 0 of 243 controls: the most extreme table, so both orders give the same P.
    dosage = np.zeros((265, 1))
    dosage[:3] = 1
    found = run(dosage, np.arange(265) < 22, np.ones(1))
    expected = exact_conditional_p(np.array([[[19, 3, 0]]]), np.array([[[243, 0, 0]]]), (0, 1, 2))[
        0
    ]
    for p_value in (found.resampled.burden_p, found.resampled.skat_p, found.resampled.acat_v_p):
        assert p_value == pytest.approx(expected, rel=1e-12)
    assert found.resampled.smallest_p == pytest.approx(expected, rel=1e-12)


def test_a_planted_burden_is_found_by_burden_and_opposite_effects_by_skat() -> None:
    rng = RNG(5)
    is_case = np.arange(265) < 22
    rare = np.zeros((265, 6))
    rare[np.arange(6), np.arange(6)] = 1
    rare[100 + np.arange(6), np.arange(6)] = 1
    one_way = set_test(set_genotypes(rare), np.ones(6), set_null(is_case), n_draw=1, rng=rng)
    assert one_way.resampled.burden_p < 1e-3
    assert (one_way.counts.n_carrier_case, one_way.counts.n_carrier_control) == (6, 6)
    both = np.zeros((265, 2))
    both[:8, 0], both[22:90, 1] = 1, 1
    two_ways = set_test(set_genotypes(both), np.ones(2), set_null(is_case), n_draw=999, rng=rng)
    assert two_ways.resampled.skat_p <= 0.002
    assert two_ways.resampled.burden_p > 0.05
    assert two_ways.resampled.skat_o_p <= 0.005
    assert two_ways.resampled.omnibus_p <= 0.005


def test_imputed_calls_are_the_mean_and_counted() -> None:
    dosage = np.array([[1.0, np.nan], [0.0, 0.0], [np.nan, 1.0], [0.0, 0.0]])
    found = set_test(
        set_genotypes(dosage), np.ones(2), set_null(np.arange(4) < 2), n_draw=9, rng=RNG(1)
    )
    assert (found.counts.n_imputed, found.counts.imputed_rate) == (2, 0.25)
    assert found.counts.mac == 2
    assert (found.counts.n_carrier_case, found.counts.n_carrier_control) == (1, 1)
    assert set_genotypes(dosage).dosage[2, 0] == pytest.approx(1 / 3)


def test_a_gene_of_one_mask_has_that_masks_p_value_and_masks_share_labels() -> None:
    rng = RNG(6)
    genotypes, null = made_gene(rng), set_null(made_labels(rng))
    weight = beta_weight(genotypes.maf)
    only = escalated_gene_test(genotypes, {"all": weight}, null, n_draws=(499,), rng=RNG(8))
    assert only.omnibus_p == pytest.approx(only.masks["all"].resampled.omnibus_p)
    both = {"a": weight, "b": 2 * weight}
    again = escalated_gene_test(genotypes, both, null, n_draws=(499,), rng=RNG(8))
    assert again.omnibus_p == pytest.approx(only.omnibus_p)
    assert again.masks["a"].resampled == only.masks["all"].resampled


def test_more_labels_are_drawn_as_long_as_few_are_as_extreme() -> None:
    rng = RNG(12)
    null = set_null(np.arange(265) < 22)
    strong = np.zeros((265, 4))
    strong[:12, 0], strong[30:60, 1:] = 1, 1
    rounds = (99, 999)
    found = escalated_gene_test(
        set_genotypes(strong), {"all": np.ones(4)}, null, n_draws=rounds, rng=rng
    )
    assert found.masks["all"].resampled.n_labeling == 1000
    assert found.omnibus_p <= 0.005
    weak = np.zeros((265, 2))
    weak[::13] = 1
    found = escalated_gene_test(
        set_genotypes(weak), {"all": np.ones(2)}, null, n_draws=rounds, rng=rng
    )
    assert found.masks["all"].resampled.n_labeling == 100
    with pytest.raises(InputDataError, match="n_draws is empty: expected the labelings of at"):
        escalated_gene_test(set_genotypes(weak), {"all": np.ones(2)}, null, n_draws=(), rng=rng)


def test_moments_of_normal_scores_give_the_tails_of_normal_scores() -> None:
    # Of normal scores the correction has nothing to correct: the simulated tails agree.
    m = 60_000
    score = RNG(10).normal(size=(m, 5)) * np.sqrt([3, 2, 1, 0.5, 0.2])
    score[0] = [3.0, 1.0, 1.0, 0.5, 0.1]
    labels = Labelings(np.arange(1), np.zeros((m, 1), dtype=bool), np.full(m, 1 / m), False)
    skat = (score**2).sum(axis=1)
    assert adjusted_p(skat, labels.probability) == pytest.approx(labels.tail(skat)[0], abs=0.01)
    smallest = labels.tail(skat_o_statistics(score)).min(axis=1)
    simulated = labels.tail(-smallest)[0]
    together = skat_o_adjusted_p(score, labels.probability)
    assert together == pytest.approx(simulated, rel=0.15)
    assert smallest[0] * 1.3 < together < 3 * smallest[0]


def test_cauchy_combination_leaves_a_single_p_value_and_refuses_what_is_none() -> None:
    assert cauchy_combination(np.array([1e-30, np.nan])) == pytest.approx(1e-30, rel=1e-6)
    assert cauchy_combination(np.array([0.03])) == pytest.approx(0.03, rel=1e-9)
    assert np.isnan(cauchy_combination(np.array([np.nan])))
    with pytest.raises(InputDataError, match=r"1 of 2 P values are outside \(0, 1\]"):
        cauchy_combination(np.array([0.0, 0.5]))


def test_sets_that_cannot_be_tested_are_refused() -> None:
    genotypes, null = set_genotypes(np.eye(4)), set_null(np.arange(4) < 2)
    with pytest.raises(InputDataError, match=r"weights have shape \(3,\) for 4 variants"):
        set_test(genotypes, np.ones(3), null, n_draw=9, rng=RNG(1))
    with pytest.raises(InputDataError, match="1 of them below 0: expected a weight of at least 0"):
        set_test(genotypes, np.array([1.0, 1, 1, -1]), null, n_draw=9, rng=RNG(1))
    with pytest.raises(InputDataError, match="genotypes have 3 samples and the null model 4"):
        set_test(set_genotypes(np.eye(3)), np.ones(3), null, n_draw=9, rng=RNG(1))
    with pytest.raises(InputDataError, match="no mask of the gene was given: expected at least"):
        escalated_gene_test(genotypes, {}, null, n_draws=(9,), rng=RNG(1))
    with pytest.raises(InputDataError, match=r"dosages run from -9\.0 to 1\.0: expected copies"):
        set_genotypes(np.array([[-9.0, 1.0]]))
    with pytest.raises(InputDataError, match=r"dosage has shape \(4,\): expected \(n_sample"):
        set_genotypes(np.zeros(4))
