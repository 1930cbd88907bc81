"""Factors: what samples differ in besides being a case, and how far each goes with it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats.alignment import (
    Alignment,
    alignment,
    cramers_v,
    is_aligned,
    n_per_value,
    share_apart,
)
from alsrev_dagster.stats.balance import Side, standardised_difference
from alsrev_dagster.stats.quantity_alignment import quantity_alignment_within
from assets.reading import compared

_OF_SAMPLE = ("callset", "tissue", "batch", "sequencing_site")
TECHNICAL = ("callset", "caller", "tissue", "batch", "sequencing_site")
"""Named factors of how a sample was handled."""
_OF_QUALITY = ("call_rate", "mean_depth")
_OF_DESCENT = ("pc1", "pc2", "pc3", "pc4")
_MEASURED = (*_OF_QUALITY, *_OF_DESCENT)
_DECLARED = ("ancestry", "sex")
_PERSONAL = ("ancestry", "ancestry_inferred", "sex")
_N_NAMED_MAX, _N_SAMPLE_NAMED_MIN = 6, 5


def known_factors(work: OpenStudy) -> pd.DataFrame:
    """Samples that the tests of each contrast rest on, with their factors."""
    joined = compared(work)
    for name, columns in (
        ("raw.sample", _OF_SAMPLE),
        ("core.sample_trait", _DECLARED),
        ("core.sample_qc", _OF_QUALITY),
        ("core.sample_pc", (*_OF_DESCENT, "ancestry_inferred")),
    ):
        frame = work.lake.frame(name, ["sample_id", *columns])
        joined = joined.merge(frame, on="sample_id", how="left")
    return joined.assign(caller=joined["callset"].map(dict(work.study.audit.callers)))


def asked(work: OpenStudy, known: pd.DataFrame, strata: Sequence[str]) -> list[str]:
    """Factors that are asked about: a caller where one is named, what is measured or inferred where
    it is of anybody, nothing that is a stratum.
    """
    found = [name for name in (*_MEASURED, "ancestry_inferred") if known[name].notna().any()]
    technical = [name for name in TECHNICAL if name != "caller" or work.study.audit.callers]
    measured = [name for name in _MEASURED if name in found]
    personal = [name for name in _PERSONAL if name in _DECLARED or name in found]
    return [*technical, *measured, *(name for name in personal if name not in strata)]


def judged(work: OpenStudy, member: pd.DataFrame, factor: str) -> dict[str, Any]:
    """Row of result.confounding: how one factor lies on the two sides of one contrast."""
    known = member.dropna(subset=[factor])
    side = known["is_case"].to_numpy(dtype=np.bool_)
    case, control = known.loc[side, factor], known.loc[~side, factor]
    n_case = int(member["is_case"].sum())
    return {
        "contrast": member["contrast"].iloc[0],
        "factor": factor,
        "n_case_known": len(case),
        "n_control_known": len(control),
        "n_case_unknown": n_case - len(case),
        "n_control_unknown": len(member) - n_case - len(control),
        "n_case_value": case.nunique(),
        "n_control_value": control.nunique(),
        "n_shared_value": len(set(case) & set(control)),
        "case_values": _told(known, factor, case),
        "control_values": _told(known, factor, control),
        "analysis_set_hash": member["analysis_set_hash"].iloc[0],
        **_verdict(work, member, known, factor),
    }


def _verdict(
    work: OpenStudy, member: pd.DataFrame, known: pd.DataFrame, factor: str
) -> dict[str, Any]:
    """How far a factor goes with being a case; nothing where no stratum has it on both sides.

    A named factor that one side alone has in some stratum is judged by who has it, too: that is
    handling as well. Of both verdicts one that is aligned stands.
    """
    is_measured, rows = factor in _MEASURED, _with_both_sides(known)
    judge = _measured if is_measured else _named
    made = (
        {**judge(work, rows, factor), "n_stratum": rows["stratum"].nunique()} if len(rows) else {}
    )
    is_one_sided = known["stratum"].nunique() > rows["stratum"].nunique()
    if is_measured or not is_one_sided or made.get("is_aligned", False):
        return made
    by_known = member.assign(
        **{factor: member[factor].notna().map({True: "known", False: "unknown"})}
    )
    other = {**_named(work, by_known, factor), "n_stratum": by_known["stratum"].nunique()}
    return other if other["is_aligned"] or not made else made


def _with_both_sides(known: pd.DataFrame) -> pd.DataFrame:
    """Samples of the strata in which cases and controls have the factor."""
    return known[known.groupby("stratum")["is_case"].transform("nunique") == 2]


def _measured(work: OpenStudy, rows: pd.DataFrame, factor: str) -> dict[str, Any]:
    """Overlap, size and P of a measured factor, and whether it is aligned."""
    rule, is_case = work.study.audit, rows["is_case"].to_numpy(dtype=np.bool_)
    value = rows[factor].to_numpy(dtype=np.float64)
    stratum = rows["stratum"].to_numpy(dtype=object)
    generator = np.random.default_rng(rule.seed)
    found = quantity_alignment_within(value, is_case, stratum, generator, n_draw=rule.n_draw)
    middle = rows.groupby(["stratum", "is_case"])[factor].mean().groupby("stratum").mean()
    apart = value - rows["stratum"].map(middle).to_numpy(dtype=np.float64)
    sides = Side.of(apart[is_case]), Side.of(apart[~is_case])
    return {
        **_whether_aligned(work, found, n_per_value=0.0, apart=0.0),
        "standardised_difference": standardised_difference(*sides, sides),
    }


def _named(work: OpenStudy, rows: pd.DataFrame, factor: str) -> dict[str, Any]:
    """Overlap, size and P of a named factor, and whether it is aligned."""
    rule, is_case = work.study.audit, rows["is_case"].astype(bool)
    counts = [
        pd.crosstab(rows["stratum"], rows[factor].where(side)).reindex(
            index=sorted(rows["stratum"].unique()),
            columns=sorted(rows[factor].unique()),
            fill_value=0,
        )
        for side in (is_case, ~is_case)
    ]
    n_case, n_control = (table.to_numpy(dtype=np.int64) for table in counts)
    generator = np.random.default_rng(rule.seed)
    found = alignment(n_case, n_control, generator, n_draw=rule.n_draw)
    apart = share_apart(n_case, n_control)
    return {
        **_whether_aligned(work, found, n_per_value=n_per_value(n_case, n_control), apart=apart),
        "cramers_v": cramers_v(n_case, n_control),
    }


def _whether_aligned(
    work: OpenStudy, found: Alignment, *, n_per_value: float, apart: float
) -> dict[str, Any]:
    rule = work.study.audit
    verdict = is_aligned(
        found,
        overlap_max=rule.overlap_max,
        p_max=rule.p_max,
        n_per_value=n_per_value,
        apart=apart,
        apart_max=rule.case_apart_max,
    )
    seed = None if found.n_draw is None else rule.seed
    return {**vars(found), "seed": seed, "is_aligned": verdict}


def _told(known: pd.DataFrame, factor: str, mine: "pd.Series[Any]") -> str:
    """The values by name where each stands for several samples: one's own may name a person."""
    if factor in _MEASURED:
        if 0 < len(mine) < _N_SAMPLE_NAMED_MIN:
            return f"of fewer than {_N_SAMPLE_NAMED_MIN}"
        return f"median {mine.median():.4g}" if len(mine) else "none known"
    values, n_sample = set(mine), known[factor].value_counts()
    if not values:
        return "none known"
    if len(values) <= _N_NAMED_MAX and all(n_sample[v] >= _N_SAMPLE_NAMED_MIN for v in values):
        return ", ".join(sorted(values))
    return "1 value" if len(values) == 1 else f"{len(values)} values"
