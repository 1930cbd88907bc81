"""What the importers share of participants: where each is named first, and what is told of them."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.ingest.clinical_note import Notes, Reason
from alsrev_dagster.ingest.source_cell import words
from alsrev_dagster.ingest.source_once import Told
from alsrev_dagster.ingest.source_table import SourceTable

SEXES = {"female": "female", "f": "female", "male": "male", "m": "male"}
YES_NO = {"yes": "yes", "y": "yes", "1": "yes", "no": "no", "n": "no", "0": "no"}
NO_SEX = Reason("refused", "a sex that is neither male nor female")
NO_SITE = Reason("refused", "a site of onset of another name")
NO_ANSWER = Reason("refused", "neither yes nor no")
AGE_MAX_YEARS = 120


def differing(what: str) -> Reason:
    """Return the reason to use none of several values of one person."""
    return Reason("refused", f"rows of one participant with different {what}: none is used")


def ids_of(source: SourceTable, *names: str) -> NDArray[np.object_]:
    """Whose row it is; None for nobody, which is noted where the row is used."""
    return words(source, source.first_of(*names), Notes())


def places(sources: Iterable[SourceTable], *names: str) -> pd.DataFrame:
    """First row of each participant, of the first file that names them."""
    rows = [
        pd.DataFrame({"who": ids_of(s, *names), "source_line": s.line, "source_file": s.file_name})
        .dropna(subset=["who"])
        .drop_duplicates("who")
        for s in sources
    ]
    if not rows:
        return pd.DataFrame(columns=["source_line", "source_file"])
    return pd.concat(rows).drop_duplicates("who").set_index("who")


def enrolment(place: pd.DataFrame) -> Told:
    """Day 0 is the first day under observation."""
    zero = pd.Series(0.0, index=place.index)
    return Told(zero, place["source_line"], place["source_file"], None)


def row_frame(
    source: SourceTable, participant_id: NDArray[np.object_], day: NDArray[np.float64]
) -> pd.DataFrame:
    """Rows with whose they are, their day, and where they stand."""
    return pd.DataFrame(
        {
            "participant_id": participant_id,
            "day": day,
            "source_file": np.full(len(source), source.file_name, dtype=object),
            "source_line": source.line,
        }
    )


def latest_day(frames: Iterable[pd.DataFrame]) -> pd.Series:
    """Latest day of the rows of each participant."""
    rows = [frame[["participant_id", "day"]].dropna() for frame in frames]
    some = [frame for frame in rows if len(frame)]
    if not some:
        return pd.Series(dtype="float64")
    return pd.concat(some).groupby("participant_id")["day"].max()


def limited(
    source: SourceTable,
    name: str | None,
    found: NDArray[np.float64],
    notes: Notes,
    *,
    limits: tuple[float, float],
    reason: Reason,
) -> NDArray[np.float64]:
    """Values without those outside their limits, which are noted."""
    outside = (found < limits[0]) | (found > limits[1])
    notes.add(source.file_name, source.line[outside], reason, column=source.spelled.get(name or ""))
    made: NDArray[np.float64] = np.where(outside, np.nan, found)
    return made
