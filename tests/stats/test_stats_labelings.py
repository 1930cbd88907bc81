"""Labelings: all of them against brute force, drawn ones against their law, P values by counting."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.labelings import Labelings, draw_labels, labelings
from alsrev_dagster.stats.set_null import set_null

RNG = np.random.default_rng


def test_all_labelings_of_the_carriers_have_the_probability_of_brute_force() -> None:
    is_case = np.array([True, False, True, False, False, True, False, False, False])
    stratum = np.array([0, 0, 0, 0, 0, 4, 4, 4, 4])
    carrier = np.array([1, 1, 0, 0, 0, 1, 0, 1, 0], dtype=bool)
    found = labelings(set_null(is_case, stratum), carrier, n_draw=5, rng=RNG(1))
    count: dict[tuple[bool, ...], int] = {}
    for first, second in product(combinations(range(5), 2), range(5, 9)):
        label = np.zeros(9, dtype=bool)
        label[[*first, second]] = True
        key = tuple(label[carrier].tolist())
        count[key] = count.get(key, 0) + 1
    total = sum(count.values())
    mine = dict(zip(map(tuple, found.is_case.tolist()), found.probability, strict=True))
    assert found.is_complete
    assert mine.keys() == count.keys()
    for key, n in count.items():
        assert mine[key] == pytest.approx(n / total, rel=1e-12)
    np.testing.assert_array_equal(found.is_case[0], is_case[carrier])


def test_drawn_labels_keep_each_stratums_cases_and_begin_with_the_seen() -> None:
    is_case, stratum = np.arange(60) % 5 == 0, np.arange(60) % 3
    null = set_null(is_case, stratum)
    found = labelings(null, np.ones(60, dtype=bool), n_draw=50, rng=RNG(2))
    assert not found.is_complete
    np.testing.assert_array_equal(found.is_case[0], is_case)
    assert found.probability.sum() == pytest.approx(1)
    for number in range(3):
        n = found.is_case[:, stratum == number].sum(axis=1)
        assert (n == is_case[stratum == number].sum()).all()


def test_draws_given_covariates_have_the_exact_conditional_law() -> None:
    rng = RNG(3)
    covariate = rng.normal(size=(7, 1))
    is_case = np.array([True, False, True, False, False, False, True])
    null = set_null(is_case, None, covariate)
    odds = null.probability / (1 - null.probability)
    ways = list(combinations(range(7), 3))
    law = np.array([odds[list(way)].prod() for way in ways])
    drawn = draw_labels(null, 40_000, rng)
    seen = np.array([drawn[:, list(way)].all(axis=1).mean() for way in ways])
    assert (drawn.sum(axis=1) == 3).all()
    np.testing.assert_allclose(seen, law / law.sum(), atol=5 * (0.25 / 40_000) ** 0.5)


def test_the_same_seed_draws_the_same() -> None:
    null = set_null(np.arange(40) < 9)
    first, second = (draw_labels(null, 20, RNG(7)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


@given(st.lists(st.integers(0, 6), min_size=2, max_size=30))
@settings(max_examples=60, deadline=None)
def test_tail_counts_ties_in_and_mid_tail_half(values: list[int]) -> None:
    statistic = np.array(values, dtype=np.float64)
    m = len(values)
    labels = Labelings(np.arange(1), np.zeros((m, 1), dtype=bool), np.full(m, 1 / m), False)
    at_least = (statistic >= statistic[:, None]).mean(axis=1)
    same = (statistic == statistic[:, None]).mean(axis=1)
    np.testing.assert_allclose(labels.tail(statistic), at_least, rtol=1e-12)
    np.testing.assert_allclose(labels.middle_tail(statistic), at_least - same / 2, atol=1e-12)


def test_rounding_makes_no_difference_between_equal_statistics() -> None:
    labels = Labelings(np.arange(1), np.zeros((3, 1), dtype=bool), np.full(3, 1 / 3), False)
    assert labels.tail(np.array([0.3, 0.1 + 0.2, 0.1])).tolist() == [2 / 3, 2 / 3, 1]


def test_a_p_value_of_drawn_labelings_is_a_count_over_a_count() -> None:
    m = 1000
    labels = Labelings(np.arange(1), np.zeros((m, 1), dtype=bool), np.full(m, 1 / m), False)
    assert labels.tail(-np.arange(m).astype(float)).tolist() == [k / m for k in range(1, m + 1)]


def test_what_cannot_be_drawn_is_refused() -> None:
    null = set_null(np.array([True, False]))
    with pytest.raises(InputDataError, match=r"is_relevant has shape \(3,\) and n_draw is 9"):
        labelings(null, np.ones(3, dtype=bool), n_draw=9, rng=RNG(1))
    with pytest.raises(InputDataError, match="n_draw is 0: expected"):
        labelings(null, np.ones(2, dtype=bool), n_draw=0, rng=RNG(1))
    with pytest.raises(InputDataError, match="0 of 2 samples are cases: expected cases and"):
        set_null(np.array([False, False]))
    with pytest.raises(InputDataError, match="1 of 2 samples lack a covariate: expected none"):
        set_null(np.array([True, False]), None, np.array([[np.nan], [1.0]]))
    with pytest.raises(InputDataError, match=r"stratum \(3,\) and covariate \(2, 0\): expected"):
        set_null(np.array([True, False]), np.zeros(3, dtype=np.int64))
    with pytest.raises(InputDataError, match="does not separate cases from controls"):
        set_null(np.arange(20) < 5, None, (np.arange(20) < 5).astype(float)[:, None])
