"""Observed against expected P values between two control cohorts: a negative control."""

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from alsrev_dagster.figures import qq, style

TABLE = "result.control_scan"


def control_qq(
    p_value: NDArray[np.float64],
    lambdas: tuple[float, float],
    *,
    cohorts: tuple[str, str],
    n_sample: tuple[int, int],
    genetic_model: str,
    method: str,
    simulated: bool,
) -> Figure:
    """Sorted -log10 P of one control cohort against another, against uniform quantiles.

    ``lambdas`` are the inflation factor as observed and as scaled to 1,000 of each; NaN in
    ``p_value`` is left out.
    """
    known = p_value[~np.isnan(p_value)]
    seen, scaled = (f"{v:.2f}" if np.isfinite(v) else style.NONE for v in lambdas)
    n_first, n_second = n_sample
    words = style.Words(
        title=f"Negative control: {cohorts[0]} against {cohorts[1]}",
        subtitle=f"n = {n_first:,} and {style.counted(n_second, 'control')}; "
        f"{style.counted(len(p_value), 'variant')}, {genetic_model} model; λGC = {seen}, "
        f"λ₁₀₀₀ = {scaled}",
        table=TABLE,
        notes=(
            f"P of record: {method}. Nobody here is a case: what rises above the band is batch, "
            "laboratory or descent. Band: 95% pointwise envelope (beta quantiles).",
            qq.DISCRETE,
        ),
    )
    with style.applied():
        frame = None if len(known) else style.EMPTY
        figure, axes = style.canvas(words, simulated=simulated, frame=frame)
        if len(known):
            qq.draw(axes, -np.log10(np.sort(np.clip(known, 1e-320, 1.0))))
        else:
            style.say_nothing_to_draw(axes, "no variant was tested")
    return figure
