"""What every figure shares: palette, sizes, the words around the axes.

Layout is in inches and text is wrapped to the width, so that no label is cut and none
lies on another, however long a variant's name is.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from alsrev_dagster.errors import InputDataError

# Okabe & Ito (2008), told apart with any colour vision. One meaning a colour.
CARRIER = "#0072B2"
NON_CARRIER = "#6E6E6E"
HIGHLIGHT = "#D55E00"
KEPT = "#56B4E9"
LEFT_OUT = "#E69F00"
INK = "#1A1A1A"
FAINT = "#5C5C5C"
GUIDE = "#A6A6A6"
LIGHT_POINT = "#A9B1B8"
DARK_POINT = "#5B646C"

GROUPS = {"carrier": "carrier", "non_carrier": "non-carrier"}
GROUP_COLOUR = {"carrier": CARRIER, "non_carrier": NON_CARRIER}
GROUP_LINE = {"carrier": "-", "non_carrier": (0, (5, 1.5))}

SIMULATED = "simulated data"
NONE = "\N{EN DASH}"
TIMES = "\N{MULTIPLICATION SIGN}"
MINUS_LOG10_P = "\N{MINUS SIGN}log₁₀ P"
WIDTH = 4.8
"""Inches. Shown on a telephone (about 360 px) a 9 pt letter is still 9 px tall."""

_TITLE_PT, _TEXT_PT, _NOTE_PT = 10.0, 8.5, 7.5
_LINE_HEIGHT = 1.35
_EM = 0.525
"""Mean width of a DejaVu Sans letter over its size; other sans-serifs are narrower."""

_RC: dict[Any, Any] = {
    "font.family": ["DejaVu Sans"],
    "font.size": 9.0,
    "axes.labelsize": 9.0,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "legend.handlelength": 2.2,
    "svg.fonttype": "none",
    "svg.hashsalt": "alsrev",
    "path.simplify": True,
    "text.parse_math": False,  # a name with $ in it is a name
}

# matplotlib's settings are one dictionary for the whole process.
_LOCK = threading.RLock()


@contextmanager
def applied() -> Iterator[None]:
    """Hold matplotlib's settings at ours, whatever the user's matplotlibrc says."""
    with _LOCK, mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_RC)
        yield


@dataclass(frozen=True)
class Words:
    """The text around the axes: what it is, on how many, from which table."""

    title: str
    subtitle: str
    table: str
    notes: tuple[str, ...] = ()
    mark: str = ""
    """What makes the numbers doubtful as a whole; under the subtitle."""


@dataclass(frozen=True)
class Frame:
    """Room around and inside the axes, in inches."""

    width: float = WIDTH
    plot_height: float = 2.4
    left: float = 0.72
    right: float = 0.18
    below: float = 0.52
    """Tick labels and the axis title."""
    above: float = 0.12


def canvas(words: Words, *, simulated: bool, frame: Frame | None = None) -> tuple[Figure, Axes]:
    """Empty axes with their words, in a figure as tall as these need."""
    room = frame if frame is not None else Frame()
    head = [(words.title, _TITLE_PT, INK, "bold"), (words.subtitle, _TEXT_PT, FAINT, "normal")]
    if words.mark:
        head.append((words.mark, _TEXT_PT, HIGHLIGHT, "normal"))
    if simulated:
        head.insert(0, (SIMULATED, _TEXT_PT, HIGHLIGHT, "bold"))
    foot = [(text, _NOTE_PT, FAINT, "normal") for text in (*words.notes, f"Table: {words.table}")]
    head_lines, foot_lines = _lines(head, room.width), _lines(foot, room.width)
    top = 0.10 + _height(head_lines) + room.above
    bottom = 0.08 + _height(foot_lines) + room.below
    total = top + room.plot_height + bottom

    figure = Figure(figsize=(room.width, total), facecolor="white")
    FigureCanvasAgg(figure)
    figure.set_label(words.title)
    axes = figure.add_axes(
        (
            room.left / room.width,
            bottom / total,
            (room.width - room.left - room.right) / room.width,
            room.plot_height / total,
        )
    )
    _write(figure, head_lines, from_top=0.10)
    _write(figure, foot_lines, from_top=total - 0.06 - _height(foot_lines))
    return figure, axes


def confounded(frame: pd.DataFrame) -> str:
    """Say by what the rows are confounded; nothing when they are not."""
    named = [f for text in frame["confounded_by"].dropna().unique() for f in str(text).split(", ")]
    if not frame["is_confounded"].fillna(False).astype(bool).any():
        return ""
    return f"CONFOUNDED: being a case goes with {', '.join(dict.fromkeys(named))}"


EMPTY = Frame(plot_height=0.5, left=0.2, right=0.2, below=0.05)
"""Room for a few words instead of a picture."""


def say_nothing_to_draw(axes: Axes, what: str) -> None:
    """Put words where the picture would be: an empty table is a result too."""
    axes.set_axis_off()
    axes.text(0.5, 0.5, what, ha="center", va="center", color=FAINT, transform=axes.transAxes)


def require(frame: pd.DataFrame, table_name: str, columns: Sequence[str]) -> None:
    """Refuse a frame without the columns that the figure draws."""
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise InputDataError(
            f"a figure of {table_name} needs the columns {missing}, which the frame lacks "
            f"(it has {list(frame.columns)}): read them from the table, or join them"
        )


def only(frame: pd.DataFrame, column: str, table_name: str) -> str:
    """Return the one value of a column; '' in an empty frame."""
    values = sorted(map(str, frame[column].dropna().unique()))
    if len(values) > 1:
        raise InputDataError(
            f"a figure of {table_name} shows one {column}, and the frame has "
            f"{len(values)} ({', '.join(values[:3])}, ...): filter it first"
        )
    return values[0] if values else ""


def said_once(frame: pd.DataFrame, column: str) -> str:
    """Join the distinct texts of a column."""
    return ", ".join(sorted(map(str, frame[column].dropna().unique()))) or NONE


def caveat(frame: pd.DataFrame) -> tuple[str, ...]:
    """What keeps the numbers from meaning more, as a sentence; none where nothing is said.

    Of a caveat that goes on for one group the beginning, which all share, is enough here.
    """
    told = sorted({str(text) for text in frame["caveat"].dropna() if text}, key=len)
    beginnings = [
        one for one in told if not any(one.startswith(other) for other in told if other != one)
    ]
    return tuple(f"{text[:1].upper()}{text[1:]}." for text in sorted(beginnings))


def shortened(name: str, limit: int = 30) -> str:
    """Shorten a name until it fits: a long indel keeps its beginning and its end."""
    if len(name) <= limit:
        return name
    return f"{name[: limit - 8]}…{name[-7:]}"


def named(locus: str, variant_id: str) -> str:
    """Locus and variant, once when they are the same."""
    return (
        shortened(variant_id) if locus in ("", variant_id) else f"{locus}, {shortened(variant_id)}"
    )


def counted(n: int, what: str) -> str:
    """Write a count and its noun, plural where it is."""
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"


_Line = tuple[str, float, str, str]


def _lines(texts: Sequence[_Line], width: float) -> list[_Line]:
    """Texts broken to the figure's width."""
    lines: list[_Line] = []
    for text, size, colour, weight in texts:
        letters = int((width - 0.2) * 72 / (size * _EM * (1.16 if weight == "bold" else 1.0)))
        parts = [part for paragraph in text.splitlines() for part in wrap(paragraph, letters)]
        lines += [(part, size, colour, weight) for part in parts]
    return lines


def _height(lines: Sequence[_Line]) -> float:
    return sum(size for _, size, _, _ in lines) * _LINE_HEIGHT / 72


def _write(figure: Figure, lines: Sequence[_Line], *, from_top: float) -> None:
    """Set lines one under the other, ``from_top`` inches below the upper edge."""
    width, height = figure.get_size_inches()
    y = from_top
    for text, size, colour, weight in lines:
        figure.text(
            0.10 / width, 1 - y / height, text, size=size, color=colour, weight=weight, va="top"
        )
        y += size * _LINE_HEIGHT / 72
