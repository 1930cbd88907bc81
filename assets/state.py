"""States over time: recovered and lost again, stages, death; who is in which, and for how long."""

from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd

from alsrev_dagster.clinical.observation import usable_visit
from alsrev_dagster.clinical.standing import recovery_standing
from alsrev_dagster.clinical.state_spell import state_spell as spells_of
from alsrev_dagster.clinical.visit_series import score_column
from alsrev_dagster.graph.assets import table_asset
from alsrev_dagster.graph.checks import Finding, key_check, none_of, table_check
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.survival import state_months, state_rows
from alsrev_dagster.survival.model_rows import ModelRule, people_of
from alsrev_dagster.survival.restricted_means import DIFFERENCE
from alsrev_dagster.survival.state_frames import StateRule
from alsrev_dagster.survival.tables import result_table
from alsrev_dagster.vocabulary.states import ENDS, LOST, RECOVERED, RECOVERY
from assets.followed import (
    FOLLOWED_TABLES,
    PERSON_TABLES,
    by_origin,
    first_variant,
    model_rule,
    participants,
)
from assets.reading import with_sampling_day

_OWNER = "clinical"
_SPELL, _OCCUPATION, _TIME = "core.state_spell", "result.state_occupation", "result.state_time"
_FROM_ENTRY = "entry"
_ROUNDING = 1e-9
_SEEN_LATE = "moves are dated by the visit that shows them"


@table_asset(_SPELL, owner=_OWNER, reads=["core.alsfrsr", "raw.participant", "raw.sample"])
def state_spell(work: OpenStudy) -> pd.DataFrame:
    """When each participant was in which state: recovered as the study defines it or not any more,
    and in which stage, until death, tracheostomy or the end of observation.
    """
    scores, person = work.lake.frame("core.alsfrsr"), with_sampling_day(work)
    definition, staging = work.study.recovery.definition, work.study.trajectory.staging
    column = work.study.trajectory.stage_column
    staged = usable_visit(scores, person, column)[["participant_id", "day", column]]
    staged = staged.assign(state=staged[column].astype("Int64").astype(str))
    kinds = {
        RECOVERY: (recovery_standing(scores, person, definition), score_column(definition)),
        staging: (staged[["participant_id", "day", "state"]], column),
    }
    made = [
        spells_of(
            visit_state,
            scores,
            person,
            score=score,
            time_origin=work.study.survival.time_origin,
            carried_days=definition.max_gap_days,
        ).assign(states=states, definition=definition.name if states == RECOVERY else None)
        for states, (visit_state, score) in kinds.items()
    ]
    return result_table(_SPELL, made, time_origin=work.study.survival.time_origin)


def _picture(work: OpenStudy) -> Any:
    """Recovery states of the first variant."""
    from alsrev_dagster.figures.state_occupation import state_occupation

    frame = first_variant(work, _OCCUPATION)
    frame = frame[frame["states"] == RECOVERY]
    return state_occupation(frame, simulated=work.study.simulated) if len(frame) else None


@table_asset(
    _OCCUPATION,
    owner=_OWNER,
    reads=[_SPELL, *FOLLOWED_TABLES, *PERSON_TABLES],
    picture=_picture,
)
def state_occupation(work: OpenStudy) -> pd.DataFrame:
    """Chance of being in each state over time since entry, carriers and others: recovered can be
    lost again, stages go back, death ends all.
    """

    def rows(people: pd.DataFrame, spell: pd.DataFrame, _: ModelRule) -> Iterator[pd.DataFrame]:
        return state_rows.occupation_rows(people, spell, _rule(work))

    return _by_states(work, _OCCUPATION, rows, method=state_rows.OCCUPATION)


@table_asset(_TIME, owner=_OWNER, reads=[_SPELL, *FOLLOWED_TABLES, *PERSON_TABLES])
def state_time(work: OpenStudy) -> pd.DataFrame:
    """Mean months in each state up to each horizon, and how many more or fewer carriers spend in it
    than the others of their stratum.
    """

    def rows(people: pd.DataFrame, spell: pd.DataFrame, rule: ModelRule) -> Iterator[pd.DataFrame]:
        return state_months.months_rows(people, spell, _rule(work), rule.genetic_models)

    return _by_states(work, _TIME, rows, seed=work.study.trajectory.seed)


def _rule(work: OpenStudy) -> StateRule:
    asked = work.study.trajectory
    return StateRule(
        interval_months=asked.occupation_interval_months,
        horizon_months=asked.occupation_horizon_months,
        strata=work.study.survival.strata,
        n_permutation=asked.occupation_n_permutation,
        seed=asked.seed,
    )


def _by_states(
    work: OpenStudy,
    name: str,
    rows: Callable[[pd.DataFrame, pd.DataFrame, ModelRule], Iterator[pd.DataFrame]],
    **said: str | int,
) -> pd.DataFrame:
    """Rows of each kind of states, of declared and of found variants."""
    spells, person = work.lake.frame(_SPELL), participants(work)

    def made(carrier: pd.DataFrame, *, is_declared: bool, caveat: str) -> pd.DataFrame:
        rule = model_rule(work, is_declared)
        people = people_of(carrier, person, rule)
        found = [
            frame.assign(states=states, definition=spell["definition"].iloc[0])
            for states, spell in spells.groupby("states", sort=True)
            for frame in rows(people, spell, rule)
        ]
        told = {"time_origin": _FROM_ENTRY, "caveat": f"{caveat}; {_SEEN_LATE}", **said}
        return result_table(name, found, **told)

    return by_origin(work, name, made)


state_spell_has_unique_key = key_check(_SPELL)
state_occupation_has_unique_key = key_check(_OCCUPATION)
state_time_has_unique_key = key_check(_TIME)


@table_check(_SPELL)
def spells_follow_one_another(work: OpenStudy) -> Finding:
    """Each spell lasts, begins when the one before it ends, and is what that went to."""
    frame = work.lake.frame(_SPELL).sort_values(["participant_id", "states", "spell_index"])
    key = ["participant_id", "states"]
    before = frame.groupby(key)[["until_months", "next_state"]].shift()
    is_first = ~frame.duplicated(key)
    sound = frame["from_months"] < frame["until_months"]
    sound &= is_first | (frame["from_months"] == before["until_months"])
    sound &= is_first | (frame["state"] == before["next_state"])
    return none_of(int((~sound).sum()), len(frame), "spells last no time, or do not join")


@table_check(_SPELL)
def who_is_recovered_was_confirmed(work: OpenStudy) -> Finding:
    """Whose recovery core.outcome confirms is recovered at some time, unless death or tracheostomy
    came on that day; nobody else ever is.
    """
    frame, outcome = work.lake.frame(_SPELL), work.lake.frame("core.outcome")
    frame = frame[frame["states"] == RECOVERY]
    person, after = frame["participant_id"], frame["next_state"]
    ever = set(person[frame["state"].isin([RECOVERED, LOST])]) | set(person[after == RECOVERED])
    excused = set(person[after.isin(ENDS)])
    confirmed = set(outcome.loc[outcome["confirmation_day"].notna(), "participant_id"])
    counted = set(outcome.loc[outcome["event_recovery"].fillna(False), "participant_id"])
    n_wrong = len(ever - confirmed) + len(counted - ever - excused)
    told = "participants are recovered without a confirmed recovery, or never after one"
    return none_of(n_wrong, person.nunique(), told)


@table_check(_OCCUPATION)
def everybody_is_in_one_state(work: OpenStudy) -> Finding:
    """The chances of a group at a month are fractions that sum to 1, each inside its interval."""
    frame = work.lake.frame(_OCCUPATION)
    total = frame.groupby(["variant_id", "carrier_group", "states", "month"])["probability"]
    wrong = (total.transform("sum") - 1).abs() > _ROUNDING
    wrong |= ~frame["probability"].between(0, 1 + _ROUNDING)
    inside = frame["probability"].between(frame["ci_lower"], frame["ci_upper"])
    wrong |= ~(inside | frame["ci_lower"].isna())
    told = "rows have chances that do not sum to 1, or one outside its interval"
    return none_of(int(wrong.sum()), len(frame), told)


@table_check(_TIME)
def months_in_states_add_up(work: OpenStudy) -> Finding:
    """The months of a group in all states are the horizon, those of a difference 0; a number stands
    where the status is ok, inside its interval, and a P value is in (0, 1].
    """
    frame = work.lake.frame(_TIME)
    key = ["variant_id", "genetic_model", "states", "horizon_months", "carrier_group"]
    months = frame.groupby(key)["mean_months"].transform(lambda each: each.sum(skipna=False))
    whole = frame["horizon_months"].where(frame["carrier_group"] != DIFFERENCE, 0.0)
    wrong = (months - whole).abs() > _ROUNDING * frame["horizon_months"]
    wrong |= (frame["fit_status"] == "ok") & frame["mean_months"].isna()
    inside = frame["mean_months"].between(frame["ci_lower"], frame["ci_upper"])
    wrong |= ~(inside | frame["ci_lower"].isna())
    for name in ("p_value", "permutation_p_value"):
        wrong |= ~(frame[name].between(0, 1, inclusive="right") | frame[name].isna())
    told = "rows have months that do not add up, or no number, or one outside its interval"
    return none_of(int(wrong.sum()), len(frame), told)
