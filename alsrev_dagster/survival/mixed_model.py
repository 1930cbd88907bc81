"""Linear mixed model of repeated scores: fixed effects, a random intercept and a random slope."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import minimize

from alsrev_dagster.survival.mixed_products import (
    Products,
    deviance,
    evaluate,
    is_full_rank,
    lower_triangle,
    products,
    slope,
)
from alsrev_dagster.survival.newton import polished
from alsrev_dagster.survival.risk import BoolArray, FloatArray, IntArray
from alsrev_dagster.survival.satterthwaite import satterthwaite_df

MixedStatus = Literal["ok", "singular", "not_estimable", "too_few_visits", "not_converged"]
Method = Literal["reml", "ml"]

_SINGULAR = 1e-4
"""A relative standard deviation below this is 0 (lme4's isSingular)."""
_LIFTED = 0.1
"""Relative standard deviation from which a search that ended at 0 is begun anew."""
_GRADIENT = 1e-6
"""Largest slope of the deviance left at a maximum, a visit."""
_NEAR = 1e-9
"""Slope a visit below which no further step is taken."""
_EXACT = 1e-20
"""Share of the scores' squares below which nothing is left beside the fixed effects."""


@dataclass(frozen=True)
class MixedFit:
    """Estimates of a linear mixed model; NaN unless ``fit_status`` is ok or singular.

    ``singular``: a random effect has variance 0 or the two are perfectly correlated; estimates
    stand, and degrees of freedom take such a variance as known to be 0. ``not_estimable``: a
    column of the design follows from the others. ``too_few_visits``: no more visits than
    parameters. ``not_converged``: no maximum was found.
    """

    fit_status: MixedStatus
    n_visit: int
    n_person: int
    coefficient: FloatArray
    """Shape (n_fixed,)."""
    covariance: FloatArray
    """Of the coefficients, shape (n_fixed, n_fixed)."""
    degrees_of_freedom: FloatArray
    """Satterthwaite's, of each coefficient, shape (n_fixed,); NaN by maximum likelihood."""
    residual_sd: float
    random_covariance: FloatArray
    """Of the random effects, shape (n_random, n_random)."""
    random_effect: FloatArray
    """Best linear unbiased predictions, shape (n_person, n_random)."""
    log_likelihood: float
    """Restricted for REML: to be compared between models of the same fixed effects only."""
    method: Method

    @property
    def standard_error(self) -> FloatArray:
        """Of the coefficients, shape (n_fixed,)."""
        error: FloatArray = np.sqrt(np.diag(self.covariance))
        return error

    @property
    def random_sd(self) -> FloatArray:
        """Standard deviations of the random effects, shape (n_random,)."""
        sd: FloatArray = np.sqrt(np.diag(self.random_covariance))
        return sd

    @property
    def correlation(self) -> float:
        """Of random intercept and slope; NaN where one of them does not vary, or there is one."""
        sd = self.random_sd
        if len(sd) < 2 or not sd.min() > 0:
            return float("nan")
        return float(self.random_covariance[0, 1] / (sd[0] * sd[1]))


def mixed_model(
    score: FloatArray,
    fixed: FloatArray,
    random: FloatArray,
    person: IntArray,
    *,
    method: Method = "reml",
    near: MixedFit | None = None,
) -> MixedFit:
    """Linear mixed model with one or two correlated random effects of each person.

    Parameters
    ----------
    score
        Outcome of each visit, points, shape (n_visit,).
    fixed
        Design of the fixed effects, shape (n_visit, n_fixed); with its intercept.
    random
        Design of the random effects, shape (n_visit, n_random): a column of ones, and time.
    person
        Number of each visit's person, 0 to n_person - 1, shape (n_visit,).
    method
        ``reml`` for estimates, ``ml`` for comparing models of different fixed effects.
    near
        A fit of the same visits and random effects, from whose variances the search begins: it
        changes how long the search takes, not where it ends.

    Returns
    -------
    MixedFit
        Read ``fit_status`` first.

    Raises
    ------
    InputDataError
        If a number is missing, shapes disagree or a person has no visit.

    Notes
    -----
    y = X beta + Z b + e with b ~ N(0, D) and e ~ N(0, sigma^2) [1]_. beta and sigma^2 are
    profiled out and the likelihood is maximised over the factor of D / sigma^2, by its exact
    slope, to a scaled gradient of 1e-6. Visits missing at random given the observed scores do no
    harm; those missing because of what was not observed (death by an unseen fall) do: see
    pattern_mixture and joint_model. One D and one sigma for all: if few carriers vary more than
    the others, their standard errors are too small, whatever the degrees of freedom.

    References
    ----------
    .. [1] Laird & Ware (1982), Biometrics 38:963; Bates et al. (2015), J Stat Softw 67(1).
    .. [2] Satterthwaite's df as in Kuznetsova et al. (2017), J Stat Softw 82(13).

    Examples
    --------
    >>> person, months = np.repeat(np.arange(4), 3), np.tile([0.0, 6, 12], 4)
    >>> score = 40 - 0.5 * months + np.repeat([2.0, -1, 3, -4], 3) + np.tile([1.0, -1, 0], 4)
    >>> design = np.column_stack([np.ones(12), months])
    >>> fit = mixed_model(score, design, design[:, :1], person)
    >>> fit.coefficient.round(3).tolist()
    [40.5, -0.583]
    """
    shape = (len(np.unique(person)), fixed.shape[-1], random.shape[-1])
    if len(score) and not is_full_rank(fixed):
        return _no_fit("not_estimable", len(score), shape, method)
    if len(score) <= fixed.shape[-1] + random.shape[-1] * (random.shape[-1] + 1) // 2 + 1:
        return _no_fit("too_few_visits", len(score), shape, method)
    sums = products(score, fixed, random, person)
    is_exact = sums.outcome_square <= _EXACT * float(score @ score)
    start = _start(sums, near)
    factor = None if is_exact else _best_factor(sums, start, is_restricted=method == "reml")
    if factor is None:
        return _no_fit("not_converged", len(score), shape, method)
    return _fitted(sums, factor, method)


def _no_fit(
    status: MixedStatus, n_visit: int, shape: tuple[int, int, int], method: Method
) -> MixedFit:
    """Say why there are no numbers."""
    n_person, n_fixed, n_random = shape
    nan = np.full((max(n_fixed, n_random, n_person),) * 2, np.nan)
    return MixedFit(
        status,
        n_visit,
        n_person,
        coefficient=nan[0, :n_fixed],
        covariance=nan[:n_fixed, :n_fixed],
        degrees_of_freedom=nan[0, :n_fixed],
        residual_sd=float("nan"),
        random_covariance=nan[:n_random, :n_random],
        random_effect=nan[:n_person, :n_random],
        log_likelihood=float("nan"),
        method=method,
    )


def _start(sums: Products, near: MixedFit | None) -> FloatArray:
    """Lower triangle from which a search begins: of the fit near by, or of the identity."""
    factor: FloatArray = np.eye(sums.n_random)
    if near is not None and near.fit_status == "ok":
        spread = near.random_covariance / near.residual_sd**2
        factor = np.linalg.cholesky(spread * np.outer(sums.scale, sums.scale)).astype(np.float64)
    triangle: FloatArray = factor[lower_triangle(sums.n_random)]
    return triangle


def _best_factor(sums: Products, start: FloatArray, *, is_restricted: bool) -> FloatArray | None:
    """Relative factor at the maximum of the likelihood; None where the search fails.

    The deviance is even in each diagonal element, so that its slope is 0 where one is: a search
    that touches that bound stays, even on a ridge. From there it is begun anew, a little inside.
    """
    found = _climbed(sums, start, is_restricted=is_restricted)
    at_bound = _is_at_bound(sums, found)
    if found is None or not at_bound.any():
        return found
    lifted: FloatArray = found[lower_triangle(sums.n_random)]
    lifted = np.where(at_bound, _LIFTED, lifted)
    other = _climbed(sums, lifted, is_restricted=is_restricted)
    if other is None:
        return found
    low, high = (
        deviance(sums, evaluate(sums, one), is_restricted=is_restricted) for one in (other, found)
    )
    return other if low < high else found


def _is_at_bound(sums: Products, factor: FloatArray | None) -> BoolArray:
    """Which elements of the lower triangle are diagonal and as good as 0."""
    row, column = lower_triangle(sums.n_random)
    if factor is None:
        return np.zeros(len(row), dtype=np.bool_)
    at_bound: BoolArray = (row == column) & (factor[row, column] < _SINGULAR)
    return at_bound


def _climbed(sums: Products, start: FloatArray, *, is_restricted: bool) -> FloatArray | None:
    """Relative factor where a search from the start ends; None where that is no maximum."""
    place = lower_triangle(sums.n_random)
    is_diagonal = place[0] == place[1]

    def factor_of(parameter: FloatArray) -> FloatArray:
        factor = np.zeros((sums.n_random, sums.n_random))
        factor[place] = parameter
        return factor

    def slope_at(parameter: FloatArray) -> tuple[float, FloatArray]:
        factor = factor_of(parameter)
        at = evaluate(sums, factor)
        if not at.residual_square > 0:  # lost to rounding, where effects leave nothing to noise
            return np.inf, np.zeros(len(parameter))
        n = sums.n_visit - (sums.n_fixed if is_restricted else 0)
        by = slope(sums, at, factor, at.residual_square / n, is_restricted=is_restricted)
        return deviance(sums, at, is_restricted=is_restricted), by

    bounds = [(0.0, None) if diagonal else (None, None) for diagonal in is_diagonal]
    found = minimize(
        slope_at, start, jac=True, method="L-BFGS-B", bounds=bounds,
        options={"ftol": 1e-11, "gtol": 1e-9, "maxiter": 500},
    )  # fmt: skip
    free = ~(is_diagonal & (found.x < _SINGULAR))
    near = _NEAR * sums.n_visit
    parameter = polished(lambda at: slope_at(at)[1], np.where(free, found.x, 0.0), free, near=near)
    left = np.abs(slope_at(parameter)[1][free]).max(initial=0.0)
    return factor_of(parameter) if left < _GRADIENT * sums.n_visit else None


def _fitted(sums: Products, factor: FloatArray, method: Method) -> MixedFit:
    """Everything at the maximum, in the units that were given."""
    is_restricted = method == "reml"
    at = evaluate(sums, factor)
    n = sums.n_visit - (sums.n_fixed if is_restricted else 0)
    variance = at.residual_square / n
    covariance = variance * sums.from_basis @ at.inverse @ sums.from_basis.T
    unscaled = factor / sums.scale[:, None]
    effect = at.pull @ (factor @ unscaled.T)
    df = np.full(sums.n_fixed, np.nan)
    if is_restricted:
        df = satterthwaite_df(sums, factor, variance, np.eye(sums.n_fixed))
    is_singular = bool((np.diag(factor) < _SINGULAR).any())
    return MixedFit(
        "singular" if is_singular else "ok",
        sums.n_visit,
        len(effect),
        sums.from_basis @ (sums.least_squares + at.coefficient),
        (covariance + covariance.T) / 2,
        df,
        float(np.sqrt(variance)),
        variance * unscaled @ unscaled.T,
        effect,
        -deviance(sums, at, is_restricted=is_restricted) / 2,
        method,
    )
