"""The slope of each person's scores, by least squares and shrunken; and the noise about them."""

from dataclasses import dataclass

import numpy as np

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.course_design import Visits
from alsrev_dagster.survival.mixed_model import MixedStatus, mixed_model
from alsrev_dagster.survival.risk import FloatArray, IntArray

_DAY = 0.5 / 30.4375


@dataclass(frozen=True)
class PersonSlopes:
    """Slopes in points per month, shape (n_person,); negative is decline.

    Least squares weighs a person of two visits like one of twenty. The shrunken slope (best
    linear unbiased prediction) is drawn to the mean of all by as much as a person's visits leave
    open: never compare groups by it, for it holds less difference than there is.
    """

    n_visit: IntArray
    least_squares: FloatArray
    """NaN for people seen at one time only."""
    shrunken: FloatArray
    """NaN when ``fit_status`` says that the mixed model has no fit."""
    residual_sd: float
    """Of scores about each person's own line, by least squares, pooled; NaN without degrees
    of freedom."""
    n_residual: int
    """Degrees of freedom of residual_sd: visits less two a person seen at two times or more."""
    mixed_residual_sd: float
    """The same by the mixed model."""
    fit_status: MixedStatus


def person_slopes(visits: Visits) -> PersonSlopes:
    """Slope of each person and the standard deviation of scores about them.

    Parameters
    ----------
    visits
        Complete scores.

    Returns
    -------
    PersonSlopes
        One slope a person.

    Raises
    ------
    InputDataError
        If a number is missing or a person has no visit.

    Notes
    -----
    Both residual standard deviations take a straight line as a person's true course: a bend
    counts as noise. A noise that a false-recovery rate is simulated from is therefore an upper
    bound, best taken over windows of a year or two.

    Examples
    --------
    >>> months = np.array([0.0, 6, 12, 0, 6, 12])
    >>> score = np.array([40.0, 37, 34, 44, 44, 41])
    >>> slopes = person_slopes(Visits(score, months, np.array([0, 0, 0, 1, 1, 1])))
    >>> slopes.least_squares.tolist()
    [-0.5, -0.25]
    """
    if not len(visits.score):
        raise InputDataError("there is no visit with a score: expected some; look at raw.visit")
    months, person = visits.months, visits.person
    n_visit = np.bincount(person)
    mean_months, mean_score = _mean(months, person), _mean(visits.score, person)
    apart = months - mean_months[person]
    square = np.bincount(person, apart**2)
    is_repeated = square > _DAY**2
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = np.where(is_repeated, np.bincount(person, apart * visits.score) / square, np.nan)
    line = mean_score[person] + slope[person] * apart
    of_repeated = is_repeated[person]
    n_left = int(of_repeated.sum() - 2 * is_repeated.sum())
    left = float(((visits.score - line)[of_repeated] ** 2).sum())
    design = np.column_stack([np.ones(len(months)), months])
    fit = mixed_model(visits.score, design, design, person)
    return PersonSlopes(
        n_visit=n_visit.astype(np.int64),
        least_squares=slope,
        shrunken=fit.coefficient[1] + fit.random_effect[:, 1],
        residual_sd=float(np.sqrt(left / n_left)) if n_left > 0 else float("nan"),
        n_residual=n_left,
        mixed_residual_sd=fit.residual_sd,
        fit_status=fit.fit_status,
    )


def _mean(value: FloatArray, person: IntArray) -> FloatArray:
    mean: FloatArray = np.bincount(person, value) / np.bincount(person)
    return mean
