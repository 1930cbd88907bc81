"""The figures that a variant has one each of, by the table they draw."""

from collections.abc import Callable

from matplotlib.figure import Figure

from alsrev_dagster.figures.recovery_curve import recovery_curve
from alsrev_dagster.figures.survival_curve import survival_curve
from alsrev_dagster.figures.trajectory import trajectory

DRAW: dict[str, Callable[..., Figure]] = {
    "recovery_curve": recovery_curve,
    "survival_curve": survival_curve,
    "trajectory": trajectory,
}
"""``DRAW[name](frame, simulated=...)`` draws one variant's rows of ``result.<name>``."""
