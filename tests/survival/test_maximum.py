"""The search for a maximum on surfaces whose answer is known."""

import numpy as np
import pytest

from alsrev_dagster.survival.maximum import maximum
from alsrev_dagster.survival.newton import curvature, polished
from alsrev_dagster.survival.risk import FloatArray

RANDOM = np.random.default_rng(1)
SEEN = RANDOM.normal([1.0, -2.0], [1.0, 1000.0], (40, 2))


def normal_means(parameter: FloatArray) -> tuple[FloatArray, FloatArray]:
    """40 people, two means, scales far apart, variances known."""
    apart = (SEEN - parameter) / [1.0, 1000.0]
    return -(apart**2).sum(axis=1) / 2, apart / [1.0, 1000.0]


def test_means_are_found_with_their_covariance_whatever_their_scale() -> None:
    found = maximum(normal_means, np.array([9.0, 4000.0]))
    assert found is not None
    error = np.sqrt(np.diag(found.covariance))
    assert (np.abs(found.parameter - SEEN.mean(axis=0)) < 0.002 * error).all()
    np.testing.assert_allclose(error, np.array([1.0, 1000.0]) / np.sqrt(40), rtol=1e-5)
    assert found.log_likelihood == pytest.approx(normal_means(SEEN.mean(axis=0))[0].sum(), abs=1e-4)
    assert found.n_flat == 0


def test_a_direction_that_says_nothing_is_counted_and_taken_as_known() -> None:
    def with_two_alike(parameter: FloatArray) -> tuple[FloatArray, FloatArray]:
        value, slope = normal_means(np.array([parameter[0] + parameter[2], parameter[1]]))
        return value, slope[:, [0, 1, 0]]

    found = maximum(with_two_alike, np.array([2.0, 0.0, 3.0]))
    assert found is not None
    assert found.n_flat == 1
    assert found.parameter[0] + found.parameter[2] == pytest.approx(SEEN[:, 0].mean(), abs=1e-3)
    assert np.isfinite(found.covariance).all()


def test_where_there_is_no_maximum_there_is_none() -> None:
    def saddle(parameter: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Falls along the first, rises along the second, in both directions from 0."""
        shift = np.linspace(-1, 1, 41)
        value = -((parameter[0] - shift) ** 2) + (parameter[1] - shift) ** 2
        return value, np.column_stack([-2 * (parameter[0] - shift), 2 * (parameter[1] - shift)])

    assert maximum(saddle, np.zeros(2)) is None


def test_newton_polishes_only_what_is_free() -> None:
    def slope(at: FloatArray) -> FloatArray:
        return np.array([np.exp(at[0]) - 2, 4 * (at[1] - 3)])

    free = np.array([True, False])
    np.testing.assert_allclose(polished(slope, np.array([0.6, 1.0]), free), [np.log(2), 1.0])
    np.testing.assert_allclose(polished(slope, np.array([0.6, 1.0])), [np.log(2), 3.0])
    assert polished(slope, np.array([0.6, 1.0]), near=100.0).tolist() == [0.6, 1.0]
    np.testing.assert_allclose(
        curvature(slope, np.array([0.0, 0.0])), np.diag([1.0, 4.0]), atol=1e-9
    )
