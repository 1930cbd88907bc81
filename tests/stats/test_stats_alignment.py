"""Overlap and exact P of a factor by side: printed values, enumeration, refusals."""

from itertools import product
from math import comb

import numpy as np
import pytest
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.alignment import freeman_halton_p, overlap


def counts(*n: int) -> NDArray[np.int64]:
    return np.array(n, dtype=np.int64)


def p_of(case: NDArray[np.int64], control: NDArray[np.int64]) -> float:
    return freeman_halton_p(case, control, np.random.default_rng(7))


def by_enumeration(case: NDArray[np.int64], control: NDArray[np.int64]) -> float:
    total, n_case = case + control, case.sum()
    tables = [t for t in product(*(range(n + 1) for n in total)) if sum(t) == n_case]
    ways = {t: np.prod([comb(int(n), a) for n, a in zip(total, t, strict=True)]) for t in tables}
    seen = ways[tuple(case.tolist())]
    return float(sum(w for w in ways.values() if w <= seen) / comb(int(total.sum()), int(n_case)))


def test_two_values_are_fishers_test_as_r_prints_it() -> None:
    # R: fisher.test(matrix(c(2, 10, 15, 3), nrow = 2)), Fisher's convictions of like-sex twins
    assert p_of(counts(2, 10), counts(15, 3)) == pytest.approx(0.0005367, abs=5e-8)
    # R: fisher.test(matrix(c(3, 1, 1, 3), nrow = 2)), the lady tasting tea
    assert p_of(counts(3, 1), counts(1, 3)) == pytest.approx(0.4857, abs=5e-5)


@pytest.mark.parametrize(
    ("case", "control"),
    [((4, 1, 0), (1, 3, 4)), ((5, 2, 1, 0), (3, 4, 2, 3)), ((2, 2, 2), (2, 2, 2))],
)
def test_random_tables_come_near_every_table(
    case: tuple[int, ...], control: tuple[int, ...]
) -> None:
    exact = by_enumeration(counts(*case), counts(*control))
    error = 4 * np.sqrt(exact * (1 - exact) / 9_999) + 1e-4
    assert p_of(counts(*case), counts(*control)) == pytest.approx(exact, abs=error)


def test_a_value_of_ones_own_says_nothing() -> None:
    own = np.eye(8, dtype=np.int64)
    assert p_of(own[:4].sum(axis=0), own[4:].sum(axis=0)) == 1
    assert overlap(own[:4].sum(axis=0), own[4:].sum(axis=0)) == 0


def test_one_control_of_forty_hides_nothing() -> None:
    case, control = counts(20, 0), counts(1, 39)
    assert overlap(case, control) == pytest.approx(0.025)
    assert p_of(case, control) < 1e-12
    assert p_of(counts(20, 0, 0), counts(1, 20, 19)) == pytest.approx(1e-4)


def test_sides_alike_overlap_whole_and_values_of_nobody_do_not_count() -> None:
    assert overlap(counts(2, 3), counts(20, 30)) == pytest.approx(1)
    assert p_of(counts(2, 3, 0), counts(20, 30, 0)) == pytest.approx(1)
    assert p_of(counts(5), counts(7)) == 1


def test_a_side_without_samples_is_refused() -> None:
    with pytest.raises(InputDataError, match=r"0 controls in .*expected one or more of each side"):
        overlap(counts(1, 2), counts(0, 0))
