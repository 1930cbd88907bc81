"""Samples on the first two principal components, by cohort. No name of any sample."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from alsrev_dagster.figures import style

TABLE = "core.sample_pc"
_COLUMNS = ("cohort", "is_projected", "pc1", "pc2", "is_outlier")
_MARKS = (
    (style.CARRIER, "o"),
    (style.HIGHLIGHT, "^"),
    (style.NON_CARRIER, "s"),
    (style.KEPT, "D"),
    (style.LEFT_OUT, "v"),
    (style.INK, "P"),
)
"""Colour and form together tell cohorts apart; further cohorts share the last."""
_N_NAMED = len(_MARKS) - 1


def components(sample_pc: pd.DataFrame, *, simulated: bool) -> Figure:
    """PC2 over PC1, a mark a sample; cohorts by size, the smallest drawn last.

    ``sample_pc`` holds rows of core.sample_pc with the cohort of each sample.
    """
    style.require(sample_pc, TABLE, _COLUMNS)
    rows = sample_pc.dropna(subset=["pc1", "pc2"])
    n_projected = int(rows["is_projected"].astype(bool).sum())
    n_outlier = int(rows["is_outlier"].fillna(False).astype(bool).sum())
    words = style.Words(
        title="Principal components of ancestry",
        subtitle=(
            f"n = {style.counted(len(rows), 'sample')}, {n_projected:,} of them projected; "
            f"{style.counted(n_outlier, 'outlier')} (ringed)"
        ),
        table=TABLE,
        notes=("Hollow: projected on the components of the others, and so drawn towards 0.",),
    )
    cohorts = list(rows["cohort"].value_counts().index)
    room = style.Frame(plot_height=3.2, above=0.2 + 0.2 * ((len(cohorts[: len(_MARKS)]) + 1) // 2))
    with style.applied():
        figure, axes = style.canvas(
            words, simulated=simulated, frame=style.EMPTY if rows.empty else room
        )
        if rows.empty:
            style.say_nothing_to_draw(axes, "no principal components")
        else:
            _draw(axes, rows, cohorts)
    return figure


def _draw(axes: Axes, rows: pd.DataFrame, cohorts: list[str]) -> None:
    for place, cohort in enumerate(cohorts):
        if place >= _N_NAMED and len(cohorts) > len(_MARKS):
            _scatter(axes, rows[rows["cohort"].isin(cohorts[place:])], place, "other cohorts")
            break
        _scatter(axes, rows[rows["cohort"] == cohort], place, style.shortened(cohort, 20))
    out = rows[rows["is_outlier"].fillna(False).astype(bool)]
    x, y = _places(out)
    axes.scatter(x, y, s=70, facecolors="none", edgecolors=style.INK, linewidths=0.8, zorder=9)
    axes.set_xlabel("PC1 (score)")
    axes.set_ylabel("PC2 (score)")
    axes.legend(loc="lower left", bbox_to_anchor=(-0.02, 0.99), ncols=2, borderaxespad=0.2)


def _places(rows: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x, y = (np.asarray(rows[name], dtype=np.float64) for name in ("pc1", "pc2"))
    return x, y


def _scatter(axes: Axes, rows: pd.DataFrame, place: int, label: str) -> None:
    colour, form = _MARKS[place]
    is_hollow = rows["is_projected"].astype(bool).to_numpy()
    text: str | None = f"{label} (n = {len(rows):,})"
    for hollow in (False, True):
        here = rows[is_hollow == hollow]
        if len(here):
            face = "none" if hollow else colour
            x, y = _places(here)
            axes.scatter(
                x, y, s=14, marker=form, facecolors=face, edgecolors=colour,
                linewidths=0.8, alpha=0.8, label=text, zorder=3 + place * 0.1,
            )  # fmt: skip
            text = None
