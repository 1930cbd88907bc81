"""The report: result tables and figures in, one self-contained HTML page out."""

import re
from dataclasses import dataclass
from types import SimpleNamespace

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.report import numerals, strength, wording
from alsrev_dagster.report.context import ReportContext, require_columns
from alsrev_dagster.report.curve_sentences import curve_sentences
from alsrev_dagster.report.shown_effects import shown_effects
from alsrev_dagster.report.shown_models import shown_models

Row = dict[str, object]

_LEAD_KEY = ("contrast", "variant_id", "genetic_model")


@dataclass(frozen=True)
class _Contrast:
    """One comparison: its best row (None where nothing leads), and all its rows."""

    name: str
    best: Row | None
    rows: list[Row]
    figures: list[str]
    confounded_by: list[str]
    """Factors that go with being a case."""
    shuffled: list[Row]
    """What shuffled labels give, a row a genetic model."""
    shuffled_leads: list[Row]


@dataclass(frozen=True)
class _Locus:
    """One variant: what the clinician reads."""

    anchor: str
    locus: str
    variant_id: str
    place: str
    is_declared: bool
    by_contrast: list[Row]
    """One row a contrast: counts by genotype are the same under every model."""
    holdings: list[strength.Holding]
    """Whether it holds, a contrast each."""
    models: list[Row]
    curves: list[str]
    caveats: list[str]
    figures: dict[str, str]


def render_report(context: ReportContext) -> str:
    """Return the page as one HTML document without any address outside itself."""
    require_columns(context)
    environment = Environment(
        loader=PackageLoader("alsrev_dagster", "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(say=wording, strength=strength)
    environment.filters.update(
        {
            name: getattr(numerals, name)
            for name in ("count", "p_value", "threshold", "ratio", "signed", "fraction")
        }
    )
    return environment.get_template("page.html.j2").render(
        context=context,
        contrasts=_contrasts(context),
        no_lead=wording.no_lead(_rows(context.qc_losses)),
        loci=_loci(context),
        detectable=_rows(shown_effects(context.detectable, context.leads)),
        replications=_rows(context.replication),
        audit=_audit(context),
        genes=context.genes.told(),
        recovery=context.recovery.told(),
        reversals=_rows(context.reversal),
        recovery_figures=[_svg(context, n) for n in context.figures if _is_of_grid(n)],
        course=context.course.told(),
        course_figures=[_svg(context, n) for n in context.figures if _is_of_course(n)],
        scanned=context.survival_scan.told(),
        scan_figures=[_svg(context, n) for n in context.figures if _is_of_survival_scan(n)],
        losses=_rows(context.qc_losses),
        checks=_checks(context.checks),
        quality_figures=[_svg(context, n) for n in context.figures if _is_of_quality(n)],
        provenance=_provenance(context),
        methods=_methods(context),
        number=numerals,
    )


def _contrasts(context: ReportContext) -> list[_Contrast]:
    """Each comparison of the study, its best row the one of smallest P, if any is below 1."""
    leads, found = context.leads, []
    for name in context.contrasts:
        rows = _rows(
            leads[leads["contrast"] == name].sort_values(
                ["p_value", "variant_id", "genetic_model"], kind="stable"
            )
        )
        best = rows[0] if rows and wording.says_something(rows[0]) else None
        apart = [str(row["factor"]) for row in _aligned(context) if row["contrast"] == name]
        drawn = [_of(frame, name) for frame in (context.permutation, context.lead_permutation)]
        found.append(_Contrast(name, best, rows, _of_contrast(context, name), apart, *drawn))
    return found


def _of(frame: pd.DataFrame, contrast: str) -> list[Row]:
    """Rows of one contrast; none of an empty frame."""
    return _rows(frame[frame["contrast"] == contrast]) if len(frame) else []


def _aligned(context: ReportContext) -> list[Row]:
    """Rows of the audit whose factor goes with being a case."""
    return [row for row in _rows(context.confounding) if row["is_aligned"]]


def _of_contrast(context: ReportContext, name: str) -> list[str]:
    return [
        _svg(context, key)
        for kind in ("manhattan", "qq")
        for key in context.figures
        if key == f"{kind}:{name}" or key.startswith(f"{kind}:{name}:")
    ]


def _loci(context: ReportContext) -> list[_Locus]:
    """Each variant once: declared ones first, then by smallest P."""
    order = context.leads.sort_values(
        ["is_declared", "p_value", "variant_id"], ascending=[False, True, True], kind="stable"
    )
    both = (context.recovery_model, context.survival_model)
    models = [row for f in both for row in _rows(shown_models(f, context.definition))]
    return [
        _locus(context, str(variant), place=i, rows=order, models=models)
        for i, variant in enumerate(dict.fromkeys(order["variant_id"]), start=1)
    ]


def _locus(
    context: ReportContext, variant: str, *, place: int, rows: pd.DataFrame, models: list[Row]
) -> _Locus:
    mine = rows[rows["variant_id"] == variant]
    first = _rows(mine.head(1))[0]
    of_variant = [row for row in models if row["variant_id"] == variant]
    return _Locus(
        anchor=f"locus-{place}",
        locus=str(first["locus"]),
        variant_id=variant,
        place=wording.place(first),
        is_declared=bool(first["is_declared"]),
        by_contrast=_rows(mine.drop_duplicates("contrast")),
        holdings=strength.holdings(
            _rows(mine),
            arms=_rows(context.arms),
            influence=_rows(context.influence),
            correction=_rows(context.correction),
        ),
        models=of_variant,
        curves=curve_sentences(variant, context.curve_test, context.restricted_mean),
        caveats=list(dict.fromkeys(str(row["caveat"]) for row in of_variant if row["caveat"])),
        figures={
            kind: _svg(context, f"{kind}:{variant}")
            for kind in ("recovery_curve", "forest", "survival_curve", "trajectory")
            if f"{kind}:{variant}" in context.figures
        },
    )


def _audit(context: ReportContext) -> SimpleNamespace:
    """What the audit asked and found, and what the study says of it."""
    reason = {
        (contrast, factor): text
        for contrast, factors in context.acknowledged.items()
        for factor, text in factors.items()
    }
    rows = [
        {**row, "reason": reason.get((str(row["contrast"]), str(row["factor"])))}
        for row in _rows(context.confounding)
    ]
    return SimpleNamespace(
        rows=rows,
        apart=[row for row in rows if row["is_aligned"]],
        alike=[row for row in rows if not row["is_aligned"]],
        factors=list(dict.fromkeys(str(row["factor"]) for row in _aligned(context))),
        controls=_rows(context.negative_control),
        shuffled=_rows(context.control_permutation),
        who=[_svg(context, n) for n in context.figures if n == "who_is_compared"],
        descent=context.descent.told(),
        balance=[_svg(context, n) for n in context.figures if n == "balance"],
        figures=[_svg(context, n) for n in context.figures if n.startswith("control_qq:")],
        leads=_asked_leads(context),
    )


def _asked_leads(context: ReportContext) -> list[Row]:
    """Best row of each lead in each contrast, and what masking each technical factor did to it."""
    ordered = context.leads.sort_values(["p_value", "genetic_model"], kind="stable")
    best = ordered.drop_duplicates(["contrast", "variant_id"])
    by_lead: dict[tuple[object, ...], list[Row]] = {}
    for row in _rows(context.masked):
        by_lead.setdefault(tuple(row[key] for key in _LEAD_KEY), []).append(row)
    return [
        {**row, "masked": wording.masked(by_lead.get(tuple(row[key] for key in _LEAD_KEY), []))}
        for row in _rows(best.sort_index())
    ]


def _checks(frame: pd.DataFrame) -> SimpleNamespace:
    """Put failed checks first, and count both kinds."""
    rows = _rows(frame.sort_values(["passed", "table_name", "check_name"], kind="stable"))
    n_passed = sum(bool(row["passed"]) for row in rows)
    return SimpleNamespace(rows=rows, n_passed=n_passed, n_failed=len(rows) - n_passed)


def _provenance(context: ReportContext) -> SimpleNamespace:
    items = context.published_from.items()
    return SimpleNamespace(
        lines=[(name, value) for name, value in items if isinstance(value, str)],
        tables=[(name, dict(value)) for name, value in items if not isinstance(value, str)],
    )


def _methods(context: ReportContext) -> list[tuple[str, str]]:
    """Every method that a number of the page came from, with its name in the tables."""
    named = [(context.leads, "method"), (context.leads, "exact_method")]
    named += [(f, "method") for f in (context.recovery_model, context.survival_model)]
    named += [(f, "method") for f in (context.reversal,) if len(f)]
    named += [(context.detectable, "method"), (context.confounding, "method")]
    named += [(f, "method") for f in (context.arms, context.replication)]
    named += [(f, "method") for f in (context.course.models, context.survival_scan.best)]
    names = dict.fromkeys(str(n) for frame, column in named for n in frame[column].dropna())
    return [(name, wording.method(name)) for name in names]


def _is_of_quality(figure_name: str) -> bool:
    return figure_name.partition(":")[0] in ("call_rate", "maf", "quality_loss")


def _is_of_grid(figure_name: str) -> bool:
    return figure_name in ("recovery_grid", "recovery_effect")


def _is_of_course(figure_name: str) -> bool:
    return figure_name.partition(":")[0] in ("course", "stage_flow", "state_occupation")


def _is_of_survival_scan(figure_name: str) -> bool:
    return figure_name.partition(":")[0] == "survival_qq"


def _svg(context: ReportContext, name: str) -> str:
    """Return an SVG that the page may hold unescaped: one that only draws."""
    text = context.figures[name]
    if not text.startswith("<svg") or re.search(r"<script|\son\w+\s*=|javascript:", text, re.I):
        raise InputDataError(
            f"figure {name!r} starts with {text[:20]!r}: expected an <svg> element without "
            "script, as figures.svg() makes it"
        )
    return text


def _rows(frame: pd.DataFrame) -> list[Row]:
    """Rows as dictionaries, NULL as None."""
    return [
        {str(k): None if numerals.is_null(v) else v for k, v in row.items()}
        for row in frame.to_dict("records")
    ]
