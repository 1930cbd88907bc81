"""Firth's logistic regression: an independent program, symmetries, odd tables."""

import numpy as np
import pytest
from firthmodels import FirthLogisticRegression
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

from alsrev_dagster.stats.firth import FirthFit, firth_logistic

ADDITIVE, CARRIER, RECESSIVE = (0, 1, 2), (0, 1, 1), (0, 0, 1)
Table = NDArray[np.int64]
Score = tuple[int, int, int]


def tables(seed: int, n: int, n_stratum: int, n_case: int = 22) -> tuple[Table, Table]:
    """Cohorts of that many cases and 11 times as many controls per stratum."""
    rng = np.random.default_rng(seed)
    freq = rng.uniform(0.02, 0.6, size=n)
    share = np.stack([(1 - freq) ** 2, 2 * freq * (1 - freq), freq**2], axis=1)
    return (
        np.stack([rng.multinomial(n_case, share) for _ in range(n_stratum)], axis=1),
        np.stack([rng.multinomial(11 * n_case, share) for _ in range(n_stratum)], axis=1),
    )


def peer(case: Table, control: Table, score: Score) -> list[float] | None:
    """Beta, augmented standard error, P value and interval of firthmodels for one table.

    None where firthmodels itself does not converge: its plain scoring can swing about
    the maximum for ever.
    """
    weight = np.concatenate([case.ravel(), control.ravel()]).astype(float)
    n_stratum = len(case)
    outcome = np.repeat([1, 0], case.size)
    stratum = np.tile(np.repeat(np.arange(n_stratum), 3), 2)
    design = np.column_stack(
        [np.tile(score, 2 * n_stratum), *(stratum == s for s in range(n_stratum))]
    ).astype(float)
    seen = weight > 0
    model = FirthLogisticRegression(
        backend="numpy", fit_intercept=False, max_iter=500, gtol=1e-8, xtol=1e-8
    )
    try:
        model.fit(design[seen], outcome[seen], sample_weight=weight[seen])
        model.lrt(0)
        interval = model.conf_int(method="pl", features=0, max_iter=500, tol=1e-8)[0]
    except ConvergenceWarning:
        return None
    return [model.coef_[0], model.bse_[0], model.lrt_pvalues_[0], *interval]


def one(fit: FirthFit, i: int) -> list[float]:
    columns = (fit.beta, fit.standard_error_augmented, fit.p_value, fit.ci_lower, fit.ci_upper)
    return [float(column[i]) for column in columns]


@pytest.mark.parametrize("score", [ADDITIVE, CARRIER, RECESSIVE])
@pytest.mark.parametrize("n_stratum", [1, 2])
def test_numbers_are_those_of_firthmodels(score: Score, n_stratum: int) -> None:
    case, control = tables(5 + n_stratum, 40, n_stratum, n_case=22 // n_stratum)
    fit = firth_logistic(case, control, score)
    n_compared = 0
    for i in np.flatnonzero(fit.fit_status != "monomorphic"):
        expected = peer(case[i], control[i], score)
        if expected is not None:
            n_compared += 1
            assert one(fit, i) == pytest.approx(expected, abs=1e-6)
    assert n_compared >= 15


def assert_same(found: FirthFit, expected: FirthFit, sign: int = 1) -> None:
    lower, upper = (expected.ci_lower, expected.ci_upper)[::sign]
    np.testing.assert_allclose(found.beta, sign * expected.beta, rtol=0, atol=1e-8)
    np.testing.assert_allclose(found.ci_lower, sign * lower, rtol=0, atol=1e-7)
    np.testing.assert_allclose(found.ci_upper, sign * upper, rtol=0, atol=1e-7)
    np.testing.assert_allclose(found.standard_error, expected.standard_error, rtol=1e-7)
    np.testing.assert_allclose(found.p_value, expected.p_value, rtol=1e-7)
    np.testing.assert_array_equal(found.fit_status, expected.fit_status)


@given(st.integers(0, 2**32 - 1), st.integers(1, 3), st.integers(1, 25))
@settings(max_examples=40, deadline=None)
def test_symmetries_keep_the_p_value(seed: int, n_stratum: int, n_case: int) -> None:
    case, control = tables(seed, 5, n_stratum, n_case)
    fit = firth_logistic(case, control, ADDITIVE)
    assert_same(firth_logistic(case[..., ::-1], control[..., ::-1], ADDITIVE), fit, sign=-1)
    assert_same(firth_logistic(control, case, ADDITIVE), fit, sign=-1)
    assert_same(firth_logistic(case[:, ::-1], control[:, ::-1], ADDITIVE), fit)


@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(3, 9))
@settings(max_examples=60, deadline=None)
def test_every_small_table_converges_and_has_an_interval(
    seed: int, n_stratum: int, high: int
) -> None:
    rng = np.random.default_rng(seed)
    case, control = rng.integers(0, high, size=(2, 20, n_stratum, 3))
    fit = firth_logistic(case, control, ADDITIVE)
    fitted = fit.fit_status != "monomorphic"
    assert "not_converged" not in fit.fit_status
    assert (fit.ci_lower[fitted] < fit.beta[fitted]).all()
    assert (fit.beta[fitted] < fit.ci_upper[fitted]).all()
    excludes_zero = (fit.ci_lower > 0) | (fit.ci_upper < 0)
    np.testing.assert_array_equal(excludes_zero[fitted], (fit.p_value < 0.05)[fitted])


@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_empty_stratum_changes_nothing(place: int) -> None:
    case, control = tables(3, 40, 2)
    fit = firth_logistic(case, control, ADDITIVE)
    more = firth_logistic(
        np.insert(case, place, 0, axis=1), np.insert(control, place, 0, axis=1), ADDITIVE
    )
    for name, values in vars(fit).items():
        np.testing.assert_array_equal(vars(more)[name], values)


def test_a_table_is_fitted_the_same_alone_and_among_others() -> None:
    case, control = tables(8, 60, 2)
    together = firth_logistic(case, control, ADDITIVE)
    alone = firth_logistic(case[:1], control[:1], ADDITIVE)
    assert one(together, 0) == one(alone, 0)


STATUS = {
    "ordinary": ([[10, 9, 3]], [[95, 8, 0]], "ok"),
    "complete": ([[0, 0, 4]], [[9, 3, 0]], "separated"),
    "quasi, cases at the top": ([[0, 2, 4]], [[9, 3, 0]], "separated"),
    "quasi, cases at the bottom": ([[5, 0, 0]], [[9, 3, 1]], "separated"),
    "overlap": ([[1, 2, 0]], [[9, 3, 1]], "ok"),
    "same genotype": ([[5, 0, 0]], [[9, 0, 0]], "monomorphic"),
    "no case": ([[0, 0, 0]], [[9, 5, 1]], "monomorphic"),
    "no control": ([[3, 2, 1]], [[0, 0, 0]], "monomorphic"),
    "no sample": ([[0, 0, 0]], [[0, 0, 0]], "monomorphic"),
    "constant within each stratum": ([[3, 0, 0], [0, 3, 0]], [[4, 0, 0], [0, 5, 0]], "monomorphic"),
    "strata the same way": ([[0, 3, 0], [0, 0, 3]], [[4, 0, 0], [2, 5, 0]], "separated"),
    "strata opposite ways": ([[0, 3, 0], [3, 0, 0]], [[4, 0, 0], [0, 5, 0]], "ok"),
    "one separated, one overlaps": ([[0, 3, 0], [2, 2, 0]], [[4, 0, 0], [5, 5, 0]], "ok"),
    "one separated, one constant": ([[0, 3, 0], [2, 0, 0]], [[4, 0, 0], [5, 0, 0]], "separated"),
    "one separated, one all controls": (
        [[0, 3, 0], [0, 0, 0]],
        [[4, 0, 0], [5, 5, 0]],
        "separated",
    ),
}


@pytest.mark.parametrize("name", STATUS)
def test_status_says_what_ordinary_likelihood_would_do(name: str) -> None:
    case, control, status = STATUS[name]
    fit = firth_logistic(np.array([case]), np.array([control]), ADDITIVE)
    assert fit.fit_status[0] == status
    assert np.isnan(fit.beta[0]) == np.isnan(fit.ci_upper[0]) == (status == "monomorphic")
    assert (fit.p_value[0] == 1.0) == (status == "monomorphic")


def test_no_tables_give_no_numbers() -> None:
    none = np.zeros((0, 1, 3), dtype=np.int64)
    assert firth_logistic(none, none, ADDITIVE).beta.shape == (0,)


def test_one_carrier_among_controls_gives_a_positive_beta() -> None:
    fit = firth_logistic(np.array([[[22, 0, 0]]]), np.array([[[242, 1, 0]]]), CARRIER)
    assert fit.beta[0] == pytest.approx(np.log(0.5 * 242.5 / (22.5 * 1.5)), abs=1e-10)
    assert fit.beta[0] > 0
    assert fit.ci_lower[0] < 0 < fit.ci_upper[0]


def test_interval_ends_on_the_higher_of_two_peaks_of_the_intercepts() -> None:
    """At a beta of 6.4 the second stratum has two peaks; the lower would end at 6.3947."""
    case, control = np.array([[[1, 0, 0], [0, 0, 1]]]), np.array([[[11, 0, 0], [10, 1, 0]]])
    upper = firth_logistic(case, control, ADDITIVE).ci_upper
    swapped = firth_logistic(case[..., ::-1], control[..., ::-1], ADDITIVE).ci_lower
    # Nelder-Mead and BFGS over the intercepts from nine starts give 2 x fall = 3.8415 at 6.5158.
    assert upper == pytest.approx([6.5158], abs=5e-5)
    assert -swapped == pytest.approx(upper, abs=1e-7)
