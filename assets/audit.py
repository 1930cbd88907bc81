"""Audit: what else differs between cases and controls than being one."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from alsrev_dagster.graph.assets import table_asset
from alsrev_dagster.graph.checks import Finding, key_check, none_of, table_check
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats import alignment
from alsrev_dagster.stats.balance import Side, standardised_difference
from alsrev_dagster.vocabulary import MARK, table

_OWNER = "statistical-genetics"
_OF_SAMPLE = ("callset", "tissue", "batch", "sequencing_site")
_MEASURED = ("call_rate", "mean_depth")
TECHNICAL = ("callset", "caller", "tissue", "batch", "sequencing_site")
"""Named factors of how a sample was handled."""
_PERSONAL = ("ancestry", "sex")
_N_NAMED_MAX, _N_SAMPLE_NAMED_MIN = 6, 5


@table_asset(
    "result.confounding",
    owner=_OWNER,
    reads=[
        "core.analysis_set",
        "raw.sample",
        "core.sample_sex",
        "raw.participant",
        "core.sample_qc",
    ],
)
def confounding(work: OpenStudy) -> pd.DataFrame:
    """Whether callset, caller, tissue, batch, site, call rate, depth, ancestry or sex goes with
    being a case, in each contrast; not what the contrast is stratified by.
    """
    return confounding_rows(work)


def confounding_rows(work: OpenStudy) -> pd.DataFrame:
    """Rows of result.confounding, as the lake now is."""
    known = known_factors(work)
    rows = [
        _row(work, known[known["contrast"] == name], factor)
        for name, contrast in work.study.contrasts.items()
        for factor in _asked(work, known, contrast.strata)
        if (known["contrast"] == name).any()
    ]
    return pd.DataFrame(rows, columns=list(table("result.confounding").column_names))


def known_factors(work: OpenStudy) -> pd.DataFrame:
    """Included samples of each contrast with their factors."""
    member = work.lake.frame("core.analysis_set").query("is_included")
    sample = work.lake.frame("raw.sample", ["sample_id", *_OF_SAMPLE])
    sex = work.lake.frame("core.sample_sex", ["sample_id", "sex"])
    measured = work.lake.frame("core.sample_qc", ["sample_id", *_MEASURED])
    ancestry = work.lake.frame("raw.participant", ["participant_id", "ancestry"])
    joined = member.merge(sample, on="sample_id").merge(sex, on="sample_id", how="left")
    joined = joined.merge(measured, on="sample_id", how="left")
    joined["caller"] = joined["callset"].map(dict(work.study.audit.callers))
    return joined.merge(ancestry, on="participant_id", how="left")


def _asked(work: OpenStudy, known: pd.DataFrame, strata: tuple[str, ...]) -> list[str]:
    """Factors that are asked about: a caller where one is named, what is measured where it is of
    anybody, nothing that is a stratum.
    """
    measured = [name for name in _MEASURED if known[name].notna().any()]
    technical = [name for name in TECHNICAL if name != "caller" or work.study.audit.callers]
    return [*technical, *measured, *(name for name in _PERSONAL if name not in strata)]


def _row(work: OpenStudy, member: pd.DataFrame, factor: str) -> dict[str, Any]:
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
        **_verdict(work, factor, member, (case, control)),
    }


def _verdict(
    work: OpenStudy,
    factor: str,
    member: pd.DataFrame,
    sides: "tuple[pd.Series[Any], pd.Series[Any]]",
) -> dict[str, Any]:
    """How far a factor goes with being a case; nothing where neither side has it.

    A named factor that one side alone has is judged by who has it: that is handling, too.
    """
    if all(len(side) for side in sides):
        return _judged(work, factor, *sides)
    if factor in _MEASURED or not any(len(side) for side in sides):
        return {}
    is_known = member[factor].notna().map({True: "known", False: "unknown"})
    side = member["is_case"].to_numpy(dtype=np.bool_)
    return _judged(work, factor, is_known[side], is_known[~side])


def _judged(
    work: OpenStudy, factor: str, case: "pd.Series[Any]", control: "pd.Series[Any]"
) -> dict[str, Any]:
    """Overlap, size and P of a factor that both sides have, and whether it is aligned."""
    rule = work.study.audit
    if factor in _MEASURED:
        values = case.to_numpy(dtype=np.float64), control.to_numpy(dtype=np.float64)
        found, n_per_value, apart = alignment.quantity_alignment(*values), 0.0, 0.0
        sides = Side.of(values[0]), Side.of(values[1])
        size = {"standardised_difference": standardised_difference(*sides, sides)}
    else:
        names = sorted({*case, *control})
        n_case, n_control = (
            np.array([(s == name).sum() for name in names], dtype=np.int64) for s in (case, control)
        )
        generator = np.random.default_rng(rule.seed)
        found = alignment.alignment(n_case, n_control, generator, n_draw=rule.n_draw)
        n_per_value = min(len(case) / case.nunique(), len(control) / control.nunique())
        apart = alignment.share_apart(n_case, n_control)
        size = {"cramers_v": alignment.cramers_v(n_case, n_control)}
    return {
        **vars(found),
        **size,
        "seed": None if found.n_draw is None else rule.seed,
        "is_aligned": alignment.is_aligned(
            found,
            overlap_max=rule.overlap_max,
            p_max=rule.p_max,
            n_per_value=n_per_value,
            apart=apart,
            apart_max=rule.case_apart_max,
        ),
    }


def _told(known: pd.DataFrame, factor: str, mine: "pd.Series[Any]") -> str:
    """The values by name where each stands for several samples: one's own may name a person."""
    if factor in _MEASURED:
        return f"median {mine.median():.4g}" if len(mine) else "none known"
    values, n_sample = set(mine), known[factor].value_counts()
    if not values:
        return "none known"
    if len(values) <= _N_NAMED_MAX and all(n_sample[v] >= _N_SAMPLE_NAMED_MIN for v in values):
        return ", ".join(sorted(values))
    return "1 value" if len(values) == 1 else f"{len(values)} values"


@table_asset("result.confounding_mark", owner=_OWNER, reads=["result.confounding"])
def confounding_mark(work: OpenStudy) -> pd.DataFrame:
    """The mark that stands on every result of a contrast: whether it is confounded, and by what.

    Made once the study has acknowledged each aligned factor; what is tested rests on it.
    """
    found = work.lake.frame("result.confounding")
    rows = [
        {"contrast": name, **_mark(found[found["contrast"] == name])}
        for name in work.study.contrasts
    ]
    return pd.DataFrame(rows, columns=list(table("result.confounding_mark").column_names))


def _mark(found: pd.DataFrame) -> dict[str, Any]:
    factors = list(dict.fromkeys(found.loc[found["is_aligned"].fillna(False), "factor"]))
    return dict(zip(MARK, (bool(factors), ", ".join(factors) or None), strict=True))


def mark_of(work: OpenStudy, contrast: str) -> dict[str, Any]:
    """The mark of one contrast, as columns of a result."""
    row = work.lake.frame("result.confounding_mark").set_index("contrast").loc[contrast]
    return {name: row[name] for name in MARK}


def joint_mark(work: OpenStudy) -> dict[str, Any]:
    """The mark of results that join the contrasts: of each factor that any of them has."""
    marks = work.lake.frame("result.confounding_mark")
    named = [f for text in marks["confounded_by"].dropna() for f in text.split(", ")]
    joined = ", ".join(dict.fromkeys(named)) or None
    return dict(zip(MARK, (bool(marks["is_confounded"].any()), joined), strict=True))


def aligned(work: OpenStudy) -> pd.DataFrame:
    """Rows of result.confounding whose factor goes with being a case, and its acknowledgement."""
    found = work.lake.frame("result.confounding")
    rows = found[found["is_aligned"].fillna(False)]
    known = work.study.audit.acknowledged
    reason = [
        dict(known.get(contrast, {})).get(factor)
        for contrast, factor in zip(rows["contrast"], rows["factor"], strict=True)
    ]
    return rows.assign(reason=pd.Series(reason, index=rows.index, dtype=object))


def _line(row: Mapping[Any, Any]) -> str:
    """One aligned factor with its numbers."""
    p_value = f"{row['method'].replace('_', ' ')} P {row['p_value']:.1e}"
    if not pd.isna(row["n_draw"]):
        p_value += f" from {row['n_draw']:,} draws, seed {row['seed']}"
    return (
        f"{row['contrast']}: {row['factor']} is aligned with case status (cases "
        f"{row['case_values']}; controls {row['control_values']}; overlap {row['overlap']:.2f}, "
        f"{p_value}, {row['n_case_known']} cases, {row['n_control_known']} controls)"
    )


confounding_has_unique_key = key_check("result.confounding")
confounding_mark_has_unique_key = key_check("result.confounding_mark")


@table_check("result.confounding")
def confounding_is_acknowledged(work: OpenStudy) -> Finding:
    """Every factor that goes with being a case is acknowledged in study.yaml, with a reason: else
    nothing is tested, since an artefact would look like an association.
    """
    rows = aligned(work)
    open_rows = rows[rows["reason"].isna()]
    told = "factors that are aligned with case status are not acknowledged"
    found = none_of(len(open_rows), len(rows), told)
    if found.passed:
        return found
    lines = [_line(row) for row in open_rows.to_dict("records")]
    fix = (
        "exclude what makes them differ, or say under audit.acknowledged in study.yaml, by "
        "contrast and factor, why it is so: every result then bears the mark 'confounded'"
    )
    return Finding(False, "; ".join([found.description, *lines, fix]), found.metadata)


@table_check("result.confounding", blocking=False)
def case_status_is_not_a_technical_factor(work: OpenStudy) -> Finding:
    """No callset, caller, tissue, batch, site, call rate, depth, ancestry or sex goes with being a
    case (but what the contrast is stratified by), acknowledged or not.
    """
    rows, n_asked = aligned(work), work.lake.n_row("result.confounding")
    n_unjudged = int(work.lake.frame("result.confounding")["is_aligned"].isna().sum())
    what = "factors are aligned with case status"
    found = none_of(len(rows), n_asked, what, n_unjudged=n_unjudged)
    lines = [_line(row) for row in rows.to_dict("records")]
    unjudged = f"{n_unjudged} could not be judged: no value is known on a side"
    told = [found.description, *([unjudged] if n_unjudged else []), *lines]
    return Finding(found.passed, "; ".join(told), found.metadata)


@table_check("result.confounding", blocking=False)
def acknowledgements_are_needed(work: OpenStudy) -> Finding:
    """Nothing is acknowledged under audit.acknowledged that is not aligned any more."""
    rows = aligned(work)
    needed = set(zip(rows["contrast"], rows["factor"], strict=True))
    given = [(c, f) for c, factors in work.study.audit.acknowledged.items() for f in factors]
    stale = [
        f"{contrast}.{factor}" for contrast, factor in given if (contrast, factor) not in needed
    ]
    found = none_of(len(stale), len(given), "acknowledged factors are not aligned with case status")
    if found.passed:
        return found
    fix = f"remove from audit.acknowledged in study.yaml: {', '.join(stale)}"
    return Finding(False, f"{found.description}; {fix}", found.metadata)
