"""Survival: curves of recovery and of death by genotype of each declared or lead variant, tests
between them, and the mean course of those still seen.
"""

import pandas as pd

from alsrev_dagster.clinical.time_axis import total_by_month
from alsrev_dagster.graph.assets import table_asset
from alsrev_dagster.graph.checks import Finding, key_check, none_of, table_check
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.survival import curve_tests, curves, interval_curves, restricted_means
from alsrev_dagster.survival import trajectory as course
from assets.followed import (
    FOLLOWED_TABLES,
    by_origin,
    codings,
    milestones,
    model_rule,
    own_definition,
    participants,
    picture,
)

_OWNER = "clinical"
_MILESTONE_READS = (*FOLLOWED_TABLES, "core.alsfrsr", "raw.participant")
_SURVIVORS = "mean of those still seen: the dead and the lost are missing from it"


@table_asset(
    "result.recovery_curve",
    owner=_OWNER,
    reads=FOLLOWED_TABLES,
    picture=picture("recovery_curve", "result.recovery_curve"),
)
def recovery_curve(work: OpenStudy) -> pd.DataFrame:
    """Cumulative incidence of recovery, death competing, by genotype (Aalen-Johansen, delayed
    entry).
    """
    outcome = work.lake.frame("core.outcome")

    def made(carrier: pd.DataFrame, *, is_declared: bool, caveat: str) -> pd.DataFrame:
        models = codings(work, is_declared)
        return curves.recovery_curve(carrier, outcome, genetic_models=models, caveat=caveat)

    return by_origin(work, "result.recovery_curve", made)


@table_asset(
    "result.survival_curve",
    owner=_OWNER,
    reads=FOLLOWED_TABLES,
    picture=picture("survival_curve", "result.survival_curve"),
)
def survival_curve(work: OpenStudy) -> pd.DataFrame:
    """Survival by genotype (Kaplan-Meier, delayed entry)."""
    outcome = work.lake.frame("core.outcome")

    def made(carrier: pd.DataFrame, *, is_declared: bool, caveat: str) -> pd.DataFrame:
        models = codings(work, is_declared)
        return curves.survival_curve(carrier, outcome, genetic_models=models, caveat=caveat)

    return by_origin(work, "result.survival_curve", made)


@table_asset("result.milestone_curve", owner=_OWNER, reads=_MILESTONE_READS)
def milestone_curve(work: OpenStudy) -> pd.DataFrame:
    """Share without a milestone of progression, and alive, by genotype (Kaplan-Meier, delayed
    entry).
    """
    followed, origin = milestones(work), work.study.survival.time_origin

    def made(carrier: pd.DataFrame, *, is_declared: bool, caveat: str) -> pd.DataFrame:
        return curves.milestone_curve(
            carrier,
            followed,
            genetic_models=codings(work, is_declared),
            time_origin=origin,
            caveat=caveat,
        )

    return by_origin(work, "result.milestone_curve", made)


@table_asset("result.interval_curve", owner=_OWNER, reads=FOLLOWED_TABLES)
def interval_curve(work: OpenStudy) -> pd.DataFrame:
    """Share recovered when it is known only between which visits a recovery began: Turnbull's
    estimate, net of death, and an incidence with death competing.
    """
    definition, months = own_definition(work), work.study.survival.horizon_months

    def made(carrier: pd.DataFrame, *, is_declared: bool, caveat: str) -> pd.DataFrame:
        return interval_curves.interval_curve(
            carrier,
            definition,
            genetic_models=codings(work, is_declared),
            horizon_months=months,
            caveat=caveat,
        )

    return by_origin(work, "result.interval_curve", made)


@table_asset("result.curve_test", owner=_OWNER, reads=[*_MILESTONE_READS, "core.sample_trait"])
def curve_test(work: OpenStudy) -> pd.DataFrame:
    """Whether the curves of the genotypes differ: log-rank, Gray's test, and one for recoveries
    between visits, by chi-squared and by shuffled genotypes.
    """
    definition, person, asked = own_definition(work), participants(work), work.study.survival
    followed = milestones(work)

    def made(carrier: pd.DataFrame, *, is_declared: bool, caveat: str) -> pd.DataFrame:
        return curve_tests.curve_test(
            carrier,
            definition,
            person,
            rule=model_rule(work, is_declared),
            n_permutation=asked.n_permutation,
            seed=asked.seed,
            milestones=followed,
            caveat=caveat,
        )

    return by_origin(work, "result.curve_test", made)


@table_asset("result.restricted_mean", owner=_OWNER, reads=FOLLOWED_TABLES)
def restricted_mean(work: OpenStudy) -> pd.DataFrame:
    """Mean months alive, and recovered, up to each horizon by genotype, and their difference."""
    outcome, asked = work.lake.frame("core.outcome"), work.study.survival

    def made(carrier: pd.DataFrame, *, is_declared: bool, caveat: str) -> pd.DataFrame:
        return restricted_means.restricted_mean(
            carrier,
            outcome,
            genetic_models=codings(work, is_declared),
            horizon_months=asked.horizon_months,
            caveat=caveat,
        )

    return by_origin(work, "result.restricted_mean", made)


@table_asset(
    "result.trajectory",
    owner=_OWNER,
    reads=[
        "core.carrier",
        "core.analysis_set",
        "result.confounding_mark",
        "core.alsfrsr",
        "raw.participant",
    ],
    picture=picture("trajectory", "result.trajectory"),
)
def trajectory(work: OpenStudy) -> pd.DataFrame:
    """Mean ALSFRS-R total by carrier status over time, of those still seen."""
    origin = work.study.survival.time_origin
    participant, totals = work.lake.frame("raw.participant"), work.lake.frame("core.alsfrsr")
    visit, every = total_by_month(totals, participant, origin), work.study.survival

    def made(carrier: pd.DataFrame, *, is_declared: bool, caveat: str) -> pd.DataFrame:
        return course.trajectory(
            carrier,
            visit,
            time_origin=origin,
            interval_months=every.trajectory_interval_months,
            caveat=f"{caveat}; {_SURVIVORS}",
        )

    return by_origin(work, "result.trajectory", made)


recovery_curve_has_unique_key = key_check("result.recovery_curve")
survival_curve_has_unique_key = key_check("result.survival_curve")
milestone_curve_has_unique_key = key_check("result.milestone_curve")
interval_curve_has_unique_key = key_check("result.interval_curve")
curve_test_has_unique_key = key_check("result.curve_test")
restricted_mean_has_unique_key = key_check("result.restricted_mean")
trajectory_has_unique_key = key_check("result.trajectory")


def _n_turning(frame: pd.DataFrame, key: list[str], column: str, sign: int) -> int:
    """Points at which a curve turns the wrong way, or leaves [0, 1]."""
    step = frame.sort_values("duration_months").groupby(key)[column].diff().fillna(0.0)
    return int((sign * step < -1e-12).sum() + (~frame[column].between(0, 1)).sum())


@table_check("result.recovery_curve")
def incidence_never_falls(work: OpenStudy) -> Finding:
    """Cumulative incidence stays in [0, 1] and never falls."""
    frame = work.lake.frame("result.recovery_curve")
    wrong = _n_turning(
        frame, ["variant_id", "genetic_model", "carrier_group", "event"], "cumulative_incidence", 1
    )
    return none_of(wrong, len(frame), "points fall, or lie outside [0, 1]")


@table_check("result.survival_curve")
def survival_never_rises(work: OpenStudy) -> Finding:
    """Survival stays in [0, 1] and never rises."""
    frame = work.lake.frame("result.survival_curve")
    wrong = _n_turning(frame, ["variant_id", "genetic_model", "carrier_group"], "event_free", -1)
    return none_of(wrong, len(frame), "points rise, or lie outside [0, 1]")


@table_check("result.milestone_curve")
def progression_free_never_rises(work: OpenStudy) -> Finding:
    """The share without a milestone stays in [0, 1] and never rises."""
    frame = work.lake.frame("result.milestone_curve")
    key = ["variant_id", "genetic_model", "carrier_group", "event"]
    wrong = _n_turning(frame, key, "event_free", -1)
    return none_of(wrong, len(frame), "points rise, or lie outside [0, 1]")


@table_check("result.interval_curve")
def shares_lie_within_what_visits_allow(work: OpenStudy) -> Finding:
    """Each share recovered lies between the least and the most that the visits allow, or in its
    interval.
    """
    frame = work.lake.frame("result.interval_curve").dropna(subset=["cumulative_incidence"])
    least, most = (
        frame[n].fillna(frame[o])
        for n, o in (("share_least", "ci_lower"), ("share_most", "ci_upper"))
    )
    share = frame["cumulative_incidence"]
    wrong = ~share.between(0, 1) | (share < least - 1e-9) | (share > most + 1e-9)
    return none_of(int(wrong.sum()), len(frame), "shares lie outside what the visits allow")


@table_check("result.curve_test")
def curve_tests_are_sound(work: OpenStudy) -> Finding:
    """P values are in (0, 1]; carriers and events are parts of the participants."""
    frame = work.lake.frame("result.curve_test")
    sound = frame["n_carrier"].between(0, frame["n"]) & frame["n_event"].between(0, frame["n"])
    for name in ("p_value", "permutation_p_value"):
        sound &= frame[name].isna() | ((frame[name] > 0) & (frame[name] <= 1))
    return none_of(int((~sound).sum()), len(frame), "tests have a P value or counts that cannot be")


@table_check("result.restricted_mean")
def restricted_means_are_months(work: OpenStudy) -> Finding:
    """A mean lies between 0 and its horizon, a difference between minus and plus the horizon."""
    frame = work.lake.frame("result.restricted_mean").dropna(subset=["mean_months"])
    least = (frame["carrier_group"] == restricted_means.DIFFERENCE) * -frame["horizon_months"]
    sound = frame["mean_months"].between(least - 1e-9, frame["horizon_months"] + 1e-9)
    return none_of(int((~sound).sum()), len(frame), "means lie outside 0 and their horizon")


@table_check("result.trajectory")
def means_are_scores(work: OpenStudy) -> Finding:
    """Each mean is of somebody, between 0 and 48, and inside its interval."""
    frame = work.lake.frame("result.trajectory")
    sound = (frame["n"] >= 1) & frame["mean_total"].between(0, 48)
    inside = frame["mean_total"].between(frame["ci_lower"], frame["ci_upper"])
    sound &= inside | frame["ci_lower"].isna()
    told = "means are no scores, or outside their interval"
    return none_of(int((~sound).sum()), len(frame), told)
