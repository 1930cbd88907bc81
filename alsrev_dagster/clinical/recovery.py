"""The recovery phenotype and time at risk, one row per participant.

A recovery is an event of the day on which it is *confirmed*: on the first visit with
the gain nobody knows that it will last, so to count from that visit would look ahead,
and a person who dies before the confirmation has died without a recovery.
"""

from hashlib import sha256

import pandas as pd

from alsrev_dagster.clinical.observation import observation, usable_visit
from alsrev_dagster.clinical.sustained import SustainedGain, sustained_gain
from alsrev_dagster.clinical.time_axis import months_between
from alsrev_dagster.study import RecoveryDefinition, TimeOrigin
from alsrev_dagster.vocabulary import table

_DAYS = {
    "recovery_left_day": "left_day",
    "recovery_right_day": "right_day",
    "confirmation_day": "confirmation_day",
}


def definition_hash(definition: RecoveryDefinition) -> str:
    """First 12 hex digits of the SHA-256 of the definition as JSON."""
    return sha256(definition.model_dump_json().encode()).hexdigest()[:12]


def outcome(
    alsfrsr: pd.DataFrame,
    participant: pd.DataFrame,
    definition: RecoveryDefinition,
    time_origin: TimeOrigin,
) -> pd.DataFrame:
    """core.outcome from core.alsfrsr and raw.participant.

    Visits count when their total is complete and their day is neither before
    enrolment_day nor after death_day or tracheostomy_day. Item 5a (no gastrostomy) and 5b
    are different scales, so totals are compared only among visits of the same
    has_gastrostomy: visits with and without are two series, each searched on its own.
    """
    seen = observation(alsfrsr, participant, time_origin)
    gain = _gain(usable_visit(alsfrsr, participant), definition)
    row = seen.join(gain, how="left")
    row["gain"] = row["gain"].fillna(0).astype("Int64")
    row = row.assign(
        definition=definition.name,
        definition_hash=definition_hash(definition),
        time_origin=time_origin,
    )
    target = table("core.outcome")
    columns = list(target.column_names)
    return _with_exit(row).reset_index()[columns].sort_values(list(target.key), ignore_index=True)


def _gain(visit: pd.DataFrame, definition: RecoveryDefinition) -> pd.DataFrame:
    """Find the recovery confirmed first, else the largest lasting gain, by participant_id."""
    ordered = visit.sort_values(["participant_id", "has_gastrostomy", "day"])
    by_series = ordered.groupby(["participant_id", "has_gastrostomy"], sort=True)
    found: dict[str, list[SustainedGain]] = {}
    for (participant_id, _), series in by_series[["day", "alsfrsr_total"]]:
        values = series.to_numpy(dtype="int64")
        one = sustained_gain(values[:, 0], values[:, 1], definition)
        found.setdefault(str(participant_id), []).append(one)
    joined = {participant_id: _joined(series) for participant_id, series in found.items()}
    return pd.DataFrame(
        {
            "nadir_total": [one.nadir_total for one in joined.values()],
            "gain": [one.gain for one in joined.values()],
            **{name: [getattr(one, of) for one in joined.values()] for name, of in _DAYS.items()},
        },
        index=pd.Index(list(joined), name="participant_id", dtype="object"),
        dtype="Int64",
    )


def _joined(series: list[SustainedGain]) -> SustainedGain:
    """One participant's series without and with gastrostomy as one."""
    recovered = [one for one in series if one.confirmation_day is not None]
    gain = max(one.gain for one in series)
    if not recovered:
        return SustainedGain(gain=gain, nadir_total=min(one.nadir_total for one in series))
    first = min(recovered, key=lambda one: one.confirmation_day or 0)
    return SustainedGain(
        gain, first.nadir_total, first.left_day, first.right_day, first.confirmation_day
    )


def _with_exit(row: pd.DataFrame) -> pd.DataFrame:
    """Add duration, event and exit_reason, or the reason why there are none."""
    recovered = row["confirmation_day"].notna()
    exit_day = row["confirmation_day"].fillna(row["exit_day"])
    duration = months_between(row["origin_day"], exit_day)
    late = row["exclusion_reason"].isna() & ~(duration > row["entry_months"])
    reason = row["exclusion_reason"].mask(late, "exit not after entry")
    counted = reason.isna()
    return row.assign(
        exclusion_reason=reason,
        duration_months=duration.where(counted),
        event_recovery=(recovered & counted).astype(bool),
        exit_reason=row["exit_reason"].mask(recovered, "recovery").where(counted),
    )
