"""Vital capacity, weight, height and laboratory tests of PRO-ACT, in units that are sound."""

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.ingest.clinical_note import Notes, Reason
from alsrev_dagster.ingest.proact_files import ProactFiles
from alsrev_dagster.ingest.source_cell import choices, days, numbers, participant_ids, words
from alsrev_dagster.ingest.source_people import row_frame
from alsrev_dagster.ingest.source_table import SourceTable

DERIVED = Reason("repaired", "percent of predicted made of the litres and the normal value")
LITRES = Reason("flagged", "vital capacity without a unit: litres, as its column says")
NO_LITRES = Reason("refused", "vital capacity in another unit than litres")
NO_UNIT = Reason("refused", "a weight or height without a unit that is known")

_KG_PER_POUND, _CM_PER_INCH = 0.45359237, 2.54
_WEIGHT = {
    "kg": 1.0,
    "kilograms": 1.0,
    "kilogram": 1.0,
    "pounds": _KG_PER_POUND,
    "lbs": _KG_PER_POUND,
}
_HEIGHT = {
    "cm": 1.0,
    "centimeters": 1.0,
    "centimetres": 1.0,
    "inches": _CM_PER_INCH,
    "in": _CM_PER_INCH,
}
_LITRES = dict.fromkeys(("l", "liter", "liters", "litre", "litres"), "L")
_VITAL_CAPACITY = {
    "fvc": ("FVC", "forcedvitalcapacitydelta", "forcedvitalcapacityunits"),
    "svc": ("SVC", "slowvitalcapacitydelta", "slowvitalcapacityunits"),
}
_TRIALS = (1, 2, 3)
_BLANKS = re.compile(r"\s+")


def proact_measurements(files: ProactFiles, notes: Notes) -> list[pd.DataFrame]:
    """Rows of raw.biomarker before they are checked, a part a measurement."""
    parts = []
    for kind in _VITAL_CAPACITY:
        for source in files.of(kind):
            parts += _vital_capacity(source, kind, notes)
    for source in files.of("vitalsigns"):
        day = source.first_of("vitalsignsdelta", "featuredelta")
        rows = _rows(source, day, notes)
        for analyte, unit, factors in (("weight", "kg", _WEIGHT), ("height", "cm", _HEIGHT)):
            value = in_unit(source, analyte, f"{analyte}units", factors, notes)
            parts.append(rows.assign(analyte=analyte, value=value, unit=unit))
    return [*parts, *(_labs(source, notes) for source in files.of("labs"))]


def _rows(source: SourceTable, day: str | None, notes: Notes) -> pd.DataFrame:
    who = participant_ids(source, notes, "subjectid")
    return row_frame(source, who, days(source, day, notes))


def _vital_capacity(source: SourceTable, kind: str, notes: Notes) -> list[pd.DataFrame]:
    """Best of three trials, in litres and in percent of predicted."""
    analyte, delta, units = _VITAL_CAPACITY[kind]
    rows = _rows(source, source.first_of(delta, "featuredelta"), notes)
    litres = _best(source, ("subjectliterstrial", f"{kind}"), notes)
    litres = _checked_litres(source, litres, source.first_of(units, f"{kind}units"), notes)
    percent = _best(source, ("pctofnormaltrial", f"{kind}percent"), notes)
    normal = numbers(source, source.first_of("subjectnormal", f"{kind}normal"), notes)
    derivable = np.isnan(percent) & ~np.isnan(litres) & (normal > 0)
    notes.add(source.file_name, source.line[derivable], DERIVED)
    with np.errstate(divide="ignore", invalid="ignore"):
        percent = np.where(derivable, litres / normal * 100, percent)
    return [
        rows.assign(analyte=analyte, value=litres, unit="L"),
        rows.assign(analyte=f"{analyte} percent predicted", value=percent, unit="%"),
    ]


def _best(source: SourceTable, stems: tuple[str, str], notes: Notes) -> NDArray[np.float64]:
    """Largest of the trials that a file has; in the long export also the one value."""
    names = [f"{stem}{n}" for stem in stems for n in _TRIALS] + [stems[1]]
    found = [numbers(source, name, notes) for name in names if name in source.columns]
    best = np.full(len(source), np.nan)
    for one in found:
        best = np.fmax(best, one)
    return best


def _checked_litres(
    source: SourceTable, litres: NDArray[np.float64], name: str | None, notes: Notes
) -> NDArray[np.float64]:
    """Litres whose unit says so, or says nothing: the columns are called litres."""
    unit = choices(source, name, notes, _LITRES, NO_LITRES)
    given = words(source, name, Notes())
    is_value, said = ~np.isnan(litres), np.array([text is not None for text in given])
    notes.add(source.file_name, source.line[is_value & ~said], LITRES)
    return np.where(said & (unit != "L"), np.nan, litres)


def in_unit(
    source: SourceTable, name: str, unit_name: str, factors: dict[str, float], notes: Notes
) -> NDArray[np.float64]:
    """Values times the factor of their unit; without a unit that is known, none."""
    if name not in source.columns:
        return np.full(len(source), np.nan)
    value = numbers(source, name, notes)
    unit = words(source, source.first_of(unit_name), notes)
    factor = np.array([factors.get(str(u).lower(), np.nan) for u in unit], dtype=np.float64)
    unknown = ~np.isnan(value) & np.isnan(factor)
    notes.add(source.file_name, source.line[unknown], NO_UNIT, column=source.spelled[name])
    made: NDArray[np.float64] = value * factor
    return made


def _labs(source: SourceTable, notes: Notes) -> pd.DataFrame:
    """Laboratory tests by name in lower case: its spelling differs between trials."""
    rows = _rows(source, "laboratorydelta", notes)
    names = source.columns["testname"]
    lower = np.empty(len(names.texts), dtype=object)
    lower[:] = [_BLANKS.sub(" ", text).lower() or None for text in names.texts]
    unit = words(source, "testunit", notes)
    result = numbers(source, "testresult", notes)
    part = rows.assign(analyte=lower[names.place], value=result, unit=unit)
    return part[part["analyte"].notna()]
