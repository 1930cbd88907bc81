"""Months alive and recovered on the page: each group's, and the difference within strata."""

from collections.abc import Sequence

import pandas as pd

from alsrev_dagster.report import numerals
from alsrev_dagster.vocabulary.states import ENDS, RECOVERED, RECOVERY

Row = dict[str, object]

_SHOWN = (RECOVERED, *reversed(ENDS))
_MODEL = "dominant"
_KEY = ["locus", "variant_id", "horizon_months", "state"]
_OF_GROUP = ["mean_months", "n", "n_in_state"]


def state_rows(frame: pd.DataFrame, declared: Sequence[str]) -> list[Row]:
    """A row for each declared locus, horizon and state that tells of a recovery: carriers and
    others side by side, and how they differ.

    ``frame`` is result.state_time; other states, codings and stages are in the table alone.
    """
    chosen = frame[
        frame["variant_id"].isin(declared)
        & (frame["genetic_model"] == _MODEL)
        & (frame["states"] == RECOVERY)
        & frame["state"].isin(_SHOWN)
    ]
    of = {str(name): rows.set_index(_KEY) for name, rows in chosen.groupby("carrier_group")}
    if "difference" not in of:
        return []
    apart = of.pop("difference")
    for name, rows in of.items():
        apart = apart.join(rows[_OF_GROUP].add_suffix(f"_{name}"))
    place = apart.index.get_level_values("state").map({name: k for k, name in enumerate(_SHOWN)})
    apart = apart.assign(place=place).sort_values(["variant_id", "place", "horizon_months"])
    return [
        {str(k): None if numerals.is_null(v) else v for k, v in row.items()}
        for row in apart.reset_index().to_dict("records")
    ]
