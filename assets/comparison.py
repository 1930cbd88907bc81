"""Comparison: who may be compared with whom, and what else differs between the two sides."""

import numpy as np
import pandas as pd

from alsrev_dagster.graph.assets import table_asset
from alsrev_dagster.graph.checks import Finding, key_check, none_of, table_check
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats.kinship import KingTally
from alsrev_dagster.stats.relatedness import N_PLACE_MIN, n_place, related_pairs
from alsrev_dagster.storage.queries import run_query
from assets.reading import AUTOSOMES, blocks, sample_axis

_OWNER = "statistical-genetics"
_N_NAMED_MAX, _N_SAMPLE_NAMED_MIN = 6, 5
_TECHNICAL = ("tissue", "batch", "sequencing_site")


@table_asset(
    "core.kinship",
    owner=_OWNER,
    reads=["raw.genotype", "raw.callset_sample", "core.variant_qc"],
)
def kinship(work: OpenStudy) -> pd.DataFrame:
    """Pairs of samples related to the third degree or closer, by KING-robust on the common
    autosomal SNVs; none where these lie in too few places to tell relatives from strangers.
    """
    axis = sample_axis(work)
    tally = KingTally(len(axis.sample_id))
    for chrom in AUTOSOMES if _n_common(work)[1] >= N_PLACE_MIN else ():
        used = set(_common_variant(work, chrom)["variant_id"])
        for block in blocks(work, chrom):
            tally.add(block.genotype[block.variant["variant_id"].isin(used).to_numpy()])
    pairs = related_pairs(tally)
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


def _common_variant(work: OpenStudy, chrom: str) -> pd.DataFrame:
    """Common SNVs of an autosome that pass quality: what kinship rests on."""
    columns = ["variant_id", "chrom", "pos", "is_snv", "maf", "filter_reason"]
    qc = work.lake.frame("core.variant_qc", columns, partition=chrom)
    is_common = qc["is_snv"] & (qc["maf"] >= work.study.quality.common_maf_min)
    return qc[qc["filter_reason"].isna() & is_common]


def _n_common(work: OpenStudy) -> tuple[int, int]:
    """Common variants, and stretches of 1 Mb that hold one."""
    n_common = n_stretch = 0
    for chrom in AUTOSOMES:
        common = _common_variant(work, chrom)
        n_common += len(common)
        n_stretch += n_place(common["chrom"], common["pos"])
    return n_common, n_stretch


@table_asset(
    "core.analysis_set",
    owner=_OWNER,
    reads=["raw.sample", "raw.participant", "core.sample_qc", "core.kinship"],
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
        reads=["raw.sample", "raw.participant", "core.sample_qc", "core.kinship"],
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
    pairs, (n_common, n) = work.lake.frame("core.kinship"), _n_common(work)
    if n < N_PLACE_MIN:
        told = f"{n_common} common SNVs in {n} stretches of 1 Mb (expected {N_PLACE_MIN} or more"
        return Finding(False, f"{told}): no pair was judged", {"n_place": n})
    n_sample = len(work.lake.frame("raw.callset_sample"))
    duplicate = int((pairs["kinship"] > work.study.quality.duplicate_kinship_min).sum())
    n_pair = n_sample * (n_sample - 1) // 2
    return none_of(duplicate, n_pair, "pairs are duplicates", n_related=len(pairs))


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
def every_sample_is_in_or_out_for_a_reason(work: OpenStudy) -> Finding:
    """A sample is included, or has its reason; never neither and never both."""
    frame = work.lake.frame("core.analysis_set")
    wrong = int((frame["is_included"] == frame["exclusion_reason"].notna()).sum())
    n_included = int(frame["is_included"].sum())
    return none_of(wrong, len(frame), "rows are neither in nor out", n_included=n_included)


def aligned_with_case_status(work: OpenStudy) -> list[str]:
    """Technical factors whose values no case shares with any control, a line each."""
    member = work.lake.frame("core.analysis_set").query("is_included")
    sample = work.lake.frame("raw.sample", ["sample_id", *_TECHNICAL])
    joined = member.merge(sample, on="sample_id")
    lines = []
    for contrast, frame in joined.groupby("contrast"):
        for factor in _TECHNICAL:
            known = frame.dropna(subset=[factor])
            case, control = (
                set(known.loc[known["is_case"] == side, factor]) for side in (True, False)
            )
            if case and control and not case & control:
                sides = [_named(known, factor, values) for values in (case, control)]
                told = f"cases {sides[0]}; controls {sides[1]}"
                lines.append(f"{contrast}: {factor} is aligned with case status ({told})")
    return lines


def _named(known: pd.DataFrame, factor: str, values: set[str]) -> str:
    """The values by name where each stands for several samples: one's own may name a person."""
    n_sample = known[factor].value_counts()
    if len(values) <= _N_NAMED_MAX and all(n_sample[v] >= _N_SAMPLE_NAMED_MIN for v in values):
        return ", ".join(sorted(values))
    return f"{len(values)} values"


@table_check("core.analysis_set", blocking=False)
def case_status_is_not_a_technical_factor(work: OpenStudy) -> Finding:
    """Cases and controls share tissue, batch and sequencing site; else an artefact looks like an
    association.
    """
    lines = aligned_with_case_status(work)
    n_asked = len(work.study.contrasts) * len(_TECHNICAL)
    found = none_of(len(lines), n_asked, "factors are aligned with case status")
    return Finding(found.passed, "; ".join([found.description, *lines]), found.metadata)
