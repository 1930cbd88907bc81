"""Simulated clinical data around real genomes: what is planted, and how it is drawn.

Nothing here may be imported by ``alsrev_dagster`` or ``assets``: the study is an input
of the platform, not a part of it.
"""

from simulation.study import SimulatedStudy, cohort_rng, draw_cohort

__all__ = ["SimulatedStudy", "cohort_rng", "draw_cohort"]
