"""Profile intervals of genotype tables, against root finding over a grid, and their symmetries."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize, minimize_scalar
from scipy.stats import chi2

from alsrev_dagster.stats.firth import firth_logistic
from alsrev_dagster.stats.kernel.firth_profile import has_one_peak

SCORES = {"additive": (0, 1, 2), "dominant": (0, 1, 1), "recessive": (0, 0, 1)}
DROP = float(chi2.isf(0.05, 1))
Table = NDArray[np.int64]
Score = tuple[int, int, int]
Floats = NDArray[np.float64]

table = st.lists(st.integers(0, 12), min_size=3, max_size=3)
score = st.sampled_from(list(SCORES.values()))


def penalised(case: Table, control: Table, score: Score, intercept: Floats, beta: float) -> float:
    """Firth's penalised log likelihood of tables of shape (S, 3), by the full information matrix."""
    n, n_stratum = case + control, len(case)
    eta = intercept[:, None] + beta * np.array(score, dtype=float)
    weight = n * np.exp(-np.logaddexp(0, eta) - np.logaddexp(0, -eta))
    design = np.zeros((n_stratum, 3, n_stratum + 1))
    design[np.arange(n_stratum), :, np.arange(n_stratum)] = 1
    design[:, :, -1] = score
    information = np.einsum("sg,sgi,sgj->ij", weight, design, design)
    likelihood = (case * eta - n * np.logaddexp(0, eta)).sum()
    return float(likelihood + np.linalg.slogdet(information)[1] / 2)


def highest(case: Table, control: Table, score: Score, beta: float) -> float:
    """Best penalised likelihood at a beta: every peak over a grid of the one intercept, refined."""

    def fall(intercept: float) -> float:
        return -penalised(case, control, score, np.array([intercept]), beta)

    at = np.arange(min(0, -2 * beta) - 10, max(0, -2 * beta) + 10, 0.5)  # any genotype even odds
    value = np.array([fall(a) for a in at])
    inner = np.flatnonzero((value[1:-1] <= value[:-2]) & (value[1:-1] <= value[2:])) + 1
    found = [
        minimize_scalar(fall, bounds=(at[i - 1], at[i + 1]), options={"xatol": 1e-9}).fun
        for i in inner
    ]
    return -float(min(found))


def ends(case: Table, control: Table, score: Score) -> tuple[float, float, float]:
    found = firth_logistic(case[None], control[None], score)
    return float(found.ci_lower[0]), float(found.beta[0]), float(found.ci_upper[0])


def stratum(case: list[int], control: list[int]) -> tuple[Table, Table]:
    return np.array([case]), np.array([control])


@pytest.mark.parametrize("score", SCORES.values(), ids=SCORES)
@pytest.mark.parametrize(
    ("case", "control"),
    [
        ([10, 9, 3], [95, 8, 0]),  # separated under the recessive score alone
        ([19, 0, 3], [243, 0, 0]),  # separated
        ([22, 0, 0], [240, 2, 1]),  # separated the other way
        ([1, 0, 1], [900, 700, 300]),
        ([3, 1, 0], [2, 4, 1]),
    ],
)
def test_ends_are_the_roots_that_an_independent_search_finds(
    case: list[int], control: list[int], score: Score
) -> None:
    cells = stratum(case, control)
    lower, beta, upper = ends(*cells, score)
    top = highest(*cells, score, beta)

    def excess(at: float) -> float:
        return 2 * (top - highest(*cells, score, at)) - DROP

    assert lower == pytest.approx(brentq(excess, beta - 15, beta, xtol=1e-12), abs=1e-8, rel=1e-8)
    assert upper == pytest.approx(brentq(excess, beta, beta + 15, xtol=1e-12), abs=1e-8, rel=1e-8)


@given(table, table, score)
@settings(max_examples=60, deadline=None)
def test_likelihood_has_fallen_by_the_drop_at_each_end(
    case: list[int], control: list[int], score: Score
) -> None:
    cells = stratum(case, control)
    lower, beta, upper = ends(*cells, score)
    if np.isnan(beta):
        assert np.isnan([lower, upper]).all()
        return
    assert lower < beta < upper
    top = highest(*cells, score, beta)
    for end in (lower, upper):
        fall = 2 * (top - highest(*cells, score, end))
        assert fall == pytest.approx(DROP, abs=1e-8)


@pytest.mark.parametrize("score", SCORES.values(), ids=SCORES)
def test_likelihood_of_strata_has_fallen_by_the_drop_at_each_end(score: Score) -> None:
    case, control = np.array([[4, 3, 2], [5, 2, 0]]), np.array([[20, 5, 1], [9, 6, 2]])
    lower, beta, upper = ends(case, control, score)

    def best(at: float) -> float:
        starts = ([-1.0, -1.0], [-1 - 2 * at, -1 - 2 * at], [-1 - at, -1.0])
        found = [
            minimize(lambda a: -penalised(case, control, score, a, at), start, tol=1e-9).fun
            for start in starts
        ]
        return -float(min(found))

    for end in (lower, upper):
        assert 2 * (best(beta) - best(end)) == pytest.approx(DROP, abs=1e-8)


@given(st.lists(st.tuples(table, table), min_size=1, max_size=3), score)
@settings(max_examples=100, deadline=None)
def test_exchanging_cases_and_controls_mirrors_the_interval(
    strata: list[tuple[list[int], list[int]]], score: Score
) -> None:
    case, control = (np.array([one[side] for one in strata]) for side in (0, 1))
    lower, beta, upper = ends(case, control, score)
    mirrored = ends(control, case, score)
    assert mirrored == pytest.approx((-upper, -beta, -lower), abs=1e-8, nan_ok=True)


def test_ends_do_not_depend_on_which_tables_are_sought_together() -> None:
    rng = np.random.default_rng(4)
    case, control = rng.integers(0, 9, size=(2, 3000, 2, 3))  # several threads
    together = firth_logistic(case, control, (0, 1, 2))
    for part in (slice(0, 7), slice(1500, 1501), slice(2990, 3000)):
        alone = firth_logistic(case[part], control[part], (0, 1, 2))
        np.testing.assert_array_equal(alone.ci_lower, together.ci_lower[part])
        np.testing.assert_array_equal(alone.ci_upper, together.ci_upper[part])


@given(table, table, st.floats(-12, 12))
@settings(max_examples=200, deadline=None)
def test_likelihood_is_concave_where_one_peak_is_sure(
    case: list[int], control: list[int], beta: float
) -> None:
    cells, additive = stratum(case, control), (0, 1, 2)
    n = (cells[0] + cells[1]).astype(float)
    if (n > 0).sum() < 2 or not has_one_peak((n, n, np.arange(3.0)), beta):
        return
    at = np.arange(-15, 15, 0.25) - beta
    value = [penalised(*cells, additive, np.array([a]), beta) for a in at]
    assert (np.diff(value, 2) < 1e-9).all()


def test_one_peak_is_sure_of_two_values_and_never_of_strata() -> None:
    def is_sure(n: list[list[float]], beta: float) -> bool:
        cells = np.array(n)
        return bool(has_one_peak((cells, cells, np.arange(3.0)), beta))

    assert is_sure([[1, 0, 1]], 90.0)
    assert is_sure([[200, 50, 1]], 4.0)  # exp(8) is below 16 * 200
    assert not is_sure([[200, 50, 1]], 4.1)
    assert not is_sure([[200, 50, 1], [1, 0, 1]], 1.0)
