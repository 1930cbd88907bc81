"""Firth's test of heterozygotes and homozygotes of tables: identities and what is not compared."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import chi2

from alsrev_dagster.stats.firth import firth_logistic
from alsrev_dagster.stats.table_genotypic import genotypic_fit, genotypic_fit_interval

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
    expected = chi2.sf(2 * (full - max(null, fine)), 2)
    assert genotypic_fit(CASE, CONTROL).p_value[0] == pytest.approx(expected, rel=1e-5)


def test_each_interval_is_that_of_the_table_of_two_genotypes() -> None:
    # Of one stratum the penalised likelihood is a product over genotypes.
    het, hom = genotypic_fit_interval(CASE, CONTROL)
    for found, other in ((het, 2), (hom, 1)):
        case, control = CASE.copy(), CONTROL.copy()
        case[:, :, other] = control[:, :, other] = 0
        alone = firth_logistic(case, control, (0, 1, 1))
        assert found.ci_lower[[0, 2]] == pytest.approx(alone.ci_lower[[0, 2]], abs=1e-6)
        assert found.ci_upper[[0, 2]] == pytest.approx(alone.ci_upper[[0, 2]], abs=1e-6)
        assert np.isnan(found.ci_lower[1])


def test_with_strata_the_ends_are_where_the_profile_has_fallen() -> None:
    case, control = np.array([[[4, 3, 2], [5, 2, 0]]]), np.array([[[20, 5, 1], [9, 6, 2]]])
    n, y = (case + control)[0].astype(float), case[0].astype(float)
    design = np.zeros((2, 3, 4))
    design[0, :, 0], design[1, :, 1], design[:, 1, 2], design[:, 2, 3] = 1, 1, 1, 1

    def penalised(parameter: np.ndarray) -> float:
        p = 1 / (1 + np.exp(-design @ parameter))
        information = np.einsum("sg,sgi,sgj->ij", n * p * (1 - p), design, design)
        likelihood = (y * np.log(p) + (n - y) * np.log(1 - p)).sum()
        return float(likelihood + np.linalg.slogdet(information)[1] / 2)

    def highest(fixed: dict[int, float]) -> float:
        free = [i for i in range(4) if i not in fixed]

        def fall(value: np.ndarray) -> float:
            whole = np.zeros(4)
            whole[free], whole[list(fixed)] = value, list(fixed.values())
            return -penalised(whole)

        return -float(minimize(fall, np.zeros(len(free)), tol=1e-12).fun)

    for place, found in zip((2, 3), genotypic_fit_interval(case, control), strict=True):
        for end in (found.ci_lower[0], found.ci_upper[0]):
            drop = 2 * (highest({}) - highest({place: float(end)}))
            assert drop == pytest.approx(chi2.isf(0.05, 1), abs=1e-5)


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
