"""Comparison: who may be compared with whom, and what else differs between the two sides."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.graph.assets import table_asset
from alsrev_dagster.graph.checks import Finding, key_check, none_of, table_check
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.packing import pack
from alsrev_dagster.stats.kinship import DEGREES
from alsrev_dagster.stats.relatedness import (
    N_PLACE_MIN,
    n_independent,
    n_place,
    n_place_needed,
    related_pairs,
)
from alsrev_dagster.storage.queries import run_query
from assets.audit import aligned_with_case_status, audited_factors
from assets.reading import AUTOSOMES, blocks, compared, sample_axis

_OWNER = "statistical-genetics"


@table_asset(
    "core.kinship",
    owner=_OWNER,
    reads=["raw.genotype", "raw.callset_sample", "core.variant_qc"],
)
def kinship(work: OpenStudy) -> pd.DataFrame:
    """Pairs of samples with the kinship of the third degree or closer, by KING-robust on the common
    autosomal SNVs; none where these lie in too few places, no degree where strangers may pass it.
    """
    axis = sample_axis(work)
    places = _common_places(work)
    is_judged = n_place(places["chrom"], places["pos"]) >= N_PLACE_MIN
    pairs = related_pairs(
        lambda: _packed_common(work, AUTOSOMES if is_judged else ()),
        len(axis.sample_id),
        n_independent(places["chrom"], places["pos"]),
    )
    names = np.array(axis.sample_id, dtype=object)
    return pd.DataFrame(
        {
            "sample_id_1": names[pairs.first],
            "sample_id_2": names[pairs.second],
            "n_variant": pairs.n_variant,
            "kinship": pairs.kinship,
            "relationship": pairs.relationship,
        }
    )


def _packed_common(work: OpenStudy, chromosomes: Sequence[str]) -> Iterator[NDArray[np.uint8]]:
    """Packed calls of the used samples at the common SNVs."""
    for chrom in chromosomes:
        used = set(_common_variant(work, chrom)["variant_id"])
        for block in blocks(work, chrom):
            yield pack(block.genotype[block.variant["variant_id"].isin(used).to_numpy()])


def _common_variant(work: OpenStudy, chrom: str) -> pd.DataFrame:
    """Common SNVs of an autosome that pass quality: what kinship rests on."""
    columns = ["variant_id", "chrom", "pos", "is_snv", "maf", "filter_reason"]
    qc = work.lake.frame("core.variant_qc", columns, partition=chrom)
    is_common = qc["is_snv"] & (qc["maf"] >= work.study.quality.common_maf_min)
    return qc[qc["filter_reason"].isna() & is_common]


def _common_places(work: OpenStudy) -> pd.DataFrame:
    """Chromosome and position of every variant that kinship rests on."""
    columns = ["chrom", "pos"]
    parts = [_common_variant(work, chrom)[columns] for chrom in AUTOSOMES]
    return pd.concat(parts, ignore_index=True)


@table_asset(
    "core.analysis_set",
    owner=_OWNER,
    reads=["raw.sample", "core.sample_sex", "raw.participant", "core.sample_qc", "core.kinship"],
    kinds=("duckdb", "sql", "parquet"),
)
def analysis_set(work: OpenStudy) -> pd.DataFrame:
    """Who is compared with whom in each contrast, and why a sample is in or out."""
    sides = [
        (name, cohort, is_case, "ancestry" in contrast.strata, "sex" in contrast.strata)
        for name, contrast in work.study.contrasts.items()
        for is_case, cohorts in ((True, contrast.cases), (False, contrast.controls))
        for cohort in cohorts
    ]
    columns = ["contrast", "cohort", "is_case", "by_ancestry", "by_sex"]
    excluded = pd.DataFrame(work.study.excluded_samples.items(), columns=["sample_id", "reason"])
    return run_query(
        work.lake,
        "core.analysis_set",
        reads=["core.sample_sex", "raw.participant", "core.sample_qc", "core.kinship"],
        parameters={
            "contrast_cohort": pd.DataFrame(sides, columns=columns),
            "excluded_sample": excluded.astype("string"),
            "duplicate_kinship_min": work.study.quality.duplicate_kinship_min,
        },
    )


kinship_has_unique_key = key_check("core.kinship")
analysis_set_has_unique_key = key_check("core.analysis_set")


@table_check("core.kinship", blocking=False)
def no_two_samples_are_one_genome(work: OpenStudy) -> Finding:
    """No pair of samples is a duplicate or an identical twin; the worse called is left out."""
    pairs, places = work.lake.frame("core.kinship"), _common_places(work)
    n = n_place(places["chrom"], places["pos"])
    if n < N_PLACE_MIN:
        told = f"{len(places)} common SNVs in {n} stretches of 1 Mb (expected {N_PLACE_MIN} or more"
        return Finding(False, f"{told}): no pair was judged", {"n_place": n})
    n_sample = len(sample_axis(work).sample_id)
    duplicate = int((pairs["kinship"] > work.study.quality.duplicate_kinship_min).sum())
    n_pair = n_sample * (n_sample - 1) // 2
    n_related = int(pairs["relationship"].notna().sum())
    return none_of(duplicate, n_pair, "pairs are duplicates", n_related=n_related)


@table_check("core.kinship", blocking=False)
def relatives_are_told_from_strangers(work: OpenStudy) -> Finding:
    """Every pair with the kinship of relatives has its degree: places enough to exclude chance."""
    pairs, places = work.lake.frame("core.kinship"), _common_places(work)
    n = n_independent(places["chrom"], places["pos"])
    unnamed = int(pairs["relationship"].isna().sum())
    found = none_of(unnamed, len(pairs), "pairs like relatives may be strangers", n_place=n)
    needed = ", ".join(f"{n_place_needed(limit):,} to name {name}" for limit, name in DEGREES[1:])
    told = f"{found.description}: {n:,} independent places, {needed.replace('_', ' ')}"
    return Finding(found.passed, told, found.metadata)


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
    """Over all contrasts together, one sample of each participant and of each genome is used."""
    used = work.lake.frame("core.analysis_set").query("is_included").drop_duplicates("sample_id")
    pairs = work.lake.frame("core.kinship")
    same = pairs[pairs["kinship"] > work.study.quality.duplicate_kinship_min]
    both = same["sample_id_1"].isin(used["sample_id"]) & same["sample_id_2"].isin(used["sample_id"])
    n_again = int(used["participant_id"].duplicated().sum())
    told = "samples in use are of a participant or genome that another stands for"
    return none_of(n_again + int(both.sum()), len(used), told)


@table_check("core.analysis_set", blocking=False)
def case_status_is_not_a_technical_factor(work: OpenStudy) -> Finding:
    """No callset, tissue, batch, sequencing site, ancestry or sex goes with being a case (but what
    the contrast is stratified by); else an artefact, or descent, looks like an association.
    """
    lines = aligned_with_case_status(work)
    n_asked = sum(len(audited_factors(c.strata)) for c in work.study.contrasts.values())
    found = none_of(len(lines), n_asked, "factors are aligned with case status")
    return Finding(found.passed, "; ".join([found.description, *lines]), found.metadata)
