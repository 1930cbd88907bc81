"""The result tables of time to recovery and death, by carrier status of each variant.

Participants without a call of a variant are left out of that variant. ``caveat`` is
written to every row: the caller knows how cohorts and variants were chosen. A curve that
is conditional (see event_free_curve) says so after it.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from alsrev_dagster.survival.competing import CumulativeIncidence, cumulative_incidence
from alsrev_dagster.survival.cox import carrier_cox
from alsrev_dagster.survival.groups import (
    DEATH,
    RECOVERY,
    by_group,
    by_variant,
    carrier_by_participant,
    identity,
    recovery_follow_up,
    refuse_two_cohorts,
    survival_follow_up,
    the_only,
    with_strata,
)
from alsrev_dagster.survival.nonparametric import EventFreeCurve, event_free_curve
from alsrev_dagster.survival.risk import follow_up
from alsrev_dagster.survival.tables import result_table

_YEAR_MONTHS = 12.0

_CURVE_COLUMNS = ("duration_months", "ci_lower", "ci_upper", "n_at_risk", "n_event")

_MODEL_COLUMNS = (
    "n",
    "n_carrier",
    "n_event",
    "n_event_carrier",
    "hazard_ratio",
    "ci_lower",
    "ci_upper",
    "p_value",
    "proportional_hazards_p",
    "fit_status",
)


def recovery_curve(carrier: pd.DataFrame, outcome: pd.DataFrame, *, caveat: str) -> pd.DataFrame:
    """result.recovery_curve: cumulative incidence of recovery and of death without it.

    Recovery, death and tracheostomy compete. Rows stand at the event's times and at whole
    years (n_event 0), where n_at_risk is read; a group without the event also has one at
    its last observed time. A conditional curve has rows after the time it starts from.
    """
    groups = by_group(carrier_by_participant(carrier), recovery_follow_up(outcome))
    rows = [
        _incidence(group, code, caveat).assign(**identity(group), event=event)
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


def survival_curve(carrier: pd.DataFrame, outcome: pd.DataFrame, *, caveat: str) -> pd.DataFrame:
    """result.survival_curve: Kaplan-Meier survival; tracheostomy is not death."""
    groups = by_group(carrier_by_participant(carrier), survival_follow_up(outcome))
    return result_table(
        "result.survival_curve",
        [_survival(group, caveat).assign(**identity(group)) for group in groups],
        time_origin=the_only(outcome, "time_origin"),
        method="kaplan_meier",
    )


def recovery_model(
    carrier: pd.DataFrame,
    outcome: pd.DataFrame,
    participant: pd.DataFrame,
    *,
    strata: tuple[str, ...],
    caveat: str,
) -> pd.DataFrame:
    """result.recovery_model: cause-specific Cox model of recovery, per variant."""
    groups = by_variant(_stratified(carrier, participant, strata), recovery_follow_up(outcome))
    return _model_table(
        "result.recovery_model",
        groups,
        strata,
        event="recovery",
        definition=the_only(outcome, "definition"),
        method="cox_cause_specific_wald",
        time_origin=the_only(outcome, "time_origin"),
        caveat=caveat,
    )


def survival_model(
    carrier: pd.DataFrame,
    outcome: pd.DataFrame,
    participant: pd.DataFrame,
    *,
    strata: tuple[str, ...],
    caveat: str,
) -> pd.DataFrame:
    """result.survival_model: Cox model of death, per variant; it has no definition."""
    groups = by_variant(_stratified(carrier, participant, strata), survival_follow_up(outcome))
    return _model_table(
        "result.survival_model",
        groups,
        strata,
        event="death",
        definition="",
        method="cox_wald",
        time_origin=the_only(outcome, "time_origin"),
        caveat=caveat,
    )


def _model_table(
    name: str, groups: Iterable[pd.DataFrame], strata: tuple[str, ...], **said: str
) -> pd.DataFrame:
    """Fit each variant's group; every row says what it is a model of."""
    rows = [_model(group, strata) for group in groups]
    return result_table(name, rows, term="carrier", strata=", ".join(strata), **said)


def _stratified(
    carrier: pd.DataFrame, participant: pd.DataFrame, strata: tuple[str, ...]
) -> pd.DataFrame:
    if "cohort" in strata:
        refuse_two_cohorts(carrier)
    return with_strata(carrier_by_participant(carrier), participant, strata)


def _model(group: pd.DataFrame, strata: tuple[str, ...]) -> pd.DataFrame:
    fit = carrier_cox(group.assign(event=group["event_code"] == RECOVERY), strata)
    row = {name: [getattr(fit, name)] for name in _MODEL_COLUMNS}
    first = group.iloc[0]
    return pd.DataFrame(row).assign(locus=first["locus"], variant_id=first["variant_id"])


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
