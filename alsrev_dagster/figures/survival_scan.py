"""The scan of time to an event: P values along the genome, and observed against expected."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from alsrev_dagster.figures import manhattan, qq, scan, style
from alsrev_dagster.vocabulary import MARK

TABLE = "result.survival_scan"
COLUMNS = ("event", "genetic_model", "n", "n_event", "p_value", "method", "caveat", *MARK)
_EARLIER = {"recovery": "time to recovery", "death": "survival"}


def survival_manhattan(frame: pd.DataFrame, *, threshold: float, simulated: bool) -> Figure:
    """-log10 P by place on the genome of one event and genetic model.

    ``threshold`` is the genome-wide significance level, drawn as a line.
    """
    style.require(frame, TABLE, (*COLUMNS, "chrom", "pos"))
    event = style.only(frame, "event", TABLE)
    words = style.Words(
        title=f"{_EARLIER.get(event, event).capitalize()} along the genome",
        subtitle=_who_and_what(frame),
        table=TABLE,
        notes=(f"P of record: {style.said_once(frame, 'method')}.", _caveat(frame)),
        mark=style.confounded(frame),
    )
    with style.applied():
        room = style.EMPTY if frame.empty else manhattan.FRAME
        figure, axes = style.canvas(words, simulated=simulated, frame=room)
        if frame.empty:
            style.say_nothing_to_draw(axes, "no variant was tested")
        else:
            manhattan.draw(axes, frame, threshold)
    return figure


def survival_qq(frame: pd.DataFrame, inflation: pd.DataFrame, *, simulated: bool) -> Figure:
    """Sorted -log10 P of one event and genetic model against uniform quantiles.

    ``inflation`` is the row of result.survival_inflation of the same, or empty.
    """
    style.require(frame, TABLE, COLUMNS)
    event = style.only(frame, "event", TABLE)
    words = style.Words(
        title=f"P values observed and expected: {_EARLIER.get(event, event)}",
        subtitle=f"{_who_and_what(frame)}{_inflation(inflation)}",
        table=f"{TABLE}; inflation: result.survival_inflation",
        notes=(
            f"P of record: {style.said_once(frame, 'method')}. Band: 95% pointwise envelope (beta "
            "quantiles).",
            qq.DISCRETE,
            _caveat(frame),
        ),
        mark=style.confounded(frame),
    )
    with style.applied():
        room = style.EMPTY if frame.empty else None
        figure, axes = style.canvas(words, simulated=simulated, frame=room)
        if frame.empty:
            style.say_nothing_to_draw(axes, "no variant was tested")
        else:
            qq.draw(axes, np.sort(scan.minus_log10(frame["p_value"]))[::-1])
    return figure


def _who_and_what(frame: pd.DataFrame) -> str:
    if frame.empty:
        return "n = 0: no variant was tested"
    events = {"recovery": ("recovery", "recoveries"), "death": ("death", "deaths")}
    n, n_event = int(frame["n"].max()), int(frame["n_event"].max())
    event = str(frame["event"].iloc[0])
    word = events.get(event, ("event", "events"))[n_event != 1]
    model = style.only(frame, "genetic_model", TABLE)
    return (
        f"n = {style.counted(n, 'participant')}, {n_event:,} {word}; "
        f"{style.counted(len(frame), 'variant')}, {model} model"
    )


def _inflation(rows: pd.DataFrame) -> str:
    if rows.empty or pd.isna(rows["lambda_gc"].iloc[0]):
        return ""
    row = rows.iloc[0]
    variants = style.counted(int(row["n_inflation_variant"]), "variant")
    told = f"; λGC = {row['lambda_gc']:.2f} of {variants}"
    if pd.isna(row["lambda_lower"]):
        return told
    return f"{told}, shuffled {row['lambda_lower']:.2f} to {row['lambda_upper']:.2f}"


def _caveat(frame: pd.DataFrame) -> str:
    return f"{style.said_once(frame, 'caveat')}."
