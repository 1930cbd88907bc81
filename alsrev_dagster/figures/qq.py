"""Observed against expected P values of a scan."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from alsrev_dagster.figures import scan, style, uniform

_N_ENVELOPE = 90
DISCRETE = (
    "Tests of rare alleles are discrete: at these counts the uniform line and its envelope "
    "are only a guide."
)


def qq(
    association: pd.DataFrame, lambda_gc: float, lambda_1000: float, *, simulated: bool
) -> Figure:
    """Sorted -log10 P of one contrast and genetic model against uniform quantiles.

    The inflation factor is shown as observed and as scaled to 1,000 cases and 1,000 controls.
    """
    style.require(association, scan.TABLE, scan.COLUMNS)
    contrast = style.only(association, "contrast", scan.TABLE)
    model = style.only(association, "genetic_model", scan.TABLE)
    method = style.said_once(association, "method")
    seen, scaled = (f"{v:.2f}" if np.isfinite(v) else style.NONE for v in (lambda_gc, lambda_1000))
    words = style.Words(
        title=f"P values observed and expected: {contrast}, {model}",
        subtitle=f"{scan.who_and_what(association)}; λGC = {seen}, λ₁₀₀₀ = {scaled}",
        table=scan.TABLE,
        notes=(
            f"P of record: {method}. Band: 95% pointwise envelope (beta quantiles).",
            DISCRETE,
        ),
        mark=style.confounded(association),
    )
    tested = association.dropna(subset=["p_value"])
    room = style.EMPTY if tested.empty else None
    with style.applied():
        figure, axes = style.canvas(words, simulated=simulated, frame=room)
        if tested.empty:
            style.say_nothing_to_draw(axes, "no variant was tested")
        else:
            draw(axes, np.sort(scan.minus_log10(tested["p_value"]))[::-1])
    return figure


def draw(axes: Axes, observed: NDArray[np.float64]) -> None:
    """Points, the uniform line and its envelope; ``observed`` is -log10 P, largest first."""
    n = len(observed)
    expected = -np.log10(uniform.expected(n))
    ranks = np.unique(np.geomspace(1, n, _N_ENVELOPE).astype(int))
    bounds = -np.log10(uniform.interval(ranks, n))
    axes.fill_between(expected[ranks - 1], bounds[:, 1], bounds[:, 0], color="#DADADA", lw=0)
    axes.plot([0, expected[0]], [0, expected[0]], color=style.GUIDE, lw=1)
    shown = scan.thinned(10**-observed, at_most=6000)
    axes.scatter(
        expected[shown], observed[shown], s=9, color=style.CARRIER, lw=0, rasterized=n > 2000
    )
    axes.set_xlabel(f"expected {style.MINUS_LOG10_P} (uniform)")
    axes.set_ylabel(f"observed {style.MINUS_LOG10_P}")
    axes.set_xlim(0, expected[0] * 1.04)
    axes.set_ylim(0, max(float(observed[0]), float(bounds[0, 0])) * 1.06)
