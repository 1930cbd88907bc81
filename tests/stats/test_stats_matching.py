"""Matching of controls to cases: no better one exists, and no rule is broken."""

from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from alsrev_dagster.stats.matching import Matching, match_controls, weighted_distance


def worth(case: NDArray[np.int64], distance: NDArray[np.float64]) -> tuple[int, int, float]:
    """Cases with a control, controls used, and minus the sum of distances."""
    used = np.flatnonzero(case >= 0)
    return len(set(case[used])), len(used), -float(distance[case[used], used].sum())


def best_by_trying_all(
    distance: NDArray[np.float64], is_near: NDArray[np.bool_], ratio: int
) -> tuple[int, int, float]:
    n_case, n_control = distance.shape
    found = []
    for choice in product(range(-1, n_case), repeat=n_control):
        case = np.array(choice)
        is_real = case >= 0
        if is_near[case[is_real], np.flatnonzero(is_real)].all() and all(
            (case == i).sum() <= ratio for i in range(n_case)
        ):
            found.append(worth(case, distance))
    return max(found)


@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 3),
    st.integers(1, 5),
    st.integers(1, 3),
    st.floats(0.2, 1),
)
def test_no_better_matching_exists(
    seed: int, n_case: int, n_control: int, ratio: int, caliper: float
) -> None:
    rng = np.random.default_rng(seed)
    distance = rng.random((n_case, n_control))
    is_allowed = rng.random((n_case, n_control)) < 0.8
    found = match_controls(distance, is_allowed, ratio=ratio, caliper=caliper)
    expected = best_by_trying_all(distance, is_allowed & (distance <= caliper), ratio)
    assert found.is_optimal
    np.testing.assert_allclose(worth(found.case, distance), expected, atol=1e-12)


@pytest.mark.parametrize("n_optimal_max", [25_000_000, 0])
def test_no_rule_is_broken(n_optimal_max: int) -> None:
    rng = np.random.default_rng(3)
    distance, is_allowed = rng.random((22, 243)), rng.random((22, 243)) < 0.5
    found = match_controls(distance, is_allowed, ratio=4, caliper=0.2, n_optimal_max=n_optimal_max)
    used = np.flatnonzero(found.case >= 0)
    assert found.is_optimal == (n_optimal_max > 0)
    assert len(used) == 88
    assert is_allowed[found.case[used], used].all()
    assert (np.bincount(found.case[used]) == 4).all()
    np.testing.assert_array_equal(found.distance[used], distance[found.case[used], used])
    assert np.isnan(np.delete(found.distance, used)).all()


def test_the_best_matching_is_no_worse_than_the_nearest_first() -> None:
    distance = np.random.default_rng(4).random((30, 60))
    is_allowed = np.ones((30, 60), dtype=np.bool_)
    best, greedy = (
        match_controls(distance, is_allowed, ratio=2, caliper=1, n_optimal_max=n)
        for n in (10**7, 0)
    )
    assert np.nansum(best.distance) < np.nansum(greedy.distance)


def test_a_case_alone_goes_before_a_second_control_of_another() -> None:
    distance = np.array([[0.1, 0.1], [0.9, 0.5]])
    found = match_controls(distance, np.ones((2, 2), dtype=np.bool_), ratio=2, caliper=1)
    assert sorted(found.case.tolist()) == [0, 1]


def test_nobody_within_the_caliper_leaves_everybody_out() -> None:
    found: Matching = match_controls(
        np.full((2, 3), 0.5), np.ones((2, 3), dtype=np.bool_), ratio=1, caliper=0.4
    )
    assert found.case.tolist() == [-1, -1, -1]


def test_the_order_of_controls_changes_nothing() -> None:
    distance = np.random.default_rng(5).random((4, 9))
    is_allowed = np.ones((4, 9), dtype=np.bool_)
    whole = match_controls(distance, is_allowed, ratio=2, caliper=0.7)
    for order in list(permutations(range(9)))[:: 9 * 8 * 7 * 6 * 5 * 4]:
        found = match_controls(distance[:, list(order)], is_allowed, ratio=2, caliper=0.7)
        assert found.case.tolist() == whole.case[list(order)].tolist()


def test_distance_is_the_weighted_mean_of_standard_deviations() -> None:
    rng = np.random.default_rng(6)
    case, control = rng.normal(0, [9, 1], (30, 2)), rng.normal(0, [9, 1], (50, 2))
    weight = np.array([8.0, 2.0])
    spread = np.concatenate([case, control]).std(axis=0, ddof=1)
    expected = [[np.sqrt((0.8, 0.2) @ ((a - b) / spread) ** 2) for b in control] for a in case]
    np.testing.assert_allclose(weighted_distance(case, control, weight), expected, atol=1e-7)
    flat = weighted_distance(np.zeros((1, 2)), np.zeros((2, 2)), weight)
    assert flat.tolist() == [[0.0, 0.0]]
