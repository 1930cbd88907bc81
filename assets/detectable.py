"""Detectable: what each contrast could have seen, at its leads and at every frequency."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from alsrev_dagster.graph.assets import table_asset
from alsrev_dagster.graph.checks import Finding, key_check, none_of, table_check
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats import power
from alsrev_dagster.stats.exact import minimum_attainable_p
from alsrev_dagster.stats.genetic_model import SCORE
from alsrev_dagster.stats.tally import GENOTYPES, SIDES
from alsrev_dagster.vocabulary import MARK, table
from assets.audit import mark_of
from assets.reading import members_of

_OWNER = "statistical-genetics"
_KEPT = ("contrast", "locus", "variant_id", "genetic_model")
_N_FREQUENCY_MAX = 401
"""Numbers of carriers that are asked about; with fewer controls, every number."""


@table_asset("result.detectable_effect", owner=_OWNER, reads=["result.lead_variant"])
def detectable_effect(work: OpenStudy) -> pd.DataFrame:
    """The smallest odds ratio, and the fewest carriers among the cases, that this cohort could have
    seen at each lead's frequency: of carriers, under the recessive model of homozygotes.
    """
    leads = work.lake.frame("result.lead_variant")
    one = leads[leads["genetic_model"].isin(list(SCORE))]
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
    exposure = SCORE["recessive" if lead["genetic_model"] == "recessive" else "dominant"]
    exposed = control[np.array(exposure) == 1]
    n_case, n_control, n_carrier = (int(n.sum()) for n in (case, control, exposed))
    found = power.detectable_effect(n_case, n_control, n_carrier, alpha, asked)
    tables = case[None, None], control[None, None], exposure
    return {
        **{key: lead[key] for key in (*_KEPT, "analysis_set_hash", *MARK)},
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


@table_asset(
    "result.detectable_frequency",
    owner=_OWNER,
    reads=["core.analysis_set", "result.confounding_mark"],
)
def detectable_frequency(work: OpenStudy) -> pd.DataFrame:
    """The smallest carrier odds ratio that each contrast could have seen, by the number of
    carriers among its controls: what a variant of that frequency, found or not, was able to show.
    """
    asked = work.study.association
    parts = [
        _by_frequency(work, name, alpha, asked.detectable_power)
        for name in work.study.contrasts
        for alpha in asked.detectable_alphas
    ]
    return pd.concat(parts)[list(table("result.detectable_frequency").column_names)]


def _by_frequency(work: OpenStudy, contrast: str, alpha: float, asked: float) -> pd.DataFrame:
    """Rows of one contrast and threshold, as if everyone had a call."""
    member = members_of(work, contrast)
    is_case = member["is_case"].to_numpy(dtype=np.bool_)
    n_case, n_control = int(is_case.sum()), int((~is_case).sum())
    carrier = np.unique(np.linspace(0, n_control, _N_FREQUENCY_MAX).round().astype(np.int64))
    found = power.detectable_effects(n_case, n_control, carrier, alpha, asked)
    return pd.DataFrame(
        {
            "n_control_carrier": carrier,
            "detectable_status": [one.status for one in found],
            "minimum_detectable_odds_ratio": [one.odds_ratio for one in found],
            "minimum_case_carriers": pd.array([one.carriers_needed for one in found], "Int64"),
        }
    ).assign(
        contrast=contrast,
        alpha=alpha,
        power=asked,
        n_case=n_case,
        n_control=n_control,
        control_carrier_freq=carrier / n_control,
        method="fisher_exact",
        analysis_set_hash=member["analysis_set_hash"].iloc[0],
        **mark_of(work, contrast),
    )


detectable_effect_has_unique_key = key_check("result.detectable_effect")
detectable_frequency_has_unique_key = key_check("result.detectable_frequency")


@table_check("result.detectable_effect")
def detectable_effects_are_sound(work: OpenStudy) -> Finding:
    """An odds ratio stands exactly where the status is ok, and is above 1; the carriers needed
    are more than the controls' share, and no more than the cases.
    """
    return _are_sound(work.lake.frame("result.detectable_effect"))


@table_check("result.detectable_frequency")
def detectable_frequencies_are_sound(work: OpenStudy) -> Finding:
    """As of the leads: an odds ratio where the status is ok, above 1; carriers that can be."""
    return _are_sound(work.lake.frame("result.detectable_frequency"))


def _are_sound(frame: pd.DataFrame) -> Finding:
    odds_ratio, needed = frame["minimum_detectable_odds_ratio"], frame["minimum_case_carriers"]
    sound = odds_ratio.notna() == (frame["detectable_status"] == "ok")
    sound &= odds_ratio.isna() | (odds_ratio > 1)
    in_excess = needed * frame["n_control"] > frame["n_control_carrier"] * frame["n_case"]
    sound &= (in_excess & (needed <= frame["n_case"])).fillna(True)
    sound &= frame["n_control_carrier"].between(0, frame["n_control"])
    told = "rows have an odds ratio or a number of carriers that cannot be"
    return none_of(int((~sound).sum()), len(frame), told)
