"""The raw tables of a study whose files are sound; a study with problems gives none."""

from pathlib import Path

import pandas as pd

from alsrev_dagster.errors import StudyError
from alsrev_dagster.ingest.callset_files import callset_files, relative, shown_names
from alsrev_dagster.ingest.clinical_table import read_samples
from alsrev_dagster.ingest.inspection import Inspection, Inspector, folder_mark
from alsrev_dagster.ingest.plink_files import members
from alsrev_dagster.ingest.reference_sequence import Reference
from alsrev_dagster.ingest.study_reference import study_reference
from alsrev_dagster.ingest.validate import Validation, validate
from alsrev_dagster.study import Study, StudyFolder

_last: dict[str, Validation] = {}


def sound(folder: StudyFolder, inspector: Inspector) -> Validation:
    """Validate a study, once while its files stay the same; raise with every problem.

    What was found of files that are the study's no more is forgotten.
    """
    mark = f"{folder.root} {folder_mark(folder)}"
    if mark not in _last:
        _last.clear()
        _last[mark] = validate(folder, inspector)
    found = _last[mark]
    if found.problems:
        raise StudyError(found.problems)
    of_study = [file.path for held in found.genotype_files.values() for file in held]
    if found.study is not None and found.study.reference is not None:
        of_study.append(folder.root / found.study.reference)
    inspector.keep_only(of_study)
    return found


def inspections(
    folder: StudyFolder, study: Study, inspector: Inspector
) -> list[tuple[str, Path, Inspection]]:
    """Every genotype file with its callset, callsets by name."""
    files, of = callset_files(folder, study), reference(folder, study)
    names = shown_names(folder, files)
    return [
        (callset, path, inspector.look(path, reference=of).as_shown(names[path]))
        for callset, paths in sorted(files.items())
        for path in paths
    ]


def reference(folder: StudyFolder, study: Study) -> Reference | None:
    """Return the reference genome of a study that names a sound one."""
    return study_reference(folder, study)[0]


def callset(folder: StudyFolder, study: Study, inspector: Inspector) -> pd.DataFrame:
    """raw.callset: one row per genotype file."""
    sound(folder, inspector)
    rows = [
        {
            "callset": name,
            "path": relative(folder, found.file.path),
            "format": found.file.format,
            "sha256": found.sha256,
            "size_bytes": sum(member.stat().st_size for member in members(found.file.path)),
            "n_sample": len(found.file.sample_ids),
            "n_record": found.file.n_record,
            "n_left_out": found.file.n_left_out,
            "chromosomes": ",".join(found.file.chromosomes),
            "note": "; ".join(found.file.notes) or None,
        }
        for name, _, found in inspections(folder, study, inspector)
        if found.file is not None
    ]
    return pd.DataFrame(rows)


def callset_sample(folder: StudyFolder, inspector: Inspector) -> pd.DataFrame:
    """raw.callset_sample: the samples of each callset, in the order of its files."""
    found = sound(folder, inspector)
    listed = set(found.frames["sample"]["sample_id"])
    rows = [
        {
            "callset": name,
            "sample_index": index,
            "sample_id": sample_id,
            "is_listed": sample_id in listed,
        }
        for name, files in sorted(found.genotype_files.items())
        for index, sample_id in enumerate(files[0].sample_ids)
    ]
    return pd.DataFrame(rows)


def listed_samples(folder: StudyFolder, study: Study) -> list[str]:
    """Every sample_id of the table of samples, sorted; of an unsound one those that were read."""
    frame = read_samples(folder.root / study.samples, study).frame
    return sorted(frame["sample_id"].dropna())


def n_unlisted(folder: StudyFolder, inspector: Inspector) -> int:
    """Samples of the genotype files that are left out for being in no row of the table."""
    return sum(sound(folder, inspector).n_unlisted.values())


def clinical(folder: StudyFolder, inspector: Inspector, name: str) -> pd.DataFrame:
    """A clinical table by its short name: sample, participant, visit or biomarker."""
    return sound(folder, inspector).frames[name]


def clinical_note(folder: StudyFolder, inspector: Inspector) -> pd.DataFrame:
    """raw.clinical_note: what an importer did; no rows for tables of the study's own."""
    return sound(folder, inspector).note


def n_missing_code(folder: StudyFolder, inspector: Inspector, name: str) -> int:
    """Cells of a clinical table that are NULL because they held one of missing_codes."""
    return sound(folder, inspector).n_missing_code[name]
