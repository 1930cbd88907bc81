"""ALL ALS ASSESS (AMP-ALS Knowledge Portal): the views of its forms, by numeric code.

Dates become days from the participant's first ALSFRS-R, and go no further. Labels of the data
dictionary are not used: some are wrong.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.ingest.all_als_forms import NAMES, SCORES, SUBJECT, Forms, read_forms
from alsrev_dagster.ingest.all_als_people import all_als_lives
from alsrev_dagster.ingest.clinical_lives import settled
from alsrev_dagster.ingest.clinical_measurements import measurements
from alsrev_dagster.ingest.clinical_note import Notes, Reason
from alsrev_dagster.ingest.clinical_source import ClinicalRead, not_read
from alsrev_dagster.ingest.clinical_visits import visits
from alsrev_dagster.ingest.proact_measurements import in_unit
from alsrev_dagster.ingest.source_cell import choices, numbers, participant_ids
from alsrev_dagster.ingest.source_people import NO_ANSWER, YES_NO, row_frame
from alsrev_dagster.ingest.source_scores import read_scores
from alsrev_dagster.study_clinical import ClinicalFiles

GASTROSTOMY = Reason("flagged", "item 5 on the scale that the answer on gastrostomy contradicts")
NO_TEST = Reason("refused", "vital capacity that is neither FVC nor SVC")

_TEST = {"1": "SVC", "2": "FVC"}
_WEIGHT = {"1": 1.0, "2": 0.45359237}
_GASTROSTOMY = {**YES_NO, "2": "no"}


def read_all_als(folder: Path, name: str, settings: ClinicalFiles) -> ClinicalRead:
    """Read the views of a folder."""
    notes = Notes()
    forms, problems = read_forms(folder, name, notes)
    if forms is None:
        return not_read(problems)
    visit = visits(_rows(forms, notes), notes)
    participant, visit = settled(all_als_lives(forms, notes), visit, notes)
    biomarker = measurements([*_vital_capacity(forms, notes), *_weight(forms, notes)], notes)
    return ClinicalRead(participant, visit, biomarker, notes.frame(), left_out=forms.left_out)


def _dated(forms: Forms, view: str, name: str, notes: Notes) -> pd.DataFrame:
    """Rows of a view with their day."""
    source = forms.sources[view]
    who = participant_ids(source, notes, *SUBJECT)
    return row_frame(source, who, forms.days(view, name, notes).exact)


def _rows(forms: Forms, notes: Notes) -> pd.DataFrame:
    source = forms.sources[SCORES]
    frame = _dated(forms, SCORES, "ftdat", notes).assign(**read_scores(source, NAMES, notes))
    name = source.first_of("gastroftorres")
    answer = choices(source, name, notes, _GASTROSTOMY, NO_ANSWER)
    wrong = (answer == "yes") & frame["q5a"].notna().to_numpy() & frame["q5b"].isna().to_numpy()
    wrong |= (answer == "no") & frame["q5b"].notna().to_numpy()
    notes.add(
        source.file_name, source.line[wrong], GASTROSTOMY, column=source.spelled.get(name or "")
    )
    return frame


def _vital_capacity(forms: Forms, notes: Notes) -> list[pd.DataFrame]:
    """Best of three trials in litres, and the percent of predicted."""
    if "vc" not in forms.sources:
        return []
    source = forms.sources["vc"]
    rows = _dated(forms, "vc", "redat", notes)
    test: NDArray[np.object_] = choices(source, "svctest", notes, _TEST, NO_TEST)
    litres = np.full(len(source), np.nan)
    for trial in (1, 2, 3):
        name = source.first_of(f"svct{trial}reorres")
        litres = np.fmax(litres, numbers(source, name, notes))
    percent = numbers(source, source.first_of("vcppreorres"), notes)
    analyte = pd.Series(test, dtype=object)
    none = analyte.isna()
    return [
        rows.assign(analyte=analyte, value=np.where(none, np.nan, litres), unit="L"),
        rows.assign(
            analyte=analyte + " percent predicted",
            value=np.where(none, np.nan, percent),
            unit="%",
        ),
    ]


def _weight(forms: Forms, notes: Notes) -> list[pd.DataFrame]:
    if "vitsign" not in forms.sources:
        return []
    rows = _dated(forms, "vitsign", "vsdat", notes)
    source = forms.sources["vitsign"]
    value = in_unit(source, "weightvsorres", "weightvsorresu", _WEIGHT, notes)
    return [rows.assign(analyte="weight", value=value, unit="kg")]
