"""Exact conditional test: brute force, Fisher, symmetries."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import fisher_exact

from alsrev_dagster.stats.exact import exact_conditional_p, minimum_attainable_p
from alsrev_dagster.stats.kernel.exact import N_SAMPLE_MAX

ADDITIVE, CARRIER, RECESSIVE = (0, 1, 2), (0, 1, 1), (0, 0, 1)
Table = NDArray[np.int64]
counts = st.lists(st.integers(0, 30), min_size=3, max_size=3)


def tables(seed: int, n: int, n_stratum: int, high: int = 40) -> tuple[Table, Table]:
    rng = np.random.default_rng(seed)
    case, control = rng.integers(0, high, size=(2, n, n_stratum, 3))
    return case, control


def permutation_p(case: Table, control: Table, score: tuple[int, int, int]) -> tuple[float, float]:
    """P value of one stratified table, and the smallest possible, by every labelling."""
    per_stratum = []
    for in_case, in_control in zip(case, control, strict=True):
        value = np.repeat([*score, *score], [*in_case, *in_control])
        drawn = combinations(range(len(value)), int(in_case.sum()))
        per_stratum.append([int(value[list(index)].sum()) for index in drawn])
    outcome = [sum(parts) for parts in product(*per_stratum)]
    value, n_way = np.unique(outcome, return_counts=True)
    seen = n_way[value == (case.sum(axis=0) * score).sum()][0]
    n_all = n_way.sum()
    return n_way[n_way <= seen].sum() / n_all, n_way[n_way <= n_way.min()].sum() / n_all


@pytest.mark.parametrize("score", [ADDITIVE, CARRIER, RECESSIVE, (2, 0, 5)])
@pytest.mark.parametrize("n_stratum", [1, 2])
def test_p_value_counts_every_labelling(score: tuple[int, int, int], n_stratum: int) -> None:
    case, control = tables(7, 25, n_stratum, high=3)
    p_value = exact_conditional_p(case, control, score)
    smallest = minimum_attainable_p(case, control, score)
    for i in range(len(case)):
        expected = permutation_p(case[i], control[i], score)
        assert (p_value[i], smallest[i]) == pytest.approx(expected, rel=1e-12)


@given(counts, counts, st.sampled_from([CARRIER, RECESSIVE]))
@settings(max_examples=150, deadline=None)
def test_two_valued_score_is_fisher(case: list[int], control: list[int], score: tuple) -> None:
    is_high = np.array(score) == 1
    square = [
        [np.array(group)[is_high].sum(), np.array(group)[~is_high].sum()]
        for group in (case, control)
    ]
    p_value = exact_conditional_p(np.array([[case]]), np.array([[control]]), score)[0]
    assert p_value == pytest.approx(float(fisher_exact(square)[1]), rel=1e-12)


@pytest.mark.parametrize("case", [[0, 0, 22], [1, 1, 20], [0, 22, 0]])
def test_tiny_p_values_keep_their_digits(case: list[int]) -> None:
    control = [241, 2, 0]
    carrier_case, carrier_control = 22 - case[0], 2
    expected = fisher_exact([[carrier_case, case[0]], [carrier_control, 241]])[1]
    p_value = exact_conditional_p(np.array([[case]]), np.array([[control]]), CARRIER)[0]
    assert 0 < p_value < 1e-20
    assert p_value == pytest.approx(float(expected), rel=1e-12)


@given(st.integers(0, 2**32 - 1), st.integers(1, 3))
@settings(max_examples=30, deadline=None)
def test_symmetries_change_nothing(seed: int, n_stratum: int) -> None:
    case, control = tables(seed, 5, n_stratum)
    for score in (ADDITIVE, CARRIER, RECESSIVE):
        p_value = exact_conditional_p(case, control, score)
        assert ((p_value > 0) & (p_value <= 1)).all()
        swapped = exact_conditional_p(control, case, score)
        np.testing.assert_allclose(swapped, p_value, rtol=1e-12)
        flipped = exact_conditional_p(case[..., ::-1], control[..., ::-1], score[::-1])
        np.testing.assert_allclose(flipped, p_value, rtol=1e-12)
        from_two = exact_conditional_p(case[..., ::-1], control[..., ::-1], score_of_ref(score))
        np.testing.assert_allclose(from_two, p_value, rtol=1e-12)
        reordered = exact_conditional_p(case[:, ::-1], control[:, ::-1], score)
        np.testing.assert_allclose(reordered, p_value, rtol=1e-12)
        assert (minimum_attainable_p(case, control, score) <= p_value * (1 + 1e-12)).all()


def score_of_ref(score: tuple[int, int, int]) -> tuple[int, int, int]:
    """Score after REF and ALT are swapped, counted in the other allele's copies."""
    top = max(score)
    return (top - score[2], top - score[1], top - score[0])


@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_empty_stratum_changes_nothing(place: int) -> None:
    case, control = tables(3, 50, 2)
    more = [np.insert(counts, place, 0, axis=1) for counts in (case, control)]
    for score in (ADDITIVE, RECESSIVE):
        expected = exact_conditional_p(case, control, score)
        np.testing.assert_array_equal(exact_conditional_p(*more, score), expected)


def test_a_stratum_of_cases_only_changes_nothing() -> None:
    case, control = tables(4, 50, 1)
    only_case = np.concatenate([case, case + 1], axis=1)
    with_only_case = np.concatenate([control, 0 * control], axis=1)
    expected = exact_conditional_p(case, control, ADDITIVE)
    np.testing.assert_array_equal(
        exact_conditional_p(only_case, with_only_case, ADDITIVE), expected
    )


@pytest.mark.parametrize("score", [ADDITIVE, CARRIER, RECESSIVE])
def test_monomorphic_or_one_sided_tables_are_one(score: tuple[int, int, int]) -> None:
    case = np.array([[[22, 0, 0]], [[0, 0, 0]], [[3, 4, 5]], [[0, 0, 0]]])
    control = np.array([[[243, 0, 0]], [[3, 4, 5]], [[0, 0, 0]], [[0, 0, 0]]])
    assert exact_conditional_p(case, control, score).tolist() == [1.0] * 4
    assert minimum_attainable_p(case, control, score).tolist() == [1.0] * 4


def test_no_tables_give_no_p_values() -> None:
    none = np.zeros((0, 1, 3), dtype=np.int64)
    assert exact_conditional_p(none, none, ADDITIVE).shape == (0,)


def test_more_samples_than_the_compiled_loop_takes_are_fishers_too() -> None:
    case, control = (
        np.array([[[700, 90, 0]], [[400, 30, 0]]]),
        np.array([[[600, 50, 0]], [[420, 9, 0]]]),
    )
    found = exact_conditional_p(case, control, CARRIER)
    for i, p_value in enumerate(found):
        table = [case[i, 0, :2].tolist(), control[i, 0, :2].tolist()]
        assert p_value == pytest.approx(fisher_exact(table).pvalue, rel=1e-9)
    assert case[0].sum() + control[0].sum() > N_SAMPLE_MAX > case[1].sum() + control[1].sum()


def test_compiled_and_convolved_distributions_give_the_same() -> None:
    """A second stratum with one table of each side, all hom-ref, adds a constant to T."""
    case, control = tables(9, 60, 1, high=60)
    other = np.broadcast_to(np.array([1, 0, 0]), case.shape)
    wide = exact_conditional_p(
        np.concatenate([case, other], axis=1), np.concatenate([control, other], axis=1), ADDITIVE
    )
    np.testing.assert_allclose(exact_conditional_p(case, control, ADDITIVE), wide, rtol=1e-12)
