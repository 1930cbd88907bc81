"""CAFS: the worked example of SCIENCE T24, every pair written out, and symmetries."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.cafs import cafs_score, cafs_test

DAY = 1 / 30.4375
# A, B, C, F alive with changes -3, -10, +4, -10; D died on day 200, E on day 320.
MONTHS = np.array([365.0, 365, 365, 200, 320, 365]) * DAY
DIED = np.array([False, False, False, True, True, False])
CHANGE = np.array([-3.0, -10, 4, np.nan, np.nan, -10])


def test_six_people_have_the_scores_and_ranks_of_the_worked_example() -> None:
    found = cafs_score(MONTHS, DIED, CHANGE, horizon_months=365 * DAY)
    assert dict(zip("ABCDEF", found.score.tolist(), strict=True)) == {
        "A": 3, "B": 0, "C": 5, "D": -5, "E": -3, "F": 0,
    }  # fmt: skip
    assert dict(zip("ABCDEF", found.rank.tolist(), strict=True)) == {
        "A": 5, "B": 3.5, "C": 6, "D": 1, "E": 2, "F": 3.5,
    }  # fmt: skip
    assert found.n_undecided == 0


def test_who_dies_after_the_horizon_is_alive() -> None:
    change = np.where(DIED, -20.0, CHANGE)
    found = cafs_score(MONTHS, DIED, change, horizon_months=300 * DAY)
    assert found.score.tolist() == [3, 0, 5, -5, -3, 0]  # E is alive with the worst change
    later = cafs_score(MONTHS, DIED, change, horizon_months=100 * DAY)
    assert later.score.tolist() == [3, 0, 5, -4, -4, 0]  # D and E tie


def test_a_death_after_the_other_was_last_seen_alive_is_undecided() -> None:
    found = cafs_score(np.array([5.0, 8.0]), np.array([False, True]), np.array([-2.0, np.nan]))
    assert (found.score.tolist(), found.n_undecided) == ([0, 0], 1)
    found = cafs_score(np.array([8.0, 8.0]), np.array([False, True]), np.array([-2.0, np.nan]))
    assert (found.score.tolist(), found.n_undecided) == ([1, -1], 0)
    found = cafs_score(np.array([8.0, 8.0]), np.array([False, False]), np.array([-2.0, np.nan]))
    assert (found.score.tolist(), found.n_undecided) == ([0, 0], 1)


PERSON = st.tuples(
    st.integers(1, 12), st.booleans(), st.one_of(st.just(np.nan), st.integers(-9, 3)), st.integers(0, 1)
)  # fmt: skip


def pair_by_hand(one: tuple[float, bool, float], other: tuple[float, bool, float]) -> int:
    (ours, we_died, our_change), (theirs, they_died, their_change) = one, other
    if we_died and they_died:
        return int(ours > theirs) - int(ours < theirs)
    if they_died:
        return int(ours >= theirs)
    if we_died:
        return -int(theirs >= ours)
    return int(our_change > their_change) - int(our_change < their_change)


@settings(deadline=None)
@given(st.lists(PERSON, min_size=1, max_size=25), st.integers(3, 14))
def test_scores_are_those_of_every_pair(
    people: list[tuple[int, bool, float, int]], horizon: int
) -> None:
    months, died, change, stratum = (np.array(part) for part in zip(*people, strict=True))
    months, change = months.astype(float), change.astype(float)
    found = cafs_score(months, died, change, horizon_months=horizon, stratum=stratum)
    dead = died & (months <= horizon)
    cut = np.minimum(months, horizon)
    score = np.zeros(len(people), dtype=int)
    for i, j in combinations(range(len(people)), 2):
        if stratum[i] == stratum[j]:
            won = pair_by_hand((cut[i], dead[i], change[i]), (cut[j], dead[j], change[j]))
            score[i] += won
            score[j] -= won
    assert found.score.tolist() == score.tolist()


def cohort(seed: int, n: int = 60) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    months, carrier = random.exponential(20, n), random.random(n) < 0.3
    return np.minimum(months, 18), months < 18, random.normal(-8, 5, n).round(), carrier


def test_wilcoxon_is_scipys_on_the_scores() -> None:
    months, died, change, carrier = cohort(1)
    scores = cafs_score(months, died, change)
    found = cafs_test(scores, carrier)
    theirs = mannwhitneyu(
        scores.score[carrier], scores.score[~carrier], method="asymptotic", use_continuity=False
    )
    ranks = mannwhitneyu(
        scores.rank[carrier], scores.rank[~carrier], method="asymptotic", use_continuity=False
    )
    assert theirs.pvalue == pytest.approx(ranks.pvalue)
    assert found.p_value == pytest.approx(theirs.pvalue, rel=1e-9)
    n_carrier = carrier.sum()
    u = scores.rank[carrier].sum() - n_carrier * (n_carrier + 1) / 2
    assert found.mean_rank_carrier == pytest.approx(
        (u + n_carrier * (n_carrier + 1) / 2) / n_carrier
    )


def test_permutation_agrees_with_all_labelings() -> None:
    months, died, change, _ = cohort(2, n=12)
    carrier = np.arange(12) < 3
    scores = cafs_score(months, died, change)
    sums = np.array([abs(scores.score[list(c)].sum()) for c in combinations(range(12), 3)])
    exact = (sums >= abs(scores.score[carrier].sum())).mean()
    found = cafs_test(scores, carrier, random=np.random.default_rng(3), n_permutation=4000)
    assert found.permutation_p == pytest.approx(
        exact, abs=4 * np.sqrt(exact * (1 - exact) / 4000) + 1e-3
    )
    assert found.n_permutation == 4000


def test_strata_are_compared_within_only() -> None:
    months, died, change, carrier = cohort(3)
    stratum = (np.arange(60) % 2).astype(np.int64)
    both = cafs_score(months, died, change, stratum=stratum)
    for number in (0, 1):
        here = stratum == number
        alone = cafs_score(months[here], died[here], change[here])
        assert both.score[here].tolist() == alone.score.tolist()
    shifted = change + 100 * stratum  # of no consequence within a stratum
    again = cafs_test(cafs_score(months, died, shifted, stratum=stratum), carrier, stratum=stratum)
    assert again.p_value == cafs_test(both, carrier, stratum=stratum).p_value
    found = cafs_test(
        both, carrier, stratum=stratum, random=np.random.default_rng(4), n_permutation=2000
    )
    assert found.permutation_p == pytest.approx(found.p_value, abs=0.05)


def test_to_swap_the_groups_swaps_the_ranks_and_not_the_p_value() -> None:
    months, died, change, carrier = cohort(5)
    scores = cafs_score(months, died, change)
    one, other = cafs_test(scores, carrier), cafs_test(scores, ~carrier)
    assert one.p_value == pytest.approx(other.p_value)
    assert one.mean_rank_carrier == other.mean_rank_non_carrier


def test_without_carriers_there_is_no_p_value() -> None:
    months, died, change, _ = cohort(6)
    found = cafs_test(
        cafs_score(months, died, change), np.zeros(60, bool), random=np.random.default_rng(0), n_permutation=9
    )  # fmt: skip
    assert np.isnan([found.p_value, found.permutation_p, found.mean_rank_carrier]).all()
    assert found.n_permutation == 0


@pytest.mark.parametrize(
    ("months", "words"),
    [
        (np.array([1.0, np.nan]), "1 of 2 people have no survival_months"),
        (np.array([1.0]), "there are 1 survival times, 2 deaths"),
    ],
)
def test_what_cannot_be_compared_is_refused(months: np.ndarray, words: str) -> None:
    with pytest.raises(InputDataError, match=words):
        cafs_score(months, np.array([True, False]), np.array([np.nan, -1.0]))


def test_labels_of_other_people_are_refused() -> None:
    with pytest.raises(InputDataError, match="there are 6 scores, 5 carrier labels and 5 strata"):
        cafs_test(cafs_score(MONTHS, DIED, CHANGE), np.zeros(5, dtype=bool))
