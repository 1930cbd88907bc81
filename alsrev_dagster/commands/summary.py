"""The answer in words, for a terminal: leads, recovery, and what the cohort cannot tell."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from alsrev_dagster.errors import AlsrevError
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.report import wording
from alsrev_dagster.report.shown_effects import shown_effects
from alsrev_dagster.storage.warehouse import tables
from alsrev_dagster.study import Study, StudyFolder

Row = Mapping[Any, Any]
Held = Mapping[str, pd.DataFrame]
"""Tables of the DuckDB file by name: what was published, not what the lake has since."""

_READ = (
    "meta.run",
    "core.analysis_set",
    "result.lead_variant",
    "result.recovery_model",
    "result.detectable_effect",
    "meta.check",
)

_AUDIT = "case_status_is_not_a_technical_factor"
_DECLARED = "declared_loci_are_tested"

_NO_MODEL = (
    "Recovery by carrier status: no model; the variant was not tested or nobody is at risk\n"
    "  ('alsrev status' says which check failed)"
)


def summary(folder: StudyFolder) -> str:
    """Say what the DuckDB file holds, every number with its method and n."""
    if not folder.warehouse.is_file():
        raise AlsrevError(
            f"{folder.warehouse.name}: found no such file in results/; expected the study to have "
            "been run; start with 'alsrev run STUDY'"
        )
    study, held = OpenStudy(folder).study, tables(folder.warehouse, _READ)
    run = held["meta.run"].iloc[0]
    simulated = " (SIMULATED DATA)" if run["is_simulated"] else ""
    contrasts = _contrasts(study, held)
    models = _carrier_cox(study, _of_declared(study, held, "result.recovery_model"))
    parts = [
        f"Study {run['study']}{simulated}",
        *(_contrast(study, held, contrast) for contrast in contrasts),
        *_untested(held),
        *([_model(row) for row in models] or [_NO_MODEL]),
        _cannot_tell(study, held, contrasts),
        f"DuckDB  {shown(folder.warehouse)}\nReport  {shown(folder.report)}",
    ]
    return "\n\n".join(parts)


def _contrasts(study: Study, held: Held) -> list[str]:
    """Contrasts of the file, in the order that the study gives those it still has."""
    names = list(held["core.analysis_set"]["contrast"].unique())
    place = {contrast: i for i, contrast in enumerate(study.contrasts)}
    return sorted(names, key=lambda name: (place.get(name, len(place)), name))


def _of_declared(study: Study, held: Held, name: str) -> pd.DataFrame:
    """Rows at the declared loci, or all when none is declared or none of them has a row."""
    lead = held["result.lead_variant"]
    declared = {
        *lead.loc[lead["is_declared"], "variant_id"],
        *(locus.lead for locus in study.loci.values()),
    }
    frame = held[name]
    of_declared = frame[frame["variant_id"].isin(list(declared))]
    return frame if of_declared.empty else of_declared


def _untested(held: Held) -> list[str]:
    """Say which declared variants were not tested, and why: in no genotype file, or left out."""
    check = held["meta.check"]
    told = check.loc[(check["check_name"] == _DECLARED) & ~check["passed"], "description"]
    return [f"Declared loci: {description}" for description in told]


def _contrast(study: Study, held: Held, contrast: str) -> str:
    """The best variant and model, then each declared variant under every model."""
    frame = held["result.lead_variant"]
    frame = frame[frame["contrast"] == contrast]
    if frame.empty:
        return f"Contrast {contrast}: no variant was tested"
    alpha = study.association.genome_wide_alpha
    best = frame.sort_values(["p_value", "variant_id", "genetic_model"]).iloc[0].to_dict()
    declared = frame[frame["is_declared"]].groupby("variant_id", sort=False)
    lines = [f"Contrast {contrast}, {best['n_variant_tested']} variants tested"]
    if best["is_confounded"]:
        lines.append(f"  CONFOUNDED: being a case goes with {best['confounded_by']}")
    if wording.says_something(best):
        lines += _variant("lead", best, [best], alpha)
    else:
        lines.append("  no lead: no test told the two sides apart (every P is 1)")
    for _, rows in declared:
        lines += _variant("declared", rows.iloc[0].to_dict(), rows.to_dict("records"), alpha)
    return "\n".join(lines)


def _variant(what: str, row: Row, models: Sequence[Row], alpha: float) -> list[str]:
    """Counts by genotype, and what each genetic model's tests say."""
    case, control = (
        "/".join(str(row[f"n_{side}_{g}"]) for g in ("hom_ref", "het", "hom_alt"))
        for side in ("case", "control")
    )
    first = f"  {what:9}{row['variant_id']}, {_gene(row)}; genotypes 0/1/2: "
    return [f"{first}cases {case}, controls {control}", *(_tests(model, alpha) for model in models)]


def _tests(row: Row, alpha: float) -> str:
    below = f"below {_alpha(alpha)}: {'yes' if row['is_genome_wide_significant'] else 'no'}"
    return (
        f"    {row['genetic_model']:10} OR {_interval(row, 'odds_ratio')}, Firth LRT p "
        f"{_p(row['p_value'])} ({below}), exact p {_p(row['exact_p_value'])} "
        f"({row['exact_method']}), fit {row['fit_status']}"
    )


def _gene(row: Row) -> str:
    if pd.isna(row["gene"]):
        return "no gene on its chromosome"
    distance = int(row["gene_distance_bp"])
    return f"in {row['gene']}" if distance == 0 else f"{distance} bp from {row['gene']}"


def _carrier_cox(study: Study, models: pd.DataFrame) -> Sequence[Row]:
    """Cause-specific Cox model of carriers against others, by the study's definition."""
    is_cox = models["method"].isin(["cox_cause_specific_wald", "cox_cause_specific_firth_lrt"])
    is_own = models["definition"] == study.recovery.definition.name
    chosen = models[is_cox & is_own & (models["genetic_model"] == "dominant")]
    return chosen.to_dict("records")


def _model(row: Row) -> str:
    told = _interval(row, "ratio") if row["fit_status"] == "ok" else row["fit_status"]
    return (
        f"Recovery by carrier status of {row['locus']} ({row['variant_id']}), {row['definition']}\n"
        f"  hazard ratio      {told} (above 1: faster recovery; {row['method']}, from "
        f"{row['time_origin']}, delayed entry, strata: {row['strata'] or 'none'})\n"
        f"  p                 {_p(row['p_value'])}; {row['n_event']} recoveries "
        f"({row['n_event_carrier']} in carriers) among {row['n']} ({row['n_carrier']} carriers)\n"
        f"  caveat            {row['caveat']}"
    )


def _cannot_tell(study: Study, held: Held, contrasts: Sequence[str]) -> str:
    lines = ["What this cohort cannot tell"]
    place = {contrast: i for i, contrast in enumerate(contrasts)}
    effects = _of_declared(study, held, "result.detectable_effect")
    effects = shown_effects(effects, held["result.lead_variant"])
    effects = effects.sort_values("contrast", key=lambda c: c.map(place), kind="stable")
    for row in effects.to_dict("records"):
        lines.append(
            f"  {row['contrast']}, at p < {row['alpha']:g}: {_detectable(row)} "
            f"({row['n_case']} cases, {row['n_control']} controls, {row['method']}, "
            f"{row['genetic_model']})"
        )
    shared = _shared_case_cohorts(held)
    if shared:
        lines.append(
            f"  contrasts that share cases ({', '.join(shared)}) do not replicate one another"
        )
    check = held["meta.check"]
    audit = check.loc[check["check_name"] == _AUDIT, "passed"]
    lines.append(f"  {wording.apart(not audit.iloc[0] if len(audit) else None)}")
    lines.append(f"  {wording.structure()}")
    return "\n".join(lines)


def _shared_case_cohorts(held: Held) -> list[str]:
    """Cohorts that are cases of several contrasts."""
    member = held["core.analysis_set"]
    n_contrast = member[member["is_case"]].groupby("cohort")["contrast"].nunique()
    return sorted(n_contrast.index[n_contrast > 1])


def _detectable(row: Row) -> str:
    """What would have been seen; why there is no odds ratio where there is none."""
    locus, status, needed = row["locus"], row["detectable_status"], row["minimum_case_carriers"]
    least = row["minimum_detectable_odds_ratio"]
    is_recessive = row["genetic_model"] == "recessive"
    exposed = wording.exposed(row["genetic_model"])
    carries = f"is homozygous at {locus}" if is_recessive else f"carries {locus}"
    with_power = f"at {locus} would be seen with {row['power']:.0%} power"
    if status == "ok":
        return f"only odds ratios above {least:.1f} {with_power}"
    if status == "unreachable":
        return f"not even an odds ratio of a million {with_power}"
    if status == "every_control_carries":
        return f"every control {carries}: cases cannot be so more often"
    if status == "no_calls":
        return f"a side has no call at {locus}"
    seen: str = (
        "not even all cases" if pd.isna(needed) else f"{needed} or more {exposed} among cases"
    )
    return f"no control {carries}, so no odds ratio has a baseline; {seen} would be seen"


def _interval(row: Row, name: str) -> str:
    if pd.isna(row[name]):
        return "not estimable"
    return f"{row[name]:.2f} ({row['ci_lower']:.2f} to {row['ci_upper']:.2f})"


def _alpha(value: float) -> str:
    """Write a threshold as one writes it in study.yaml: 5e-8."""
    return f"{value:g}".replace("e-0", "e-")


def _p(value: float) -> str:
    return "-" if pd.isna(value) else f"{value:.2e}"


def shown(path: Path) -> str:
    """A path that can be opened from here: relative to the working folder when below it."""
    here = Path.cwd().resolve()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
