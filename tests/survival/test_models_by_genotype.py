"""Tables of models, tests and means by genotype, of a simulated cohort with a planted effect."""

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter
from lifelines.statistics import logrank_test

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.months import DAYS_PER_MONTH
from alsrev_dagster.survival import recovery_models, survival_models
from alsrev_dagster.survival.competing import cumulative_incidence
from alsrev_dagster.survival.curve_tests import curve_test
from alsrev_dagster.survival.curves import recovery_curve
from alsrev_dagster.survival.gray import gray_permutation
from alsrev_dagster.survival.groups import recovery_follow_up
from alsrev_dagster.survival.hazard_by_time import hazard_by_time
from alsrev_dagster.survival.interval_curves import interval_curve
from alsrev_dagster.survival.model_rows import ModelRule
from alsrev_dagster.survival.recovery_models import Definition
from alsrev_dagster.survival.restricted_means import restricted_mean
from alsrev_dagster.survival.reversal_state import reversal_state
from alsrev_dagster.survival.shuffled_scores import shuffled_within
from alsrev_dagster.vocabulary import MARK, table

VARIANT, N, CONFIRMING = "chr4-57031372-G-A", 200, 6.0
EVERY = ("additive", "dominant", "recessive")
RULE = ModelRule(EVERY, ("cohort",), ("sex", "age_at_onset_years"))


def people() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Carrier, outcome and participant: each allele doubles the rate of recovery; quarterly visits."""
    rng = np.random.default_rng(5)
    name = [f"p{i:03}" for i in range(N)]
    dosage = rng.choice(3, N, p=(0.6, 0.3, 0.1))
    entry, death = rng.uniform(1, 12, N), rng.exponential(60, N)
    onset = rng.exponential(80 / 2.0**dosage)
    alive = np.maximum(entry + 3, entry + death)
    last_visit = entry + 3 * np.floor((np.minimum(alive, 60) - entry) / 3)
    began = entry + onset
    right = entry + 3 * np.ceil((began - entry) / 3)
    confirmed = right + CONFIRMING
    recovers = confirmed <= last_visit
    died = alive < 60
    until = np.where(recovers, confirmed, np.where(died, alive, last_visit))
    day = {
        "confirmation_day": confirmed,
        "recovery_right_day": right,
        "recovery_left_day": right - 3,
    }
    outcome = pd.DataFrame(
        {
            "participant_id": name,
            "definition": "rule",
            "definition_hash": "abc",
            "time_origin": "onset",
            "origin_day": 0.0,
            "last_free_day": (last_visit - CONFIRMING) * DAYS_PER_MONTH,
            "entry_months": entry,
            "duration_months": until,
            "followed_months": last_visit - entry,
            "exit_reason": np.where(recovers, "recovery", np.where(died, "death", "last_visit")),
            "event_recovery": recovers,
            "survival_months": np.minimum(alive, 60),
            "event_death": died,
            **{k: np.where(recovers, v * DAYS_PER_MONTH, np.nan) for k, v in day.items()},
        }
    ).reindex(columns=list(table("core.outcome").column_names))
    carrier = pd.DataFrame(
        {
            "locus": "IGFBP7", "variant_id": VARIANT, "sample_id": name, "participant_id": name,
            "cohort": rng.choice(["x", "y"], N), "dosage": dosage, "carrier": dosage > 0,
        }
    ).astype({"dosage": "Int64", "carrier": "boolean"})  # fmt: skip
    participant = pd.DataFrame(
        {
            "participant_id": name,
            "sex": rng.choice(["female", "male"], N),
            "age_at_onset_years": rng.normal(60, 8, N),
        }
    ).reindex(columns=list(table("raw.participant").column_names))
    return carrier, outcome, participant


CARRIER, OUTCOME, PARTICIPANT = people()
OWN = Definition(OUTCOME, True)


def kept_spells(outcome: pd.DataFrame) -> pd.DataFrame:
    """core.state_spell of recoveries that nobody loses, followed as long as survival is."""
    rows = []
    for one in outcome.to_dict("records"):
        confirmed = one["duration_months"] if one["event_recovery"] else np.inf
        ends = [one["entry_months"], min(confirmed, one["survival_months"]), one["survival_months"]]
        for state, begun, ended in zip(
            ("not_recovered", "recovered"), ends, ends[1:], strict=False
        ):
            if begun < ended:
                last = "dead" if one["event_death"] else None
                after = last if ended == one["survival_months"] else "recovered"
                rows.append((one["participant_id"], state, begun, ended, after))
    names = ["participant_id", "state", "from_months", "until_months", "next_state"]
    return pd.DataFrame(rows, columns=names)


SPELL = kept_spells(OUTCOME)


def assert_is_table(frame: pd.DataFrame, name: str) -> None:
    target = table(name)
    columns = [column for column in target.column_names if column not in MARK]
    assert list(frame.columns) == columns
    assert not frame.duplicated(list(target.key)).any()
    required = [column for column in columns if column not in target.nullable]
    assert frame[required].notna().all(axis=None)


@pytest.fixture(scope="module")
def recovery() -> pd.DataFrame:
    other = Definition(OUTCOME.assign(definition="other", definition_hash="def"), False)
    return recovery_models.recovery_model(
        CARRIER, [OWN, other], PARTICIPANT, rule=RULE, caveat="simulated"
    )


def row(frame: pd.DataFrame, **asked: str) -> pd.Series:
    chosen = frame
    for name, value in asked.items():
        chosen = chosen[chosen[name] == value]
    assert len(chosen) == 1
    return chosen.iloc[0]


def test_every_model_of_the_study_and_cox_of_the_other_definition(recovery: pd.DataFrame) -> None:
    assert_is_table(recovery, "result.recovery_model")
    own = recovery[recovery["definition"] == "rule"]
    assert set(own.groupby("genetic_model").size()) == {5}
    other = recovery[recovery["definition"] == "other"]
    assert set(other["method"]) == {"cox_cause_specific_wald"}
    assert len(other) == 3
    assert set(recovery["fit_status"]) <= {"ok", "short_follow_up"}


def test_cause_specific_cox_is_what_lifelines_fits(recovery: pd.DataFrame) -> None:
    frame = OUTCOME.merge(CARRIER, on="participant_id").merge(
        PARTICIPANT[["participant_id", "sex", "age_at_onset_years"]], on="participant_id"
    )
    given = pd.DataFrame(
        {
            "until": frame["duration_months"],
            "entry": frame["entry_months"],
            "event": frame["event_recovery"].astype(bool),
            "x": frame["dosage"].astype(float),
            "female": (frame["sex"] == "female").astype(float),
            "age": frame["age_at_onset_years"].astype(float),
            "cohort": frame["cohort"],
        }
    )
    fit = CoxPHFitter().fit(given, "until", "event", entry_col="entry", strata=["cohort"])
    found = row(
        recovery, definition="rule", method="cox_cause_specific_wald", genetic_model="additive"
    )
    assert found["ratio"] == pytest.approx(float(fit.hazard_ratios_["x"]), rel=1e-4)
    assert found["p_value"] == pytest.approx(float(fit.summary.loc["x", "p"]), rel=1e-3)
    assert found["covariates"] == "sex, age_at_onset_years"
    assert found["events_per_term"] == found["n_event"] / 3


def test_models_point_the_way_the_effect_was_planted(recovery: pd.DataFrame) -> None:
    own = recovery[(recovery["definition"] == "rule") & (recovery["genetic_model"] == "additive")]
    by = own.set_index(["method", "term"])["ratio"]
    assert by[("cox_cause_specific_wald", "genotype")] > 1.3
    assert (
        1.1
        < by[("fine_gray_robust_wald", "genotype")]
        < by[("cox_cause_specific_wald", "genotype")]
    )
    assert by[("weibull_interval_lrt", "genotype")] < 0.8


def test_few_events_a_term_are_penalised() -> None:
    rule = ModelRule(("dominant",), (), events_per_term_min=1e6)
    found = recovery_models.recovery_model(CARRIER, [OWN], PARTICIPANT, rule=rule, caveat="")
    assert {
        "cox_cause_specific_firth_lrt",
        "fine_gray_firth_lrt",
        "weibull_interval_firth_lrt",
    } < set(found["method"])


def test_sampling_fractions_add_a_weighted_model() -> None:
    rule = ModelRule(("dominant",), ("cohort",), sampling_fraction={"x": 0.5, "y": 0.1})
    found = recovery_models.recovery_model(CARRIER, [OWN], PARTICIPANT, rule=rule, caveat="")
    weighted = row(found, method="cox_cause_specific_weighted_robust_wald")
    plain = row(found, method="cox_cause_specific_wald")
    assert weighted["ratio"] != plain["ratio"]
    assert (weighted["strata"], plain["strata"]) == ("", "cohort")
    even = ModelRule(("dominant",), (), sampling_fraction={"x": 0.5, "y": 0.5})
    plain = row(
        recovery_models.recovery_model(CARRIER, [OWN], PARTICIPANT, rule=even, caveat=""),
        method="cox_cause_specific_wald",
    )
    same = recovery_models.recovery_model(CARRIER, [OWN], PARTICIPANT, rule=even, caveat="")
    ratio = row(same, method="cox_cause_specific_weighted_robust_wald")["ratio"]
    assert ratio == pytest.approx(plain["ratio"], rel=1e-6)


def test_a_cluster_adds_a_model_whose_variance_is_over_clusters() -> None:
    site = PARTICIPANT.assign(cluster=np.repeat([f"site_{k}" for k in range(50)], N // 50))
    rule = ModelRule(("dominant",), cluster="sequencing_site", clustered_caveat="few")
    found = survival_models.survival_model(
        CARRIER, OUTCOME, site, rule=rule, distributions=(), caveat="simulated"
    )
    plain, over = row(found, method="cox_wald"), row(found, method="cox_clustered_robust_wald")
    assert over["caveat"] == "variance over 50 of sequencing_site: few"
    assert over["ratio"] == pytest.approx(plain["ratio"], rel=1e-8)
    assert over["ci_lower"] != pytest.approx(plain["ci_lower"], rel=1e-3)
    # R 4.2.2, survival 3.5-3: coxph(Surv(entry, until, died) ~ carrier, cluster = cluster)
    assert np.log(over["ratio"]) == pytest.approx(0.0228871613, abs=1e-9)
    error = (np.log(over["ci_upper"]) - np.log(over["ci_lower"])) / (2 * 1.959963984540054)
    assert error == pytest.approx(0.150403041, abs=1e-8)
    told = survival_models.survival_model(
        CARRIER,
        OUTCOME,
        site.assign(cluster=site["cluster"].where(site.index < 40, None)),
        rule=rule,
        distributions=(),
        caveat="",
    )
    alone = row(told, method="cox_clustered_robust_wald")
    assert alone["caveat"] == "variance over 10 of sequencing_site and 160 people of none: few"
    recovery = recovery_models.recovery_model(CARRIER, [OWN], site, rule=rule, caveat="")
    assert "cox_cause_specific_clustered_robust_wald" in set(recovery["method"])


def test_one_cluster_has_no_variance() -> None:
    rule = ModelRule(("dominant",), cluster="batch", clustered_caveat="few")
    found = survival_models.survival_model(
        CARRIER, OUTCOME, PARTICIPANT.assign(cluster="b1"), rule=rule, distributions=(), caveat=""
    )
    over = row(found, method="cox_clustered_robust_wald")
    assert over["fit_status"] == "one_cluster"
    assert np.isnan([over["ci_lower"], over["ci_upper"], over["p_value"]]).all()


def test_separated_carriers_have_a_penalised_ratio_and_say_so() -> None:
    nobody = CARRIER["participant_id"].isin(
        OUTCOME.loc[OUTCOME["event_recovery"], "participant_id"]
    )
    apart = CARRIER.assign(dosage=CARRIER["dosage"].mask(nobody, 0))
    apart = apart.assign(carrier=apart["dosage"] > 0)
    rule = ModelRule(("dominant",), ("cohort",))
    found = recovery_models.recovery_model(apart, [OWN], PARTICIPANT, rule=rule, caveat="")
    cox = row(found, method="cox_cause_specific_firth_lrt")
    assert (cox["fit_status"], cox["separation"]) == ("separated", -1)
    assert 0 <= cox["ci_lower"] < cox["ratio"] < 1
    gray = row(found, method="fine_gray_firth_lrt")
    assert gray["fit_status"] == "separated"
    assert gray["ratio"] < 1


def test_counts_are_of_those_whose_covariates_are_known() -> None:
    unknown = PARTICIPANT.assign(
        age_at_onset_years=PARTICIPANT["age_at_onset_years"].where(~CARRIER["carrier"].astype(bool))
    )
    lacking = unknown.assign(
        age_at_onset_years=unknown["age_at_onset_years"].mask(unknown.index % 2 == 0, 60.0)
    )
    found = recovery_models.recovery_model(
        CARRIER,
        [OWN],
        lacking,
        rule=ModelRule(("dominant",), (), ("age_at_onset_years",)),
        caveat="",
    )
    cox = row(found, method="cox_cause_specific_wald")
    known = CARRIER["carrier"].astype(bool) & (lacking["age_at_onset_years"].notna())
    assert cox["n_carrier"] == known.sum() < CARRIER["carrier"].sum()
    assert cox["n"] == lacking["age_at_onset_years"].notna().sum()


def test_one_band_of_all_time_is_the_whole_model() -> None:
    rule = ModelRule(("dominant",), ("cohort",), events_per_term_min=1e9)
    whole = recovery_models.recovery_model(CARRIER, [OWN], PARTICIPANT, rule=rule, caveat="")
    cox = row(whole, method="cox_cause_specific_firth_lrt")
    one, many = (
        hazard_by_time(
            CARRIER, OUTCOME, PARTICIPANT, rule=rule, band_months=months, caveat="simulated"
        )
        for months in (1e4, 12.0)
    )
    assert_is_table(many, "result.hazard_by_time")
    recovered = row(one, event="recovery")
    assert recovered["ratio"] == pytest.approx(cox["ratio"], rel=1e-9)
    assert recovered["p_value"] == pytest.approx(cox["p_value"], rel=1e-9)
    by_event = many.groupby("event")["n_event"].sum()
    assert by_event["recovery"] == OUTCOME["event_recovery"].sum()
    assert by_event["death"] == OUTCOME["event_death"].sum()


def test_shuffles_within_strata_forget_what_the_strata_differ_by() -> None:
    rng = np.random.default_rng(4)
    stratum = np.repeat([0, 1], 100)
    carrier = rng.random(200) < np.where(stratum == 1, 0.6, 0.1)
    score = rng.normal(size=200) + 3 * stratum
    within = shuffled_within(score, carrier, stratum, n_draw=999, rng=rng)
    pooled = shuffled_within(score, carrier, 0 * stratum, n_draw=999, rng=rng)
    assert pooled.p_value == 0.001
    assert within.p_value > 0.01
    assert within.p_value == pytest.approx(within.normal_p_value, abs=0.06)


def test_survival_models_are_cox_and_failure_times() -> None:
    found = survival_models.survival_model(
        CARRIER,
        OUTCOME,
        PARTICIPANT,
        rule=RULE,
        distributions=("weibull", "log_logistic"),
        caveat="",
    )
    assert_is_table(found, "result.survival_model")
    assert set(found.groupby("genetic_model").size()) == {3}
    cox, aft = (
        row(found, genetic_model="dominant", method=m) for m in ("cox_wald", "aft_weibull_wald")
    )
    # the genotype changes nothing of death here
    assert all(one["ci_lower"] < 1 < one["ci_upper"] for one in (cox, aft))
    assert (cox["ratio_of"], aft["ratio_of"]) == ("hazard", "time")


@pytest.fixture(scope="module")
def tested() -> pd.DataFrame:
    rule = ModelRule(EVERY, ())
    return curve_test(
        CARRIER,
        OWN,
        PARTICIPANT,
        rule=rule,
        n_permutation=199,
        seed=1,
        milestones={},
        caveat="simulated",
    )


def test_curve_tests_are_log_rank_gray_and_of_intervals(tested: pd.DataFrame) -> None:
    assert_is_table(tested, "result.curve_test")
    of_recovery = tested[tested["event"] == "recovery"].groupby("genetic_model")["test"].agg(set)
    assert of_recovery["dominant"] == {"log_rank", "gray", "interval_sun"}
    assert of_recovery["additive"] == {"log_rank", "gray"}
    assert tested.loc[tested["genetic_model"] == "additive", "degrees_of_freedom"].eq(2).all()
    permuted = tested["permutation_p_value"].dropna()
    np.testing.assert_allclose(permuted * 200, (permuted * 200).round())


def test_log_rank_of_death_is_lifelines_where_entry_is_not_delayed() -> None:
    prompt = OUTCOME.assign(entry_months=0.0)
    found = curve_test(
        CARRIER,
        Definition(prompt, True),
        PARTICIPANT,
        rule=ModelRule(("dominant",)),
        n_permutation=0,
        seed=1,
        milestones={},
        caveat="",
    )
    one = CARRIER.set_index("participant_id")["carrier"].reindex(prompt["participant_id"])
    side = one.to_numpy(dtype=bool)
    until, died = (prompt[n].to_numpy() for n in ("survival_months", "event_death"))
    expected = logrank_test(until[side], until[~side], died[side], died[~side])
    ours = row(found, event="death", test="log_rank")
    assert ours["statistic"] == pytest.approx(expected.test_statistic, rel=1e-9)
    assert ours["p_value"] == pytest.approx(expected.p_value, rel=1e-9)
    assert np.isnan(ours["permutation_p_value"])


def test_grays_test_is_shuffled_where_entry_is_not_delayed(tested: pd.DataFrame) -> None:
    assert tested.query("test == 'gray'")["permutation_p_value"].isna().all()
    prompt = OUTCOME.assign(entry_months=0.0)
    found = curve_test(
        CARRIER,
        Definition(prompt, True),
        PARTICIPANT,
        rule=ModelRule(("dominant",), ("cohort",)),
        n_permutation=199,
        seed=1,
        milestones={},
        caveat="",
    )
    ours = row(found, test="gray")
    assert ours["n_permutation"] == 199
    followed = recovery_follow_up(prompt).merge(CARRIER, on="participant_id")
    expected = gray_permutation(
        followed["duration_months"].to_numpy(),
        followed["event_code"].to_numpy(),
        followed["carrier"].to_numpy(dtype=bool),
        generator=np.random.default_rng(8),
        n_permutation=999,
        stratum=(followed["cohort"] == "y").to_numpy(dtype=np.int64),
    )
    assert ours["statistic"] == pytest.approx(expected.statistic)
    error = np.sqrt(expected.p_value * (1 - expected.p_value) / 199)
    assert abs(ours["permutation_p_value"] - expected.p_value) < 4 * error + 0.005


def test_permutations_do_not_depend_on_other_variants(tested: pd.DataFrame) -> None:
    more = CARRIER.assign(variant_id="chr1-5-A-C", locus="other")
    both = curve_test(
        pd.concat([CARRIER, more]),
        OWN,
        PARTICIPANT,
        rule=ModelRule(EVERY, ()),
        n_permutation=199,
        seed=1,
        milestones={},
        caveat="simulated",
    )
    mine = both[both["variant_id"] == VARIANT].reset_index(drop=True)
    pd.testing.assert_frame_equal(mine, tested)


def test_months_recovered_are_the_area_under_the_incidence() -> None:
    found = restricted_mean(
        CARRIER, OUTCOME, genetic_models=("dominant",), horizon_months=(24.0, 48.0), caveat=""
    )
    assert_is_table(found, "result.restricted_mean")
    assert set(found["carrier_group"]) == {"carrier", "non_carrier", "difference"}
    frame = OUTCOME.merge(CARRIER, on="participant_id").query("carrier")
    code = frame["exit_reason"].map({"recovery": 1, "death": 2, "last_visit": 0}).to_numpy()
    curve = cumulative_incidence(
        frame["duration_months"].to_numpy(), code, frame["entry_months"].to_numpy()
    )
    time, share = curve.duration_months, curve.cumulative_incidence
    inside = time < 48
    steps = np.diff(np.append(time[inside], 48.0))
    ours = found.query(
        "event == 'recovery' and horizon_months == 48 and carrier_group == 'carrier'"
    )
    assert ours["mean_months"].item() == pytest.approx(float(share[inside] @ steps), rel=1e-9)
    by_group = found.query("event == 'death' and horizon_months == 24").set_index("carrier_group")
    mean = by_group["mean_months"]
    assert mean["difference"] == pytest.approx(mean["carrier"] - mean["non_carrier"])


def test_curves_have_the_groups_of_each_coding() -> None:
    found = recovery_curve(CARRIER, OUTCOME, genetic_models=EVERY, caveat="")
    groups = found.groupby("genetic_model")["carrier_group"].agg(set)
    assert groups["additive"] == {"hom_ref", "het", "hom_alt"}
    assert groups["recessive"] == {"homozygous", "not_homozygous"}
    hom = found[found["carrier_group"].isin(["hom_alt", "homozygous"])]
    one, other = (
        part.drop(columns=["genetic_model", "carrier_group"]).reset_index(drop=True)
        for _, part in hom.groupby("genetic_model")
    )
    pd.testing.assert_frame_equal(one, other)


def test_interval_curves_bound_the_share_and_say_what_they_are_net_of() -> None:
    found = interval_curve(
        CARRIER, OWN, genetic_models=EVERY, horizon_months=(24.0, 36.0), caveat="simulated"
    )
    assert_is_table(found, "result.interval_curve")
    assert set(found["genetic_model"]) == {"dominant", "recessive"}
    net = found[found["method"] == "turnbull"]
    assert net["cumulative_incidence"].between(net["share_least"], net["share_most"]).all()
    assert net["caveat"].str.contains("as if nobody died").all()
    with_death = found[found["method"] == "weibull_with_death"]
    assert (
        with_death["cumulative_incidence"]
        .between(with_death["ci_lower"], with_death["ci_upper"])
        .all()
    )
    dominant = with_death.query("genetic_model == 'dominant' and duration_months == 36")
    share = dominant.set_index("carrier_group")["cumulative_incidence"]
    assert share["carrier"] > share["non_carrier"]


def test_reversal_is_a_state_and_never_a_group_from_the_start() -> None:
    person = CARRIER[["participant_id", "cohort"]]
    found = reversal_state(
        OUTCOME, person, SPELL, strata=("cohort",), landmark_months=(24.0, 36.0), caveat="simulated"
    )
    assert_is_table(found, "result.reversal_state")
    assert found[["analysis", "landmark_months"]].to_numpy().tolist() == [
        ["landmark", 24.0], ["landmark", 36.0], ["time_varying", 0.0],
        ["time_varying_standing", 0.0],
    ]  # fmt: skip
    state = found.iloc[2]
    assert state["n"] == N
    assert state["n_reversed"] < OUTCOME["event_recovery"].sum() + 1
    # recovery changes nothing of death here: the ratio of a group from the start would be far below
    assert state["ci_lower"] < 1 < state["ci_upper"]
    # nobody loses a recovery here, and both are followed alike: one state, twice
    pd.testing.assert_series_equal(
        found.iloc[3].drop("analysis"), state.drop("analysis"), check_names=False
    )


def test_a_recovery_that_is_lost_counts_no_more() -> None:
    first = SPELL["state"].eq("recovered") & (SPELL["until_months"] - SPELL["from_months"] > 2)
    lost = SPELL[first].assign(state="lost", from_months=SPELL["from_months"][first] + 1)
    kept = SPELL.assign(
        until_months=SPELL["until_months"].mask(first, SPELL["from_months"] + 1),
        next_state=SPELL["next_state"].mask(first, "lost"),
    )
    person = CARRIER[["participant_id", "cohort"]]
    found = reversal_state(
        OUTCOME, person, pd.concat([kept, lost]), strata=("cohort",), landmark_months=(), caveat=""
    ).set_index("analysis")
    ever, standing = found.loc["time_varying"], found.loc["time_varying_standing"]
    assert standing["n_reversed"] == ever["n_reversed"]
    assert standing["n_event"] == ever["n_event"]
    n_short = SPELL["state"].eq("recovered") & ~first & SPELL["next_state"].eq("dead")
    assert standing["n_event_reversed"] == n_short.sum() < ever["n_event_reversed"]


def test_who_is_excluded_is_no_proof_that_nobody_reversed() -> None:
    out = OUTCOME["participant_id"].isin(OUTCOME["participant_id"].head(50))
    person = CARRIER[["participant_id", "cohort"]]
    found, expected = (
        reversal_state(
            told,
            person,
            SPELL,
            strata=("cohort",),
            landmark_months=(24.0,),
            caveat="",
        )
        for told in (
            OUTCOME.assign(exclusion_reason=out.map({True: "baseline", False: None})),
            OUTCOME[~out],
        )
    )
    pd.testing.assert_frame_equal(found, expected)
    assert found.iloc[-1]["n"] == N - 50


def test_an_outcome_without_its_days_is_refused_by_the_interval_models() -> None:
    odd = OUTCOME.assign(recovery_right_day=OUTCOME["recovery_left_day"] - 90)
    with pytest.raises(InputDataError):
        recovery_models.recovery_model(
            CARRIER, [Definition(odd, True)], PARTICIPANT, rule=RULE, caveat=""
        )


def test_where_nobody_dies_or_recovers_every_model_says_so() -> None:
    nobody = OUTCOME.assign(
        exit_reason="last_visit",
        event_recovery=False,
        event_death=False,
        recovery_left_day=np.nan,
        recovery_right_day=np.nan,
        confirmation_day=np.nan,
    )
    found = survival_models.survival_model(
        CARRIER, nobody, PARTICIPANT, rule=RULE, distributions=("weibull",), caveat=""
    )
    assert set(found["fit_status"]) == {"no_events"}
    recovery = recovery_models.recovery_model(
        CARRIER, [Definition(nobody, True)], PARTICIPANT, rule=RULE, caveat=""
    )
    assert set(recovery["fit_status"]) == {"no_events"}
    state = reversal_state(
        nobody,
        CARRIER[["participant_id", "cohort"]],
        kept_spells(nobody),
        strata=("cohort",),
        landmark_months=(24.0, 1e6),
        caveat="",
    )
    assert state["fit_status"].tolist() == ["no_events"] * 3
