"""Scores of people who only decline, with a cohort's own visits and scatter."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from alsrev_dagster.clinical.kernel import gain as kernel
from alsrev_dagster.clinical.sustained import Rule
from alsrev_dagster.clinical.visit_series import IntArray, VisitSeries
from alsrev_dagster.months import DAYS_PER_MONTH

FloatArray = NDArray[np.float64]

_ROUNDING_VARIANCE = 1 / 12
"""Of a number rounded to a whole one (Sheppard's correction)."""
_N_SCORE_AT_ONCE = 2_000_000
"""Simulated scores held together; bounds the memory, changes no result."""
_IQR_OF_NORMAL = 1.3489795
_SLOPE_MIN_VISITS, _SLOPE_MIN_DAYS = 3, 90
"""Fewest visits, and shortest time between the first and the last, for a person's slope."""


@dataclass(frozen=True)
class NoiseModel:
    """Courses without a recovery: a straight decline, and the scatter of a score about it."""

    residual_sd: float
    """Points, before a score is rounded."""
    slope_mean_per_month: float
    """Points a month; negative is decline."""
    slope_sd_per_month: float
    """Between people."""
    n_residual: int = 0
    """Triples of visits that residual_sd was estimated from."""
    n_slope: int = 0
    """People whose slopes the two others were estimated from."""


def noise_model(series: VisitSeries, *, score_max: int) -> NoiseModel | None:
    """Scatter and decline of a cohort; None where it has no three visits of a person in a row.

    Notes
    -----
    residual_sd: of each inner visit of a series its distance from the straight line between the
    visit before and the one after, over what that distance spreads where each visit has variance
    1 [1]_. Only what bends between three visits is left in it: a decline, a plateau or a steady
    recovery of any shape cancels, so people who recover do not inflate it, as they would the
    residuals of a line fitted to the whole course. Visits beside a score at either end of the scale
    are left out: there is no room to scatter. Rounding's 1/12 is taken off. Jumps within one
    interval, and errors that persist from visit to visit (the same rater, a cold), break it: the
    first make it too large, the others too small.

    Slopes: least squares in each person with 3 visits over 90 days or more; median, and
    interquartile range less what the scatter alone gives, so that the few who recover weigh little.

    References
    ----------
    .. [1] Gasser, Sroka & Jennen-Steinmetz (1986), Biometrika 73:625-633.
    """
    squared, n_residual = _bends(series, score_max)
    if not n_residual:
        return None
    residual_sd = float(np.sqrt(max(squared / n_residual - _ROUNDING_VARIANCE, 1e-4)))
    slope, spread = _slopes(series)
    if not len(slope):
        return None
    low, median, high = np.quantile(slope, [0.25, 0.5, 0.75])
    observed = (high - low) / _IQR_OF_NORMAL
    of_scatter = float(np.median(spread)) * (residual_sd**2 + _ROUNDING_VARIANCE)
    slope_sd = float(np.sqrt(max(observed**2 - of_scatter, 0.0)))
    return NoiseModel(residual_sd, float(median), slope_sd, n_residual, len(slope))


def _bends(series: VisitSeries, score_max: int) -> tuple[float, int]:
    """Sum of squared standardised distances of inner visits from their neighbours' line."""
    inner = np.ones(len(series.day), dtype=np.bool_)
    inner[series.start[:-1]] = inner[series.start[1:] - 1] = False
    at = np.flatnonzero(inner)
    is_end = (series.total == 0) | (series.total == score_max)
    at = at[~(is_end[at - 1] | is_end[at] | is_end[at + 1])]
    before, here, after = (series.day[at + step].astype(np.float64) for step in (-1, 0, 1))
    weight = (after - here) / (after - before)
    line = weight * series.total[at - 1] + (1 - weight) * series.total[at + 1]
    spread = 1 + weight**2 + (1 - weight) ** 2
    return float(((series.total[at] - line) ** 2 / spread).sum()), len(at)


def _slopes(series: VisitSeries) -> tuple[FloatArray, FloatArray]:
    """Least squares slope a month of those seen for long enough, and its variance a unit's."""
    month, person = series.day / DAYS_PER_MONTH, series.person
    n = np.bincount(person)
    centred = month - (np.bincount(person, month) / n)[person]
    squares = np.bincount(person, centred**2)
    is_long = (n >= _SLOPE_MIN_VISITS) & (series.followed_days >= _SLOPE_MIN_DAYS)
    slope = np.bincount(person, centred * series.total)[is_long] / squares[is_long]
    return slope, 1 / squares[is_long]


def with_overrides(
    model: NoiseModel,
    *,
    residual_sd: float | None,
    slope_mean_per_month: float | None,
    slope_sd_per_month: float | None,
) -> NoiseModel:
    """Put what a study chose in the place of what was estimated."""
    return replace(
        model,
        residual_sd=_chosen(residual_sd, model.residual_sd),
        slope_mean_per_month=_chosen(slope_mean_per_month, model.slope_mean_per_month),
        slope_sd_per_month=_chosen(slope_sd_per_month, model.slope_sd_per_month),
    )


def _chosen(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value


def without_recovery(
    series: VisitSeries,
    model: NoiseModel,
    rng: np.random.Generator,
    *,
    n_simulation: int,
    score_max: int,
) -> Iterator[NDArray[np.int16]]:
    """Whole-number scores of the same visits if nobody recovered, some simulations at once.

    Each person starts at the first score seen and declines in a straight line with a slope drawn
    for each simulation: normal, none so steep that the scale ends before the person's last visit
    (who is still seen did not decline so fast), and 0 where it would rise.
    """
    n_visit = len(series.day)
    steepest = -series.baseline / np.maximum(series.followed_days / DAYS_PER_MONTH, 1e-9)
    n_at_once = max(1, _N_SCORE_AT_ONCE // max(n_visit, 1))
    for begin in range(0, n_simulation, n_at_once):
        slope = declines(model, rng, steepest, min(n_at_once, n_simulation - begin))
        yield scores(series, slope, model.residual_sd, rng, score_max=score_max)


def scores(
    series: VisitSeries,
    slope: FloatArray,
    residual_sd: float,
    rng: np.random.Generator,
    *,
    score_max: int,
) -> NDArray[np.int16]:
    """Whole-number scores within the scale, of straight courses from each person's first score.

    ``slope`` is points a month of each person in each simulation, (n_row, n_person).
    """
    month = series.day / DAYS_PER_MONTH
    course = series.baseline[series.person] + slope[:, series.person] * month
    scattered = course + residual_sd * rng.standard_normal(course.shape)
    return np.clip(np.rint(scattered), 0, score_max).astype(np.int16)


def declines(
    model: NoiseModel, rng: np.random.Generator, steepest: FloatArray, n_row: int
) -> FloatArray:
    """Slopes of (n_row, n_person): normal from ``steepest`` on, and 0 where above it."""
    mean, sd = model.slope_mean_per_month, model.slope_sd_per_month
    if sd == 0:
        drawn = np.full((n_row, len(steepest)), mean)
    else:
        left_out = ndtr((steepest - mean) / sd)
        share = rng.random((n_row, len(steepest)))
        drawn = mean + sd * ndtri(left_out + share * (1 - left_out))
    clipped: FloatArray = np.clip(drawn, steepest, 0.0)
    return clipped


def confirmed_days(series: VisitSeries, total: NDArray[np.int16], rule: Rule) -> IntArray:
    """Day of the first confirmed event of each person in each row of scores; -1 where none."""
    n_series = len(series.start) - 1
    until = np.empty(len(series.day), dtype=np.int64)
    kernel.confirming_visits(series.start, series.day, rule, until)
    found = np.empty((len(total), n_series), dtype=np.int64)
    kernel.first_confirmed(series.start, series.day, total, rule, until, found)
    never = np.iinfo(np.int64).max
    first = np.minimum.reduceat(np.where(found < 0, never, found), series.first_series, axis=1)
    return np.where(first == never, kernel.NOTHING, first)
