"""ALSFRS-R totals, subscores and stages of each visit."""

import pandas as pd

from alsrev_dagster.clinical.stages import (
    kings_stage,
    kings_stage_manera,
    kings_stage_recoded,
    mitos_stage,
)
from alsrev_dagster.clinical.time_axis import months_between, origin_day
from alsrev_dagster.errors import InputDataError
from alsrev_dagster.vocabulary import table

_SUBSCORE = {
    "bulbar_score": ["q1", "q2", "q3"],
    "fine_motor_score": ["q4", "q5", "q6"],
    "gross_motor_score": ["q7", "q8", "q9"],
    "respiratory_score": ["r1", "r2", "r3"],
}
_ITEMS = [name for names in _SUBSCORE.values() for name in names]
_ALSFRS_ITEMS = [*(name for name in _ITEMS if name.startswith("q")), "q10"]
_SUM = {
    "alsfrsr_total": _ITEMS,
    "alsfrsr_without_item_5": [name for name in _ITEMS if name != "q5"],
    "alsfrs_total": _ALSFRS_ITEMS,
    "alsfrs_without_item_5": [name for name in _ALSFRS_ITEMS if name != "q5"],
    **_SUBSCORE,
}

DELTA_FS_MIN_MONTHS = 3.0
"""Months since onset below which delta_fs is not given: it divides by a self-reported time."""


def alsfrsr(visit: pd.DataFrame, participant: pd.DataFrame) -> pd.DataFrame:
    """core.alsfrsr from raw.visit: one row per participant and visit day.

    A total is the sum of its items (12 of ALSFRS-R, 10 of the original ALSFRS) and NULL unless
    all are there; one that the input reports is not used, and nothing is prorated. Neither scale
    is made from the other. Item 5 is 5a or 5b.
    """
    item, months = _items(visit), _months_since_onset(visit, participant)
    scored = visit[["participant_id", "day"]].assign(
        months_since_onset=months,
        **{name: _sum(item, names) for name, names in _SUM.items()},
        has_gastrostomy=item["has_gastrostomy"],
        n_item_missing=item[_ITEMS].isna().sum(axis=1).astype("Int64"),
        kings_stage=kings_stage(item),
        kings_stage_manera=kings_stage_manera(item),
        mitos_stage=mitos_stage(item),
    )
    scored["kings_stage_recoded"] = kings_stage_recoded(item, scored["alsfrsr_total"])
    scored = scored.assign(**_delta_fs(scored["alsfrsr_total"], months))
    target = table("core.alsfrsr")
    return scored[list(target.column_names)].sort_values(list(target.key), ignore_index=True)


def _sum(item: pd.DataFrame, names: list[str]) -> pd.Series:
    """Sum of items, NULL unless all are there."""
    first, *rest = (item[name] for name in names)
    for one in rest:
        first = first + one
    return first


def _delta_fs(total: pd.Series, months: pd.Series) -> dict[str, pd.Series]:
    """Points lost a month since onset, or why it is not given."""
    early = ~(months >= DELTA_FS_MIN_MONTHS)
    reason = pd.Series(None, index=total.index, dtype="object")
    reason = reason.mask(early, "less than 3 months since onset")
    reason = reason.mask(months.isna(), "onset unknown").mask(total.isna(), "total incomplete")
    lost = 48.0 - total.astype("Float64").astype("float64")
    return {
        "delta_fs": (lost / months.where(~early)).astype("float64"),
        "delta_fs_missing_reason": reason,
    }


def _items(visit: pd.DataFrame) -> pd.DataFrame:
    """Return the 12 items and q10 as Int64, item 5 as one column, and has_gastrostomy."""
    _refuse_both_item_5(visit)
    single = [name for name in _ITEMS if name != "q5"]
    item = visit[[*single, "q5a", "q5b", "q10"]].astype("Int64")
    item["q5"] = item["q5a"].fillna(item["q5b"])
    item["has_gastrostomy"] = item["q5b"].notna()
    return item


def _refuse_both_item_5(visit: pd.DataFrame) -> None:
    """Raise on visits that score item 5 twice: it cannot be known which scale was meant."""
    both = visit[visit["q5a"].notna() & visit["q5b"].notna()]
    if len(both):
        first = both.sort_values(["source_file", "source_line"]).iloc[0]
        raise InputDataError(
            f"{first['source_file']} line {first['source_line']}: items 5a and 5b are both filled "
            f"({len(both)} such line(s)): expected one of them; keep 5b for a visit with a "
            "gastrostomy, 5a for one without"
        )


def _months_since_onset(visit: pd.DataFrame, participant: pd.DataFrame) -> pd.Series:
    onset_day = visit["participant_id"].map(origin_day(participant, "onset"))
    return months_between(onset_day, visit["day"])
