"""Time to a milestone of progression or death, whichever comes first."""

from typing import Literal

import numpy as np
import pandas as pd

from alsrev_dagster.survival.milestone import milestone, points_lost

Measure = Literal["kings_stage", "mitos_stage", "points_lost"]


def milestone_follow_up(
    visit: pd.DataFrame, survival: pd.DataFrame, *, measure: Measure, at_least: float
) -> pd.DataFrame:
    """Entry, duration and event_code (1 at the milestone or at death), by participant_id.

    Parameters
    ----------
    visit
        participant_id, months_since_origin and ``value``: a stage, or for points_lost a total.
    survival
        Of :func:`~alsrev_dagster.survival.groups.survival_follow_up`.
    measure, at_least
        A stage of at least so much, or as many points below the first total. One later visit
        must show it too, as scores scatter: who first shows it at the last one is watched until the
        visit before.

    Notes
    -----
    Milestone or death is one event, so that death hides no milestone. It counts on the visit at
    which it is first seen, which favours whoever is seen less often. Participants who are there at
    their first visit are not at risk, and left out, and so are those who got there before they
    came under observation.
    """
    person = visit["participant_id"].to_numpy(dtype=object)
    months = visit["months_since_origin"].to_numpy(dtype=np.float64)
    value = visit["value"].to_numpy(dtype=np.float64, na_value=np.nan)
    if measure == "points_lost":
        beyond = points_lost(person, months, value, n_points=at_least)
    else:
        beyond = np.where(np.isnan(value), np.nan, (value >= at_least).astype(np.float64))
    found = milestone(person, months, beyond, n_confirming=1)
    seen = pd.DataFrame(
        {
            "participant_id": found.participant_id,
            "entry_months": found.entry_months,
            "right_months": found.right_months,
            "free_months": found.left_months,
        }
    )[found.is_at_risk]
    lived = survival[["participant_id", "entry_months", "duration_months", "event_code"]]
    both = seen.merge(lived, on="participant_id", suffixes=("_by_visit", ""), validate="one_to_one")
    both["entry_months"] = both[["entry_months", "entry_months_by_visit"]].max(axis=1)
    is_reached = np.isfinite(both["right_months"])
    died = ~is_reached & (both["event_code"] == 1)
    until = both["right_months"].where(is_reached, both["free_months"])
    until = until.mask(died, both["duration_months"])
    row = both[["participant_id", "entry_months"]].assign(
        duration_months=until, event_code=(is_reached | died).astype("int64")
    )
    return row[row["duration_months"] > row["entry_months"]].reset_index(drop=True)
