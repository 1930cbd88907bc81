"""Course of function: models of the ALSFRS-R total by genotype, function and survival together, and
the flow between stages.
"""

from collections.abc import Iterator, Sequence

import pandas as pd

from alsrev_dagster.clinical.time_axis import measured_by_month, total_by_month
from alsrev_dagster.graph.assets import table_asset
from alsrev_dagster.graph.checks import Finding, key_check, none_of, table_check
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.survival.cafs_rows import cafs_rows
from alsrev_dagster.survival.course_people import CoursePeople, course_people
from alsrev_dagster.survival.fitted_course import fitted_rows
from alsrev_dagster.survival.one_thread import one_blas_thread
from alsrev_dagster.survival.stage_rows import stage_rows
from alsrev_dagster.survival.tables import result_table
from alsrev_dagster.survival.trajectory_models import CourseRule, trajectory_rows
from alsrev_dagster.survival.visit_spacing import VisitSpacing, visit_spacing
from assets.audit import joint_mark
from assets.followed import (
    FOLLOWED_TABLES,
    PERSON_TABLES,
    by_origin,
    carriers_in_use,
    caveat_of,
    declared_variants,
    participants,
    picture,
)

_OWNER = "clinical"
_COURSE_TABLES = [*FOLLOWED_TABLES, *PERSON_TABLES, "core.alsfrsr"]
_OF_THE_LIVING = "no score after death: see the models in which death tells of the course"
_OF_RULE = set(CourseRule.__dataclass_fields__) - {"strata"}
_FROM_ENTRY = "entry"
_DESCRIPTION = "counts of those followed; who is unseen is not at random"


@table_asset("result.trajectory_model", owner=_OWNER, reads=_COURSE_TABLES)
def trajectory_model(work: OpenStudy) -> pd.DataFrame:
    """Difference in slope of the ALSFRS-R total by genotype: mixed models, and of declared loci
    with bent time, floor and ceiling, drop-out and death taken in.
    """
    rule = CourseRule(
        **work.study.trajectory.model_dump(include=_OF_RULE), strata=work.study.survival.strata
    )
    declared = declared_variants(work)
    with one_blas_thread():
        rows = [
            {**row, "caveat": _caveat(work, people.variant_id)}
            for people in people_of_courses(work, rule.strata)
            for row in trajectory_rows(people, rule, is_declared=people.variant_id in declared)
        ]
    origin = work.study.survival.time_origin
    made = result_table("result.trajectory_model", _frame(rows), time_origin=origin)
    return made.assign(**joint_mark(work))


@table_asset("result.fitted_course", owner=_OWNER, reads=_COURSE_TABLES)
def fitted_course(work: OpenStudy) -> pd.DataFrame:
    """Mean ALSFRS-R total over time as a mixed model fits it to carriers and to others."""
    asked, rows = work.study.trajectory, list[pd.DataFrame]()
    every = work.study.survival.trajectory_interval_months
    with one_blas_thread():
        for people in people_of_courses(work, ()):
            caveat = _caveat(work, people.variant_id)
            found = fitted_rows(people, n_knot=asked.n_knot, every_months=every)
            rows += [frame.assign(caveat=caveat) for frame in found]
    said = {"method": "mixed_model_spline", "time_origin": work.study.survival.time_origin}
    return result_table("result.fitted_course", rows, **said).assign(**joint_mark(work))


@table_asset("result.cafs", owner=_OWNER, reads=_COURSE_TABLES)
def cafs(work: OpenStudy) -> pd.DataFrame:
    """Function and survival as one ranking of everybody (CAFS), carriers against others of their
    stratum.
    """
    asked, strata = work.study.trajectory, work.study.survival.strata
    drawn = {"n_permutation": asked.cafs_n_permutation, "seed": asked.seed}
    declared = declared_variants(work)
    rows = [
        {**row, "caveat": caveat_of(work, people.variant_id in declared)}
        for people in people_of_courses(work, strata)
        for row in cafs_rows(people, asked.cafs_horizon_months, **drawn)
    ]
    made = result_table(
        "result.cafs",
        _frame(rows),
        method="cafs_wilcoxon",
        strata=", ".join(strata),
        time_origin=_FROM_ENTRY,
        seed=asked.seed,
    )
    return made.assign(**joint_mark(work))


@table_asset(
    "result.stage_flow",
    owner=_OWNER,
    reads=_COURSE_TABLES,
    picture=picture("stage_flow", "result.stage_flow"),
)
def stage_flow(work: OpenStudy) -> pd.DataFrame:
    """How many carriers and others went from which stage to which, at regular times since entry."""
    asked, origin = work.study.trajectory, work.study.survival.time_origin
    participant, score = work.lake.frame("raw.participant"), work.lake.frame("core.alsfrsr")
    measured = measured_by_month(score, participant, origin, asked.stage_column)
    staged = measured.rename(columns={"value": "stage"})
    outcome = work.lake.frame("core.outcome")
    said = {"method": "counts_at_nearest_visit", "time_origin": _FROM_ENTRY}

    def made(carrier: pd.DataFrame, *, is_declared: bool, caveat: str) -> pd.DataFrame:
        rows = stage_rows(
            carrier,
            staged,
            outcome,
            every_months=asked.stage_interval_months,
            last_months=asked.stage_last_months,
        )
        told = {"staging": asked.staging, "caveat": f"{caveat}; {_DESCRIPTION}", **said}
        return result_table("result.stage_flow", list(rows), **told)

    return by_origin(work, "result.stage_flow", made)


def people_of_courses(work: OpenStudy, strata: Sequence[str]) -> Iterator[CoursePeople]:
    """People of each variant with their totals, by strata."""
    person = participants(work)
    return course_people(
        carriers_in_use(work),
        total_by_month(work.lake.frame("core.alsfrsr"), person, work.study.survival.time_origin),
        work.lake.frame("core.outcome"),
        person,
        strata,
    )


def _caveat(work: OpenStudy, variant_id: str) -> str:
    return f"{caveat_of(work, variant_id in declared_variants(work))}; {_OF_THE_LIVING}"


def _frame(rows: list[dict[str, object]]) -> list[pd.DataFrame]:
    """Rows as one frame; none where there are none."""
    return [pd.DataFrame(rows)] if rows else []


trajectory_model_has_unique_key = key_check("result.trajectory_model")
fitted_course_has_unique_key = key_check("result.fitted_course")
cafs_has_unique_key = key_check("result.cafs")
stage_flow_has_unique_key = key_check("result.stage_flow")


@table_check("result.trajectory_model")
def courses_are_sound(work: OpenStudy) -> Finding:
    """Carriers are some of the participants, rates are fractions, and an estimate is inside its
    interval.
    """
    frame = work.lake.frame("result.trajectory_model")
    sound = (frame["n_carrier"] <= frame["n"]) & (frame["n"] <= frame["n_visit"])
    sound &= frame["n_carrier_repeated"] <= frame["n_carrier"]
    for name in (n for n in frame.columns if n.startswith(("floor_rate", "ceiling_rate"))):
        sound &= frame[name].isna() | frame[name].between(0, 1)
    inside = frame["estimate"].between(frame["ci_lower"], frame["ci_upper"])
    sound &= inside | frame["ci_lower"].isna() | frame["ci_upper"].isna()
    sound &= frame["p_value"].isna() | frame["p_value"].between(0, 1)
    told = "rows have counts that do not add up, or an estimate outside its interval"
    return none_of(int((~sound).sum()), len(frame), told)


@table_check("result.fitted_course")
def fitted_means_are_inside_their_bands(work: OpenStudy) -> Finding:
    """Each fitted mean is of somebody and inside its band."""
    frame = work.lake.frame("result.fitted_course")
    sound = frame["mean_total"].between(frame["ci_lower"], frame["ci_upper"]) & (frame["n"] >= 1)
    return none_of(int((~sound).sum()), len(frame), "means are of nobody, or outside their band")


@table_check("result.cafs")
def cafs_ranks_are_sound(work: OpenStudy) -> Finding:
    """Ranks are fractions that balance, P values are in (0, 1], and undecided pairs are pairs."""
    frame = work.lake.frame("result.cafs")
    n_other = (frame["n"] - frame["n_carrier"]).astype("float64")
    carrier, other = (frame[f"mean_rank_{side}"] for side in ("carrier", "non_carrier"))
    whole = carrier * frame["n_carrier"].astype("float64") + other * n_other
    balance = (whole / frame["n"].astype("float64") - 0.5).abs() < 1e-9
    sound = balance | carrier.isna() | other.isna()
    sound &= frame["n_undecided_pair"].between(0, frame["n_pair"])
    for name in ("p_value", "permutation_p_value"):
        sound &= frame[name].isna() | frame[name].between(0, 1, inclusive="right")
    return none_of(int((~sound).sum()), len(frame), "rows have ranks or P values that cannot be")


@table_check("result.stage_flow")
def nobody_leaves_the_flow(work: OpenStudy) -> Finding:
    """A group is as many people at every time, and the dead stay dead."""
    frame = work.lake.frame("result.stage_flow")
    n = frame.groupby(["variant_id", "carrier_group", "month"])["n"].sum().reset_index()
    n_group = n.groupby(["variant_id", "carrier_group"])["n"].nunique()
    risen = frame[(frame["from_stage"] == "dead") & (frame["to_stage"] != "dead")]
    n_wrong = int((n_group > 1).sum()) + len(risen)
    return none_of(n_wrong, len(frame), "groups change in size, or rows have the dead alive")


@table_check("result.trajectory_model", blocking=False)
def visits_are_as_close_in_carriers(work: OpenStudy) -> Finding:
    """Carriers of each variant are seen at the same spacing as the others of their stratum (van
    Elteren's rank test of the median gap of each participant, within survival.strata), at
    checks.visit_spacing_alpha / variants.
    """
    strata = work.study.survival.strata
    spacings = {people.variant_id: _spacing(people) for people in people_of_courses(work, strata)}
    alpha = work.study.checks.visit_spacing_alpha / max(len(spacings), 1)
    apart = {name: found for name, found in spacings.items() if found.p_value < alpha}
    told = "variants have carriers seen at another spacing than the others"
    found = none_of(len(apart), len(spacings), told)
    lines = [
        f"{name}: a visit every {one.median_carrier:.1f} months in {one.n_carrier} carriers, every "
        f"{one.median_non_carrier:.1f} in {one.n_non_carrier} others (P {one.p_value:.1e})"
        for name, one in apart.items()
    ]
    if lines:
        lines.append(
            "confirmed gains and slopes of the two are not seen alike: see docs/methods.md"
        )
    return Finding(found.passed, "; ".join([found.description, *lines]), found.metadata)


def _spacing(people: CoursePeople) -> VisitSpacing:
    return visit_spacing(people.visits, people.dosage >= 1, people.stratum)
