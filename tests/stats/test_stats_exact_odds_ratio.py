"""Conditional odds ratio and mid-P: scipy, definitions, coverage, symmetries."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import hypergeom, nchypergeom_fisher
from scipy.stats.contingency import odds_ratio

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.exact import (
    exact_conditional_p,
    exact_conditional_tests,
    minimum_attainable_p,
)
from alsrev_dagster.stats.exact_odds_ratio import ExactOddsRatio, exact_odds_ratio

ADDITIVE, CARRIER = (0, 1, 2), (0, 1, 1)
Table = NDArray[np.int64]


def tables(seed: int, n: int, n_stratum: int, high: int = 25) -> tuple[Table, Table]:
    case, control = np.random.default_rng(seed).integers(0, high, size=(2, n, n_stratum, 3))
    return case, control


def carriers(case: tuple[int, int], control: tuple[int, int]) -> tuple[Table, Table]:
    """Carriers and others, as genotype counts."""
    return np.array([[[case[1], case[0], 0]]]), np.array([[[control[1], control[0], 0]]])


def test_one_pass_gives_what_each_test_gives() -> None:
    case, control = tables(1, 60, 2)
    found = exact_conditional_tests(case, control, ADDITIVE)
    np.testing.assert_array_equal(found.p_value, exact_conditional_p(case, control, ADDITIVE))
    smallest = minimum_attainable_p(case, control, ADDITIVE)
    np.testing.assert_array_equal(found.minimum_p_value, smallest)
    assert ((found.mid_p_value > 0) & (found.mid_p_value < found.p_value)).all()


@pytest.mark.parametrize(
    ("case", "control"), [((3, 19), (9, 234)), ((2, 2), (2, 2)), ((0, 5), (4, 9))]
)
def test_mid_p_counts_outcomes_as_likely_half(
    case: tuple[int, int], control: tuple[int, int]
) -> None:
    n, n_carrier, n_case = sum(case) + sum(control), case[0] + control[0], sum(case)
    chance = hypergeom(n, n_carrier, n_case).pmf(np.arange(n_carrier + 1))
    less = chance < chance[case[0]] * (1 - 1e-7)
    as_likely = ~less & (chance <= chance[case[0]] * (1 + 1e-7))
    found = exact_conditional_tests(*carriers(case, control), CARRIER).mid_p_value[0]
    assert found == pytest.approx(chance[less].sum() + chance[as_likely].sum() / 2, rel=1e-10)


def test_mid_p_has_a_mean_of_a_half_under_the_null() -> None:
    n_carrier = 12
    seen = np.arange(n_carrier + 1)
    case = np.stack([22 - seen, seen, 0 * seen], axis=1)[:, None]
    control = np.stack([91 + seen, n_carrier - seen, 0 * seen], axis=1)[:, None]
    found = exact_conditional_tests(case, control, CARRIER).mid_p_value
    chance = hypergeom(125, n_carrier, 22).pmf(seen)
    assert chance @ found == pytest.approx(0.5, abs=1e-12)


def test_where_nothing_varies_mid_p_is_a_half_and_there_is_no_odds_ratio() -> None:
    case, control = np.array([[[22, 0, 0]]]), np.array([[[243, 0, 0]]])
    found = exact_conditional_tests(case, control, ADDITIVE)
    assert (found.p_value[0], found.mid_p_value[0]) == (1.0, 0.5)
    assert np.isnan(list(vars(exact_odds_ratio(case, control, ADDITIVE)).values())).all()


@given(st.lists(st.integers(1, 30), min_size=4, max_size=4))
@settings(max_examples=40, deadline=None)
def test_a_single_table_is_that_of_scipy(cells: list[int]) -> None:
    a, b, c, d = cells
    found = exact_odds_ratio(*carriers((a, b), (c, d)), CARRIER)
    peer = odds_ratio([[a, b], [c, d]], kind="conditional")
    interval = peer.confidence_interval(0.95)
    assert found.odds_ratio[0] == pytest.approx(peer.statistic, rel=1e-5)
    assert found.ci_lower[0] == pytest.approx(interval.low, rel=1e-5)
    assert found.ci_upper[0] == pytest.approx(interval.high, rel=1e-5)


def test_ends_are_where_each_tail_is_half_of_the_rest() -> None:
    found = exact_odds_ratio(*carriers((5, 17), (9, 234)), CARRIER, confidence=0.9)

    def seen_at(odds: float) -> tuple[float, float, float]:
        law = nchypergeom_fisher(265, 14, 22, odds)
        return law.cdf(4), law.pmf(5), law.sf(5)

    below, at, above = seen_at(float(found.ci_lower[0]))
    assert at + above == pytest.approx(0.05, rel=1e-6)
    below, at, above = seen_at(float(found.ci_upper[0]))
    assert below + at == pytest.approx(0.05, rel=1e-6)
    below, at, above = seen_at(float(found.mid_p_ci_lower[0]))
    assert at / 2 + above == pytest.approx(0.05, rel=1e-6)
    below, at, above = seen_at(float(found.mid_p_ci_upper[0]))
    assert below + at / 2 == pytest.approx(0.05, rel=1e-6)
    law = nchypergeom_fisher(265, 14, 22, float(found.odds_ratio[0]))
    assert law.mean() == pytest.approx(5, rel=1e-6)


def test_the_exact_interval_covers_and_the_mid_p_one_is_inside() -> None:
    """Over every table of 22 v 103 with 12 carriers, at a true odds ratio of 5."""
    seen = np.arange(13)
    case = np.stack([22 - seen, seen, 0 * seen], axis=1)[:, None]
    control = np.stack([91 + seen, 12 - seen, 0 * seen], axis=1)[:, None]
    found = exact_odds_ratio(case, control, CARRIER)
    chance = nchypergeom_fisher(125, 12, 22, 5.0).pmf(seen)
    covers = (found.ci_lower <= 5) & (found.ci_upper >= 5)
    assert chance @ covers >= 0.95
    assert (found.mid_p_ci_lower >= found.ci_lower).all()
    assert (found.mid_p_ci_upper <= found.ci_upper).all()


@given(st.integers(0, 2**32 - 1), st.integers(1, 3))
@settings(max_examples=15, deadline=None)
def test_symmetries(seed: int, n_stratum: int) -> None:
    case, control = tables(seed, 4, n_stratum)
    found = exact_odds_ratio(case, control, ADDITIVE)

    def assert_turned(other: ExactOddsRatio) -> None:
        with np.errstate(divide="ignore"):
            np.testing.assert_allclose(other.odds_ratio, 1 / found.odds_ratio, rtol=1e-9)
            np.testing.assert_allclose(other.ci_lower, 1 / found.ci_upper, rtol=1e-9)
            np.testing.assert_allclose(other.mid_p_ci_upper, 1 / found.mid_p_ci_lower, rtol=1e-9)

    assert_turned(exact_odds_ratio(control, case, ADDITIVE))
    assert_turned(exact_odds_ratio(case[..., ::-1], control[..., ::-1], ADDITIVE))
    more = exact_odds_ratio(
        np.insert(case, 0, 0, axis=1), np.insert(control, 0, 0, axis=1), ADDITIVE
    )
    for name, values in vars(found).items():
        np.testing.assert_array_equal(vars(more)[name], values)


def test_extreme_tables_have_one_open_end() -> None:
    up = exact_odds_ratio(*carriers((3, 19), (0, 243)), CARRIER)
    down = exact_odds_ratio(*carriers((0, 22), (30, 213)), CARRIER)
    assert up.odds_ratio[0] == up.ci_upper[0] == up.mid_p_ci_upper[0] == np.inf
    assert down.odds_ratio[0] == down.ci_lower[0] == down.mid_p_ci_lower[0] == 0
    assert 0 < up.ci_lower[0] < up.mid_p_ci_lower[0]
    assert down.mid_p_ci_upper[0] < down.ci_upper[0] < np.inf


def test_no_tables_give_no_numbers() -> None:
    none = np.zeros((0, 1, 3), dtype=np.int64)
    assert exact_odds_ratio(none, none, ADDITIVE).ci_upper.shape == (0,)
    assert exact_conditional_tests(none, none, ADDITIVE).mid_p_value.shape == (0,)


def test_a_confidence_out_of_range_is_refused() -> None:
    with pytest.raises(InputDataError, match="confidence is 95: expected strictly between 0 and 1"):
        exact_odds_ratio(*carriers((3, 19), (0, 243)), CARRIER, confidence=95)
