"""The curves of time to recovery and death, by genotype of each variant.

Participants without a call of a variant are left out of that variant. ``caveat`` is
written to every row: the caller knows how cohorts and variants were chosen. A curve that
is conditional (see event_free_curve) says so after it.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from alsrev_dagster.survival.carrier_model import GeneticModel
from alsrev_dagster.survival.competing import CumulativeIncidence, cumulative_incidence
from alsrev_dagster.survival.genotype_groups import by_genetic_model, variant_of
from alsrev_dagster.survival.groups import (
    DEATH,
    RECOVERY,
    carrier_by_participant,
    recovery_follow_up,
    survival_follow_up,
    the_only,
)
from alsrev_dagster.survival.nonparametric import EventFreeCurve, event_free_curve
from alsrev_dagster.survival.risk import follow_up
from alsrev_dagster.survival.tables import result_table

_YEAR_MONTHS = 12.0

_CURVE_COLUMNS = ("duration_months", "ci_lower", "ci_upper", "n_at_risk", "n_event")


def recovery_curve(
    carrier: pd.DataFrame,
    outcome: pd.DataFrame,
    *,
    genetic_models: Sequence[GeneticModel],
    caveat: str,
) -> pd.DataFrame:
    """result.recovery_curve: cumulative incidence of recovery and of death without it.

    Recovery, death and tracheostomy compete. Rows stand at the event's times and at whole
    years (n_event 0), where n_at_risk is read; a group without the event also has one at
    its last observed time. A conditional curve has rows after the time it starts from.
    """
    groups = _groups(carrier, recovery_follow_up(outcome), genetic_models)
    rows = [
        _incidence(group, code, caveat).assign(**_identity(group), event=event)
        for group in groups
        for event, code in (("recovery", RECOVERY), ("death", DEATH))
    ]
    return result_table(
        "result.recovery_curve",
        rows,
        definition=the_only(outcome, "definition"),
        time_origin=the_only(outcome, "time_origin"),
        method="aalen_johansen",
    )


def survival_curve(
    carrier: pd.DataFrame,
    outcome: pd.DataFrame,
    *,
    genetic_models: Sequence[GeneticModel],
    caveat: str,
) -> pd.DataFrame:
    """result.survival_curve: Kaplan-Meier survival; tracheostomy is not death."""
    groups = _groups(carrier, survival_follow_up(outcome), genetic_models)
    return result_table(
        "result.survival_curve",
        [_survival(group, caveat).assign(**_identity(group)) for group in groups],
        time_origin=the_only(outcome, "time_origin"),
        method="kaplan_meier",
    )


def _groups(
    carrier: pd.DataFrame, followed: pd.DataFrame, genetic_models: Sequence[GeneticModel]
) -> Iterator[pd.DataFrame]:
    """Follow-up of each variant, genetic model and group that somebody is in."""
    person = carrier_by_participant(carrier)
    for of_model in by_genetic_model(person, followed, genetic_models):
        for _, group in of_model.groupby("score", sort=True):
            yield group


def _identity(group: pd.DataFrame) -> dict[str, str]:
    return {**variant_of(group), "carrier_group": str(group["carrier_group"].iloc[0])}


def _incidence(group: pd.DataFrame, code: int, caveat: str) -> pd.DataFrame:
    curve = cumulative_incidence(
        group["duration_months"].to_numpy(),
        group["event_code"].to_numpy(),
        group["entry_months"].to_numpy(),
        cause=code,
    )
    return _curve_rows(curve, group, caveat, cumulative_incidence=0.0)


def _survival(group: pd.DataFrame, caveat: str) -> pd.DataFrame:
    curve = event_free_curve(
        group["duration_months"].to_numpy(),
        group["event_code"].to_numpy() > 0,
        group["entry_months"].to_numpy(),
    )
    return _curve_rows(curve, group, caveat, event_free=1.0)


def _curve_rows(
    curve: EventFreeCurve | CumulativeIncidence,
    group: pd.DataFrame,
    caveat: str,
    **at_start: float,
) -> pd.DataFrame:
    """Rows of one curve at its events and at whole years; ``at_start`` names its probability."""
    if len(curve.duration_months):
        columns = (*_CURVE_COLUMNS, *at_start)
        rows = pd.DataFrame({name: getattr(curve, name) for name in columns})
    else:
        rows = _no_event(group).assign(**at_start)
    start = curve.conditional_from_months
    with_years = _with_years(rows, group, start, **at_start)
    return with_years.assign(caveat=_said_if_conditional(caveat, start))


def _said_if_conditional(caveat: str, conditional_from_months: float) -> str:
    """Caveat, and after it from when on a curve is conditional if it is."""
    if not conditional_from_months:
        return caveat
    condition = (
        f"conditional on no event by {round(conditional_from_months, 2):g} months, "
        "when the few then under observation had all had one"
    )
    return f"{caveat}; {condition}" if caveat else condition


def _with_years(
    rows: pd.DataFrame, group: pd.DataFrame, conditional_from_months: float, **at_start: float
) -> pd.DataFrame:
    """Add a row at every whole year: with delayed entry the risk set grows between events.

    None up to the time from which a curve is conditional: nothing is estimated there.
    """
    followed = follow_up(group["duration_months"].to_numpy(), group["entry_months"].to_numpy())
    time = rows["duration_months"].to_numpy()
    years = np.arange(0.0, followed.duration_months.max() + 1e-9, _YEAR_MONTHS)
    if conditional_from_months:
        years = years[years > conditional_from_months]
    years = years[~np.isin(years, time)]
    before = np.searchsorted(time, years, side="right") - 1
    added = rows.iloc[np.maximum(before, 0)].reset_index(drop=True)
    added.loc[before < 0, ["ci_lower", "ci_upper"]] = np.nan
    for column, value in at_start.items():
        added.loc[before < 0, column] = value
    added = added.assign(duration_months=years, n_at_risk=followed.n_at_risk(years), n_event=0)
    return pd.concat([rows, added]).sort_values("duration_months", ignore_index=True)


def _no_event(group: pd.DataFrame) -> pd.DataFrame:
    """Say in one row how long and by how many a group without events was observed."""
    followed = follow_up(group["duration_months"].to_numpy(), group["entry_months"].to_numpy())
    last = np.array([followed.duration_months.max()])
    return pd.DataFrame(
        {
            "duration_months": last,
            "ci_lower": np.nan,
            "ci_upper": np.nan,
            "n_at_risk": followed.n_at_risk(last),
            "n_event": 0,
        }
    )
