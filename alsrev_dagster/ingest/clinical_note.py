"""Notes of what an importer repaired, refused or flagged: by reason, with file and line."""

from collections import Counter
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.ingest.clinical_table import empty_frame, typed
from alsrev_dagster.vocabulary import table

Action = Literal["repaired", "refused", "flagged"]
"""Read otherwise than written; not read; read, and to be looked at."""

Lines = NDArray[np.int64]

_TEXTS = ("source_file", "source_column", "action", "reason", "found")


@dataclass(frozen=True)
class Reason:
    """What is done with a cell or a row, and why."""

    action: Action
    text: str
    """Names no value: counts by it stand in metadata and logs."""


class Notes:
    """Notes of one import, collected by the column."""

    def __init__(self) -> None:
        self._parts: list[pd.DataFrame] = []

    def add(
        self,
        file_name: str,
        lines: Lines,
        reason: Reason,
        *,
        column: str | None = None,
        found: NDArray[np.object_] | None = None,
    ) -> None:
        """Note the same of several lines; ``found`` is what may be shown of each."""
        if len(lines):
            columns: dict[str, object] = {
                "source_line": np.asarray(lines, dtype=np.int64),
                "source_file": file_name,
                "source_column": column,
                "action": reason.action,
                "reason": reason.text,
                "found": found,
            }
            self._parts.append(pd.DataFrame(columns))

    def frame(self) -> pd.DataFrame:
        """raw.clinical_note: in the order of files and lines."""
        spec = table("raw.clinical_note")
        if not self._parts:
            return empty_frame(spec)
        made = pd.concat([part.astype(dict.fromkeys(_TEXTS, object)) for part in self._parts])
        order = ["source_file", "source_line", "source_column", "reason"]
        made = made.sort_values(order, kind="stable", ignore_index=True)
        made["note_index"] = np.arange(len(made), dtype=np.int64)
        return typed(made.replace({float("nan"): None}), spec)


def counts_by_reason(note: pd.DataFrame) -> Counter[str]:
    """Number of notes by ``action: reason``, the most frequent first."""
    said = note["action"].astype(str) + ": " + note["reason"].astype(str)
    return Counter({str(text): int(n) for text, n in said.value_counts().items()})
