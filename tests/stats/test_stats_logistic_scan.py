"""The scan with covariates: independent programs, symmetries, missing calls, separation."""

import warnings

import numpy as np
import pytest
from firthmodels import FirthLogisticRegression, detect_separation
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import norm

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.packing import pack
from alsrev_dagster.stats.counts import genotype_counts
from alsrev_dagster.stats.design import null_design
from alsrev_dagster.stats.firth import firth_logistic
from alsrev_dagster.stats.kernel.exponential import exp_of_negative
from alsrev_dagster.stats.logistic_detail import ordinary_fit, profile_interval
from alsrev_dagster.stats.logistic_genotypic import genotypic_scan
from alsrev_dagster.stats.logistic_null import NullModel, null_model
from alsrev_dagster.stats.logistic_scan import FirthScan, firth_scan, logistic_scan, score_scan

SCORE = {"additive": (0, 1, 2), "dominant": (0, 1, 1), "recessive": (0, 0, 1)}
Floats = NDArray[np.float64]
Codes = NDArray[np.uint8]


def cohort(seed: int, n: int = 90, n_case: int = 20, n_covariate: int = 3) -> tuple[
    NDArray[np.bool_], Floats
]:  # fmt: skip
    rng = np.random.default_rng(seed)
    return rng.permutation(n) < n_case, rng.normal(size=(n, n_covariate))


def fitted(is_case: NDArray[np.bool_], covariate: Floats) -> NullModel:
    names = [f"c{j}" for j in range(covariate.shape[1])]
    return null_model(null_design(is_case, covariate, names))


def drawn(seed: int, n_variant: int, n: int = 90, missing: float = 0.0) -> Codes:
    rng = np.random.default_rng(seed + 1000)
    freq = rng.uniform(0.01, 0.7, (n_variant, 1))
    codes = rng.binomial(2, freq, (n_variant, n)).astype(np.uint8)
    codes[rng.random(codes.shape) < missing] = 3
    return codes


def assert_same(found: FirthScan, expected: FirthScan, sign: int = 1, atol: float = 1e-8) -> None:
    np.testing.assert_allclose(found.beta, sign * expected.beta, rtol=0, atol=atol)
    np.testing.assert_allclose(found.standard_error, expected.standard_error, rtol=10 * atol)
    np.testing.assert_allclose(found.p_value, expected.p_value, rtol=1e-6)
    np.testing.assert_array_equal(found.fit_status, expected.fit_status)
    np.testing.assert_array_equal(found.separation, sign * expected.separation)


@pytest.mark.parametrize("genetic_model", list(SCORE))
def test_without_covariates_it_is_the_fit_of_the_table(genetic_model: str) -> None:
    is_case, none = cohort(1, n_covariate=0)
    codes = drawn(1, 150, missing=0.03)
    found = firth_scan(fitted(is_case, none), codes, genetic_model)
    tables = [genotype_counts(codes, side)[:, None, :3] for side in (is_case, ~is_case)]
    expected = firth_logistic(*tables, SCORE[genetic_model])
    np.testing.assert_allclose(found.beta, expected.beta, rtol=0, atol=1e-7)
    np.testing.assert_allclose(found.standard_error, expected.standard_error, rtol=1e-6)
    np.testing.assert_allclose(found.p_value, expected.p_value, rtol=1e-6)
    np.testing.assert_array_equal(found.fit_status, expected.fit_status)


def test_strata_as_columns_are_the_strata_of_the_table() -> None:
    rng = np.random.default_rng(5)
    is_case, stratum = np.arange(120) < 30, rng.integers(0, 3, 120)
    codes = drawn(5, 100, n=120, missing=0.03)
    model = null_model(null_design(is_case, np.empty((120, 0)), [], stratum=stratum))
    found = firth_scan(model, codes)
    tables = [
        np.stack([genotype_counts(codes, side & (stratum == s))[:, :3] for s in range(3)], axis=1)
        for side in (is_case, ~is_case)
    ]
    expected = firth_logistic(*tables, SCORE["additive"])
    np.testing.assert_allclose(found.beta, expected.beta, rtol=0, atol=1e-7)
    np.testing.assert_allclose(found.p_value, expected.p_value, rtol=1e-6)
    np.testing.assert_array_equal(found.fit_status, expected.fit_status)


def peer(column: Floats, is_case: NDArray[np.bool_]) -> FirthLogisticRegression:
    """The fit of firthmodels with the tested column last, and its test and interval."""
    model = FirthLogisticRegression(backend="numpy", max_iter=1000, gtol=1e-8, xtol=1e-8)
    model.fit(column, is_case.astype(int))
    model.lrt(column.shape[1] - 1)
    return model


@pytest.mark.parametrize("seed", [2, 3])
def test_random_designs_are_those_of_firthmodels(seed: int) -> None:
    is_case, covariate = cohort(seed)
    codes = drawn(seed, 25, missing=0.05)
    model = fitted(is_case, covariate)
    found, interval = firth_scan(model, codes), profile_interval(model, codes)
    for i, code in enumerate(codes):
        called = code < 3
        column = np.column_stack([covariate, code])[called].astype(float)
        expected = peer(column, is_case[called])
        assert found.beta[i] == pytest.approx(expected.coef_[-1], abs=1e-6)
        assert found.p_value[i] == pytest.approx(expected.lrt_pvalues_[-2], rel=1e-5)
        w = expit(expected.intercept_ + column @ expected.coef_)
        full = np.column_stack([np.ones(len(column)), column])
        information = (full.T * (w * (1 - w))) @ full
        error = np.linalg.inv(information)[-1, -1] ** 0.5
        assert found.standard_error[i] == pytest.approx(error, rel=1e-6)
        if i < 8:
            ends = expected.conf_int(method="pl", features=3, max_iter=500, tol=1e-8)[3]
            pair = [interval.ci_lower[i], interval.ci_upper[i]]
            assert pair == pytest.approx(ends, abs=1e-5)


def penalised(parameter: Floats, design: Floats, is_case: NDArray[np.bool_]) -> float:
    eta = design @ parameter
    p = expit(eta)
    information = (design.T * (p * (1 - p))) @ design
    return float(
        np.where(is_case, eta, 0).sum()
        - np.logaddexp(0, eta).sum()
        + np.linalg.slogdet(information)[1] / 2
    )


def test_interval_ends_where_a_search_of_the_likelihood_finds_them() -> None:
    """Nelder-Mead over the other parameters at each end: twice the fall is 3.841459."""
    is_case, covariate = cohort(7, n=60, n_case=15, n_covariate=1)
    code = drawn(7, 1, n=60)
    model = fitted(is_case, covariate)
    design = np.column_stack([np.ones(60), covariate, code[0]])

    def top(tested: float | None) -> float:
        def loss(free: Floats) -> float:
            return -penalised(free if tested is None else np.append(free, tested), design, is_case)

        start = np.zeros(3 if tested is None else 2)
        options = {"xatol": 1e-10, "fatol": 1e-13, "maxiter": 4000, "maxfev": 4000}
        return -float(minimize(loss, start, method="Nelder-Mead", options=options).fun)

    highest, interval = top(None), profile_interval(model, code)
    for end in (interval.ci_lower[0], interval.ci_upper[0]):
        assert 2 * (highest - top(float(end))) == pytest.approx(3.841458821, abs=1e-6)
    statistic = norm.isf(firth_scan(model, code).p_value[0] / 2) ** 2
    assert 2 * (highest - top(0.0)) == pytest.approx(statistic, abs=1e-6)


def test_genotypic_test_is_firthmodels_on_two_columns() -> None:
    is_case, covariate = cohort(11)
    codes = drawn(11, 12, missing=0.04)
    found = genotypic_scan(fitted(is_case, covariate), codes)
    compared = 0
    for i, code in enumerate(codes):
        called = code < 3
        if len(np.unique(code[called])) < 3:
            continue
        column = np.column_stack([covariate, code == 1, code == 2])[called].astype(float)
        design = np.column_stack([np.ones(len(column)), column])
        both = peer(column, is_case[called])
        assert found.beta_het[i] == pytest.approx(both.coef_[-2], abs=1e-6)
        assert found.beta_hom[i] == pytest.approx(both.coef_[-1], abs=1e-6)

        def loss(free: Floats, design: Floats = design, side: Codes = is_case[called]) -> float:
            return -penalised(np.append(free, [0.0, 0.0]), design, side)

        options = {"xatol": 1e-9, "fatol": 1e-12, "maxiter": 8000, "maxfev": 8000}
        null = -minimize(loss, np.zeros(4), method="Nelder-Mead", options=options).fun
        statistic = 2 * (
            penalised(np.append(both.intercept_, both.coef_), design, is_case[called]) - null
        )
        assert -2 * np.log(found.p_value[i]) == pytest.approx(statistic, abs=1e-5)
        assert found.n_degree[i] == 2
        compared += 1
    assert compared >= 8


def test_genotypic_test_without_one_genotype_has_one_degree() -> None:
    is_case, covariate = cohort(12)
    codes = np.minimum(drawn(12, 10), 1)
    model = fitted(is_case, covariate)
    found, one = genotypic_scan(model, codes), firth_scan(model, codes)
    np.testing.assert_allclose(found.beta_het, one.beta, atol=1e-7)
    np.testing.assert_allclose(found.p_value, one.p_value, rtol=1e-6)
    assert np.isnan(found.beta_hom).all()
    assert set(found.n_degree[one.fit_status != "monomorphic"]) == {1}


def test_score_test_is_the_textbook_formula_on_the_complete_cases() -> None:
    is_case, covariate = cohort(13)
    codes = drawn(13, 30, missing=0.05)
    found = score_scan(fitted(is_case, covariate), codes)
    for i, code in enumerate(codes):
        called = code < 3
        y, g = is_case[called], code[called].astype(float)
        x = np.column_stack([np.ones(called.sum()), covariate[called]])
        beta = np.zeros(4)
        for _ in range(40):
            p = expit(x @ beta)
            beta += np.linalg.solve((x.T * (p * (1 - p))) @ x, x.T @ (y - p))
        w = p * (1 - p)
        adjusted = g - x @ np.linalg.solve((x.T * w) @ x, x.T @ (w * g))
        z = adjusted @ (y - p) / np.sqrt((w * adjusted**2).sum())
        assert found.z[i] == pytest.approx(z, abs=1e-8)


def test_saddlepoint_is_close_to_the_exact_distribution_of_the_score() -> None:
    """Of 16 samples with the null's probabilities, all 65,536 outcomes, both tails."""
    is_case = np.arange(16) < 6
    code = np.array([[2, 1, 2, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]], dtype=np.uint8)
    model = fitted(is_case, np.empty((16, 0)))
    found = score_scan(model, code)
    outcomes = (np.arange(2**16)[:, None] >> np.arange(16)) & 1
    p, adjusted = 6 / 16, code[0] - code[0].mean()
    share = (p**outcomes * (1 - p) ** (1 - outcomes)).prod(axis=1)
    score = outcomes @ adjusted - p * adjusted.sum()
    seen = is_case @ adjusted - p * adjusted.sum()
    tail = np.abs(score) >= abs(seen) * (1 - 1e-12)
    beyond = np.abs(score) > abs(seen) * (1 + 1e-12)
    assert abs(found.z[0]) > 2
    # Of a lattice the continuous approximation lies between P(beyond) and P(at or beyond).
    assert share[beyond].sum() < found.saddlepoint_p[0] < share[tail].sum() * 1.1


def test_saddlepoint_is_the_normal_p_below_the_cutoff() -> None:
    is_case, covariate = cohort(14)
    found = score_scan(fitted(is_case, covariate), drawn(14, 200))
    small = np.abs(found.z) < 2
    np.testing.assert_array_equal(found.saddlepoint_p[small], found.normal_p[small])
    assert (found.saddlepoint_p[~small] != found.normal_p[~small]).all()


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_swapping_alleles_negates_beta(seed: int) -> None:
    is_case, covariate = cohort(seed)
    codes = drawn(seed, 6, missing=0.05)
    model = fitted(is_case, covariate)
    swapped = np.array([2, 1, 0, 3], dtype=np.uint8)[codes]
    assert_same(firth_scan(model, swapped), firth_scan(model, codes), sign=-1)
    one, other = score_scan(model, codes), score_scan(model, swapped)
    np.testing.assert_allclose(one.z, -other.z, atol=1e-9)
    np.testing.assert_allclose(one.saddlepoint_p, other.saddlepoint_p, rtol=1e-7)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_the_order_of_samples_changes_nothing(seed: int) -> None:
    is_case, covariate = cohort(seed)
    codes = drawn(seed, 6, missing=0.05)
    order = np.random.default_rng(seed).permutation(len(is_case))
    one = logistic_scan(fitted(is_case, covariate), codes, refine_p_max=1.0)
    other = logistic_scan(
        fitted(is_case[order], covariate[order]), codes[:, order], refine_p_max=1.0
    )
    np.testing.assert_allclose(one.score.z, other.score.z, rtol=0, atol=1e-9)
    np.testing.assert_allclose(one.firth.beta, other.firth.beta, rtol=0, atol=1e-9)
    np.testing.assert_array_equal(one.firth.fit_status, other.firth.fit_status)


@given(st.integers(0, 2**32 - 1), st.integers(1, 8))
@settings(max_examples=25, deadline=None)
def test_a_variant_with_missing_calls_has_the_answer_of_its_complete_cases(
    seed: int, n_missing: int
) -> None:
    is_case, covariate = cohort(seed)
    codes = drawn(seed, 4)
    lost = np.random.default_rng(seed).permutation(len(is_case))[:n_missing]
    codes[:, lost] = 3
    keep = np.setdiff1d(np.arange(len(is_case)), lost)
    one = logistic_scan(fitted(is_case, covariate), codes, refine_p_max=1.0)
    other = logistic_scan(fitted(is_case[keep], covariate[keep]), codes[:, keep], refine_p_max=1.0)
    np.testing.assert_allclose(one.score.z, other.score.z, rtol=0, atol=1e-8)
    assert_same(one.firth, other.firth)


@given(st.integers(0, 2**32 - 1), st.integers(8, 40), st.integers(0, 3))
@settings(max_examples=40, deadline=None)
def test_every_small_design_converges_and_its_interval_agrees_with_its_test(
    seed: int, n: int, n_covariate: int
) -> None:
    is_case, covariate = cohort(
        seed, n=n, n_case=max(n // 4, 3, n_covariate), n_covariate=n_covariate
    )
    codes = drawn(seed, 8, n=n, missing=0.05)
    model = fitted(is_case, covariate)
    found, interval = firth_scan(model, codes), profile_interval(model, codes)
    assert "not_converged" not in found.fit_status
    told = np.isfinite(interval.ci_lower) & np.isfinite(interval.ci_upper)
    assert (interval.ci_lower < found.beta)[told].all()
    assert (found.beta < interval.ci_upper)[told].all()
    excludes_zero = (interval.ci_lower > 0) | (interval.ci_upper < 0)
    np.testing.assert_array_equal(excludes_zero[told], (found.p_value < 0.05)[told])


def test_forms_of_the_genotypes_and_threads_change_nothing() -> None:
    is_case, covariate = cohort(15)
    codes = drawn(15, 1200, missing=0.01)
    model = fitted(is_case, covariate)
    dosage = np.where(codes == 3, np.nan, codes)
    plain = logistic_scan(model, codes, n_thread=1)
    for other in (
        logistic_scan(model, pack(codes), n_thread=3),
        logistic_scan(model, dosage, n_thread=2),
    ):
        for name in ("beta", "p_value", "fit_status", "separation"):
            np.testing.assert_array_equal(getattr(plain.firth, name), getattr(other.firth, name))
        np.testing.assert_array_equal(plain.score.z, other.score.z)
        np.testing.assert_array_equal(plain.score.saddlepoint_p, other.score.saddlepoint_p)


def test_dosages_between_genotypes_are_those_of_firthmodels() -> None:
    is_case, covariate = cohort(16)
    dosage = np.random.default_rng(16).beta(0.4, 0.6, (5, 90)) * 2
    found = firth_scan(fitted(is_case, covariate), dosage)
    for i, value in enumerate(dosage):
        expected = peer(np.column_stack([covariate, value]), is_case)
        assert found.beta[i] == pytest.approx(expected.coef_[-1], abs=1e-6)


def test_chosen_are_those_with_a_small_screen_or_exact_p() -> None:
    is_case, covariate = cohort(17)
    codes = drawn(17, 300)
    model = fitted(is_case, covariate)
    exact = np.where(np.arange(300) == 7, 0.001, 0.9)
    found = logistic_scan(model, codes, exact_p_value=exact)
    every = firth_scan(model, codes)
    is_screened = found.firth.fit_status == "screened"
    chosen = (found.score.screen_p < 0.05) | (exact < 0.05) | (found.score.fit_status != "ok")
    np.testing.assert_array_equal(is_screened, ~chosen)
    assert 5 < chosen.sum() < 100
    np.testing.assert_array_equal(found.firth.p_value[chosen], every.p_value[chosen])
    assert np.isnan(found.firth.p_value[is_screened]).all()


def separation_by_peer(column: Floats, is_case: NDArray[np.bool_]) -> tuple[bool, int]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = detect_separation(column, is_case.astype(int))
    return result.separation, int(result.directions[-2])  # the last is the intercept


def test_separation_is_what_an_independent_linear_programme_says() -> None:
    n_separated, n_by_itself = 0, 0
    for seed in range(5):
        is_case, covariate = cohort(seed, n=18, n_case=6, n_covariate=2)
        covariate[:, 0] += 1.5 * is_case  # some of the time it separates with a genotype's help
        codes = drawn(seed, 30, n=18)
        model = fitted(is_case, covariate)
        found, ordinary = firth_scan(model, codes), ordinary_fit(model, codes)
        for i in np.flatnonzero(found.fit_status != "monomorphic"):
            expected, way = separation_by_peer(np.column_stack([covariate, codes[i]]), is_case)
            assert (found.fit_status[i] == "separated") == expected
            assert np.isnan(ordinary.beta[i]) == expected
            assert found.separation[i] == way
            n_separated += expected
            n_by_itself += alone(codes[i], is_case)
    assert n_separated > n_by_itself > 10


def alone(code: Codes, is_case: NDArray[np.bool_]) -> bool:
    """Whether the genotype separates without any covariate."""
    case, control = code[is_case], code[~is_case]
    return bool(case.min() >= control.max() or case.max() <= control.min())


def test_covariates_that_separate_leave_no_score_test_and_firth_has_an_answer() -> None:
    is_case = np.arange(40) < 12
    covariate = np.where(is_case, 1.0, -1.0)[:, None] + np.random.default_rng(1).uniform(
        -0.9, 0.9, (40, 1)
    )
    model = fitted(is_case, covariate)
    found = logistic_scan(model, drawn(3, 20, n=40))
    assert model.is_separated
    assert np.isnan(found.score.z).all()
    assert not found.score.has_root.any()
    assert set(found.score.fit_status) <= {"ok", "monomorphic"}
    assert (found.score.fit_status == "ok").sum() == (found.firth.fit_status == "separated").sum()
    assert set(found.firth.fit_status) <= {"separated", "monomorphic"}
    assert np.isfinite(found.firth.beta[found.firth.fit_status == "separated"]).all()


def test_statuses_without_a_fit() -> None:
    is_case, covariate = cohort(18)
    codes = np.zeros((4, 90), dtype=np.uint8)
    codes[1] = np.where(is_case, 3, np.arange(90) % 3)
    codes[2] = 3
    codes[3] = (covariate[:, 0] > 0) + 0
    column = np.column_stack([covariate, codes[3]])
    found = logistic_scan(fitted(is_case, column), codes)
    expected = ["monomorphic", "one_side_missing", "one_side_missing", "monomorphic"]
    assert found.firth.fit_status.tolist() == expected
    assert found.score.fit_status.tolist() == expected
    assert found.firth.p_value.tolist() == [1.0] * 4
    assert np.isnan(found.firth.beta).all()
    assert found.score.screen_p.tolist() == [1.0] * 4


def test_a_stratum_without_calls_changes_nothing() -> None:
    rng = np.random.default_rng(19)
    is_case, stratum = np.arange(90) < 30, rng.integers(0, 3, 90)
    codes, none, keep = drawn(19, 40), np.empty((90, 0)), stratum < 2
    codes[1::2, stratum == 2] = 3  # every other variant, so that a fit of all samples is before it
    one = firth_scan(null_model(null_design(is_case, none, [], stratum=stratum)), codes)
    small = null_design(is_case[keep], none[keep], [], stratum=stratum[keep])
    other = firth_scan(null_model(small), codes[1::2, keep])
    np.testing.assert_allclose(one.beta[1::2], other.beta, rtol=0, atol=1e-7)
    np.testing.assert_allclose(one.p_value[1::2], other.p_value, rtol=1e-6)
    np.testing.assert_array_equal(one.fit_status[1::2], other.fit_status)


def test_a_null_model_that_does_not_converge_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alsrev_dagster.stats.logistic_null.climb", lambda *_: np.nan)
    with pytest.raises(InputDataError, match="null model of 90 samples and 3 covariates did not"):
        fitted(*cohort(1))


@pytest.mark.parametrize("scale", [1e-12, 1e-3, 1.0, 30.0, 690.0])
def test_the_exponential_is_good_to_two_units_in_the_last_place(scale: float) -> None:
    value = -scale * np.random.default_rng(2).random(500)
    found = [exp_of_negative(x) for x in value]
    np.testing.assert_allclose(found, np.exp(value), rtol=2 * np.finfo(float).eps)


def test_the_exponential_ends_at_its_smallest() -> None:
    assert [exp_of_negative(x) for x in (-800.0, -np.inf)] == [pytest.approx(np.exp(-700.0))] * 2


def refused(genotype: NDArray[np.generic], genetic_model: str = "additive") -> str:
    is_case, covariate = cohort(1)
    with pytest.raises(InputDataError) as found:
        firth_scan(fitted(is_case, covariate), genotype, genetic_model)
    return str(found.value)


def test_genotypes_that_do_not_fit_are_refused() -> None:
    assert "expected (n_variant, 90) or, packed, (n_variant, 23)" in refused(drawn(1, 2, n=80))
    assert "'codominant' is unknown: expected one of additive" in refused(drawn(1, 2), "codominant")
    assert "under the dominant model: expected additive" in refused(np.ones((2, 90)), "dominant")
    with pytest.raises(InputDataError, match="genotypic test is asked for of float64 dosages"):
        genotypic_scan(fitted(*cohort(1)), np.ones((2, 90)))
    assert "2 dosages are outside 0 to 2" in refused(np.where(np.arange(90) < 2, 2.5, 1.0)[None])
