"""Made-up courses of ALSFRS-R with a known truth; no number is of a real person."""

from dataclasses import dataclass

import numpy as np

from alsrev_dagster.survival.course_design import Visits
from alsrev_dagster.survival.risk import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class Truth:
    """What the scores are made from."""

    level: float = 40.0
    slope: float = -0.9
    level_difference: float = 0.0
    slope_difference: float = 0.4
    level_sd: float = 4.0
    slope_sd: float = 0.4
    correlation: float = 0.2
    residual_sd: float = 2.0


@dataclass(frozen=True)
class Courses:
    """Visits of everybody while alive, and what became of them."""

    visits: Visits
    dosage: FloatArray
    died: BoolArray
    until_months: FloatArray


def courses(
    random: np.random.Generator,
    n_person: int,
    n_carrier: int,
    truth: Truth,
    *,
    every_months: float = 3.0,
    last_months: float = 24.0,
    association: float = 0.0,
    base_hazard: float = 0.0,
) -> Courses:
    """Scores at visits until death by a hazard of base_hazard x exp(association x true score)."""
    dosage = (np.arange(n_person) < n_carrier).astype(float)
    cross = truth.correlation * truth.level_sd * truth.slope_sd
    spread = [[truth.level_sd**2, cross], [cross, truth.slope_sd**2]]
    effect = random.multivariate_normal([0.0, 0.0], spread, n_person)
    level = truth.level + truth.level_difference * dosage + effect[:, 0]
    slope = truth.slope + truth.slope_difference * dosage + effect[:, 1]
    death = _death(random, level * association, slope * association, base_hazard)
    until = np.minimum(death, last_months)
    grid = np.arange(0.0, last_months + 1e-9, every_months)
    person, at = np.nonzero(grid[None, :] <= until[:, None])
    months = grid[at]
    score = level[person] + slope[person] * months
    score += random.normal(0, truth.residual_sd, len(score))
    return Courses(
        Visits(score, months, person.astype(np.int64)), dosage, death <= last_months, until
    )


def _death(
    random: np.random.Generator, level: FloatArray, slope: FloatArray, base: float
) -> FloatArray:
    """Time at which the hazard base x exp(level + slope t) has added up to an exponential one."""
    wanted = random.exponential(1.0, len(level))
    if base == 0:
        return np.full(len(level), np.inf)
    flat = np.where(np.abs(slope) < 1e-9, 1e-9, slope)
    inside = 1 + wanted * flat / (base * np.exp(level))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(inside > 0, np.log(np.maximum(inside, 1e-300)) / flat, np.inf)


def number(person: IntArray) -> IntArray:
    """People numbered anew without gaps."""
    return np.unique(person, return_inverse=True)[1].astype(np.int64)
