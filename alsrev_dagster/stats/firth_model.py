"""Firth's logistic regression of outcome on covariates alone: every coefficient of one model."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from alsrev_dagster.stats.design import Floats, NullDesign
from alsrev_dagster.stats.kernel.penalised import INVERSE, climb
from alsrev_dagster.stats.kernel.profile import profile_end
from alsrev_dagster.stats.logistic_null import RULE_EXACT, spaces

_DROP_95 = float(chi2.isf(0.05, 1))


@dataclass(frozen=True)
class FirthModel:
    """Coefficients of a model, the intercept first; arrays of shape (n_covariate + 1,)."""

    name: tuple[str, ...]
    beta: Floats
    """Log odds ratio per unit of the covariate as given."""
    standard_error: Floats
    """From the inverse Fisher information at the estimate."""
    ci_lower: Floats
    """95% profile penalised likelihood; NaN where not found."""
    ci_upper: Floats
    p_value: Floats
    """Penalised likelihood ratio test, one degree of freedom."""
    log_likelihood: float
    """Penalised log likelihood at the estimate."""


def firth_model(design: NullDesign) -> FirthModel:
    """Every coefficient of a design's covariates, with its interval and test.

    Notes
    -----
    One fit a coefficient, in a basis whose last row is what the others leave of its covariate:
    the last parameter is then the coefficient but for a factor. Heinze & Schemper (2002), Stat
    Med 21:2409-2419.

    Examples
    --------
    >>> from alsrev_dagster.stats.design import null_design
    >>> is_case = np.array([False, False, False, True, True, True])
    >>> found = firth_model(null_design(is_case, is_case[:, None] * 1.0, ["x"]))
    >>> found.beta.round(6).tolist() == np.log([1 / 7, 49]).round(6).tolist()
    True
    """
    raw = design.basis.T @ design.triangle
    k = raw.shape[1]
    number = np.array([_coefficient(raw, design, last) for last in range(k)])
    beta, error, lower, upper, p_value, likelihood = number.T
    name = ("intercept", *design.name)
    return FirthModel(name, beta, error, lower, upper, p_value, float(likelihood[0]))


def _coefficient(raw: Floats, design: NullDesign, last: int) -> list[float]:
    """Beta, standard error, ends, P value and penalised likelihood, of one coefficient."""
    n, k = raw.shape
    order = [*(j for j in range(k) if j != last), last]
    q, r = np.linalg.qr(raw[:, order])
    space, work = spaces(k, 0, n)
    rows, outcome = space[0], space[1]
    rows[:k, :n], outcome[:n] = q.T * np.sqrt(n), design.is_case
    model, shape = (rows, outcome, np.zeros((len(rows),) * 2)), (k - 1, 1, n, rows.shape[1])
    peak = np.zeros(len(rows))
    lower = climb(model, shape, k - 1, RULE_EXACT, peak, work)
    top = climb(model, shape, k, RULE_EXACT, peak, work)
    error = work[1][INVERSE, k - 1, k - 1]
    crude = rows[0, 0] if k > 1 and last else 0.0
    ends = [
        profile_end(model, shape, RULE_EXACT, peak, top, error, side, _DROP_95, crude, work)
        for side in (-1, 1)
    ]
    unit = r[-1, -1] / np.sqrt(n)
    ends = sorted(end / unit for end in ends)
    likelihood = top + np.log(np.abs(np.diag(r)) / np.sqrt(n)).sum()
    p_value = chi2.sf(max(2 * (top - lower), 0.0), 1)
    return [peak[k - 1] / unit, error / abs(unit), *ends, float(p_value), likelihood]
