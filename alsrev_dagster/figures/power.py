"""Power against the number of cases, for several odds ratios."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from alsrev_dagster.figures import style

_SOURCE = "none; exact power of Fisher's test of carriers, by alsrev power"
_COLUMNS = ("odds_ratio", "alpha", "n_case", "power")
_COLOURS = (
    style.KEPT, style.CARRIER, style.LEFT_OUT, style.HIGHLIGHT, style.INK, style.NON_CARRIER,
)  # fmt: skip
_DASHES = ("-", (0, (4, 1.6)), (0, (1, 1.4)))


def power(
    frame: pd.DataFrame,
    *,
    cohort: tuple[int, int],
    control_carrier_freq: float,
    wanted: float,
    where: str = "",
    simulated: bool,
) -> Figure:
    """A line an odds ratio (colour) and significance level (dash), the controls as they are."""
    style.require(frame, "powers", _COLUMNS)
    n_case, n_control = cohort
    words = style.Words(
        title=f"Power by number of cases{f': {style.shortened(where, 44)}' if where else ''}",
        subtitle=f"n = {style.counted(n_control, 'control')}, {control_carrier_freq:.1%} of them "
        f"carriers; now {style.counted(n_case, 'case')}",
        table=_SOURCE,
        notes=(
            f"Grey: cases of now, and {wanted:.0%} power. Discrete tests lose power at some sizes "
            "that smaller ones have: the teeth are real.",
        ),
    )
    room = style.Frame(right=1.22, plot_height=2.6)
    with style.applied():
        figure, axes = style.canvas(words, simulated=simulated, frame=room)
        _draw(axes, frame)
        axes.axvline(n_case, color=style.GUIDE, lw=0.9, zorder=0)
        axes.axhline(wanted, color=style.GUIDE, lw=0.9, zorder=0)
    return figure


def _draw(axes: Axes, frame: pd.DataFrame) -> None:
    colour = dict(zip(sorted(frame["odds_ratio"].unique()), _COLOURS * 4, strict=False))
    dash = dict(zip(sorted(frame["alpha"].unique(), reverse=True), _DASHES * 4, strict=False))
    for (ratio, alpha), rows in frame.groupby(["odds_ratio", "alpha"], sort=False):
        axes.plot(
            rows["n_case"].to_numpy(dtype=np.float64), rows["power"], color=colour[ratio],
            ls=dash[alpha], lw=1.6,
        )  # fmt: skip
    for ratio in sorted(colour, reverse=True):
        axes.plot([], [], color=colour[ratio], lw=1.6, label=f"OR {ratio:g}")
    for alpha, line in dash.items():
        axes.plot([], [], color=style.FAINT, ls=line, lw=1.3, label=f"P ≤ {alpha:g}")
    axes.set_ylim(0, 1.02)
    axes.set_xlim(0, float(frame["n_case"].max()))
    axes.set_xlabel("cases (count)")
    axes.set_ylabel("power (fraction)")
    axes.legend(loc="upper left", bbox_to_anchor=(1.02, 1.02), borderaxespad=0.0)
