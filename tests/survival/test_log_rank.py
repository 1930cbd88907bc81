"""Log-rank test: written out, symmetries, and permutation against every relabelling."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import CoxPHFitter
from lifelines.statistics import logrank_test
from pandas import DataFrame

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.log_rank import TimeWeight, log_rank, log_rank_permutation
from tests.survival.grouped import PEOPLE, Columns, People, columns, cut, quiet, random_people


def result_of(data: Columns, weight: TimeWeight = TimeWeight()):  # type: ignore[no-untyped-def] # noqa: B008
    duration, code, group, entry, stratum = data
    return log_rank(duration, code == 1, group, entry_months=entry, stratum=stratum, weight=weight)


@settings(deadline=None, max_examples=40)
@given(PEOPLE)
def test_counts_are_hypergeometric_term_by_term(people: People) -> None:
    duration, code, group, entry, stratum = columns(people)
    found = result_of(columns(people))
    for place, name in enumerate(found.group):
        observed = expected = variance = 0.0
        for one in np.unique(stratum):
            inside = stratum == one
            for t in np.unique(duration[inside & (code == 1)]):
                under = inside & (entry < t) & (t <= duration)
                event = inside & (duration == t) & (code == 1)
                n, d, own = under.sum(), event.sum(), (under & (group == name)).sum()
                observed += (event & (group == name)).sum()
                expected += d * own / n
                variance += d * (n - d) * own * (n - own) / (n**2 * max(n - 1, 1))
        assert found.observed[place] == pytest.approx(observed)
        assert found.expected[place] == pytest.approx(expected)
        assert found.covariance[place, place] == pytest.approx(variance, abs=1e-12)
    assert found.expected.sum() == pytest.approx(found.observed.sum())


@settings(deadline=None, max_examples=40)
@given(PEOPLE, st.randoms(use_true_random=False))
def test_order_of_participants_does_not_matter(people: People, random: object) -> None:
    mixed = list(people)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    one, other = result_of(columns(people)), result_of(columns(mixed))
    np.testing.assert_allclose(one.covariance, other.covariance, atol=1e-12)
    assert one.p_value == pytest.approx(other.p_value, nan_ok=True)


@settings(deadline=None, max_examples=40)
@given(PEOPLE, st.integers(0, 3), st.integers(1, 12))
def test_cutting_a_follow_up_changes_nothing(people: People, who: int, at: int) -> None:
    one, other = result_of(columns(people)), result_of(cut(columns(people), who, float(at)))
    np.testing.assert_allclose(one.expected, other.expected, atol=1e-12)
    np.testing.assert_allclose(one.covariance, other.covariance, atol=1e-12)


@settings(deadline=None, max_examples=40)
@given(PEOPLE)
def test_a_stratum_without_events_changes_nothing(people: People) -> None:
    one, other = result_of(columns(people)), result_of(columns(people + quiet(people)))
    np.testing.assert_array_equal(one.covariance, other.covariance)
    np.testing.assert_array_equal(one.expected, other.expected)


@pytest.mark.parametrize("seed", range(3))
def test_it_is_the_score_test_of_cox_without_ties(seed: int) -> None:
    """The likelihood's slope and curvature at 0, from lifelines' log likelihood nearby."""
    duration, code, group, entry, stratum = random_people(seed)
    found = result_of((duration, code, group, entry, stratum))
    frame = DataFrame({"t": duration, "e": code == 1, "x": group, "w": entry, "s": stratum})
    fitter = CoxPHFitter().fit(frame, "t", "e", entry_col="w", strata=["s"])
    gain = 2 * (fitter.log_likelihood_ - fitter._ll_null_)
    assert found.statistic == pytest.approx(gain, rel=0.05, abs=0.02)
    assert found.observed[1] - found.expected[1] == pytest.approx(
        _slope_at_null(duration, code == 1, group, entry, stratum), abs=1e-9
    )


def _slope_at_null(duration, event, group, entry, stratum) -> float:  # type: ignore[no-untyped-def]
    total = 0.0
    for who in np.flatnonzero(event):
        t = duration[who]
        under = (entry < t) & (t <= duration) & (stratum == stratum[who])
        total += group[who] - group[under].mean()
    return float(total)


@pytest.mark.parametrize("seed", range(3))
def test_two_groups_are_lifelines(seed: int) -> None:
    duration, code, group, _, _ = random_people(seed, late=False)
    duration = np.ceil(duration)
    theirs = logrank_test(
        duration[group == 1], duration[group == 0], code[group == 1] == 1, code[group == 0] == 1
    )
    found = log_rank(duration, code == 1, group)
    assert found.statistic == pytest.approx(theirs.test_statistic, rel=1e-9)
    assert found.p_value == pytest.approx(theirs.p_value, rel=1e-9)


def test_late_weight_sees_a_late_difference() -> None:
    """Hazards part after 5 months: the weight on late times gives the smaller P value."""
    rng = np.random.default_rng(5)
    group = np.repeat([0, 1], 300)
    duration = np.where(group == 1, 20.0, 8.0) * rng.exponential(1, 600) + 5
    early = rng.random(600) < 0.4
    duration = np.where(early, rng.random(600) * 5, duration)
    event = np.ones(600, dtype=bool)
    late = log_rank(duration, event, group, weight=TimeWeight(0, 1)).p_value
    even = log_rank(duration, event, group).p_value
    soon = log_rank(duration, event, group, weight=TimeWeight(1, 0)).p_value
    assert late < even < soon


def test_permutation_is_near_the_share_of_all_relabellings() -> None:
    rng = np.random.default_rng(3)
    duration, event = rng.integers(1, 9, 11).astype(float), rng.random(11) < 0.8
    group = np.array([1, 1, 1] + [0] * 8)
    seen = log_rank(duration, event, group).statistic
    every = []
    for chosen in combinations(range(11), 3):
        relabelled = np.isin(np.arange(11), chosen).astype(int)
        every.append(log_rank(duration, event, relabelled).statistic)
    exact = np.mean(np.array(every) >= seen * (1 - 1e-9))
    found = log_rank_permutation(
        duration, event, group, generator=np.random.default_rng(1), n_permutation=20_000
    )
    assert found.statistic == pytest.approx(seen)
    assert found.p_value == pytest.approx(exact, abs=4 * np.sqrt(0.25 / 20_000))


def test_permutation_keeps_groups_within_strata() -> None:
    """All of a group in a stratum of its own: every shuffle is the same, and P is 1."""
    duration, event = np.arange(1.0, 9), np.ones(8, dtype=bool)
    group = np.array([0, 0, 0, 1, 1, 1, 1, 0])
    stratum = np.array([0, 0, 0, 1, 1, 1, 1, 1])
    found = log_rank_permutation(
        duration,
        event,
        group,
        stratum=stratum,
        generator=np.random.default_rng(1),
        n_permutation=999,
    )
    places = {1 / 5, 2 / 5, 3 / 5, 4 / 5, 1.0}  # who of the five is the one of group 0
    assert min(abs(found.p_value - place) for place in places) < 0.05


def test_permutation_is_reproducible_and_never_zero() -> None:
    duration, code, group, entry, _ = random_people(1, n=40)
    one, other = (
        log_rank_permutation(
            duration + 20 * group,
            code > 0,
            group,
            entry_months=entry,
            generator=np.random.default_rng(8),
            n_permutation=199,
        )
        for _ in range(2)
    )
    assert one == other
    assert one.p_value == (one.n_as_large + 1) / 200


def test_nothing_is_said_when_groups_are_never_compared() -> None:
    found = log_rank(
        np.array([1.0, 2]), np.ones(2, bool), np.array([0, 1]), stratum=np.array([0, 1])
    )
    assert np.isnan([found.statistic, found.p_value]).all()
    assert found.degrees_of_freedom == 0
    quiet = log_rank(np.array([1.0, 2]), np.zeros(2, bool), np.array([0, 1]))
    assert np.isnan(quiet.p_value)


def test_one_group_is_refused() -> None:
    with pytest.raises(InputDataError, match=r"there is 1 group \(2 participants\).*at least 2"):
        log_rank(np.array([1.0, 2]), np.ones(2, bool), np.array(["a", "a"]))


def test_weight_without_a_curve_is_refused() -> None:
    duration, entry = np.array([1.0, 4, 5]), np.array([0.0, 2, 2])
    with pytest.raises(InputDataError, match=r"all at risk at 1 months.*unweighted log-rank"):
        log_rank(
            duration,
            np.ones(3, bool),
            np.array([0, 0, 1]),
            entry_months=entry,
            weight=TimeWeight(1),
        )


def test_arrays_of_different_length_are_refused() -> None:
    with pytest.raises(InputDataError, match=r"group has 3 values for 2 participants"):
        log_rank(np.array([1.0, 2]), np.ones(2, bool), np.array([0, 1, 1]))


def test_no_permutation_is_refused() -> None:
    with pytest.raises(InputDataError, match="n_permutation is 0: expected at least 1"):
        log_rank_permutation(
            np.array([1.0, 2]),
            np.ones(2, bool),
            np.array([0, 1]),
            generator=np.random.default_rng(1),
            n_permutation=0,
        )
