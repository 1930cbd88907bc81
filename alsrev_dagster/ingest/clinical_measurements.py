"""Measurements of an importer, as rows of raw.biomarker: one a participant, day and analyte."""

import numpy as np
import pandas as pd

from alsrev_dagster.ingest.clinical_note import Notes, Reason
from alsrev_dagster.ingest.clinical_table import empty_frame, typed
from alsrev_dagster.vocabulary import table

NO_DAY = Reason("refused", "a measurement without its day")
NO_UNIT = Reason("refused", "a measurement without a unit")
IMPLAUSIBLE = Reason("refused", "a measurement that no person has")
SAME = Reason("repaired", "a measurement repeated whole: merged")
DIFFERENT = Reason("refused", "measurements of one day that differ: none is used")

LIMITS: dict[str, tuple[float, float]] = {
    "weight": (25, 300),
    "height": (81, 250),
    "FVC": (0, 10),
    "SVC": (0, 10),
    "FVC percent predicted": (0, 200),
    "SVC percent predicted": (0, 200),
}
"""Least and largest value that is taken, by analyte; of any other, 0 or more."""


def measurements(parts: list[pd.DataFrame], notes: Notes) -> pd.DataFrame:
    """raw.biomarker from parts with its columns; a row without a value is no row."""
    spec = table("raw.biomarker")
    columns = list(spec.column_names)
    filled = [part[part["value"].notna() & part["participant_id"].notna()] for part in parts]
    filled = [part[columns] for part in filled if len(part)]
    if not filled:
        return empty_frame(spec)
    frame = pd.concat(filled, ignore_index=True)
    frame = _without(frame, frame["day"].isna(), NO_DAY, notes)
    frame = _without(frame, frame["unit"].isna(), NO_UNIT, notes)
    frame = _without(frame, _is_implausible(frame), IMPLAUSIBLE, notes)
    key = list(spec.key)
    frame = _without(frame, frame.duplicated([*key, "value", "unit"]), SAME, notes)
    frame = _without(frame, frame.duplicated(key, keep=False), DIFFERENT, notes)
    return typed(frame, spec)


def _is_implausible(frame: pd.DataFrame) -> pd.Series:
    low = frame["analyte"].map({name: limits[0] for name, limits in LIMITS.items()}).fillna(0.0)
    high = frame["analyte"].map({name: limits[1] for name, limits in LIMITS.items()})
    return ~frame["value"].between(low.astype(float), high.astype(float).fillna(np.inf))


def _without(frame: pd.DataFrame, which: pd.Series, reason: Reason, notes: Notes) -> pd.DataFrame:
    for file_name, rows in frame[which].groupby("source_file", sort=False):
        lines = rows["source_line"].to_numpy(dtype=np.int64)
        notes.add(str(file_name), lines, reason)
    return frame[~which]
