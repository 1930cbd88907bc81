"""Publish: the DuckDB file and the page, each whole or not at all."""

import re
from html import escape
from typing import Any

import pandas as pd

from alsrev_dagster import provenance
from alsrev_dagster.files import file_sha256, replacing
from alsrev_dagster.graph.assets import file_asset
from alsrev_dagster.graph.checks import Finding, none_of, table_check
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.report.descent import Descent
from alsrev_dagster.report.gene_section import GeneSection
from alsrev_dagster.report.recovery_section import RecoverySection, in_words
from alsrev_dagster.report.survival_scan_section import SurvivalScanSection
from alsrev_dagster.storage import warehouse as duckdb_file
from alsrev_dagster.storage.queries import read_query
from alsrev_dagster.versions import package_versions
from alsrev_dagster.vocabulary import TABLES
from assets.course_picture import course_section
from assets.page_figures import in_study_order, page_figures, scan_figures

_OWNER = "data-management"
_SHOWN = [
    "raw.sample",
    "raw.participant",
    "core.variant_qc",
    "core.sample_qc",
    "core.quality_loss",
    "core.kinship",
    "core.sample_pc",
    "core.analysis_set",
    "core.analysis_loss",
    "result.balance",
    "result.confounding",
    "result.confounding_mark",
    "result.association",
    "result.lead_variant",
    "result.control_scan",
    "result.negative_control",
    "result.masked_lead",
    "result.permutation",
    "result.lead_permutation",
    "result.control_permutation",
    "result.lead_arm",
    "result.lead_influence",
    "result.lead_correction",
    "result.replication",
    "result.detectable_effect",
    "result.set_test",
    "result.pathway_test",
    "result.lead_external",
    "result.recovery_rate",
    "result.recovery_grid",
    "result.recovery_effect",
    "result.recovery_curve",
    "result.curve_test",
    "result.restricted_mean",
    "result.reversal_state",
    "result.recovery_model",
    "result.survival_curve",
    "result.survival_model",
    "result.survival_scan",
    "result.survival_inflation",
    "result.trajectory",
    "result.trajectory_model",
    "result.fitted_course",
    "result.cafs",
    "result.stage_flow",
    "result.state_occupation",
    "result.state_time",
]
"""Tables that the page shows; the warehouse before it has them all."""

_TABLES = [name for name in TABLES if not name.startswith("meta.")]


def _study_file(work: OpenStudy, _: str) -> dict[str, str]:
    return {"study.yaml": file_sha256(work.folder.study_file)}


@file_asset(
    "warehouse",
    owner=_OWNER,
    reads=_TABLES,
    files=_study_file,
    kinds=("duckdb",),
    words=duckdb_file.words(),
    output=lambda work, _: work.folder.warehouse.is_file(),
)
def warehouse(work: OpenStudy, run_id: str) -> dict[str, Any]:
    """results/alsrev.duckdb: every table with its comments, macros and provenance."""
    meta = provenance.meta_tables(work, run_id)
    n_row = duckdb_file.publish(work.lake, work.folder.warehouse, meta)
    return {"dagster/row_count": sum(n_row.values()), "n_table": len(n_row)}


@file_asset(
    "report",
    owner="clinical",
    reads=["warehouse", *_SHOWN],
    kinds=("html",),
    output=lambda work, _: work.folder.report.is_file(),
)
def report(work: OpenStudy, run_id: str) -> dict[str, Any]:
    """results/report.html: one self-contained page, a section a locus."""
    from alsrev_dagster.report.context import ReportContext
    from alsrev_dagster.report.page import render_report

    lake, meta = work.lake, provenance.meta_tables(work, run_id)
    of_scans, inflation = scan_figures(work)
    page = render_report(
        ReportContext(
            study=work.study.study,
            genome_build=work.study.genome_build,
            simulated=work.study.simulated,
            genome_wide_alpha=work.study.association.genome_wide_alpha,
            published_from=_provenance(meta),
            contrasts=list(work.study.contrasts),
            leads=in_study_order(work, lake.frame("result.lead_variant")),
            detectable=in_study_order(work, lake.frame("result.detectable_effect")),
            recovery_model=lake.frame("result.recovery_model"),
            survival_model=lake.frame("result.survival_model"),
            qc_losses=read_query(lake, "report/qc_loss", ["core.quality_loss"]),
            descent=_descent(work),
            permutation=lake.frame("result.permutation"),
            lead_permutation=lake.frame("result.lead_permutation"),
            control_permutation=lake.frame("result.control_permutation"),
            genes=_genes(work),
            curve_test=lake.frame("result.curve_test"),
            restricted_mean=lake.frame("result.restricted_mean"),
            reversal=lake.frame("result.reversal_state"),
            definition=work.study.recovery.definition.name,
            recovery=RecoverySection(
                rate=lake.frame("result.recovery_rate"),
                definition=in_words(work.study.recovery.definition.model_dump()),
            ),
            course=course_section(work),
            survival_scan=_survival_scan(work),
            checks=meta["meta.check"],
            confounding=in_study_order(work, lake.frame("result.confounding")),
            negative_control=lake.frame("result.negative_control"),
            masked=lake.frame("result.masked_lead"),
            arms=lake.frame("result.lead_arm"),
            influence=lake.frame("result.lead_influence"),
            correction=lake.frame("result.lead_correction"),
            replication=lake.frame("result.replication"),
            acknowledged=dict[str, Any](work.study.audit.acknowledged),
            cases_chosen_for_recovery=work.study.survival.cases_chosen_for_recovery,
            inflation=inflation,
            figures={
                **of_scans,
                **page_figures(work),
            },
        )
    )
    with replacing(work.folder.report) as path:
        path.write_text(page, encoding="utf-8")
    return {"size_bytes": len(page.encode())}


def _descent(work: OpenStudy) -> Descent:
    """How many are related, and how many lie apart by descent; nobody by name."""
    reads = ["core.kinship", "core.analysis_set"]
    relative = read_query(work.lake, "report/relative", reads)
    member = work.lake.frame("core.analysis_set", ["sample_id", "exclusion_reason"])
    is_relative = member["exclusion_reason"].astype("string").str.endswith(" is used", na=False)
    pc = work.lake.frame("core.sample_pc", ["sample_id", "is_outlier"])
    outlier = pc.loc[pc["sample_id"].isin(member["sample_id"]), "is_outlier"]
    return Descent(
        n_pair=dict(zip(relative["relationship"], map(int, relative["n_pair"]), strict=True)),
        n_left_out=int(member.loc[is_relative, "sample_id"].nunique()),
        n_placed=int(outlier.notna().sum()),
        n_outlier=int(outlier.astype("boolean").sum()),
        outliers_are_left_out=work.study.ancestry.exclude_outliers,
    )


def _genes(work: OpenStudy) -> GeneSection:
    """Tests of genes, of gene sets, and the leads by others, contrasts in the study's order."""
    names = ("set_test", "pathway_test", "lead_external")
    return GeneSection(
        **{name: in_study_order(work, work.lake.frame(f"result.{name}")) for name in names},
        masks={name: mask.in_words for name, mask in work.study.sets.masks.items()},
        sources={n: one.description for n, one in work.study.summary_statistics.items()},
    )


def _survival_scan(work: OpenStudy) -> SurvivalScanSection:
    """The best variants of each event, and the inflation of each scan."""
    return SurvivalScanSection(
        best=read_query(work.lake, "report/survival_best", ["result.survival_scan"]),
        inflation=work.lake.frame("result.survival_inflation"),
    )


def _provenance(meta: dict[str, pd.DataFrame]) -> dict[str, Any]:
    run = meta["meta.run"].iloc[0]
    return {
        "alsrev version": str(run["alsrev_version"]),
        "study.yaml SHA-256": str(run["study_sha256"]),
        "input files": str(len(meta["meta.input"])),
        "packages": package_versions(),
    }


@table_check("warehouse")
def file_holds_the_lake(work: OpenStudy) -> Finding:
    """Every table has the lake's rows, every column its comment, and only its owner can read it."""
    n_differ = duckdb_file.n_table_that_differs(work.lake, work.folder.warehouse)
    is_open = work.folder.warehouse.stat().st_mode & 0o077 != 0
    told = "tables differ from the lake or lack a comment, or others can read the file"
    return none_of(n_differ + is_open, len(_TABLES), told)


@table_check("report")
def page_shows_every_contrast_and_locus(work: OpenStudy) -> Finding:
    """The page names each contrast and locus, says when data are simulated, and points nowhere."""
    page = work.folder.report.read_text(encoding="utf-8")
    named = [*work.study.contrasts, *work.lake.frame("result.lead_variant")["variant_id"].unique()]
    n_missing = sum(str(escape(name)) not in page for name in named)
    n_missing += work.study.simulated and "SIMULATED DATA" not in page
    n_address = len(re.findall(r"(?:href|src)=[\"']?(?:https?:)?//", page))
    told = "contrasts and loci are not on the page, or it points outside"
    return none_of(n_missing + n_address, len(named), told, n_address=n_address)
