"""A figure as bytes or text: the same figure gives the same bytes, always."""

import base64
import re
from hashlib import sha256
from html import escape
from io import BytesIO, StringIO
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import imsave
from numpy.typing import NDArray

from alsrev_dagster.figures import style

_RASTER_DPI = 150
"""Of the parts of an SVG that are pictures: the points of a scan."""


def png(figure: Figure, *, dpi: int = 80) -> bytes:
    """Render as PNG, small enough to stand in an asset's metadata."""
    small = BytesIO()
    with style.applied():
        pixels = _drawn(figure, dpi)
        # 16 shades a channel: the eye sees no difference, and the file is half as large
        coarse = pixels & 0xF0 | pixels >> 4
        imsave(
            small, coarse, format="png",
            metadata={"Software": "alsrev"}, pil_kwargs={"optimize": True},
        )  # fmt: skip
    return small.getvalue()


def _drawn(figure: Figure, dpi: int) -> NDArray[np.uint8]:
    """Pixels of a figure, shape (height, width, 4)."""
    drawn: Any = FigureCanvasAgg(figure)
    before = figure.dpi
    try:
        figure.set_dpi(dpi)
        drawn.draw()
        pixels: NDArray[np.uint8] = np.array(drawn.buffer_rgba())
        return pixels
    finally:
        figure.set_dpi(before)


def svg(figure: Figure) -> str:
    """Render as an ``<svg>`` element to stand inside a page.

    Text stays text. Ids are kept only where something refers to them, and carry a hash
    of the picture, so that two figures of one page never share an id.
    """
    buffer = StringIO()
    with style.applied():
        figure.savefig(
            buffer, format="svg", dpi=_RASTER_DPI,
            metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")),
        )  # fmt: skip
    text = buffer.getvalue()
    text = text[text.index("<svg") :].strip()
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    text = text.replace("'DejaVu Sans'", "sans-serif")
    label = escape(str(figure.get_label()), quote=True)
    return _with_own_ids(text).replace("<svg", f'<svg role="img" aria-label="{label}"', 1)


def markdown(figure: Figure, alt: str) -> str:
    """Render as a Markdown image that holds its own bytes."""
    data = base64.b64encode(png(figure)).decode("ascii")
    words = re.sub(r"[\[\]()\n]", " ", alt)
    return f"![{words}](data:image/png;base64,{data})"


def _with_own_ids(text: str) -> str:
    """Drop ids nothing refers to; mark the others with a hash of the picture."""
    mark = sha256(text.encode()).hexdigest()[:10]
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', text))

    def kept(match: re.Match[str]) -> str:
        name = match.group(1)
        return f' id="{name}-{mark}"' if name in used else ""

    text = re.sub(r'\sid="([^"]*)"', kept, text)
    text = re.sub(r'href="#([^"]+)"', rf'href="#\1-{mark}"', text)
    return re.sub(r"url\(#([^)]+)\)", rf"url(#\1-{mark})", text)
