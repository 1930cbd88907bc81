"""Tables of states by genotype, of simulated courses whose carriers recover more often."""

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.linalg import expm
from scipy.stats import binom

from alsrev_dagster.months import DAYS_PER_MONTH
from alsrev_dagster.survival.restricted_means import DIFFERENCE
from alsrev_dagster.survival.state_frames import StateRule, states_of
from alsrev_dagster.survival.state_months import NOBODY, months_rows
from alsrev_dagster.survival.state_rows import occupation_rows
from tests.survival.made_states import GENERATOR, STATES, spell_table

RULE = StateRule(3.0, (12.0, 24.0), ("cohort",), n_permutation=99, seed=1)
OFTEN = GENERATOR + np.array([[-0.1, 0.1, 0], [0, 0, 0], [0, 0, 0]])
"""Moves of carriers: three times as many recoveries."""


def people(n: int, dosage: list[int]) -> pd.DataFrame:
    """Everybody with a call, the i-th of ``dosage[i % len]``; two cohorts by turns of people."""
    number = np.arange(n)
    return pd.DataFrame(
        {
            "locus": "IGFBP7",
            "variant_id": "chr4-1-A-G",
            "participant_id": [f"p{i:04}" for i in number],
            "cohort": np.where(number // len(dosage) % 2, "x", "y"),
            "dosage": np.array(dosage)[number % len(dosage)],
            "carrier": np.array(dosage)[number % len(dosage)] > 0,
        }
    )


def made(seed: int, n: int = 120, *, is_null: bool = False) -> tuple[pd.DataFrame, pd.DataFrame]:
    """People, a quarter of them carriers, and their spells."""
    own = [GENERATOR if is_null else OFTEN, GENERATOR, GENERATOR, GENERATOR]
    return people(n, [1, 0, 0, 0]), spell_table(np.random.default_rng(seed), n, own)


def months(number: int, *, n: int = 120, is_null: bool = False, **rule: object) -> pd.DataFrame:
    asked = StateRule(**{**RULE.__dict__, **rule})
    found = months_rows(*made(number, n, is_null=is_null), asked, ("dominant",))
    return pd.concat(list(found), ignore_index=True)


def test_chances_of_a_month_fill_the_whole_and_carriers_recover_more_often() -> None:
    found = pd.concat(list(occupation_rows(*made(3), RULE)), ignore_index=True)
    assert set(found["state"]) == set(STATES)
    assert sorted(set(found["month"])) == np.arange(0.0, 25, 3).tolist()
    total = found.groupby(["carrier_group", "month"])["probability"].sum()
    np.testing.assert_allclose(total, 1)
    last = found[(found["month"] == 24) & (found["state"] == "recovered")]
    chance = last.set_index("carrier_group")["probability"]
    assert chance["carrier"] > chance["non_carrier"] + 0.1
    assert last.set_index("carrier_group")["n"].to_dict() == {"carrier": 30, "non_carrier": 90}
    assert (found["n_at_risk"] <= found["n"]).all()


def test_months_of_a_group_add_up_to_the_horizon_and_differences_to_nothing() -> None:
    found = months(3)
    total = found.groupby(["carrier_group", "horizon_months"])["mean_months"].sum()
    for horizon in (12.0, 24.0):
        assert total["carrier", horizon] == pytest.approx(horizon)
        assert total["non_carrier", horizon] == pytest.approx(horizon)
        assert total[DIFFERENCE, horizon] == pytest.approx(0, abs=1e-9)
    row = found.query(f"carrier_group == '{DIFFERENCE}' and state == 'recovered'").iloc[-1]
    assert row["horizon_months"] == 24
    assert row["ci_lower"] > 0
    assert max(row["p_value"], row["permutation_p_value"]) < 0.05
    assert row["strata"] == "cohort"


def test_the_shuffles_are_the_same_each_time_and_of_another_seed_others() -> None:
    pd.testing.assert_frame_equal(months(4), months(4))
    column = "permutation_p_value"
    assert not months(4)[column].equals(months(4, seed=2)[column])
    none = months(4, n_permutation=0)
    assert none[column].isna().all()
    assert (none["n_permutation"] == 0).all()


def test_a_state_that_nobody_was_in_and_a_horizon_nobody_reached_have_no_number() -> None:
    person, spell = made(5)
    never = spell[spell["state"] != "recovered"]
    never = never.assign(next_state=never["next_state"].where(never["next_state"] != "recovered"))
    spell = pd.concat([never.drop_duplicates("participant_id"), spell.tail(0)])
    spell.loc[spell.index[0], "next_state"] = "recovered"
    late = StateRule(3.0, (1.0, 480.0), (), n_permutation=9, seed=1)
    found = pd.concat(list(months_rows(person, spell, late, ("dominant",))), ignore_index=True)
    first = found[found["horizon_months"] == 1.0].set_index(["carrier_group", "state"])
    assert first.loc[("non_carrier", "recovered"), "fit_status"] == NOBODY
    assert first.loc[("non_carrier", "recovered"), "mean_months"] == 0
    assert np.isnan(first.loc[("non_carrier", "recovered"), "ci_upper"])
    assert set(found.loc[found["horizon_months"] == 480, "fit_status"]) == {"beyond_follow_up"}


def test_carriers_without_others_in_their_stratum_are_not_compared() -> None:
    person, spell = made(6)
    person["cohort"] = np.where(person["carrier"], "x", "y")
    found = pd.concat(list(months_rows(person, spell, RULE, ("dominant",))), ignore_index=True)
    apart = found[found["carrier_group"] == DIFFERENCE]
    assert set(apart["fit_status"]) == {"no_common_stratum"}
    assert apart["mean_months"].isna().all()
    assert (apart["n_permutation"] == 0).all()


def test_a_difference_needs_both_sides_to_be_followed() -> None:
    person, spell = made(7)
    carriers = set(person.loc[person["carrier"], "participant_id"])
    late = spell["participant_id"].isin(carriers) & (spell["until_months"] > 10)
    short = spell.assign(
        until_months=spell["until_months"].mask(late, 10.0),
        next_state=spell["next_state"].mask(late, None),
    )
    short = short[short["from_months"] < short["until_months"]]
    found = pd.concat(list(months_rows(person, short, RULE, ("dominant",))), ignore_index=True)
    status = found.groupby(["carrier_group", "horizon_months"])["fit_status"].agg(set)
    assert status["carrier", 24.0] == status[DIFFERENCE, 24.0] == {"beyond_follow_up"}
    assert status["non_carrier", 24.0] == {"ok"}


def test_one_carrier_has_no_interval_and_still_a_permutation() -> None:
    person, spell = made(8)
    first = person["participant_id"].isin(person.loc[person["carrier"], "participant_id"].iloc[1:])
    person = person.assign(dosage=person["dosage"].mask(first, 0))
    person = person.assign(carrier=person["dosage"] > 0)
    found = pd.concat(list(months_rows(person, spell, RULE, ("dominant",))), ignore_index=True)
    carrier = found[found["carrier_group"] == "carrier"]
    assert carrier["standard_error"].isna().all()
    apart = found[(found["carrier_group"] == DIFFERENCE) & (found["fit_status"] == "no_interval")]
    assert len(apart)
    assert apart["p_value"].isna().all()
    assert apart["permutation_p_value"].between(0, 1, inclusive="right").all()


def test_of_two_states_alone_the_two_tests_are_one() -> None:
    person, spell = made(9, is_null=True)
    alive = spell.drop_duplicates("participant_id").assign(
        state="not_recovered", until_months=spell.groupby("participant_id")["until_months"].max()
        .reindex(spell.drop_duplicates("participant_id")["participant_id"]).to_numpy(),
        next_state=spell.drop_duplicates("participant_id", keep="last")["next_state"]
        .where(lambda s: s == "dead").to_numpy(),
    )  # fmt: skip
    found = pd.concat(list(months_rows(person, alive, RULE, ("dominant",))), ignore_index=True)
    apart = found[found["carrier_group"] == DIFFERENCE]
    for _, rows in apart.groupby("horizon_months"):
        first, second = rows["permutation_p_value"]
        assert first == second


def test_what_time_is_counted_from_changes_nothing() -> None:
    person, spell = made(10)
    shift = spell["participant_id"].map(lambda name: int(name[1:]) % 97) / DAYS_PER_MONTH
    moved = spell.assign(
        from_months=spell["from_months"] + shift, until_months=spell["until_months"] + shift
    )
    one, other = (
        pd.concat(list(months_rows(person, each, RULE, ("dominant",))), ignore_index=True)
        for each in (spell, moved)
    )
    pd.testing.assert_frame_equal(one, other, rtol=0, atol=0)


def test_states_stand_in_one_order_and_ends_last() -> None:
    spell = pd.DataFrame({"state": ["4", "2", "3"], "next_state": ["dead", None, "tracheostomy"]})
    assert states_of(spell) == ["2", "3", "4", "tracheostomy", "dead"]


@pytest.mark.long
def test_the_difference_covers_the_truth_and_is_found_no_more_often_than_by_chance() -> None:
    """300 cohorts of 120 with 30 carriers, with and without an effect."""
    n_cohort = 300

    def recovered(generator: np.ndarray) -> float:
        return quad(lambda t: expm(generator * t)[0, 1], 0, 24)[0]

    truth = recovered(OFTEN) - recovered(GENERATOR)
    n_cover = n_found = n_permuted = 0
    asked = f"carrier_group == '{DIFFERENCE}' and state == 'recovered' and horizon_months == 24"
    for seed in range(n_cohort):
        row = months(seed, n_permutation=0).query(asked).iloc[0]
        n_cover += row["ci_lower"] <= truth <= row["ci_upper"]
        null = months(1000 + seed, is_null=True).query(asked).iloc[0]
        n_found += null["p_value"] < 0.05
        n_permuted += null["permutation_p_value"] <= 0.05
    assert binom.ppf(0.0005, n_cohort, 0.95) <= n_cover
    assert n_found <= binom.ppf(0.9995, n_cohort, 0.05)
    assert n_permuted <= binom.ppf(0.9995, n_cohort, 0.05)
