"""The clinical tables of a study, from tables of its own or from the files of a resource."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath

import pandas as pd

from alsrev_dagster.ingest.all_als import read_all_als
from alsrev_dagster.ingest.callset_files import is_outside
from alsrev_dagster.ingest.clinical_source import ClinicalSource
from alsrev_dagster.ingest.clinical_table import (
    TableRead,
    empty_frame,
    read_biomarkers,
    read_participants,
    read_samples,
    read_visits,
)
from alsrev_dagster.ingest.proact import read_proact
from alsrev_dagster.ingest.target_als import read_target_als
from alsrev_dagster.study import Study, StudyFolder
from alsrev_dagster.study_clinical import ClinicalFiles, ClinicalFormat
from alsrev_dagster.vocabulary import table

SOURCES: Mapping[ClinicalFormat, ClinicalSource] = {
    "proact": read_proact,
    "target_als": read_target_als,
    "all_als": read_all_als,
}

READERS = {
    "sample": (read_samples, "samples"),
    "participant": (read_participants, "participants"),
    "visit": (read_visits, "visits"),
    "biomarker": (read_biomarkers, "biomarkers"),
}
"""Reader and key of ``study.yaml`` by short name of the table."""


@dataclass(frozen=True)
class ClinicalTables:
    """The four tables as read, and the notes of an importer."""

    tables: Mapping[str, TableRead]
    """By short name: sample, participant, visit and biomarker."""
    note: pd.DataFrame
    left_out: Mapping[str, str] = field(default_factory=dict)
    """What of an importer's files is not read, in words, by file."""


def read_clinical(folder: StudyFolder, study: Study) -> ClinicalTables:
    """Read every clinical table of a study, whichever way it names them."""
    if study.clinical is None:
        own = {name: _own(folder, study, name) for name in READERS}
        return ClinicalTables(own, empty_frame(table("raw.clinical_note")))
    sample = _own(folder, study, "sample")
    if is_outside(study.clinical.folder):
        empty = {n: TableRead(empty_frame(table(f"raw.{n}")), (), is_whole=False) for n in READERS}
        return ClinicalTables({**empty, "sample": sample}, empty_frame(table("raw.clinical_note")))
    return _of_resource(folder, study.clinical, sample)


def clinical_name(study: Study) -> str:
    """Return what messages call the place that names the participants."""
    return study.participants or (study.clinical.folder if study.clinical is not None else "")


def clinical_file_names(folder: StudyFolder, study: Study) -> list[str]:
    """Clinical files of a study by their path from its folder, for hashing; sorted."""
    if study.clinical is None:
        named = (study.participants, study.visits, study.biomarkers)
        return [study.samples, *(name for name in named if name)]
    root = folder.root / study.clinical.folder
    found = sorted(path for path in root.iterdir() if path.is_file()) if root.is_dir() else []
    return [study.samples, *(str(path.relative_to(folder.root)) for path in found)]


def _own(folder: StudyFolder, study: Study, name: str) -> TableRead:
    read, key = READERS[name]
    path = getattr(study, key)
    if path is None or is_outside(path):
        return TableRead(empty_frame(table(f"raw.{name}")), (), is_whole=path is None)
    return read(folder.root / path, study)


def _of_resource(folder: StudyFolder, settings: ClinicalFiles, sample: TableRead) -> ClinicalTables:
    name = str(PurePath(settings.folder))
    found = SOURCES[settings.format](folder.root / settings.folder, name, settings)
    is_whole = not found.problems
    frames = {
        "participant": TableRead(found.participant, found.problems, is_whole=is_whole),
        "visit": TableRead(found.visit, (), is_whole=is_whole),
        "biomarker": TableRead(found.biomarker, (), is_whole=is_whole),
    }
    return ClinicalTables({"sample": sample, **frames}, found.note, found.left_out)
