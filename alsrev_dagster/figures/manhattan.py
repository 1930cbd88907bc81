"""P values of a scan along the genome."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from alsrev_dagster.figures import scan, style

_CHROMOSOMES = tuple(f"chr{name}" for name in (*range(1, 23), "X", "Y", "M"))
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_GAP_BP = 10_000_000
_N_LABEL = 10
FRAME = style.Frame(width=7.2, plot_height=2.5, left=0.62, above=0.16)


def manhattan(
    association: pd.DataFrame,
    leads: pd.DataFrame | None = None,
    *,
    threshold: float,
    simulated: bool,
) -> Figure:
    """-log10 P by place on the genome; association carries ``chrom`` and ``pos`` as well.

    ``threshold`` is the genome-wide significance level, drawn as a line.
    """
    style.require(association, scan.TABLE, (*scan.COLUMNS, "chrom", "pos"))
    contrast = style.only(association, "contrast", scan.TABLE)
    best = _best_of_each_lead(association, leads)
    labelled = best.head(_N_LABEL)
    notes = [f"P of record: {style.said_once(association, 'method')}."]
    if len(best) > len(labelled):
        notes.append(f"The {len(labelled)} best of {len(best)} leads are named.")
    words = style.Words(
        title=f"Association along the genome: {contrast}",
        subtitle=scan.who_and_what(association),
        table=f"{scan.TABLE}; leads: result.lead_variant",
        notes=tuple(notes),
        mark=style.confounded(association),
    )
    tested = association.dropna(subset=["p_value"])
    room = style.EMPTY if tested.empty else FRAME
    with style.applied():
        figure, axes = style.canvas(words, simulated=simulated, frame=room)
        if tested.empty:
            style.say_nothing_to_draw(axes, "no variant was tested")
        else:
            start, top = draw(axes, tested, threshold)
            _draw_leads(axes, labelled, start, top)
    return figure


def draw(axes: Axes, tested: pd.DataFrame, threshold: float) -> tuple[dict[str, int], float]:
    """Points, threshold and names of chromosomes; returns where these begin, and the upper end."""
    start = _starts(tested)
    top = _draw_points(axes, tested, start, threshold)
    _draw_threshold(axes, threshold)
    _name_chromosomes(axes, tested, start)
    return start, top


def _best_of_each_lead(association: pd.DataFrame, leads: pd.DataFrame | None) -> pd.DataFrame:
    """One row a lead that was tested: its place, name and smallest P, best first."""
    if leads is None or leads.empty:
        return association.head(0).assign(locus="")
    style.require(leads, "result.lead_variant", ("locus", "variant_id"))
    names = leads[["locus", "variant_id"]].drop_duplicates("variant_id")
    tested = association.dropna(subset=["p_value"])
    found = tested[tested["variant_id"].isin(names["variant_id"])].sort_values(
        ["p_value", "variant_id"], kind="stable"
    )
    return found.drop_duplicates("variant_id").merge(names, on="variant_id", how="left")


def _starts(tested: pd.DataFrame) -> dict[str, int]:
    """Where each chromosome begins on the axis, from its last tested position."""
    last = tested.groupby("chrom", observed=True)["pos"].max()
    known = [name for name in _CHROMOSOMES if name in last.index]
    start, at = {}, 0
    for name in [*known, *sorted(set(map(str, last.index)) - set(known))]:
        start[name] = at
        at += int(last[name]) + _GAP_BP
    return start


def _place(rows: pd.DataFrame, start: Mapping[str, int]) -> pd.Series:
    return rows["pos"].astype(float) + rows["chrom"].astype(str).map(dict(start)).astype(float)


def _draw_points(
    axes: Axes, tested: pd.DataFrame, start: Mapping[str, int], threshold: float
) -> float:
    """Thinned points in alternate greys; returns the upper end of the axis."""
    p = tested["p_value"].to_numpy(dtype=np.float64)
    shown = tested.iloc[scan.thinned(p, at_most=8_000)]
    shade = {
        name: style.DARK_POINT if i % 2 == 0 else style.LIGHT_POINT for i, name in enumerate(start)
    }
    axes.scatter(
        _place(shown, start),
        scan.minus_log10(shown["p_value"]),
        s=5,
        c=shown["chrom"].astype(str).map(shade).tolist(),
        lw=0,
        rasterized=True,
    )
    axes.margins(x=0.015)
    highest = float(scan.minus_log10(tested["p_value"]).max())
    top = max(highest, -np.log10(threshold)) * 1.22
    axes.set_ylim(0, top)
    axes.set_ylabel(style.MINUS_LOG10_P)
    return float(top)


def _draw_threshold(axes: Axes, threshold: float) -> None:
    y = float(-np.log10(threshold))
    mantissa, _, exponent = f"{threshold:e}".partition("e")
    power = str(int(exponent)).translate(_SUPERSCRIPT)
    axes.axhline(y, color=style.HIGHLIGHT, lw=0.9, ls=(0, (4, 2)))
    axes.annotate(
        f"{float(mantissa):g} {style.TIMES} 10{power}",
        xy=(1, y), xycoords=("axes fraction", "data"),
        xytext=(-2, 3), textcoords="offset points",
        ha="right", size=8, color=style.HIGHLIGHT,
    )  # fmt: skip


def _draw_leads(axes: Axes, leads: pd.DataFrame, start: Mapping[str, int], top: float) -> None:
    """Ring and name each lead; a name that would lie on another moves up."""
    if leads.empty:
        return
    x, y = _place(leads, start).to_numpy(), scan.minus_log10(leads["p_value"])
    axes.scatter(x, y, s=26, facecolors="none", edgecolors=style.HIGHLIGHT, lw=1.2, zorder=3)
    left, right = axes.get_xlim()
    letter, line = (right - left) * 0.0103, top * 0.075
    taken: list[tuple[float, float, float]] = []
    for place, height, name in zip(x, y, leads["locus"], strict=True):
        text = style.shortened(str(name), 22)
        half = letter * len(text) / 2
        middle = float(min(max(place, left + half), right - half))
        at = float(height) + top * 0.03
        while any(abs(at - b) < line and abs(middle - m) < half + h for m, b, h in taken):
            at += line
        taken.append((middle, at, half))
        axes.annotate(
            text,
            xy=(place, height), xytext=(middle, at),
            ha="center", va="bottom", size=8, color=style.INK,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6}, zorder=4,
            arrowprops={"arrowstyle": "-", "color": style.GUIDE, "lw": 0.6, "shrinkB": 4},
        )  # fmt: skip
    axes.set_ylim(0, max(top, max(at for _, at, _ in taken) + line * 1.5))
    axes.set_xlim(left, right)


def _name_chromosomes(axes: Axes, tested: pd.DataFrame, start: Mapping[str, int]) -> None:
    if len(start) == 1:
        axes.set_xlabel(f"position on {next(iter(start))} (Mb)")
        axes.xaxis.set_major_locator(MaxNLocator(6))
        axes.xaxis.set_major_formatter(lambda value, _: f"{value / 1e6:g}")
        return
    by_chrom = tested.groupby("chrom", observed=True)["pos"]
    first, last = by_chrom.min(), by_chrom.max()
    middle = [start[name] + (int(first[name]) + int(last[name])) / 2 for name in start]
    crowded = len(start) > 16
    skipped = {"17", "19", "21"} if crowded else set()
    labels = [name.removeprefix("chr") for name in start]
    axes.set_xticks(middle, ["" if label in skipped else label for label in labels])
    axes.tick_params(axis="x", length=0)
    axes.set_xlabel("chromosome (position in bp along each)")
