"""The hazard ratio in bands of time: whether one number describes it."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from alsrev_dagster.survival.genotype_groups import by_genetic_model
from alsrev_dagster.survival.groups import (
    RECOVERY,
    recovery_follow_up,
    survival_follow_up,
    the_only,
)
from alsrev_dagster.survival.model_rows import ModelRule, cox_row, people_of
from alsrev_dagster.survival.tables import result_table


def hazard_by_time(
    carrier: pd.DataFrame,
    outcome: pd.DataFrame,
    participant: pd.DataFrame,
    *,
    rule: ModelRule,
    band_months: float,
    caveat: str,
) -> pd.DataFrame:
    """result.hazard_by_time: Cox's model of each event within bands of time since the origin.

    A band holds who is under observation and event free at some time of it, from where they enter
    it, until they leave it. The likelihood is Firth's in every band: most hold few events.
    """
    people = people_of(carrier, participant, rule)
    penalised = replace(rule, covariates=(), events_per_term_min=float("inf"))
    follow = {
        "recovery": (recovery_follow_up(outcome), "cox_cause_specific"),
        "death": (survival_follow_up(outcome), "cox"),
    }
    rows = [
        pd.DataFrame([{**cox_row(band, penalised, RECOVERY, method), "event": event, **ends}])
        for event, (followed, method) in follow.items()
        for group in by_genetic_model(people, followed, rule.genetic_models)
        for band, ends in _bands(group, band_months)
    ]
    return result_table(
        "result.hazard_by_time",
        rows,
        definition=the_only(outcome, "definition"),
        time_origin=the_only(outcome, "time_origin"),
        caveat=caveat,
    )


def _bands(
    group: pd.DataFrame, band_months: float
) -> Iterator[tuple[pd.DataFrame, dict[str, float]]]:
    """Follow-up within each band in which somebody has the event, and the band's ends."""
    happened = group.loc[group["event_code"] == 1, "duration_months"].to_numpy(dtype=np.float64)
    for start in np.unique(np.ceil(happened / band_months) - 1) * band_months:
        end = start + band_months
        inside = group[(group["entry_months"] < end) & (group["duration_months"] > start)]
        code = inside["event_code"].where(inside["duration_months"] <= end, 0)
        band = inside.assign(
            entry_months=inside["entry_months"].clip(lower=start),
            duration_months=inside["duration_months"].clip(upper=end),
            event_code=code,
        )
        yield band, {"from_months": float(start), "until_months": float(end)}
