"""Hazard ratio of carriers in bands of time, by event."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from alsrev_dagster.figures import style
from alsrev_dagster.vocabulary import MARK

TABLE = "result.hazard_by_time"
_COLUMNS = (
    "locus", "variant_id", "event", "from_months", "until_months", "n_event", "ratio", "ci_lower",
    "ci_upper", "method", "time_origin", "caveat", *MARK,
)  # fmt: skip
_SHOWN = (0.02, 50.0)
_COLOUR = {"recovery": style.CARRIER, "death": style.INK}
_MARKER = {"recovery": "o", "death": "D"}
_APART = {"recovery": -0.08, "death": 0.08}
"""Share of a band by which the two events stand aside of its middle."""


def hazard_by_time(hazard_by_time: pd.DataFrame, *, simulated: bool) -> Figure:
    """One point with its interval for each band and event, on a log axis."""
    rows = hazard_by_time
    style.require(rows, TABLE, _COLUMNS)
    variant, locus = (style.only(rows, name, TABLE) for name in ("variant_id", "locus"))
    origin = style.only(rows, "time_origin", TABLE) or "the time origin"
    words = style.Words(
        title=f"Hazard ratio over time: {style.named(locus, variant) or style.NONE}",
        subtitle="; ".join(
            f"{event}: {style.counted(int(part['n_event'].sum()), 'event')}"
            for event, part in rows.groupby("event", sort=False)
        ),
        table=TABLE,
        notes=(
            f"Method: {style.said_once(rows, 'method')}, within each band. Bars: 95% confidence "
            "interval, cut at the ends of the axis. A ratio that moves is not described by one "
            "number.",
            *style.caveat(rows),
        ),
        mark=style.confounded(rows),
    )
    fitted = rows[np.isfinite(rows["ratio"].astype(float))]
    with style.applied():
        figure, axes = style.canvas(words, simulated=simulated)
        if fitted.empty:
            style.say_nothing_to_draw(axes, "no band of time with an estimate")
            return figure
        axes.set_yscale("log")
        axes.axhline(1, color=style.GUIDE, lw=1)
        for event, part in fitted.groupby("event", sort=False):
            width = part["until_months"] - part["from_months"]
            at = part["from_months"] + width * (0.5 + _APART[str(event)])
            ratio, lower, upper = (
                part[name].astype(float).clip(*_SHOWN) for name in ("ratio", "ci_lower", "ci_upper")
            )
            axes.errorbar(
                at, ratio, yerr=np.array([ratio - lower, upper - ratio]), fmt=_MARKER[str(event)],
                color=_COLOUR[str(event)], ms=5, lw=1.5, label=str(event),
            )  # fmt: skip
        axes.set_ylim(*_SHOWN)
        axes.set_xticks(sorted({*fitted["from_months"], *fitted["until_months"]}))
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.set_xlabel(f"time since {origin} (months)")
        axes.set_ylabel("hazard ratio, carriers (log scale)")
        axes.legend(loc="upper right", frameon=False)
    return figure
