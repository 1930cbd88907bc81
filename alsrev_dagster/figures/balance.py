"""Standardised differences between cases and controls, before and after matching."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from alsrev_dagster.figures import style

TABLE = "result.balance"
_COLUMNS = ("contrast", "covariate", "stage", "n_case", "n_control", "standardised_difference")
_STAGES = {"eligible": (style.LEFT_OUT, "o", True), "compared": (style.CARRIER, "D", False)}
_LIMIT = 0.1
"""Below, either way, is balance (Austin 2009)."""
_ROW_IN, _LEFT_IN = 0.19, 1.75


def balance(frame: pd.DataFrame, *, simulated: bool, mark: str = "") -> Figure:
    """A row a contrast and covariate: cases less controls, in standard deviations.

    ``mark`` says by what the contrasts are confounded, where that is known already: the table is
    there to be looked at before.
    """
    style.require(frame, TABLE, _COLUMNS)
    rows = frame.dropna(subset=["standardised_difference"])
    n_contrast = rows["contrast"].nunique()
    words = style.Words(
        title="Balance of cases and controls",
        subtitle=f"{style.counted(n_contrast, 'contrast')}: {_sizes(rows)}",
        table=TABLE,
        mark=mark,
        notes=(
            "Hollow: all that could be compared, where a contrast is matched; filled: those that "
            f"are. Dashed: {_LIMIT:g} SD either way, below which is balance.",
        ),
    )
    names = rows[["contrast", "covariate"]].drop_duplicates().itertuples(index=False)
    lines = [(str(contrast), str(covariate)) for contrast, covariate in names]
    room = style.Frame(left=_LEFT_IN, plot_height=max(len(lines), 1) * _ROW_IN + 0.2, above=0.32)
    with style.applied():
        figure, axes = style.canvas(
            words, simulated=simulated, frame=room if lines else style.EMPTY
        )
        if lines:
            _draw(axes, rows, lines)
        else:
            style.say_nothing_to_draw(axes, "no contrast has both sides")
    return figure


def _sizes(rows: pd.DataFrame) -> str:
    of_set = rows[rows["stage"] == "compared"].groupby("contrast", sort=False)[
        ["n_case", "n_control"]
    ]
    told = [
        f"{style.shortened(str(name), 16)} {int(n['n_case']):,} v {int(n['n_control']):,}"
        for name, n in of_set.max().iterrows()
    ]
    return "; ".join(told) or style.NONE


def _draw(axes: Axes, rows: pd.DataFrame, lines: list[tuple[str, str]]) -> None:
    place = {line: y for y, line in enumerate(lines)}
    for stage, (colour, form, is_hollow) in _STAGES.items():
        here = rows[rows["stage"] == stage]
        if here.empty:
            continue
        at = [place[line] for line in zip(here["contrast"], here["covariate"], strict=True)]
        axes.scatter(
            here["standardised_difference"].to_numpy(dtype=np.float64), at, s=20, marker=form,
            facecolors="none" if is_hollow else colour, edgecolors=colour, label=stage, zorder=3,
        )  # fmt: skip
    for x, dash in ((0.0, "-"), (-_LIMIT, (0, (4, 2))), (_LIMIT, (0, (4, 2)))):
        axes.axvline(x, color=style.GUIDE, lw=0.9, ls=dash)
    axes.set_ylim(len(lines) - 0.4, -0.6)
    words = [f"{style.shortened(a, 14)}: {style.shortened(b, 16)}" for a, b in lines]
    axes.set_yticks(range(len(lines)), words, size=7.5)
    axes.set_xlabel("cases less controls (SD)")
    axes.legend(loc="lower left", bbox_to_anchor=(-0.02, 0.99), ncols=2, borderaxespad=0.2)
