"""Courses of scores that pile up at a floor and a ceiling: how many do, and what it hides."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import norm

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.course_design import Visits
from alsrev_dagster.survival.kernel.censored import fill_censored
from alsrev_dagster.survival.maximum import maximum
from alsrev_dagster.survival.mixed_model import mixed_model
from alsrev_dagster.survival.nonparametric import Z_95
from alsrev_dagster.survival.risk import FloatArray, IntArray

CensoredStatus = Literal["ok", "singular", "not_estimable", "not_converged"]

FLOOR, CEILING = 0.0, 48.0
"""Ends of an ALSFRS-R total."""

_N_NODE = 9
_VARY = 0.1
_SINGULAR = 1e-3


@dataclass(frozen=True)
class AtTheEnds:
    """Visits at the floor and at the ceiling of one group."""

    n_visit: int
    n_floor: int
    n_ceiling: int
    floor_rate: float
    """Fraction of the visits; NaN without visits."""
    ceiling_rate: float


@dataclass(frozen=True)
class CensoredCourse:
    """Coefficients of a mixed model of the score below the floor and above the ceiling, too."""

    fit_status: CensoredStatus
    n_visit: int
    n_floor: int
    n_ceiling: int
    coefficient: FloatArray
    standard_error: FloatArray
    ci_lower: FloatArray
    ci_upper: FloatArray
    p_value: FloatArray
    """Wald's, by the normal distribution; shapes (n_fixed,)."""
    residual_sd: float
    random_covariance: FloatArray
    log_likelihood: float


def at_the_ends(score: FloatArray, *, floor: float = FLOOR, ceiling: float = CEILING) -> AtTheEnds:
    """How many scores are at the floor and at the ceiling.

    Parameters
    ----------
    score
        Of a group's visits, shape (n,).
    floor, ceiling
        Of the scale.

    Returns
    -------
    AtTheEnds
        Above a few percent, read censored_course beside a mixed model.

    Examples
    --------
    >>> at_the_ends(np.array([48.0, 48, 30, 0])).ceiling_rate
    0.5
    """
    low, high = int((score <= floor).sum()), int((score >= ceiling).sum())
    n = len(score)
    rates = (low / n, high / n) if n else (float("nan"), float("nan"))
    return AtTheEnds(n, low, high, *rates)


def censored_course(
    visits: Visits,
    fixed: FloatArray,
    *,
    floor: float = FLOOR,
    ceiling: float = CEILING,
    n_node: int = _N_NODE,
) -> CensoredCourse:
    """Mixed model with random intercept and slope of scores that end at a floor and a ceiling.

    Parameters
    ----------
    visits
        Complete scores.
    fixed
        Design of the mean course, shape (n_visit, n_fixed): course_design makes one.
    floor, ceiling
        A score there stands for all beyond.
    n_node
        Of adaptive Gauss-Hermite quadrature, for each of two random effects.

    Returns
    -------
    CensoredCourse
        The same as the mixed model by maximum likelihood where no score is at an end.

    Raises
    ------
    InputDataError
        If a score is outside the scale or the ends are not in order.

    Notes
    -----
    A latent score m_i(t) + e is seen as it is between the ends, else as the end [1]_. Whether a
    function lost beyond the floor goes on being lost is for the reader to say: slopes are of the
    latent score. Normal noise below the floor cannot be checked. A sensitivity beside the mixed
    model; Wald's intervals, too short with few carriers.

    References
    ----------
    .. [1] Tobin (1958), Econometrica 26:24; Hughes (1999), Biometrics 55:625.
    """
    _refuse(visits, fixed, floor, ceiling)
    side = (visits.score >= ceiling).astype(np.int64) - (visits.score <= floor)
    random = np.column_stack([np.ones(len(visits.months)), visits.months])
    first = mixed_model(visits.score, fixed, random, visits.person, method="ml")
    if first.fit_status not in ("ok", "singular"):
        status: CensoredStatus = (
            "not_estimable" if first.fit_status == "not_estimable" else "not_converged"
        )
        return _result(status, side, (np.full(fixed.shape[1] + 4, np.nan), None), float("nan"))
    likelihood = _Likelihood(visits, fixed, side, n_node)
    least = _VARY * first.residual_sd / np.sqrt((random**2).mean(axis=0))
    spread = first.random_covariance + np.diag(_VARY * np.diag(first.random_covariance) + least**2)
    factor = np.linalg.cholesky(spread)
    own = [np.log(first.residual_sd), factor[0, 0], factor[1, 0], factor[1, 1]]
    found = maximum(likelihood.by_person, np.concatenate([first.coefficient, own]))
    if found is None:
        nan = np.full(fixed.shape[1] + 4, np.nan)
        return _result("not_converged", side, (nan, None), float("nan"))
    months = float(np.sqrt((visits.months**2).mean()))
    least_sd = min(abs(found.parameter[-3]), abs(found.parameter[-1]) * months)
    is_singular = found.n_flat > 0 or least_sd < _SINGULAR * np.exp(found.parameter[-4])
    both = (found.parameter, found.covariance)
    return _result("singular" if is_singular else "ok", side, both, found.log_likelihood)


class _Likelihood:
    """Log likelihood and its slope: fixed effects, log SD, the factor's 00, 10 and 11."""

    def __init__(self, visits: Visits, fixed: FloatArray, side: IntArray, n_node: int) -> None:
        order = np.argsort(visits.person, kind="stable")
        person = visits.person[order]
        self._start = np.append(np.flatnonzero(np.diff(person, prepend=-1)), len(person))
        self._score, self._fixed = visits.score[order], fixed[order]
        self._side, self._months = side[order], visits.months[order]
        node, weight = np.polynomial.hermite_e.hermegauss(n_node)
        pair = np.stack(np.meshgrid(node, node, indexing="ij"), axis=-1).reshape(-1, 2)
        log_weight = np.log(weight / weight.sum())
        self._quadrature = (pair, np.add.outer(log_weight, log_weight).ravel())

    def by_person(self, parameter: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Log likelihood and slope of each person, shapes (n,) and (n, n_parameter)."""
        n_visit, n_fixed = self._fixed.shape
        log_sd, l00, l10, l11 = parameter[n_fixed:]
        load = np.column_stack([l00 + l10 * self._months, l11 * self._months])
        n = len(self._start) - 1
        found = tuple(np.empty(shape) for shape in ((n,), (n_visit,), (n_visit, 2), (n,)))
        rest = self._score - self._fixed @ parameter[:n_fixed]
        fill_censored((rest, load, self._side), self._start, float(log_sd), self._quadrature, found)
        value, by_mean, by_load, by_sd = found
        of_visit = np.column_stack(
            [
                self._fixed * by_mean[:, None],
                by_load[:, 0],
                by_load[:, 0] * self._months,
                by_load[:, 1] * self._months,
            ]
        )
        summed = np.add.reduceat(of_visit, self._start[:-1], axis=0)
        return value, np.column_stack([summed[:, :n_fixed], by_sd, summed[:, n_fixed:]])


def _result(
    status: CensoredStatus,
    side: IntArray,
    found: tuple[FloatArray, FloatArray | None],
    value: float,
) -> CensoredCourse:
    parameter, covariance = found
    n_fixed = len(parameter) - 4
    log_sd, l00, l10, l11 = parameter[n_fixed:]
    factor = np.array([[l00, 0.0], [l10, l11]])
    coefficient = parameter[:n_fixed]
    error = (
        np.full(n_fixed, np.nan) if covariance is None else np.sqrt(np.diag(covariance))[:n_fixed]
    )
    return CensoredCourse(
        fit_status=status,
        n_visit=len(side),
        n_floor=int((side < 0).sum()),
        n_ceiling=int((side > 0).sum()),
        coefficient=coefficient,
        standard_error=error,
        ci_lower=coefficient - Z_95 * error,
        ci_upper=coefficient + Z_95 * error,
        p_value=2 * norm.sf(np.abs(coefficient) / error),
        residual_sd=float(np.exp(log_sd)),
        random_covariance=factor @ factor.T,
        log_likelihood=value,
    )


def _refuse(visits: Visits, fixed: FloatArray, floor: float, ceiling: float) -> None:
    if not floor < ceiling:
        raise InputDataError(
            f"the floor is {floor:g} and the ceiling {ceiling:g}: expected floor < ceiling; an "
            "ALSFRS-R total has 0 and 48"
        )
    n_outside = int((~((visits.score >= floor) & (visits.score <= ceiling))).sum())
    if n_outside:
        raise InputDataError(
            f"{n_outside} of {len(visits.score)} scores are missing or outside {floor:g} to "
            f"{ceiling:g}: expected totals of that scale; leave out visits without one"
        )
    if len(fixed) != len(visits.score):
        raise InputDataError(
            f"there are {len(visits.score)} scores and {len(fixed)} rows of the design: expected "
            "one row a visit; make it with course_design"
        )
