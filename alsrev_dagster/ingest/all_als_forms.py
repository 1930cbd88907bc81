"""The forms of ALL ALS ASSESS: which file is which view, and day 0 of each participant."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.errors import Problem
from alsrev_dagster.ingest.clinical_note import Notes, Reason
from alsrev_dagster.ingest.clinical_source import files_of, folder_problem
from alsrev_dagster.ingest.genotype_problem import ProblemList
from alsrev_dagster.ingest.source_cell import words
from alsrev_dagster.ingest.source_date import Dates, dates
from alsrev_dagster.ingest.source_people import ids_of
from alsrev_dagster.ingest.source_table import SourceTable, read_source

NO_DAY_0 = Reason("refused", "a date of somebody without a dated ALSFRS-R: there is no day 0")
SUBJECT = ("internalsubjectid", "subjectid", "usubjid", "participantid")
SCORES = "alsfrsr"
NAMES = {
    "q1": "speechftorres",
    "q2": "salivaftorres",
    "q3": "swallowftorres",
    "q4": "hndwritftorres",
    "q5a": "utenwogftorres",
    "q5b": "utenwgftorres",
    "q6": "hygieneftorres",
    "q7": "bedclothftorres",
    "q8": "walkingftorres",
    "q9": "stairsftorres",
    "r1": "dyspneaftorres",
    "r2": "orthoftorres",
    "r3": "respinsftorres",
    "alsfrsr_total": "fttotal",
}
"""Plain name of each score."""

_VIEW = re.compile(r"asse(alsfrsr|demog|alshist|vc|vitsign|keydev)(?![a-z])", re.IGNORECASE)
_EXPECTED = "the views of ALL ALS ASSESS as CSV, v_ALLALS_AS_ASSEALSFRSR.csv among them"
_NEEDED: dict[str, tuple[str, ...]] = {
    "alsfrsr": ("ftdat", *NAMES.values()),
    "demog": (),
    "alshist": (),
    "vc": ("redat", "svctest"),
    "vitsign": ("vsdat", "weightvsorres", "weightvsorresu"),
    "keydev": ("prtrt", "prstdat"),
}


@dataclass(frozen=True)
class Forms:
    """Files by view, and the calendar day that is each participant's day 0."""

    sources: Mapping[str, SourceTable]
    start: pd.Series
    left_out: Mapping[str, str]

    def whose(self, view: str) -> NDArray[np.object_]:
        """Whose row each of a file is."""
        return ids_of(self.sources[view], *SUBJECT)

    def days(self, view: str, name: str, notes: Notes) -> Dates:
        """Dates of a column as days from day 0; of somebody without an ALSFRS-R none."""
        source = self.sources[view]
        start = pd.Series(self.whose(view), dtype=object).map(self.start).to_numpy(dtype=np.float64)
        found = dates(source, source.first_of(name), notes)
        without = np.isnan(start) & ~np.isnan(found.earliest)
        notes.add(source.file_name, source.line[without], NO_DAY_0, column=source.spelled.get(name))
        return found.since(start)


def read_forms(folder: Path, name: str, notes: Notes) -> tuple[Forms | None, tuple[Problem, ...]]:
    """Read the views that a folder has; None with problems."""
    said = folder_problem(folder, name, f"a folder with {_EXPECTED}")
    if said is not None:
        return None, (said,)
    problems: list[Problem] = []
    sources: dict[str, SourceTable] = {}
    left_out: dict[str, str] = {}
    for path in files_of(folder, (".csv",)):
        shown = f"{name}/{path.name}"
        view = view_of(path.name)
        if view is None:
            left_out[shown] = "the whole file: no view of ALL ALS ASSESS that is read"
        elif view in sources:
            other, fix = sources[view].file_name, "remove the older one"
            problems.append(Problem(shown, f"the same view as {other}", "each view once", fix))
        else:
            source, said_of_it = _read(path, shown, view, notes)
            problems += said_of_it
            sources |= {view: source} if source is not None else {}
    if not problems and SCORES not in sources:
        fix = "download it, and name its folder"
        problems.append(Problem(name, "no file of ALSFRS-R scores", _EXPECTED, fix))
    if problems:
        return None, tuple(problems)
    return Forms(sources, _start(sources[SCORES]), left_out), ()


def view_of(file_name: str) -> str | None:
    """Return which view a file holds, by its name; None for another.

    Examples
    --------
    >>> view_of("v_ALLALS_AS_ASSEALSFRSR.csv"), view_of("v_ALLALS_AS_ASSEALSFRSRSAQ.csv")
    ('alsfrsr', None)
    """
    found = _VIEW.search(Path(file_name).stem)
    return found[1].lower() if found else None


def _read(
    path: Path, shown: str, view: str, notes: Notes
) -> tuple[SourceTable | None, tuple[Problem, ...]]:
    problems = ProblemList(shown)
    source = read_source(path, problems, notes)
    if source is None:
        return None, problems.all()
    lacking = [column for column in _NEEDED[view] if column not in source.columns]
    lacking += [] if source.first_of(*SUBJECT) else [SUBJECT[0]]
    for column in lacking:
        expected, fix = f"the columns of view {view.upper()}", "take the file as it was downloaded"
        problems.add("header", f"no column {column}", expected=expected, fix=fix, kind=column)
    return (None if problems else source), problems.all()


def _start(source: SourceTable) -> pd.Series:
    """Calendar day of the first ALSFRS-R of each participant."""
    day = pd.Series(dates(source, "ftdat", Notes()).exact)
    who = pd.Series(words(source, source.first_of(*SUBJECT), Notes()), dtype=object)
    return day.groupby(who).min().dropna()
