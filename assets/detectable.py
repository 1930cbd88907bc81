"""Detectable: what each contrast could have seen at its leads, and what it could have missed."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from alsrev_dagster.graph.assets import table_asset
from alsrev_dagster.graph.checks import Finding, key_check, none_of, table_check
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats import power
from alsrev_dagster.stats.exact import minimum_attainable_p
from alsrev_dagster.stats.tally import GENOTYPES, SIDES
from alsrev_dagster.vocabulary import MARK, table

_OWNER = "statistical-genetics"


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


detectable_effect_has_unique_key = key_check("result.detectable_effect")


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
