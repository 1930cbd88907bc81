"""A null design is checked, and what is wrong with it is said by name."""

import numpy as np
import pytest

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.design import events_per_covariate, null_design

IS_CASE = np.arange(30) < 10
RNG = np.random.default_rng(1)
AGE, DEPTH = RNG.normal(60, 10, 30), RNG.normal(30, 5, 30)


def refused(columns: dict[str, np.ndarray], **others: np.ndarray) -> str:
    is_case = others.pop("is_case", IS_CASE)
    covariate = np.column_stack(list(columns.values())) if columns else np.empty((30, 0))
    with pytest.raises(InputDataError) as found:
        null_design(is_case, covariate, list(columns), **others)
    return str(found.value)


def test_covariates_and_strata_come_back_from_the_basis() -> None:
    stratum = np.arange(30) % 3
    design = null_design(IS_CASE, np.column_stack([AGE, DEPTH]), ["age", "depth"], stratum=stratum)
    raw = np.column_stack([np.ones(30), AGE, DEPTH, stratum == 1, stratum == 2])
    assert design.name == ("age", "depth", "stratum 1", "stratum 2")
    np.testing.assert_allclose(design.basis.T @ design.triangle, raw, atol=1e-10)
    np.testing.assert_allclose(design.basis @ design.basis.T / 30, np.eye(5), atol=1e-12)
    beta = np.array([0.3, -0.1, 0.05, 1.0, -2.0])
    np.testing.assert_allclose(design.coefficient(design.triangle @ beta), beta, atol=1e-10)
    assert events_per_covariate(design) == 2.5


def test_without_covariates_there_is_an_intercept() -> None:
    design = null_design(IS_CASE, np.empty((30, 0)), [])
    np.testing.assert_allclose(design.basis, np.ones((1, 30)), rtol=1e-15)
    assert events_per_covariate(design) == np.inf


def test_units_change_no_basis() -> None:
    one = null_design(IS_CASE, np.column_stack([AGE, DEPTH]), ["age", "depth"])
    other = null_design(IS_CASE, np.column_stack([AGE * 1e6 + 3e8, DEPTH / 1e5]), ["age", "depth"])
    np.testing.assert_allclose(one.basis, other.basis, atol=1e-8)


def test_constant_covariates_are_named() -> None:
    text = refused({"age": AGE, "site": np.ones(30)})
    assert "'site' have the same value in all 30 samples" in text
    assert "do not adjust for them" in text


def test_a_covariate_that_is_a_sum_of_others_is_named_with_them() -> None:
    text = refused({"age": AGE, "depth": DEPTH, "both": AGE - 2 * DEPTH + 7, "noise": AGE**2})
    named = {word for word in ("age", "depth", "both") if f"'{word}'" in text}
    assert named == {"age", "depth", "both"}
    assert "'noise'" not in text
    assert "rank 3 of 4" in text


def test_missing_values_are_counted_by_name_and_no_sample_is_said() -> None:
    age, depth = AGE.copy(), DEPTH.copy()
    age[[3, 4]], depth[7] = np.nan, np.inf
    text = refused({"age": age, "depth": depth})
    assert "'age' in 2, 'depth' in 1" in text
    assert "of 30 samples" in text


def test_more_covariates_than_cases_are_refused() -> None:
    text = refused({f"pc{i}": RNG.normal(size=30) for i in range(11)})
    assert "11 covariates" in text
    assert "10 cases" in text


@pytest.mark.parametrize(
    ("n_case", "said"), [(0, "0 case(s)"), (1, "1 case(s)"), (30, "0 control(s)")]
)
def test_a_side_of_fewer_than_two_is_refused(n_case: int, said: str) -> None:
    text = refused({}, is_case=np.arange(30) < n_case)
    assert said in text
    assert "at least 2 of each" in text


@pytest.mark.parametrize("side", [True, False])
def test_a_stratum_of_one_side_is_refused(side: bool) -> None:
    text = refused({}, stratum=np.where(side == IS_CASE, 4, np.arange(30) % 2), is_case=IS_CASE)
    assert "stratum" in text
    assert "join it with another" in text


def test_shapes_that_disagree_are_said() -> None:
    text = refused({"age": AGE[:29]})
    assert "(30,), covariate (29, 1), stratum none, with 1 names" in text
