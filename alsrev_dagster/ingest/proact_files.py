"""Which file of PRO-ACT is which, of either release, or of its long export."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from alsrev_dagster.errors import Problem
from alsrev_dagster.ingest.clinical_note import Notes
from alsrev_dagster.ingest.clinical_source import files_of, folder_problem
from alsrev_dagster.ingest.genotype_problem import ProblemList
from alsrev_dagster.ingest.proact_long import is_long, wide_tables
from alsrev_dagster.ingest.source_table import SourceTable, plain_name, read_source

READ = ("alsfrs", "alshistory", "deathdata", "demographics", "elescorial", "fvc", "svc")
MEASURED = ("vitalsigns", "labs")
DAYS_ONLY = (
    "adverseevents",
    "conmeds",
    "familyhistory",
    "handgripstrength",
    "musclestrength",
    "riluzole",
    "treatment",
)
"""Read for the days on which somebody was seen, and for nothing else."""

SUBJECT = ("subjectid",)
_PREFIX = re.compile(r"^(?:f_)?(?:proact_)?", re.IGNORECASE)
_SUFFIXES = (".csv", ".txt")
_EXPECTED = "the files of PRO-ACT, such as PROACT_ALSFRS.csv, alsfrs.csv or all_forms_PROACT.txt"
_FIX = "download All Forms of PRO-ACT, and name the folder they are in"
_OTHER = {"vitals": "vitalsigns", "alshx": "alshistory", "death": "deathdata", "laboratory": "labs"}
_NEEDED = {
    "alsfrs": (SUBJECT, ("alsfrsdelta", "featuredelta"), ("q1speech",), ("q9climbingstairs",)),
    "alshistory": (SUBJECT,),
    "deathdata": (SUBJECT, ("subjectdied",), ("deathdays",)),
    "demographics": (SUBJECT,),
    "elescorial": (SUBJECT, ("elescorial",)),
    "fvc": (SUBJECT, ("forcedvitalcapacitydelta", "featuredelta")),
    "svc": (SUBJECT, ("slowvitalcapacitydelta", "featuredelta")),
    "vitalsigns": (SUBJECT, ("vitalsignsdelta", "featuredelta")),
    "labs": (SUBJECT, ("testname",), ("testresult",), ("testunit",), ("laboratorydelta",)),
}
"""Columns that a file must have, by kind: one of each."""


@dataclass(frozen=True)
class ProactFiles:
    """Files by kind; several of a kind only in the long export."""

    sources: Mapping[str, tuple[SourceTable, ...]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)

    def of(self, kind: str) -> tuple[SourceTable, ...]:
        """Files of a kind."""
        return self.sources.get(kind, ())

    def all(self) -> Iterator[SourceTable]:
        """Every file."""
        for held in self.sources.values():
            yield from held


def kind_of(file_name: str) -> str | None:
    """Return which of the forms a file has by its name; None for none of them.

    Examples
    --------
    >>> kind_of("F_PROACT_ALSHISTORY.csv"), kind_of("AlsHistory.csv"), kind_of("notes.csv")
    ('alshistory', 'alshistory', None)
    """
    stem = plain_name(_PREFIX.sub("", Path(file_name).stem))
    kind = _OTHER.get(stem, stem)
    return kind if kind in (*READ, *MEASURED, *DAYS_ONLY) else None


def read_files(folder: Path, name: str, notes: Notes) -> ProactFiles:
    """Read every file of the folder that is one of PRO-ACT's forms."""
    said = folder_problem(folder, name, _EXPECTED)
    if said is not None:
        return ProactFiles(problems=(said,))
    problems: list[Problem] = []
    found: dict[str, tuple[SourceTable, ...]] = {}
    left_out: dict[str, str] = {}
    for path in files_of(folder, _SUFFIXES):
        shown = f"{name}/{path.name}"
        of_file = ProblemList(shown)
        for kind, source in _tables(path, of_file, notes):
            is_second = kind in found and kind_of(path.name) is not None
            if is_second:
                other = found[kind][0].file_name
                expected, fix = "each form once", "remove the one of the older release"
                problems.append(Problem(shown, f"the same form as {other}", expected, fix))
            found[kind] = (*found.get(kind, ()), source)
        problems += of_file.all()
        if not of_file and not any(s.file_name == shown for held in found.values() for s in held):
            left_out[shown] = "the whole file: no form of PRO-ACT that is read"
    problems += [] if "alsfrs" in found or problems else [_no_alsfrs(name)]
    return ProactFiles(found, tuple(problems), left_out)


def _no_alsfrs(name: str) -> Problem:
    return Problem(name, "no file of ALSFRS scores", _EXPECTED, _FIX)


def _tables(path: Path, problems: ProblemList, notes: Notes) -> Iterator[tuple[str, SourceTable]]:
    """Forms that a file has, in either layout."""
    if is_long(path):
        source = read_source(path, problems, notes)
        yield from wide_tables(source, notes) if source is not None else ()
        return
    kind = kind_of(path.name)
    if kind is None:
        return
    days_only = kind in DAYS_ONLY

    def wanted(column: str) -> bool:
        return not days_only or column in SUBJECT or "delta" in column

    source = read_source(path, problems, notes, wanted)
    if source is not None and _has_columns(source, kind, problems):
        yield kind, source


def _has_columns(source: SourceTable, kind: str, problems: ProblemList) -> bool:
    lacking = [one for one in _NEEDED.get(kind, (SUBJECT,)) if source.first_of(*one) is None]
    for names in lacking:
        problems.add(
            "header",
            f"no column {names[0]}",
            expected=f"the columns of PRO-ACT's {kind} (case and underscores do not matter)",
            fix="take the file as it was downloaded",
            kind=names[0],
        )
    return not lacking
