"""ALSFRS and ALSFRS-R visits of PRO-ACT, as rows of raw.visit before they are checked."""

import numpy as np
import pandas as pd

from alsrev_dagster.ingest.clinical_note import Notes, Reason
from alsrev_dagster.ingest.source_cell import days, participant_ids, scores
from alsrev_dagster.ingest.source_people import row_frame
from alsrev_dagster.ingest.source_scores import ITEM_MAX, read_scores
from alsrev_dagster.ingest.source_table import SourceTable

_NAMES = {
    "q1": "q1speech",
    "q2": "q2salivation",
    "q3": "q3swallowing",
    "q4": "q4handwriting",
    "q5a": "q5acuttingwithoutgastrostomy",
    "q5b": "q5bcuttingwithgastrostomy",
    "q6": "q6dressingandhygiene",
    "q7": "q7turninginbed",
    "q8": "q8walking",
    "q9": "q9climbingstairs",
    "r1": "r1dyspnea",
    "r2": "r2orthopnea",
    "r3": "r3respiratoryinsufficiency",
    "q10": "q10respiratory",
    "alsfrsr_total": "alsfrsrtotal",
    "alsfrs_total": "alsfrstotal",
}
"""Plain name of each score in PRO-ACT."""

NO_SCALE = Reason("refused", "item 5 without saying on which of its two scales: not used")


def proact_rows(source: SourceTable, notes: Notes) -> pd.DataFrame:
    """Return the rows of a file of scores, each score a whole number on its scale or missing."""
    day = days(source, source.first_of("alsfrsdelta", "featuredelta"), notes)
    frame = row_frame(source, participant_ids(source, notes, "subjectid"), day)
    frame = frame.assign(**read_scores(source, _NAMES, notes))
    _note_item_5_alone(source, frame, notes)
    return frame


def _note_item_5_alone(source: SourceTable, frame: pd.DataFrame, notes: Notes) -> None:
    """The long export has item 5 also without its scale; it is nothing to rest a total on."""
    name = source.first_of("q5cutting")
    if name is not None:
        alone = ~np.isnan(scores(source, name, Notes(), ITEM_MAX))
        alone &= (frame["q5a"].isna() & frame["q5b"].isna()).to_numpy()
        notes.add(source.file_name, source.line[alone], NO_SCALE, column=source.spelled[name])
