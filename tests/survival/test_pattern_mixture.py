"""Pattern mixture and tipping point: by hand, in symmetry, and on a known truth."""

import numpy as np
import pytest

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.carrier_course import carrier_course
from alsrev_dagster.survival.course_design import Visits
from alsrev_dagster.survival.pattern_mixture import dropout_pattern, pattern_mixture
from alsrev_dagster.survival.person_slope import person_slopes
from alsrev_dagster.survival.tipping_point import tipping_point
from tests.survival.made_courses import Truth, courses, number

MADE = courses(
    np.random.default_rng(1), 90, 20, Truth(slope_difference=0.6), association=-0.1, base_hazard=1.0
)
PATTERN = dropout_pattern(MADE.until_months, MADE.died, 2)


def test_with_one_pattern_it_is_the_mixed_model() -> None:
    one = pattern_mixture(MADE.visits, MADE.dosage > 0, np.zeros(90, dtype=np.int64))
    all_visits = carrier_course(MADE.visits, MADE.dosage, "dominant")
    assert one.slope_difference_per_month == pytest.approx(all_visits.slope_difference_per_month)
    assert one.standard_error == pytest.approx(all_visits.standard_error)


def test_with_balanced_visits_a_patterns_slope_is_its_peoples_mean() -> None:
    made = courses(np.random.default_rng(2), 40, 10, Truth())
    pattern = np.random.default_rng(3).integers(0, 3, 40)
    found = pattern_mixture(made.visits, made.dosage > 0, pattern)
    slope = person_slopes(made.visits).least_squares
    for group in (0, 1):
        shares = []
        for k in range(3):
            here = (made.dosage == group) & (pattern == k)
            assert found.n_person[group, k] == here.sum()
            if here.any():
                assert found.slope_per_month[group, k] == pytest.approx(
                    slope[here].mean(), abs=1e-8
                )
            shares.append(here.sum() * np.nan_to_num(found.slope_per_month[group, k]))
        # over a group's own shares the mean of means is the mean
        assert found.averaged_slope_per_month[group] == pytest.approx(
            slope[made.dosage == group].mean()
        )
        assert sum(shares) / (made.dosage == group).sum() == pytest.approx(
            found.averaged_slope_per_month[group]
        )


def test_variance_is_that_of_slopes_and_of_shares() -> None:
    """The delta method against shares drawn anew, slopes drawn anew, many times."""
    found = pattern_mixture(MADE.visits, MADE.dosage > 0, PATTERN)
    apart = np.zeros(2)
    random = np.random.default_rng(4)
    for group in (0, 1):
        n = found.n_person[group]
        drawn = random.multinomial(n.sum(), n / n.sum(), 40_000) / n.sum()
        apart[group] = (drawn @ found.slope_per_month[group]).var()
    fixed_shares = found.standard_error**2 - apart.sum()
    assert 0 < fixed_shares < found.standard_error**2
    held = pattern_mixture(MADE.visits, MADE.dosage > 0, PATTERN)
    share = held.n_person / held.n_person.sum(axis=1, keepdims=True)
    exact = (
        (share * held.slope_per_month**2).sum(1) - held.averaged_slope_per_month**2
    ) / held.n_person.sum(1)
    np.testing.assert_allclose(apart, exact, rtol=0.05)


def test_early_deaths_decline_faster_and_pull_the_average_down() -> None:
    found = pattern_mixture(MADE.visits, MADE.dosage > 0, PATTERN)
    assert found.fit_status in ("ok", "singular")
    assert found.slope_per_month[0, 2] < found.slope_per_month[0, 0]
    stayed = ~MADE.died[MADE.visits.person]
    kept = MADE.visits.of(stayed)
    survivors = carrier_course(
        Visits(kept.score, kept.months, number(kept.person)), MADE.dosage[np.unique(kept.person)], "dominant"
    )  # fmt: skip
    assert found.averaged_slope_per_month[0] < survivors.slope_per_month


def test_swapping_the_groups_negates_the_difference() -> None:
    one = pattern_mixture(MADE.visits, MADE.dosage > 0, PATTERN)
    other = pattern_mixture(MADE.visits, MADE.dosage == 0, PATTERN)
    assert one.slope_difference_per_month == pytest.approx(-other.slope_difference_per_month)
    assert one.p_value == pytest.approx(other.p_value)


def test_patterns_that_cannot_be_told_are_not_estimable() -> None:
    person = np.append(MADE.visits.person, 90)
    visits = Visits(np.append(MADE.visits.score, 20.0), np.append(MADE.visits.months, 3.0), person)
    carrier = np.append(MADE.dosage > 0, True)
    found = pattern_mixture(visits, carrier, np.append(PATTERN, 3))
    assert found.fit_status == "not_estimable"
    assert found.n_person[1, 3] == 1
    assert np.isnan(found.p_value)
    assert pattern_mixture(MADE.visits, np.zeros(90, bool), PATTERN).fit_status == "not_estimable"


def test_patterns_are_of_about_equal_numbers_and_never_small() -> None:
    months, left = np.arange(40.0), np.arange(40) < 20
    assert np.bincount(dropout_pattern(months, left, 4)).tolist() == [20, 5, 5, 5, 5]
    assert dropout_pattern(months, left, 4)[0] == 4  # who left first has the last number
    assert np.bincount(dropout_pattern(months, left, 9)).tolist() == [20, 5, 5, 5, 5]
    assert set(dropout_pattern(months, np.zeros(40, bool), 3)) == {0}


def test_at_random_imputation_agrees_with_the_mixed_model_and_delta_tips_it() -> None:
    deltas = np.linspace(0, 4, 41)
    found = tipping_point(
        MADE.visits, MADE.dosage > 0, np.arange(0.0, 25, 3), deltas,
        random=np.random.default_rng(5), n_imputation=50,
    )  # fmt: skip
    all_visits = carrier_course(MADE.visits, MADE.dosage, "dominant")
    assert found.slope_difference_per_month[0] == pytest.approx(
        all_visits.slope_difference_per_month, abs=0.3 * all_visits.standard_error
    )
    width = (found.ci_upper - found.ci_lower)[0] / (2 * 1.96)
    assert width == pytest.approx(all_visits.standard_error, rel=0.2)
    assert (np.diff(found.slope_difference_per_month) < 0).all()
    at = int(np.flatnonzero(deltas == found.tipping_delta)[0])
    assert found.p_value[at] > 0.05 > found.p_value[at - 1]
    assert found.n_imputed == 90 * 9 - len(MADE.visits.score)


def test_imputation_is_that_of_its_generator() -> None:
    def slope(seed: int) -> float:
        return float(
            tipping_point(
                MADE.visits, MADE.dosage > 0, np.arange(0.0, 25, 3), np.zeros(1),
                random=np.random.default_rng(seed), n_imputation=2,
            ).slope_difference_per_month[0]
        )  # fmt: skip

    assert slope(1) == slope(1) != slope(2)


def test_who_does_not_fit_together_is_refused() -> None:
    with pytest.raises(InputDataError, match="90 carrier labels and 89 patterns for 90 people"):
        pattern_mixture(MADE.visits, MADE.dosage > 0, PATTERN[:-1])
    random, months = np.random.default_rng(0), np.arange(3.0)
    with pytest.raises(InputDataError, match="n_imputation is 1: expected 2 or more"):
        tipping_point(MADE.visits, MADE.dosage > 0, months, months, random=random, n_imputation=1)
    with pytest.raises(InputDataError, match="seen scores is not_estimable: expected a fit"):
        tipping_point(MADE.visits, np.zeros(90, bool), months, months, random=random)
