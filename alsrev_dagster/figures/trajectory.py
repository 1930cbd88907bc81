"""Mean ALSFRS-R total over time, by carrier group."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from alsrev_dagster.figures import curve, style
from alsrev_dagster.vocabulary import MARK

TABLE = "result.trajectory"
_COLUMNS = (
    "locus", "variant_id", "carrier_group", "month", "n", "mean_total", "ci_lower", "ci_upper",
    "method", "time_origin", "caveat", *MARK,
)  # fmt: skip
_MOST_COLUMNS = 9


def trajectory(trajectory: pd.DataFrame, *, simulated: bool) -> Figure:
    """Mean total of those seen in each interval, with confidence intervals and n."""
    style.require(trajectory, TABLE, _COLUMNS)
    variant = style.only(trajectory, "variant_id", TABLE)
    locus = style.only(trajectory, "locus", TABLE)
    origin = style.only(trajectory, "time_origin", TABLE) or "the time origin"
    words = style.Words(
        title=f"ALSFRS-R by carrier status: {style.named(locus, variant) or style.NONE}",
        subtitle=_most_seen(trajectory),
        table=TABLE,
        notes=(
            f"Method: {style.said_once(trajectory, 'method')}; means of those seen in each "
            "interval, with 95% confidence intervals. Those who die leave the mean.",
            *style.caveat(trajectory),
        ),
        mark=style.confounded(trajectory),
    )
    groups = curve.groups_of(trajectory)
    with style.applied():
        figure, axes = style.canvas(words, simulated=simulated, frame=curve.room_for(len(groups)))
        if trajectory.empty:
            style.say_nothing_to_draw(axes, "no scores for this variant")
            return figure
        _draw_means(axes, trajectory)
        curve.finish(
            axes,
            last=float(trajectory["month"].max()),
            xlabel=f"time since {origin} (months)",
            ylabel="mean ALSFRS-R total (0-48)",
        )
        axes.set_ylim(0, 49)
        axes.set_yticks(range(0, 49, 12))
        curve.draw_rows(axes, _n_seen(trajectory))
    return figure


def _draw_means(axes: Axes, frame: pd.DataFrame) -> None:
    for group in curve.groups_of(frame):
        rows = frame[frame["carrier_group"] == group].sort_values("month")
        month, mean = rows["month"].to_numpy(dtype=float), rows["mean_total"].to_numpy(dtype=float)
        lower = rows["ci_lower"].to_numpy(dtype=float)
        upper = rows["ci_upper"].to_numpy(dtype=float)
        colour = style.GROUP_COLOUR[group]
        axes.fill_between(month, lower, upper, color=colour, alpha=0.18, lw=0)
        axes.plot(
            month, mean, color=colour, lw=1.6, marker="o", ms=3.5,
            ls=style.GROUP_LINE[group], label=style.GROUPS[group],
        )  # fmt: skip


def _n_seen(frame: pd.DataFrame) -> curve.Rows:
    """N of evenly taken intervals, so that the numbers do not run together."""
    months = np.sort(frame["month"].unique())
    months = months[:: -(-len(months) // _MOST_COLUMNS)]
    by_group = {}
    for group in curve.groups_of(frame):
        rows = frame[frame["carrier_group"] == group].set_index("month")["n"]
        by_group[group] = {float(m): f"{int(rows[m]):,}" if m in rows.index else "" for m in months}
    return curve.Rows("n seen", by_group)


def _most_seen(frame: pd.DataFrame) -> str:
    parts = [
        f"{style.GROUPS[group]} {int(frame.loc[frame['carrier_group'] == group, 'n'].max()):,}"
        for group in curve.groups_of(frame)
    ]
    return f"n seen in the fullest interval: {', '.join(parts) or 0}"
