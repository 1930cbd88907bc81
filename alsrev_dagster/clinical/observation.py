"""Who was under observation, from when, and until what."""

import pandas as pd

from alsrev_dagster.clinical.time_axis import months_between, origin_day
from alsrev_dagster.study import TimeOrigin

_DAY_COLUMNS = ("enrolment_day", "death_day", "tracheostomy_day", "last_contact_day")


def usable_visit(
    alsfrsr: pd.DataFrame, participant: pd.DataFrame, score: str = "alsfrsr_total"
) -> pd.DataFrame:
    """Visits of core.alsfrsr with that score, from enrolment until death or tracheostomy."""
    days = _days(participant).reindex(alsfrsr["participant_id"])
    day = pd.Series(alsfrsr["day"].to_numpy(dtype="int64"), index=days.index)
    outside = (
        (day < days["enrolment_day"]).fillna(False)
        | (day > days["death_day"]).fillna(False)
        | (day > days["tracheostomy_day"]).fillna(False)
    )
    known = alsfrsr["participant_id"].isin(participant["participant_id"])
    return alsfrsr[alsfrsr[score].notna() & known & ~outside.to_numpy(dtype=bool)]


def observation(
    alsfrsr: pd.DataFrame,
    participant: pd.DataFrame,
    time_origin: TimeOrigin,
    score: str = "alsfrsr_total",
) -> pd.DataFrame:
    """Entry, exit without a recovery, and survival of each participant, by participant_id.

    Time at risk of recovery ends on the day of death or tracheostomy, whichever is first,
    where either is known, and otherwise at the last usable visit. The time from the last
    visit to a known death is counted although no recovery could have been seen in it: who
    died cannot recover any more, and to censor the dead at their last visit would treat
    them like people who merely were not seen again. ``entry_months`` stands also beside
    an exclusion_reason when it is known: survival can be counted without visits. A visit is
    complete when it has the ``score``. Participants with a ``sampling_day`` enter then at the
    earliest: whose genotype is known lived to be sampled, and cannot have died before.
    """
    usable = usable_visit(alsfrsr, participant, score).groupby("participant_id")["day"]
    row = _days(participant).assign(
        origin_day=origin_day(participant, time_origin),
        first_visit_day=usable.min().astype("Int64"),
        last_visit_day=usable.max().astype("Int64"),
        n_visit=usable.size(),
        sampling_day=_sampling_day(participant),
    )
    row["n_visit"] = row["n_visit"].fillna(0).astype("Int64")
    entry_day = _latest(row[["enrolment_day", "first_visit_day", "sampling_day"]])
    entry_day = _latest(row[["origin_day"]].assign(entry=entry_day)).where(entry_day.notna())
    return _survival(row, alsfrsr).assign(
        entry_day=entry_day,
        entry_months=months_between(row["origin_day"], entry_day),
        exit_day=_exit_day(row),
        exit_reason=_exit_reason(row),
        followed_months=months_between(row["first_visit_day"], row["last_visit_day"]),
        exclusion_reason=_exclusion_reason(row, alsfrsr.loc[alsfrsr[score].notna()]),
    )


def _days(participant: pd.DataFrame) -> pd.DataFrame:
    return participant.set_index("participant_id")[list(_DAY_COLUMNS)].astype("Int64")


def _sampling_day(participant: pd.DataFrame) -> pd.Series:
    """Day of sampling by participant_id; NULL where the frame does not say."""
    told = participant.reindex(columns=["participant_id", "sampling_day"])
    return told.set_index("participant_id")["sampling_day"].astype("Int64")


def _latest(days: pd.DataFrame) -> pd.Series:
    return days.max(axis=1).astype("Int64")


def _exit_day(row: pd.DataFrame) -> pd.Series:
    stopped = row[["death_day", "tracheostomy_day"]].min(axis=1).astype("Int64")
    return stopped.fillna(row["last_visit_day"])


def _exit_reason(row: pd.DataFrame) -> pd.Series:
    """Name what ends time at risk without a recovery; of two on one day, death."""
    death, tracheostomy = row["death_day"], row["tracheostomy_day"]
    died = death.notna() & ~(tracheostomy < death).fillna(False)
    reason = pd.Series("last_visit", index=row.index, dtype="object")
    return reason.mask(tracheostomy.notna(), "tracheostomy").mask(died, "death")


def _exclusion_reason(row: pd.DataFrame, complete_visit: pd.DataFrame) -> pd.Series:
    complete = complete_visit["participant_id"]
    reason = pd.Series(None, index=row.index, dtype="object")
    reason = reason.mask(row["origin_day"].isna(), "origin day unknown")
    reason = reason.mask(row["n_visit"] == 0, "no complete visit under observation")
    return reason.mask(~row.index.isin(complete), "no complete visit")


def _survival(row: pd.DataFrame, alsfrsr: pd.DataFrame) -> pd.DataFrame:
    """Add survival to death, else to the last contact or visit (complete or not)."""
    last_seen = alsfrsr.groupby("participant_id")["day"].max().astype("Int64")
    alive = _latest(row[["last_contact_day"]].assign(seen=last_seen))
    last_day = row["death_day"].fillna(alive)
    return row.assign(
        survival_months=months_between(row["origin_day"], last_day),
        event_death=row["death_day"].notna(),
    )
