"""ALSFRS-R and ALSFRS scores of a file, by the names that its layout has for them."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.ingest.clinical_note import Notes
from alsrev_dagster.ingest.clinical_visits import SCORES
from alsrev_dagster.ingest.source_cell import scores
from alsrev_dagster.ingest.source_table import SourceTable

ITEM_MAX = 4
_TOTAL_MAX = {"alsfrsr_total": 48, "alsfrs_total": 40}


def read_scores(
    source: SourceTable, names: Mapping[str, str], notes: Notes
) -> dict[str, NDArray[np.float64]]:
    """Return the scores of raw.visit by the plain name each has in a file."""
    tops = {name: _TOTAL_MAX.get(name, ITEM_MAX) for name in SCORES}
    columns = {name: source.first_of(names.get(name, "")) for name in SCORES}
    return {name: scores(source, columns[name], notes, top) for name, top in tops.items()}
