"""Masking: whether a lead is still there among samples that were handled alike."""

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.graph.assets import table_asset
from alsrev_dagster.graph.checks import Finding, key_check, none_of, table_check
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats.association import evidence, record_method
from alsrev_dagster.stats.masking import level_counts, masking_status
from alsrev_dagster.vocabulary import MARK, table
from assets.factors import TECHNICAL, known_factors

_OWNER = "statistical-genetics"
_KEPT = ["contrast", "locus", "variant_id", "genetic_model", "analysis_set_hash", *MARK]
_EFFECT = ("beta", "odds_ratio", "ci_lower", "ci_upper", "p_value", "exact_p_value")
_TESTED = (*_EFFECT, "minimum_attainable_p_value", "fit_status")
_LOST = {
    "vanishes": "vanish within the levels of",
    "cannot_be_told_apart": "cannot be told apart from",
    "too_few": "leave too few to be seen within the levels of",
}


@table_asset(
    "result.masked_lead",
    owner=_OWNER,
    reads=[
        "result.lead_variant",
        "core.carrier",
        "core.analysis_set",
        "raw.sample",
        "core.sample_trait",
        "core.sample_qc",
        "core.sample_pc",
    ],
)
def masked_lead(work: OpenStudy) -> pd.DataFrame:
    """Each lead tested again within the levels of each technical factor that both sides share; or
    that no level is shared, and nothing can tell the lead from the factor.
    """
    leads = work.lake.frame("result.lead_variant")
    member, dosage, p_max = known_factors(work), _dosage(work), work.study.audit.masked_p_max
    parts = [
        _masked(mine, member[member["contrast"] == contrast], dosage, factor)
        for contrast, mine in leads.groupby("contrast", sort=False)
        for factor in TECHNICAL
        if factor != "caller" or work.study.audit.callers
    ]
    if not parts:
        return work.lake.empty_frame("result.masked_lead")
    frame = pd.concat([part.astype({"fit_status": object}) for part in parts])
    frame["masking_status"] = [_status(row, p_max) for row in frame.to_dict("records")]
    spec = table("result.masked_lead")
    return frame[list(spec.column_names)].sort_values(list(spec.key), ignore_index=True)


def _dosage(work: OpenStudy) -> pd.DataFrame:
    """Dosage of each lead, a row each and a column a sample."""
    carrier = work.lake.frame("core.carrier", ["variant_id", "sample_id", "dosage"])
    one = carrier.drop_duplicates(["variant_id", "sample_id"])
    by_sample = one.set_index(["variant_id", "sample_id"])["dosage"].astype("float64")
    return by_sample.unstack()  # noqa: PD010


def _masked(
    leads: pd.DataFrame, member: pd.DataFrame, dosage: pd.DataFrame, factor: str
) -> pd.DataFrame:
    """Rows of one contrast and factor: every lead under every genetic model."""
    known = member.dropna(subset=[factor])
    of_lead = dosage.reindex(index=pd.Index(leads["variant_id"]), columns=known["sample_id"])
    counts = level_counts(
        of_lead.to_numpy(dtype=np.float64),
        known["is_case"].to_numpy(dtype=np.bool_),
        (known["stratum"] + "/" + known[factor].astype(str)).to_numpy(dtype=object),
    )
    model = leads["genetic_model"].to_numpy(dtype=object)
    parts = [
        _tested_again(leads[model == m], counts[model == m], str(m)) for m in dict.fromkeys(model)
    ]
    return pd.concat(parts).assign(factor=factor, n_level=int(known[factor].nunique()))


def _tested_again(
    leads: pd.DataFrame, counts: NDArray[np.int64], genetic_model: str
) -> pd.DataFrame:
    """Leads with what the tests say of the shared levels; nothing where there is none."""
    left = counts.sum(axis=(2, 3))
    frame = leads[[*_KEPT, "p_value", "beta"]].rename(
        columns={"p_value": "unmasked_p_value", "beta": "unmasked_beta"}
    )
    frame = frame.assign(
        n_shared_level=counts.shape[2],
        n_case_left=left[:, 0],
        n_control_left=left[:, 1],
        method=record_method(genetic_model),
        **{**dict.fromkeys(_TESTED, np.nan), "fit_status": None},
    )
    if counts.shape[2]:
        case, control = counts[:, 0], counts[:, 1]
        found = vars(evidence(case, control, genetic_model))
        frame = frame.assign(**{name: found[name] for name in _TESTED})
    return frame


def _status(row: dict[Hashable, Any], p_max: float) -> str:
    return masking_status(
        n_level=row["n_level"],
        n_shared_level=row["n_shared_level"],
        p_value=row["unmasked_p_value"],
        masked_p_value=row["p_value"],
        least_p_value=row["minimum_attainable_p_value"],
        is_same_direction=row["beta"] * row["unmasked_beta"] > 0,
        p_max=p_max,
    )


masked_lead_has_unique_key = key_check("result.masked_lead")


@table_check("result.masked_lead", blocking=False)
def leads_hold_when_a_factor_is_masked(work: OpenStudy) -> Finding:
    """Every lead with an association is still seen among samples of one callset, caller, tissue,
    batch and site, whichever is masked.
    """
    frame = work.lake.frame("result.masked_lead")
    has_signal = ~frame["masking_status"].isin(["no_signal", "unknown", "one_level"])
    key = ["contrast", "variant_id"]
    lost = frame[frame["masking_status"].isin(list(_LOST))]
    lines = [
        f"{contrast}: {rows['variant_id'].nunique()} {_LOST[str(status)]} "
        f"{', '.join(dict.fromkeys(rows['factor']))}"
        for (contrast, status), rows in lost.groupby(["contrast", "masking_status"], sort=False)
    ]
    n_lost = len(lost[key].drop_duplicates())
    n_all = len(frame.loc[has_signal, key].drop_duplicates())
    found = none_of(n_lost, n_all, "leads are not seen, or cannot be, when a factor is masked")
    return Finding(found.passed, "; ".join([found.description, *lines]), found.metadata)
