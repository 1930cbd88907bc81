"""Sources: the input files, typed, with file and line; nothing is repaired or dropped here."""

from collections.abc import Mapping

import pandas as pd

from alsrev_dagster.day_order import ORDER_OF_DAYS
from alsrev_dagster.files import file_sha256
from alsrev_dagster.graph.assets import Counts, table_asset
from alsrev_dagster.graph.checks import Finding, key_check, none_of, table_check
from alsrev_dagster.graph.node import Files
from alsrev_dagster.ingest import tables
from alsrev_dagster.ingest.callset_files import relative
from alsrev_dagster.ingest.clinical_note import counts_by_reason
from alsrev_dagster.ingest.clinical_read import clinical_file_names
from alsrev_dagster.ingest.genome_build import check_build
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.storage.lake import hash_of
from assets.reading import left_out

_OWNER = "data-management"
_ACTIONS = ("repaired", "refused", "flagged")
_ITEMS = ["q1", "q2", "q3", "q4", "q6", "q7", "q8", "q9", "r1", "r2", "r3"]


def _genotype_files(work: OpenStudy, _: str) -> Mapping[str, str]:
    found = tables.inspections(work.folder, work.study, work.inspector)
    return {
        f"{callset} {relative(work.folder, path)}": item.sha256 for callset, path, item in found
    }


def _clinical_file(key: str) -> Files:
    """The table of a key; every file of the resource where the study names one in its place."""

    def files(work: OpenStudy, _: str) -> Mapping[str, str]:
        own = getattr(work.study, key, None)
        names = [own] if isinstance(own, str) else []
        if work.study.clinical is not None and key != "samples":
            names = clinical_file_names(work.folder, work.study)[1:]
        try:
            return {name: file_sha256(work.folder.root / name) for name in names}
        except OSError:
            tables.sound(work.folder, work.inspector)  # says what is wrong with the study
            raise

    return files


def _clinical(work: OpenStudy, name: str) -> pd.DataFrame:
    return tables.clinical(work.folder, work.inspector, name)


def _missing_codes(name: str) -> Counts:
    def counts(work: OpenStudy) -> Mapping[str, int]:
        return {"n_missing_code": tables.n_missing_code(work.folder, work.inspector, name)}

    return counts


@table_asset(
    "raw.callset",
    owner=_OWNER,
    kinds=("vcf", "parquet"),
    files=_genotype_files,
    settings=("callsets", "genome_build"),
)
def callset(work: OpenStudy) -> pd.DataFrame:
    """Genotype files: format, hash, samples, records and chromosomes."""
    return tables.callset(work.folder, work.study, work.inspector)


def _sample_lists(work: OpenStudy, _: str) -> Mapping[str, str]:
    """Samples by file and of the table: what changes among the same samples changes no list."""
    found = tables.inspections(work.folder, work.study, work.inspector)
    listed = tables.listed_samples(work.folder, work.study)
    lists = {work.study.samples: hash_of({"sample_ids": listed})}
    return lists | {
        f"{callset} {relative(work.folder, path)}": hash_of(
            {"sample_ids": list(item.file.sample_ids)}
        )
        for callset, path, item in found
        if item.file is not None
    }


def _n_unlisted(work: OpenStudy) -> Mapping[str, int]:
    return {"n_unlisted": tables.n_unlisted(work.folder, work.inspector)}


@table_asset(
    "raw.callset_sample",
    owner=_OWNER,
    kinds=("vcf", "parquet"),
    files=_sample_lists,
    settings=("callsets", "ignored_columns", "missing_codes"),
    counts=_n_unlisted,
)
def callset_sample(work: OpenStudy) -> pd.DataFrame:
    """Samples of each callset, in the order of the packed genotypes, and whether the table of
    samples has them; n_unlisted are left out of everything because it does not.
    """
    return tables.callset_sample(work.folder, work.inspector)


@table_asset(
    "raw.sample",
    owner=_OWNER,
    kinds=("csv", "parquet"),
    files=_clinical_file("samples"),
    settings=("ignored_columns", "missing_codes"),
    counts=_missing_codes("sample"),
)
def sample(work: OpenStudy) -> pd.DataFrame:
    """Samples: whose they are, cohort, tissue, batch, site."""
    return _clinical(work, "sample")


@table_asset(
    "raw.participant",
    owner=_OWNER,
    kinds=("csv", "parquet"),
    files=_clinical_file("participants"),
    settings=("clinical", "ignored_columns", "missing_codes"),
    counts=_missing_codes("participant"),
)
def participant(work: OpenStudy) -> pd.DataFrame:
    """Participants: sex, onset, diagnosis, and their days of onset, enrolment and death."""
    return _clinical(work, "participant")


@table_asset(
    "raw.visit",
    owner=_OWNER,
    kinds=("csv", "parquet"),
    files=_clinical_file("visits"),
    settings=("clinical", "ignored_columns", "missing_codes"),
    counts=_missing_codes("visit"),
)
def visit(work: OpenStudy) -> pd.DataFrame:
    """ALSFRS-R item scores by visit, as reported."""
    return _clinical(work, "visit")


@table_asset(
    "raw.biomarker",
    owner=_OWNER,
    kinds=("csv", "parquet"),
    files=_clinical_file("biomarkers"),
    settings=("clinical", "ignored_columns", "missing_codes"),
    counts=_missing_codes("biomarker"),
)
def biomarker(work: OpenStudy) -> pd.DataFrame:
    """Biomarker levels, as reported; no rows when the study names no file."""
    return _clinical(work, "biomarker")


def _by_reason(work: OpenStudy) -> Mapping[str, int]:
    return counts_by_reason(_notes(work))


def _notes(work: OpenStudy) -> pd.DataFrame:
    return tables.clinical_note(work.folder, work.inspector)


@table_asset(
    "raw.clinical_note",
    owner=_OWNER,
    kinds=("csv", "parquet"),
    files=_clinical_file("clinical"),
    settings=("clinical",),
    counts=_by_reason,
)
def clinical_note(work: OpenStudy) -> pd.DataFrame:
    """What an importer repaired, refused or flagged, by file and line; no rows for tables of the
    study's own, of which nothing is repaired.
    """
    return _notes(work)


callset_has_unique_key = key_check("raw.callset")
callset_sample_has_unique_key = key_check("raw.callset_sample")
sample_has_unique_key = key_check("raw.sample")
participant_has_unique_key = key_check("raw.participant")
visit_has_unique_key = key_check("raw.visit")
biomarker_has_unique_key = key_check("raw.biomarker")
clinical_note_has_unique_key = key_check("raw.clinical_note")


@table_check("raw.clinical_note", blocking=False)
def everything_was_taken_as_written(work: OpenStudy) -> Finding:
    """The importer refused and flagged nothing; otherwise it says what, by reason."""
    note = work.lake.frame("raw.clinical_note", ["action", "reason"])
    n_of = {action: int((note["action"] == action).sum()) for action in _ACTIONS}
    n_wrong = n_of["refused"] + n_of["flagged"]
    found = none_of(n_wrong, len(note), "notes are of something refused or flagged", **n_of)
    said = "; ".join(f"{n} {text}" for text, n in counts_by_reason(note).most_common())
    return Finding(found.passed, f"{found.description}{': ' if said else ''}{said}", found.metadata)


@table_check("raw.callset")
def build_and_contigs_agree(work: OpenStudy) -> Finding:
    """Contig lengths, reference and positions of every file are those of the declared build."""
    found = tables.inspections(work.folder, work.study, work.inspector)
    files = [item.file for _, _, item in found if item.file is not None]
    wrong = [problem for file in files for problem in check_build(file, work.study.genome_build)]
    return none_of(
        len(wrong), len(files), f"genotype files disagree with {work.study.genome_build}"
    )


@table_check("raw.callset", blocking=False)
def every_record_is_on_a_chromosome(work: OpenStudy) -> Finding:
    """No record lies on an unplaced, alternate or decoy contig; those are left out."""
    frame = work.lake.frame("raw.callset")
    n_left_out, n_record = int(frame["n_left_out"].sum()), int(frame["n_record"].sum())
    return none_of(n_left_out, n_record, "records are on other contigs and left out")


@table_check("raw.callset_sample")
def no_sample_is_called_twice(work: OpenStudy) -> Finding:
    """A sample that is used is in one callset only."""
    sample_id = work.lake.frame("raw.callset_sample")["sample_id"]
    used = sample_id[~sample_id.isin(list(left_out(work)))]
    return none_of(int(used.duplicated().sum()), len(used), "samples are called twice")


@table_check("raw.visit")
def items_are_in_range(work: OpenStudy) -> Finding:
    """Every ALSFRS-R item is 0 to 4, and item 5 is scored on one of its two scales."""
    frame = work.lake.frame("raw.visit")
    items = frame[[*_ITEMS, "q5a", "q5b"]]
    outside = (~items.isna() & ~items.isin(range(5))).any(axis=1)
    both = frame["q5a"].notna() & frame["q5b"].notna()
    return none_of(
        int((outside | both).sum()),
        len(frame),
        "visits have an item outside 0-4, or both 5a and 5b",
        n_outside=int(outside.sum()),
        n_both=int(both.sum()),
    )


@table_check("raw.visit")
def total_is_the_item_sum(work: OpenStudy) -> Finding:
    """Where all items and a total are reported, the total is their sum."""
    frame = work.lake.frame("raw.visit")
    item5 = frame["q5a"].fillna(frame["q5b"])
    complete = frame[_ITEMS].notna().all(axis=1) & item5.notna() & frame["alsfrsr_total"].notna()
    total = (frame[_ITEMS].sum(axis=1) + item5)[complete]
    wrong = (total != frame.loc[complete, "alsfrsr_total"]).sum()
    return none_of(int(wrong), int(complete.sum()), "complete visits have another total")


@table_check("raw.participant")
def days_are_in_order(work: OpenStudy) -> Finding:
    """No day of a participant stands before one that it cannot come before."""
    frame = work.lake.frame("raw.participant")
    wrong = [(frame[first] > frame[second]).fillna(False) for first, second in ORDER_OF_DAYS]
    n_wrong = int(pd.concat(wrong, axis=1).any(axis=1).sum())
    return none_of(n_wrong, len(frame), "participants have days in an impossible order")
