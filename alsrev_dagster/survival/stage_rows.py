"""Who went from which stage to which, by carrier group: one table of counts."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from alsrev_dagster.survival.groups import (
    CARRIER_GROUP,
    carrier_by_participant,
)
from alsrev_dagster.survival.stage_flow import DEAD, UNSEEN, StagedVisits, stage_flow

NAMES = {**{number: str(number) for number in range(5)}, DEAD: "dead", UNSEEN: "unseen"}
"""Stages as the table says them."""


def stage_rows(
    carrier: pd.DataFrame,
    staged: pd.DataFrame,
    outcome: pd.DataFrame,
    *,
    every_months: float,
    last_months: float,
) -> Iterator[pd.DataFrame]:
    """Rows of result.stage_flow, a frame a variant; time is since entry.

    Parameters
    ----------
    carrier, outcome
        core.carrier and core.outcome.
    staged
        Visits with participant_id, months_since_origin and a known ``stage``.
    """
    known = outcome[outcome["entry_months"].notna()]
    columns = ["participant_id", "entry_months", "survival_months", "event_death"]
    person = carrier_by_participant(carrier).merge(known[columns], on="participant_id")
    person = person.sort_values(["variant_id", "participant_id"], ignore_index=True)
    for _, rows in person.groupby("variant_id", sort=True):
        yield _of_variant(rows, staged, every_months, last_months)


def _of_variant(
    rows: pd.DataFrame, staged: pd.DataFrame, every_months: float, last_months: float
) -> pd.DataFrame:
    number = pd.Index(rows["participant_id"]).get_indexer(pd.Index(staged["participant_id"]))
    entry, until = (
        rows[name].to_numpy(dtype=np.float64) for name in ("entry_months", "survival_months")
    )
    months = staged["months_since_origin"].to_numpy(dtype=np.float64) - entry[number]
    is_used = number >= 0
    visits = StagedVisits(
        staged["stage"].to_numpy(dtype=np.int64)[is_used],
        months[is_used],
        number[is_used].astype(np.int64),
    )
    died = rows["event_death"].to_numpy(dtype=np.bool_)
    flow = stage_flow(
        visits,
        rows["carrier"].to_numpy(dtype=np.bool_),
        np.where(died, until - entry, np.inf),
        every_months=every_months,
        last_months=last_months,
    )
    return pd.DataFrame(
        {
            "locus": rows["locus"].iloc[0],
            "variant_id": rows["variant_id"].iloc[0],
            "carrier_group": [CARRIER_GROUP[bool(value)] for value in flow.carrier],
            "month": flow.month,
            "next_month": flow.next_month,
            "from_stage": [NAMES[int(value)] for value in flow.stage],
            "to_stage": [NAMES[int(value)] for value in flow.next_stage],
            "n": flow.n,
        }
    )
