"""Audit: what else differs between cases and controls than being one."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from alsrev_dagster.graph.assets import table_asset
from alsrev_dagster.graph.checks import Finding, key_check, none_of, table_check
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.vocabulary import MARK, table
from assets.factors import asked, judged, known_factors

_OWNER = "statistical-genetics"


@table_asset(
    "result.confounding",
    owner=_OWNER,
    reads=[
        "core.analysis_set",
        "raw.sample",
        "core.sample_trait",
        "core.sample_qc",
        "core.sample_pc",
    ],
)
def confounding(work: OpenStudy) -> pd.DataFrame:
    """Whether callset, caller, tissue, batch, site, call rate, depth, ancestry or sex goes with
    being a case, in each contrast and within its strata.
    """
    return confounding_rows(work)


def confounding_rows(work: OpenStudy) -> pd.DataFrame:
    """Rows of result.confounding, as the lake now is."""
    known = known_factors(work)
    rows = [
        judged(work, known[known["contrast"] == name], factor)
        for name, contrast in work.study.contrasts.items()
        for factor in asked(work, known, contrast.strata)
        if (known["contrast"] == name).any()
    ]
    return pd.DataFrame(rows, columns=list(table("result.confounding").column_names))


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
