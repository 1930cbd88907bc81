"""Ratios of the models of one variant, over definitions and models, beside their counts."""

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from alsrev_dagster.figures import style
from alsrev_dagster.vocabulary import MARK

TABLES = "result.recovery_model, result.survival_model"
_COLUMNS = (
    "locus", "variant_id", "genetic_model", "event", "definition", "method", "ratio_of", "n",
    "n_event", "ratio", "ci_lower", "ci_upper", "fit_status", *MARK,
)  # fmt: skip
_CODING = {"dominant": "carriers", "recessive": "homozygotes", "additive": "each allele"}
_ROW_IN = 0.58
_LEFT_IN = 2.12
_SHOWN = (0.01, 100.0)
"""An interval that goes on beyond these ends in an arrow."""


def forest(models: pd.DataFrame, *, simulated: bool) -> Figure:
    """Ratios of hazards and odds of one variant's recovery and survival models, on a log axis.

    ``models`` holds rows of result.recovery_model, result.survival_model or both. A row
    without an estimate says why, in words.
    """
    style.require(models, TABLES, _COLUMNS)
    rows = models.astype(dict.fromkeys(("ratio", "ci_lower", "ci_upper"), float))
    variant = style.only(rows, "variant_id", TABLES)
    locus = style.only(rows, "locus", TABLES)
    fewest, most = (int(rows["n"].min()), int(rows["n"].max())) if len(rows) else (0, 0)
    span = f"{fewest:,}" if fewest == most else f"{fewest:,} to {most:,}"
    words = style.Words(
        title=f"Ratios of hazards and odds: {style.named(locus, variant) or style.NONE}",
        subtitle=f"{style.counted(len(rows), 'model')}, n = {span} participants",
        table=TABLES,
        notes=(
            "Bars: 95% confidence interval. Above 1: more or faster recovery, or earlier death.",
        ),
        mark=style.confounded(rows),
    )
    room = style.EMPTY
    if len(rows):
        room = style.Frame(left=_LEFT_IN, plot_height=len(rows) * _ROW_IN + 0.1, right=0.24)
    with style.applied():
        figure, axes = style.canvas(words, simulated=simulated, frame=room)
        if rows.empty:
            style.say_nothing_to_draw(axes, "no model for this variant")
        else:
            _draw(axes, rows)
    return figure


def _draw(axes: Axes, rows: pd.DataFrame) -> None:
    low, high = _limits(rows)
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.axvline(1, color=style.GUIDE, lw=1)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    for y, row in enumerate(rows.to_dict("records")):
        axes.annotate(
            f"{style.shortened(_first_line(row), 36)}\n{style.shortened(_second_line(row), 36)}\n"
            f"{style.shortened(_third_line(row), 36)}",
            xy=(0, y), xycoords=("axes fraction", "data"),
            xytext=(-(_LEFT_IN - 0.10) * 72, 0), textcoords="offset points",
            va="center", size=8.5, linespacing=1.3, annotation_clip=False,
        )  # fmt: skip
        ratio = [float(row[name]) for name in ("ratio", "ci_lower", "ci_upper")]
        if np.isfinite(ratio[0]):
            _draw_row(axes, y, str(row["event"]), ratio)
        else:
            status = str(row["fit_status"]).replace("_", " ")
            text = f"not estimated: {status}" if status != "ok" else "not estimated"
            axes.annotate(
                text, xy=(0.5, y), xycoords=("axes fraction", "data"), ha="center", va="center",
                size=8.5, color=style.FAINT, style="italic",
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
            )  # fmt: skip
    axes.set_xlabel("ratio (log scale)")
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if high / low < 60 else (1.0,)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())


def _first_line(row: dict[Hashable, Any]) -> str:
    """Event, and what the ratio is of."""
    return f"{row['event']}: {str(row['ratio_of']).replace('_', ' ')}"


def _second_line(row: dict[Hashable, Any]) -> str:
    """Coding of the genotype, and the definition of recovery."""
    coding = _CODING.get(str(row["genetic_model"]), str(row["genetic_model"]))
    return f"{coding}, {row['definition']}" if row["definition"] else coding


def _third_line(row: dict[Hashable, Any]) -> str:
    counts = f"n = {int(row['n']):,}, {style.counted(int(row['n_event']), 'event')}"
    status = str(row["fit_status"]).replace("_", " ")
    return counts if status == "ok" else f"{counts}; {status}"


def _draw_row(axes: Axes, y: int, event: str, ratio: list[float]) -> None:
    value, lower, upper = ratio
    low, high = axes.get_xlim()
    colour = style.CARRIER if event == "recovery" else style.INK
    if np.isfinite(lower) and np.isfinite(upper):
        axes.plot([max(lower, low), min(upper, high)], [y, y], color=colour, lw=1.6)
        for end, outside, sign in ((low, lower < low, "<"), (high, upper > high, ">")):
            if outside:
                axes.plot([end], [y], marker=sign, color=colour, ms=6, clip_on=False)
    marker = "o" if event == "recovery" else "D"
    axes.plot([value], [y], marker=marker, color=colour, ms=6)
    text = f"{_short(value)} ({_short(lower)} to {_short(upper)})"
    right_half = np.log(max(min(value, high), low)) > (np.log(low) + np.log(high)) / 2
    axes.annotate(
        text, xy=(min(max(value, low), high), y), xytext=(0, 6), textcoords="offset points",
        ha="right" if right_half else "left", va="bottom", size=8, color=style.INK,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.4},
    )  # fmt: skip


def _limits(rows: pd.DataFrame) -> tuple[float, float]:
    """Choose a stretch of the log axis with 1 in it and every interval, up to a factor of 100."""
    ends = rows[["ratio", "ci_lower", "ci_upper"]].to_numpy(dtype=float).ravel()
    ends = ends[np.isfinite(ends) & (ends > 0)]
    low, high = (min(0.5, ends.min()), max(2.0, ends.max())) if len(ends) else (0.5, 2.0)
    return max(low, _SHOWN[0]) / 1.25, min(high, _SHOWN[1]) * 1.25


def _short(ratio: float) -> str:
    if not np.isfinite(ratio):
        return style.NONE
    digits = 2 if ratio < 2 else 1 if ratio < 100 else 0
    return f"{ratio:,.{digits}f}" if ratio >= 0.1 else f"{ratio:.2g}"
