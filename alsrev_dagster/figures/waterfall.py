"""Waterfalls of losses: what is left after each step, from the input on."""

from textwrap import fill

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from alsrev_dagster.figures import style

_QUALITY, _COMPARED = "core.quality_loss", "core.analysis_loss"
_STEPS = ("step", "loss_reason", "n_before", "n_lost", "n_after")
_ROW_IN = 0.42
_N_LETTER = 27


def waterfall(losses: pd.DataFrame, *, simulated: bool) -> Figure:
    """Bars of the input, of each loss where it is taken, and of what is left.

    ``losses`` holds rows of core.quality_loss. Records, variants and samples are each a share
    of their own input; steps that lose nothing are named in a note.
    """
    style.require(losses, _QUALITY, ("what", *_STEPS))
    rows = _bars(losses.assign(of=losses["what"] + "s"))
    without = losses[(losses["step"] > 0) & (losses["n_lost"] == 0)]
    nothing = "; ".join(f"{row.what}: {row.loss_reason}" for row in without.itertuples())
    words = style.Words(
        title="What quality control leaves out",
        subtitle="; ".join(
            f"{style.counted(n, str(of).removesuffix('s'))} in" for of, n in _inputs(rows)
        ),
        table=_QUALITY,
        notes=(f"Nothing was lost for: {nothing}.",) if nothing else (),
    )
    return _figure(rows, words, simulated=simulated)


def who_is_compared(losses: pd.DataFrame, *, simulated: bool, mark: str = "") -> Figure:
    """Bars of each side of each contrast, of each loss, and of who is compared.

    ``losses`` holds rows of core.analysis_loss; ``mark`` says by what the contrasts are
    confounded, where that is known already.
    """
    style.require(losses, _COMPARED, ("contrast", "is_case", *_STEPS))
    side = losses["is_case"].map({True: "cases", False: "controls"})
    rows = _bars(losses.assign(of=losses["contrast"] + " " + side))
    words = style.Words(
        title="Who is compared, and who is left out",
        subtitle="; ".join(f"{style.shortened(str(of), 24)} {n:,} in" for of, n in _inputs(rows)),
        table=_COMPARED,
        mark=mark,
    )
    return _figure(rows, words, simulated=simulated)


def _inputs(rows: pd.DataFrame) -> list[tuple[object, int]]:
    """What is lost from, and how much of it there was."""
    return [(of, int(here["n"].iloc[0])) for of, here in rows.groupby("of", sort=False)]


def _figure(rows: pd.DataFrame, words: style.Words, *, simulated: bool) -> Figure:
    room = style.EMPTY
    if len(rows):
        room = style.Frame(left=1.95, right=0.85, plot_height=len(rows) * _ROW_IN + 0.1)
    with style.applied():
        figure, axes = style.canvas(words, simulated=simulated, frame=room)
        if rows.empty:
            style.say_nothing_to_draw(axes, "no loss was counted")
        else:
            _draw(axes, rows)
    return figure


def _bars(losses: pd.DataFrame) -> pd.DataFrame:
    """One row a bar: its label, its number, where it starts and ends as shares of the input."""
    bars: list[tuple[str, str, int, float, float, bool]] = []
    for what, steps in losses.groupby("of", sort=False):
        ordered = steps.sort_values("step").to_dict("records")
        n_input = max(int(ordered[0]["n_before"]), 1)
        lost = [row for row in ordered if row["n_lost"]]
        first = "input" if lost else "input, all of it left"
        bars.append((str(what), first, int(ordered[0]["n_before"]), 0.0, 1.0, False))
        for row in lost:
            ends = (row["n_after"] / n_input, row["n_before"] / n_input)
            bars.append((str(what), row["loss_reason"], int(row["n_lost"]), *ends, True))
        if lost:
            n_left = int(ordered[-1]["n_after"])
            bars.append((str(what), "left", n_left, 0.0, n_left / n_input, False))
    return pd.DataFrame(bars, columns=["of", "label", "n", "low", "high", "is_loss"])


def _draw(axes: Axes, rows: pd.DataFrame) -> None:
    for y, row in enumerate(rows.to_dict("records")):
        colour = style.LEFT_OUT if row["is_loss"] else style.KEPT
        axes.barh(y, row["high"] - row["low"], left=row["low"], height=0.62, color=colour)
        told = f"-{row['n']:,}" if row["is_loss"] else f"{row['n']:,}"
        axes.text(
            1.02, y, told.replace("-", "\N{MINUS SIGN}"), va="center", color=style.INK, size=8
        )
    labels = [
        f"{row['of']}: {row['label']}" if not row["is_loss"] else str(row["label"])
        for row in rows.to_dict("records")
    ]
    axes.set_yticks(range(len(rows)), [fill(label, _N_LETTER) for label in labels], size=7.5)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlim(0, 1)
    axes.xaxis.set_major_formatter(PercentFormatter(1.0))
    axes.set_xlabel("share of the input (%)")
