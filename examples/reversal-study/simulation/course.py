"""The course of each participant: onset, loss, recovery, death and follow-up.

Scores here are the true, unrounded ALSFRS-R total; ``visits`` measures them. Days are
relative to enrolment, which is day 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import gamma

from simulation import planted
from simulation.cohorts import CohortPlan
from simulation.planted import DAYS_PER_MONTH

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

MAX_TOTAL = 48.0
_GRID_DAYS = 5.0
"""Step of the hazard of death's integral."""
_FIRST_EVENT_DAY = planted.FIRST_VISIT_WITHIN_DAYS + 1.0
"""Everybody enrolled is seen once."""


@dataclass(frozen=True)
class Course:
    """One entry per participant; a day that never comes is infinite."""

    months_to_enrolment: Floats
    loss_rate: Floats
    death_hazard_ratio: Floats
    drop_out_hazard_per_month: Floats
    recovery_day: Floats
    climb_rate: Floats
    ceiling: Floats

    def total(self, day: Floats) -> Floats:
        """Return the true ALSFRS-R total on each ``day`` (participants x days), in [0, 48]."""
        climbed = self.climb_rate[:, None] * (day - self.recovery_day[:, None]) / DAYS_PER_MONTH
        recovering = np.minimum(self._at_recovery[:, None] + climbed, self.ceiling[:, None])
        return np.where(self.is_recovering(day), recovering, self._without_recovery(day))

    def is_recovering(self, day: Floats) -> Flags:
        """Tell whether recovery has begun by each ``day``."""
        begun: Flags = day >= self.recovery_day[:, None]
        return begun

    @property
    def _at_recovery(self) -> Floats:
        day = np.where(np.isfinite(self.recovery_day), self.recovery_day, 0.0)
        return self._without_recovery(day[:, None])[:, 0]

    def _without_recovery(self, day: Floats) -> Floats:
        since_onset = self.months_to_enrolment[:, None] + day / DAYS_PER_MONTH
        return np.maximum(MAX_TOTAL - self.loss_rate[:, None] * _decelerated(since_onset), 0.0)


@dataclass(frozen=True)
class FollowUp:
    """Days on which things end; infinite when they do not, within the follow-up."""

    death_day: Floats
    tracheostomy_day: Floats
    last_visit_by: Floats
    last_contact_day: Floats


def draw_course(carrier: Flags, plans: Sequence[CohortPlan], rng: np.random.Generator) -> Course:
    """Draw loss and recovery.

    Recovery begins at a constant hazard, the cohort's times the planted ratio in
    carriers, from enrolment on. That is a constant hazard since onset, given that nobody
    recovered before enrolment: hazards are proportional in time since onset with
    delayed entry, as they are in time since enrolment.
    """
    n = carrier.size
    months = rng.uniform(*np.array([plan.months_to_enrolment for plan in plans]).T)
    rate = _draw_loss_rate(months, np.array([plan.enrolment_total for plan in plans]), rng)
    of_cohort = np.array([plan.recovery_hazard_per_month for plan in plans])
    hazard = of_cohort * np.where(carrier, planted.CARRIER_RECOVERY_HAZARD_RATIO, 1.0)
    without_ceiling = Course(
        months_to_enrolment=months,
        loss_rate=rate,
        death_hazard_ratio=np.array([plan.death_hazard_ratio for plan in plans]),
        drop_out_hazard_per_month=np.array([plan.drop_out_hazard_per_month for plan in plans]),
        recovery_day=rng.exponential(size=n) / hazard * DAYS_PER_MONTH,
        climb_rate=rng.uniform(*planted.CLIMB_POINTS_PER_MONTH, size=n),
        ceiling=np.full(n, MAX_TOTAL),
    )
    began_at = without_ceiling.total(without_ceiling.recovery_day[:, None])[:, 0]
    wished = rng.uniform(*planted.CEILING_TOTAL, size=n)
    ceiling = np.maximum(wished, began_at + planted.SMALLEST_CLIMB_POINTS).clip(max=MAX_TOTAL)
    return replace(without_ceiling, ceiling=ceiling)


def draw_follow_up(course: Course, rng: np.random.Generator) -> FollowUp:
    """Draw death, tracheostomy, drop-out and the study's end."""
    n = course.loss_rate.size
    end = rng.uniform(*planted.FOLLOW_UP_MONTHS, size=n) * DAYS_PER_MONTH
    stays = rng.exponential(size=n) / course.drop_out_hazard_per_month * DAYS_PER_MONTH
    drop_out = stays + planted.FIRST_VISIT_WITHIN_DAYS
    observed_until = np.floor(np.minimum(end, drop_out))
    died, ventilated = _draw_death_and_tracheostomy(course, rng)
    died = np.where(died <= observed_until, died, np.inf)
    ventilated = np.where(ventilated <= np.minimum(observed_until, died), ventilated, np.inf)
    return FollowUp(
        death_day=died,
        tracheostomy_day=ventilated,
        last_visit_by=np.minimum.reduce([observed_until, died - 1, ventilated - 1]),
        last_contact_day=np.minimum(observed_until, died),
    )


def _draw_death_and_tracheostomy(course: Course, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Days of both, as if follow-up had no end but the grid's; whole days."""
    n = course.loss_rate.size
    grid = np.arange(0.0, planted.FOLLOW_UP_MONTHS[1] * DAYS_PER_MONTH, _GRID_DAYS)[None, :]
    lost = 40.0 - course.total(grid)
    hazard = planted.DEATH_HAZARD_AT_40_PER_MONTH * np.exp(
        planted.DEATH_LOG_HAZARD_PER_POINT_LOST * lost
    )
    hazard *= course.death_hazard_ratio[:, None]
    hazard[course.is_recovering(grid)] *= planted.DEATH_HAZARD_RATIO_IN_RECOVERY
    cumulative = np.cumsum(hazard, axis=1) * _GRID_DAYS / DAYS_PER_MONTH
    died = _first_day_above(cumulative, rng.exponential(size=n))
    ventilated = _first_day_above(
        cumulative * planted.TRACHEOSTOMY_HAZARD_RATIO, rng.exponential(size=n)
    )
    survival = rng.exponential(planted.MONTHS_ON_TRACHEOSTOMY * DAYS_PER_MONTH, size=n)
    on_ventilation = np.ceil(ventilated + survival)
    is_ventilated = ventilated < died
    return np.where(is_ventilated, on_ventilation, died), np.where(
        is_ventilated, ventilated, np.inf
    )


def _first_day_above(cumulative: Floats, threshold: Floats) -> Floats:
    """Day on which a cumulative hazard passes each threshold; infinite if never."""
    step = (cumulative <= threshold[:, None]).sum(axis=1)
    before = np.where(step > 0, _take(cumulative, np.maximum(step - 1, 0)), 0.0)
    reached = step < cumulative.shape[1]
    after = _take(cumulative, np.minimum(step, cumulative.shape[1] - 1))
    part = np.divide(threshold - before, after - before, where=reached, out=np.ones_like(before))
    return np.where(reached, np.ceil((step + part) * _GRID_DAYS).clip(min=_FIRST_EVENT_DAY), np.inf)


def _take(table: Floats, column: NDArray[np.int_]) -> Floats:
    return np.take_along_axis(table, column[:, None], axis=1)[:, 0]


def _decelerated(months: Floats) -> Floats:
    """Months since onset, shortened as loss decelerates; 0 before onset."""
    scale = planted.LOSS_DECELERATION_MONTHS
    return scale * -np.expm1(-np.maximum(months, 0.0) / scale)


def _draw_loss_rate(months: Floats, bounds: Floats, rng: np.random.Generator) -> Floats:
    """Points lost per month at onset, given that the total at enrolment is within its bounds."""
    shape = planted.LOSS_RATE_SHAPE
    law = gamma(shape, scale=planted.LOSS_RATE_MEAN_PER_MONTH / shape)
    lowest, highest = bounds.T
    exposure = _decelerated(months)
    low, high = law.cdf((MAX_TOTAL - highest) / exposure), law.cdf((MAX_TOTAL - lowest) / exposure)
    rate: Floats = law.ppf(rng.uniform(low, high))
    return rate
