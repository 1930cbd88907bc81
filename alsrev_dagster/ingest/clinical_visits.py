"""ALSFRS-R visits of an importer: what cannot be true is refused, and one row a day is kept."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from alsrev_dagster.ingest.clinical_note import Notes, Reason
from alsrev_dagster.ingest.clinical_table import typed
from alsrev_dagster.vocabulary import table

SHARED = ("q1", "q2", "q3", "q4", "q6", "q7", "q8", "q9")
RESPIRATORY = ("r1", "r2", "r3")
ITEMS = ("q1", "q2", "q3", "q4", "q5a", "q5b", "q6", "q7", "q8", "q9", "r1", "r2", "r3")
SCORES = (*ITEMS, "q10", "alsfrsr_total", "alsfrs_total")
"""Columns of raw.visit with a score; q10 and alsfrs_total are the older scale's."""

NO_DAY = Reason("refused", "a visit without its day")
NO_SCORE = Reason("refused", "a visit without any score")
BOTH_5 = Reason("refused", "item 5 scored on both scales: neither is used")
TOTAL_R = Reason("flagged", "an ALSFRS-R total that is not the sum of its items: not used")
TOTAL = Reason("flagged", "an ALSFRS total that is not the sum of its items: not used")
UPGRADED = Reason("flagged", "an ALSFRS-R total of a visit scored on the older ALSFRS: not used")
SAME = Reason("repaired", "a row repeated whole: merged")
LESS = Reason("repaired", "a second row of one day that agrees: the fuller one is kept")
DIFFERENT = Reason("refused", "rows of one day with different scores: none is used")
BEFORE_0 = Reason("flagged", "a visit before day 0")


@dataclass(frozen=True)
class Rows:
    """Visits as they were read, with the notes that are made of them.

    ``frame`` has participant_id, day, the scores (float64, NaN for missing), source_file and
    source_line.
    """

    frame: pd.DataFrame
    notes: Notes

    def note(self, which: pd.Series, reason: Reason, column: str | None = None) -> None:
        """Note some of the rows."""
        for file_name, rows in self.frame[which].groupby("source_file", sort=False):
            lines = rows["source_line"].to_numpy(dtype=np.int64)
            self.notes.add(str(file_name), lines, reason, column=column)

    def without(self, which: pd.Series, reason: Reason) -> "Rows":
        """Return the rows but some, which are noted."""
        self.note(which, reason)
        return Rows(self.frame[~which], self.notes)

    def emptied(self, which: pd.Series, columns: list[str], reason: Reason) -> "Rows":
        """Return the rows, some without the scores of these columns, which are noted."""
        self.note(which, reason, columns[0] if len(columns) == 1 else None)
        frame = self.frame.copy()
        frame.loc[which, columns] = np.nan
        return Rows(frame, self.notes)


def visits(frame: pd.DataFrame, notes: Notes) -> pd.DataFrame:
    """raw.visit from rows as they were read; a row of nobody was noted before."""
    rows = Rows(frame[frame["participant_id"].notna()].reset_index(drop=True), notes)
    rows = rows.without(rows.frame["day"].isna(), NO_DAY)
    both = rows.frame["q5a"].notna() & rows.frame["q5b"].notna()
    rows = _totals(rows.emptied(both, ["q5a", "q5b"], BOTH_5), both)
    rows = rows.without(rows.frame[list(SCORES)].isna().all(axis=1), NO_SCORE)
    rows = _one_a_day(rows)
    rows.note(rows.frame["day"] < 0, BEFORE_0)
    return typed(rows.frame, table("raw.visit"))


def _totals(rows: Rows, both: pd.Series) -> Rows:
    """Empty the totals that are not the sum of their items; core.alsfrsr adds the items up."""
    frame = rows.frame
    item_5 = frame["q5a"].fillna(frame["q5b"])
    nine = frame[list(SHARED)].sum(axis=1, skipna=False) + item_5
    twelve = nine + frame[list(RESPIRATORY)].sum(axis=1, skipna=False)
    wrong_r = twelve.notna() & frame["alsfrsr_total"].notna() & (twelve != frame["alsfrsr_total"])
    rows = rows.emptied(wrong_r, ["alsfrsr_total"], TOTAL_R)
    ten = nine + frame["q10"]
    wrong = ten.notna() & frame["alsfrs_total"].notna() & (ten != frame["alsfrs_total"])
    rows = rows.emptied(wrong, ["alsfrs_total"], TOTAL)
    older = frame["q10"].notna() & frame[list(RESPIRATORY)].isna().all(axis=1)
    return rows.emptied(older & frame["alsfrsr_total"].notna(), ["alsfrsr_total"], UPGRADED)


def _one_a_day(rows: Rows) -> Rows:
    """Merge what agrees, and refuse what differs, among rows of one participant and day."""
    key = ["participant_id", "day"]
    repeated = rows.frame.duplicated(key, keep=False)
    if not repeated.any():
        return rows
    again = rows.frame.duplicated([*key, *SCORES], keep="first")
    rows = rows.without(again, SAME)
    several = rows.frame[rows.frame.duplicated(key, keep=False)]
    by_day = several.groupby(key, sort=False)
    differ = (by_day[list(SCORES)].max() > by_day[list(SCORES)].min()).any(axis=1)
    differ |= by_day["q5a"].count().gt(0) & by_day["q5b"].count().gt(0)
    day = pd.MultiIndex.from_frame(rows.frame[key])
    rows = rows.without(
        pd.Series(day.isin(differ.index[differ]), index=rows.frame.index), DIFFERENT
    )
    n_score = rows.frame[list(SCORES)].notna().sum(axis=1)
    fullest = n_score.sort_values(ascending=False, kind="stable").index
    kept = rows.frame.loc[fullest].drop_duplicates(key).index
    return rows.without(pd.Series(~rows.frame.index.isin(kept), index=rows.frame.index), LESS)
