"""Page figures: SVG of everything that the page shows, by the page's names."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.report.shown_models import shown_models
from assets.control_scan import control_qq_figures
from assets.course_picture import course_figures
from assets.followed import declared_variants
from assets.phenotype import grid_figures
from assets.reading import scan
from assets.scan_picture import exact_by_mac, inflation_of
from assets.survival_picture import survival_figures


def in_study_order(work: OpenStudy, frame: pd.DataFrame) -> pd.DataFrame:
    """Contrasts in the order that the study gives them."""
    place = {contrast: i for i, contrast in enumerate(work.study.contrasts)}
    return frame.sort_values("contrast", key=lambda c: c.map(place), kind="stable")


def page_figures(work: OpenStudy) -> dict[str, str]:
    """SVG of all but the figures of the scans of each contrast."""
    return {
        **_svg(control_qq_figures(work)),
        **_variant_figures(work),
        **_quality_figures(work),
        **grid_figures(work),
        **course_figures(work),
        **_svg(survival_figures(work)),
    }


def scan_figures(work: OpenStudy) -> tuple[dict[str, str], dict[str, dict[str, float]]]:
    """SVG of the figures of each contrast's scan, by the page's names, and its inflation."""
    from alsrev_dagster.figures import manhattan, qq, qq_exact

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
    return _svg(drawn), told


def _quality_figures(work: OpenStudy) -> dict[str, str]:
    """SVG of what quality control left out, and of how alike those are who are compared."""
    from alsrev_dagster.figures import balance, style, waterfall

    lake, simulated = work.lake, work.study.simulated
    losses = waterfall.waterfall(lake.frame("core.quality_loss"), simulated=simulated)
    mark = style.confounded(lake.frame("result.confounding_mark"))
    frame = in_study_order(work, lake.frame("result.balance"))
    alike = balance.balance(frame, simulated=simulated, mark=mark)
    left_out = in_study_order(work, lake.frame("core.analysis_loss"))
    who = waterfall.who_is_compared(left_out, simulated=simulated, mark=mark)
    drawn = {"quality_loss": losses, "who_is_compared": who, "balance": alike}
    return _svg(drawn)


def _variant_figures(work: OpenStudy) -> dict[str, str]:
    """SVG of the figures of each variant; of those that were not declared only who recovered."""
    from alsrev_dagster.figures import by_variant, forest

    simulated, drawn = work.study.simulated, {}
    for name, draw in by_variant.DRAW.items():
        for variant_id, frame in _shown(work, name).groupby("variant_id"):
            drawn[f"{name}:{variant_id}"] = draw(frame, simulated=simulated)
    definition = work.study.recovery.definition.name
    tables = (work.lake.frame(f"result.{m}") for m in ("recovery_model", "survival_model"))
    models = pd.concat([shown_models(frame, definition) for frame in tables])
    of_declared = models["variant_id"].isin(declared_variants(work)) & (
        models["ratio_of"] != "time"
    )
    for variant_id, frame in models[of_declared].groupby("variant_id"):
        drawn[f"forest:{variant_id}"] = forest.forest(frame, simulated=simulated)
    return _svg(drawn)


def _shown(work: OpenStudy, name: str) -> pd.DataFrame:
    """Rows of a table of curves that are drawn: carriers against others."""
    frame = work.lake.frame(f"result.{name}")
    if name != "recovery_curve":
        frame = frame[frame["variant_id"].isin(declared_variants(work))]
    return frame[frame["genetic_model"] == "dominant"] if "genetic_model" in frame else frame


def _svg(figures: Mapping[str, Any]) -> dict[str, str]:
    from alsrev_dagster.figures import render

    return {name: render.svg(figure) for name, figure in figures.items()}
