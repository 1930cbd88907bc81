"""Histograms of quality: call rate and minor allele frequency. No name of any sample."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from alsrev_dagster.figures import style

_FRAME = style.Frame(plot_height=1.9, above=0.32)


def call_rate(frame: pd.DataFrame, table: str, *, simulated: bool) -> Figure:
    """Call rates of variants (core.variant_qc) or of samples (core.sample_qc)."""
    noun = "variant" if table == "core.variant_qc" else "sample"
    return _histogram(frame, "call_rate", table, noun, simulated=simulated)


def maf(variant_qc: pd.DataFrame, *, simulated: bool) -> Figure:
    """Minor allele frequencies of variants."""
    return _histogram(variant_qc, "maf", "core.variant_qc", "variant", simulated=simulated)


_NAMES = {"call_rate": "call rate", "maf": "minor allele frequency"}


def _histogram(
    frame: pd.DataFrame, column: str, table: str, noun: str, *, simulated: bool
) -> Figure:
    style.require(frame, table, (column, "filter_reason"))
    values = frame.dropna(subset=[column])
    n_left_out = int(values["filter_reason"].notna().sum())
    words = style.Words(
        title=f"{_NAMES[column]} of {noun}s".capitalize(),
        subtitle=f"n = {style.counted(len(values), noun)}; {n_left_out:,} left out of association",
        table=table,
    )
    with style.applied():
        figure, axes = style.canvas(
            words, simulated=simulated, frame=style.EMPTY if values.empty else _FRAME
        )
        if values.empty:
            style.say_nothing_to_draw(axes, f"no {noun} has a {_NAMES[column]}")
        else:
            _draw(axes, values, column)
            log = axes.get_yscale() == "log"
            axes.set_xlabel(f"{_NAMES[column]} (fraction)")
            axes.set_ylabel(f"{noun}s (count{', log scale' if log else ''})")
    return figure


def _draw(axes: Axes, values: pd.DataFrame, column: str) -> None:
    x = values[column].to_numpy(dtype=float)
    if column == "maf":
        bins = np.linspace(0, 0.5, 26)
    else:
        bins = np.linspace(min(0.9, np.floor(x.min() * 20) / 20), 1, 26)
    left_out = values["filter_reason"].notna().to_numpy()
    axes.hist(
        [x[~left_out], x[left_out]], bins=bins.tolist(), stacked=True,
        color=[style.KEPT, style.LEFT_OUT], label=["kept", "left out"],
        edgecolor="white", linewidth=0.4,
    )  # fmt: skip
    axes.set_xlim(bins[0], bins[-1])
    if np.histogram(x, bins)[0].max() > 200:
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        axes.set_ylim(bottom=0.7)
    axes.legend(loc="lower left", bbox_to_anchor=(-0.02, 0.99), ncols=2, borderaxespad=0.2)
