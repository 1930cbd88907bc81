"""Genomic inflation."""

import numpy as np
import pytest
from scipy.stats import chi2

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.inflation import inflation, lambda_1000, lambda_gc


@pytest.mark.parametrize(("n_control", "factor"), [(103, 27.5816), (140, 26.2987), (243, 24.7849)])
def test_excess_is_scaled_by_the_printed_factor(n_control: int, factor: float) -> None:
    # numbers computed apart (docs/methods.md)
    assert lambda_1000(2.0, 22, n_control) - 1 == pytest.approx(factor, abs=5e-5)


@pytest.mark.parametrize(("observed", "printed"), [(1.05, 2.239), (1.02, 1.496)])
def test_lambda_1000_is_the_printed_one(observed: float, printed: float) -> None:
    assert lambda_1000(observed, 22, 243) == pytest.approx(printed, abs=5e-4)


def test_uniform_p_values_have_no_inflation() -> None:
    p_value = (np.arange(1001) + 0.5) / 1001
    assert lambda_gc(p_value) == pytest.approx(1, abs=1e-6)
    assert lambda_gc(np.append(p_value, np.nan)) == lambda_gc(p_value)


def test_inflated_statistics_give_their_factor() -> None:
    p_value = chi2.sf(1.1 * chi2.isf((np.arange(1001) + 0.5) / 1001, 1), 1)
    assert lambda_gc(p_value) == pytest.approx(1.1, abs=1e-6)


def test_no_p_value_gives_nan() -> None:
    assert np.isnan(lambda_gc(np.array([np.nan])))


def test_a_p_value_outside_its_range_is_refused() -> None:
    with pytest.raises(InputDataError, match=r"run from 0.5 to 7.0: expected all in \[0, 1\]"):
        lambda_gc(np.array([0.5, 7.0]))


def test_an_empty_group_is_refused() -> None:
    with pytest.raises(InputDataError, match="n_case is 0 and n_control 243"):
        lambda_1000(1.0, 0, 243)


def test_an_excess_is_given_scaled_too_with_its_n() -> None:
    p_value = chi2.sf(1.05 * chi2.isf((np.arange(1001) + 0.5) / 1001, 1), 1)
    found = inflation(p_value, 22, 243)
    assert (found.n_case, found.n_control) == (22, 243)
    assert found.lambda_1000 == pytest.approx(2.239, abs=5e-4)
    assert inflation((np.arange(1001) + 0.5) / 1001, 22, 243).lambda_1000 == pytest.approx(
        1, abs=1e-4
    )


@pytest.mark.parametrize("p_value", [[0.9, 1.0, 1.0], [np.nan]])
def test_no_excess_is_not_scaled(p_value: list[float]) -> None:
    assert np.isnan(inflation(np.array(p_value), 22, 243).lambda_1000)
