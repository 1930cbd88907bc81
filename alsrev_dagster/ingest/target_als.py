"""Target ALS Natural History Study (AMP-ALS Knowledge Portal): nhs_clinical_data as CSV.

Its files have years of onset and diagnosis and no day of a visit. Day 0 is visit 1; days of
later visits are the study's to declare, and nothing is made of a year.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.errors import Problem
from alsrev_dagster.ingest.clinical_lives import Lives, settled
from alsrev_dagster.ingest.clinical_measurements import measurements
from alsrev_dagster.ingest.clinical_note import Notes, Reason
from alsrev_dagster.ingest.clinical_source import ClinicalRead, files_of, folder_problem, not_read
from alsrev_dagster.ingest.clinical_visits import visits
from alsrev_dagster.ingest.genotype_problem import ProblemList
from alsrev_dagster.ingest.source_cell import choices, numbers, participant_ids, words
from alsrev_dagster.ingest.source_once import Told, once
from alsrev_dagster.ingest.source_people import (
    NO_SEX,
    NO_SITE,
    SEXES,
    differing,
    enrolment,
    ids_of,
    latest_day,
    places,
    row_frame,
)
from alsrev_dagster.ingest.source_scores import read_scores
from alsrev_dagster.ingest.source_table import SourceTable, read_source
from alsrev_dagster.study_clinical import ClinicalFiles

SUBJECT = "subjectid"
NO_VISIT = Reason("refused", "a visit without its number")
PART_VISIT = Reason("refused", "a visit whose number is not whole")
NO_VISIT_DAY = Reason("refused", "a visit whose day no file gives: declare clinical.visit_days")
PROTOCOL = Reason(
    "flagged", "a visit on the day of the protocol (clinical.visit_days), not its own"
)
YEAR_ONLY = Reason("flagged", "known to the year only: no day is made of it")
NO_TEST = Reason("refused", "vital capacity that is neither FVC nor SVC")

_STEM = "nhs_clinical_data"
_EXPECTED = f"{_STEM}.csv"
_ITEMS = {
    f"q{n}": f"alsfrsrsubscore{n}" for n in ("1", "2", "3", "4", "5a", "5b", "6", "7", "8", "9")
}
_NAMES = {
    **_ITEMS,
    **{f"r{n}": f"alsfrsrsubscorer{n}" for n in (1, 2, 3)},
    "alsfrsr_total": "alsfrsrscoretotal",
}
_SITES = {"bulbar": "bulbar", "limb": "limb", "bulbar | limb": "limb and bulbar"}
_TESTS = {"svc": "SVC", "fvc": "FVC"}
_NEEDED = (SUBJECT, "visitnumber", "clinicalgroup", *_NAMES.values())


def read_target_als(folder: Path, name: str, settings: ClinicalFiles) -> ClinicalRead:
    """Read the clinical table of a folder."""
    notes = Notes()
    source, problems = _source(folder, name, notes)
    if source is None:
        return not_read(problems)
    who = participant_ids(source, notes, SUBJECT)
    rows = row_frame(source, who, _visit_days(source, settings.visit_days, notes))
    dated = rows["day"].notna()
    visit = visits(rows.assign(**read_scores(source, _NAMES, notes))[dated], notes)
    participant, visit = settled(_lives(source, rows, notes), visit, notes)
    measured = [part[dated] for part in _vital_capacity(source, rows, notes)]
    biomarker = measurements(measured, notes)
    return ClinicalRead(participant, visit, biomarker, notes.frame())


def _source(
    folder: Path, name: str, notes: Notes
) -> tuple[SourceTable | None, tuple[Problem, ...]]:
    said = folder_problem(folder, name, f"a folder with {_EXPECTED}")
    if said is not None:
        return None, (said,)
    found = [p for p in files_of(folder, (".csv", ".xlsx", ".xls")) if p.stem.lower() == _STEM]
    path = next((p for p in found if p.suffix.lower() == ".csv"), None)
    if path is None:
        what = "a spreadsheet" if found else f"no file {_EXPECTED}"
        where = f"{name}/{found[0].name}" if found else name
        fix = "open the spreadsheet and save its sheet as CSV (UTF-8, commas): alsrev reads no xlsx"
        return None, (Problem(where, what, _EXPECTED, fix),)
    problems = ProblemList(f"{name}/{path.name}")
    source = read_source(path, problems, notes)
    if source is None:
        return None, problems.all()
    for column in (column for column in _NEEDED if column not in source.columns):
        expected, fix = "the columns of nhs_clinical_data", "take the file as it was downloaded"
        problems.add("header", f"no column {column}", expected=expected, fix=fix, kind=column)
    return (None if problems else source), problems.all()


def _visit_days(
    source: SourceTable, visit_days: dict[int, int], notes: Notes
) -> NDArray[np.float64]:
    """Day of each row by the number of its visit; a day that is the protocol's is flagged."""
    number = numbers(source, "visitnumber", notes)
    known = {1: 0, **visit_days}
    column, missing = source.spelled["visitnumber"], np.isnan(number)
    broken = ~missing & (number != np.round(number))
    whole = np.where(missing | broken, 0, number).astype(np.int64)
    day = np.array([known.get(n, np.nan) for n in whole.tolist()], dtype=np.float64)
    day[missing | broken] = np.nan
    notes.add(source.file_name, source.line[missing], NO_VISIT, column=column)
    notes.add(source.file_name, source.line[broken], PART_VISIT, column=column)
    unknown = ~missing & ~broken & np.isnan(day)
    notes.add(source.file_name, source.line[unknown], NO_VISIT_DAY, column=column)
    declared = ~np.isnan(day) & (number != 1)
    notes.add(source.file_name, source.line[declared], PROTOCOL, column=column)
    return day


def _lives(source: SourceTable, rows: pd.DataFrame, notes: Notes) -> Lives:
    place = places([source], SUBJECT)
    who = ids_of(source, SUBJECT)
    for name in ("yearofsymptomonset", "yearofalsdiagnosis"):
        _flag_years(source, name, who, notes)

    def told(name: str, values: NDArray[np.object_], what: str) -> Told:
        column = name if name in source.columns else None
        return once(source, who, values, notes, column=column, differing=differing(what))

    sex = choices(source, source.first_of("sexreported"), notes, SEXES, NO_SEX)
    site = choices(source, source.first_of("siteofmotoronset"), notes, _SITES, NO_SITE)
    el_escorial = source.first_of("alsdiagnosisrevisedelescorial")
    return Lives(
        place,
        {
            "sex": told("sexreported", sex, "sex"),
            "onset_site": told("siteofmotoronset", site, "sites of onset"),
            "diagnosis": told("clinicalgroup", words(source, "clinicalgroup", notes), "groups"),
            "el_escorial": told(
                "alsdiagnosisrevisedelescorial", words(source, el_escorial, notes), "categories"
            ),
            "known_mutation": told("mutation", _mutations(source), "mutations"),
            "enrolment_day": enrolment(place),
        },
        latest_day([rows]),
    )


def _flag_years(source: SourceTable, name: str, who: NDArray[np.object_], notes: Notes) -> None:
    """Flag the first row of each participant that gives a year."""
    if name in source.columns:
        given = pd.Series(~np.isnan(numbers(source, name, notes)))
        first = given & ~pd.Series(who).where(given).duplicated()
        lines = source.line[first.to_numpy(dtype=bool)]
        notes.add(source.file_name, lines, YEAR_ONLY, column=source.spelled[name])


def _mutations(source: SourceTable) -> NDArray[np.object_]:
    """Genes with a reported mutation, comma separated; None where none is positive."""
    found = pd.Series("", index=range(len(source)), dtype=object)
    for name, column in source.columns.items():
        if name.startswith("reported") and name.endswith("mutation"):
            gene = name.removeprefix("reported").removesuffix("mutation").upper()
            positive = np.array([text.lower() == "positive" for text in column.texts], dtype=bool)
            found[positive[column.place]] += f",{gene}"
    made: NDArray[np.object_] = found.str.removeprefix(",").replace("", None).to_numpy(dtype=object)
    return made


def _vital_capacity(source: SourceTable, rows: pd.DataFrame, notes: Notes) -> list[pd.DataFrame]:
    """Best of three trials, in litres and in percent of predicted."""
    test = choices(source, source.first_of("spirometrytesttype"), notes, _TESTS, NO_TEST)
    parts = []
    for ending, unit, suffix in (
        ("resultinl", "L", ""),
        ("pcntpredict", "%", " percent predicted"),
    ):
        best = np.full(len(source), np.nan)
        for trial in (1, 2, 3):
            name = source.first_of(f"spirometrytesttrial{trial}{ending}")
            best = np.fmax(best, numbers(source, name, notes))
        analyte = pd.Series(test, dtype=object) + suffix
        best = np.where(analyte.isna(), np.nan, best)
        parts.append(rows.assign(analyte=analyte, value=best, unit=unit))
    return parts
