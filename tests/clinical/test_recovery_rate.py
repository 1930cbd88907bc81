"""How many recovered and who was followed, on people small enough to count by eye."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

from alsrev_dagster.clinical.recovery import outcome
from alsrev_dagster.clinical.recovery_rate import Asked, Counted, counted, horizons
from alsrev_dagster.study import RECOVERY_PRESETS, RecoveryDefinition, RecoveryRate
from tests.clinical.made_visits import participants, scores

YEAR = RECOVERY_PRESETS["bedlack2016_large"]
HALF = RecoveryDefinition(name="half", min_gain_points=4, min_duration_days=180)
QUICK = RecoveryRate(n_simulation=20)
DECLINES = {0: 40, 90: 38, 180: 36, 270: 34, 360: 32, 450: 30, 540: 28, 630: 26, 720: 24, 810: 22}
RECOVERS = {0: 30, 90: 28, 180: 34, 270: 35, 360: 36, 450: 36, 540: 36, 630: 36, 720: 36, 810: 36}


def visits(**totals: Mapping[int, int | None]) -> pd.DataFrame:
    return pd.concat([scores(t, participant_id=name) for name, t in totals.items()])


def until(day: int, totals: Mapping[int, int]) -> dict[int, int | None]:
    return {d: total for d, total in totals.items() if d <= day}


PEOPLE = participants(
    a={}, b={}, dead={"death_day": 400}, ventilated={"tracheostomy_day": 300}, lost={}, unseen={}
)
VISITS = visits(
    a=RECOVERS,
    b=DECLINES,
    dead=until(360, DECLINES),
    ventilated=until(270, RECOVERS),
    lost=until(180, DECLINES),
    unseen={0: None},
)


def one(asked: Asked, settings: RecoveryRate = QUICK) -> Counted:
    (found,) = counted(VISITS, PEOPLE, [asked], settings)
    return found


def test_everybody_is_followed_or_not_for_one_reason() -> None:
    row = one(Asked(HALF, 24.0)).row()
    assert row["n_participant"] == 6
    assert (row["n_followed"], row["n_recovered"]) == (2, 1)
    assert (row["n_without_visit"], row["n_ended_before"], row["n_lost_before"]) == (1, 2, 1)
    assert (row["n_outside_baseline"], row["recovered_rate"]) == (0, 0.5)


def test_who_died_after_the_horizon_is_lost_not_ended() -> None:
    row = one(Asked(HALF, 12.0)).row()  # 365 days: the dead are seen until 360 and die on 400
    assert (row["n_followed"], row["n_ended_before"], row["n_lost_before"]) == (2, 1, 2)


def test_recovery_counts_when_it_is_confirmed_by_the_horizon() -> None:
    """Seen on day 180, confirmed on day 360: in time for 12 months, not for 11."""
    assert one(Asked(HALF, 12.0)).row()["n_recovered"] == 1
    assert one(Asked(HALF, 11.0)).row()["n_recovered"] == 0


def test_without_a_horizon_those_count_who_were_followed_for_longer_than_the_duration() -> None:
    found = one(Asked(HALF))
    at_risk = dict(zip(found.participant_id, found.is_at_risk, strict=True))
    assert at_risk == {"a": True, "b": True, "dead": True, "ventilated": True, "lost": False}
    assert found.row()["n_recovered"] == 1


def test_first_totals_outside_the_definition_are_not_at_risk() -> None:
    asked = HALF.model_copy(update={"baseline_max_points": 35})
    row = one(Asked(asked, 24.0)).row()
    assert (row["n_followed"], row["n_outside_baseline"]) == (1, 3)
    frame = outcome(VISITS, PEOPLE, asked, "onset").set_index("participant_id")
    assert frame.loc["b", "exclusion_reason"] == "baseline total outside the definition's"
    assert frame.loc["b", "baseline_total"] == 40
    assert pd.isna(frame.loc["a", "exclusion_reason"])


def test_horizons_at_which_nobody_can_meet_a_definition_are_left_out() -> None:
    months = (6, 12, 18, 24)
    told = {
        name: [q.horizon_months for q in horizons(d, months)]
        for name, d in RECOVERY_PRESETS.items()
    }
    assert told == {
        "bedlack2016_large": [18, 24],
        "roar_6mo": [12, 18, 24],
        "harrison2018": [6, 12, 18, 24],
        "plateau_6": [6, 12, 18, 24],
        "plateau_12": [12, 18, 24],
        "plateau_18": [18, 24],
    }


def test_noise_is_counted_among_the_same_people_at_risk() -> None:
    always = RecoveryRate(
        n_simulation=30, residual_sd=20.0, slope_mean_per_month=0.0, slope_sd_per_month=0.0
    )
    single = RecoveryDefinition(
        name="s", min_gain_points=1, min_duration_days=0, n_confirming_visit=0
    )
    found = one(Asked(single, 24.0), always)
    assert found.n_false.shape == (30,)
    row = found.row()
    assert (row["n_false_lower"], row["n_false_upper"]) == (2, 2)
    assert (row["expected_false_rate"], row["monte_carlo_error"]) == (1.0, 0.0)
    assert row["noise_p_value"] == 1.0


def test_tail_of_the_noise_counts_the_cohorts_with_as_many() -> None:
    found = one(Asked(HALF, 24.0))
    row, n_seen = found.row(), 1
    assert row["noise_p_value"] == (1 + (found.n_false >= n_seen).sum()) / 21
    assert row["expected_false_rate"] == found.n_false.mean() / 2


def test_error_is_that_of_the_mean_of_the_simulated_shares() -> None:
    settings = RecoveryRate(
        n_simulation=400, residual_sd=1.5, slope_mean_per_month=-0.3, slope_sd_per_month=0.2
    )
    single = RecoveryDefinition(
        name="s", min_gain_points=4, min_duration_days=0, n_confirming_visit=0
    )
    rates = []
    for seed in range(12):
        row = one(Asked(single, 24.0), settings.model_copy(update={"seed": seed})).row()
        rates.append(float(str(row["expected_false_rate"])))
    error = float(str(row["monte_carlo_error"]))
    assert 0 < error < 0.03
    assert np.std(rates, ddof=1) == pytest.approx(error, rel=0.6)


def test_without_enough_visits_no_noise_is_claimed() -> None:
    few = visits(a={0: 30, 300: 30}, b={0: 30, 300: 30})
    (found,) = counted(few, participants(a={}, b={}), [Asked(HALF)], QUICK)
    row = found.row()
    assert row["n_followed"] == 2
    assert np.isnan(float(str(row["expected_false_rate"])))
    assert pd.isna(row["n_false_upper"])


def test_questions_of_several_scales_come_each_with_its_own_visits() -> None:
    old = RecoveryDefinition(name="old", min_gain_points=4, min_duration_days=180, scale="alsfrs")
    mixed = VISITS.assign(alsfrs_total=pd.array([20] * len(VISITS), dtype="Int64"))
    mixed.loc[mixed["participant_id"] != "a", "alsfrs_total"] = pd.NA
    found = list(counted(mixed, PEOPLE, [Asked(old), Asked(HALF)], QUICK))
    assert [c.row()["scale"] for c in found] == ["alsfrs", "alsfrsr"]
    assert [c.row()["n_recovered"] for c in found] == [0, 1]
    assert [c.row()["n_without_visit"] for c in found] == [5, 1]


def test_counts_of_one_seed_do_not_depend_on_what_else_is_asked() -> None:
    alone = one(Asked(HALF, 24.0)).n_false
    beside = list(counted(VISITS, PEOPLE, [Asked(YEAR, 24.0), Asked(HALF, 24.0)], QUICK))
    np.testing.assert_array_equal(beside[1].n_false, alone)
