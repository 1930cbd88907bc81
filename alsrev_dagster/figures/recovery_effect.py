"""Odds ratio of having recovered, carriers against the rest, over a grid of definitions."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from alsrev_dagster.figures import style
from alsrev_dagster.figures.recovery_grid import COLOURS, finish, one_panel, panel_words
from alsrev_dagster.vocabulary import MARK

TABLE = "result.recovery_effect"
_COLUMNS = (
    "locus", "variant_id", "over", "min_gain_points", "min_duration_days", "n_confirming_visit",
    "n", "n_carrier", "n_event", "n_event_carrier", "odds_ratio", "ci_lower", "ci_upper", "method",
    "strata", "caveat", *MARK,
)  # fmt: skip
_DODGE_MONTHS = 0.28


def recovery_effect(recovery_effect: pd.DataFrame, *, simulated: bool) -> Figure:
    """Odds ratio with its interval by duration, a colour the points asked for; logarithmic."""
    style.require(recovery_effect, TABLE, _COLUMNS)
    rows = one_panel(recovery_effect)
    variant, locus = (style.only(rows, name, TABLE) for name in ("variant_id", "locus"))
    words = style.Words(
        title=f"Carriers and recovery, by definition: {style.named(locus, variant) or style.NONE}",
        subtitle=f"n = {_counts(rows)}; {panel_words(rows)}",
        table=TABLE,
        notes=(
            f"Odds ratio of having recovered, {_within(rows)}: {style.said_once(rows, 'method')}. "
            "Bars: 95% confidence interval.",
            *style.caveat(rows),
        ),
        mark=style.confounded(rows),
    )
    with style.applied():
        figure, axes = style.canvas(
            words, simulated=simulated, frame=style.Frame(right=1.1, plot_height=2.6)
        )
        drawn = rows.dropna(subset=["odds_ratio", "ci_lower", "ci_upper"])
        if drawn.empty:
            style.say_nothing_to_draw(axes, "nobody recovered by any of the definitions")
            return figure
        for i, (points, line) in enumerate(drawn.groupby("min_gain_points")):
            ratio, colour = line["odds_ratio"], COLOURS[i % len(COLOURS)]
            month = line["min_duration_days"] / 30.4375 + _DODGE_MONTHS * (i - 1.5)
            bars = np.array([ratio - line["ci_lower"], line["ci_upper"] - ratio], dtype=float)
            axes.errorbar(month, ratio, yerr=bars, fmt="o", color=colour, ms=4, elinewidth=1.2,
                          label=f"{points} points")  # fmt: skip
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.axhline(1.0, color=style.GUIDE, lw=0.9, zorder=0)
        finish(axes, rows, "odds ratio (carriers, log scale)")
    return figure


def _within(rows: pd.DataFrame) -> str:
    """What is held alike between those compared."""
    strata = style.only(rows, "strata", TABLE)
    return f"within strata of {strata}" if strata else "not adjusted"


def _counts(rows: pd.DataFrame) -> str:
    """Carriers and the others who recovered, by the loosest and the strictest definition."""
    if rows.empty:
        return "0"
    first, last = rows.iloc[0], rows.iloc[-1]
    told = [
        f"{row['n_event_carrier']} of {row['n_carrier']} carriers and "
        f"{row['n_event'] - row['n_event_carrier']} of {row['n'] - row['n_carrier']} others "
        f"recovered ({row['min_gain_points']} points for {row['min_duration_days']} days)"
        for row in (first, last)
    ]
    return f"{int(first['n'])} to {int(last['n'])}; {'; '.join(told)}"
