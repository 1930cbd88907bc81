"""Small raw.visit, core.alsfrsr and raw.participant frames, written by hand in tests."""

from collections.abc import Mapping

import pandas as pd

from alsrev_dagster.vocabulary import table

ITEMS = ("q1", "q2", "q3", "q4", "q5a", "q5b", "q6", "q7", "q8", "q9", "r1", "r2", "r3")


def raw_visit(*changes: Mapping[str, object]) -> pd.DataFrame:
    """One visit per mapping; every item is 4 (5a, not 5b) unless it says otherwise."""
    normal: dict[str, object] = dict.fromkeys(ITEMS, 4) | {
        "participant_id": "p1",
        "q5b": None,
        "alsfrsr_total": None,
        "source_file": "visits.csv",
    }
    rows = [
        normal | {"day": number, "source_line": number + 2} | dict(change)
        for number, change in enumerate(changes)
    ]
    frame = pd.DataFrame(rows, columns=list(table("raw.visit").column_names))
    return frame.astype(dict.fromkeys((*ITEMS, "q10"), "Int64"))


def participants(**days_by_participant: Mapping[str, object]) -> pd.DataFrame:
    """raw.participant; onset on day 0 and nothing else known unless said."""
    rows = [
        {"participant_id": name, "onset_day": 0, "sex": "female"} | dict(days)
        for name, days in days_by_participant.items()
    ]
    frame = pd.DataFrame(rows, columns=list(table("raw.participant").column_names))
    days = [name for name in frame.columns if name.endswith("_day")]
    return frame.astype(dict.fromkeys(days, "Int64"))


def scores(
    totals: Mapping[int, int | None],
    *,
    participant_id: str = "p1",
    gastrostomy_from: int | None = None,
) -> pd.DataFrame:
    """core.alsfrsr of one participant, from day -> total."""
    frame = pd.DataFrame(
        {
            "participant_id": participant_id,
            "day": list(totals),
            "alsfrsr_total": list(totals.values()),
            "has_gastrostomy": [
                gastrostomy_from is not None and day >= gastrostomy_from for day in totals
            ],
        }
    )
    return frame.reindex(columns=list(table("core.alsfrsr").column_names)).astype(
        {"day": "int64", "alsfrsr_total": "Int64", "has_gastrostomy": bool}
    )
