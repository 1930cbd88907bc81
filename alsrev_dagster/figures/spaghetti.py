"""Courses of ALSFRS-R of each person, by carrier group, with the fitted mean.

A course identifies the person whom it is of, without any name beside it. Nothing of this figure
may leave the private report but what ``shows_people=False`` leaves.
"""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from alsrev_dagster.figures import curve, style
from alsrev_dagster.vocabulary import MARK

TABLE = "result.fitted_course"
_PEOPLE = "core.alsfrsr"
_COURSE_COLUMNS = ("carrier_group", "course", "month", "alsfrsr_total")
_MEAN_COLUMNS = (
    "locus", "variant_id", "carrier_group", "month", "mean_total", "ci_lower", "ci_upper",
    "n", "method", "time_origin", "caveat", *MARK,
)  # fmt: skip
_TOP = 48


def spaghetti(
    course: pd.DataFrame,
    mean: pd.DataFrame,
    *,
    simulated: bool,
    shows_people: bool,
    n_person_min: int = 10,
) -> Figure:
    """A line a person under the fitted means with their 95% bands.

    ``course`` has a row a visit, and in ``course`` a number that tells lines apart. For release
    ``shows_people`` is False: no line is drawn, and no mean of fewer than ``n_person_min``.
    """
    style.require(course, _PEOPLE, _COURSE_COLUMNS)
    style.require(mean, TABLE, _MEAN_COLUMNS)
    shown = mean if shows_people else mean[mean["n"] >= n_person_min]
    lines = course if shows_people else course.iloc[:0]
    locus, variant = (style.only(mean, name, TABLE) for name in ("locus", "variant_id"))
    origin = style.only(mean, "time_origin", TABLE) or "the time origin"
    words = style.Words(
        title=f"ALSFRS-R courses by carrier status: {style.named(locus, variant) or style.NONE}",
        subtitle=_sizes(shown, lines, hidden=not shows_people),
        table=f"{_PEOPLE}, {TABLE}" if shows_people else TABLE,
        notes=(
            f"Method: {style.said_once(mean, 'method')}; thick: fitted mean of all visits with its "
            f"95% confidence band. {_said_of_people(mean, shown, n_person_min, shows_people)}",
            *style.caveat(mean),
        ),
        mark=style.confounded(mean),
    )
    with style.applied():
        is_empty = shown.empty and lines.empty
        room = style.EMPTY if is_empty else style.Frame(plot_height=3.0, above=0.32)
        figure, axes = style.canvas(words, simulated=simulated, frame=room)
        if is_empty:
            style.say_nothing_to_draw(axes, "no course can be shown for this variant")
            return figure
        _draw_lines(axes, lines)
        _draw_means(axes, shown)
        last = float(pd.concat([lines["month"], shown["month"]]).max())
        curve.finish(
            axes, last=last, xlabel=f"time since {origin} (months)", ylabel="ALSFRS-R total (0-48)"
        )
        axes.set_ylim(-1, _TOP + 1)
        axes.set_yticks(range(0, _TOP + 1, 12))
    return figure


def _sizes(mean: pd.DataFrame, lines: pd.DataFrame, *, hidden: bool) -> str:
    """N of each group that is drawn, and of the visits drawn."""
    people = mean.drop_duplicates("carrier_group").set_index("carrier_group")["n"]
    parts = [f"{style.GROUPS[group]} {int(people[group]):,}" for group in curve.groups_of(mean)]
    told = f"n of people: {', '.join(parts) or style.NONE}"
    return told if hidden else f"{told}; {style.counted(len(lines), 'visit')}"


def _said_of_people(mean: pd.DataFrame, shown: pd.DataFrame, least: int, is_private: bool) -> str:
    if is_private:
        return "Each thin line is a person: private, not for release."
    n_left = len(curve.groups_of(mean)) - len(curve.groups_of(shown))
    left_out = (
        f" {style.counted(n_left, 'group')} of fewer than {least} left out." if n_left else ""
    )
    return f"Individual courses are not shown.{left_out}"


def _draw_lines(axes: Axes, lines: pd.DataFrame) -> None:
    """Non-carriers first, so that the few carriers are on top."""
    for group in reversed(curve.groups_of(lines)):
        rows = lines[lines["carrier_group"] == group].sort_values(["course", "month"])
        is_carrier = group == "carrier"
        for _, one in rows.groupby("course", sort=True):
            axes.plot(
                one["month"].to_numpy(dtype=float), one["alsfrsr_total"].to_numpy(dtype=float),
                color=style.GROUP_COLOUR[group], lw=0.8 if is_carrier else 0.6,
                alpha=0.7 if is_carrier else 0.38, marker="o", ms=1.6 if is_carrier else 0,
                zorder=2 if is_carrier else 1,
            )  # fmt: skip


def _draw_means(axes: Axes, mean: pd.DataFrame) -> None:
    for group in curve.groups_of(mean):
        rows = mean[mean["carrier_group"] == group].sort_values("month")
        month, lower, upper, value = (
            np.clip(rows[name].to_numpy(dtype=float), low, high)
            for name, low, high in (
                ("month", None, np.inf),
                ("ci_lower", 0, _TOP),
                ("ci_upper", 0, _TOP),
                ("mean_total", 0, _TOP),
            )
        )
        colour = style.GROUP_COLOUR[group]
        axes.fill_between(month, lower, upper, color=colour, alpha=0.22, lw=0, zorder=3)
        axes.plot(
            month, value, color=colour, lw=2.4, ls=style.GROUP_LINE[group],
            label=style.GROUPS[group], zorder=4,
        )  # fmt: skip
