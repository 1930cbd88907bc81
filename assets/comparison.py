"""Comparison: who may be compared with whom."""

import pandas as pd

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.graph.assets import table_asset
from alsrev_dagster.graph.checks import Finding, key_check, none_of, table_check
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats.design import events_per_covariate
from alsrev_dagster.storage.queries import run_query
from assets.covariates import adjusted, covariate_design, covariate_model
from assets.matched import eligible, matched_sets
from assets.reading import compared

_OWNER = "statistical-genetics"


@table_asset(
    "core.analysis_set",
    owner=_OWNER,
    reads=[
        "raw.sample",
        "core.sample_trait",
        "core.sample_qc",
        "core.kinship",
        "core.unrelated_sample",
        "core.sample_pc",
    ],
    kinds=("duckdb", "sql", "parquet"),
)
def analysis_set(work: OpenStudy) -> pd.DataFrame:
    """Who is compared with whom in each contrast, and why a sample is in or out."""
    member = eligible(work)
    frames = {"member": member, "matched": matched_sets(work, member)}
    return run_query(work.lake, "core.analysis_set", reads=[], parameters=frames)


def _loss_picture(work: OpenStudy) -> object:
    from alsrev_dagster.figures.waterfall import who_is_compared

    return who_is_compared(work.lake.frame("core.analysis_loss"), simulated=work.study.simulated)


@table_asset(
    "core.analysis_loss",
    owner=_OWNER,
    reads=["core.analysis_set"],
    kinds=("duckdb", "sql", "parquet"),
    picture=_loss_picture,
)
def analysis_loss(work: OpenStudy) -> pd.DataFrame:
    """Who of each side of a contrast is left out, reason by reason, down to who is compared."""
    return run_query(work.lake, "core.analysis_loss", reads=["core.analysis_set"])


analysis_set_has_unique_key = key_check("core.analysis_set")
analysis_loss_has_unique_key = key_check("core.analysis_loss")


@table_check("core.analysis_loss")
def losses_lead_to_who_is_compared(work: OpenStudy) -> Finding:
    """Each side starts with the samples of its cohorts, and ends with those that tests rest on."""
    side = ["contrast", "is_case"]
    frame = work.lake.frame("core.analysis_loss").sort_values("step")
    told = frame.groupby(side).agg(n_input=("n_before", "first"), n_left=("n_after", "last"))
    known = pd.DataFrame(
        {
            "n_input": work.lake.frame("core.analysis_set").groupby(side).size(),
            "n_left": compared(work).groupby(side).size(),
        }
    )
    both = told.reindex(known.index).fillna(-1).astype(int)
    n_wrong = int((both != known.fillna(0).astype(int)).any(axis=1).sum())
    return none_of(n_wrong, len(known), "sides' losses do not lead to who is compared")


@table_check("core.analysis_set")
def contrasts_have_both_sides(work: OpenStudy) -> Finding:
    """Every contrast is left with cases and controls."""
    frame = work.lake.frame("core.analysis_set")
    lines = [
        _emptied(contrast, side, rows[rows["is_case"] == is_case])
        for contrast, rows in frame.groupby("contrast")
        for side, is_case in (("cases", True), ("controls", False))
        if not rows.loc[rows["is_case"] == is_case, "is_included"].any()
    ]
    found = none_of(len(lines), 2 * len(work.study.contrasts), "sides of contrasts are empty")
    return Finding(found.passed, "; ".join([found.description, *lines]), found.metadata)


def _emptied(contrast: object, side: str, rows: pd.DataFrame) -> str:
    """Why nobody is left on a side; a reason of the study's own is not repeated."""
    reason = rows["exclusion_reason"].str.partition(":")[0].value_counts()
    told = ", ".join(f"{n} {text}" for text, n in reason.items())
    return f"{contrast}: {len(rows)} {side} left out ({told})"


@table_check("core.analysis_set")
def contrasts_have_a_stratum_with_both_sides(work: OpenStudy) -> Finding:
    """Every contrast has a stratum with cases and controls; else its tests compare nobody."""
    informative = set(compared(work)["contrast"])
    member = work.lake.frame("core.analysis_set").query("is_included")
    lines = [
        f"{contrast}: {_sides(rows)} share none of {rows['stratum'].nunique()} strata"
        for contrast, rows in member.groupby("contrast")
        if contrast not in informative and rows["is_case"].nunique() == 2
    ]
    told = "contrasts have no stratum with both cases and controls"
    found = none_of(len(lines), len(work.study.contrasts), told)
    return Finding(found.passed, "; ".join([found.description, *lines]), found.metadata)


@table_check("core.analysis_set", blocking=False)
def every_stratum_has_both_sides(work: OpenStudy) -> Finding:
    """No included sample is in a stratum without the other side: it tells nothing, and n of the
    tests and of power leaves it out.
    """
    member = work.lake.frame("core.analysis_set").query("is_included")
    alone = member.drop(index=compared(work).index)
    lines = [f"{contrast}: {_sides(rows)}" for contrast, rows in alone.groupby("contrast")]
    told = "samples are in a stratum without the other side, and in no test"
    found = none_of(len(alone), len(member), told)
    return Finding(found.passed, "; ".join([found.description, *lines]), found.metadata)


def _sides(rows: pd.DataFrame) -> str:
    n_case = int(rows["is_case"].sum())
    return f"{n_case} cases and {len(rows) - n_case} controls"


@table_check("core.analysis_set")
def every_sample_is_in_or_out_for_a_reason(work: OpenStudy) -> Finding:
    """A sample is included, or has its reason; never neither and never both."""
    frame = work.lake.frame("core.analysis_set")
    wrong = int((frame["is_included"] == frame["exclusion_reason"].notna()).sum())
    n_included = int(frame["is_included"].sum())
    return none_of(wrong, len(frame), "rows are neither in nor out", n_included=n_included)


@table_check("core.analysis_set")
def nobody_is_used_twice(work: OpenStudy) -> Finding:
    """Over all contrasts together, one sample of each participant and of each genome is used, and
    no two are relatives above relatedness.kinship_max.
    """
    used = work.lake.frame("core.analysis_set").query("is_included").drop_duplicates("sample_id")
    pairs, rule = work.lake.frame("core.kinship"), work.study.relatedness
    is_named = pairs["relationship"].notna() & (pairs["kinship"] > rule.kinship_max)
    same = pairs[is_named | (pairs["kinship"] > work.study.quality.duplicate_kinship_min)]
    both = same["sample_id_1"].isin(used["sample_id"]) & same["sample_id_2"].isin(used["sample_id"])
    n_again = int(used["participant_id"].duplicated().sum())
    told = "samples in use are of a participant, genome or family that another stands for"
    return none_of(n_again + int(both.sum()), len(used), told)


@table_check("core.analysis_set")
def covariates_can_be_fitted(work: OpenStudy) -> Finding:
    """The covariates of every contrast are known of all that it compares, vary, say each another
    thing, and are fewer than the cases: else its model has no answer.
    """
    lines, asked = [], list(adjusted(work))
    for name, rows in asked:
        try:
            covariate_model(work, name, rows)
        except InputDataError as error:
            lines.append(str(error))
    found = none_of(len(lines), len(asked), "contrasts have covariates that cannot be fitted")
    return Finding(found.passed, "; ".join([found.description, *lines]), found.metadata)


@table_check("core.analysis_set", blocking=False)
def covariates_have_events_enough(work: OpenStudy) -> Finding:
    """Each covariate of a contrast, strata among them, stands on checks.events_per_covariate_min
    samples of the smaller side: with fewer even penalised estimates are unsteady.
    """
    least, lines, asked = work.study.checks.events_per_covariate_min, [], list(adjusted(work))
    for name, rows in asked:
        try:
            n_each = events_per_covariate(covariate_design(work, name, rows))
        except InputDataError:
            continue  # said by covariates_can_be_fitted
        if n_each < least:
            lines.append(f"{name}: {n_each:.1f}; adjust for fewer, or match on them")
    told = f"contrasts have fewer than {least:g} samples of the smaller side a covariate"
    found = none_of(len(lines), len(asked), told)
    return Finding(found.passed, "; ".join([found.description, *lines]), found.metadata)
