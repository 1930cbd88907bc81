"""Leads: the declared loci and the best variants of each contrast, and what could be missed."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.graph.assets import table_asset
from alsrev_dagster.graph.checks import Finding, key_check, none_of, table_check
from alsrev_dagster.ingest.gene_intervals import nearest_gene
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.packing import pack
from alsrev_dagster.stats import power
from alsrev_dagster.stats.clump import clump_by_ld
from alsrev_dagster.stats.exact import minimum_attainable_p
from alsrev_dagster.stats.missingness import fisher_exact_p
from alsrev_dagster.stats.tally import GENOTYPES, SIDES
from alsrev_dagster.storage.queries import read_query
from alsrev_dagster.vocabulary import MARK, table
from assets.reading import compared, member_genotypes
from assets.scan_picture import manhattan_picture

_OWNER = "statistical-genetics"
_BESIDE = ["result.association", "result.control_scan", "result.external_frequency"]
"""What stands in one row of a lead."""


@table_asset(
    "result.lead_variant",
    owner=_OWNER,
    reads=[*_BESIDE, "core.variant_qc", "raw.genotype", "raw.sample", "core.analysis_set"],
    kinds=("duckdb", "sql", "parquet"),
    picture=manhattan_picture,
)
def lead_variant(work: OpenStudy) -> pd.DataFrame:
    """Declared loci, and the best variants of each contrast, clumped by LD; each with its gene and
    what it can and cannot claim.
    """
    wanted = _wanted(work)
    genes = nearest_gene(wanted["variant_id"].unique(), work.study.genome_build)
    frame = read_query(
        work.lake,
        "result/lead_variant",
        _BESIDE,
        {
            "wanted": wanted,
            "variant_gene": genes,
            "contrast_control": _controls(work),
            "bonferroni_alpha": work.study.association.bonferroni_alpha,
            "genome_wide_alpha": work.study.association.genome_wide_alpha,
        },
    )
    frame["missing_p_value"] = fisher_exact_p(_missing_calls(frame))
    frame = frame.merge(_depth_ratio(work, wanted), on=["contrast", "variant_id"], how="left")
    return frame[list(table("result.lead_variant").column_names)]


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
    made = _joined([rows, others[list(rows.columns)]])
    return made.astype({"is_declared": "boolean", "n_clump": "Int64"})


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
    p_value = frame["p_value"].to_numpy(dtype=np.float64)
    p_max = max(rule.lead_p_max, p_value.min(initial=0.0))  # the best one leads, whatever its P
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
    place, n_clump = np.unique(lead, return_counts=True)
    found = frame[["variant_id", "p_value"]].iloc[place].assign(n_clump=n_clump, contrast=contrast)
    return found.sort_values("p_value", kind="stable").head(rule.lead_n_max)


@table_asset("result.detectable_effect", owner=_OWNER, reads=["result.lead_variant"])
def detectable_effect(work: OpenStudy) -> pd.DataFrame:
    """The smallest carrier odds ratio, and the fewest carriers among the cases, that this cohort
    could have seen at each lead's frequency.
    """
    leads = work.lake.frame("result.lead_variant")
    one = leads.drop_duplicates(["contrast", "variant_id"])
    asked = work.study.association
    rows = [
        _detectable(lead, alpha, asked.detectable_power)
        for lead in one.to_dict("records")
        for alpha in asked.detectable_alphas
    ]
    return pd.DataFrame(rows, columns=list(table("result.detectable_effect").column_names))


def _detectable(lead: Mapping[Any, Any], alpha: float, asked: float) -> dict[str, Any]:
    case, control = (
        np.array([lead[f"n_{side}_{g}"] for g in GENOTYPES[:3]], dtype=np.int64) for side in SIDES
    )
    n_case, n_control, n_carrier = (int(n.sum()) for n in (case, control, control[1:]))
    found = power.detectable_effect(n_case, n_control, n_carrier, alpha, asked)
    tables = case[None, None], control[None, None], (0, 1, 1)
    return {
        **{
            key: lead[key]
            for key in ("contrast", "locus", "variant_id", "analysis_set_hash", *MARK)
        },
        "alpha": alpha,
        "power": asked,
        "n_case": n_case,
        "n_control": n_control,
        "n_control_carrier": n_carrier,
        "control_carrier_freq": n_carrier / n_control if n_control else None,
        "detectable_status": found.status,
        "minimum_detectable_odds_ratio": found.odds_ratio,
        "minimum_case_carriers": found.carriers_needed,
        "minimum_attainable_p_value": float(minimum_attainable_p(*tables)[0]),
        "method": "fisher_exact",
    }


lead_variant_has_unique_key = key_check("result.lead_variant")
detectable_effect_has_unique_key = key_check("result.detectable_effect")


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


@table_check("result.detectable_effect")
def detectable_effects_are_sound(work: OpenStudy) -> Finding:
    """An odds ratio stands exactly where the status is ok, and is above 1; the carriers needed
    are more than the controls' share, and no more than the cases.
    """
    frame = work.lake.frame("result.detectable_effect")
    odds_ratio, needed = frame["minimum_detectable_odds_ratio"], frame["minimum_case_carriers"]
    sound = odds_ratio.notna() == (frame["detectable_status"] == "ok")
    sound &= odds_ratio.isna() | (odds_ratio > 1)
    in_excess = needed * frame["n_control"] > frame["n_control_carrier"] * frame["n_case"]
    sound &= (in_excess & (needed <= frame["n_case"])).fillna(True)
    sound &= frame["n_control_carrier"].between(0, frame["n_control"])
    told = "rows have an odds ratio or a number of carriers that cannot be"
    return none_of(int((~sound).sum()), len(frame), told)


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
