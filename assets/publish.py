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
from alsrev_dagster.report.shown_models import shown_models
from alsrev_dagster.report.survival_scan_section import SurvivalScanSection
from alsrev_dagster.storage import warehouse as duckdb_file
from alsrev_dagster.storage.queries import read_query
from alsrev_dagster.versions import package_versions
from alsrev_dagster.vocabulary import TABLES
from assets.control_scan import control_qq_figures
from assets.course_picture import course_figures, course_section
from assets.followed import declared_variants
from assets.phenotype import grid_figures
from assets.reading import scan
from assets.scan_picture import exact_by_mac, inflation_of
from assets.shown import SHOWN
from assets.survival_picture import survival_figures

_OWNER = "data-management"
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
    reads=["warehouse", *SHOWN],
    kinds=("html",),
    output=lambda work, _: work.folder.report.is_file(),
)
def report(work: OpenStudy, run_id: str) -> dict[str, Any]:
    """results/report.html: one self-contained page, a section a locus."""
    from alsrev_dagster.report.context import ReportContext
    from alsrev_dagster.report.page import render_report

    lake, meta = work.lake, provenance.meta_tables(work, run_id)
    of_scans, inflation = _scan_figures(work)
    page = render_report(
        ReportContext(
            study=work.study.study,
            genome_build=work.study.genome_build,
            simulated=work.study.simulated,
            genome_wide_alpha=work.study.association.genome_wide_alpha,
            published_from=_provenance(meta),
            contrasts=list(work.study.contrasts),
            leads=_in_study_order(work, lake.frame("result.lead_variant")),
            detectable=_in_study_order(work, lake.frame("result.detectable_effect")),
            recovery_model=lake.frame("result.recovery_model"),
            survival_model=lake.frame("result.survival_model"),
            qc_losses=read_query(lake, "report/qc_loss", ["core.quality_loss"]),
            descent=_descent(work),
            permutation=lake.frame("result.permutation"),
            lead_permutation=lake.frame("result.lead_permutation"),
            control_permutation=lake.frame("result.control_permutation"),
            genes=_genes(work),
            definition=work.study.recovery.definition.name,
            recovery=RecoverySection(
                rate=lake.frame("result.recovery_rate"),
                definition=in_words(work.study.recovery.definition.model_dump()),
            ),
            course=course_section(work),
            survival_scan=_survival_scan(work),
            checks=meta["meta.check"],
            confounding=_in_study_order(work, lake.frame("result.confounding")),
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
                **_control_figures(work),
                **_figures(work),
                **_quality_figures(work),
                **grid_figures(work),
                **course_figures(work),
                **_survival_scan_figures(work),
            },
        )
    )
    with replacing(work.folder.report) as path:
        path.write_text(page, encoding="utf-8")
    return {"size_bytes": len(page.encode())}


def _in_study_order(work: OpenStudy, frame: pd.DataFrame) -> pd.DataFrame:
    """Contrasts in the order that the study gives them."""
    place = {contrast: i for i, contrast in enumerate(work.study.contrasts)}
    return frame.sort_values("contrast", key=lambda c: c.map(place), kind="stable")


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
        **{name: _in_study_order(work, work.lake.frame(f"result.{name}")) for name in names},
        masks={name: mask.in_words for name, mask in work.study.sets.masks.items()},
        sources={n: one.description for n, one in work.study.summary_statistics.items()},
    )


def _survival_scan(work: OpenStudy) -> SurvivalScanSection:
    """The best variants of each event, and the inflation of each scan."""
    return SurvivalScanSection(
        best=read_query(work.lake, "report/survival_best", ["result.survival_scan"]),
        inflation=work.lake.frame("result.survival_inflation"),
    )


def _survival_scan_figures(work: OpenStudy) -> dict[str, str]:
    """SVG of the figures of each event's scan."""
    from alsrev_dagster.figures import render

    return {name: render.svg(figure) for name, figure in survival_figures(work).items()}


def _provenance(meta: dict[str, pd.DataFrame]) -> dict[str, Any]:
    run = meta["meta.run"].iloc[0]
    return {
        "alsrev version": str(run["alsrev_version"]),
        "study.yaml SHA-256": str(run["study_sha256"]),
        "input files": str(len(meta["meta.input"])),
        "packages": package_versions(),
    }


def _scan_figures(work: OpenStudy) -> tuple[dict[str, str], dict[str, dict[str, float]]]:
    """SVG of the figures of each contrast's scan, by the page's names, and its inflation."""
    from alsrev_dagster.figures import manhattan, qq, qq_exact, render

    simulated, drawn, told = work.study.simulated, {}, {}
    leads = work.lake.frame("result.lead_variant")
    for contrast in work.study.contrasts:
        frame = scan(work, contrast)
        mine = leads[leads["contrast"] == contrast]
        found = inflation_of(work, contrast, frame)
        told[contrast] = vars(found)
        drawn[f"qq:{contrast}"] = qq.qq(
            frame, found.lambda_gc, found.lambda_1000, simulated=simulated
        )
        if by_mac := exact_by_mac(work, contrast, frame):
            drawn[f"qq:{contrast}:exact"] = qq_exact.qq_exact(frame, by_mac, simulated=simulated)
        drawn[f"manhattan:{contrast}"] = manhattan.manhattan(
            frame, mine, threshold=work.study.association.genome_wide_alpha, simulated=simulated
        )
    return {name: render.svg(figure) for name, figure in drawn.items()}, told


def _quality_figures(work: OpenStudy) -> dict[str, str]:
    """SVG of what quality control left out, and of how alike those are who are compared."""
    from alsrev_dagster.figures import balance, render, style, waterfall

    lake, simulated = work.lake, work.study.simulated
    losses = waterfall.waterfall(lake.frame("core.quality_loss"), simulated=simulated)
    mark = style.confounded(lake.frame("result.confounding_mark"))
    frame = _in_study_order(work, lake.frame("result.balance"))
    alike = balance.balance(frame, simulated=simulated, mark=mark)
    left_out = _in_study_order(work, lake.frame("core.analysis_loss"))
    who = waterfall.who_is_compared(left_out, simulated=simulated, mark=mark)
    drawn = {"quality_loss": losses, "who_is_compared": who, "balance": alike}
    return {name: render.svg(figure) for name, figure in drawn.items()}


def _control_figures(work: OpenStudy) -> dict[str, str]:
    """SVG of the QQ plot of each pair of control cohorts."""
    from alsrev_dagster.figures import render

    return {name: render.svg(figure) for name, figure in control_qq_figures(work).items()}


def _figures(work: OpenStudy) -> dict[str, str]:
    """SVG of the figures of each variant, by the page's names."""
    from alsrev_dagster.figures import by_variant, forest, render

    simulated, drawn = work.study.simulated, {}
    for name, draw in by_variant.DRAW.items():
        for variant_id, frame in _of_carriers(work, name).groupby("variant_id"):
            drawn[f"{name}:{variant_id}"] = draw(frame, simulated=simulated)
    definition = work.study.recovery.definition.name
    tables = (work.lake.frame(f"result.{m}") for m in ("recovery_model", "survival_model"))
    models = pd.concat([shown_models(frame, definition) for frame in tables])
    of_declared = models["variant_id"].isin(declared_variants(work)) & (
        models["ratio_of"] != "time"
    )
    for variant_id, frame in models[of_declared].groupby("variant_id"):
        drawn[f"forest:{variant_id}"] = forest.forest(frame, simulated=simulated)
    return {name: render.svg(figure) for name, figure in drawn.items()}


def _of_carriers(work: OpenStudy, name: str) -> pd.DataFrame:
    """Rows of a table of curves that are of carriers against others."""
    frame = work.lake.frame(f"result.{name}")
    return frame[frame["genetic_model"] == "dominant"] if "genetic_model" in frame else frame


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
