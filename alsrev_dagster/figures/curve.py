"""What curves by carrier group share: steps, bands, and numbers at risk beneath."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from alsrev_dagster.figures import style

_TICK_STEPS = (12, 24, 36, 60, 120, 240)
_CONDITION = "conditional on no event by"
_ROW_PT = 12.5
_FIRST_ROW_PT = 47.0
_LEFT_IN = 0.98
_LABEL_PT = (_LEFT_IN - 0.10) * 72


@dataclass(frozen=True)
class Rows:
    """Numbers under the axes: a heading, and by group the text at each place on the time axis."""

    heading: str
    by_group: Mapping[str, Mapping[float, str]]


def room_for(n_group: int) -> style.Frame:
    """Room for the axes and for that many rows of numbers beneath them."""
    if n_group == 0:
        return style.EMPTY
    rows_in = (_ROW_PT * (n_group + 1) + 6) / 72
    return style.Frame(left=_LEFT_IN, below=0.56 + rows_in, above=0.32)


def groups_of(frame: pd.DataFrame) -> list[str]:
    """Carrier groups that are in the table, carriers first."""
    found = set(frame["carrier_group"].astype(str))
    return [name for name in style.GROUPS if name in found]


def month_ticks(last: float) -> list[float]:
    """Ticks at whole years, at most seven of them: where the curves' tables have rows."""
    step = next((s for s in _TICK_STEPS if last / s <= 6), _TICK_STEPS[-1])
    return [float(t) for t in np.arange(0, last + step * 1e-6, step)]


def draw_steps(axes: Axes, frame: pd.DataFrame, column: str, *, at_start: float) -> None:
    """One right-continuous step line a group, with its band; a conditional one starts late."""
    for group in groups_of(frame):
        rows = frame[frame["carrier_group"] == group].sort_values("duration_months")
        time = rows["duration_months"].to_numpy(dtype=float)
        value = rows[column].to_numpy(dtype=float)
        lower = rows["ci_lower"].to_numpy(dtype=float)
        upper = rows["ci_upper"].to_numpy(dtype=float)
        if time[0] > 0 and not conditions(rows):
            time = np.insert(time, 0, 0.0)
            value, lower, upper = (np.insert(v, 0, at_start) for v in (value, lower, upper))
        colour = style.GROUP_COLOUR[group]
        axes.fill_between(time, lower, upper, step="post", color=colour, alpha=0.18, lw=0)
        axes.step(
            time, value, where="post", color=colour, lw=1.8,
            ls=style.GROUP_LINE[group], label=style.GROUPS[group],
        )  # fmt: skip


def conditions(frame: pd.DataFrame) -> tuple[str, ...]:
    """What a group's curve is conditional on, as its caveat says; a sentence a group."""
    found = frame[frame["caveat"].str.contains(_CONDITION, regex=False)]
    by_group = found.drop_duplicates("carrier_group")
    return tuple(
        f"{style.GROUPS[str(row.carrier_group)]}: {_CONDITION}"
        f"{str(row.caveat).partition(_CONDITION)[2]}."
        for row in by_group.itertuples()
    )


def finish(axes: Axes, *, last: float, xlabel: str, ylabel: str) -> list[float]:
    """Axis titles, ticks in months and the legend; returns the ticks."""
    ticks = month_ticks(last)
    axes.set_xticks(ticks)
    axes.set_xlim(0, max(last, ticks[-1]) * 1.02)
    axes.set_xlabel(xlabel)
    axes.set_ylabel(ylabel)
    axes.legend(loc="lower left", bbox_to_anchor=(-0.02, 0.99), ncols=2, borderaxespad=0.2)
    return ticks


def at_risk(frame: pd.DataFrame, ticks: Sequence[float]) -> Rows:
    """At each tick the n_at_risk of the row that stands there; blank where none does."""
    by_group: dict[str, dict[float, str]] = {}
    for group in groups_of(frame):
        rows = frame[frame["carrier_group"] == group].sort_values("duration_months")
        n_at = dict(zip(rows["duration_months"], rows["n_at_risk"], strict=True))
        by_group[group] = {tick: f"{int(n_at[tick]):,}" if tick in n_at else "" for tick in ticks}
    return Rows("number at risk", by_group)


def draw_rows(axes: Axes, rows: Rows) -> None:
    """Set the numbers beneath the axes, each under its place on the time axis."""
    below = -_FIRST_ROW_PT
    _beneath(axes, rows.heading, at=0.0, left=True, below=below, colour=style.FAINT)
    for group, texts in rows.by_group.items():
        below -= _ROW_PT
        colour = style.GROUP_COLOUR[group]
        _beneath(axes, style.GROUPS[group], at=0.0, left=True, below=below, colour=colour)
        for tick, text in texts.items():
            _beneath(axes, text, at=tick, left=False, below=below, colour=colour)


def _beneath(axes: Axes, text: str, *, at: float, left: bool, below: float, colour: str) -> None:
    axes.annotate(
        text,
        xy=(at, 0), xycoords="axes fraction" if left else axes.get_xaxis_transform(),
        xytext=(-_LABEL_PT if left else 0, below), textcoords="offset points",
        ha="left" if left else "center", va="baseline", size=8, color=colour,
        annotation_clip=False,
    )  # fmt: skip


def events_by_group(frame: pd.DataFrame, noun: str) -> str:
    """Events and the most at risk at once, a line for each group."""
    parts = []
    for group in groups_of(frame):
        rows = frame[frame["carrier_group"] == group]
        parts.append(
            f"{style.GROUPS[group]}: {style.counted(int(rows['n_event'].sum()), noun)}, "
            f"at most n = {int(rows['n_at_risk'].max()):,} at risk at once"
        )
    return "\n".join(parts) if parts else "n = 0"
