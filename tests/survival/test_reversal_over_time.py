"""Reversal as a state, at a landmark, and as the baseline group that it must not be."""

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxTimeVaryingFitter
from scipy.stats import binom

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.cox_data import cox_data
from alsrev_dagster.survival.cox_fit import cox_fit
from alsrev_dagster.survival.immortal_time import refuse_group_of_the_future
from alsrev_dagster.survival.landmark import at_landmark, landmark_cox
from alsrev_dagster.survival.time_varying import reversal_rows, reversal_state_cox

pytestmark = pytest.mark.long


def without_effect(rng: np.random.Generator, n: int = 250) -> pd.DataFrame:
    """Reversal that does nothing: death and reversal come on their own, entry is delayed."""
    death, reversal = rng.exponential(30, n), rng.exponential(40, n)
    entry, end = rng.uniform(0, 6, n), rng.uniform(30, 60, n)
    until = np.minimum(death, end)
    frame = pd.DataFrame(
        {
            "participant_id": [f"p{i:04}" for i in range(n)],
            "entry_months": entry,
            "duration_months": until,
            "event": death <= end,
            "reversal_months": np.where(reversal < until, reversal, np.nan),
        }
    )
    frame["ever_reversed"] = frame["reversal_months"].notna()
    return frame[frame["duration_months"] > frame["entry_months"]].reset_index(drop=True)


@pytest.fixture(scope="module")
def studies() -> list[pd.DataFrame]:
    rng = np.random.default_rng(18)
    return [without_effect(rng) for _ in range(200)]


def rate_ratio(frame: pd.DataFrame, group: str) -> float:
    """Deaths per month of those in a group over those not in it."""
    months = frame["duration_months"] - frame["entry_months"]
    inside = frame[group].to_numpy(bool)
    rate = [frame["event"][part].sum() / months[part].sum() for part in (inside, ~inside)]
    return float(rate[0] / rate[1])


def test_who_ever_reversed_seems_protected_though_nobody_is(studies: list[pd.DataFrame]) -> None:
    """T18, immortal time: naive rate ratio far below 1, over time at 1."""
    naive = [rate_ratio(frame, "ever_reversed") for frame in studies[:40]]
    over_time = [rate_ratio(reversal_rows(frame), "reversed") for frame in studies[:40]]
    assert np.mean(naive) < 0.6
    error = np.std(over_time, ddof=1) / np.sqrt(len(over_time))
    assert abs(np.mean(over_time) - 1) < 3.3 * error + 0.01


def test_state_that_does_nothing_has_a_ratio_of_one(studies: list[pd.DataFrame]) -> None:
    models = [reversal_state_cox(frame).model for frame in studies]
    p_value = np.array([model.p_value[0] for model in models])
    least, most = binom.interval(0.999, len(studies), 0.05)
    assert least <= (p_value < 0.05).sum() <= most
    beta = np.array([model.coefficient[0] for model in models])
    assert abs(beta.mean()) < 3.3 * beta.std(ddof=1) / np.sqrt(len(beta))
    naive = cox_fit(cox_data(studies[0], ["ever_reversed"]))
    assert naive.hazard_ratio[0] < 0.6
    assert naive.p_value[0] < 1e-4


def test_landmarks_of_a_state_that_does_nothing(studies: list[pd.DataFrame]) -> None:
    beta = [[one.model.coefficient[0] for one in landmark_cox(f, (12, 24))] for f in studies[:15]]
    error = np.std(beta, axis=0, ddof=1) / np.sqrt(len(beta))
    assert (np.abs(np.mean(beta, axis=0)) < 3.3 * error).all()


def test_guard_refuses_the_group_of_the_future(studies: list[pd.DataFrame]) -> None:
    frame = studies[0]
    with pytest.raises(InputDataError, match=r"group 'ever_reversed': \d+ of \d+ member\(s\) were"):
        refuse_group_of_the_future(frame, "ever_reversed", "reversal_months")
    with pytest.raises(
        InputDataError, match=r"\(immortal time\), so that it would look protective"
    ):
        refuse_group_of_the_future(frame, "ever_reversed", "reversal_months")


def test_guard_lets_what_was_known_at_entry() -> None:
    frame = pd.DataFrame(
        {"entry_months": [5.0, 5, 5], "group": [True, True, False], "known": [5.0, 2, np.nan]}
    )
    refuse_group_of_the_future(frame, "group", "known")
    late = frame.assign(entry_months=4.0)
    with pytest.raises(InputDataError, match=r"group 'group': 1 of 2 member\(s\) were known to"):
        refuse_group_of_the_future(late, "group", "known")


@pytest.mark.parametrize(("known", "text"), [(np.nan, "1 member(s)"), (3.0, "0 member(s)")])
def test_guard_wants_a_month_of_members_and_of_no_other(known: float, text: str) -> None:
    is_member = bool(np.isnan(known))
    frame = pd.DataFrame({"entry_months": [5.0], "group": [is_member], "known": [known]})
    with pytest.raises(InputDataError) as refused:
        refuse_group_of_the_future(frame, "group", "known")
    assert text in str(refused.value)


def test_rows_at_the_edges() -> None:
    frame = pd.DataFrame(
        {
            "participant_id": ["by_entry", "at_exit", "at_entry", "never", "between"],
            "entry_months": [3.0, 3, 3, 3, 3],
            "duration_months": [9.0, 9, 9, 9, 9],
            "event": True,
            "reversal_months": [1.0, 9, 3, np.nan, 5],
        }
    )
    rows = reversal_rows(frame).set_index("participant_id")
    assert rows.loc["between", "event"].tolist() == [False, True]
    single = rows.drop(index="between")
    expected = {"by_entry": True, "at_exit": False, "at_entry": True, "never": False}
    assert single["reversed"].to_dict() == expected
    assert single["event"].all()
    assert (rows["duration_months"] > rows["entry_months"]).all()


def test_rows_keep_time_and_events(studies: list[pd.DataFrame]) -> None:
    frame = studies[1]
    rows = reversal_rows(frame)
    months = [(f["duration_months"] - f["entry_months"]).sum() for f in (frame, rows)]
    assert months[0] == pytest.approx(months[1])
    assert rows["event"].sum() == frame["event"].sum()


def test_state_model_is_that_of_lifelines(studies: list[pd.DataFrame]) -> None:
    frame = studies[2]
    found = reversal_state_cox(frame)
    rows = reversal_rows(frame)[
        ["participant_id", "entry_months", "duration_months", "event", "reversed"]
    ].astype({"reversed": float})
    theirs = CoxTimeVaryingFitter().fit(
        rows,
        id_col="participant_id",
        event_col="event",
        start_col="entry_months",
        stop_col="duration_months",
    )
    assert found.model.coefficient[0] == pytest.approx(theirs.params_["reversed"], abs=1e-6)
    assert found.model.standard_error[0] == pytest.approx(
        theirs.standard_errors_["reversed"], rel=1e-5
    )
    assert found.n_reversed == frame["ever_reversed"].sum()
    assert found.model.n == len(frame)
    inside = rows["reversed"] > 0
    assert found.n_event_reversed == rows["event"][inside].sum()


def test_a_participant_given_twice_is_refused(studies: list[pd.DataFrame]) -> None:
    twice = pd.concat([studies[0][:3], studies[0][:1]])
    with pytest.raises(InputDataError, match=r"1 of 4 rows repeat a participant_id: expected one"):
        reversal_rows(twice)


def test_landmark_is_of_those_alive_and_under_observation() -> None:
    frame = pd.DataFrame(
        {
            "participant_id": list("abcde"),
            "entry_months": [0.0, 13, 12, 0, 0],
            "duration_months": [12.0, 30, 30, 30, 30],
            "event": True,
            "reversal_months": [5.0, np.nan, np.nan, 12, 13],
        }
    )
    there = at_landmark(frame, 12.0)
    assert there["participant_id"].tolist() == ["c", "d", "e"]
    assert there["reversed"].tolist() == [False, True, False]
    assert (there["entry_months"] == 12).all()


def test_landmark_counts_and_says_its_month(studies: list[pd.DataFrame]) -> None:
    first, second = landmark_cox(studies[3], (6.0, 18.0))
    assert (first.landmark_months, second.landmark_months) == (6.0, 18.0)
    assert first.n > second.n
    assert first.n_reversed < second.n_reversed
    assert first.n_event == first.model.n_event
