"""Curves of recovery that began between two visits: Turnbull's, and an incidence with death."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from alsrev_dagster.survival.carrier_model import GeneticModel
from alsrev_dagster.survival.genotype_groups import by_genetic_model, variant_of
from alsrev_dagster.survival.groups import (
    RECOVERY,
    carrier_by_participant,
    recovery_follow_up,
    the_only,
)
from alsrev_dagster.survival.interval_competing import Visits, interval_incidence
from alsrev_dagster.survival.recovery_models import Definition
from alsrev_dagster.survival.risk import FloatArray
from alsrev_dagster.survival.tables import result_table
from alsrev_dagster.survival.turnbull import turnbull_curve
from alsrev_dagster.survival.watched import has_begun_by_entry, intervals_of, watched

_NET = "as if nobody died: who dies is taken to have recovered later as others do"


def interval_curve(
    carrier: pd.DataFrame,
    definition: Definition,
    *,
    genetic_models: Sequence[GeneticModel],
    horizon_months: Sequence[float],
    caveat: str,
) -> pd.DataFrame:
    """result.interval_curve: share recovered by some months, carriers and others.

    ``turnbull``: nonparametric, (left, right]; net of death, with the two values between which the
    data leave it. ``weibull_with_death``: cumulative incidence from Weibull rates of recovery
    between visits and of death, with its 95% interval. Not under the additive model.
    """
    person = carrier_by_participant(carrier)
    followed = recovery_follow_up(definition.outcome)
    months = np.array(sorted(horizon_months), dtype=np.float64)
    rows = [
        pd.DataFrame(part).assign(**variant_of(group))
        for group in by_genetic_model(person, followed, genetic_models)
        if group["genetic_model"].iloc[0] != "additive"
        for part in _parts(group, months, caveat)
    ]
    return result_table(
        "result.interval_curve",
        rows,
        event="recovery",
        definition=the_only(definition.outcome, "definition"),
        time_origin=the_only(definition.outcome, "time_origin"),
    )


def _parts(group: pd.DataFrame, months: FloatArray, caveat: str) -> Iterator[dict[str, object]]:
    seen = watched(group)
    for _, part in seen.groupby("score", sort=True):
        yield _turnbull(part, months, f"{caveat}; {_NET}" if caveat else _NET)
    at_risk = group[~has_begun_by_entry(group)]
    if at_risk["score"].nunique() == 2:
        yield from _with_death(at_risk, months, caveat)


def _turnbull(part: pd.DataFrame, months: FloatArray, caveat: str) -> dict[str, object]:
    curve = turnbull_curve(intervals_of(part))
    least_free, most_free = curve.event_free_bounds(months)
    is_known = curve.fit_status in ("ok", "no_events")
    return {
        "carrier_group": part["carrier_group"].iloc[0],
        "method": "turnbull",
        "duration_months": months,
        "cumulative_incidence": np.where(is_known, 1 - curve.event_free(months), np.nan),
        "share_least": np.where(is_known, 1 - most_free, np.nan),
        "share_most": np.where(is_known, 1 - least_free, np.nan),
        "ci_lower": np.nan,
        "ci_upper": np.nan,
        "n": curve.n,
        "n_event": curve.n_event,
        "fit_status": curve.fit_status,
        "caveat": caveat,
    }


def _with_death(
    group: pd.DataFrame, months: FloatArray, caveat: str
) -> Iterator[dict[str, object]]:
    recovered = (group["event_code"] == RECOVERY).to_numpy(dtype=np.bool_)
    entry, until, left, right, last_free = (
        group[f"{name}_months"].to_numpy(dtype=np.float64)
        for name in ("entry", "duration", "left", "right", "last_free")
    )
    visits = Visits(
        entry=entry,
        last_free=np.fmax(np.where(recovered, left, last_free), entry),
        first_recovered=np.where(recovered, right, np.inf),
        exit=until,
        is_dead=(group["event_code"] > RECOVERY).to_numpy(dtype=np.bool_),
    )
    found = interval_incidence(visits, group["score"].to_numpy() > 0, months)
    status = next(
        (s for s in (found.recovery.fit_status, found.death.fit_status) if s != "ok"), "ok"
    )
    for place, (_, part) in enumerate(group.groupby("score", sort=True)):
        yield {
            "carrier_group": part["carrier_group"].iloc[0],
            "method": "weibull_with_death",
            "duration_months": months,
            "cumulative_incidence": found.cumulative_incidence[place],
            "share_least": np.nan,
            "share_most": np.nan,
            "ci_lower": found.ci_lower[place],
            "ci_upper": found.ci_upper[place],
            "n": len(part),
            "n_event": int((part["event_code"] == RECOVERY).sum()),
            "fit_status": status,
            "caveat": caveat,
        }
