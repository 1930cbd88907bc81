"""Quality: which variants and samples can be trusted, each loss with its reason."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from alsrev_dagster.graph.assets import chromosome_asset, table_asset
from alsrev_dagster.graph.checks import Finding, key_check, none_of, table_check
from alsrev_dagster.graph.losses import columns_counted
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats.sample_quality import (
    OTHER_SEX,
    SampleRule,
    infer_sex,
    sample_verdict,
)
from alsrev_dagster.stats.sample_tally import N_X_VARIANT_MIN, N_Y_VARIANT_MIN
from alsrev_dagster.stats.variant_quality import variant_quality
from alsrev_dagster.stats.variant_verdict import VariantRule, filter_reason
from alsrev_dagster.storage.genotypes import WRITTEN, GenotypeBlock
from alsrev_dagster.storage.queries import distinct_count
from alsrev_dagster.study import Quality
from alsrev_dagster.vocabulary import SEX_LINKED_CHROMOSOMES, table
from assets.arms import StudyArms, study_arms
from assets.reading import blocks, first_row, left_out, sample_axis, share
from assets.sample_counts import tallied_samples
from assets.sample_depth import sample_depth

_OWNER = "statistical-genetics"
_N_SHOWN = 20


def _call_rate_picture(name: str) -> Any:
    def picture(work: OpenStudy) -> object:
        from alsrev_dagster.figures.quality import call_rate

        frame = work.lake.frame(name, ["call_rate", "filter_reason"])
        return call_rate(frame, name, simulated=work.study.simulated)

    return picture


@chromosome_asset(
    "core.variant_qc",
    owner=_OWNER,
    reads=["raw.genotype", "raw.callset_sample", "core.sample_trait"],
    picture=_call_rate_picture("core.variant_qc"),
)
def variant_qc(work: OpenStudy, chromosomes: Sequence[str]) -> dict[str, Counter[str]]:
    """Genotype counts, call rate, frequency and HWE in controls of each variant, with the reason
    why it is left out.
    """
    arms, rule, build = study_arms(work), work.study.quality, work.study.genome_build
    counts = {chrom: Counter[str]() for chrom in chromosomes}
    for chrom, count in counts.items():
        rows = (
            variant_columns(block, arms, build, rule)
            for block in blocks(work, chrom, rule.filters_kept)
        )
        count["n_row"] = work.lake.write_columns(
            "core.variant_qc", columns_counted(rows, count), chrom, **WRITTEN
        )
    return counts


def variant_columns(
    block: GenotypeBlock, arms: StudyArms, build: str, rule: Quality
) -> dict[str, object]:
    """Judge the variants of a block: columns of core.variant_qc by name."""
    found = variant_quality(
        arms.counts(block),
        arms.arms,
        is_tried=arms.is_tried(block),
        is_diploid=arms.is_diploid(block, build),
    )
    reason = filter_reason(
        found,
        variant_rule(rule),
        is_sequence=block.is_sequence(),
        is_filtered=block.is_filtered(rule.filters_kept),
        is_sex_linked=block.chrom in SEX_LINKED_CHROMOSOMES,
        het_reads=(block.het_reads.n_read, block.het_reads.share),
    )
    site = block.columns("variant_id", "chrom", "pos", "ref", "alt", "rsid", "is_snv")
    return {**site, **vars(found), **block.het_reads.pooled(), "filter_reason": reason}


def variant_rule(rule: Quality) -> VariantRule:
    """Thresholds of variants."""
    return VariantRule(
        rule.variant_call_rate_min,
        rule.missing_p_min,
        rule.hwe_p_min,
        rule.allele_balance_min,
        rule.n_het_read_min,
    )


def sample_rule(rule: Quality) -> SampleRule:
    """Thresholds of samples."""
    return SampleRule(
        rule.sample_call_rate_min,
        rule.outlier_mad_max,
        rule.contamination_f_max,
        rule.odd_samples == "exclude",
    )


@table_asset(
    "core.sample_qc",
    owner=_OWNER,
    reads=[
        "raw.genotype",
        "raw.callset_sample",
        "raw.sample",
        "core.sample_trait",
        "core.variant_qc",
    ],
    picture=_call_rate_picture("core.sample_qc"),
)
def sample_qc(work: OpenStudy) -> pd.DataFrame:
    """Call rate, heterozygosity, singletons, Ti/Tv and sex of each sample, over the variants that
    pass; what is odd about it is flagged.
    """
    axis, rule = sample_axis(work), work.study.quality
    tallied = tallied_samples(work, axis, low_call_rate=variant_rule(rule).low_call_rate)
    metrics = tallied.metrics
    sex = work.lake.frame("core.sample_trait").set_index("sample_id").reindex(list(axis.sample_id))
    declared = np.array([None if s is pd.NA else s for s in sex["sex"].fillna(pd.NA)], dtype=object)
    inferred = infer_sex(
        metrics.x_het_rate,
        metrics.y_call_rate,
        male_x_max=rule.male_x_het_rate_max,
        female_x_min=rule.female_x_het_rate_min,
        male_y_min=rule.male_y_call_rate_min,
        female_y_max=rule.female_y_call_rate_max,
    )
    verdict = sample_verdict(
        metrics,
        sample_rule(rule),
        call_rate=tallied.call_rate,
        cohort=sex["cohort"].astype(str).to_numpy(dtype=object),
        has_other_sex=(declared != inferred) & pd.notna(declared) & pd.notna(inferred),
    )
    frame = pd.DataFrame({"sample_id": axis.sample_id}).assign(
        **vars(metrics),
        **vars(verdict),
        **sample_depth(work, axis),
        call_rate=tallied.call_rate,
        sex_declared=declared,
        sex_inferred=inferred,
    )
    return frame[list(table("core.sample_qc").column_names)]


@table_check("core.variant_qc", blocking=False)
def some_variant_can_tell_the_sides_apart(work: OpenStudy) -> Finding:
    """Some variant passes quality, varies, and is held by callsets of both sides."""
    qc = first_row(work, "check/informative", ["core.variant_qc"])
    n = qc.pop("n_variant")
    told = sum(qc.values())
    lines = (
        f"{qc['n_left_out']} are left out by quality, {qc['n_constant']} do not vary, "
        f"{qc['n_one_sided']} are in no callset of the cases or of the controls"
    )
    text = f"{told} of {n} variants can tell nothing (expected fewer): {lines}"
    return Finding(told < n, text, {**qc})


@table_check("core.sample_qc", blocking=False)
def most_samples_are_like_their_cohort(work: OpenStudy) -> Finding:
    """No more samples than checks.odd_sample_share_max are outliers of their cohort, or look like
    a mixture of two.
    """
    reason = work.lake.frame("core.sample_qc", ["flag_reason"])["flag_reason"]
    texts = reason.str.split("; ").explode()
    odd = texts[texts.notna() & (texts != OTHER_SEX)]
    n_odd, n_all = odd.index.nunique(), len(reason)
    most = work.study.checks.odd_sample_share_max
    told = (
        f"{n_odd} of {n_all} samples are odd beside their cohort (expected at most {share(most)})"
    )
    lines = [f"{n} {text}" for text, n in odd.value_counts().items()]
    numbers = {"n_odd": n_odd, "n_all": n_all}
    return Finding(n_odd <= most * n_all, "; ".join([told, *lines]), numbers)


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
    """Sex from chrX and chrY is the sample's, or its participant's, where both are known."""
    qc = work.lake.frame("core.sample_qc")
    known = qc["sex_declared"].notna() & qc["sex_inferred"].notna()
    if not known.any():
        return _nothing_judged(qc)
    wrong = qc.loc[known & (qc["sex_declared"] != qc["sex_inferred"]), "sample_id"]
    n_known = int(known.sum())
    told = f"samples, of those chrX or chrY can tell ({n_known} of {len(qc)}), have another sex"
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
        f"and chrX or chrY tells the sex of {n_inferred} (they need {N_X_VARIANT_MIN} polymorphic "
        f"and {N_Y_VARIANT_MIN} variants outside the PARs)"
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
