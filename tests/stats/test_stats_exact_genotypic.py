"""Exact test of three genotypes: Freeman and Halton's in one stratum, every table counted in two."""

from itertools import product
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from alsrev_dagster.stats import exact_genotypic
from alsrev_dagster.stats.exact_genotypic import exact_genotypic_tests
from alsrev_dagster.stats.freeman_halton import enumerated_p

ONE = arrays(np.int64, (2, 1, 3), elements=st.integers(0, 9))
TWO = arrays(np.int64, (2, 2, 3), elements=st.integers(0, 3))


def outcomes(table: NDArray[np.int64]) -> dict[tuple[int, int], float]:
    """Ways to each sum of heterozygous and homozygous cases, of a table of shape (2, S, 3)."""
    ways: dict[tuple[int, int], float] = {(0, 0): 1.0}
    for s in range(table.shape[1]):
        n, n_case = table[:, s].sum(axis=0), int(table[0, s].sum())
        here: dict[tuple[int, int], float] = {}
        for (het, hom), before in ways.items():
            for a, b in product(range(n[1] + 1), range(n[2] + 1)):
                rest = n_case - a - b
                if 0 <= rest <= n[0]:
                    way = comb(int(n[0]), rest) * comb(int(n[1]), a) * comb(int(n[2]), b)
                    key = (het + a, hom + b)
                    here[key] = here.get(key, 0.0) + before * way
        ways = here
    return ways


@settings(max_examples=80, deadline=None)
@given(ONE)
def test_one_stratum_is_freeman_and_haltons_test(table: NDArray[np.int64]) -> None:
    case, total = table[0, 0], table.sum(axis=(0, 1))
    if not total.sum():
        return
    found = exact_genotypic_tests(table[0][None], table[1][None])
    assert found.p_value[0] == pytest.approx(enumerated_p(case, total), rel=1e-9)


@settings(max_examples=60, deadline=None)
@given(TWO)
def test_two_strata_are_every_pair_of_tables_counted(table: NDArray[np.int64]) -> None:
    ways = outcomes(table)
    seen = ways[tuple(table[0, :, 1:].sum(axis=0).tolist())]
    total, slack = sum(ways.values()), 1 + 1e-7
    p_value = sum(w for w in ways.values() if w <= seen * slack) / total
    as_likely = sum(w for w in ways.values() if seen / slack <= w <= seen * slack) / total
    least = sum(w for w in ways.values() if w <= min(ways.values()) * slack) / total
    found = exact_genotypic_tests(table[0][None], table[1][None])
    assert found.p_value[0] == pytest.approx(p_value, rel=1e-9)
    assert found.mid_p_value[0] == pytest.approx(p_value - as_likely / 2, rel=1e-9)
    assert found.minimum_p_value[0] == pytest.approx(least, rel=1e-9)


def test_swapped_alleles_and_swapped_sides_change_nothing() -> None:
    case, control = np.array([[[10, 9, 3]]]), np.array([[[95, 8, 0]]])
    found = exact_genotypic_tests(case, control).p_value[0]
    assert exact_genotypic_tests(case[..., ::-1], control[..., ::-1]).p_value[0] == pytest.approx(
        found
    )
    assert exact_genotypic_tests(control, case).p_value[0] == pytest.approx(found)


def test_too_many_outcomes_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exact_genotypic, "_N_STEP_MAX", 10)
    exact_genotypic._tests.cache_clear()
    found = exact_genotypic_tests(np.array([[[10, 9, 3]]]), np.array([[[95, 8, 0]]]))
    assert np.isnan([found.p_value[0], found.mid_p_value[0], found.minimum_p_value[0]]).all()
    exact_genotypic._tests.cache_clear()


def test_equal_tables_get_equal_numbers_in_their_places_and_none_gives_none() -> None:
    case = np.array([[[10, 9, 3]], [[5, 5, 5]], [[10, 9, 3]]])
    control = np.array([[[95, 8, 0]], [[5, 5, 5]], [[95, 8, 0]]])
    p_value = exact_genotypic_tests(case, control).p_value
    assert p_value[0] == p_value[2] < p_value[1] == 1.0
    assert len(exact_genotypic_tests(case[:0], control[:0]).p_value) == 0
