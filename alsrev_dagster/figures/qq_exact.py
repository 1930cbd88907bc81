"""Exact P values against their own discrete null, by minor allele count."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from alsrev_dagster.figures import scan, style

_COLOURS = (style.NON_CARRIER, style.KEPT, style.CARRIER, style.LEFT_OUT, style.HIGHLIGHT)
_FORMS = ("o", "s", "D", "^", "v")
_N_SHOWN = 3000
"""Points a stratum, besides those of P at most 0.01."""

Pair = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Expected and observed P values of one stratum, each ascending."""


def qq_exact(association: pd.DataFrame, by_mac: Mapping[str, Pair], *, simulated: bool) -> Figure:
    """Sorted -log10 exact P of one contrast and model against what the exact test's null gives.

    ``by_mac`` has a pair of arrays a stratum of minor allele counts.
    """
    style.require(association, scan.TABLE, scan.COLUMNS)
    contrast = style.only(association, "contrast", scan.TABLE)
    model = style.only(association, "genetic_model", scan.TABLE)
    words = style.Words(
        title=f"Exact P values and their own null: {contrast}, {model}",
        subtitle=scan.who_and_what(association),
        table=scan.TABLE,
        notes=(
            "Expected: quantiles of the exact test's discrete null, given each variant's genotype "
            "counts; on the line is as chance gives, whatever the allele count.",
        ),
        mark=style.confounded(association),
    )
    drawn = {name: pair for name, pair in by_mac.items() if len(pair[0])}
    with style.applied():
        figure, axes = style.canvas(
            words, simulated=simulated, frame=None if drawn else style.EMPTY
        )
        if drawn:
            _draw(axes, drawn)
        else:
            style.say_nothing_to_draw(axes, "no variant was tested")
    return figure


def _draw(axes: Axes, by_mac: Mapping[str, Pair]) -> None:
    most = 0.0
    for place, (name, pair) in enumerate(by_mac.items()):
        expected, observed = (-np.log10(p) for p in pair)
        shown = scan.thinned(pair[1], at_most=_N_SHOWN)
        axes.scatter(
            expected[shown], observed[shown], s=11, lw=0, color=_COLOURS[place % len(_COLOURS)],
            marker=_FORMS[place % len(_FORMS)], label=f"MAC {name} ({len(observed):,})",
            rasterized=len(shown) > 500, zorder=2 + place,
        )  # fmt: skip
        most = max(most, float(expected.max()), float(observed.max()))
    axes.plot([0, most], [0, most], color=style.GUIDE, lw=1, zorder=1)
    axes.set_xlim(-0.03 * most, most * 1.04 or 1)
    axes.set_ylim(-0.03 * most, most * 1.06 or 1)
    axes.set_xlabel(f"expected {style.MINUS_LOG10_P} (exact null)")
    axes.set_ylabel(f"observed {style.MINUS_LOG10_P}")
    axes.legend(loc="upper left", markerscale=1.6, borderaxespad=0.1, handlelength=1.0)
