"""PRO-ACT: its files as the typed tables of a study.

Day 0 is the start of the trial. ALSFRS and ALSFRS-R are kept apart, and neither is made of the
other.
"""

from pathlib import Path

import pandas as pd

from alsrev_dagster.ingest.clinical_lives import settled
from alsrev_dagster.ingest.clinical_measurements import measurements
from alsrev_dagster.ingest.clinical_note import Notes
from alsrev_dagster.ingest.clinical_source import ClinicalRead, not_read
from alsrev_dagster.ingest.clinical_visits import visits
from alsrev_dagster.ingest.proact_files import read_files
from alsrev_dagster.ingest.proact_measurements import proact_measurements
from alsrev_dagster.ingest.proact_people import proact_lives
from alsrev_dagster.ingest.proact_visits import proact_rows
from alsrev_dagster.study_clinical import ClinicalFiles


def read_proact(folder: Path, name: str, settings: ClinicalFiles) -> ClinicalRead:
    """Read the files of PRO-ACT in a folder."""
    notes = Notes()
    files = read_files(folder, name, notes)
    if files.problems:
        return not_read(files.problems)
    rows = [proact_rows(source, notes) for source in files.of("alsfrs")]
    visit = visits(pd.concat(rows, ignore_index=True), notes)
    participant, visit = settled(proact_lives(files, notes), visit, notes)
    biomarker = measurements(proact_measurements(files, notes), notes)
    return ClinicalRead(participant, visit, biomarker, notes.frame(), left_out=files.left_out)
