"""Gray's test: what it is without competing events, symmetries, and its level under late entry."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.competing import cumulative_incidence
from alsrev_dagster.survival.gray import GrayTest, gray_permutation, gray_test
from alsrev_dagster.survival.log_rank import log_rank
from alsrev_dagster.survival.subdistribution import subdistribution_weights
from tests.survival.grouped import PEOPLE, Columns, People, columns, cut, quiet, random_people


def result_of(data: Columns) -> GrayTest:
    duration, code, group, entry, stratum = data
    return gray_test(duration, code, group, entry_months=entry, stratum=stratum)


@settings(deadline=None, max_examples=40)
@given(PEOPLE)
def test_without_competing_events_it_counts_as_the_log_rank_test(people: People) -> None:
    duration, code, group, entry, stratum = columns(people)
    found = gray_test(duration, code == 1, group, entry_months=entry, stratum=stratum)
    kept = duration > found.conditional_from_months
    if found.conditional_from_months and len(np.unique(stratum)) > 1:
        return
    if len(np.unique(group[kept])) < 2:
        return
    same = log_rank(
        duration[kept],
        code[kept] == 1,
        group[kept],
        entry_months=entry[kept],
        stratum=stratum[kept],
    )
    np.testing.assert_allclose(found.observed[found.expected > 0].sum(), same.observed.sum())
    where = np.isin(found.group, same.group)
    np.testing.assert_allclose(found.expected[where], same.expected, atol=1e-9)


def test_without_competing_events_the_statistic_is_near_the_log_ranks() -> None:
    duration, code, group, _, _ = random_people(4, n=1_500, late=False)
    event = (code == 1).astype(int)
    found = gray_test(duration * (1 + group / 8), event, group)
    same = log_rank(duration * (1 + group / 8), event == 1, group)
    assert found.statistic == pytest.approx(same.statistic, rel=0.02)
    assert found.covariance[0, 0] == pytest.approx(same.covariance[0, 0], rel=0.02)


@settings(deadline=None, max_examples=40)
@given(PEOPLE)
def test_expected_counts_are_those_of_the_weighted_risk_sets(people: People) -> None:
    """R(t) = n (1 - F) / S of a group is the summed weight of Geskus within that group."""
    duration, code, group, entry, _ = columns(people)
    found = gray_test(duration, code, group, entry_months=entry)
    if found.conditional_from_months or not (code == 1).any():
        return
    weights = subdistribution_weights(duration, code, entry, weight_stratum=group)
    if weights.conditional_from_months:
        return
    own = group[:, None] == found.group
    at_risk = weights.weight @ own
    d = np.array([((duration == t) & (code == 1)).sum() for t in weights.time_months])
    expected = (d[:, None] * at_risk / at_risk.sum(axis=1, keepdims=True)).sum(axis=0)
    np.testing.assert_allclose(found.expected, expected, atol=1e-9)


@settings(deadline=None, max_examples=40)
@given(PEOPLE, st.randoms(use_true_random=False))
def test_order_of_participants_does_not_matter(people: People, random: object) -> None:
    mixed = list(people)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    one, other = result_of(columns(people)), result_of(columns(mixed))
    np.testing.assert_allclose(one.covariance, other.covariance, atol=1e-9)
    assert one.statistic == pytest.approx(other.statistic, nan_ok=True, abs=1e-9)


@settings(deadline=None, max_examples=40)
@given(PEOPLE, st.integers(0, 3), st.integers(1, 12))
def test_cutting_a_follow_up_changes_nothing(people: People, who: int, at: int) -> None:
    one, other = result_of(columns(people)), result_of(cut(columns(people), who, float(at)))
    assert one.conditional_from_months == other.conditional_from_months
    np.testing.assert_allclose(one.expected, other.expected, atol=1e-9)
    np.testing.assert_allclose(one.covariance, other.covariance, atol=1e-9)


@settings(deadline=None, max_examples=40)
@given(PEOPLE)
def test_a_stratum_without_events_changes_nothing(people: People) -> None:
    one, other = result_of(columns(people)), result_of(columns(people + quiet(people)))
    np.testing.assert_array_equal(one.covariance, other.covariance)
    np.testing.assert_array_equal(one.expected, other.expected)


@settings(deadline=None, max_examples=40)
@given(PEOPLE)
def test_names_of_groups_and_of_other_events_do_not_matter(people: People) -> None:
    duration, code, group, entry, stratum = columns(people)
    one = result_of((duration, code, group, entry, stratum))
    renamed = np.array(["z", "y", "x"])[group]
    other = gray_test(
        duration, np.where(code == 2, 5, code), renamed, entry_months=entry, stratum=stratum
    )
    np.testing.assert_allclose(other.expected, one.expected[::-1], atol=1e-9)
    assert other.statistic == pytest.approx(one.statistic, nan_ok=True, abs=1e-7)


def test_a_difference_in_the_competing_event_alone_is_seen() -> None:
    """The hazard of the cause is the same: the log-rank test sees nothing, Gray's test does."""
    rng = np.random.default_rng(2)
    group = np.repeat([0, 1], 800)
    cause, other = rng.exponential(10, 1600), rng.exponential(np.where(group == 1, 2.0, 30.0))
    duration, code = np.minimum(cause, other), np.where(cause < other, 1, 2)
    assert log_rank(duration, code == 1, group).p_value > 0.05
    assert gray_test(duration, code, group).p_value < 1e-10
    first, second = (
        cumulative_incidence(duration[group == one], code[group == one]).at(20.0) for one in (0, 1)
    )
    assert first > second + 0.3


@pytest.mark.long
def test_level_is_kept_under_delayed_entry() -> None:
    """400 cohorts of 160 in which group means nothing: share of P < 0.05 within 3 errors."""
    p_value = []
    for seed in range(400):
        duration, code, group, entry, _ = random_people(seed, n=160)
        p_value.append(gray_test(duration, code, group, entry_months=entry).p_value)
    share = float(np.mean(np.array(p_value) < 0.05))
    assert share == pytest.approx(0.05, abs=3 * np.sqrt(0.05 * 0.95 / 400))
    assert np.mean(p_value) == pytest.approx(0.5, abs=3 * np.sqrt(1 / 12 / 400))


def test_a_group_emptied_by_events_is_compared_from_then_on() -> None:
    """One of group 1 alone dies at 1, the others enter at 2; else its curve would be over."""
    duration = np.array([1.0, 3, 4, 5, 6, 3.5, 5.5, 6, 7])
    code = np.array([2, 1, 1, 0, 0, 1, 1, 0, 0])
    group = np.array([1, 1, 1, 1, 1, 0, 0, 0, 0])
    entry = np.array([0.0, 2, 2, 2, 2, 0, 0, 0, 0])
    found = gray_test(duration, code, group, entry_months=entry)
    after = gray_test(duration[1:], code[1:], group[1:], entry_months=np.maximum(entry[1:], 1))
    assert found.conditional_from_months == 1
    assert after.conditional_from_months == 0
    assert found.statistic == pytest.approx(after.statistic)
    assert found.n.tolist() == [4, 5]


def test_permutation_is_near_the_share_of_all_relabellings() -> None:
    rng = np.random.default_rng(6)
    duration, code = rng.integers(1, 9, 10).astype(float), rng.integers(0, 3, 10)
    group = np.array([1, 1, 1] + [0] * 7)
    seen = gray_test(duration, code, group).statistic
    every = [
        gray_test(duration, code, np.isin(np.arange(10), chosen).astype(int)).statistic
        for chosen in combinations(range(10), 3)
    ]
    exact = np.mean(np.nan_to_num(every) >= seen * (1 - 1e-9))
    found = gray_permutation(
        duration, code, group, generator=np.random.default_rng(1), n_permutation=10_000
    )
    assert found.p_value == pytest.approx(exact, abs=4 * np.sqrt(0.25 / 10_000))


def test_one_group_is_refused() -> None:
    with pytest.raises(InputDataError, match=r"there is 1 group \(2 participants\)"):
        gray_test(np.array([1.0, 2]), np.array([1, 2]), np.array(["a", "a"]))


def test_nothing_is_said_without_an_event_of_the_cause() -> None:
    found = gray_test(np.array([1.0, 2, 3]), np.array([2, 0, 2]), np.array([0, 1, 1]))
    assert np.isnan([found.statistic, found.p_value]).all()
    assert found.observed.tolist() == [0, 0]
