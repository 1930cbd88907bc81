"""Flow between stages from one time to the next, by carrier group: counts only."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from alsrev_dagster.figures import curve, style
from alsrev_dagster.vocabulary import MARK

TABLE = "result.stage_flow"
_COLUMNS = (
    "locus", "variant_id", "carrier_group", "staging", "month", "next_month",
    "from_stage", "to_stage", "n", "time_origin", "caveat", *MARK,
)  # fmt: skip
_COLOUR = ("#F7FBFF", "#D6E6F4", "#ABD0E6", "#6AAED6", "#2E7EBC", "#1A1A1A", "#FFFFFF")
"""Stages 0 to 4, then the dead and the unseen."""
_NAME = ("0", "1", "2", "3", "4", "dead", "unseen")
_STAGING = {
    "kings": "King's stage", "kings_recoded": "King's stage (0 recoded)",
    "kings_manera": "King's stage (Manera)", "mitos": "MiToS stage",
}  # fmt: skip
_DEAD = 5
_BAR = 0.16
"""Half the width of a bar, in intervals."""
_GAP = 0.22
"""Between the groups, in heights of one."""


def stage_flow(stage_flow: pd.DataFrame, *, simulated: bool) -> Figure:
    """Bars of stages at each time, and bands of how many went where; steps back stand out."""
    style.require(stage_flow, TABLE, _COLUMNS)
    variant = style.only(stage_flow, "variant_id", TABLE)
    locus = style.only(stage_flow, "locus", TABLE)
    origin = style.only(stage_flow, "time_origin", TABLE) or "the time origin"
    stages = _STAGING.get(style.only(stage_flow, "staging", TABLE), "Stage")
    groups = curve.groups_of(stage_flow)
    named = style.named(locus, variant) or style.NONE
    words = style.Words(
        title=f"{stages} flow by carrier status: {named}",
        subtitle=_people(stage_flow, groups),
        table=TABLE,
        notes=(
            "Height: share of the group. Orange bands: back to a lower stage. Unseen: no visit "
            "near that time; who is unseen is not at random.",
            *style.caveat(stage_flow),
        ),
        mark=style.confounded(stage_flow),
    )
    room = style.Frame(plot_height=1.35 * max(len(groups), 1), left=0.92, below=0.95)
    with style.applied():
        figure, axes = style.canvas(
            words, simulated=simulated, frame=room if groups else style.EMPTY
        )
        if not groups:
            style.say_nothing_to_draw(axes, "no stages for this variant")
            return figure
        for level, group in enumerate(reversed(groups)):
            rows = stage_flow[stage_flow["carrier_group"] == group]
            _draw_group(axes, rows, base=level * (1 + _GAP))
        _finish(axes, stage_flow, groups, origin)
    return figure


def _people(frame: pd.DataFrame, groups: list[str]) -> str:
    """N of each group: of its first interval."""
    parts = []
    for group in groups:
        rows = frame[frame["carrier_group"] == group]
        n = int(rows.loc[rows["month"] == rows["month"].min(), "n"].sum())
        parts.append(f"{style.GROUPS[group]} {n:,}")
    return f"n of people: {', '.join(parts) or 0}"


def _draw_group(axes: Axes, rows: pd.DataFrame, *, base: float) -> None:
    """Bars and bands of one group, stage 0 on top."""
    months = np.unique(rows[["month", "next_month"]].to_numpy(dtype=float))
    step = float(np.diff(months).min()) if len(months) > 1 else 1.0
    for month in months[:-1]:
        here = rows[rows["month"] == month]
        flow = np.zeros((len(_NAME), len(_NAME)))
        at = tuple([_NAME.index(name) for name in here[end]] for end in ("from_stage", "to_stage"))
        np.add.at(flow, at, here["n"].to_numpy(dtype=float))
        flow /= max(flow.sum(), 1.0)
        _draw_bands(axes, flow, (month + _BAR * step, month + (1 - _BAR) * step), base)
        _draw_bar(axes, flow.sum(axis=1), month, _BAR * step, base)
        _draw_bar(axes, flow.sum(axis=0), month + step, _BAR * step, base)


def _draw_bar(
    axes: Axes, share: NDArray[np.float64], month: float, half: float, base: float
) -> None:
    """Shares of the stages at one time, from the top down."""
    top = base + 1 - np.concatenate([[0.0], np.cumsum(share)])
    for stage in np.flatnonzero(share > 0):
        axes.bar(
            month, share[stage], width=2 * half, bottom=top[stage + 1], color=_COLOUR[stage],
            edgecolor=style.FAINT, linewidth=0.5, hatch="////" if stage > _DEAD else None, zorder=3,
        )  # fmt: skip


def _draw_bands(
    axes: Axes, flow: NDArray[np.float64], span: tuple[float, float], base: float
) -> None:
    """Bands between two bars: smooth, and orange where the stage is lower after."""
    x = np.linspace(0, 1, 24)
    ease = x * x * (3 - 2 * x)
    months = span[0] + (span[1] - span[0]) * x
    before = base + 1 - np.concatenate([[0.0], np.cumsum(flow.sum(axis=1))])[:-1]
    after = base + 1 - np.concatenate([[0.0], np.cumsum(flow.sum(axis=0))])[:-1]
    for stage, following in np.argwhere(flow > 0):
        n = flow[stage, following]
        top = before[stage] + (after[following] - before[stage]) * ease
        is_back = following < stage < _DEAD
        axes.fill_between(
            months, top - n, top, lw=0,
            color=style.HIGHLIGHT if is_back else style.GUIDE, alpha=0.75 if is_back else 0.3,
        )  # fmt: skip
        before[stage] -= n
        after[following] -= n


def _finish(axes: Axes, frame: pd.DataFrame, groups: list[str], origin: str) -> None:
    months = np.unique(frame[["month", "next_month"]].to_numpy(dtype=float))
    axes.set_xticks(months)
    axes.set_xticklabels([f"{month:g}" for month in months])
    axes.set_xlabel(f"time since {origin} (months)")
    axes.set_ylabel("")
    places = [0.5 + level * (1 + _GAP) for level in range(len(groups))]
    axes.set_yticks(places, [style.GROUPS[group] for group in reversed(groups)])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_ylim(-0.03, places[-1] + 0.53)
    handles = [
        axes.bar(
            np.nan, 0, color=_COLOUR[stage], edgecolor=style.FAINT, linewidth=0.5,
            hatch="////" if stage > _DEAD else None, label=name,
        )
        for stage, name in enumerate(_NAME)
    ]  # fmt: skip
    axes.legend(
        handles=handles, loc="upper center", bbox_to_anchor=(0.45, -0.40 / len(groups)), ncols=7,
        handlelength=1.0, columnspacing=0.9, handletextpad=0.4,
    )  # fmt: skip
