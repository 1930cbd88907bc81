"""Participants of PRO-ACT: who they are, onset, diagnosis and death, from several files."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.ingest.clinical_lives import Lives, age_at_onset
from alsrev_dagster.ingest.clinical_note import Notes, Reason
from alsrev_dagster.ingest.proact_files import ProactFiles
from alsrev_dagster.ingest.source_cell import choices, days, numbers, participant_ids, words
from alsrev_dagster.ingest.source_once import Told, joined, once
from alsrev_dagster.ingest.source_people import (
    AGE_MAX_YEARS,
    NO_ANSWER,
    NO_SEX,
    NO_SITE,
    SEXES,
    YES_NO,
    differing,
    enrolment,
    ids_of,
    latest_day,
    limited,
    places,
    row_frame,
)
from alsrev_dagster.ingest.source_table import SourceTable

SUBJECT = "subjectid"
ONSET_LATE = Reason("refused", "an onset after day 0: not used")
DIAGNOSIS_LATE = Reason("refused", "a diagnosis after day 0: not used")
DEATH_EARLY = Reason("refused", "a death before day 0: its day is not used")
DEATH_UNSAID = Reason("flagged", "a day of death without an answer: taken for a death")
DEATH_DENIED = Reason("refused", "a day of death of somebody who has not died: not used")
AGE_OFF = Reason("refused", "an age outside 0-120 years")
BORN_LATE = Reason("refused", "a birth after day 0, or more than 120 years before")
AGE_DIFFERS = Reason(
    "flagged", "an age that the day of birth contradicts: the day of birth is used"
)

_SITES = {
    "bulbar": "bulbar",
    "limb": "limb",
    "spine": "spinal",
    "spinal": "spinal",
    "limb and bulbar": "limb and bulbar",
    "other": "other",
}
_SITE_WORDS = {**_SITES, **{f"onset: {word}": site for word, site in _SITES.items()}}
_ONE_HOT = {
    "siteofonsetbulbar": "bulbar",
    "siteofonsetlimb": "limb",
    "siteofonsetlimbandbulbar": "limb and bulbar",
    "siteofonsetspine": "spinal",
    "siteofonsetother": "other",
}
_NO_CONTACT = frozenset({"onsetdelta", "diagnosisdelta", "diagdelta"})
_ORDER = ("demographics", "alshistory", "alsfrs", "deathdata")
_YEAR = 365.25
_EVER = float("inf")


def proact_lives(files: ProactFiles, notes: Notes) -> Lives:
    """Everything told of the participants; a participant is whoever a file names."""
    for kind in ("demographics", "alshistory", "deathdata", "elescorial"):
        for source in files.of(kind):
            participant_ids(source, notes, SUBJECT)
    others = sorted(set(files.sources) - set(_ORDER))
    place = places((s for kind in (*_ORDER, *others) for s in files.of(kind)), SUBJECT)
    told = {
        "sex": _each(files, "demographics", _sex, notes),
        "birth_day": _each(files, "demographics", _birth_day, notes),
        "age_years": _each(files, "demographics", _age, notes),
        "age_day": _each(files, "demographics", _age_day, notes),
        "onset_day": _each(files, "alshistory", _onset, notes),
        "diagnosis_day": _each(files, "alshistory", _diagnosis, notes),
        "onset_site": _each(files, "alshistory", _site, notes),
        "el_escorial": _each(files, "elescorial", _el_escorial, notes),
        "has_died": _each(files, "deathdata", _has_died, notes),
        "death_day": _each(files, "deathdata", _death_day, notes),
        "enrolment_day": enrolment(place),
    }
    _flag_ages(told, notes)
    told["age_at_onset_years"] = age_at_onset(told, notes)
    return Lives(place, told, _last_contact(files))


def _each(
    files: ProactFiles, kind: str, read: Callable[[SourceTable, Notes], Told], notes: Notes
) -> Told:
    return joined([read(source, notes) for source in files.of(kind)])


def _sex(source: SourceTable, notes: Notes) -> Told:
    name = source.first_of("sex", "gender")
    found = choices(source, name, notes, SEXES, NO_SEX)
    return once(
        source, ids_of(source, SUBJECT), found, notes, column=name, differing=differing("sex")
    )


def _birth_day(source: SourceTable, notes: Notes) -> Told:
    name = source.first_of("dateofbirth")
    found = numbers(source, name, notes)
    limits = (-AGE_MAX_YEARS * _YEAR, 0.0)
    found = limited(source, name, found, notes, limits=limits, reason=BORN_LATE)
    what = differing("days of birth")
    return once(source, ids_of(source, SUBJECT), found, notes, column=name, differing=what)


def _age(source: SourceTable, notes: Notes) -> Told:
    name = source.first_of("age")
    found = numbers(source, name, notes)
    found = limited(source, name, found, notes, limits=(0, AGE_MAX_YEARS), reason=AGE_OFF)
    return once(
        source, ids_of(source, SUBJECT), found, notes, column=name, differing=differing("ages")
    )


def _age_day(source: SourceTable, notes: Notes) -> Told:
    """The day on which an age was given."""
    given = ~np.isnan(numbers(source, source.first_of("age"), Notes()))
    name = source.first_of("demographicsdelta")
    found = np.where(given, days(source, name, notes), np.nan)
    return once(
        source, ids_of(source, SUBJECT), found, Notes(), column=name, differing=differing("days")
    )


def _flag_ages(told: dict[str, Told], notes: Notes) -> None:
    """Ages more than a year and a half from what the day of birth makes them."""
    age, born = told["age_years"], told["birth_day"].value.astype("float64")
    by_birth = (0 - born) / _YEAR
    off = (age.value.astype("float64") - by_birth.reindex(age.value.index)).abs() > 1.5
    age.refuse(age.value.index[off.to_numpy(dtype=bool)], notes, AGE_DIFFERS)


def _onset(source: SourceTable, notes: Notes) -> Told:
    return _past_day(source, source.first_of("onsetdelta"), notes, "onsets", ONSET_LATE)


def _diagnosis(source: SourceTable, notes: Notes) -> Told:
    name = source.first_of("diagnosisdelta", "diagdelta")
    return _past_day(source, name, notes, "diagnoses", DIAGNOSIS_LATE)


def _past_day(source: SourceTable, name: str | None, notes: Notes, what: str, late: Reason) -> Told:
    found = days(source, name, notes)
    found = limited(source, name, found, notes, limits=(-_EVER, 0), reason=late)
    reason = differing(f"days of {what}")
    return once(source, ids_of(source, SUBJECT), found, notes, column=name, differing=reason)


def _site(source: SourceTable, notes: Notes) -> Told:
    """Site of onset: in words in some trials, in columns of 0 and 1 in others."""
    name = source.first_of("siteofonset", "onsetsite")
    found = choices(source, name, notes, _SITE_WORDS, NO_SITE)
    marked = _marked(source, notes)
    both = np.array([None if a is None else a for a in found], dtype=object)
    empty = np.array([a is None for a in found], dtype=bool)
    both[empty] = marked[empty]
    who = ids_of(source, SUBJECT)
    clash = ~empty & np.array([m is not None for m in marked], dtype=bool) & (found != marked)
    reason = differing("sites of onset")
    notes.add(source.file_name, source.line[clash], reason, column=source.spelled.get(name or ""))
    both[clash] = None
    column = name or source.first_of(*_ONE_HOT)
    return once(source, who, both, notes, column=column, differing=reason)


def _marked(source: SourceTable, notes: Notes) -> NDArray[np.object_]:
    """Site of onset by the columns of 0 and 1; bulbar and limb together are both."""
    site = np.full(len(source), None, dtype=object)
    n_marked = np.zeros(len(source), dtype=np.int64)
    is_marked = {}
    for name, word in _ONE_HOT.items():
        found = choices(source, source.first_of(name), notes, YES_NO, NO_ANSWER) == "yes"
        is_marked[word] = found
        site[found] = word
        n_marked += found
    both = is_marked["bulbar"] & is_marked["limb"] & (n_marked == 2)
    site[both] = "limb and bulbar"
    several = (n_marked > 1) & ~both
    site[several] = None
    notes.add(source.file_name, source.line[several], differing("sites of onset"))
    return site


def _el_escorial(source: SourceTable, notes: Notes) -> Told:
    name = source.first_of("elescorial")
    what = differing("El Escorial categories")
    found = words(source, name, notes)
    return once(source, ids_of(source, SUBJECT), found, notes, column=name, differing=what)


def _has_died(source: SourceTable, notes: Notes) -> Told:
    """Whether somebody died; a day of death alone says so too."""
    name = source.first_of("subjectdied")
    answer = choices(source, name, notes, YES_NO, NO_ANSWER)
    given = ~np.isnan(days(source, source.first_of("deathdays"), Notes()))
    unsaid = given & ~np.isin(answer.astype(str), ["yes", "no"])
    notes.add(source.file_name, source.line[unsaid], DEATH_UNSAID)
    meaning: dict[object, object] = {"yes": True, "no": False}
    died = pd.Series(answer, dtype=object).map(meaning).to_numpy(dtype=object)
    died = np.where(unsaid, np.array(True, dtype=object), died)
    what = differing("answers to whether they died")
    return once(source, ids_of(source, SUBJECT), died, notes, column=name, differing=what)


def _death_day(source: SourceTable, notes: Notes) -> Told:
    """Day of death of those who died; who is in no row may be alive or dead."""
    name = source.first_of("deathdays")
    found = days(source, name, notes)
    found = limited(source, name, found, notes, limits=(0, _EVER), reason=DEATH_EARLY)
    answer = choices(source, source.first_of("subjectdied"), Notes(), YES_NO, NO_ANSWER)
    denied = (answer == "no") & ~np.isnan(found)
    spelled = source.spelled.get(name or "")
    notes.add(source.file_name, source.line[denied], DEATH_DENIED, column=spelled)
    found = np.where(denied, np.nan, found)
    what = differing("days of death")
    return once(source, ids_of(source, SUBJECT), found, notes, column=name, differing=what)


def _last_contact(files: ProactFiles) -> pd.Series:
    """Latest day of any row of each participant, onset and diagnosis aside."""
    return latest_day(
        row_frame(source, ids_of(source, SUBJECT), days(source, name, Notes()))
        for source in files.all()
        for name in source.columns
        if "delta" in name and name not in _NO_CONTACT
    )
