"""Firth's logistic regression of outcome on one burden score, with strata and covariates."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.set_null import SetNull

_STEP_TOLERANCE = 1e-9
_STEP_MAX = 5.0
_N_ITERATION_MAX = 300
_N_HALVING_MAX = 30
_N_END_MAX = 40
_DROP_95 = float(chi2.isf(0.05, 1))
_BETA_MAX = 60.0
"""Log odds ratio per standard deviation beyond which no end of an interval is sought."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class BurdenFit:
    """Estimate of a burden score, on the log-odds scale."""

    beta: float
    """Log odds ratio of being a case per unit of the score; NaN where nothing was fitted."""
    standard_error: float
    """From the inverse Fisher information at the estimate."""
    ci_lower: float
    """95% profile penalised likelihood; NaN where not found."""
    ci_upper: float
    """95% profile penalised likelihood; NaN where not found."""
    p_value: float
    """Penalised likelihood ratio test, one degree of freedom."""
    fit_status: str
    """``ok``, ``no_variation`` or ``not_converged``."""


_NOTHING = (float("nan"),) * 4


def burden_fit(null: SetNull, score: Floats, *, with_interval: bool = True) -> BurdenFit:
    """Penalised log odds ratio of a burden score, adjusted for strata and covariates.

    Parameters
    ----------
    null
        Labels, strata and covariates.
    score
        Burden of each sample, any unit, shape (n_sample,), no NaN.
    with_interval
        Whether the ends of the interval are sought, most of the time; NaN otherwise.

    Returns
    -------
    BurdenFit
        ``no_variation`` (P value 1) where the score is fitted by strata and covariates.

    Raises
    ------
    InputDataError
        If the score's shape is wrong or it holds a missing value.

    Notes
    -----
    As :func:`alsrev_dagster.stats.firth.firth_logistic`, whose numbers it gives for a score of
    0, 1 and 2, but for any design: half the log determinant of the full Fisher information is
    added in both fits [1]_ [2]_. The P value leans on a chi-square of one degree of freedom:
    with few carriers the exact one beside it is of record. A handful of samples per stratum
    biases it.

    References
    ----------
    .. [1] Firth (1993), Biometrika 80:27-38.
    .. [2] Heinze & Schemper (2002), Stat Med 21:2409-2419.

    Examples
    --------
    >>> from alsrev_dagster.stats.set_null import set_null
    >>> is_case, score = np.arange(265) < 22, (np.arange(265) < 3).astype(float)
    >>> fit = burden_fit(set_null(is_case), score)
    >>> round(fit.beta, 6), round(fit.p_value, 9)
    (4.470613, 0.000123342)
    """
    if score.shape != null.is_case.shape or not np.isfinite(score).all():
        raise InputDataError(
            f"the burden score has shape {score.shape} and {int((~np.isfinite(score)).sum())} "
            f"values that are not finite: expected {null.is_case.shape} and none; fill missing "
            "calls first (set_genotypes)"
        )
    scale = float(score.std())
    design = np.column_stack([null.design, score / (scale or 1)])
    if scale == 0 or np.linalg.matrix_rank(design) < design.shape[1]:
        return BurdenFit(*_NOTHING, 1.0, "no_variation")
    model = _Model(design, null.is_case.astype(np.float64))
    origin = np.zeros(design.shape[1])
    full, fixed = model.maximum(origin, is_free=True), model.maximum(origin, is_free=False)
    if full is None or fixed is None:
        return BurdenFit(*_NOTHING, float("nan"), "not_converged")
    ends = [model.end(full, side) if with_interval else float("nan") for side in (-1, 1)]
    return BurdenFit(
        beta=float(full.parameter[-1]) / scale,
        standard_error=full.standard_error / scale,
        ci_lower=ends[0] / scale,
        ci_upper=ends[1] / scale,
        p_value=float(chi2.sf(max(2 * (full.value - fixed.value), 0.0), 1)),
        fit_status="ok",
    )


@dataclass(frozen=True)
class _Point:
    """Where a model stands: parameters, penalised log likelihood, next step, last score."""

    parameter: Floats
    value: float
    step: Floats
    last_score: float
    standard_error: float


class _Model:
    """Penalised likelihood of a design whose last column is tested."""

    def __init__(self, design: Floats, is_case: Floats) -> None:
        self.design, self.is_case = design, is_case

    def maximum(self, start: Floats, *, is_free: bool) -> _Point | None:
        """Climb from ``start``, with or without the last parameter; None if not reached."""
        n_free = len(start) if is_free else len(start) - 1
        here = self._point(start, n_free)
        for _ in range(_N_ITERATION_MAX):
            longest = float(np.abs(here.step).max(initial=0.0))
            step = here.step * min(1.0, _STEP_MAX / max(longest, 1e-300))
            floor = here.value - 1e-12 * abs(here.value)
            for _ in range(_N_HALVING_MAX):
                moved = self._point(here.parameter + step, n_free)
                if moved.value >= floor:
                    break
                step = step / 2
            here = moved
            if longest < _STEP_TOLERANCE:
                return here
        return None

    def end(self, top: _Point, side: int) -> float:
        """Where the penalised likelihood has fallen by that of a 95% interval; NaN if nowhere.

        Newton's steps on the profile, whose slope is the score of the last parameter; each
        from where the last one ended.
        """
        here, at = top.parameter, float(top.parameter[-1]) + side * 2 * top.standard_error
        for _ in range(_N_END_MAX):
            found = self.maximum(np.append(here[:-1], at), is_free=False)
            if found is None or abs(at) > _BETA_MAX or found.last_score * side >= 0:
                return float("nan")
            excess = 2 * (top.value - found.value) - _DROP_95
            step = excess / (2 * found.last_score)
            at += float(np.clip(step, -2 * top.standard_error, 2 * top.standard_error))
            here = found.parameter
            if abs(step) < _STEP_TOLERANCE * 10:
                return at
        return float("nan")

    def _point(self, parameter: Floats, n_free: int) -> _Point:
        """Newton step of the free parameters on the augmented data, and what goes with it."""
        eta = self.design @ parameter
        p = 1 / (1 + np.exp(-np.clip(eta, -500, 500)))
        weight = p * (1 - p)
        information = self.design.T @ (weight[:, None] * self.design)
        sign, log_determinant = np.linalg.slogdet(information)
        if sign <= 0:
            return _Point(parameter, -np.inf, np.zeros(len(parameter)), 0.0, np.nan)
        inverse = np.linalg.inv(information)
        leverage = weight * ((self.design @ inverse) * self.design).sum(axis=1)
        score = self.design.T @ (self.is_case - p + leverage * (0.5 - p))
        augmented = self.design.T @ ((weight * (1 + leverage))[:, None] * self.design)
        step = np.zeros(len(parameter))
        step[:n_free] = np.linalg.solve(augmented[:n_free, :n_free], score[:n_free])
        likelihood = float((self.is_case * eta - np.logaddexp(0, eta)).sum())
        error = float(inverse[-1, -1]) ** 0.5
        return _Point(
            parameter, likelihood + float(log_determinant) / 2, step, float(score[-1]), error
        )
