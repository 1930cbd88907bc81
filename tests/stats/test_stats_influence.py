"""Influence: refits by hand, brute force over sets of cases, what must hold of any table."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats import influence
from alsrev_dagster.stats.exact import exact_conditional_p
from alsrev_dagster.stats.firth import firth_test
from alsrev_dagster.stats.influence import fragility, leave_one_case_out

ADDITIVE, RECESSIVE = (0, 1, 2), (0, 0, 1)
Table = NDArray[np.int64]
CASE, CONTROL = np.array([[10, 9, 3]]), np.array([[95, 8, 0]])
STRATA = np.array([[6, 2, 1], [4, 3, 0]]), np.array([[40, 5, 0], [55, 3, 0]])


def p_values(case: Table, control: Table) -> tuple[float, float]:
    """Firth and exact P value of one table."""
    one = case[None], control[None]
    return float(firth_test(*one, ADDITIVE).p_value[0]), float(
        exact_conditional_p(*one, ADDITIVE)[0]
    )


@pytest.mark.parametrize(("case", "control"), [(CASE, CONTROL), STRATA])
def test_every_case_is_left_out_once(case: Table, control: Table) -> None:
    found = leave_one_case_out(case, control, ADDITIVE)
    assert found.n_case.sum() == case.sum()
    for i in range(len(found.stratum)):
        left = case.copy()
        left[found.stratum[i], found.genotype[i]] -= 1
        assert (found.p_value[i], found.exact_p_value[i]) == p_values(left, control)
    assert found.p_value_range == (found.p_value.min(), found.p_value.max())
    assert found.exact_p_value_range[0] <= found.exact_p_value_range[1]
    assert (
        found.odds_ratio_range[0]
        < np.exp(firth_test(case[None], control[None], ADDITIVE).beta[0])
        < found.odds_ratio_range[1]
    )


def fewest(case: Table, control: Table, alpha: float, which: int) -> int:
    """Fewest cases by trying every set of them."""
    stratum, genotype = np.repeat(np.argwhere(case >= 0), case.ravel(), axis=0).T
    for n in range(len(stratum) + 1):
        for some in combinations(range(len(stratum)), n):
            left = case.copy()
            np.subtract.at(left, (stratum[list(some)], genotype[list(some)]), 1)
            if p_values(left, control)[which] > alpha:
                return n
    raise AssertionError


@pytest.mark.parametrize("alpha", [0.01, 0.2])
def test_fewest_cases_are_those_of_every_set_of_them(alpha: float) -> None:
    case, control = np.array([[1, 1, 1], [2, 1, 0]]), np.array([[20, 1, 0], [15, 2, 0]])
    found = fragility(case, control, ADDITIVE, alpha=alpha)
    expected = [fewest(case, control, alpha, which) for which in range(2)]
    assert [found.n_case, found.n_case_exact] == expected
    assert found.is_minimum


def test_a_lead_needs_fewer_cases_at_a_stricter_level() -> None:
    found = [
        fragility(CASE, CONTROL, ADDITIVE, alpha=alpha) for alpha in (5e-8, 1e-6, 1e-4, 0.01, 0.05)
    ]
    n_case = [one.n_case for one in found]
    assert n_case[0] == 0  # P is 3.5e-7
    assert n_case == sorted(n_case)
    assert n_case[-1] > 3
    assert [one.n_case_exact for one in found] == sorted(one.n_case_exact for one in found)


def test_with_too_many_choices_the_worst_case_goes_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    best = fragility(*STRATA, ADDITIVE, alpha=0.05)
    monkeypatch.setattr(influence, "_N_TABLE_MAX", 3)
    step_by_step = fragility(*STRATA, ADDITIVE, alpha=0.05)
    assert best.is_minimum
    assert not step_by_step.is_minimum
    assert best.n_case <= step_by_step.n_case <= best.n_case + 2
    assert best.n_case_exact <= step_by_step.n_case_exact <= best.n_case_exact + 2


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=10, deadline=None)
def test_other_allele_and_order_of_strata_change_nothing(seed: int) -> None:
    case, control = np.random.default_rng(seed).integers(0, 6, size=(2, 2, 3))
    case[0, 0] += 1
    found = fragility(case, control, ADDITIVE, alpha=0.3)
    assert fragility(case[:, ::-1], control[:, ::-1], ADDITIVE, alpha=0.3) == found
    assert fragility(case[::-1], control[::-1], ADDITIVE, alpha=0.3) == found


def test_three_homozygous_cases_of_22_rest_on_each_of_them() -> None:
    found = fragility(np.array([[19, 0, 3]]), np.array([[103, 0, 0]]), RECESSIVE, alpha=0.01)
    assert (found.n_case, found.n_case_exact) == (1, 1)  # exact: 4.85e-3, without one 0.0275


@pytest.mark.parametrize(
    ("case", "control"), [(CASE[0], CONTROL[0]), (CASE, CONTROL[:, :2]), (0 * CASE, CONTROL)]
)
def test_what_is_no_lead_is_refused(case: Table, control: Table) -> None:
    with pytest.raises(InputDataError, match=r"expected \(n_stratum, 3\) for both, and at least"):
        leave_one_case_out(case, control, ADDITIVE)


def test_an_alpha_of_five_is_refused() -> None:
    with pytest.raises(InputDataError, match="alpha is 5: expected strictly between 0 and 1"):
        fragility(CASE, CONTROL, ADDITIVE, alpha=5)
