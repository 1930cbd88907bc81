"""Phenotype: how many recover by which definition, how many would by noise alone, and how counts
and the effect of carrying a variant move with the definition.
"""

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from alsrev_dagster.clinical import recovery_rate as counts
from alsrev_dagster.graph.assets import table_asset
from alsrev_dagster.graph.checks import Finding, key_check, none_of, table_check
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats.binomial import clopper_pearson
from alsrev_dagster.study import RECOVERY_PRESETS, RecoveryDefinition, RecoveryRate
from alsrev_dagster.study_choices import EVERY_COHORT
from alsrev_dagster.vocabulary import table
from assets.followed import (
    first_variant,
    how_chosen,
)

_OWNER = "clinical"
_READS = ["core.alsfrsr", "raw.participant"]
_NUMBERS = ("over", "min_gain_points", "min_duration_days", "n_confirming_visit")
_GAIN = {"kind": "gain", "window_days": None}
_NOT_CHOSEN = "descriptive, not incidence: of the participants of one cohort who were enrolled"
_LOST = ["n_without_visit", "n_outside_baseline", "n_ended_before", "n_lost_before"]


@table_asset("result.recovery_rate", owner=_OWNER, reads=[*_READS, "raw.sample"])
def recovery_rate(work: OpenStudy) -> pd.DataFrame:
    """How many recovered by each definition and horizon, of those followed so long, with an exact
    interval; beside it how many would by noise alone. Of everybody, and of each cohort by itself.
    """
    own, months = work.study.recovery.definition, work.study.recovery_rate.horizon_months
    definitions = {own.name: own} | {n: d for n, d in RECOVERY_PRESETS.items() if n != own.name}
    asked = [one for d in definitions.values() for one in counts.horizons(d, months)]
    rows = [
        {
            **one.row(),
            "cohort": cohort,
            "definition": one.asked.definition.name,
            "horizon_months": one.asked.horizon_months,
            "is_study_definition": one.asked.definition.name == own.name,
        }
        for cohort, visits, people in _cohorts(work)
        for one in counts.counted(visits, people, asked, work.study.recovery_rate)
    ]
    told = _with_intervals(rows, work.study.recovery_rate)
    caveat = np.where(told["cohort"].isin(_chosen_cohorts(work)), how_chosen(work), _NOT_CHOSEN)
    return ordered(told.assign(caveat=caveat), "result.recovery_rate")


def _cohorts(work: OpenStudy) -> Iterator[tuple[str, pd.DataFrame, pd.DataFrame]]:
    """Scores and participants of everybody, then of each cohort that is not everybody."""
    visits, people = visits_and_people(work)
    yield EVERY_COHORT, visits, people
    sample = work.lake.frame("raw.sample", ["sample_id", "participant_id", "cohort"])
    used = sample[~sample["sample_id"].isin(list(work.study.excluded_samples))]
    for cohort, mine in used.groupby("cohort", sort=True):
        inside = [
            frame["participant_id"].isin(mine["participant_id"]) for frame in (visits, people)
        ]
        if inside[1].any() and not inside[1].all():
            yield str(cohort), visits[inside[0]], people[inside[1]]


@table_asset(
    "result.recovery_grid",
    owner=_OWNER,
    reads=_READS,
    picture=lambda work: grid_picture(work, "recovery_grid"),
)
def recovery_grid(work: OpenStudy) -> pd.DataFrame:
    """How many recover, and how many would by noise alone, over a grid of definitions beside the
    study's own.
    """
    fewer = {"n_simulation": work.study.recovery_grid.n_simulation}
    noise = work.study.recovery_rate.model_copy(update=fewer)
    rows = [
        {**cell_of(work, one.asked.definition), **one.row()}
        for one in counts.counted(*visits_and_people(work), grid_asked(work), noise)
    ]
    told = _with_intervals(rows, noise).assign(caveat=how_chosen(work))
    return ordered(told, "result.recovery_grid")


def visits_and_people(work: OpenStudy) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Scores and participants: where recoveries are looked for."""
    return work.lake.frame("core.alsfrsr"), work.lake.frame("raw.participant")


def grid_asked(work: OpenStudy) -> list[counts.Asked]:
    """The study's definition with each combination of the grid's numbers."""
    own, grid = work.study.recovery.definition.model_dump(), work.study.recovery_grid
    cells = product(*(getattr(grid, name) for name in _NUMBERS))
    changed = ({**own, **_GAIN, **dict(zip(_NUMBERS, cell, strict=True))} for cell in cells)
    named = ({**one, "name": "-".join(str(one[n]) for n in _NUMBERS)} for one in changed)
    return [counts.Asked(RecoveryDefinition.model_validate(one)) for one in named]


def cell_of(work: OpenStudy, definition: RecoveryDefinition) -> dict[str, Any]:
    """Numbers of a combination, and whether they are the study's own."""
    own = work.study.recovery.definition.model_dump(exclude={"name"})
    same = definition.model_dump(exclude={"name"}) == own
    return {**{n: getattr(definition, n) for n in _NUMBERS}, "is_study_definition": same}


def _with_intervals(rows: list[dict[str, Any]], noise: RecoveryRate) -> pd.DataFrame:
    """Rows with the exact interval of each share, and what was simulated beside it."""
    frame = pd.DataFrame(rows).astype({"n_false_lower": "Int64", "n_false_upper": "Int64"})
    n_event, n = (frame[c].to_numpy(dtype=np.int64) for c in ("n_recovered", "n_followed"))
    interval = vars(clopper_pearson(n_event, n))
    return frame.assign(**interval, n_simulation=noise.n_simulation, seed=noise.seed)


def _chosen_cohorts(work: OpenStudy) -> set[str]:
    """Cohorts, and everybody, in which some may have been chosen because they recovered."""
    cases = {name for contrast in work.study.contrasts.values() for name in contrast.cases}
    return {EVERY_COHORT, *cases}


def ordered(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Columns and rows in the order of a table."""
    spec = table(name)
    return frame[list(spec.column_names)].sort_values(list(spec.key), ignore_index=True)


def grid_figures(work: OpenStudy) -> dict[str, str]:
    """SVG of what moves with the definition, by the page's names."""
    from alsrev_dagster.figures import render

    drawn = {name: grid_picture(work, name) for name in ("recovery_grid", "recovery_effect")}
    return {name: render.svg(figure) for name, figure in drawn.items() if figure is not None}


def grid_picture(work: OpenStudy, name: str) -> Any:
    """Figure of a table over the grid; of one variant, the first declared one."""
    from importlib import import_module

    is_of_variant = "variant_id" in table(f"result.{name}").column_names
    frame = (first_variant if is_of_variant else _whole)(work, f"result.{name}")
    if frame.empty:
        return None
    draw = getattr(import_module(f"alsrev_dagster.figures.{name}"), name)
    return draw(frame, simulated=work.study.simulated)


def _whole(work: OpenStudy, name: str) -> pd.DataFrame:
    return work.lake.frame(name)


recovery_rate_has_unique_key = key_check("result.recovery_rate")
recovery_grid_has_unique_key = key_check("result.recovery_grid")


def _n_not_adding_up(frame: pd.DataFrame) -> int:
    """Rows that lose a participant, or count more recoveries than people."""
    whole = frame[[*_LOST, "n_followed"]].sum(axis=1) == frame["n_participant"]
    inside = frame["n_recovered"].between(0, frame["n_followed"])
    known = frame.dropna(subset=["recovered_rate"])
    outside = ~known["recovered_rate"].between(known["ci_lower"], known["ci_upper"])
    return int((~(whole & inside)).sum() + outside.sum())


@table_check("result.recovery_rate")
def recovery_counts_add_up(work: OpenStudy) -> Finding:
    """Everybody is followed or not for one reason, and who recovered was followed."""
    frame = work.lake.frame("result.recovery_rate")
    told = "rows have counts that do not add up, or a share outside its interval"
    return none_of(_n_not_adding_up(frame), len(frame), told)


@table_check("result.recovery_grid")
def grid_counts_add_up(work: OpenStudy) -> Finding:
    """Everybody is followed or not for one reason, and who recovered was followed."""
    frame = work.lake.frame("result.recovery_grid")
    told = "rows have counts that do not add up, or a share outside its interval"
    return none_of(_n_not_adding_up(frame), len(frame), told)


@table_check("result.recovery_grid")
def a_stricter_definition_finds_no_more(work: OpenStudy) -> Finding:
    """Of definitions that differ in the points alone, the one that asks for more finds no more."""
    frame = work.lake.frame("result.recovery_grid").sort_values("min_gain_points")
    rest = [name for name in _NUMBERS if name != "min_gain_points"]
    more = frame.groupby(rest)["n_recovered"].diff().fillna(0) > 0
    return none_of(int(more.sum()), len(frame), "definitions find more than one that asks for less")


@table_check("result.recovery_rate", blocking=False)
def recoveries_are_more_than_noise(work: OpenStudy) -> Finding:
    """By the study's own definition more recovered, at every horizon, than seem to in simulated
    cohorts that only decline: as many do in at most checks.noise_p_max of them. Where cases were
    chosen because they recovered that proves nothing of them: the other cohorts are judged.
    """
    frame = work.lake.frame("result.recovery_rate").query("is_study_definition")
    if work.study.survival.cases_chosen_for_recovery:
        frame = frame[~frame["cohort"].isin(_chosen_cohorts(work))]
        if frame.empty:
            return Finding(True, "not judged: cases were chosen because they recovered")
    else:
        frame = frame[frame["cohort"] == EVERY_COHORT]
    judged = frame.dropna(subset=["noise_p_value"])
    judged = judged[judged["n_recovered"] > 0]
    noise = judged[judged["noise_p_value"] > work.study.checks.noise_p_max]
    found = none_of(len(noise), len(frame), "cohorts and horizons show no more than noise")
    lines = [
        f"{row.cohort}, {row.horizon_months:g} months: {row.n_recovered} of {row.n_followed} "
        f"recovered, noise alone gives {row.n_false_lower} to {row.n_false_upper}"
        for row in noise.itertuples()
    ]
    n_unjudged = len(frame) - len(judged)
    said = [found.description, *lines]
    if n_unjudged:
        said.append(f"{n_unjudged} could not be judged: nobody recovered, or no scatter is known")
    if lines:
        said.append(
            "ask for more points, a longer duration or more confirming visits (recovery.custom), "
            "or say what the scatter is (recovery_rate.residual_sd); few people cannot exceed noise"
        )
    return Finding(found.passed, "; ".join(said), found.metadata)
