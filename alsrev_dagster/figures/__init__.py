"""A result table in, a figure out.

Computes nothing, so a figure cannot disagree with its table.
"""

from alsrev_dagster.figures.forest import forest
from alsrev_dagster.figures.manhattan import manhattan
from alsrev_dagster.figures.qq import qq
from alsrev_dagster.figures.quality import call_rate, maf
from alsrev_dagster.figures.recovery_curve import recovery_curve
from alsrev_dagster.figures.render import markdown, png, svg
from alsrev_dagster.figures.survival_curve import survival_curve
from alsrev_dagster.figures.trajectory import trajectory

__all__ = [
    "call_rate",
    "forest",
    "maf",
    "manhattan",
    "markdown",
    "png",
    "qq",
    "recovery_curve",
    "survival_curve",
    "svg",
    "trajectory",
]
