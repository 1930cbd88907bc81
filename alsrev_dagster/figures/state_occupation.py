"""Chance of being recovered over time since entry, by carrier group: it can fall again."""

import pandas as pd
from matplotlib.figure import Figure

from alsrev_dagster.figures import curve, style
from alsrev_dagster.vocabulary import MARK
from alsrev_dagster.vocabulary.states import RECOVERED

TABLE = "result.state_occupation"
_COLUMNS = (
    "locus", "variant_id", "carrier_group", "states", "month", "state", "n", "n_at_risk",
    "probability", "ci_lower", "ci_upper", "definition", "method", "time_origin", "caveat", *MARK,
)  # fmt: skip


def state_occupation(state_occupation: pd.DataFrame, *, simulated: bool) -> Figure:
    """Share of each group that is alive and recovered at each time, with numbers under observation.

    The rows are of the states of a recovery; the other states are in the table.
    """
    style.require(state_occupation, TABLE, _COLUMNS)
    variant = style.only(state_occupation, "variant_id", TABLE)
    locus = style.only(state_occupation, "locus", TABLE)
    origin = style.only(state_occupation, "time_origin", TABLE) or "the time origin"
    rows = state_occupation[state_occupation["state"] == RECOVERED]
    rows = rows.rename(columns={"month": "duration_months"})
    words = style.Words(
        title=f"Alive and recovered by carrier status: {style.named(locus, variant) or style.NONE}",
        subtitle=_people(rows),
        table=TABLE,
        notes=(
            f"Recovery by {style.said_once(rows, 'definition')}, lost when the gain is gone; over "
            f"all strata. Method: {style.said_once(rows, 'method')}, told at some months; 95% "
            "intervals.",
            *style.caveat(rows),
        ),
        mark=style.confounded(rows),
    )
    groups = curve.groups_of(rows)
    with style.applied():
        figure, axes = style.canvas(words, simulated=simulated, frame=curve.room_for(len(groups)))
        if rows.empty:
            style.say_nothing_to_draw(
                axes, "nobody recovered, of those with a call of this variant"
            )
            return figure
        curve.draw_steps(axes, rows, "probability", at_start=0.0)
        ticks = curve.finish(
            axes,
            last=float(rows["duration_months"].max()),
            xlabel=f"time since {origin} (months)",
            ylabel="probability of being recovered",
        )
        axes.set_ylim(0, 1)
        at_ticks = curve.at_risk(rows, ticks)
        curve.draw_rows(axes, curve.Rows("under observation", at_ticks.by_group))
    return figure


def _people(rows: pd.DataFrame) -> str:
    """N of each group."""
    parts = [
        f"{style.GROUPS[group]} {int(rows.loc[rows['carrier_group'] == group, 'n'].max()):,}"
        for group in curve.groups_of(rows)
    ]
    return f"n of people: {', '.join(parts) or 0}"
