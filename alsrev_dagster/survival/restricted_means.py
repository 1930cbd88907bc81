"""Restricted means by genotype: months alive, and months spent recovered, up to a horizon."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from alsrev_dagster.survival.carrier_model import GeneticModel
from alsrev_dagster.survival.genotype_groups import by_genetic_model, variant_of
from alsrev_dagster.survival.groups import (
    RECOVERY,
    carrier_by_participant,
    recovery_follow_up,
    survival_follow_up,
    the_only,
)
from alsrev_dagster.survival.rmst import (
    RestrictedMean,
    mean_difference,
    restricted_mean_survival,
    restricted_mean_time_lost,
)
from alsrev_dagster.survival.tables import result_table

DIFFERENCE = "difference"
"""Row of carriers less the others."""


def restricted_mean(
    carrier: pd.DataFrame,
    outcome: pd.DataFrame,
    *,
    genetic_models: Sequence[GeneticModel],
    horizon_months: Sequence[float],
    caveat: str,
) -> pd.DataFrame:
    """result.restricted_mean: area under each curve up to each horizon, and its difference.

    Of death, months alive; of recovery, months after its confirmation (area under the cumulative
    incidence, death competing). Without strata, and no difference under the additive model.
    """
    person = carrier_by_participant(carrier)
    follow = {"recovery": recovery_follow_up(outcome), "death": survival_follow_up(outcome)}
    rows = [
        pd.DataFrame([{**variant_of(group), "event": event, "horizon_months": month, **row}])
        for event, followed in follow.items()
        for group in by_genetic_model(person, followed, genetic_models)
        for month in horizon_months
        for row in _rows(group, event, month)
    ]
    return result_table(
        "result.restricted_mean",
        rows,
        definition=the_only(outcome, "definition"),
        time_origin=the_only(outcome, "time_origin"),
        caveat=caveat,
    )


def _rows(group: pd.DataFrame, event: str, month: float) -> Iterator[dict[str, object]]:
    method = {"recovery": "restricted_mean_recovered", "death": "restricted_mean_alive"}[event]
    names, means = [], []
    for _, part in group.groupby("score", sort=True):
        names.append(str(part["carrier_group"].iloc[0]))
        means.append(_mean(part, event, month))
    for name, mean in zip(names, means, strict=True):
        yield {
            "carrier_group": name,
            "n": mean.n,
            "n_event": mean.n_event,
            "mean_months": mean.mean_months,
            "standard_error": mean.standard_error,
            "ci_lower": mean.ci_lower,
            "ci_upper": mean.ci_upper,
            "p_value": np.nan,
            "fit_status": mean.fit_status,
            "method": method,
        }
    if len(means) == 2 and group["genetic_model"].iloc[0] != "additive":
        yield {**_difference(means), "carrier_group": DIFFERENCE, "method": method}


def _mean(part: pd.DataFrame, event: str, month: float) -> RestrictedMean:
    columns = ("duration_months", "event_code", "entry_months")
    until, code, entry = (part[name].to_numpy() for name in columns)
    if event == "recovery":
        return restricted_mean_time_lost(
            until, code.astype(np.int64), month, cause=RECOVERY, entry_months=entry
        )
    return restricted_mean_survival(until, code == 1, month, entry_months=entry)


def _difference(means: Sequence[RestrictedMean]) -> dict[str, object]:
    others, carriers = means
    found = mean_difference(carriers, others)
    is_known = bool(np.isfinite(found.difference_months))
    status = next((m.fit_status for m in means if m.fit_status != "ok"), "ok")
    return {
        "n": carriers.n + others.n,
        "n_event": carriers.n_event + others.n_event,
        "mean_months": found.difference_months,
        "standard_error": found.standard_error,
        "ci_lower": found.ci_lower,
        "ci_upper": found.ci_upper,
        "p_value": found.p_value if is_known else np.nan,
        "fit_status": status,
    }
