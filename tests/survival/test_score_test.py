"""Score and permutation tests of a carrier status: against others' log-rank, and enumeration."""

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from lifelines.statistics import logrank_test

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.cox_data import CoxData, cox_data
from alsrev_dagster.survival.cox_fit import cox_fit
from alsrev_dagster.survival.score_test import permutation_test, score_test
from tests.survival.cox_by_hand import cohort, partial_likelihood


def test_score_test_without_ties_is_the_log_rank_test() -> None:
    frame = cohort(1, 80).assign(entry_months=0.0)
    frame["duration_months"] += np.arange(80) / 1000
    found = score_test(cox_data(frame, ["carrier"]), "carrier")
    one, other = frame[frame["carrier"]], frame[~frame["carrier"]]
    expected = logrank_test(
        one["duration_months"], other["duration_months"], one["event"], other["event"]
    )
    assert found.p_value == pytest.approx(expected.p_value, rel=1e-9)


def test_score_is_the_slope_of_the_likelihood_the_others_at_their_best() -> None:
    frame = cohort(2, 60)
    data = cox_data(frame, ["carrier", "age"], strata=["site"])
    age = cox_fit(data.without("carrier")).coefficient[0]
    step = 1e-4
    around = [
        partial_likelihood(frame, ["carrier", "age"], np.array([b, age]))[0] for b in (-step, step)
    ]
    _, information = partial_likelihood(frame, ["carrier", "age"], np.array([0.0, age]))
    found = score_test(data, "carrier")
    assert found.score == pytest.approx((around[1] - around[0]) / (2 * step), abs=1e-5)
    variance = information[0, 0] - information[0, 1] ** 2 / information[1, 1]
    assert found.variance == pytest.approx(variance, rel=1e-6)


def twelve() -> pd.DataFrame:
    return cohort(5, 12).assign(carrier=lambda f: f.index.isin([0, 3, 7]))


def every_score(data: CoxData) -> list[float]:
    """Score of each way to hand out as many carriers within each stratum."""
    size = [np.flatnonzero(data.stratum == s) for s in np.unique(data.stratum)]
    n_carrier = [int(data.covariate[rows, 0].sum()) for rows in size]
    ways = [list(combinations(rows, n)) for rows, n in zip(size, n_carrier, strict=True)]
    found = []
    for chosen in product(*ways):
        carrier = np.zeros((len(data.event), 1))
        carrier[[row for part in chosen for row in part]] = 1
        found.append(score_test(data.with_covariate(carrier), "carrier").score)
    return found


def test_permutation_p_nears_that_of_all_permutations() -> None:
    data = cox_data(twelve(), ["carrier"], strata=["site"])
    scores = np.abs(every_score(data))
    found = permutation_test(data, "carrier", np.random.default_rng(1), n_permutation=4000)
    assert abs(found.score) == pytest.approx(abs(score_test(data, "carrier").score), abs=1e-9)
    exact = (scores >= abs(found.score) - 1e-9).mean()
    error = np.sqrt(exact * (1 - exact) / 4000)
    assert abs(found.n_as_extreme / 4000 - exact) < 4 * error
    assert found.p_value == (found.n_as_extreme + 1) / 4001


def test_permutation_is_that_of_its_generator() -> None:
    data = cox_data(twelve(), ["carrier"], strata=["site"])
    one, other, third = (
        permutation_test(data, "carrier", np.random.default_rng(seed), n_permutation=500)
        for seed in (1, 1, 2)
    )
    assert one == other
    assert one.n_as_extreme != third.n_as_extreme


def test_smallest_p_is_one_of_as_many_as_were_drawn() -> None:
    frame = pd.DataFrame(
        {"entry_months": 0.0, "duration_months": np.arange(1.0, 61), "event": True}
    )
    data = cox_data(frame.assign(carrier=frame.index >= 48), ["carrier"])
    found = permutation_test(data, "carrier", np.random.default_rng(3), n_permutation=999)
    assert found.p_value == 1 / 1000


def test_split_follow_up_changes_no_permutation() -> None:
    frame = cohort(6, 40).assign(who=np.arange(40))
    middle = (frame["entry_months"] + frame["duration_months"]) / 2
    early = frame.assign(duration_months=middle, event=False)
    halves = pd.concat([early, frame.assign(entry_months=middle)])
    found = [
        permutation_test(
            cox_data(rows, ["carrier"], strata=["site"], participant="who"),
            "carrier",
            np.random.default_rng(1),
            n_permutation=200,
        )
        for rows in (frame.sort_values("who"), halves)
    ]
    assert found[0].score == pytest.approx(found[1].score, abs=1e-9)


def test_a_state_that_changes_is_not_shuffled() -> None:
    frame = cohort(6, 10).assign(who=np.arange(10))
    middle = (frame["entry_months"] + frame["duration_months"]) / 2
    early = frame.assign(duration_months=middle, event=False, carrier=False)
    late = frame.assign(entry_months=middle, carrier=True)
    data = cox_data(pd.concat([early, late]), ["carrier"], participant="who")
    with pytest.raises(InputDataError, match=r"the stratum of 10 participant\(s\) changes over"):
        permutation_test(data, "carrier", np.random.default_rng(1))


def test_weighted_rows_have_no_score_test() -> None:
    data = cox_data(cohort(1), ["carrier"], weight="weight")
    with pytest.raises(InputDataError, match=r"score test was asked of weighted or clustered"):
        score_test(data, "carrier")
