"""How many recover over a grid of definitions, and how many would by noise alone."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from alsrev_dagster.figures import style

TABLE = "result.recovery_grid"
COLOURS = (style.KEPT, style.CARRIER, style.LEFT_OUT, style.HIGHLIGHT, style.INK, style.NON_CARRIER)
_COLUMNS = (
    "over", "min_gain_points", "min_duration_days", "n_confirming_visit", "n_followed",
    "n_recovered", "expected_false_rate", "n_simulation", "caveat",
)  # fmt: skip


def recovery_grid(recovery_grid: pd.DataFrame, *, simulated: bool) -> Figure:
    """A line the points asked for: recovered (solid) and expected by noise alone (dotted)."""
    style.require(recovery_grid, TABLE, _COLUMNS)
    rows = one_panel(recovery_grid)
    words = style.Words(
        title="How many recovered, by definition",
        subtitle=f"n = {_range(rows['n_followed'])} followed for longer than the duration; "
        f"{panel_words(rows)}",
        table=TABLE,
        notes=(
            "Solid: recovered. Dotted: the mean over "
            f"{style.said_once(rows, 'n_simulation')} cohorts drawn with the same visits and "
            "scatter, in which everybody only declines.",
            *style.caveat(rows),
        ),
    )
    with style.applied():
        figure, axes = style.canvas(
            words, simulated=simulated, frame=style.Frame(right=1.1, plot_height=2.6)
        )
        if rows.empty:
            style.say_nothing_to_draw(axes, "no definition in the grid")
            return figure
        for i, (points, line) in enumerate(rows.groupby("min_gain_points")):
            colour = COLOURS[i % len(COLOURS)]
            month = line["min_duration_days"] / 30.4375
            expected = line["expected_false_rate"] * line["n_followed"]
            axes.plot(month, line["n_recovered"], "o-", color=colour, lw=1.6, ms=4,
                      label=f"{points} points")  # fmt: skip
            axes.plot(month, expected, color=colour, lw=1.2, ls=(0, (1, 1.4)))
        axes.set_ylim(bottom=0)
        finish(axes, rows, "participants (count)")
    return figure


def one_panel(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows over the nadir, with the fewest confirming visits, or of what there is of the two."""
    over = "nadir" if (frame["over"] == "nadir").any() else frame["over"].min()
    rows = frame[frame["over"] == over]
    fewest = rows[rows["n_confirming_visit"] == rows["n_confirming_visit"].min()]
    ordered: pd.DataFrame = fewest.sort_values(["min_gain_points", "min_duration_days"])
    return ordered


def panel_words(rows: pd.DataFrame) -> str:
    """What all rows of a panel ask for alike."""
    n = style.said_once(rows, "n_confirming_visit")
    what = "visit" if n == "1" else "visits"
    return f"over the {style.said_once(rows, 'over')}, {n} confirming {what} or more"


def finish(axes: Axes, rows: pd.DataFrame, ylabel: str) -> None:
    """Name the axes and the lines; a tick a duration."""
    months = [round(days / 30.4375) for days in sorted(rows["min_duration_days"].unique())]
    axes.set_xticks(months)
    axes.set_xlabel("the gain must last (months)")
    axes.set_ylabel(ylabel)
    axes.legend(loc="upper left", bbox_to_anchor=(1.02, 1.02), borderaxespad=0.0)


def _range(counts: "pd.Series[int]") -> str:
    if counts.empty:
        return "0"
    low, high = int(counts.min()), int(counts.max())
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
