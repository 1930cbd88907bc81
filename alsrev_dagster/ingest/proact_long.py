"""PRO-ACT's long export, as the DREAM challenges had it: a line a feature, made wide by form.

``SubjectID|form_name|feature_name|feature_value|feature_unit|feature_delta``. A row of what is
made stands at the line of its first feature.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.ingest.clinical_note import Notes, Reason
from alsrev_dagster.ingest.source_table import Coded, SourceTable, plain_name

FORMS = {
    "alsfrs": "alsfrs",
    "alshx": "alshistory",
    "demographic": "demographics",
    "demographics": "demographics",
    "fvc": "fvc",
    "svc": "svc",
    "vitals": "vitalsigns",
    "vitalsigns": "vitalsigns",
    "labtest": "labs",
    "laboratorydata": "labs",
    "deathdata": "deathdata",
    "deathreport": "deathdata",
}
"""Kind of file by the plain name of a form; of any other form only its days are read."""

SAME = Reason("repaired", "a line repeated whole: merged")
_HEADER = ("subjectid", "formname", "featurename", "featurevalue", "featureunit", "featuredelta")
_HEADER_BYTES = 400


def is_long(path: Path) -> bool:
    """Whether a file is the long export, by its header."""
    try:
        with path.open("rb") as file:
            first = file.read(_HEADER_BYTES).split(b"\n", 1)[0]
    except OSError:
        return False
    names = first.decode("utf-8", errors="replace").split("|")
    return tuple(plain_name(name) for name in names) == _HEADER


def wide_tables(source: SourceTable, notes: Notes) -> Iterator[tuple[str, SourceTable]]:
    """Forms of a long file as files of their own."""
    form = source.columns["formname"]
    kinds = np.array([FORMS.get(plain_name(text), "") for text in form.texts], dtype=object)
    of_row = kinds[form.place]
    for kind in sorted({str(kind) for kind in of_row} - {"", "labs"}):
        yield kind, _wide(source.of_rows(of_row == kind), notes)
    if (of_row == "labs").any():
        yield "labs", _labs(source.of_rows(of_row == "labs"))
    if (of_row == "").any():
        yield "other", _renamed(source.of_rows(of_row == ""), {})


def _renamed(source: SourceTable, names: dict[str, str]) -> SourceTable:
    columns = {names.get(name, name): column for name, column in source.columns.items()}
    spelled = {names.get(name, name): text for name, text in source.spelled.items()}
    return SourceTable(source.file_name, source.line, columns, spelled)


def _labs(source: SourceTable) -> SourceTable:
    """Laboratory tests are a line each in both layouts."""
    names = {
        "featurename": "testname",
        "featurevalue": "testresult",
        "featureunit": "testunit",
        "featuredelta": "laboratorydelta",
    }
    return _renamed(source, names)


def _wide(source: SourceTable, notes: Notes) -> SourceTable:
    """Return a row a participant and day; a feature given twice differently makes a second."""
    names = ("subjectid", "featuredelta", "featurename", "featurevalue", "featureunit")
    codes = pd.DataFrame({name: source.columns[name].place for name in names})
    codes["row"] = np.arange(len(codes))
    again = codes.duplicated(list(names)).to_numpy()
    notes.add(source.file_name, source.line[again], SAME)
    codes = codes[~again]
    key = ["subjectid", "featuredelta"]
    codes["nth"] = codes.groupby([*key, "featurename"]).cumcount()
    codes["wide"] = codes.groupby([*key, "nth"], sort=False).ngroup()
    first = codes.groupby("wide")["row"].min().to_numpy()
    columns = {n: Coded(source.columns[n].place[first], source.columns[n].texts) for n in key}
    spelled = {name: source.spelled[name] for name in key}
    features = source.columns["featurename"].texts
    for _, rows in codes.groupby("featurename"):
        name = features[int(rows["featurename"].iloc[0])]
        columns[plain_name(name)] = _filled(source, "featurevalue", rows, len(first))
        columns[f"{plain_name(name)}units"] = _filled(source, "featureunit", rows, len(first))
        spelled |= {plain_name(name): name, f"{plain_name(name)}units": name}
    return SourceTable(source.file_name, source.line[first], columns, spelled)


def _filled(source: SourceTable, name: str, rows: pd.DataFrame, n_row: int) -> Coded:
    """One feature as a column; an empty text where a row lacks it."""
    column = source.columns[name]
    place: NDArray[np.int64] = np.full(n_row, len(column.texts), dtype=np.int64)
    place[rows["wide"].to_numpy()] = rows[name].to_numpy()
    return Coded(place, (*column.texts, ""))
