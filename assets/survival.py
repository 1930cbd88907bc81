"""Survival: time to recovery and to death, by carrier status of each declared or lead variant."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd

from alsrev_dagster.clinical.time_axis import total_by_month
from alsrev_dagster.graph.assets import Picture, table_asset
from alsrev_dagster.graph.checks import Finding, key_check, none_of, table_check
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.survival import by_carrier
from alsrev_dagster.survival import trajectory as course
from alsrev_dagster.vocabulary import table
from assets.audit import joint_mark

_OWNER = "clinical"
_READS = ["core.carrier", "core.outcome", "core.analysis_set", "result.confounding_mark"]
_CHOSEN = {
    True: "descriptive, not incidence: cases were chosen because they recovered",
    False: "descriptive, not incidence: of the participants who were enrolled",
}
"""By whether the cases were chosen for their recovery."""
_SURVIVORS = "mean of those still seen: the dead and the lost are missing from it"


def carriers_in_use(work: OpenStudy) -> pd.DataFrame:
    """Carrier rows of the samples that some contrast includes: one a participant and genome."""
    member = work.lake.frame("core.analysis_set")
    included = set(member.loc[member["is_included"], "sample_id"])
    frame = work.lake.frame("core.carrier")
    return frame[frame["sample_id"].isin(included)]


def _participants(work: OpenStudy) -> pd.DataFrame:
    """Participants; whose sex only the table of samples gives have it from there."""
    frame = work.lake.frame("raw.participant")
    known = work.lake.frame("core.sample_trait").dropna(subset=["sex"])
    of_person = known.drop_duplicates("participant_id").set_index("participant_id")["sex"]
    return frame.assign(sex=frame["sex"].fillna(frame["participant_id"].map(of_person)))


def participants(work: OpenStudy) -> pd.DataFrame:
    """Participants, their sex from wherever it is known."""
    return _participants(work)


def how_chosen(work: OpenStudy) -> str:
    """How the participants were chosen: the first caveat of whatever is said of their time."""
    return _CHOSEN[work.study.survival.cases_chosen_for_recovery]


def _by_origin(work: OpenStudy, name: str, make: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    """Make a table of declared and of found variants apart: each has its own caveat."""
    carrier = carriers_in_use(work)
    declared = [locus.lead for locus in work.study.loci.values()]
    sides = carrier.groupby(carrier["variant_id"].isin(declared))
    parts = [make(rows, caveat=caveat_of(work, bool(is_declared))) for is_declared, rows in sides]
    if not parts:
        return work.lake.empty_frame(name)
    made = pd.concat(parts).sort_values(list(table(name).key), ignore_index=True)
    return made.assign(**joint_mark(work))


def caveat_of(work: OpenStudy, is_declared: bool) -> str:
    """What keeps a number of a declared, or a found, variant from meaning more than it does."""
    chosen = _CHOSEN[work.study.survival.cases_chosen_for_recovery]
    if is_declared:
        return f"{chosen}; circular if the locus was declared after a look at these participants"
    return f"circular: the variant was found in these participants; {chosen}"


def first_variant(work: OpenStudy, name: str) -> pd.DataFrame:
    """Rows of the first declared locus, or else of the first variant."""
    frame = work.lake.frame(name)
    declared = [locus.lead for locus in work.study.loci.values()]
    shown = [v for v in (*declared, *frame["variant_id"].unique()) if v in set(frame["variant_id"])]
    return frame[frame["variant_id"] == shown[0]] if shown else frame


def _picture(module: str, name: str) -> Picture:
    def picture(work: OpenStudy) -> Any:
        from importlib import import_module

        frame = first_variant(work, name)
        if frame.empty:
            return None
        draw = getattr(import_module(f"alsrev_dagster.figures.{module}"), module)
        return draw(frame, simulated=work.study.simulated)

    return picture


@table_asset(
    "result.recovery_curve",
    owner=_OWNER,
    reads=_READS,
    picture=_picture("recovery_curve", "result.recovery_curve"),
)
def recovery_curve(work: OpenStudy) -> pd.DataFrame:
    """Cumulative incidence of recovery, death competing, by carrier status (Aalen-Johansen,
    delayed entry).
    """
    outcome = work.lake.frame("core.outcome")
    return _by_origin(
        work, "result.recovery_curve", partial(by_carrier.recovery_curve, outcome=outcome)
    )


@table_asset(
    "result.survival_curve",
    owner=_OWNER,
    reads=_READS,
    picture=_picture("survival_curve", "result.survival_curve"),
)
def survival_curve(work: OpenStudy) -> pd.DataFrame:
    """Survival by carrier status (Kaplan-Meier, delayed entry)."""
    outcome = work.lake.frame("core.outcome")
    return _by_origin(
        work, "result.survival_curve", partial(by_carrier.survival_curve, outcome=outcome)
    )


@table_asset(
    "result.recovery_model",
    owner=_OWNER,
    reads=[*_READS, "raw.participant", "core.sample_trait"],
    kinds=("lifelines", "parquet"),
)
def recovery_model(work: OpenStudy) -> pd.DataFrame:
    """Hazard ratio of recovery of carriers (cause-specific Cox, delayed entry, strata)."""
    make = partial(
        by_carrier.recovery_model,
        outcome=work.lake.frame("core.outcome"),
        participant=_participants(work),
        strata=work.study.survival.strata,
    )
    return _by_origin(work, "result.recovery_model", make)


@table_asset(
    "result.survival_model",
    owner=_OWNER,
    reads=[*_READS, "raw.participant", "core.sample_trait"],
    kinds=("lifelines", "parquet"),
)
def survival_model(work: OpenStudy) -> pd.DataFrame:
    """Hazard ratio of death of carriers (Cox, delayed entry, strata)."""
    make = partial(
        by_carrier.survival_model,
        outcome=work.lake.frame("core.outcome"),
        participant=_participants(work),
        strata=work.study.survival.strata,
    )
    return _by_origin(work, "result.survival_model", make)


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
    picture=_picture("trajectory", "result.trajectory"),
)
def trajectory(work: OpenStudy) -> pd.DataFrame:
    """Mean ALSFRS-R total by carrier status over time, of those still seen."""
    origin = work.study.survival.time_origin
    participant, totals = work.lake.frame("raw.participant"), work.lake.frame("core.alsfrsr")
    return course.trajectory(
        carriers_in_use(work),
        total_by_month(totals, participant, origin),
        time_origin=origin,
        interval_months=work.study.survival.trajectory_interval_months,
        caveat=_SURVIVORS,
    ).assign(**joint_mark(work))


recovery_curve_has_unique_key = key_check("result.recovery_curve")
survival_curve_has_unique_key = key_check("result.survival_curve")
recovery_model_has_unique_key = key_check("result.recovery_model")
survival_model_has_unique_key = key_check("result.survival_model")
trajectory_has_unique_key = key_check("result.trajectory")


def _n_turning(frame: pd.DataFrame, key: list[str], column: str, sign: int) -> int:
    """Points at which a curve turns the wrong way, or leaves [0, 1]."""
    step = frame.sort_values("duration_months").groupby(key)[column].diff().fillna(0.0)
    return int((sign * step < -1e-12).sum() + (~frame[column].between(0, 1)).sum())


@table_check("result.recovery_curve")
def incidence_never_falls(work: OpenStudy) -> Finding:
    """Cumulative incidence stays in [0, 1] and never falls."""
    frame = work.lake.frame("result.recovery_curve")
    wrong = _n_turning(frame, ["variant_id", "carrier_group", "event"], "cumulative_incidence", 1)
    return none_of(wrong, len(frame), "points fall, or lie outside [0, 1]")


@table_check("result.survival_curve")
def survival_never_rises(work: OpenStudy) -> Finding:
    """Survival stays in [0, 1] and never rises."""
    frame = work.lake.frame("result.survival_curve")
    wrong = _n_turning(frame, ["variant_id", "carrier_group"], "event_free", -1)
    return none_of(wrong, len(frame), "points rise, or lie outside [0, 1]")


@table_check("result.recovery_model", blocking=False)
def there_are_ten_events_per_term(work: OpenStudy) -> Finding:
    """Each model rests on checks.events_per_term_min events or more (one term each); fewer make
    Cox unsteady.
    """
    frame, least = work.lake.frame("result.recovery_model"), work.study.checks.events_per_term_min
    few = int((frame["n_event"] < least).sum())
    return none_of(few, len(frame), f"models rest on fewer than {least} recoveries")


@table_check("result.recovery_model", blocking=False)
def hazards_are_proportional(work: OpenStudy) -> Finding:
    """The Schoenfeld test does not reject proportional hazards, at
    checks.proportional_hazards_alpha / models; models that it cannot judge are counted.
    """
    p_value = work.lake.frame("result.recovery_model")["proportional_hazards_p"]
    alpha, n_unjudged = work.study.checks.proportional_hazards_alpha, int(p_value.isna().sum())
    low = int((p_value < alpha / max(len(p_value), 1)).sum())
    told = "models have hazards that are not proportional"
    found = none_of(low, len(p_value), told, n_unjudged=n_unjudged)
    unjudged = f"; {n_unjudged} could not be judged" if n_unjudged else ""
    return Finding(found.passed, found.description + unjudged, found.metadata)


def _n_not_adding_up(frame: pd.DataFrame) -> int:
    """Models whose counts are not parts of one another."""
    event_free_carrier = frame["n_carrier"] - frame["n_event_carrier"]
    sound = (frame["n_event_carrier"] >= 0) & (event_free_carrier >= 0)
    sound &= frame["n_event_carrier"] <= frame["n_event"]
    sound &= frame["n_event"] - frame["n_event_carrier"] <= frame["n"] - frame["n_carrier"]
    return int((~sound).sum())


def _n_outside_interval(frame: pd.DataFrame) -> int:
    """Hazard ratios that are not positive, or not inside their interval."""
    fitted = frame.dropna(subset=["hazard_ratio"])
    inside = fitted["hazard_ratio"].between(fitted["ci_lower"], fitted["ci_upper"])
    return int((~(inside & (fitted["ci_lower"] > 0))).sum())


def _models_are_sound(frame: pd.DataFrame) -> Finding:
    n_count, n_ratio = _n_not_adding_up(frame), _n_outside_interval(frame)
    told = "models have counts that do not add up, or a ratio outside its interval"
    return none_of(n_count + n_ratio, len(frame), told, n_count=n_count, n_ratio=n_ratio)


@table_check("result.recovery_model")
def recovery_models_are_sound(work: OpenStudy) -> Finding:
    """Carriers and events are parts of the participants; a hazard ratio is positive and inside
    its interval.
    """
    return _models_are_sound(work.lake.frame("result.recovery_model"))


@table_check("result.survival_model")
def survival_models_are_sound(work: OpenStudy) -> Finding:
    """Carriers and events are parts of the participants; a hazard ratio is positive and inside
    its interval.
    """
    return _models_are_sound(work.lake.frame("result.survival_model"))


@table_check("result.trajectory")
def means_are_scores(work: OpenStudy) -> Finding:
    """Each mean is of somebody, between 0 and 48, and inside its interval."""
    frame = work.lake.frame("result.trajectory")
    sound = (frame["n"] >= 1) & frame["mean_total"].between(0, 48)
    inside = frame["mean_total"].between(frame["ci_lower"], frame["ci_upper"])
    sound &= inside | frame["ci_lower"].isna()
    told = "means are no scores, or outside their interval"
    return none_of(int((~sound).sum()), len(frame), told)
