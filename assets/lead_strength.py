"""Lead strength: on how few cases a lead rests, and its odds ratio had it not been picked."""

import warnings
from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.graph.assets import table_asset
from alsrev_dagster.graph.checks import Finding, key_check, none_of, table_check
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats.adjusted_influence import WithoutEachCase
from alsrev_dagster.stats.genetic_model import SCORE
from alsrev_dagster.stats.influence import fragility, leave_one_case_out
from alsrev_dagster.stats.selected_effect import corrected_odds_ratio
from alsrev_dagster.study import Replication
from alsrev_dagster.vocabulary import MARK, table
from assets.covariates import COVARIATE_TABLES, covariate_design
from assets.lead_genotypes import LEAD_TABLES, ContrastLeads, contrast_leads

_OWNER = "statistical-genetics"
_KEPT = [
    *("contrast", "locus", "variant_id", "genetic_model", "odds_ratio", "p_value", "method"),
    *("covariates", "analysis_set_hash", *MARK),
]
_CALLED = ("hom_ref", "het", "hom_alt")


@table_asset("result.lead_influence", owner=_OWNER, reads=[*LEAD_TABLES, *COVARIATE_TABLES])
def lead_influence(work: OpenStudy) -> pd.DataFrame:
    """Each lead without each of its cases in turn, and the fewest cases it could lose; nobody is
    named.
    """
    parts = [_influence(work, leads) for leads in contrast_leads(work)]
    return _in_order("result.lead_influence", parts, work)


def _influence(work: OpenStudy, leads: ContrastLeads) -> pd.DataFrame:
    """Rows of one contrast."""
    rule, counts = work.study.association, leads.n_group
    declared = leads.rows["is_declared"].to_numpy(dtype=np.bool_)
    rows = leads.rows.assign(alpha=np.where(declared, rule.declared_alpha, rule.lead_p_max))
    is_adjusted = bool(work.study.contrasts[leads.contrast].covariates)
    without = None
    if is_adjusted:
        without = WithoutEachCase(covariate_design(work, leads.contrast, leads.member))
    place = leads.variant_id.get_indexer(pd.Index(rows["variant_id"]))
    found = [
        _adjusted(without, leads.code[i], model)
        if without
        else _counted(counts[i], model, float(alpha))
        for i, model, alpha in zip(place, rows["genetic_model"], rows["alpha"], strict=True)
    ]
    kept = rows[[*_KEPT, "alpha"]].reset_index(drop=True)
    return pd.concat([_with_n(kept, rows), pd.DataFrame(found)], axis=1)


def _counted(group_counts: NDArray[np.int64], model: str, alpha: float) -> dict[str, object]:
    """Influence of the cases of one lead without covariates."""
    sides = group_counts[0], group_counts[1:].sum(axis=0)
    if not sides[0].any():
        return _told(np.array([np.nan]), np.array([np.nan]))
    left = leave_one_case_out(*sides, SCORE[model])
    few = fragility(*sides, SCORE[model], alpha=alpha)
    return {
        **_told(left.odds_ratio, left.p_value),
        "fragility": few.n_case,
        "is_fragility_minimum": few.is_minimum,
    }


def _adjusted(without: WithoutEachCase, code: NDArray[np.uint8], model: str) -> dict[str, object]:
    """Influence of the cases of one lead with covariates; their fewest number is not sought."""
    odds_ratio, p_value = without.test(code[None], model)
    return _told(odds_ratio[0], p_value[0])


def _told(odds_ratio: NDArray[np.float64], p_value: NDArray[np.float64]) -> dict[str, object]:
    """Ranges over what could be fitted; no fragility."""
    told: dict[str, object] = {"fragility": None, "is_fragility_minimum": None}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # nothing could be fitted: NaN
        for name, value in (("odds_ratio", odds_ratio), ("p_value", p_value)):
            told |= {f"{name}_min": np.nanmin(value), f"{name}_max": np.nanmax(value)}
    return told


@table_asset("result.lead_correction", owner=_OWNER, reads=["result.lead_variant"])
def lead_correction(work: OpenStudy) -> pd.DataFrame:
    """The odds ratio of each lead had it not been picked for its P; none of a declared locus,
    which was not picked here, though it may have been found in these cases elsewhere.
    """
    return _in_order("result.lead_correction", [_corrections(work)], work)


def _corrections(work: OpenStudy) -> pd.DataFrame:
    """Corrected odds ratios, and whether a declared discovery had these cases."""
    leads = work.lake.frame("result.lead_variant")
    found_in = _found_in(work.study.replications.values())
    cases = {name: set(contrast.cases) for name, contrast in work.study.contrasts.items()}
    rows, p_max = leads[leads["genetic_model"].isin(list(SCORE))], work.study.association.lead_p_max
    beta = rows["beta"].where(~rows["is_declared"].astype(bool)).to_numpy(dtype=np.float64)
    found = corrected_odds_ratio(beta, rows["p_value"].to_numpy(dtype=np.float64), p_max)
    return _with_n(rows[[*_KEPT, "is_declared"]], rows).assign(
        shares_cases=[
            bool(cases[contrast] & found_in.get(variant, set()))
            for contrast, variant in zip(rows["contrast"], rows["variant_id"], strict=True)
        ],
        selection_p_max=p_max,
        corrected_odds_ratio=found.odds_ratio,
        corrected_ci_lower=found.ci_lower,
        corrected_ci_upper=found.ci_upper,
    )


def _found_in(replications: Iterable[Replication]) -> dict[str, set[str]]:
    """Cohorts whose cases a declared discovery had, by variant; none of what was published."""
    found: dict[str, set[str]] = {}
    for item in replications:
        cases = item.discovery.cases
        found.setdefault(item.variant, set()).update(() if cases == "published" else cases)
    return found


def _with_n(frame: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """A frame of leads with the called samples of each side, from rows in the same order."""
    called = {
        f"n_{side}": rows[[f"n_{side}_{g}" for g in _CALLED]].sum(axis=1).to_numpy()
        for side in ("case", "control")
    }
    return frame.assign(**called)


def _in_order(name: str, parts: list[pd.DataFrame], work: OpenStudy) -> pd.DataFrame:
    spec = table(name)
    if not parts:
        return work.lake.empty_frame(name)
    frame = pd.concat(parts)[list(spec.column_names)]
    return frame.sort_values(list(spec.key), ignore_index=True)


lead_influence_has_unique_key = key_check("result.lead_influence")
lead_correction_has_unique_key = key_check("result.lead_correction")


@table_check("result.lead_influence", blocking=False)
def no_lead_rests_on_one_case(work: OpenStudy) -> Finding:
    """No association of a lead is gone when one case is left out: P of record at most the level it
    is held to (association.lead_p_max, of declared loci declared_alpha) stays there, under the
    genetic model of its smallest P.
    """
    frame = work.lake.frame("result.lead_influence").sort_values("p_value", kind="stable")
    best = frame.drop_duplicates(["contrast", "variant_id"]).sort_index()
    held = best[(best["p_value"] <= best["alpha"]) & best["p_value_max"].notna()]
    resting = held[held["p_value_max"] > held["alpha"]]
    lines = [
        f"{row['contrast']}: {row['variant_id']} {row['genetic_model']} P {row['p_value']:.1e}, "
        f"without one case {row['p_value_max']:.1e}"
        for row in resting.to_dict("records")
    ]
    found = none_of(len(resting), len(held), "leads lose their association without one case")
    return Finding(found.passed, "; ".join([found.description, *lines]), found.metadata)


@table_check("result.lead_correction")
def corrected_odds_ratios_are_nearer_to_one(work: OpenStudy) -> Finding:
    """A corrected odds ratio stands exactly where a lead that was not declared passed the
    threshold and has an estimate, and is no farther from 1 than that.
    """
    frame = work.lake.frame("result.lead_correction")
    corrected, naive = np.log(frame["corrected_odds_ratio"]), np.log(frame["odds_ratio"])
    is_picked = ~frame["is_declared"] & (frame["p_value"] <= frame["selection_p_max"])
    sound = corrected.notna() == (is_picked & naive.notna()).fillna(False)
    sound &= corrected.isna() | (corrected.abs() <= naive.abs() * (1 + 1e-9))
    told = "rows have a corrected odds ratio where none belongs, or a larger one, or lack it"
    return none_of(int((~sound.fillna(False)).sum()), len(frame), told)
