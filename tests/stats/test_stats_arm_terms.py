"""Terms behind a lead: what they share, scipy's Fisher test, symmetries, arms without an answer."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact

from alsrev_dagster.stats.arm_terms import (
    adjusted_term,
    combined_term,
    exact_term,
    firth_term,
    mantel_haenszel_term,
    polytomous_terms,
)
from alsrev_dagster.stats.design import null_design
from alsrev_dagster.stats.logistic_null import null_model
from alsrev_dagster.stats.polytomous_design import polytomous_firth_design
from alsrev_dagster.stats.polytomous_firth import polytomous_firth

CASE = np.array([[[10, 9, 3]]])
ARMS = (np.array([[[95, 8, 0]]]), np.array([[[126, 13, 1]]]))
GROUPS = np.concatenate([CASE[:, None], *(arm[:, None] for arm in ARMS)], axis=1)
CODE = np.concatenate([np.repeat([0, 1, 2], n.ravel()) for n in (CASE, *ARMS)]).astype(np.uint8)
GROUP = np.repeat([0, 1, 2], [22, 103, 140])


def alone(case: np.ndarray, arms: tuple[np.ndarray, ...]) -> list:  # type: ignore[type-arg]
    return [firth_term(f"alone:{i}", case, arm, "additive") for i, arm in enumerate(arms)]


def test_exact_and_stratified_terms_of_one_stratum_are_those_of_the_two_by_two_table() -> None:
    # 12 of 22 cases and 22 of 243 controls are carriers
    pooled = ARMS[0] + ARMS[1]
    term, sum_of_strata = (f(CASE, pooled, "dominant") for f in (exact_term, mantel_haenszel_term))
    table = [[12, 10], [22, 221]]
    assert term.p_value[0] == pytest.approx(fisher_exact(table).pvalue, rel=1e-9)
    assert sum_of_strata.odds_ratio[0] == pytest.approx(12 * 221 / (10 * 22))
    assert (term.n_case[0], term.n_control[0]) == (22, 243)
    assert term.exact_mid_p_value[0] < term.p_value[0]
    assert term.method == "fisher_exact"


def test_a_carrier_model_gives_each_arm_the_odds_ratio_that_it_has_alone() -> None:
    # without strata, (12.5 * 95.5) / (10.5 * 8.5) and (12.5 * 126.5) / (10.5 * 14.5)
    terms = polytomous_terms(polytomous_firth(GROUPS, (0, 1, 1)), GROUPS, ["PGB", "other"])
    assert [term.name for term in terms] == ["arm:PGB", "arm:other", "common"]
    assert terms[0].odds_ratio[0] == pytest.approx(12.5 * 95.5 / (10.5 * 8.5), rel=1e-6)
    assert terms[1].odds_ratio[0] == pytest.approx(12.5 * 126.5 / (10.5 * 14.5), rel=1e-6)
    common = terms[2]
    assert min(terms[0].odds_ratio[0], terms[1].odds_ratio[0]) < common.odds_ratio[0]
    assert common.odds_ratio[0] < max(terms[0].odds_ratio[0], terms[1].odds_ratio[0])
    assert (common.n_case[0], common.n_control[0]) == (22, 243)
    assert 0.5 < common.arm_correlation[0] < 1
    assert np.isnan(terms[0].agreement_p_value[0])


def test_combined_term_has_the_shared_cases_in_its_error() -> None:
    one, other = alone(CASE, ARMS)
    found = combined_term([one, other])
    # Lin & Sullivan: sqrt(103 * 140 / (125 * 162))
    r = np.sqrt(103 * 140 / (125 * 162))
    assert found.arm_correlation[0] == pytest.approx(r)
    a, b = one.standard_error[0], other.standard_error[0]
    covariance = np.array([[a * a, r * a * b], [r * a * b, b * b]])
    information = np.linalg.inv(covariance).sum()
    assert found.standard_error[0] == pytest.approx(1 / np.sqrt(information))
    assert found.standard_error[0] > 1 / np.sqrt(a**-2 + b**-2)


def test_an_arm_without_an_estimate_leaves_no_combined_one() -> None:
    none = np.array([[[0, 0, 0]]])
    found = combined_term(alone(CASE, (ARMS[0], none)))
    assert np.isnan(found.odds_ratio[0])
    assert found.fit_status.tolist() == ["arm_without_estimate"]
    assert firth_term("alone:x", CASE, none, "additive").fit_status.tolist() == ["one_side_missing"]


def test_adjusted_terms_without_covariates_are_those_of_the_counts() -> None:
    is_first = GROUP < 2
    model = null_model(null_design(GROUP[is_first] == 0, np.empty((125, 0)), []))
    by_sample = adjusted_term(
        "alone:PGB", model, CODE[None, is_first], sides=(CASE, ARMS[0]), genetic_model="additive"
    )
    by_count = firth_term("alone:PGB", CASE, ARMS[0], "additive")
    for name in ("odds_ratio", "ci_lower", "ci_upper", "p_value", "standard_error"):
        assert getattr(by_sample, name) == pytest.approx(getattr(by_count, name), rel=1e-5)
    assert by_sample.method == "logistic_firth_lrt_adjusted"
    fit = polytomous_firth_design(GROUP, CODE[None].astype(float), np.empty((265, 0)))
    one = polytomous_terms(fit, GROUPS, ["a", "b"], is_adjusted=True)[2]
    two = polytomous_terms(polytomous_firth(GROUPS, (0, 1, 2)), GROUPS, ["a", "b"])[2]
    assert one.agreement_p_value == pytest.approx(two.agreement_p_value, rel=1e-5)
    assert one.odds_ratio == pytest.approx(two.odds_ratio, rel=1e-5)


def test_covariates_that_cannot_be_fitted_are_told() -> None:
    found = adjusted_term(
        "alone:PGB", None, CODE[None], sides=(CASE, ARMS[0]), genetic_model="additive"
    )
    assert found.fit_status.tolist() == ["not_fitted"]
    assert np.isnan(found.p_value[0])


@settings(max_examples=15, deadline=None)
@given(counts=st.lists(st.integers(0, 9), min_size=9, max_size=9))
def test_swapped_alleles_turn_every_odds_ratio_over(counts: list[int]) -> None:
    group = np.array(counts).reshape(3, 1, 1, 3) + np.array([4, 2, 1])
    turned = group[..., ::-1]
    pairs = (
        (exact_term(group[0], group[1], "additive"), exact_term(turned[0], turned[1], "additive")),
        (combined_term(alone(group[0], (group[1], group[2]))),
         combined_term(alone(turned[0], (turned[1], turned[2])))),
    )  # fmt: skip
    for one, other in pairs:
        assert one.odds_ratio[0] * other.odds_ratio[0] == pytest.approx(1, rel=1e-5)
        assert one.p_value[0] == pytest.approx(other.p_value[0], rel=1e-5)


def test_a_stratum_without_samples_changes_nothing() -> None:
    empty = np.zeros((1, 1, 3), dtype=np.int64)
    more = [np.concatenate([side, empty], axis=1) for side in (CASE, ARMS[0])]
    for term in (mantel_haenszel_term, exact_term):
        for model in ("additive", "dominant"):
            one, other = term(CASE, ARMS[0], model), term(*more, model)
            assert one.p_value == pytest.approx(other.p_value)
