"""Outliers and labels in the space of principal components."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.neighbors import KNeighborsClassifier

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.ancestry import nearest_label, robust_distance


def test_normal_scores_are_at_their_standard_deviations() -> None:
    score = np.random.default_rng(1).normal(3, 2, (20_000, 1))
    expected = np.abs(score[:, 0] - 3) / 2
    found = robust_distance(score, np.ones(20_000, dtype=np.bool_))
    np.testing.assert_allclose(found, expected, atol=0.08)


def test_outliers_do_not_hide_one_another() -> None:
    score = np.random.default_rng(2).normal(0, 1, (100, 3))
    score[:20, 1] += 40
    found = robust_distance(score, np.ones(100, dtype=np.bool_))
    assert set(np.flatnonzero(found > 6)) == set(range(20))


def test_who_is_not_fitted_moves_nothing_and_a_flat_component_is_not_looked_at() -> None:
    score = np.column_stack([np.arange(9.0), np.zeros(9)])
    is_fitted = np.arange(9) < 7
    score[8, :] = 1e6
    found = robust_distance(score, is_fitted)
    np.testing.assert_allclose(found[:7], robust_distance(score[:7], is_fitted[:7]))
    assert found[8] > 1e5
    assert robust_distance(np.zeros((3, 2)), np.ones(3, dtype=np.bool_)).tolist() == [0, 0, 0]


@given(st.integers(0, 2**32 - 1), st.integers(1, 9))
def test_labels_are_those_of_scikit_learn(seed: int, n_neighbour: int) -> None:
    rng = np.random.default_rng(seed)
    reference, label = rng.normal(size=(40, 3)), rng.integers(0, 3, 40)
    score = rng.normal(size=(30, 3))
    model = KNeighborsClassifier(n_neighbour, algorithm="brute").fit(reference, label)
    share = np.zeros((30, 3))
    share[:, model.classes_] = model.predict_proba(score)
    found, found_share = nearest_label(score, reference, label, n_neighbour)
    np.testing.assert_allclose(found_share, share.max(axis=1))
    np.testing.assert_allclose(share[np.arange(30), found], found_share)


def test_of_equal_votes_the_nearer_label_is_given() -> None:
    reference, label = np.array([[0.0], [3.0], [3.5], [1.0]]), np.array([1, 0, 0, 1])
    found, share = nearest_label(np.array([[1.2], [2.9]]), reference, label, 4)
    assert found.tolist() == [1, 0]
    assert share.tolist() == [0.5, 0.5]


def test_more_neighbours_than_labelled_samples_are_refused() -> None:
    with pytest.raises(InputDataError, match="5 neighbours are asked for among 3 labelled"):
        nearest_label(np.zeros((1, 2)), np.zeros((3, 2)), np.zeros(3, dtype=np.int64), 5)
