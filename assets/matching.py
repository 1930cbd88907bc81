"""Matching: how alike cases and controls are, before and after matching."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from alsrev_dagster.graph.assets import table_asset
from alsrev_dagster.graph.checks import Finding, key_check, table_check
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats.balance import Side, standardised_difference
from alsrev_dagster.vocabulary import table
from assets.matched import eligible

_OWNER = "statistical-genetics"
_SIDES = (True, False)


def _picture(work: OpenStudy) -> object:
    from alsrev_dagster.figures.balance import balance as drawn

    return drawn(work.lake.frame("result.balance"), simulated=work.study.simulated)


def _is_value(column: "pd.Series[str]", value: str) -> "pd.Series[float]":
    """1 where a column has a value and 0 where it has another; NaN where it is unknown."""
    return (column == value).astype(float).where(column.notna())


def _covariates(work: OpenStudy) -> pd.DataFrame:
    """Values by sample: numbers, and shares as 0 and 1."""
    pc = work.lake.frame("core.sample_pc").set_index("sample_id")
    names = [f"pc{k}" for k in range(1, work.study.ancestry.n_pc + 1)]
    sample = work.lake.frame("core.sample_trait").set_index("sample_id")
    value = pc[names].astype(float).reindex(sample.index).dropna(axis=1, how="all")
    value["call_rate"] = work.lake.frame("core.sample_qc").set_index("sample_id")["call_rate"]
    value["is_female"] = _is_value(sample["sex"], "female")
    for ancestry in sorted(sample["ancestry"].dropna().unique()):
        value[f"ancestry={ancestry}"] = _is_value(sample["ancestry"], ancestry)
    return value


def _side(value: "pd.Series[float]", rows: pd.DataFrame, is_case: bool) -> Side:
    of_side = rows.loc[rows["is_case"].astype(bool) == is_case, "sample_id"]
    is_share = str(value.name).startswith(("is_", "ancestry="))
    return Side.of(np.asarray(value.reindex(of_side), dtype=np.float64), is_share=is_share)


def _rows(
    work: OpenStudy, name: str, value: pd.DataFrame, member: pd.DataFrame, chosen: pd.DataFrame
) -> Iterator[dict[str, Any]]:
    """Rows of a contrast, covariate by covariate."""
    of_set = chosen[chosen["contrast"] == name]
    let_in = member[(member["contrast"] == name) & member["exclusion_reason"].isna()]
    stages = {"compared": of_set[of_set["is_included"].astype(bool)]}
    if work.study.contrasts[name].match:
        stages = {"eligible": let_in, **stages}
    for covariate in value.columns:
        before = [_side(value[covariate], let_in, is_case) for is_case in _SIDES]
        for stage, rows in stages.items():
            case, control = (_side(value[covariate], rows, is_case) for is_case in _SIDES)
            yield {
                "contrast": name,
                "covariate": covariate,
                "stage": stage,
                "n_case": case.n,
                "n_control": control.n,
                "mean_case": case.mean,
                "mean_control": control.mean,
                "standardised_difference": standardised_difference(
                    case, control, (before[0], before[1])
                ),
                "analysis_set_hash": of_set["analysis_set_hash"].iloc[0]
                if len(of_set)
                else "empty",
            }


@table_asset(
    "result.balance",
    owner=_OWNER,
    reads=[
        "core.analysis_set",
        "core.sample_pc",
        "core.sample_trait",
        "core.sample_qc",
        "core.unrelated_sample",
    ],
    picture=_picture,
)
def balance(work: OpenStudy) -> pd.DataFrame:
    """Standardised differences of components, sex, ancestry and call rate between cases and
    controls: of those compared and, where a contrast is matched, of those that could be.
    """
    value, member = _covariates(work), eligible(work)
    chosen = work.lake.frame("core.analysis_set")
    rows = [
        row for name in work.study.contrasts for row in _rows(work, name, value, member, chosen)
    ]
    return pd.DataFrame(rows, columns=list(table("result.balance").column_names))


balance_has_unique_key = key_check("result.balance")


@table_check("result.balance", blocking=False)
def matching_balances_the_sides(work: OpenStudy) -> Finding:
    """No component that controls were matched on differs by checks.imbalance_max or more."""
    frame, most = work.lake.frame("result.balance"), work.study.checks.imbalance_max
    wanted = {
        (name, f"pc{k}")
        for name, contrast in work.study.contrasts.items()
        if contrast.match
        for k in range(1, contrast.match.n_pc + 1)
    }
    of_match = [pair in wanted for pair in zip(frame["contrast"], frame["covariate"], strict=True)]
    judged = frame[np.array(of_match, dtype=bool) & (frame["stage"] == "compared")]
    wrong = judged[~(judged["standardised_difference"].abs() < most)]
    lines = [
        f"{row.contrast}: {row.covariate} {row.standardised_difference:.2f}"
        for row in wrong.itertuples()
    ]
    told = f"{len(wrong)} of {len(judged)} components matched on differ by {most:g} SD or more"
    found = "; ".join([f"{told} (expected 0)", *lines])
    return Finding(not len(wrong), found, {"n_wrong": len(wrong), "n_all": len(judged)})
