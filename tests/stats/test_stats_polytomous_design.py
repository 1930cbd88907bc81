"""Firth's multinomial model with covariates: the table's, firthmodels, symmetries, refusals."""

import numpy as np
import pytest
from firthmodels import FirthLogisticRegression
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.polytomous_design import polytomous_firth_design
from alsrev_dagster.stats.polytomous_firth import polytomous_firth

TABLE = np.array([[[8, 3, 1], [7, 3, 0]], [[40, 9, 0], [20, 1, 1]], [[50, 9, 2], [40, 6, 0]]])
NUMBERS = ("beta", "standard_error", "covariance", "ci_lower", "ci_upper", "p_value")
NONE = np.zeros((12, 0))
GROUP = np.repeat([0, 1, 2], 4)


def samples(table: NDArray[np.int64]) -> tuple[NDArray[np.int64], ...]:
    """Group, stratum and genotype of every sample of a table."""
    index = np.indices(table.shape).reshape(3, -1)
    group, stratum, genotype = np.repeat(index, table.ravel(), axis=1)
    return group, stratum, genotype


def test_strata_as_covariates_are_the_strata_of_the_table() -> None:
    group, stratum, genotype = samples(TABLE)
    of_samples = polytomous_firth_design(
        group, genotype[None].astype(float), stratum[:, None].astype(float)
    )
    of_table = polytomous_firth(TABLE[None], (0, 1, 2))
    for name, values in vars(of_table).items():
        if name != "fit_status":
            np.testing.assert_allclose(vars(of_samples)[name], values, rtol=2e-6)
    assert of_samples.fit_status.tolist() == ["ok"]


def test_with_one_arm_it_is_the_binary_model_of_firthmodels() -> None:
    rng = np.random.default_rng(1)
    group = np.repeat([0, 1], [22, 103])
    score = rng.binomial(2, 0.15, size=(1, 125)).astype(float)
    age = rng.normal(60, 10, size=(125, 1))
    found = polytomous_firth_design(group, score, age)
    design = np.column_stack([score[0], (age - 60) / 10])
    peer = FirthLogisticRegression(backend="numpy", gtol=1e-8, xtol=1e-9, max_iter=200)
    peer.fit(design, 1 - group)
    peer.lrt(0)
    interval = peer.conf_int(method="pl", features=0, tol=1e-8)[0]
    assert found.beta[0, 0] == pytest.approx(peer.coef_[0], abs=1e-6)
    assert found.p_value[0, 0] == pytest.approx(peer.lrt_pvalues_[0], rel=1e-5)
    assert (found.ci_lower[0, 0], found.ci_upper[0, 0]) == pytest.approx(tuple(interval), abs=1e-5)


def test_a_missing_call_leaves_the_sample_out_of_that_variant_only() -> None:
    group, stratum, genotype = samples(TABLE)
    covariate = stratum[:, None] + np.linspace(0, 1, len(group))[:, None]
    score = np.tile(genotype, (2, 1)).astype(float)
    score[0, ::7] = np.nan
    fit = polytomous_firth_design(group, score, covariate)
    kept = ~np.isnan(score[0])
    without = polytomous_firth_design(group[kept], score[:1, kept], covariate[kept])
    whole = polytomous_firth_design(group, score[1:], covariate)
    for name in NUMBERS:
        np.testing.assert_allclose(getattr(fit, name)[:1], getattr(without, name), rtol=1e-6)
        np.testing.assert_allclose(getattr(fit, name)[1:], getattr(whole, name), rtol=1e-6)


def test_order_of_samples_and_unit_of_a_covariate_change_nothing() -> None:
    group, _, genotype = samples(TABLE)
    rng = np.random.default_rng(3)
    order, age = rng.permutation(len(group)), rng.normal(60, 10, size=(len(group), 2))
    score = genotype[None].astype(float)
    fit = polytomous_firth_design(group, score, age)
    moved = polytomous_firth_design(group[order], score[:, order], (1e3 * age + 7)[order])
    negated = polytomous_firth_design(group, -score, age)
    for name in NUMBERS:
        np.testing.assert_allclose(getattr(moved, name), getattr(fit, name), rtol=1e-6)
    np.testing.assert_allclose(negated.beta, -fit.beta, rtol=1e-6)
    np.testing.assert_allclose(negated.ci_lower, -fit.ci_upper, rtol=1e-6)


def test_what_cannot_be_fitted_has_a_status() -> None:
    score = np.array(
        [[0.0] * 12, [np.nan] * 4 + [0.0, 1.0] * 4, [np.nan] * 12, [0.0, 0.0, 1.0, 1.0] * 3]
    )
    covariate = np.array([[0.0, 0.0, 2.0, 2.0] * 3]).T
    fit = polytomous_firth_design(GROUP, score, covariate)
    assert fit.fit_status.tolist() == [
        "monomorphic",
        "group_missing",
        "group_missing",
        "monomorphic",
    ]
    assert (fit.joint_p_value == 1).all()
    assert np.isnan(fit.beta).all()


@pytest.mark.parametrize(
    ("group", "covariate", "message"),
    [
        (GROUP[:11], NONE, r"group has shape \(11,\), score \(1, 12\) and covariate \(12, 0\)"),
        (GROUP + 1, NONE, r"samples are in groups \[1, 2, 3\]: expected 0 for cases and 1, 2"),
        (GROUP, np.full((12, 1), np.nan), "12 values of the covariates are not known: expected"),
        (GROUP, np.ones((12, 1)), "an intercept and 1 covariates have rank 1: expected 2; leave"),
    ],
)
def test_what_cannot_be_used_is_refused(
    group: NDArray[np.int64], covariate: NDArray[np.float64], message: str
) -> None:
    with pytest.raises(InputDataError, match=message):
        polytomous_firth_design(group, np.zeros((1, 12)), covariate)
