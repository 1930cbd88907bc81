"""Ancestry: principal components of the unrelated, everybody placed in them, and labels."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.graph.assets import table_asset
from alsrev_dagster.graph.checks import Finding, key_check, none_of, table_check
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats.ancestry import nearest_label, robust_distance
from alsrev_dagster.stats.pca import (
    PrincipalComponents,
    method_of,
    principal_components,
)
from alsrev_dagster.stats.relatedness import N_PLACE_MIN, n_place
from alsrev_dagster.storage.pruned_genotypes import pruned_genotypes
from alsrev_dagster.vocabulary import table
from assets.reading import sample_axis

_OWNER = "statistical-genetics"
_Bools = NDArray[np.bool_]


def _picture(work: OpenStudy) -> object:
    from alsrev_dagster.figures.components import components

    frame = work.lake.frame("core.sample_pc").merge(
        work.lake.frame("core.sample_trait", ["sample_id", "cohort"]), on="sample_id"
    )
    return components(frame, simulated=work.study.simulated)


def _people(work: OpenStudy) -> pd.DataFrame:
    """Used samples in their order, with cohort, label and whether they are of the unrelated set."""
    kept = work.lake.frame("core.unrelated_sample").query("exclusion_reason.isna()")["sample_id"]
    known = work.lake.frame("core.sample_trait", ["sample_id", "cohort", "ancestry"])
    rows = known.set_index("sample_id").reindex(list(sample_axis(work).sample_id)).reset_index()
    return rows.assign(is_kept=rows["sample_id"].isin(kept))


def _is_judged(work: OpenStudy) -> bool:
    places = work.lake.frame("core.pruned_variant", ["chrom", "pos"])
    return n_place(places["chrom"], places["pos"]) >= N_PLACE_MIN


def _components(work: OpenStudy, is_fitted: _Bools) -> PrincipalComponents:
    rule = work.study.ancestry
    return principal_components(
        lambda: pruned_genotypes(work.lake, outside_long_range_ld=True),
        is_fitted,
        rule.n_pc,
        np.random.default_rng(rule.seed),
    )


def _scores(work: OpenStudy, found: PrincipalComponents, is_fitted: _Bools) -> dict[str, Any]:
    distance = robust_distance(found.score, is_fitted)
    return {
        **{f"pc{k + 1}": found.score[:, k] for k in range(found.score.shape[1])},
        "squared_length": found.squared_length,
        "outlier_distance": distance,
        "is_outlier": distance > work.study.ancestry.outlier_sd_max,
        "n_variant": found.n_variant,
    }


def _labels(work: OpenStudy, people: pd.DataFrame, is_reference: _Bools) -> dict[str, Any]:
    """Labels by the nearest reference samples, on components that the reference alone makes."""
    is_labelled = people["ancestry"].notna().to_numpy(dtype=bool)
    is_known = is_reference & is_labelled & people["is_kept"].to_numpy(dtype=bool)
    score = _components(work, is_known).score
    names, code = np.unique(
        people.loc[is_known, "ancestry"].to_numpy(dtype=str), return_inverse=True
    )
    n_neighbour = work.study.ancestry.n_neighbour
    place, share = nearest_label(score, score[is_known], code.astype(np.int64), n_neighbour)
    return {"ancestry_inferred": names[place], "neighbour_share": share}


@table_asset(
    "core.sample_pc",
    owner=_OWNER,
    reads=[
        "core.pruned_variant",
        "raw.callset_sample",
        "core.unrelated_sample",
        "core.sample_trait",
    ],
    picture=_picture,
)
def sample_pc(work: OpenStudy) -> pd.DataFrame:
    """Every sample on the principal components of the unrelated ones, how far it lies from them,
    and the label of its nearest reference samples; NULL where too few places tell them.
    """
    people = _people(work)
    is_reference = people["cohort"].isin(work.study.ancestry.reference_cohorts).to_numpy(dtype=bool)
    is_fitted = people["is_kept"].to_numpy(dtype=bool) & ~is_reference
    rows = people[["sample_id"]].assign(is_projected=~is_fitted, n_variant=0)
    if work.study.ancestry.n_pc and _is_judged(work):
        found = _components(work, is_fitted)
        rows = rows.assign(**_scores(work, found, is_fitted))
        if is_reference.any():
            rows = rows.assign(**_labels(work, people, is_reference))
    return rows.reindex(columns=list(table("core.sample_pc").column_names))


@table_asset("core.principal_component", owner=_OWNER, reads=["core.sample_pc"])
def principal_component(work: OpenStudy) -> pd.DataFrame:
    """What each principal component explains of the samples it was made from."""
    scores = work.lake.frame("core.sample_pc")
    fitted = scores[~scores["is_projected"].astype(bool)]
    names = [
        name for name in scores.columns if name.startswith("pc") and scores[name].notna().any()
    ]
    value = (fitted[names].astype(float) ** 2).sum().to_numpy()
    rows = pd.DataFrame({"component": np.arange(1, len(names) + 1), "eigenvalue": value})
    return rows.assign(
        variance_share=value / fitted["squared_length"].astype(float).sum(),
        n_sample=len(fitted),
        n_variant=int(scores["n_variant"].max()) if len(scores) else 0,
        method=method_of(len(fitted)),
    )


sample_pc_has_unique_key = key_check("core.sample_pc")
principal_component_has_unique_key = key_check("core.principal_component")


@table_check("core.sample_pc", blocking=False)
def samples_have_principal_components(work: OpenStudy) -> Finding:
    """Every sample has its scores: the pruned SNVs lie in places enough; or none are asked for."""
    frame, n_pc = work.lake.frame("core.sample_pc"), work.study.ancestry.n_pc
    n_lacking = int(frame["pc1"].isna().sum()) if n_pc else 0
    found = none_of(n_lacking, len(frame), "samples have no principal components")
    places = work.lake.frame("core.pruned_variant", ["chrom", "pos"])
    n = n_place(places["chrom"], places["pos"])
    why = f": the pruned SNVs lie in {n} stretches of 1 Mb (expected {N_PLACE_MIN} or more)"
    return Finding(found.passed, found.description + (why if n_lacking else ""), found.metadata)


@table_check("core.sample_pc", blocking=False)
def no_sample_is_an_outlier_of_ancestry(work: OpenStudy) -> Finding:
    """No sample lies further out than ancestry.outlier_sd_max on any principal component."""
    frame = work.lake.frame("core.sample_pc")
    reference = work.study.ancestry.reference_cohorts
    sample = work.lake.frame("core.sample_trait", ["sample_id", "cohort"])
    asked = frame[
        ~frame["sample_id"].isin(sample.loc[sample["cohort"].isin(reference), "sample_id"])
    ]
    n_outlier = int(asked["is_outlier"].fillna(False).sum())
    fate = "left out" if work.study.ancestry.exclude_outliers else "kept"
    told = f"samples lie beyond {work.study.ancestry.outlier_sd_max:g} robust SD, and are {fate},"
    return none_of(n_outlier, len(asked), told)
