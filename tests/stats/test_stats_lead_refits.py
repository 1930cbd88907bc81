"""Refits of a lead: given another, without a case among covariates, corrected for selection."""

import numpy as np
import pytest
from scipy.stats import norm

from alsrev_dagster.stats.adjusted_influence import WithoutEachCase
from alsrev_dagster.stats.conditional import conditional_p
from alsrev_dagster.stats.design import null_design
from alsrev_dagster.stats.firth import firth_test
from alsrev_dagster.stats.influence import leave_one_case_out
from alsrev_dagster.stats.selected_effect import corrected_odds_ratio
from alsrev_dagster.stats.winners_curse import conditional_estimate

CASE, CONTROL = np.array([[10, 9, 3]]), np.array([[95, 8, 0]])
CODE = np.repeat([0, 1, 2, 0, 1], [10, 9, 3, 95, 8]).astype(np.uint8)
IS_CASE = np.arange(125) < 22
DESIGN = null_design(IS_CASE, np.empty((125, 0)), [])


def test_given_a_carrier_of_another_variant_the_test_is_that_within_its_two_strata() -> None:
    # a covariate of two values is an intercept a stratum: the counts' own Firth test
    rng = np.random.default_rng(20240229)
    other = rng.permutation(np.repeat([0, 1], [80, 45])).astype(np.uint8)
    counts = np.array(
        [
            [[((g == CODE) & (other == s) & (side == IS_CASE)).sum() for g in range(3)]
             for s in (0, 1)]
            for side in (True, False)
        ]
    )  # fmt: skip
    expected = firth_test(counts[:1], counts[1:], (0, 1, 2)).p_value[0]
    found = conditional_p(DESIGN, CODE, other, ["additive", "dominant"])
    assert found[0] == pytest.approx(expected, rel=1e-6)
    assert len(found) == 2


def test_a_copy_of_the_other_variant_has_no_conditional_p_value() -> None:
    assert np.isnan(conditional_p(DESIGN, CODE, CODE, ["additive"])).all()
    nothing = np.zeros(125, dtype=np.uint8)
    assert np.isnan(conditional_p(DESIGN, CODE, nothing, ["additive"])).all()


def test_samples_without_a_call_of_the_other_are_left_out() -> None:
    other = np.repeat([0, 1, 3], [60, 45, 20]).astype(np.uint8)
    called = other != 3
    kept = null_design(IS_CASE[called], np.empty((called.sum(), 0)), [])
    expected = conditional_p(kept, CODE[called], other[called], ["additive"])
    assert conditional_p(DESIGN, CODE, other, ["additive"]) == pytest.approx(expected)


def test_without_covariates_each_left_out_case_gives_the_refit_of_the_counts() -> None:
    odds_ratio, p_value = WithoutEachCase(DESIGN).test(CODE[None], "additive")
    counted = leave_one_case_out(CASE, CONTROL, (0, 1, 2))
    for place, genotype in enumerate(counted.genotype):
        mine = CODE[:22] == genotype
        assert odds_ratio[0, mine] == pytest.approx(counted.odds_ratio[place], rel=1e-5)
        assert p_value[0, mine] == pytest.approx(counted.p_value[place], rel=1e-5)


def test_a_case_without_a_call_leaves_nothing_out() -> None:
    code = CODE.copy()
    code[0] = 3
    odds_ratio, p_value = WithoutEachCase(DESIGN).test(code[None], "additive")
    assert np.isnan([odds_ratio[0, 0], p_value[0, 0]]).all()
    assert np.isfinite(p_value[0, 1:]).all()


def test_the_corrected_odds_ratio_is_that_of_the_deviate_of_the_p_value() -> None:
    beta, p_value = np.array([2.0, -2.0, 0.7, np.nan]), np.array([1e-5, 1e-5, 1e-3, 1e-6])
    found = corrected_odds_ratio(beta, p_value, 1e-4)
    z = norm.isf(5e-6)
    kernel = conditional_estimate(np.array([z]), np.array([2 / z]), float(norm.isf(5e-5)))
    assert found.odds_ratio[0] == pytest.approx(np.exp(kernel.beta[0]))
    assert found.odds_ratio[0] * found.odds_ratio[1] == pytest.approx(1)
    assert found.ci_lower[0] * found.ci_upper[1] == pytest.approx(1)
    assert np.isnan(found.odds_ratio[2:]).all()
    assert 1 < found.odds_ratio[0] < np.exp(2)


def test_a_p_value_far_below_the_threshold_is_hardly_corrected() -> None:
    found = corrected_odds_ratio(np.array([1.5]), np.array([1e-15]), 1e-4)
    assert found.odds_ratio[0] == pytest.approx(np.exp(1.5), rel=0.01)
