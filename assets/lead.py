"""Leads: the declared loci and the best variants of each contrast."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.graph.assets import table_asset
from alsrev_dagster.graph.checks import Finding, key_check, none_of, table_check
from alsrev_dagster.ingest.gene_intervals import nearest_gene
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.packing import pack
from alsrev_dagster.stats.clump import NO_CLUMP, clump_by_ld
from alsrev_dagster.stats.missingness import fisher_exact_p
from alsrev_dagster.stats.tally import GENOTYPES, SIDES
from alsrev_dagster.storage.queries import read_query
from alsrev_dagster.vocabulary import table
from assets.adjusted import refitted
from assets.covariates import COVARIATE_TABLES
from assets.lead_condition import conditional
from assets.reading import compared, member_genotypes
from assets.scan_picture import manhattan_picture

_OWNER = "statistical-genetics"
_BESIDE = ["result.association", "result.control_scan", "result.external_frequency"]
"""What stands in one row of a lead."""
_N_CANDIDATE_MAX = 20_000
"""Best variants whose genotypes are held to be clumped: so many have another cause."""


@table_asset(
    "result.lead_variant",
    owner=_OWNER,
    reads=[
        *_BESIDE,
        "core.variant_qc",
        "raw.genotype",
        "raw.callset_sample",
        "raw.sample",
        "core.analysis_set",
        *COVARIATE_TABLES,
        "result.confounding_mark",
    ],
    kinds=("duckdb", "sql", "parquet"),
    picture=manhattan_picture,
)
def lead_variant(work: OpenStudy) -> pd.DataFrame:
    """Declared loci, and the best variants of each contrast, clumped by LD; each with its gene and
    what it can and cannot claim.
    """
    wanted, spec = _wanted(work), table("result.lead_variant")
    genes = nearest_gene(wanted["variant_id"].unique(), work.study.genome_build)
    frame = read_query(
        work.lake,
        "result/lead_variant",
        _BESIDE,
        {
            "wanted": wanted,
            "refitted": _refitted(work, wanted),
            "variant_gene": genes,
            "contrast_control": _controls(work),
            "bonferroni_alpha": work.study.association.bonferroni_alpha,
            "genome_wide_alpha": work.study.association.genome_wide_alpha,
            "false_discovery_rate": work.study.association.false_discovery_rate,
        },
    )
    frame["missing_p_value"] = fisher_exact_p(_missing_calls(frame))
    frame = frame.merge(_depth_ratio(work, wanted), on=["contrast", "variant_id"], how="left")
    frame = frame.merge(_consequence(work, frame), on="variant_id", how="left")
    frame = frame.merge(conditional(work, frame), on=list(spec.key), how="left")
    return frame[list(spec.column_names)]


def _wanted(work: OpenStudy) -> pd.DataFrame:
    """Declared variants in every contrast, and what leads in each."""
    declared = [
        (name, locus.lead, contrast)
        for name, locus in work.study.loci.items()
        for contrast in work.study.contrasts
    ]
    found = _joined([_leads(work, contrast) for contrast in work.study.contrasts])
    rows = pd.DataFrame(declared, columns=["locus", "variant_id", "contrast"], dtype="string")
    rows = rows.assign(is_declared=True).merge(
        found[["variant_id", "contrast", "n_clump"]], on=["variant_id", "contrast"], how="left"
    )
    others = found[~found["variant_id"].isin(rows["variant_id"])]
    others = others.assign(locus=others["variant_id"], is_declared=False)
    types = dict.fromkeys(("locus", "variant_id", "contrast"), "string")
    types |= {"is_declared": "boolean", "n_clump": "Int64"}
    parts = [part[list(rows.columns)].astype(types) for part in (rows, others)]
    return _joined(parts)


def _refitted(work: OpenStudy, wanted: pd.DataFrame) -> pd.DataFrame:
    """Rows of the wanted variants in contrasts with covariates, where a scan may only screen."""
    adjusted = [name for name, one in work.study.contrasts.items() if one.covariates]
    screened = wanted[wanted["contrast"].isin(adjusted)]
    by_contrast = _passing(work, screened).groupby("contrast") if len(screened) else ()
    parts = [
        refitted(work, str(contrast), list(rows["variant_id"].unique()))
        for contrast, rows in by_contrast
    ]
    return pd.concat(parts) if parts else work.lake.empty_frame("result.association")


def _passing(work: OpenStudy, wanted: pd.DataFrame) -> pd.DataFrame:
    """Wanted variants that pass quality: others are in no scan."""
    chosen = ("variant_id", "in", sorted(set(wanted["variant_id"])))
    columns = ["variant_id", "filter_reason"]
    qc = work.lake.frame("core.variant_qc", columns, where=[chosen])
    return wanted[wanted["variant_id"].isin(qc.loc[qc["filter_reason"].isna(), "variant_id"])]


def _joined(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Rows of frames of the same columns, those without a row left aside."""
    return pd.concat([f for f in frames if len(f)] or frames[:1], ignore_index=True)


def _controls(work: OpenStudy) -> pd.DataFrame:
    """Control cohorts of each contrast, a row each."""
    rows = [(name, cohort) for name, c in work.study.contrasts.items() for cohort in c.controls]
    return pd.DataFrame(rows, columns=["contrast", "cohort"])


def _depth_ratio(work: OpenStudy, wanted: pd.DataFrame) -> pd.DataFrame:
    """Depth of the leads in cases over that in controls, where these are of unlike callsets."""
    callset = work.lake.frame("raw.sample", ["sample_id", "callset"])
    side = compared(work).merge(callset, on="sample_id")[["contrast", "callset", "is_case"]]
    asked = {
        "wanted": wanted[["contrast", "variant_id"]].drop_duplicates(),
        "side_callset": side.drop_duplicates(),
    }
    return read_query(work.lake, "lead/depth_ratio", ["raw.genotype"], asked)


def _consequence(work: OpenStudy, frame: pd.DataFrame) -> pd.DataFrame:
    """Consequence of each variant, as the first callset that knows one says it."""
    chosen = ("variant_id", "in", sorted(set(frame["variant_id"])))
    told = work.lake.frame("raw.genotype", ["callset", "variant_id", "consequence"], where=[chosen])
    known = told.dropna(subset=["consequence"]).sort_values(["variant_id", "callset"])
    return known.drop_duplicates("variant_id")[["variant_id", "consequence"]]


def _missing_calls(frame: pd.DataFrame) -> NDArray[np.int64]:
    """Missing and called cases, missing and called controls, shape (n, 4)."""
    counts = [
        frame[[f"n_{side}_{g}" for g in GENOTYPES]].to_numpy(dtype=np.int64) for side in SIDES
    ]
    return np.stack([part for n in counts for part in (n[:, 3], n[:, :3].sum(axis=1))], axis=1)


def _leads(work: OpenStudy, contrast: str) -> pd.DataFrame:
    """Variants that lead by their best P of record under any genetic model tested, and how many
    variants each stands for.

    A P of 1 leads nowhere: nothing varies, or the sides do not differ.
    """
    rule = work.study.association
    asked = {"contrast": contrast, "p_max": rule.lead_p_max}
    frame = read_query(work.lake, "scan/best_by_variant", ["result.association"], asked)
    frame = frame.nsmallest(_N_CANDIDATE_MAX, "p_value").sort_index()
    p_value = frame["p_value"].to_numpy(dtype=np.float64)
    is_good = bool((p_value <= rule.lead_p_max).any())
    p_max = rule.lead_p_max if is_good else p_value.min(initial=1.0)  # the best leads, whatever
    genotype = member_genotypes(work, contrast, list(frame["variant_id"]))
    lead = clump_by_ld(
        pack(genotype),
        genotype.shape[1],
        frame["chrom"].to_numpy(dtype=str),
        frame["pos"].to_numpy(dtype=np.int64),
        p_value,
        lead_p_max=p_max,
        member_p_max=p_max,
        r2_above=rule.clump_r2_max,
        window_bp=rule.clump_bp,
    )
    place, n_clump = np.unique(lead[lead != NO_CLUMP], return_counts=True)
    found = frame[["variant_id", "p_value"]].iloc[place].assign(n_clump=n_clump, contrast=contrast)
    n_most = rule.lead_n_max if is_good else 1
    return found.sort_values("p_value", kind="stable").head(n_most)


lead_variant_has_unique_key = key_check("result.lead_variant")


@table_check("result.lead_variant", blocking=False)
def declared_loci_are_tested(work: OpenStudy) -> Finding:
    """Each declared variant was called, passed quality and was tested in every contrast."""
    leads = work.lake.frame("result.lead_variant").query("is_declared")
    n_expected = len(work.study.loci) * len(work.study.contrasts)
    n_found = len(leads[["contrast", "locus"]].drop_duplicates())
    found = none_of(n_expected - n_found, n_expected, "declared variants were not tested")
    asked = [locus.lead for locus in work.study.loci.values()]
    declared = ("variant_id", "in", [*asked, *map(_swapped, asked)])
    columns = ["variant_id", "filter_reason"]
    qc = work.lake.frame("core.variant_qc", columns, where=[declared] if work.study.loci else None)
    reason = qc.set_index("variant_id")["filter_reason"]
    lines = [
        f"{name}: {locus.lead} {_why_untested(reason, locus.lead)}"
        for name, locus in work.study.loci.items()
        if name not in set(leads["locus"])
    ]
    return Finding(found.passed, "; ".join([found.description, *lines]), found.metadata)


def _why_untested(reason: "pd.Series[str]", variant_id: str) -> str:
    if variant_id in reason.index:
        return f"is left out: {reason[variant_id]}"
    absent = "is in no genotype file, by that position, REF and ALT"
    other = _swapped(variant_id)
    return f"{absent}; {other}, its alleles swapped, is" if other in reason.index else absent


def _swapped(variant_id: str) -> str:
    """Return the variant at that place whose REF is this one's ALT, and the reverse."""
    chrom, pos, ref, alt = variant_id.split("-")
    return f"{chrom}-{pos}-{alt}-{ref}"
