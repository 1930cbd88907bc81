"""ALSFRS-R totals, subscores and stages of each visit."""

import pandas as pd

from alsrev_dagster.clinical.stages import kings_stage, mitos_stage
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


def alsfrsr(visit: pd.DataFrame, participant: pd.DataFrame) -> pd.DataFrame:
    """core.alsfrsr from raw.visit: one row per participant and visit day.

    The total is the sum of the 12 items and NULL unless all 12 are there; a total that
    the input reports is not used, and nothing is prorated. Item 5 is 5a or 5b.
    """
    item = _items(visit)
    scored = visit[["participant_id", "day"]].assign(
        months_since_onset=_months_since_onset(visit, participant),
        alsfrsr_total=item[_ITEMS].sum(axis=1, skipna=False).astype("Int64"),
        **{
            name: item[names].sum(axis=1, skipna=False).astype("Int64")
            for name, names in _SUBSCORE.items()
        },
        has_gastrostomy=item["has_gastrostomy"],
        n_item_missing=item[_ITEMS].isna().sum(axis=1).astype("Int64"),
        kings_stage=kings_stage(item),
        mitos_stage=mitos_stage(item),
    )
    target = table("core.alsfrsr")
    return scored[list(target.column_names)].sort_values(list(target.key), ignore_index=True)


def _items(visit: pd.DataFrame) -> pd.DataFrame:
    """Return the 12 items as Int64, item 5 as one column, and has_gastrostomy."""
    _refuse_both_item_5(visit)
    single = [name for name in _ITEMS if name != "q5"]
    item = visit[[*single, "q5a", "q5b"]].astype("Int64")
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
