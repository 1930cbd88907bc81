"""Replicate: what the study declared before the data, and whether it was seen."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from alsrev_dagster.graph.assets import table_asset
from alsrev_dagster.graph.checks import Finding, key_check, none_of, table_check
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats import replication as rule
from alsrev_dagster.stats.genetic_model import SCORE
from alsrev_dagster.stats.power import fisher_power
from alsrev_dagster.study import Replication
from alsrev_dagster.vocabulary import table
from assets.adjusted import refitted
from assets.audit import mark_of
from assets.covariates import COVARIATE_TABLES
from assets.lead_genotypes import counts_of

_OWNER = "statistical-genetics"
_RAN = ("ok", "separated")
"""fit_status of a fit that could answer."""
_NOTHING_TO_TEST = ("one_side_missing", "monomorphic")
"""fit_status where the counts themselves, and so the exact test, have nothing to answer."""


@table_asset(
    "result.replication",
    owner=_OWNER,
    reads=[
        "result.association",
        "raw.genotype",
        "raw.callset_sample",
        "core.analysis_set",
        *COVARIATE_TABLES,
        "result.confounding_mark",
    ],
)
def replication(work: OpenStudy) -> pd.DataFrame:
    """Each declared replication: confirmed, refuted, underpowered or not tested, by the variant,
    allele, direction, test, level and power that the study fixed before the data.
    """
    if not work.study.replications:
        return work.lake.empty_frame("result.replication")
    return _answers(work)


def _answers(work: OpenStudy) -> pd.DataFrame:
    """A row of each declared replication, by name."""
    declared = work.study.replications
    chosen = ("variant_id", "in", sorted({item.variant for item in declared.values()}))
    scanned = work.lake.frame("result.association", where=[chosen])
    tested = {name: _tested(work, name, scanned) for name in work.study.contrasts}
    rows = [_row(work, name, item, tested[item.contrast]) for name, item in declared.items()]
    frame = pd.DataFrame(rows, columns=list(table("result.replication").column_names))
    return frame.sort_values("replication", ignore_index=True)


def _tested(work: OpenStudy, contrast: str, scanned: pd.DataFrame) -> pd.DataFrame:
    """Rows of the variants declared for one contrast; fitted anew where a scan may only screen."""
    declared = {i.variant for i in work.study.replications.values() if i.contrast == contrast}
    rows = scanned[(scanned["contrast"] == contrast) & scanned["variant_id"].isin(declared)]
    if rows.empty or not work.study.contrasts[contrast].covariates:
        return rows
    return refitted(work, contrast, sorted(set(rows["variant_id"])))


def _row(work: OpenStudy, name: str, item: Replication, tested: pd.DataFrame) -> dict[str, object]:
    """What was declared, what was found, and what that says."""
    discovery, cases = item.discovery.cases, work.study.contrasts[item.contrast].cases
    of_study = () if discovery == "published" else discovery
    declared = {
        "replication": name,
        "variant_id": item.variant,
        **item.model_dump(exclude={"variant", "discovery", "test"}),
        "declared_odds_ratio": item.discovery.odds_ratio,
        "shares_cases": bool(set(cases) & set(of_study)),
        "discovery": ", ".join(of_study) or "published",
        "replication_status": "not_tested",
        **mark_of(work, item.contrast),
    }
    is_asked = (
        (tested["contrast"] == item.contrast)
        & (tested["variant_id"] == item.variant)
        & (tested["genetic_model"] == item.genetic_model)
    )
    found = tested[is_asked].to_dict("records")
    return {**declared, **_found(work, item, found[0])} if found else declared


def _found(work: OpenStudy, item: Replication, row: Mapping[Any, Any]) -> dict[str, object]:
    """Numbers of the replication, of its effect allele, and its status."""
    called = {
        side: [int(row[f"n_{side}_{g}"]) for g in ("hom_ref", "het", "hom_alt")]
        for side in ("case", "control")
    }
    is_exact = item.test == "exact"
    ratio = _of_allele(item, row)
    p_value, power = _p_value(work, item, row), _power(item, called["case"], called["control"])
    status = row["fit_status"]
    if status in _NOTHING_TO_TEST or not (is_exact or status in _RAN):
        p_value = float("nan")
    answer = rule.replication_status(
        p_value,
        ratio if math.isnan(p_value) else (_estimate(work, item, ratio[0]), *ratio[1:]),
        item.discovery.odds_ratio,
        alpha=item.alpha,
        power=(power, item.power),
    )
    return {
        "n_case": sum(called["case"]),
        "n_control": sum(called["control"]),
        **dict(zip(("odds_ratio", "ci_lower", "ci_upper"), ratio, strict=True)),
        "p_value": p_value,
        "method": row["exact_method"] if is_exact else row["method"],
        "replication_power": power,
        "replication_status": answer,
        "covariates": None if is_exact else row["covariates"],
        "analysis_set_hash": row["analysis_set_hash"],
    }


def _of_allele(item: Replication, row: Mapping[Any, Any]) -> tuple[float, float, float]:
    """Odds ratio and interval of the effect allele; the tables have those of ALT."""
    ratio, lower, upper = (float(row[name]) for name in ("odds_ratio", "ci_lower", "ci_upper"))
    return (ratio, lower, upper) if item.is_of_alt else (1 / ratio, 1 / upper, 1 / lower)


def _p_value(work: OpenStudy, item: Replication, row: Mapping[Any, Any]) -> float:
    """P value of the declared test, in the declared direction if it is one-sided."""
    name = "exact_p_value" if item.test == "exact" else "p_value"
    if item.alternative == "two_sided":
        return float(row[name])
    if item.test == "exact":
        return _exact_tail(work, item)
    is_more_alt = (item.direction == "higher_in_cases") == item.is_of_alt
    return rule.one_sided_p(float(row[name]), float(row["beta"]), is_higher=is_more_alt)


def _exact_tail(work: OpenStudy, item: Replication) -> float:
    """Exact P value in the declared direction."""
    is_more_alt = (item.direction == "higher_in_cases") == item.is_of_alt
    case, control = counts_of(work, item.contrast, item.variant)
    score = SCORE[item.genetic_model]
    return float(rule.exact_one_sided_p(case, control, score, is_higher=is_more_alt)[0])


def _estimate(work: OpenStudy, item: Replication, odds_ratio: float) -> float:
    """Odds ratio that tells the side of 1; of an exact test whose fit failed, its own tail does."""
    if item.test != "exact" or not math.isnan(odds_ratio):
        return odds_ratio
    declared = item.discovery.odds_ratio
    return declared if _exact_tail(work, item) < 0.5 else 1 / declared


def _power(item: Replication, case: list[int], control: list[int]) -> float:
    """Power of Fisher's test of the exposed for the declared odds ratio; NaN without a baseline."""
    n_case, n_control = sum(case), sum(control)
    n_exposed = control[2] if item.genetic_model == "recessive" else control[1] + control[2]
    if min(n_case, n_control) == 0 or n_exposed in (0, n_control):
        return float("nan")
    ratio = item.discovery.odds_ratio if item.is_of_alt else 1 / item.discovery.odds_ratio
    power = fisher_power if item.alternative == "two_sided" else rule.one_sided_fisher_power
    return power(n_case, n_control, n_exposed / n_control, ratio, item.alpha)


replication_has_unique_key = key_check("result.replication")


@table_check("result.replication", blocking=False)
def replications_have_their_own_cases(work: OpenStudy) -> Finding:
    """No declared replication was made on cases of its discovery: those repeat it."""
    frame = work.lake.frame("result.replication", ["replication", "shares_cases"])
    shared = frame[frame["shares_cases"].astype(bool)]
    found = none_of(len(shared), len(frame), "replications share cases with their discovery")
    said = [found.description, *map(str, shared["replication"])]
    return Finding(found.passed, "; ".join(said), found.metadata)


@table_check("result.replication")
def every_declared_replication_is_told(work: OpenStudy) -> Finding:
    """Each declared replication has its row, and a P value exactly where it was tested."""
    frame = work.lake.frame("result.replication")
    n_expected = len(work.study.replications)
    is_told = (frame["replication_status"] == "not_tested") == frame["p_value"].isna()
    n_wrong = abs(n_expected - len(frame)) + int((~is_told).sum())
    return none_of(n_wrong, n_expected, "declared replications have no row, or no P value")
