"""Cumulative incidence of recovery, by carrier group."""

import pandas as pd
from matplotlib.figure import Figure

from alsrev_dagster.figures import curve, style
from alsrev_dagster.vocabulary import MARK

TABLE = "result.recovery_curve"
_COLUMNS = (
    "locus", "variant_id", "definition", "carrier_group", "event", "duration_months",
    "cumulative_incidence", "ci_lower", "ci_upper", "n_at_risk", "n_event", "method",
    "time_origin", "caveat", *MARK,
)  # fmt: skip


def recovery_curve(recovery_curve: pd.DataFrame, *, simulated: bool) -> Figure:
    """Step cumulative incidence of recovery with bands, and numbers at risk beneath."""
    style.require(recovery_curve, TABLE, _COLUMNS)
    rows = recovery_curve[recovery_curve["event"] == "recovery"]
    variant = style.only(rows, "variant_id", TABLE)
    locus = style.only(rows, "locus", TABLE)
    origin = style.only(rows, "time_origin", TABLE) or "the time origin"
    words = style.Words(
        title=f"Recovery by carrier status: {style.named(locus, variant) or style.NONE}",
        subtitle=curve.events_by_group(rows, "recovery").replace("recoverys", "recoveries"),
        table=TABLE,
        notes=(
            f"Definition: {style.said_once(rows, 'definition')}. Method: "
            f"{style.said_once(rows, 'method')}; death competes. Bands: 95% confidence interval.",
            *curve.conditions(rows),
            *style.caveat(rows),
        ),
        mark=style.confounded(rows),
    )
    with style.applied():
        figure, axes = style.canvas(
            words, simulated=simulated, frame=curve.room_for(len(curve.groups_of(rows)))
        )
        if rows.empty:
            style.say_nothing_to_draw(axes, "no recovery curve for this variant")
            return figure
        curve.draw_steps(axes, rows, "cumulative_incidence", at_start=0.0)
        ticks = curve.finish(
            axes,
            last=float(rows["duration_months"].max()),
            xlabel=f"time since {origin} (months)",
            ylabel="cumulative incidence (fraction)",
        )
        highest = rows[["cumulative_incidence", "ci_upper"]].max().max()
        axes.set_ylim(0, min(1.0, max(0.05, float(highest) * 1.1)))
        curve.draw_rows(axes, curve.at_risk(rows, ticks))
    return figure
