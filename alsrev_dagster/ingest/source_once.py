"""What is told of a participant once, though files may say it on several lines."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.ingest.clinical_note import Notes, Reason
from alsrev_dagster.ingest.source_table import SourceTable


@dataclass(frozen=True)
class Told:
    """One value by participant_id, and where it stands first."""

    value: pd.Series
    line: pd.Series
    file_name: pd.Series
    column: str | None

    def refuse(self, participant_ids: pd.Index, notes: Notes, reason: Reason) -> "Told":
        """Return it without the values of some participants, each noted at its line."""
        kept = participant_ids.intersection(self.value.index)
        for file_name, rows in self.file_name.loc[kept].groupby(self.file_name.loc[kept]):
            lines = self.line.loc[rows.index].to_numpy(dtype=np.int64)
            notes.add(str(file_name), lines, reason, column=self.column)
        return self.of(self.value.index.difference(kept, sort=False))

    def of(self, participant_ids: pd.Index) -> "Told":
        """Return it for some participants alone."""
        left = self.value.index.intersection(participant_ids, sort=False)
        line, file_name = self.line.loc[left], self.file_name.loc[left]
        return Told(self.value.loc[left], line, file_name, self.column)


def nothing_told() -> Told:
    """Nothing of anybody."""
    empty = pd.Series(dtype=object, index=pd.Index([], dtype=object))
    return Told(empty, empty, empty, None)


def once(
    source: SourceTable,
    participant_id: NDArray[np.object_],
    values: NDArray[np.object_] | NDArray[np.float64],
    notes: Notes,
    *,
    column: str | None,
    differing: Reason,
) -> Told:
    """Return the one value that the rows of each participant give.

    Rows without a value are passed over. Whose rows give different values has none: each of
    those rows is noted with ``differing``.
    """
    rows = pd.DataFrame({"who": participant_id, "value": values, "line": source.line}).dropna()
    spelled = source.spelled.get(column, column) if column else None
    if rows.empty:
        return nothing_told()
    first = rows.drop_duplicates(["who", "value"])
    n_value = first.groupby("who", sort=False)["value"].size()
    disputed = rows["who"].isin(n_value.index[n_value > 1])
    lines = rows.loc[disputed, "line"].to_numpy(dtype=np.int64)
    notes.add(source.file_name, lines, differing, column=spelled)
    settled = first[~first["who"].isin(rows.loc[disputed, "who"])].set_index("who")
    file_name = pd.Series(source.file_name, index=settled.index, dtype=object)
    return Told(settled["value"], settled["line"], file_name, spelled)


def joined(told: list[Told]) -> Told:
    """Return what several files tell, the first that tells it of each participant."""
    some = [one for one in told if len(one.value)]
    if not some:
        return nothing_told()
    values = pd.concat([one.value for one in some])
    is_first = ~values.index.duplicated()
    lines, names = (pd.concat([getattr(one, n) for one in some]) for n in ("line", "file_name"))
    return Told(values[is_first], lines[is_first], names[is_first], some[0].column)
