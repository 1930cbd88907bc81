"""Quality: which variants and samples can be trusted, each loss with its reason."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from alsrev_dagster.graph.assets import chromosome_asset, table_asset
from alsrev_dagster.graph.checks import Finding, key_check, none_of, table_check
from alsrev_dagster.graph.losses import counted
from alsrev_dagster.ingest.gene_intervals import is_x_outside_par
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats import variant_quality
from alsrev_dagster.stats.sample_tally import N_X_VARIANT_MIN, SampleTally, infer_sex
from alsrev_dagster.storage.genotypes import GenotypeBlock, SampleAxis
from alsrev_dagster.storage.queries import distinct_count, run_query
from alsrev_dagster.study import Quality
from alsrev_dagster.vocabulary import SEX_LINKED_CHROMOSOMES, table
from assets.reading import (
    blocks,
    first_row,
    left_out,
    passing_blocks,
    sample_axis,
    share,
)

_OWNER = "statistical-genetics"
_N_SHOWN = 20


def _is_control(work: OpenStudy, axis: SampleAxis) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    cohort = work.lake.frame("core.sample_sex").set_index("sample_id")["cohort"]
    return cohort.reindex(list(axis.sample_id)).isin(work.study.control_cohorts).to_numpy()


def _is_female(work: OpenStudy, axis: SampleAxis) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    sex = work.lake.frame("core.sample_sex").set_index("sample_id")["sex"]
    return (sex.reindex(list(axis.sample_id)) == "female").to_numpy(dtype=np.bool_)


@table_asset(
    "core.sample_sex",
    owner=_OWNER,
    reads=["raw.sample", "raw.participant"],
    kinds=("duckdb", "sql", "parquet"),
)
def sample_sex(work: OpenStudy) -> pd.DataFrame:
    """Samples with participant, cohort and the one sex that everything judges them by: their own,
    or else their participant's.
    """
    return run_query(work.lake, "core.sample_sex", reads=["raw.sample", "raw.participant"])


def _call_rate_picture(name: str) -> Any:
    def picture(work: OpenStudy) -> object:
        from alsrev_dagster.figures.quality import call_rate

        frame = work.lake.frame(name, ["call_rate", "filter_reason"])
        return call_rate(frame, name, simulated=work.study.simulated)

    return picture


@chromosome_asset(
    "core.variant_qc",
    owner=_OWNER,
    reads=["raw.genotype", "raw.callset_sample", "core.sample_sex"],
    picture=_call_rate_picture("core.variant_qc"),
)
def variant_qc(work: OpenStudy, chromosomes: Sequence[str]) -> dict[str, Counter[str]]:
    """Genotype counts, call rate, frequency and HWE in controls of each variant, with the reason
    why it is left out.
    """
    axis, rule, build = sample_axis(work), work.study.quality, work.study.genome_build
    is_control, is_female = _is_control(work, axis), _is_female(work, axis)
    counts = {chrom: Counter[str]() for chrom in chromosomes}
    for chrom, count in counts.items():
        rows = (
            _variant_rows(block, is_control, _is_diploid(block, is_female, build), rule)
            for block in blocks(work, chrom, rule.filters_kept)
        )
        count["n_row"] = work.lake.write_frames("core.variant_qc", counted(rows, count), chrom)
    return counts


def _is_diploid(block: GenotypeBlock, is_female: Any, build: str) -> Any:
    """Whether each call is of two alleles, shape (n_variant, n_sample); None where all are.

    On chrX outside the PARs only a declared female's is taken to be: males' are haploid.
    """
    if block.chrom not in SEX_LINKED_CHROMOSOMES:
        return None
    pos = block.variant["pos"]
    in_par = (block.chrom == "chrX") & ~is_x_outside_par(block.chrom, pos, build)
    return in_par[:, None] | ((block.chrom == "chrX") & is_female)[None, :]


def _variant_rows(
    block: GenotypeBlock, is_control: Any, is_diploid: Any, rule: Quality
) -> pd.DataFrame:
    found = variant_quality.variant_quality(
        block.genotype, is_control, is_diploid, block.n_sample_lacking()
    )
    site = block.variant[["variant_id", "chrom", "pos", "ref", "alt", "rsid", "is_snv"]]
    frame = site.assign(**vars(found))
    reason = variant_quality.filter_reason(
        found,
        is_sequence=block.variant["alt"].str.fullmatch("[ACGTN]+").to_numpy(dtype=bool),
        is_filtered=~(
            block.variant["filter"].isna() | block.variant["filter"].isin(rule.filters_kept)
        ).to_numpy(dtype=bool),
        is_sex_linked=block.chrom in SEX_LINKED_CHROMOSOMES,
        call_rate_min=rule.variant_call_rate_min,
        hwe_p_min=rule.hwe_p_min,
    )
    return frame.assign(filter_reason=reason)[list(table("core.variant_qc").column_names)]


@table_asset(
    "core.sample_qc",
    owner=_OWNER,
    reads=[
        "raw.genotype",
        "raw.callset_sample",
        "raw.sample",
        "core.sample_sex",
        "core.variant_qc",
    ],
    picture=_call_rate_picture("core.sample_qc"),
)
def sample_qc(work: OpenStudy) -> pd.DataFrame:
    """Call rate, heterozygosity, singletons, Ti/Tv and sex of each sample, over the variants that
    pass.
    """
    axis = sample_axis(work)
    tally = SampleTally(len(axis.sample_id))
    n_lacking = np.zeros(len(axis.sample_id), dtype=np.int64)
    for block, passes in passing_blocks(work, besides=variant_quality.SEX_LINKED):
        change = (block.variant["ref"] + block.variant["alt"]).where(block.variant["is_snv"], "")
        is_transition = change.isin(["AG", "GA", "CT", "TC"]).to_numpy()
        n_lacking += block.n_variant_lacking(passes)
        tally.add(
            block.genotype[passes],
            is_autosome=block.chrom not in SEX_LINKED_CHROMOSOMES,
            is_transition=is_transition[passes],
            is_transversion=((change != "").to_numpy() & ~is_transition)[passes],
            is_x_outside_par=is_x_outside_par(
                block.chrom, block.variant["pos"], work.study.genome_build
            )[passes],
        )
    return _sample_rows(work, axis, tally, n_lacking)


def _sample_rows(
    work: OpenStudy, axis: SampleAxis, tally: SampleTally, n_lacking: Any
) -> pd.DataFrame:
    """Rows of core.sample_qc; the call rate is over the variants that a sample's callset holds."""
    metrics, quality = tally.metrics(), work.study.quality
    declared = work.lake.frame("core.sample_sex").set_index("sample_id")["sex"]
    frame = pd.DataFrame({"sample_id": axis.sample_id}).assign(**vars(metrics))
    n_variant = frame["n_called"] + frame["n_missing"] - n_lacking
    frame["call_rate"] = (frame["n_called"] / n_variant.where(n_variant > 0)).fillna(0.0)
    frame["sex_declared"] = declared.reindex(list(axis.sample_id)).to_numpy()
    frame["sex_inferred"] = infer_sex(
        metrics.x_het_rate, quality.male_x_het_rate_max, quality.female_x_het_rate_min
    )
    is_low = frame["call_rate"] < quality.sample_call_rate_min
    frame["filter_reason"] = is_low.map({True: f"call_rate below {quality.sample_call_rate_min:g}"})
    return frame[list(table("core.sample_qc").column_names)]


sample_sex_has_unique_key = key_check("core.sample_sex")
variant_qc_has_unique_key = key_check("core.variant_qc")
sample_qc_has_unique_key = key_check("core.sample_qc")


@table_check("core.variant_qc")
def every_variant_is_counted_once(work: OpenStudy) -> Finding:
    """Each variant of the genotypes has one row, whose counts add up to the samples."""
    n_variant = distinct_count(work.lake, "raw.genotype", ["variant_id"])
    n_sample = len(sample_axis(work).sample_id)
    qc = first_row(work, "check/sample_count", ["core.variant_qc"], {"n_sample": n_sample})
    n_wrong = abs(n_variant - qc["n_variant"]) + qc["n_wrong"]
    return none_of(n_wrong, n_variant, f"variants are lost, or not counted in {n_sample} samples")


@table_check("core.variant_qc", blocking=False)
def most_variants_are_called(work: OpenStudy) -> Finding:
    """No more variants than checks.low_call_rate_share_max fall below the study's call rate."""
    least = work.study.quality.variant_call_rate_min
    wanted = {"call_rate_min": least}
    qc = first_row(work, "check/call_rate", ["core.variant_qc"], wanted)
    low, n = qc["n_low"], qc["n_variant"]
    most = work.study.checks.low_call_rate_share_max
    return Finding(
        low <= most * n,
        f"{low} of {n} variants have a call rate below {least} (expected at most {share(most)})",
        {"n_low": low, "n_all": n},
    )


@table_check("core.variant_qc", blocking=False)
def controls_are_in_hardy_weinberg(work: OpenStudy) -> Finding:
    """No more variants than checks.hwe_departure_share_max depart from HWE in controls; many
    would mean bad calls.
    """
    least = work.study.quality.hwe_p_min
    qc = first_row(work, "check/hardy_weinberg", ["core.variant_qc"], {"hwe_p_min": least})
    low, n = qc["n_low"], qc["n_variant"]
    most, told = work.study.checks.hwe_departure_share_max, f"hwe_p below {least} in controls"
    return Finding(
        low <= most * n,
        f"{low} of {n} variants have {told} (expected at most {share(most)})",
        {"n_low": low, "n_all": n},
    )


@table_check("core.sample_qc")
def samples_join(work: OpenStudy) -> Finding:
    """Every VCF sample is in the sample table or left out on purpose, and the reverse."""
    called = set(work.lake.frame("raw.callset_sample")["sample_id"])
    listed = set(work.lake.frame("raw.sample")["sample_id"])
    excluded = left_out(work)
    n_unlisted, n_uncalled = len(called - listed - excluded), len(listed - called - excluded)
    return none_of(
        n_unlisted + n_uncalled,
        len(called | listed),
        f"samples join nothing: {n_unlisted} only in a VCF, {n_uncalled} only in the sample table",
        n_unlisted=n_unlisted,
        n_uncalled=n_uncalled,
    )


@table_check("core.sample_qc")
def sex_agrees(work: OpenStudy) -> Finding:
    """Sex from chrX is the declared one, the sample's or its participant's, where both are
    known.
    """
    qc = work.lake.frame("core.sample_qc")
    known = qc["sex_declared"].notna() & qc["sex_inferred"].notna()
    if not known.any():
        return _nothing_judged(qc)
    wrong = qc.loc[known & (qc["sex_declared"] != qc["sex_inferred"]), "sample_id"]
    n_known = int(known.sum())
    told = f"samples, of those chrX can tell ({n_known} of {len(qc)}), have another sex"
    found = none_of(len(wrong), n_known, told)
    if found.passed:
        return found
    fix = "mend their sex or list them under exclude in study.yaml"
    return Finding(False, f"{found.description}: {_lines(work, wrong)}; {fix}", found.metadata)


def _nothing_judged(qc: pd.DataFrame) -> Finding:
    """Passes, since no sex disagrees, and says that none was compared and why."""
    n_declared, n_inferred = int(qc["sex_declared"].count()), int(qc["sex_inferred"].count())
    told = (
        f"no sample could be judged: of {len(qc)} samples {n_declared} have a sex in the tables "
        f"and chrX tells the sex of {n_inferred} (it needs {N_X_VARIANT_MIN} polymorphic variants "
        "outside the PARs)"
    )
    return Finding(True, told, {"n_all": 0, "n_declared": n_declared, "n_inferred": n_inferred})


def _lines(work: OpenStudy, sample_id: "pd.Series[str]") -> str:
    """Lines of the table of samples, by which people are pointed at and not named."""
    sample = work.lake.frame("raw.sample", ["sample_id", "source_file", "source_line"])
    rows = sample[sample["sample_id"].isin(sample_id)].sort_values("source_line")
    shown = ", ".join(map(str, rows["source_line"].head(_N_SHOWN)))
    more = f" and {len(rows) - _N_SHOWN} more" if len(rows) > _N_SHOWN else ""
    lines = "line" if len(rows) == 1 else "lines"
    return f"{rows['source_file'].iloc[0]}, {lines} {shown}{more}"
