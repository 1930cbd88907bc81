"""Firth's test of heterozygotes and homozygotes of tables: identities and what is not compared."""

import numpy as np
import pytest

from alsrev_dagster.stats.table_genotypic import genotypic_fit

CASE = np.array([[[10, 9, 3]], [[22, 0, 0]], [[10, 9, 3]]])
CONTROL = np.array([[[95, 8, 0]], [[103, 0, 0]], [[95, 8, 0]]])


def test_a_saturated_model_has_half_a_sample_more_in_each_cell() -> None:
    # Jeffreys' prior of a saturated model: the odds of each genotype, half a sample added.
    found = genotypic_fit(CASE, CONTROL)
    het = np.log(9.5 * 95.5 / (8.5 * 10.5))
    hom = np.log(3.5 * 95.5 / (0.5 * 10.5))
    assert found.beta_het[0] == pytest.approx(het, abs=1e-6)
    assert found.beta_hom[0] == pytest.approx(hom, abs=1e-6)
    assert found.fit_status.tolist() == ["separated", "monomorphic", "separated"]
    assert found.p_value[0] == found.p_value[2] < 1e-5
    assert found.p_value[1] == 1.0


def test_the_likelihood_ratio_is_that_of_the_saturated_and_the_null_model() -> None:
    def penalised(case: np.ndarray, n: np.ndarray, p: np.ndarray) -> float:
        likelihood = (case * np.log(p) + (n - case) * np.log(1 - p)).sum()
        information = np.log(n * p * (1 - p)).sum()  # of a saturated model, up to a constant
        return float(likelihood + information / 2)

    case, n = CASE[0, 0].astype(float), (CASE + CONTROL)[0, 0].astype(float)
    full = penalised(case, n, (case + 0.5) / (n + 1))
    grid = np.linspace(0.05, 0.4, 200_001)
    null = max(penalised(case, n, np.full(3, p)) for p in grid[::200])
    fine = max(penalised(case, n, np.full(3, p)) for p in np.linspace(0.1, 0.25, 20_001))
    from scipy.stats import chi2

    expected = chi2.sf(2 * (full - max(null, fine)), 2)
    assert genotypic_fit(CASE, CONTROL).p_value[0] == pytest.approx(expected, rel=1e-5)


def test_calls_that_are_missing_and_strata_of_one_side_are_left_out() -> None:
    alone = genotypic_fit(CASE[:1], CONTROL[:1])
    fewer = np.array([[[4, 2, 1]]])
    both = genotypic_fit(
        np.concatenate([CASE[:1], fewer]), np.concatenate([CONTROL[:1], np.array([[[9, 3, 1]]])])
    )
    assert both.p_value[0] == pytest.approx(alone.p_value[0], rel=1e-9)
    no_case = np.concatenate([CASE[:1], np.zeros((1, 1, 3), dtype=np.int64)], axis=1)
    control = np.concatenate([CONTROL[:1], np.array([[[7, 7, 7]]])], axis=1)
    assert genotypic_fit(no_case, control).p_value[0] == pytest.approx(alone.p_value[0], rel=1e-9)


def test_one_case_has_no_model_where_the_variant_varies() -> None:
    case = np.array([[[1, 0, 0]], [[1, 0, 0]]])
    control = np.array([[[5, 5, 5]], [[15, 0, 0]]])
    found = genotypic_fit(case, control)
    assert found.fit_status.tolist() == ["not_converged", "monomorphic"]
    assert np.isnan(found.p_value[0])
    assert found.p_value[1] == 1.0
    assert len(genotypic_fit(CASE[:0], CONTROL[:0]).p_value) == 0
