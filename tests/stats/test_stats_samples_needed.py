"""Samples needed: the power of every size, every size one after another, limits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.power import fisher_power
from alsrev_dagster.stats.samples_needed import Recruit, samples_needed

COHORT = (22, 243)


@given(
    st.integers(1, 40),
    st.integers(1, 150),
    st.floats(0.01, 0.9),
    st.floats(0.1, 30),
    st.floats(1e-6, 0.3),
)
@settings(max_examples=40, deadline=None)
def test_power_is_that_of_every_table(
    n_case: int, n_control: int, freq: float, odds_ratio: float, alpha: float
) -> None:
    cohort = (n_case, n_control)
    found = samples_needed(
        cohort, freq, odds_ratio, alpha=alpha, power=0.9, recruit="cases", n_most=n_case + n_control
    )
    expected = fisher_power(n_case, n_control, freq, odds_ratio, alpha)
    assert found.power == pytest.approx(expected, abs=1e-10)
    assert found.status == ("enough" if expected >= 0.9 else "unreachable")
    assert (found.n_case, found.n_control) == cohort


@pytest.mark.parametrize(
    ("recruit", "odds_ratio"), [("cases", 6.0), ("controls", 10.0), ("cases_and_controls", 6.0)]
)
def test_size_is_enough_and_none_of_the_twelve_below_is(
    recruit: Recruit, odds_ratio: float
) -> None:
    found = samples_needed((22, 44), 0.1, odds_ratio, alpha=1e-3, power=0.8, recruit=recruit)
    assert found.status == "reached"
    assert found.power >= 0.8
    assert found.power == pytest.approx(
        fisher_power(found.n_case, found.n_control, 0.1, odds_ratio, 1e-3), abs=1e-10
    )
    for fewer in range(1, 13):
        n_case, n_control = found.n_case, found.n_control
        if recruit != "controls":
            n_case -= fewer
        if recruit == "controls":
            n_control -= fewer
        if recruit == "cases_and_controls":
            n_control = 2 * n_case
        if n_case >= 22 and n_control >= 44:
            assert fisher_power(n_case, n_control, 0.1, odds_ratio, 1e-3) < 0.8


def test_the_ratio_of_controls_is_kept() -> None:
    found = samples_needed(COHORT, 0.05, 6.0, alpha=5e-8, power=0.8, recruit="cases_and_controls")
    assert found.n_control == round(found.n_case * 243 / 22)


def test_no_number_of_controls_makes_up_for_22_cases() -> None:
    found = samples_needed(COHORT, 0.05, 6.0, alpha=5e-8, power=0.8, recruit="controls")
    assert found.status == "unreachable"
    assert found.n_case + found.n_control == 5000
    assert found.power < found.power_limit < 0.03
    more_cases = samples_needed(COHORT, 0.05, 6.0, alpha=5e-8, power=0.8, recruit="cases")
    assert more_cases.status == "reached"


def test_limit_is_the_binomial_test_of_the_controls_frequency() -> None:
    found = samples_needed(COHORT, 0.2, 5.0, alpha=0.01, power=0.99, recruit="controls")
    freq = 0.2 * 5 / (0.2 * 5 + 0.8)
    carrier = [x for x in range(23) if binomtest(x, 22, 0.2).pvalue <= 0.01]
    assert found.power_limit == pytest.approx(binom.pmf(carrier, 22, freq).sum(), rel=1e-10)


def test_power_comes_near_the_limit_as_controls_grow() -> None:
    powers = [
        samples_needed(COHORT, 0.2, 5.0, alpha=0.01, power=0.999, recruit="controls", n_most=n)
        for n in (300, 1000, 5000)
    ]
    apart = [abs(one.power_limit - one.power) for one in powers]
    assert apart[0] > apart[1] > apart[2]
    assert apart[2] < 0.02


def test_stricter_levels_and_smaller_effects_need_more() -> None:
    rows = [
        samples_needed(COHORT, 0.05, odds_ratio, alpha=alpha, power=0.8, recruit="cases")
        for odds_ratio in (6.0, 12.0, 40.0)
        for alpha in (0.05, 1e-4, 5e-8)
    ]
    n_case = np.array([row.n_case for row in rows]).reshape(3, 3)
    assert (np.diff(n_case, axis=1) >= 0).all()
    assert (np.diff(n_case, axis=0) <= 0).all()
    assert rows[-1].status == "enough"


def test_a_protective_allele_needs_samples_too() -> None:
    found = samples_needed(COHORT, 0.5, 0.2, alpha=0.01, power=0.8, recruit="cases")
    mirrored = samples_needed(COHORT, 0.5, 5.0, alpha=0.01, power=0.8, recruit="cases")
    assert found.n_case == mirrored.n_case
    assert found.power == pytest.approx(mirrored.power, rel=1e-9)


@pytest.mark.parametrize(
    ("cohort", "odds_ratio", "power", "message"),
    [
        ((0, 243), 3.0, 0.8, "the cohort has 0 cases and 243 controls, and at most 5000 samples"),
        ((22, 9000), 3.0, 0.8, "expected at least 1 of each, and no more than that"),
        (COHORT, 0.0, 0.8, "odds_ratio is 0.0, and outside"),
        (
            COHORT,
            3.0,
            80.0,
            r"outside \(0, 1\) are {'power': 80.0}: expected an odds ratio above 0",
        ),
    ],
)
def test_what_cannot_be_planned_is_refused(
    cohort: tuple[int, int], odds_ratio: float, power: float, message: str
) -> None:
    with pytest.raises(InputDataError, match=message):
        samples_needed(cohort, 0.05, odds_ratio, alpha=0.05, power=power, recruit="cases")
