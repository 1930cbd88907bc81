"""Survival models: time to recovery and to death by genotype, and survival after a recovery."""

from dataclasses import replace

import pandas as pd

from alsrev_dagster.graph.assets import table_asset
from alsrev_dagster.graph.checks import Finding, key_check, none_of, table_check
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.survival import hazard_by_time as by_time
from alsrev_dagster.survival import recovery_models, survival_models
from alsrev_dagster.survival import reversal_state as after
from alsrev_dagster.survival.groups import refuse_two_cohorts, with_personal
from alsrev_dagster.vocabulary.states import RECOVERY
from assets.audit import joint_mark
from assets.followed import (
    FOLLOWED_TABLES,
    PERSON_TABLES,
    by_origin,
    how_chosen,
    model_rule,
    other_definitions,
    own_definition,
    participants,
    picture,
    with_cluster,
)

_OWNER = "clinical"
_KINDS = ("lifelines", "parquet")
_NO_EFFECT = "no effect of recovering: what brings a recovery on can also prolong life"


@table_asset(
    "result.recovery_model",
    owner=_OWNER,
    reads=[*FOLLOWED_TABLES, *PERSON_TABLES, "core.alsfrsr", "raw.sample"],
    kinds=_KINDS,
)
def recovery_model(work: OpenStudy) -> pd.DataFrame:
    """Recovery by genotype: cause-specific and subdistribution hazard, time between visits, and
    the odds of ever recovering; of declared loci by the published definitions too.
    """
    own, others, person = own_definition(work), other_definitions(work), with_cluster(work)

    def made(carrier: pd.DataFrame, *, is_declared: bool, caveat: str) -> pd.DataFrame:
        return recovery_models.recovery_model(
            carrier,
            [own, *others] if is_declared else [own],
            person,
            rule=model_rule(work, is_declared),
            caveat=caveat,
        )

    return by_origin(work, "result.recovery_model", made)


@table_asset(
    "result.survival_model",
    owner=_OWNER,
    reads=[*FOLLOWED_TABLES, *PERSON_TABLES, "raw.sample"],
    kinds=_KINDS,
)
def survival_model(work: OpenStudy) -> pd.DataFrame:
    """Death by genotype: hazard ratio within strata, and of declared loci time ratios."""
    outcome, person = work.lake.frame("core.outcome"), with_cluster(work)
    asked = work.study.survival.failure_times

    def made(carrier: pd.DataFrame, *, is_declared: bool, caveat: str) -> pd.DataFrame:
        return survival_models.survival_model(
            carrier,
            outcome,
            person,
            rule=model_rule(work, is_declared),
            distributions=asked if is_declared else (),
            caveat=caveat,
        )

    return by_origin(work, "result.survival_model", made)


@table_asset(
    "result.hazard_by_time",
    owner=_OWNER,
    reads=[*FOLLOWED_TABLES, *PERSON_TABLES],
    picture=picture("hazard_by_time", "result.hazard_by_time"),
)
def hazard_by_time(work: OpenStudy) -> pd.DataFrame:
    """Hazard ratio of recovery and of death in bands of time: of declared loci, carriers against
    the rest.
    """
    outcome, person = work.lake.frame("core.outcome"), participants(work)
    months = work.study.survival.band_months

    def made(carrier: pd.DataFrame, *, is_declared: bool, caveat: str) -> pd.DataFrame:
        return by_time.hazard_by_time(
            carrier if is_declared else carrier.head(0),
            outcome,
            person,
            rule=replace(model_rule(work, is_declared), genetic_models=("dominant",)),
            band_months=months,
            caveat=caveat,
        )

    return by_origin(work, "result.hazard_by_time", made)


@table_asset(
    "result.reversal_state",
    owner=_OWNER,
    reads=[*FOLLOWED_TABLES, *PERSON_TABLES, "core.state_spell"],
    kinds=_KINDS,
)
def reversal_state(work: OpenStudy) -> pd.DataFrame:
    """Hazard of death after a confirmed recovery, as a state that changes over time and from
    landmarks on: never as a group from the start.
    """
    asked, spell = work.study.survival, work.lake.frame("core.state_spell")
    made = after.reversal_state(
        work.lake.frame("core.outcome"),
        _people(work),
        spell[spell["states"] == RECOVERY],
        strata=asked.strata,
        landmark_months=asked.landmark_months,
        events_per_term_min=work.study.checks.events_per_term_min,
        caveat=f"{_NO_EFFECT}; {how_chosen(work)}",
    )
    return made.assign(**joint_mark(work))


def _people(work: OpenStudy) -> pd.DataFrame:
    """Participants that some contrast includes, with their strata."""
    member = work.lake.frame("core.analysis_set").query("is_included")
    strata = work.study.survival.strata
    if "cohort" in strata:
        refuse_two_cohorts(member.assign(carrier=True))
    first = member.sort_values(["participant_id", "sample_id"]).drop_duplicates("participant_id")
    return with_personal(first[["participant_id", "cohort"]], participants(work), strata)


recovery_model_has_unique_key = key_check("result.recovery_model")
survival_model_has_unique_key = key_check("result.survival_model")
hazard_by_time_has_unique_key = key_check("result.hazard_by_time")
reversal_state_has_unique_key = key_check("result.reversal_state")


def _cox(work: OpenStudy, name: str) -> pd.DataFrame:
    """Rows of Cox's models."""
    frame = work.lake.frame(name)
    return frame[frame["method"].str.startswith("cox")]


def _rests_on_events(work: OpenStudy, name: str, events: str) -> Finding:
    frame, least = work.lake.frame(name), work.study.checks.events_per_term_min
    few = int((frame["events_per_term"] < least).sum())
    return none_of(few, len(frame), f"models rest on fewer than {least} {events} a term")


def _is_proportional(work: OpenStudy, name: str) -> Finding:
    p_value = _cox(work, name)["proportional_hazards_p"]
    alpha, n_unjudged = work.study.checks.proportional_hazards_alpha, int(p_value.isna().sum())
    low = int((p_value < alpha / max(len(p_value), 1)).sum())
    told = "Cox models have hazards that are not proportional"
    found = none_of(low, len(p_value), told, n_unjudged=n_unjudged)
    unjudged = f"; {n_unjudged} could not be judged" if n_unjudged else ""
    return Finding(found.passed, found.description + unjudged, found.metadata)


def _is_not_separated(work: OpenStudy, name: str) -> Finding:
    frame = work.lake.frame(name)
    n_apart = int((frame["fit_status"] == "separated").sum())
    told = "models are separated: read their intervals, not their ratios"
    return none_of(n_apart, len(frame), told)


@table_check("result.recovery_model", blocking=False)
def there_are_ten_events_per_term(work: OpenStudy) -> Finding:
    """Each model rests on checks.events_per_term_min recoveries a term or more; with fewer the
    penalised likelihood is used, and its numbers lean on the penalty.
    """
    return _rests_on_events(work, "result.recovery_model", "recoveries")


@table_check("result.survival_model", blocking=False)
def there_are_ten_deaths_per_term(work: OpenStudy) -> Finding:
    """As of recovery: enough deaths for each term of a model."""
    return _rests_on_events(work, "result.survival_model", "deaths")


@table_check("result.recovery_model", blocking=False)
def hazards_are_proportional(work: OpenStudy) -> Finding:
    """The Schoenfeld test does not reject proportional hazards of recovery, at
    checks.proportional_hazards_alpha / Cox models; those that it cannot judge are counted. See
    result.hazard_by_time.
    """
    return _is_proportional(work, "result.recovery_model")


@table_check("result.survival_model", blocking=False)
def hazards_of_death_are_proportional(work: OpenStudy) -> Finding:
    """As of recovery: the hazard ratio of death does not change over time."""
    return _is_proportional(work, "result.survival_model")


def _n_not_adding_up(frame: pd.DataFrame) -> int:
    """Models whose counts are not parts of one another."""
    event_free_carrier = frame["n_carrier"] - frame["n_event_carrier"]
    sound = (frame["n_event_carrier"] >= 0) & (event_free_carrier >= 0)
    sound &= frame["n_event_carrier"] <= frame["n_event"]
    sound &= frame["n_event"] - frame["n_event_carrier"] <= frame["n"] - frame["n_carrier"]
    return int((~sound).sum())


def _n_outside_interval(frame: pd.DataFrame) -> int:
    """Ratios that are not positive, or not inside their interval, which can be open."""
    fitted = frame.dropna(subset=["ratio"])
    inside = fitted["ratio"].between(fitted["ci_lower"], fitted["ci_upper"])
    return int((~(inside & (fitted["ratio"] > 0) & (fitted["ci_lower"] >= 0))).sum())


def _models_are_sound(frame: pd.DataFrame) -> Finding:
    n_count, n_ratio = _n_not_adding_up(frame), _n_outside_interval(frame)
    told = "models have counts that do not add up, or a ratio outside its interval"
    return none_of(n_count + n_ratio, len(frame), told, n_count=n_count, n_ratio=n_ratio)


@table_check("result.recovery_model")
def recovery_models_are_sound(work: OpenStudy) -> Finding:
    """Carriers and events are parts of the participants; a ratio is positive and inside its
    interval.
    """
    return _models_are_sound(work.lake.frame("result.recovery_model"))


@table_check("result.survival_model")
def survival_models_are_sound(work: OpenStudy) -> Finding:
    """Carriers and events are parts of the participants; a ratio is positive and inside its
    interval.
    """
    return _models_are_sound(work.lake.frame("result.survival_model"))


@table_check("result.recovery_model", blocking=False)
def recovery_is_not_separated(work: OpenStudy) -> Finding:
    """In each model both carriers and others recover while the other is at risk; where not, no
    ordinary estimate exists, and the penalised one leans on its penalty.
    """
    return _is_not_separated(work, "result.recovery_model")


@table_check("result.survival_model", blocking=False)
def survival_is_not_separated(work: OpenStudy) -> Finding:
    """As of recovery: carriers and others die while the other is at risk."""
    return _is_not_separated(work, "result.survival_model")


@table_check("result.hazard_by_time")
def hazards_by_time_are_sound(work: OpenStudy) -> Finding:
    """Carriers and events are parts of the participants of a band; a ratio lies in its interval."""
    return _models_are_sound(work.lake.frame("result.hazard_by_time"))


@table_check("result.reversal_state")
def reversal_states_are_sound(work: OpenStudy) -> Finding:
    """Those with a recovery and their deaths are parts of all; a ratio lies in its interval."""
    frame = work.lake.frame("result.reversal_state")
    sound = (frame["n_reversed"] <= frame["n"]) & (frame["n_event_reversed"] <= frame["n_event"])
    inside = frame["hazard_ratio"].between(frame["ci_lower"], frame["ci_upper"])
    sound &= inside | frame["hazard_ratio"].isna()
    told = "rows have counts that do not add up, or a ratio outside its interval"
    return none_of(int((~sound).sum()), len(frame), told)
