"""Matched: which samples could be compared, and which controls stand beside which case."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats.matching import match_controls, weighted_distance
from alsrev_dagster.study import Match
from assets.members import members
from assets.relatedness import unrelated_rows

_COLUMNS = ["contrast", "sample_id", "matched_set", "match_distance", "unmatched_reason"]
_NOBODY = "no control within the caliper"
_UNUSED = "not matched to a case"


def eligible(work: OpenStudy) -> pd.DataFrame:
    """Members of the contrasts with ``exclusion_reason``: quality, relatives, then ancestry.

    Where outliers of ancestry are left out, nobody is left out as a relative of one of them.
    """
    member = members(work)
    outlier = _outliers(work)
    unrelated = (
        unrelated_rows(work, outlier) if outlier else work.lake.frame("core.unrelated_sample")
    )
    relative = unrelated.set_index("sample_id")["exclusion_reason"].astype("string")
    reason = member["quality_reason"].fillna(member["sample_id"].map(relative))
    is_late = reason.isna() & member["sample_id"].isin(outlier)
    reason = reason.mask(is_late, "outlier of ancestry")
    return member.assign(exclusion_reason=reason.astype("string"))


def _outliers(work: OpenStudy) -> list[str]:
    """Samples that are left out of every contrast as outliers of ancestry."""
    if not work.study.ancestry.exclude_outliers:
        return []
    pc = work.lake.frame("core.sample_pc", ["sample_id", "is_outlier"])
    return sorted(pc.loc[pc["is_outlier"].fillna(False).astype(bool), "sample_id"])


def matched_sets(work: OpenStudy, member: pd.DataFrame) -> pd.DataFrame:
    """Of the contrasts that are matched, each eligible sample with its set or why it has none."""
    parts = [
        _matched(work, rows, contrast.match, name)
        for name, contrast in work.study.contrasts.items()
        if contrast.match and len(rows := _let_in(member, name))
    ]
    types = {"matched_set": "Int64", "match_distance": "float64"}
    types |= dict.fromkeys(("contrast", "sample_id", "unmatched_reason"), "string")
    made = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=_COLUMNS)
    return made[_COLUMNS].astype(types)


def _let_in(member: pd.DataFrame, contrast: str) -> pd.DataFrame:
    is_here = (member["contrast"] == contrast) & member["exclusion_reason"].isna()
    return member[is_here].sort_values("sample_id", ignore_index=True)


def _matched(work: OpenStudy, rows: pd.DataFrame, rule: Match, name: str) -> pd.DataFrame:
    is_case = rows["is_case"].to_numpy(dtype=np.bool_)
    case, control = np.flatnonzero(is_case), np.flatnonzero(~is_case)
    if not (len(case) and len(control)):
        return rows.reindex(columns=_COLUMNS)
    score, weight = _scores(work, rows, rule, name)
    found = match_controls(
        weighted_distance(score[case], score[control], weight),
        _agree(rows, case, control, [*rule.exact, *work.study.contrasts[name].strata]),
        ratio=rule.ratio,
        caliper=rule.caliper,
    )
    is_used = found.case >= 0
    number, distance = np.zeros(len(rows), dtype=np.int64), np.full(len(rows), np.nan)
    number[control] = found.case + 1
    number[case[found.case[is_used]]] = found.case[is_used] + 1
    distance[control] = found.distance
    matched_set = pd.Series(number).astype("Int64")
    reason = pd.Series(np.where(is_case, _NOBODY, _UNUSED), dtype="string")
    return rows[["contrast", "sample_id"]].assign(
        matched_set=matched_set.mask(matched_set == 0),
        match_distance=distance,
        unmatched_reason=reason.mask(matched_set > 0),
    )


def _scores(
    work: OpenStudy, rows: pd.DataFrame, rule: Match, name: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Components of the eligible samples, and the eigenvalue of each."""
    columns = [f"pc{k}" for k in range(1, rule.n_pc + 1)]
    pc = work.lake.frame("core.sample_pc").set_index("sample_id")
    score = pc.reindex(rows["sample_id"])[columns].to_numpy(dtype=np.float64)
    if np.isnan(score).any():
        raise InputDataError(
            f"contrast {name} is matched on {rule.n_pc} principal components, and "
            f"{int(np.isnan(score).any(axis=1).sum())} of {len(score)} samples have none: expected "
            "scores of all; bring genotypes of more places, or take match out of the contrast"
        )
    fitted = pc.loc[~pc["is_projected"].astype(bool), columns].to_numpy(dtype=np.float64)
    return score, (fitted**2).sum(axis=0)


def _agree(
    rows: pd.DataFrame, case: NDArray[np.int64], control: NDArray[np.int64], columns: list[str]
) -> NDArray[np.bool_]:
    """Whether each case and control have the same known value in every column."""
    agree = np.ones((len(case), len(control)), dtype=np.bool_)
    for column in columns:
        value = rows[column].astype("string").fillna("").to_numpy(dtype=str)
        a, b = value[case][:, None], value[control][None, :]
        agree &= (a == b) & (a != "")
    return agree
