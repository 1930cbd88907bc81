"""Participants of ALL ALS ASSESS: sex, onset, diagnosis, tracheostomy, last contact."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.ingest.all_als_forms import SCORES, SUBJECT, Forms
from alsrev_dagster.ingest.clinical_lives import Lives, age_at_onset
from alsrev_dagster.ingest.clinical_note import Notes
from alsrev_dagster.ingest.source_cell import choices, words
from alsrev_dagster.ingest.source_once import Told, nothing_told, once
from alsrev_dagster.ingest.source_people import (
    NO_ANSWER,
    NO_SEX,
    YES_NO,
    differing,
    enrolment,
    latest_day,
    places,
    row_frame,
)

_SEX = {"1": "female", "2": "male"}
_SITES = {
    "limbmhloc": "limb",
    "bulbmhloc": "bulbar",
    "axiamhloc": "axial",
    "respmhloc": "respiratory",
    "genmhloc": "generalized",
}
_MARKED = {**YES_NO, "checked": "yes", "unchecked": "no", "true": "yes", "false": "no"}
_TRACHEOSTOMY = "5"
_SEEN = {
    "alsfrsr": "ftdat",
    "vc": "redat",
    "vitsign": "vsdat",
    "demog": "dmdat",
    "alshist": "mhdat",
}
"""Column of the day on which each form was filled in."""


def all_als_lives(forms: Forms, notes: Notes) -> Lives:
    """Everything told of the participants; a participant is whoever a file names."""
    order = [SCORES, *sorted(set(forms.sources) - {SCORES})]
    place = places((forms.sources[view] for view in order), *SUBJECT)
    told = {
        "sex": _sex(forms, notes),
        "birth_day": _day(forms, "demog", "brthdat", notes),
        "age_years": nothing_told(),
        "age_day": nothing_told(),
        **_onset(forms, notes),
        "onset_site": _site(forms, notes),
        "diagnosis_day": _day(forms, "alshist", "mhevdtypdiagnosis", notes),
        "tracheostomy_day": _tracheostomy(forms, notes),
        "enrolment_day": enrolment(place).of(forms.start.index),
    }
    told["age_at_onset_years"] = age_at_onset(told, notes)
    return Lives(place, told, _last_contact(forms))


def _once(
    forms: Forms,
    view: str,
    values: NDArray[np.object_] | NDArray[np.float64],
    name: str | None,
    notes: Notes,
) -> Told:
    source, column = forms.sources[view], name if name in forms.sources[view].columns else None
    what = differing("answers")
    return once(source, forms.whose(view), values, notes, column=column, differing=what)


def _sex(forms: Forms, notes: Notes) -> Told:
    if "demog" not in forms.sources:
        return nothing_told()
    source = forms.sources["demog"]
    found = choices(source, source.first_of("sex"), notes, _SEX, NO_SEX)
    return _once(forms, "demog", found, "sex", notes)


def _day(forms: Forms, view: str, name: str, notes: Notes) -> Told:
    """The one whole date of a column, as a day."""
    if view not in forms.sources:
        return nothing_told()
    return _once(forms, view, forms.days(view, name, notes).exact, name, notes)


def _onset(forms: Forms, notes: Notes) -> dict[str, Told]:
    """Day of onset where the date is whole; else the days between which it lies."""
    name = "mhstdat"
    if "alshist" not in forms.sources:
        return {"onset_day": nothing_told()}
    found = forms.days("alshist", name, notes)
    is_part = found.earliest < found.latest
    between = {
        "onset_earliest_day": np.where(is_part, found.earliest, np.nan),
        "onset_latest_day": np.where(is_part, found.latest, np.nan),
    }
    told = {column: _once(forms, "alshist", day, name, Notes()) for column, day in between.items()}
    return {"onset_day": _once(forms, "alshist", found.exact, name, notes), **told}


def _site(forms: Forms, notes: Notes) -> Told:
    """Sites that are marked, in words."""
    if "alshist" not in forms.sources:
        return nothing_told()
    source = forms.sources["alshist"]
    site = pd.Series("", index=range(len(source)), dtype=object)
    for name, word in _SITES.items():
        marked = choices(source, source.first_of(name), notes, _MARKED, NO_ANSWER) == "yes"
        site[marked] += f" and {word}"
    marked_words = site.str.removeprefix(" and ").replace("", None).to_numpy(dtype=object)
    return _once(forms, "alshist", marked_words, None, notes)


def _tracheostomy(forms: Forms, notes: Notes) -> Told:
    if "keydev" not in forms.sources:
        return nothing_told()
    device = words(forms.sources["keydev"], "prtrt", notes)
    day = forms.days("keydev", "prstdat", notes).exact
    found = np.where(device == _TRACHEOSTOMY, day, np.nan)
    return _once(forms, "keydev", found, "prstdat", notes)


def _last_contact(forms: Forms) -> pd.Series:
    """Latest day on which a form was filled in."""
    return latest_day(
        row_frame(forms.sources[view], forms.whose(view), forms.days(view, name, Notes()).exact)
        for view, name in _SEEN.items()
        if view in forms.sources
    )
