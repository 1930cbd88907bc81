"""Mean ALSFRS-R total over time, by carrier status, of those who were seen."""

import numpy as np
import pandas as pd
from scipy.stats import t as student_t

from alsrev_dagster.survival.groups import CARRIER_GROUP, carrier_by_participant
from alsrev_dagster.survival.tables import result_table


def trajectory(
    carrier: pd.DataFrame,
    visit: pd.DataFrame,
    *,
    time_origin: str,
    interval_months: float,
    caveat: str,
) -> pd.DataFrame:
    """result.trajectory: mean total by carrier group and interval of time since the origin.

    ``visit`` has participant_id, months_since_origin and a complete alsfrsr_total
    (clinical.time_axis.total_by_month). Intervals are [k w, (k + 1) w) months and named by
    their middle; visits before the origin are left out. A participant counts once in an
    interval, with the mean of its visits. The 95% interval is Student's; NULL for one.

    The dead and those who left are not in the mean: it is no estimate of anyone's course.
    """
    personal = _by_interval(visit, interval_months)
    key = ["locus", "variant_id", "carrier_group", "month"]
    joined = carrier_by_participant(carrier).merge(personal, on="participant_id")
    joined["carrier_group"] = joined["carrier"].map(CARRIER_GROUP)
    row = joined.groupby(key)["total"].agg(["count", "mean", "sem"]).reset_index()
    half = student_t.ppf(0.975, np.maximum(row["count"] - 1, 1)) * row["sem"]
    return result_table(
        "result.trajectory",
        [
            row.rename(columns={"count": "n", "mean": "mean_total"}).assign(
                ci_lower=row["mean"] - half, ci_upper=row["mean"] + half
            )
        ],
        method="mean_of_those_seen",
        time_origin=time_origin,
        caveat=caveat,
    )


def _by_interval(visit: pd.DataFrame, interval_months: float) -> pd.DataFrame:
    """Mean total of each participant in each interval."""
    after = visit[visit["months_since_origin"] >= 0]
    place = np.floor(after["months_since_origin"].astype("float64") / interval_months)
    seen = pd.DataFrame(
        {
            "participant_id": after["participant_id"],
            "month": (place + 0.5) * interval_months,
            "total": after["alsfrsr_total"].astype("float64"),
        }
    )
    return seen.groupby(["participant_id", "month"])["total"].mean().reset_index()
