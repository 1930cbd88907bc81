"""Everything that is wrong with a study, found in one go."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pandas as pd

from alsrev_dagster.errors import Problem, StudyError
from alsrev_dagster.ingest import callset_rules, clinical_links, clinical_rules, study_rules
from alsrev_dagster.ingest import genotype_file as genotype
from alsrev_dagster.ingest.call_filter_rules import study_filter_problems
from alsrev_dagster.ingest.callset_files import (
    callset_files,
    pattern_problems,
    shown_names,
    table_path_problems,
)
from alsrev_dagster.ingest.clinical_note import counts_by_reason
from alsrev_dagster.ingest.clinical_read import READERS, clinical_name, read_clinical
from alsrev_dagster.ingest.clinical_table import TableRead, empty_frame
from alsrev_dagster.ingest.external_frequency import external_frequency_problems
from alsrev_dagster.ingest.genome_build import check_build, locus_problems
from alsrev_dagster.ingest.genotype_callset import callset_problems
from alsrev_dagster.ingest.genotype_file import GenotypeFile, as_shown
from alsrev_dagster.ingest.reference_sequence import Reference
from alsrev_dagster.ingest.set_files import set_file_problems
from alsrev_dagster.ingest.study_file import read_study
from alsrev_dagster.ingest.study_reference import study_reference
from alsrev_dagster.ingest.unnamed import without_names
from alsrev_dagster.study import Study, StudyFolder
from alsrev_dagster.vocabulary import table

__all__ = ["Inspect", "Validation", "callset_files", "validate"]


class Inspect(Protocol):
    """What looks into a genotype file: ``genotype_file.inspect``, or one that remembers."""

    def __call__(
        self, path: Path, *, reference: Reference | None = None
    ) -> tuple[GenotypeFile | None, tuple[Problem, ...]]:
        """Return the file when it is sound, and what is wrong with it."""


_PRIVATE = ("sample_id", "participant_id")
_Inspected = Mapping[str, tuple[GenotypeFile | None, ...]]


def _no_note() -> pd.DataFrame:
    return empty_frame(table("raw.clinical_note"))


@dataclass(frozen=True)
class Validation:
    """A study as far as it could be read, and every problem of it."""

    study: Study | None
    """None when ``study.yaml`` itself cannot be used; then nothing else was read."""
    problems: tuple[Problem, ...]
    frames: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    """sample, participant, visit and biomarker (no rows when the study has none)."""
    genotype_files: Mapping[str, tuple[GenotypeFile, ...]] = field(default_factory=dict)
    """Sound files by callset, in natural order."""
    n_missing_code: Mapping[str, int] = field(default_factory=dict)
    """Cells read as NULL because they held one of missing_codes, by table."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """What was not read, in words, by file: empty rows and columns, ignored columns."""
    n_unlisted: Mapping[str, int] = field(default_factory=dict)
    """Samples left out for being in no row of the table of samples, by callset."""
    note: pd.DataFrame = field(default_factory=_no_note)
    """What an importer repaired, refused and flagged: raw.clinical_note."""

    def notes_as_json(self) -> dict[str, dict[str, int]]:
        """``n_note`` by what was done and why; nothing for tables of one's own."""
        is_own = self.study is None or self.study.clinical is None
        return {} if is_own else {"n_note": dict(counts_by_reason(self.note))}

    def told_notes(self) -> str:
        """A line a reason of what an importer did; empty for tables of one's own."""
        counts = counts_by_reason(self.note)
        return "".join(f"{n:,} {text}\n" for text, n in counts.most_common())

    def told_missing_codes(self) -> str:
        """One line of how many cells of each file are NULL for their code; empty without codes."""
        if self.study is None or not self.study.missing_codes:
            return ""
        files = {
            getattr(self.study, key): self.n_missing_code[n] for n, (_, key) in READERS.items()
        }
        told = ", ".join(f"{n:,} of {file}" for file, n in files.items() if file)
        return f"cells read as missing, by missing_codes: {told}\n"


def validate(folder: StudyFolder, inspect: Inspect | None = None) -> Validation:
    """Read a whole study; every problem at once, never an exception for a user's mistake."""
    try:
        study = read_study(folder)
    except StudyError as error:
        return Validation(None, error.problems)
    clinical = read_clinical(folder, study)
    tables = clinical.tables
    files, file_problems = _inspect(folder, study, inspect or genotype.inspect)
    names = _names(tables, files)
    problems = [
        *table_path_problems(study),
        *locus_problems(study),
        *study_rules.repeated_lead_problems(study),
        *without_names((p for read in tables.values() for p in read.problems), names),
        *pattern_problems(folder, study),
        *file_problems,
        *without_names(_rule_problems(study, tables), names),
        *_file_rule_problems(folder, study, tables, files),
    ]
    return Validation(
        study,
        tuple(dict.fromkeys(problems)),
        {name: read.frame for name, read in tables.items()},
        {name: tuple(f for f in held if f is not None) for name, held in files.items()},
        {name: read.n_missing_code for name, read in tables.items()},
        {
            **{getattr(study, READERS[n][1]): r.left_out for n, r in tables.items() if r.left_out},
            **clinical.left_out,
        },
        _n_unlisted(study, tables["sample"].frame, files),
        clinical.note,
    )


def _n_unlisted(study: Study, sample: pd.DataFrame, files: _Inspected) -> dict[str, int]:
    sound = {name: tuple(f for f in held if f is not None) for name, held in files.items()}
    found = callset_rules.unlisted_samples(study, sound, sample)
    return {name: len(left_out) for name, left_out in found.items() if left_out}


def _inspect(
    folder: StudyFolder, study: Study, inspect: Inspect
) -> tuple[_Inspected, list[Problem]]:
    """Look into the reference, and each file once; None stands for one that is not sound."""
    paths = callset_files(folder, study)
    reference, said_of_it = study_reference(folder, study)
    names = shown_names(folder, paths)
    found = {
        path: as_shown(name, *inspect(path, reference=reference)) for path, name in names.items()
    }
    problems = [*said_of_it, *(problem for _, said in found.values() for problem in said)]
    for file, _ in found.values():
        problems += check_build(file, study.genome_build) if file is not None else []
    return {name: tuple(found[path][0] for path in held) for name, held in paths.items()}, problems


def _names(tables: Mapping[str, TableRead], files: _Inspected) -> set[str]:
    """Every identifier of a sample or participant that the study's files have."""
    columns = [read.frame[c] for read in tables.values() for c in _PRIVATE if c in read.frame]
    in_files = {s for held in files.values() for f in held if f for s in f.sample_ids}
    return in_files.union(*(column.dropna() for column in columns))


def _rule_problems(study: Study, tables: Mapping[str, TableRead]) -> Iterator[Problem]:
    """Rules on tables; what rests on absence is asked only of tables that are whole."""
    sample, participant = tables["sample"].frame, tables["participant"].frame
    visit, biomarker = tables["visit"].frame, tables["biomarker"].frame
    yield from clinical_rules.participant_problems(participant)
    yield from clinical_rules.visit_problems(visit)
    yield from clinical_rules.biomarker_problems(biomarker)
    yield from clinical_links.follow_up_problems(visit, participant)
    yield from clinical_links.sex_problems(sample, participant)
    yield from clinical_links.two_side_problems(study, sample)
    yield from study_rules.undeclared_callset_problems(study, sample)
    yield from study_rules.unused_cohort_problems(study, sample)
    if tables["participant"].is_whole:
        for frame in (sample, visit, biomarker):
            yield from clinical_links.unknown_participant_problems(
                frame, participant, clinical_name(study)
            )
        yield from study_rules.stratum_problems(study, sample, participant)
    if tables["sample"].is_whole:
        yield from study_rules.contrast_problems(study, sample)


def _file_rule_problems(
    folder: StudyFolder, study: Study, tables: Mapping[str, TableRead], files: _Inspected
) -> Iterator[Problem]:
    sample = tables["sample"].frame
    sound = {name: tuple(f for f in held if f is not None) for name, held in files.items()}
    whole = {name: held for name, held in sound.items() if held and None not in files[name]}
    yield from callset_problems(sound)
    yield from external_frequency_problems(folder, study)
    yield from set_file_problems(folder, study)
    yield from study_filter_problems(study, sound)
    yield from callset_rules.repeated_sample_problems(study, sound, sample)
    yield from callset_rules.without_genotype_problems(study, whole, sample)
    if tables["sample"].is_whole:
        yield from callset_rules.unlisted_problems(study, sound, sample)
        if len(whole) == len(files):
            in_files = {s for held in whole.values() for file in held for s in file.sample_ids}
            yield from study_rules.exclusion_problems(study, in_files | set(sample["sample_id"]))
    comments = {
        str(getattr(study, key)): tables[name].comments for name, (_, key) in READERS.items()
    }
    held_files = [file for held in sound.values() for file in held]
    yield from callset_rules.simulated_problems(study, comments, held_files)
