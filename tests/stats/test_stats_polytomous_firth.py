"""Firth's multinomial model: brute force, Firth's binary model, identities, symmetries."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import chi2

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.firth import firth_logistic
from alsrev_dagster.stats.polytomous_firth import polytomous_firth, polytomous_firth_test
from alsrev_dagster.stats.polytomous_model import PolytomousFit

ADDITIVE, CARRIER, RECESSIVE = (0, 1, 2), (0, 1, 1), (0, 0, 1)
FIXTURE_A = [[[10, 9, 3]], [[95, 8, 0]], [[129, 11, 0]]]
Table = NDArray[np.int64]
Score = tuple[int, int, int]


def tables(seed: int, n: int, n_stratum: int = 1, n_arm: int = 2) -> Table:
    """Tables of 22 cases and arms of 60 by stratum, all of one allele frequency."""
    rng = np.random.default_rng(seed)
    freq = rng.uniform(0.02, 0.6, size=n)
    share = np.stack([(1 - freq) ** 2, 2 * freq * (1 - freq), freq**2], axis=1)
    sizes = [22 // n_stratum] + [60] * n_arm
    groups = [
        np.stack([rng.multinomial(size, share) for _ in range(n_stratum)], axis=1) for size in sizes
    ]
    return np.stack(groups, axis=1)


def penalised(table: Table, score: Score, contrast: NDArray[np.float64], theta: list) -> float:
    """Penalised log likelihood of one table, sample by sample and by Kronecker products.

    ``theta`` has an intercept for each arm and stratum, arm by arm, then what ``contrast``
    makes into the arms' betas.
    """
    n_arm, n_stratum = len(table) - 1, table.shape[1]
    intercept = np.reshape(theta[: n_arm * n_stratum], (n_arm, n_stratum))
    beta = contrast @ theta[n_arm * n_stratum :]
    total, information = 0.0, 0.0
    for s in range(n_stratum):
        for g in range(3):
            odds = np.exp(intercept[:, s] - beta * score[g])
            chance = np.concatenate([[1.0], odds]) / (1 + odds.sum())
            count = table[:, s, g]
            total += (count * np.log(chance)).sum()
            weight = np.diag(chance[1:]) - np.outer(chance[1:], chance[1:])
            design = [np.kron(np.eye(n_arm), np.eye(n_stratum)[s]), -score[g] * contrast]
            rows = np.concatenate(design, axis=1)
            information = information + count.sum() * rows.T @ weight @ rows
    return total + np.linalg.slogdet(information)[1] / 2


def climbed(table: Table, score: Score, contrast: NDArray[np.float64], zero: list[int]) -> tuple:
    """Maximum by scipy, the betas at some places being 0."""
    n_intercept = (len(table) - 1) * table.shape[1]
    n = n_intercept + contrast.shape[1]
    free = np.array([i for i in range(n) if i - n_intercept not in zero])

    def loss(values: NDArray[np.float64]) -> float:
        theta = np.zeros(n)
        theta[free] = values
        return -penalised(table, score, contrast, theta)

    start = np.zeros(len(free))
    for method in ("Nelder-Mead", "BFGS", "Nelder-Mead"):
        options = {"xatol": 1e-10, "fatol": 1e-13, "maxiter": 20_000, "maxfev": 20_000}
        found = minimize(
            loss, start, method=method, options=options if method == "Nelder-Mead" else {}
        )
        start = found.x
    theta = np.zeros(n)
    theta[free] = start
    return -found.fun, theta[n_intercept:]


@pytest.mark.parametrize(
    ("table", "score"),
    [
        (FIXTURE_A, ADDITIVE),
        ([[[19, 0, 3]], [[103, 0, 0]], [[139, 1, 0]]], RECESSIVE),
        ([[[8, 3, 1], [7, 3, 0]], [[40, 9, 0], [20, 1, 1]], [[50, 9, 2], [40, 6, 0]]], ADDITIVE),
    ],
)
def test_numbers_are_those_of_a_climb_over_the_penalised_likelihood(
    table: list, score: Score
) -> None:
    counts = np.array(table)
    fit = polytomous_firth(counts[None], score)
    each, one = np.eye(2), np.ones((2, 1))
    agreeing = np.array([[1.0, 0.0], [1.0, 1.0]])
    top, beta = climbed(counts, score, each, [])
    common_top, common_beta = climbed(counts, score, one, [])
    np.testing.assert_allclose(fit.beta[0], beta, atol=2e-5)
    assert fit.common_beta[0] == pytest.approx(common_beta[0], abs=2e-5)
    expected = {
        "joint": chi2.sf(2 * (top - climbed(counts, score, each, [0, 1])[0]), 2),
        "agreement": chi2.sf(2 * (top - climbed(counts, score, agreeing, [1])[0]), 1),
        "common": chi2.sf(2 * (common_top - climbed(counts, score, one, [0])[0]), 1),
        "first": chi2.sf(2 * (top - climbed(counts, score, each, [0])[0]), 1),
        "second": chi2.sf(2 * (top - climbed(counts, score, each, [1])[0]), 1),
    }
    found = [fit.joint_p_value[0], fit.agreement_p_value[0], fit.common_p_value[0], *fit.p_value[0]]
    np.testing.assert_allclose(found, list(expected.values()), rtol=1e-6)


def test_covariance_is_the_inverse_of_the_curvature_without_the_penalty() -> None:
    """The information is that of a carrier table at the fitted chances: (n + 1.5) p = y + 1/2."""
    count = np.array([[15, 7], [95, 8], [129, 11]])
    fit = polytomous_firth(np.array([[[[15, 7, 0]], [[95, 8, 0]], [[129, 11, 0]]]]), CARRIER)
    fitted = (count + 0.5) / (count.sum(axis=0) + 1.5) * count.sum(axis=0)
    by_group = (1 / fitted).sum(axis=1)
    expected = np.full((2, 2), by_group[0]) + np.diag(by_group[1:])
    np.testing.assert_allclose(fit.covariance[0], expected, rtol=1e-9)
    np.testing.assert_allclose(fit.standard_error[0] ** 2, np.diag(expected), rtol=1e-9)


@given(st.lists(st.integers(0, 40), min_size=6, max_size=6).filter(lambda c: sum(c[1::2]) > 0))
@settings(max_examples=40, deadline=None)
def test_a_carrier_table_adds_a_half_to_each_cell(cells: list[int]) -> None:
    count = np.reshape(cells, (3, 2)) + np.array([1, 0])  # every group has a sample
    fit = polytomous_firth_test(np.insert(count, 2, 0, axis=1)[None, :, None], CARRIER)
    log_odds = np.log((count[:, 1] + 0.5) / (count[:, 0] + 0.5))
    np.testing.assert_allclose(fit.beta[0], log_odds[0] - log_odds[1:], atol=1e-8)


@pytest.mark.parametrize("n_stratum", [1, 3])
@pytest.mark.parametrize("score", [ADDITIVE, CARRIER, RECESSIVE])
def test_with_one_arm_it_is_the_binary_model(n_stratum: int, score: Score) -> None:
    table = tables(2, 30, n_stratum, n_arm=1)
    fit, binary = polytomous_firth(table, score), firth_logistic(table[:, 0], table[:, 1], score)
    for name in ("beta", "standard_error", "ci_lower", "ci_upper", "p_value"):
        expected = getattr(binary, name)
        np.testing.assert_allclose(getattr(fit, name)[:, 0], expected, rtol=1e-7, atol=1e-7)
        np.testing.assert_allclose(getattr(fit, f"common_{name}"), expected, rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(fit.joint_p_value, binary.p_value, rtol=1e-7)
    np.testing.assert_array_equal(fit.fit_status, binary.fit_status)
    assert np.isnan(fit.agreement_p_value).all()


def test_the_common_beta_is_that_of_the_pooled_controls() -> None:
    table = tables(3, 60)
    fit = polytomous_firth_test(table, ADDITIVE)
    pooled = firth_logistic(table[:, 0], table[:, 1:].sum(axis=1), ADDITIVE)
    np.testing.assert_allclose(fit.common_beta, pooled.beta, atol=5e-3)
    np.testing.assert_allclose(np.log(fit.common_p_value), np.log(pooled.p_value), atol=5e-3)


def test_identical_arms_have_one_beta_and_agree() -> None:
    table = tables(4, 30)
    table[:, 2] = table[:, 1]
    fit = polytomous_firth(table, ADDITIVE)
    np.testing.assert_allclose(fit.beta[:, 0], fit.beta[:, 1], atol=1e-8)
    np.testing.assert_allclose(fit.agreement_p_value, 1, atol=1e-5)


def assert_same(found: PolytomousFit, expected: PolytomousFit, sign: int, arms: list[int]) -> None:
    def same(one: str, other: str, sign: int, tolerance: float) -> None:
        first, second = getattr(found, one), sign * getattr(expected, other)
        second = second if second.ndim == 1 else second[:, arms]
        second = second if second.ndim < 3 else second[:, :, arms]
        np.testing.assert_allclose(first, second, rtol=tolerance, atol=tolerance)

    ends = ("ci_lower", "ci_upper")[::sign]
    for prefix in ("", "common_"):
        same(f"{prefix}beta", f"{prefix}beta", sign, 1e-7)
        same(f"{prefix}ci_lower", f"{prefix}{ends[0]}", sign, 1e-6)
        same(f"{prefix}ci_upper", f"{prefix}{ends[1]}", sign, 1e-6)
    for name in ("p_value", "joint_p_value", "agreement_p_value", "common_p_value", "covariance"):
        same(name, name, 1, 1e-5)
    np.testing.assert_array_equal(found.fit_status, expected.fit_status)


@given(st.integers(0, 2**32 - 1), st.integers(1, 2), st.integers(2, 3))
@settings(max_examples=10, deadline=None)
def test_symmetries(seed: int, n_stratum: int, n_arm: int) -> None:
    table = tables(seed, 3, n_stratum, n_arm)
    fit = polytomous_firth(table, ADDITIVE)
    every = list(range(n_arm))
    assert_same(polytomous_firth(table[..., ::-1], ADDITIVE), fit, -1, every)
    assert_same(polytomous_firth(table[:, :, ::-1], ADDITIVE), fit, 1, every)
    for arms in list(permutations(every))[1:3]:
        moved = table[:, [0, *(1 + arm for arm in arms)]]
        assert_same(polytomous_firth(moved, ADDITIVE), fit, 1, list(arms))


@pytest.mark.parametrize("place", [0, 2])
def test_an_empty_stratum_changes_nothing(place: int) -> None:
    table = tables(5, 20, 2)
    fit = polytomous_firth(table, ADDITIVE)
    more = polytomous_firth(np.insert(table, place, 0, axis=2), ADDITIVE)
    for name, values in vars(fit).items():
        if name == "fit_status":
            np.testing.assert_array_equal(vars(more)[name], values)
        else:
            np.testing.assert_allclose(vars(more)[name], values, rtol=1e-6, atol=1e-7)


@given(st.integers(0, 2**32 - 1), st.integers(1, 3), st.integers(2, 7))
@settings(max_examples=25, deadline=None)
def test_every_small_table_converges(seed: int, n_stratum: int, high: int) -> None:
    table = np.random.default_rng(seed).integers(0, high, size=(20, 3, n_stratum, 3))
    test = polytomous_firth_test(table, ADDITIVE)
    assert "not_converged" not in test.fit_status
    fitted = np.isin(test.fit_status, ("ok", "separated"))
    assert np.isfinite(test.beta[fitted]).all()
    p_values = [test.joint_p_value, test.agreement_p_value, test.common_p_value, *test.p_value.T]
    assert ((np.array(p_values) >= 0) & (np.array(p_values) <= 1)).all()


STATUS = {
    "ordinary": (FIXTURE_A, "ok"),
    "only cases have it": ([[[19, 0, 3]], [[103, 0, 0]], [[140, 0, 0]]], "separated"),
    "one arm has none": ([[[19, 3, 0]], [[103, 0, 0]], [[130, 10, 0]]], "separated"),
    "cases have none": ([[[22, 0, 0]], [[100, 3, 0]], [[130, 10, 0]]], "separated"),
    "nobody has it": ([[[22, 0, 0]], [[103, 0, 0]], [[140, 0, 0]]], "monomorphic"),
    "an arm has no call": ([[[19, 3, 0]], [[0, 0, 0]], [[130, 10, 0]]], "group_missing"),
    "cases have no call": ([[[0, 0, 0]], [[3, 3, 0]], [[130, 10, 0]]], "group_missing"),
}


@pytest.mark.parametrize("name", STATUS)
def test_status_says_what_ordinary_likelihood_would_do(name: str) -> None:
    table, status = STATUS[name]
    fit = polytomous_firth(np.array([table]), ADDITIVE)
    assert fit.fit_status[0] == status
    is_fitted = status in ("ok", "separated")
    assert np.isfinite(fit.beta).all() == is_fitted
    assert (fit.joint_p_value[0] == 1) == (fit.p_value[0, 0] == 1) == (not is_fitted)


def test_intervals_end_where_the_profile_has_fallen() -> None:
    fit = polytomous_firth(np.array([FIXTURE_A]), ADDITIVE)
    table = np.array(FIXTURE_A)
    top = climbed(table, ADDITIVE, np.eye(2), [])[0]
    for end in (fit.ci_lower[0, 0], fit.ci_upper[0, 0]):

        def loss(values: NDArray[np.float64], end: float = end) -> float:
            theta = [*values[:2], end, values[2]]
            return -penalised(table, ADDITIVE, np.eye(2), theta)

        found = minimize(
            loss,
            [2.0, 2.0, end],
            method="Nelder-Mead",
            options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 9999},
        )
        assert 2 * (top + found.fun) == pytest.approx(chi2.isf(0.05, 1), abs=1e-6)


@pytest.mark.parametrize(
    ("counts", "score", "message"),
    [
        (np.zeros((1, 1, 1, 3)), ADDITIVE, r"group_counts has shape \(1, 1, 1, 3\): expected"),
        (np.zeros((1, 3, 3)), ADDITIVE, r"\(n_table, 1 \+ n_arm, n_stratum, 3\), cases first"),
        (np.zeros((1, 3, 1, 3)), (0, 0.5, 1), r"score is \(0, 0.5, 1\): expected three whole"),
        (np.full((1, 3, 1, 3), -2), ADDITIVE, "the smallest genotype count is -2: expected no"),
    ],
)
def test_what_is_no_table_is_refused(counts: Table, score: Score, message: str) -> None:
    with pytest.raises(InputDataError, match=message):
        polytomous_firth(counts, score)


def test_no_tables_give_no_numbers() -> None:
    fit = polytomous_firth(np.zeros((0, 3, 1, 3), dtype=np.int64), ADDITIVE)
    assert (fit.beta.shape, fit.covariance.shape) == ((0, 2), (0, 2, 2))
