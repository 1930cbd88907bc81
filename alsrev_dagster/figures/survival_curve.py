"""Kaplan-Meier survival, by carrier group."""

import pandas as pd
from matplotlib.figure import Figure

from alsrev_dagster.figures import curve, style
from alsrev_dagster.vocabulary import MARK

TABLE = "result.survival_curve"
_COLUMNS = (
    "locus", "variant_id", "carrier_group", "duration_months", "event_free", "ci_lower",
    "ci_upper", "n_at_risk", "n_event", "method", "time_origin", "caveat", *MARK,
)  # fmt: skip


def survival_curve(survival_curve: pd.DataFrame, *, simulated: bool) -> Figure:
    """Step probability of survival with bands, and numbers at risk beneath."""
    style.require(survival_curve, TABLE, _COLUMNS)
    variant = style.only(survival_curve, "variant_id", TABLE)
    locus = style.only(survival_curve, "locus", TABLE)
    origin = style.only(survival_curve, "time_origin", TABLE) or "the time origin"
    words = style.Words(
        title=f"Survival by carrier status: {style.named(locus, variant) or style.NONE}",
        subtitle=curve.events_by_group(survival_curve, "death"),
        table=TABLE,
        notes=(
            f"Method: {style.said_once(survival_curve, 'method')}, with delayed entry. "
            "Bands: 95% confidence interval.",
            *curve.conditions(survival_curve),
            *style.caveat(survival_curve),
        ),
        mark=style.confounded(survival_curve),
    )
    groups = curve.groups_of(survival_curve)
    with style.applied():
        figure, axes = style.canvas(words, simulated=simulated, frame=curve.room_for(len(groups)))
        if survival_curve.empty:
            style.say_nothing_to_draw(axes, "no survival curve for this variant")
            return figure
        curve.draw_steps(axes, survival_curve, "event_free", at_start=1.0)
        ticks = curve.finish(
            axes,
            last=float(survival_curve["duration_months"].max()),
            xlabel=f"time since {origin} (months)",
            ylabel="probability of survival (fraction)",
        )
        axes.set_ylim(0, 1.02)
        curve.draw_rows(axes, curve.at_risk(survival_curve, ticks))
    return figure
