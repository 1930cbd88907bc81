"""What every importer of clinical files takes and gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pandas as pd

from alsrev_dagster.errors import Problem
from alsrev_dagster.ingest.clinical_table import empty_frame
from alsrev_dagster.study_clinical import ClinicalFiles
from alsrev_dagster.vocabulary import table


@dataclass(frozen=True)
class ClinicalRead:
    """The clinical tables of a resource, and what was done to make them.

    Every row of them fits the rules that tables of one's own are held to; what does not is in
    ``note``, or, where no table can be made at all, in ``problems``.
    """

    participant: pd.DataFrame
    visit: pd.DataFrame
    biomarker: pd.DataFrame
    note: pd.DataFrame
    problems: tuple[Problem, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    """What is not read, in words, by file."""


class ClinicalSource(Protocol):
    """Reads a resource's folder, which messages call ``name``."""

    def __call__(self, folder: Path, name: str, settings: ClinicalFiles) -> ClinicalRead:
        """Return the tables; never an exception for what stands in the files."""


def not_read(problems: tuple[Problem, ...]) -> ClinicalRead:
    """Tables without rows, of a folder that cannot be read."""
    names = ("participant", "visit", "biomarker", "clinical_note")
    participant, visit, biomarker, note = (empty_frame(table(f"raw.{name}")) for name in names)
    return ClinicalRead(participant, visit, biomarker, note, problems)


def files_of(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    """Files of a folder with one of the suffixes, by name."""
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in suffixes)


def folder_problem(folder: Path, name: str, expected: str) -> Problem | None:
    """Return what is wrong with a folder that is none."""
    if folder.is_dir():
        return None
    found = "a file" if folder.exists() else "no such folder"
    fix = "mend clinical.folder in study.yaml (relative to the study's folder)"
    return Problem(name, found, expected, fix)
