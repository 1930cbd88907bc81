"""The largest unrelated set: no related pair is left, and no better set exists."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats import unrelated
from alsrev_dagster.stats.unrelated import UnrelatedSet, largest_unrelated

Pairs = list[tuple[int, int]]


def kept_of(pairs: Pairs, priority: list[list[int]]) -> UnrelatedSet:
    place = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    closeness = np.linspace(0.5, 0.1, len(pairs))
    return largest_unrelated(place[0], place[1], closeness, np.array(priority, dtype=np.int64))


def best_by_trying_all(pairs: Pairs, priority: list[list[int]]) -> tuple[int, ...]:
    """Sums by level of the best set without a related pair, of all subsets there are."""
    n = len(priority)
    sets = (s for size in range(n + 1) for s in combinations(range(n), size))
    return max(
        tuple(np.sum([priority[i] for i in s] or [[0] * len(priority[0])], axis=0).tolist())
        for s in sets
        if not any(i in s and j in s for i, j in pairs)
    )


GRAPHS = st.integers(2, 9).flatmap(
    lambda n: st.tuples(
        st.lists(
            st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda p: p[0] != p[1]),
            max_size=14,
        ),
        st.lists(
            st.tuples(st.integers(0, 1), st.just(1), st.integers(0, 5)).map(list),
            min_size=n,
            max_size=n,
        ),
    )
)


@given(GRAPHS)
def test_no_better_set_exists(graph: tuple[Pairs, list[list[int]]]) -> None:
    pairs, priority = graph
    found = kept_of(pairs, priority)
    assert not any(found.is_kept[i] and found.is_kept[j] for i, j in pairs)
    reached = tuple(np.array(priority)[found.is_kept].sum(axis=0).tolist())
    assert reached == best_by_trying_all(pairs, priority)
    assert found.is_exact.all()


@given(GRAPHS)
def test_who_is_left_out_has_a_relative_that_is_kept(graph: tuple[Pairs, list[list[int]]]) -> None:
    pairs, priority = graph
    found = kept_of(pairs, priority)
    for sample, place in enumerate(found.pair):
        assert (place < 0) == found.is_kept[sample]
        if place >= 0:
            (other,) = set(pairs[place]) - {sample}
            assert found.is_kept[other]


def test_one_case_is_kept_rather_than_many_controls() -> None:
    star: Pairs = [(0, 1), (0, 2), (0, 3), (0, 4)]
    case_in_the_middle = [[1, 1, 90]] + [[0, 1, 99]] * 4
    assert kept_of(star, case_in_the_middle).is_kept.tolist() == [True] + [False] * 4
    nobody_is_a_case = [[0, 1, 99]] + [[0, 1, 90]] * 4
    assert kept_of(star, nobody_is_a_case).is_kept.tolist() == [False] + [True] * 4


def test_of_two_relatives_the_better_called_stays_and_is_named() -> None:
    found = kept_of([(0, 1), (1, 2)], [[1, 97], [1, 99], [1, 95]])
    assert found.is_kept.tolist() == [True, False, True]
    found = kept_of([(0, 1)], [[1, 97], [1, 99]])
    assert found.is_kept.tolist() == [False, True]
    assert found.pair.tolist() == [0, -1]


def test_a_family_of_forty_is_solved_and_a_larger_one_pruned() -> None:
    rng = np.random.default_rng(1)
    pairs = [(i, i + 1) for i in range(39)]
    pairs += [(int(i), int(j)) for i, j in rng.integers(0, 40, (60, 2)) if i != j]
    found = kept_of(pairs, [[1, int(rate)] for rate in rng.integers(90, 100, 40)])
    assert found.is_exact.all()
    assert 10 < found.is_kept.sum() < 20
    chain = [(i, i + 1) for i in range(100)]
    found = kept_of(chain, [[1]] * 101)
    assert not found.is_exact.any()
    assert found.is_kept.sum() == 51
    assert not any(found.is_kept[i] and found.is_kept[j] for i, j in chain)


def test_all_related_leaves_one(monkeypatch: pytest.MonkeyPatch) -> None:
    everybody = list(combinations(range(8), 2))
    priority = [[0, 1, rate] for rate in (1, 2, 3, 9, 4, 5, 6, 7)]
    for n_exact in (unrelated.N_EXACT_MAX, 0):
        monkeypatch.setattr(unrelated, "N_EXACT_MAX", n_exact)
        assert np.flatnonzero(kept_of(everybody, priority).is_kept).tolist() == [3]


def test_a_pair_of_one_sample_is_refused() -> None:
    with pytest.raises(InputDataError, match="outside 0 to 1: expected two different places"):
        kept_of([(1, 1)], [[1], [1]])
