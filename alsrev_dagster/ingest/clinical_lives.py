"""Participants of an importer: what is told of each once, and days that stand in order."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alsrev_dagster.day_order import ORDER_OF_DAYS
from alsrev_dagster.ingest.clinical_note import Notes, Reason
from alsrev_dagster.ingest.clinical_table import typed
from alsrev_dagster.ingest.source_once import Told, nothing_told
from alsrev_dagster.vocabulary import table

AFTER_DEATH = Reason("refused", "a visit after the day of death")
BEFORE_ONSET = Reason("refused", "an onset after a visit that scores symptoms: not used")
DEATH_WITHOUT_DAY = Reason(
    "flagged", "died on an unknown day: survival ends at the last contact, not taken for alive"
)
_AGE_YEARS = (0.0, 120.0)
NO_AGE = Reason("refused", "an age at onset outside 0-120 years: not used")


@dataclass(frozen=True)
class Lives:
    """What was told of the participants, by column of raw.participant, and where each stands."""

    place: pd.DataFrame
    """By participant_id: source_file and source_line of the row each is first named in."""
    told: Mapping[str, Told]
    last_contact_day: pd.Series
    """By participant_id: latest day of any of their rows."""


def settled(lives: Lives, visit: pd.DataFrame, notes: Notes) -> tuple[pd.DataFrame, pd.DataFrame]:
    """raw.participant and raw.visit, without what cannot be true of one life.

    An onset after a visit is not used, nor are two days in an impossible order, except that a
    last contact after death (an adverse event's end) ends there. A visit after death is refused.
    """
    told = dict(lives.told)
    visit = _until_death(visit, told.get("death_day", nothing_told()).value, notes)
    first = visit.groupby("participant_id")["day"].min()
    told["onset_day"] = _refused_where(told, "onset_day", first, BEFORE_ONSET, notes)
    contact = lives.last_contact_day.astype("float64")
    died = told.get("death_day", nothing_told()).value.astype("float64")
    last_seen = visit.groupby("participant_id")["day"].max().astype("float64")
    contact = contact.clip(upper=died.reindex(contact.index).fillna(np.inf))
    contact = contact.combine(last_seen.reindex(contact.index), np.fmax)
    told["last_contact_day"] = _of_rows(contact.dropna(), lives.place)
    for earlier, later in ORDER_OF_DAYS:
        _put_in_order(told, earlier, later, notes)
    _flag_the_dead_without_a_day(told, notes)
    if "age_at_onset_years" in told:  # an onset that is not used gives no age either
        told["age_at_onset_years"] = told["age_at_onset_years"].of(told["onset_day"].value.index)
    return _participants(lives.place, told), visit


def _until_death(visit: pd.DataFrame, death_day: pd.Series, notes: Notes) -> pd.DataFrame:
    died = visit["participant_id"].map(death_day.astype("float64"))
    late = (visit["day"].astype("float64") > died).fillna(False)
    for file_name, rows in visit[late].groupby("source_file", sort=False):
        lines = rows["source_line"].to_numpy(dtype=np.int64)
        notes.add(str(file_name), lines, AFTER_DEATH)
    return visit[~late].reset_index(drop=True)


def _refused_where(
    told: Mapping[str, Told], name: str, limit: pd.Series, reason: Reason, notes: Notes
) -> Told:
    """Refuse the days that are later than a limit."""
    one = told.get(name, nothing_told())
    day = one.value.astype("float64")
    wrong = day > limit.astype("float64").reindex(day.index)
    return one.refuse(day.index[wrong], notes, reason) if wrong.any() else one


def _of_rows(value: pd.Series, place: pd.DataFrame) -> Told:
    rows = place.reindex(value.index)
    return Told(value, rows["source_line"], rows["source_file"], None)


def _put_in_order(told: dict[str, Told], earlier: str, later: str, notes: Notes) -> None:
    """Refuse the days of a pair that stand in an impossible order: both, but a last contact."""
    if earlier not in told or later not in told:
        return
    first, second = (told[name].value.astype("float64") for name in (earlier, later))
    both = first.index.intersection(second.index)
    wrong = both[(first.loc[both] > second.loc[both]).to_numpy(dtype=bool)]
    if wrong.empty:
        return
    reason = Reason("refused", f"{earlier} after {later}: not used")
    told[earlier] = told[earlier].refuse(wrong, notes, reason)
    if later in ("diagnosis_day", "tracheostomy_day"):
        told[later] = told[later].refuse(wrong, notes, reason)


def _flag_the_dead_without_a_day(told: Mapping[str, Told], notes: Notes) -> None:
    died = told.get("has_died", nothing_told())
    dead = died.value.index[died.value.astype(object).eq(True).to_numpy(dtype=bool)]
    without = dead.difference(told.get("death_day", nothing_told()).value.index)
    died.refuse(without, notes, DEATH_WITHOUT_DAY)


def _participants(place: pd.DataFrame, told: Mapping[str, Told]) -> pd.DataFrame:
    spec = table("raw.participant")
    columns: dict[str, pd.Series] = {
        "participant_id": pd.Series(place.index, index=place.index, dtype=object),
        "source_file": place["source_file"],
        "source_line": place["source_line"],
    }
    for column in (column for column in spec.columns if column.name not in columns):
        value = told.get(column.name, nothing_told()).value.reindex(place.index)
        is_number = column.type in ("BIGINT", "DOUBLE")
        columns[column.name] = value.astype("float64") if is_number else _objects(value)
    return typed(pd.DataFrame(columns), spec)


def _objects(value: pd.Series) -> pd.Series:
    """Values as objects, None where there is none."""
    found = value.astype(object)
    found[found.isna()] = None
    return found


def age_at_onset(told: Mapping[str, Told], notes: Notes) -> Told:
    """Return the age at onset: of the day of birth where it is known, else of the age on a day.

    ``told`` has birth_day, age_years and age_day (the day on which that age was given).
    """
    onset = told["onset_day"].value.astype("float64")
    born = told["birth_day"].value.astype("float64").reindex(onset.index)
    age = told["age_years"].value.astype("float64").reindex(onset.index)
    given = told["age_day"].value.astype("float64").reindex(onset.index).fillna(0.0)
    by_birth = (onset - born) / 365.25
    value = by_birth.fillna(age + (onset - given) / 365.25).dropna()
    one = told["onset_day"]
    found = Told(value, one.line.loc[value.index], one.file_name.loc[value.index], one.column)
    wrong = value.index[~value.between(*_AGE_YEARS).to_numpy(dtype=bool)]
    return found.refuse(wrong, notes, NO_AGE) if len(wrong) else found
