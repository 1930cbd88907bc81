"""Association: every variant's evidence in each contrast, the leads, and what could be missed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from alsrev_dagster.graph.assets import chromosome_asset, table_asset
from alsrev_dagster.graph.checks import Finding, key_check, none_of, table_check
from alsrev_dagster.ingest.gene_intervals import nearest_gene
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats import power
from alsrev_dagster.stats.association import METHOD, clump, evidence, exact_method
from alsrev_dagster.stats.counts import genotype_counts
from alsrev_dagster.stats.exact import minimum_attainable_p
from alsrev_dagster.stats.inflation import lambda_gc
from alsrev_dagster.storage.genotypes import SampleAxis
from alsrev_dagster.storage.queries import run_query
from alsrev_dagster.vocabulary import table
from assets.reading import SITE, passing_blocks, sample_axis, scan

_OWNER = "statistical-genetics"
_ALPHAS = (0.05, 5e-8)


def qq_picture(work: OpenStudy) -> object:
    """QQ plot of the first contrast, first genetic model."""
    from alsrev_dagster.figures.qq import qq

    frame = scan(work, next(iter(work.study.contrasts)))
    return qq(frame, lambda_gc(frame["p_value"].to_numpy()), simulated=work.study.simulated)


def manhattan_picture(work: OpenStudy) -> object:
    """Manhattan plot of the first contrast, first genetic model."""
    from alsrev_dagster.figures.manhattan import manhattan

    contrast = next(iter(work.study.contrasts))
    leads = work.lake.frame("result.lead_variant").query("contrast == @contrast")
    return manhattan(scan(work, contrast), leads, simulated=work.study.simulated)


@chromosome_asset(
    "result.association",
    owner=_OWNER,
    reads=["raw.genotype", "raw.callset_sample", "core.variant_qc", "core.analysis_set"],
    picture=qq_picture,
)
def association(work: OpenStudy, chromosomes: Sequence[str]) -> dict[str, Counter[str]]:
    """Firth and exact evidence of every variant that passes quality, for each contrast and
    genetic model; no variant is dropped for a low count.
    """
    counts_by_chrom = {chrom: Counter[str]() for chrom in chromosomes}
    for contrast in work.study.contrasts:
        member = _members(work, contrast)
        site, counts = _count(work, member, chromosomes)
        frame = _evidence_rows(work, contrast, member, site, counts)
        for chrom in chromosomes:
            rows = frame[(site["chrom"] == chrom).to_numpy().repeat(_n_model(work))]
            n_row = work.lake.write("result.association", rows, f"{chrom}/{contrast}")
            counts_by_chrom[chrom]["n_row"] += n_row
    for chrom in chromosomes:
        work.lake.keep_only("result.association", chrom, work.study.contrasts)
    return counts_by_chrom


def _n_model(work: OpenStudy) -> int:
    return len(work.study.association.genetic_models)


def _members(work: OpenStudy, contrast: str) -> pd.DataFrame:
    frame = work.lake.frame("core.analysis_set")
    return frame[(frame["contrast"] == contrast) & frame["is_included"]]


def _count(
    work: OpenStudy, member: pd.DataFrame, chromosomes: Sequence[str]
) -> tuple[pd.DataFrame, Any]:
    """Sites that pass, and genotype counts of shape (n_variant, 2, n_stratum, 4), cases first."""
    groups = _groups(member, sample_axis(work))
    sites = [work.lake.empty_frame("core.variant_qc")[SITE]]
    counts = [np.zeros((0, *groups.shape[:2], 4), dtype=np.int64)]
    for block, passes in passing_blocks(work, chromosomes):
        sites.append(block.variant.loc[passes, SITE])
        counts.append(_count_block(block.genotype[passes], groups))
    found = [site for site in sites if len(site)] or sites[:1]
    return pd.concat(found, ignore_index=True), np.concatenate(counts)


def _groups(member: pd.DataFrame, axis: SampleAxis) -> Any:
    """Samples of each side and stratum, shape (2, n_stratum, n_sample)."""
    sample = pd.Series(axis.sample_id)
    strata = sorted(member["stratum"].unique())
    by_side = [member[member["is_case"]], member[~member["is_case"]]]
    return np.array(
        [
            [sample.isin(side.loc[side["stratum"] == stratum, "sample_id"]) for stratum in strata]
            for side in by_side
        ]
    )


def _count_block(genotype: Any, groups: Any) -> Any:
    return np.stack(
        [np.stack([genotype_counts(genotype, g) for g in side], axis=1) for side in groups], axis=1
    )


def _evidence_rows(
    work: OpenStudy, contrast: str, member: pd.DataFrame, site: pd.DataFrame, counts: Any
) -> pd.DataFrame:
    """Rows of result.association, variants in order, each with its genetic models together."""
    columns = _count_columns(counts)
    n_stratum = counts.shape[2]
    parts = [
        pd.DataFrame(columns).assign(
            variant_id=site["variant_id"].to_numpy(),
            genetic_model=model,
            exact_method=exact_method(model, n_stratum),
            **vars(evidence(counts[:, 0, :, :3], counts[:, 1, :, :3], model)),
        )
        for model in work.study.association.genetic_models
    ]
    frame = pd.concat(parts).sort_index(kind="stable").reset_index(drop=True)
    frame = frame.assign(
        contrast=contrast, method=METHOD, analysis_set_hash=member["analysis_set_hash"].iloc[0]
    )
    return frame[list(table("result.association").column_names)]


def _count_columns(counts: Any) -> Mapping[str, Any]:
    over_strata = counts.sum(axis=2)
    return {
        f"n_{side}_{genotype}": over_strata[:, i, code]
        for i, side in enumerate(("case", "control"))
        for code, genotype in enumerate(("hom_ref", "het", "hom_alt", "missing"))
    }


@table_asset(
    "result.lead_variant",
    owner=_OWNER,
    reads=["result.association", "core.variant_qc"],
    kinds=("duckdb", "sql", "parquet"),
    picture=manhattan_picture,
)
def lead_variant(work: OpenStudy) -> pd.DataFrame:
    """Declared loci, and the best variants of each contrast with none better nearby; each with
    its gene and what it can and cannot claim.
    """
    declared = [
        (name, locus.lead, contrast, True)
        for name, locus in work.study.loci.items()
        for contrast in work.study.contrasts
    ]
    known = {locus.lead: name for name, locus in work.study.loci.items()}
    found = [
        (variant_id, contrast)
        for contrast in work.study.contrasts
        for variant_id in _leads(work, contrast)
    ]
    leads = [(v, v, c, False) for v, c in found if v not in known]
    wanted = pd.DataFrame(
        declared + leads, columns=["locus", "variant_id", "contrast", "is_declared"]
    )
    genes = nearest_gene(wanted["variant_id"].unique(), work.study.genome_build)
    return run_query(
        work.lake,
        "result.lead_variant",
        reads=["result.association"],
        parameters={"wanted": wanted, "variant_gene": genes},
    )


def _leads(work: OpenStudy, contrast: str) -> list[str]:
    """Variants that lead by their best P of record under any genetic model tested."""
    columns = ["contrast", "variant_id", "p_value"]
    tested = work.lake.frame("result.association", columns).query("contrast == @contrast")
    best = tested.groupby("variant_id")["p_value"].min()
    site = work.lake.frame("core.variant_qc", SITE).set_index("variant_id")
    frame = site.join(best, how="inner").dropna(subset=["p_value"]).reset_index()
    rule = work.study.association
    places = clump(
        frame["p_value"].to_numpy(),
        frame["chrom"].to_numpy(),
        frame["pos"].to_numpy(dtype=np.int64),
        p_max=rule.lead_p_max,
        distance_bp=rule.clump_bp,
    )
    return list(frame["variant_id"].iloc[places[: rule.lead_n_max]])


@table_asset("result.detectable_effect", owner=_OWNER, reads=["result.lead_variant"])
def detectable_effect(work: OpenStudy) -> pd.DataFrame:
    """The smallest carrier odds ratio, and the fewest carriers among the cases, that this cohort
    could have seen at each lead's frequency.
    """
    leads = work.lake.frame("result.lead_variant")
    one = leads.drop_duplicates(["contrast", "variant_id"])
    asked = work.study.association.detectable_power
    rows = [_detectable(lead, alpha, asked) for lead in one.to_dict("records") for alpha in _ALPHAS]
    return pd.DataFrame(rows, columns=list(table("result.detectable_effect").column_names))


def _detectable(lead: Mapping[Any, Any], alpha: float, asked: float) -> dict[str, Any]:
    case = np.array([lead[f"n_case_{g}"] for g in ("hom_ref", "het", "hom_alt")], dtype=np.int64)
    control = np.array(
        [lead[f"n_control_{g}"] for g in ("hom_ref", "het", "hom_alt")], dtype=np.int64
    )
    n_case, n_control, n_carrier = (int(n.sum()) for n in (case, control, control[1:]))
    found = power.detectable_effect(n_case, n_control, n_carrier, alpha, asked)
    tables = case[None, None], control[None, None], (0, 1, 1)
    return {
        **{key: lead[key] for key in ("contrast", "locus", "variant_id", "analysis_set_hash")},
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


association_has_unique_key = key_check("result.association")
lead_variant_has_unique_key = key_check("result.lead_variant")
detectable_effect_has_unique_key = key_check("result.detectable_effect")


@table_check("result.association")
def p_values_are_probabilities(work: OpenStudy) -> Finding:
    """Every P value is in (0, 1]; one of record is missing only where the fit did not converge."""
    frame = work.lake.frame("result.association", ["p_value", "exact_p_value", "fit_status"])
    not_fitted = frame["p_value"].isna() & (frame["fit_status"] == "not_converged")
    p_value = frame[["p_value", "exact_p_value"]].assign(
        p_value=frame["p_value"].where(~not_fitted, 1.0)
    )
    wrong = int((~((p_value > 0) & (p_value <= 1)).all(axis=1)).sum())
    told = "rows have a P value outside (0, 1]"
    return none_of(wrong, len(frame), told, n_not_converged=int(not_fitted.sum()))


@table_check("result.association")
def counts_add_up(work: OpenStudy) -> Finding:
    """Counts by genotype of each row add up to the contrast's cases and controls."""
    frame = work.lake.frame("result.association")
    member = work.lake.frame("core.analysis_set").query("is_included")
    wrong = pd.Series(False, index=frame.index)
    for side, is_case in (("case", True), ("control", False)):
        n = member[member["is_case"] == is_case].groupby("contrast").size()
        columns = [f"n_{side}_{g}" for g in ("hom_ref", "het", "hom_alt", "missing")]
        wrong |= frame[columns].sum(axis=1) != frame["contrast"].map(n)
    return none_of(int(wrong.sum()), len(frame), "rows do not add up to the analysis set")


@table_check("result.association")
def every_passing_variant_is_tested(work: OpenStudy) -> Finding:
    """Each variant that passes quality has a row for every contrast and genetic model."""
    n_passing = int(
        work.lake.frame("core.variant_qc", ["filter_reason"])["filter_reason"].isna().sum()
    )
    n_expected = n_passing * len(work.study.contrasts) * len(work.study.association.genetic_models)
    n_row = len(work.lake.frame("result.association", ["contrast"]))
    return none_of(abs(n_expected - n_row), n_expected, "rows are missing or too many")


@table_check("result.lead_variant", blocking=False)
def declared_loci_are_tested(work: OpenStudy) -> Finding:
    """Each declared variant was called, passed quality and was tested in every contrast."""
    leads = work.lake.frame("result.lead_variant").query("is_declared")
    n_expected = len(work.study.loci) * len(work.study.contrasts)
    n_found = len(leads[["contrast", "locus"]].drop_duplicates())
    found = none_of(n_expected - n_found, n_expected, "declared variants were not tested")
    qc = work.lake.frame("core.variant_qc", ["variant_id", "filter_reason"])
    reason = qc.set_index("variant_id")["filter_reason"]
    lines = [
        f"{name}: {locus.lead} {_why_untested(reason, locus.lead)}"
        for name, locus in work.study.loci.items()
        if name not in set(leads["locus"])
    ]
    return Finding(found.passed, "; ".join([found.description, *lines]), found.metadata)


def _why_untested(reason: "pd.Series[str]", variant_id: str) -> str:
    if variant_id not in reason.index:
        return "is in no genotype file, by that position, REF and ALT"
    return f"is left out: {reason[variant_id]}"
