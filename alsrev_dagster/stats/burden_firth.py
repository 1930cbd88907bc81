"""Firth's logistic regression of outcome on one burden score, with strata and covariates."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import chi2

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.set_null import SetNull

_STEP_TOLERANCE = 1e-9
_STEP_MAX = 5.0
_N_ITERATION_MAX = 300
_N_HALVING_MAX = 30
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
    full = model.fit(0.0, is_free=True)
    fixed = model.fit(0.0, is_free=False)
    if full is None or fixed is None:
        return BurdenFit(*_NOTHING, float("nan"), "not_converged")
    beta, top = full
    p_value = float(chi2.sf(max(2 * (top - fixed[1]), 0.0), 1))
    error = model.standard_error()
    ends = (
        [model.end(beta, top, side * error) for side in (-1, 1)] if with_interval else [np.nan] * 2
    )
    return BurdenFit(beta / scale, error / scale, ends[0] / scale, ends[1] / scale, p_value, "ok")


class _Model:
    """Penalised likelihood of a design whose last column is tested."""

    def __init__(self, design: Floats, is_case: Floats) -> None:
        self.design, self.is_case = design, is_case
        self.parameter = np.zeros(design.shape[1])

    def standard_error(self) -> float:
        """Standard error of the last parameter where the model stands."""
        return float(np.linalg.inv(self._information(self.parameter)[1])[-1, -1] ** 0.5)

    def fit(self, beta: float, *, is_free: bool) -> tuple[float, float] | None:
        """Last parameter and penalised log likelihood at the maximum; None if not reached."""
        here = self.parameter.copy() if is_free else np.append(self.parameter[:-1], beta)
        n_free = len(here) if is_free else len(here) - 1
        value = self._value(here)
        for _ in range(_N_ITERATION_MAX):
            step = self._step(here, n_free)
            longest = np.abs(step).max(initial=0.0)
            step *= min(1.0, _STEP_MAX / max(longest, 1e-300))
            for _ in range(_N_HALVING_MAX):
                moved = here + step
                reached = self._value(moved)
                if reached >= value - 1e-12 * abs(value):
                    break
                step = step / 2
            here, value = moved, reached
            if longest < _STEP_TOLERANCE:
                if is_free:
                    self.parameter = here
                return float(here[-1]), value
        return None

    def end(self, beta: float, top: float, step: float) -> float:
        """Where the penalised likelihood has fallen by that of a 95% interval; NaN if nowhere."""

        def missing(at: float) -> float:
            found = self.fit(at, is_free=False)
            return float("nan") if found is None else 2 * (top - found[1]) - _DROP_95

        far = beta + 2 * step
        while missing(far) < 0 and abs(far) < _BETA_MAX:
            far += 2 * step
        if not missing(far) >= 0:
            return float("nan")
        return float(brentq(missing, beta, far, xtol=1e-8))

    def _information(self, parameter: Floats) -> tuple[Floats, Floats]:
        eta = self.design @ parameter
        p = 1 / (1 + np.exp(-np.clip(eta, -500, 500)))
        return p, self.design.T @ ((p * (1 - p))[:, None] * self.design)

    def _value(self, parameter: Floats) -> float:
        eta = self.design @ parameter
        _, information = self._information(parameter)
        sign, log_determinant = np.linalg.slogdet(information)
        if sign <= 0:
            return -np.inf
        return float((self.is_case * eta - np.logaddexp(0, eta)).sum() + log_determinant / 2)

    def _step(self, parameter: Floats, n_free: int) -> Floats:
        """Newton step of the free parameters on the augmented data; the others stay."""
        p, information = self._information(parameter)
        weight = p * (1 - p)
        solved = np.linalg.solve(information, self.design.T)
        leverage = weight * np.einsum("ij,ji->i", self.design, solved)
        residual = self.is_case - p + leverage * (0.5 - p)
        free = self.design[:, :n_free]
        augmented = free.T @ ((weight * (1 + leverage))[:, None] * free)
        step = np.zeros(len(parameter))
        step[:n_free] = np.linalg.solve(augmented, free.T @ residual)
        return step
