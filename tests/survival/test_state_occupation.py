"""Probabilities of states: what they must be with one event, several, and weights that move."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm
from scipy.stats import binom

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.competing import cumulative_incidence
from alsrev_dagster.survival.nonparametric import Z_95, event_free_curve
from alsrev_dagster.survival.risk import FloatArray
from alsrev_dagster.survival.state_occupation import CENSORED, Spells, state_occupation
from tests.survival.made_states import GENERATOR, spells

SEEDS = st.integers(0, 2**32 - 1)


def days(rng: np.random.Generator, n: int, *, late: float = 0.0) -> Spells:
    """Spells with times in whole months, so that many are tied; those that lasted none are gone."""
    made = spells(rng, n, late=late)
    entry, until = np.floor(made.entry_months), np.ceil(made.until_months)
    first = np.r_[True, np.diff(made.person) > 0]
    entry = np.where(first, entry, np.ceil(made.entry_months))
    lasts = until > entry
    keep = np.isin(made.person, np.unique(made.person[~lasts]), invert=True)
    person = np.unique(made.person[keep], return_inverse=True)[1].astype(np.int64)
    return Spells(person, entry[keep], until[keep], made.state[keep], made.next_state[keep])


def by_weights(made: Spells, weight: FloatArray, horizon: float) -> FloatArray:
    """Months in each state with weighted people: the product of matrices as it is written."""
    n_state, now = 3, 0.0
    there = made.entry_months == 0
    chance = np.bincount(made.state[there], weight[made.person[there]], n_state)
    chance /= chance.sum()
    months = np.zeros(n_state)
    for time in np.unique(made.until_months[made.next_state != CENSORED]):
        if time > horizon:
            break
        months += (time - now) * chance
        now = time
        step = np.eye(n_state)
        for i in np.flatnonzero((made.entry_months < time) & (made.until_months >= time)):
            j, k, w = made.state[i], made.next_state[i], weight[made.person[i]]
            same = (made.state == j) & (made.entry_months < time) & (made.until_months >= time)
            if made.until_months[i] == time and k != CENSORED:
                share = w / weight[made.person[same]].sum()
                step[j, k] += share
                step[j, j] -= share
        chance = chance @ step
    return months + (horizon - now) * chance


@settings(max_examples=15, deadline=None)
@given(SEEDS)
def test_influence_is_what_a_persons_weight_does(seed: int) -> None:
    made = days(np.random.default_rng(seed), 14)
    found = state_occupation(made, 3, horizon_months=[20.0])
    ones = np.ones(made.n_person)
    np.testing.assert_allclose(found.months[0], by_weights(made, ones, 20.0), atol=1e-9)
    for person in range(min(made.n_person, 4)):
        step = 1e-6 * (np.arange(made.n_person) == person)
        moved = by_weights(made, ones + step, 20.0) - by_weights(made, ones - step, 20.0)
        np.testing.assert_allclose(found.months_influence[0, person], moved / 2e-6, atol=1e-6)


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_with_one_event_it_is_the_curve_of_kaplan_and_meier(seed: int) -> None:
    rng = np.random.default_rng(seed)
    entry, n = rng.integers(0, 4, 30).astype(float), 30
    entry[:3] = 0
    until, event = entry + rng.integers(1, 30, n), rng.random(n) < 0.6
    made = Spells(
        np.arange(n), entry, until, np.zeros(n, dtype=np.int64), np.where(event, 1, CENSORED)
    )
    found = state_occupation(made, 2, initial=np.array([1.0, 0.0]))
    curve = event_free_curve(until, event, entry)
    if not curve.conditional_from_months:
        np.testing.assert_allclose(found.probability[1:, 0], curve.event_free, atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_with_several_ends_it_is_their_cumulative_incidence(seed: int) -> None:
    rng = np.random.default_rng(seed)
    until, code = rng.integers(1, 30, 40).astype(float), rng.integers(0, 3, 40)
    made = Spells(
        np.arange(40), np.zeros(40), until, np.zeros(40, dtype=np.int64), np.where(code, code, -1)
    )
    found = state_occupation(made, 3, horizon_months=[10.0])
    curve = cumulative_incidence(until, code, cause=1)
    at, error = found.at(curve.duration_months)
    np.testing.assert_allclose(at[:, 1], curve.cumulative_incidence, atol=1e-12)
    np.testing.assert_allclose(found.probability.sum(axis=1), 1, atol=1e-12)
    np.testing.assert_allclose(found.months.sum(), 10.0, atol=1e-12)
    assert (error >= 0).all()


def test_who_is_alone_in_a_state_takes_all_of_it_along() -> None:
    made = Spells(
        np.array([0, 1]), np.zeros(2), np.array([3.0, 5]), np.array([0, 1]), np.array([1, CENSORED])
    )
    found = state_occupation(made, 2)
    assert found.time.tolist() == [0.0, 3.0]
    assert found.probability.tolist() == [[0.5, 0.5], [0.0, 1.0]]


def test_a_known_start_has_no_error_and_whoever_enters_late_counts_from_then() -> None:
    made = Spells(
        np.array([0, 1]), np.array([2.0, 4]), np.array([6.0, 8]), np.zeros(2, dtype=np.int64),
        np.array([1, CENSORED]),
    )  # fmt: skip
    found = state_occupation(made, 2, initial=np.array([1.0, 0]))
    assert found.standard_error[0].tolist() == [0.0, 0.0]
    assert found.probability[1].tolist() == [0.5, 0.5]


NOBODY = np.array([], dtype=np.float64)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"until_months": np.array([3.0])}, "there are [1, 2] entries of persons"),
        ({"until_months": np.array([0.0, 5])}, "1 of 2 spells have a time missing, or end no"),
        ({"state": np.array([0, 7])}, "1 of 2 spells are in, or go to, no state of 0 to 2"),
        ({"next_state": np.array([0, 1])}, "or go to the one they are in"),
        ({"entry_months": np.array([0.0, 2])}, "1 of 2 spells begin before the one before ends"),
        ({"entry_months": np.array([1.0, 3])}, "nobody is under observation just after 0 months"),
    ],
)
def test_spells_that_cannot_be_are_refused(changes: dict[str, FloatArray], told: str) -> None:
    good = {
        "person": np.zeros(2, dtype=np.int64),
        "entry_months": np.array([0.0, 3]),
        "until_months": np.array([3.0, 5]),
        "state": np.array([0, 1]),
        "next_state": np.array([1, CENSORED]),
    }
    state_occupation(Spells(**good), 3)
    with pytest.raises(InputDataError) as refusal:
        state_occupation(Spells(**{**good, **changes}), 3)
    assert told in str(refusal.value)


def test_a_start_that_is_no_probability_is_refused() -> None:
    with pytest.raises(InputDataError, match=r"at the start are .* with a sum of 1"):
        state_occupation(spells(np.random.default_rng(1), 5), 3, initial=np.array([0.5, 0.1, 0.1]))


@pytest.mark.long
@pytest.mark.parametrize("late", [0.0, 12.0])
def test_intervals_cover_the_truth_of_a_process_that_goes_to_and_fro(late: float) -> None:
    """300 cohorts of 150: chance of being recovered at 24 months, and months recovered by then."""
    n_cohort, month = 300, 24.0
    truth = expm(GENERATOR * month)[0, 1]
    grid = np.linspace(0, month, 2401)
    months_truth = np.trapezoid([expm(GENERATOR * t)[0, 1] for t in grid], grid)
    covers = np.zeros(2)
    for seed in range(n_cohort):
        made = spells(np.random.default_rng(seed), 150, late=late)
        start = np.array([1.0, 0, 0])
        found = state_occupation(made, 3, initial=start, horizon_months=[month])
        chance, error = (array[0, 1] for array in found.at(np.array([month])))
        covers[0] += abs(chance - truth) <= Z_95 * error
        spread = found.months_standard_error[0, 1]
        covers[1] += abs(found.months[0, 1] - months_truth) <= Z_95 * spread
    assert (covers >= binom.ppf(0.0005, n_cohort, 0.94)).all()
    assert (covers <= binom.ppf(0.9995, n_cohort, 0.96)).all()
