"""How far unseen scores would have to fall for a difference in slope to go (tipping point)."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student_t

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.course_design import Visits
from alsrev_dagster.survival.mixed_model import MixedFit, mixed_model
from alsrev_dagster.survival.pattern_mixture import refuse_people
from alsrev_dagster.survival.risk import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class TippingPoint:
    """How much faster unseen scores of carriers would have to fall for the difference to go.

    ``delta_per_month`` has the points a month by which carriers who left fall faster, after they
    left, than scores missing at random would; the other arrays go with it. ``tipping_delta`` is
    the first at which the 95% interval holds 0; NaN where it does at once or never.
    """

    delta_per_month: FloatArray
    slope_difference_per_month: FloatArray
    ci_lower: FloatArray
    ci_upper: FloatArray
    p_value: FloatArray
    tipping_delta: float
    n_imputation: int
    n_imputed: int
    """Visits filled in."""


def tipping_point(
    visits: Visits,
    carrier: BoolArray,
    schedule_months: FloatArray,
    delta_per_month: FloatArray,
    *,
    random: np.random.Generator,
    n_imputation: int = 20,
) -> TippingPoint:
    """Delta-adjusted multiple imputation of the visits that people did not live to.

    Parameters
    ----------
    visits
        Complete scores.
    carrier
        Of each person, shape (n_person,).
    schedule_months
        Visits that everybody should have had; those after a person's last are filled in.
    delta_per_month
        By how much faster carriers' unseen scores fall than at random, points a month since the
        last visit, each at least 0; increasing.
    random
        From what imputations are drawn.
    n_imputation
        At least 2.

    Returns
    -------
    TippingPoint
        One row a delta.

    Raises
    ------
    InputDataError
        If people and visits do not fit together, or the mixed model has no fit.

    Notes
    -----
    Unseen scores are drawn from the mixed model of the seen ones: coefficients from their
    estimated distribution, a person's random effects given its scores, and noise; variances are
    held [1]_. Each filled-in set is fitted by weighted least squares at those variances, and
    joined by Rubin's rules. A difference in favour of the others tips the other way: give the
    others as carriers. A score after death is not a thing that exists: this asks how robust the
    model's comparison is, no more.

    References
    ----------
    .. [1] Rubin (1987), Multiple Imputation; Carpenter, Roger & Kenward (2013), J Biopharm Stat
       23:1352.
    """
    refuse_people(visits, carrier, carrier.astype(np.int64))
    if n_imputation < 2:
        raise InputDataError(f"n_imputation is {n_imputation}: expected 2 or more; take 20")
    group = carrier.astype(np.float64)
    fixed = _design(visits.months, group[visits.person])
    fit = mixed_model(visits.score, fixed, fixed[:, :2], visits.person)
    if fit.fit_status not in ("ok", "singular"):
        raise InputDataError(
            f"the mixed model of the seen scores is {fit.fit_status}: expected a fit to impute "
            "from; look at carrier_course first"
        )
    last = np.full(len(group), -np.inf)
    np.maximum.at(last, visits.person, visits.months)
    who, place = np.nonzero(schedule_months[None, :] > last[:, None])
    unseen = Visits(np.zeros(len(who)), schedule_months[place], who.astype(np.int64))
    person = np.concatenate([visits.person, unseen.person])
    whole = np.vstack([fixed, _design(unseen.months, group[who])])
    estimator, within = _least_squares(whole, person, fit)
    fall = np.append(np.zeros(len(visits.score)), group[who] * (unseen.months - last[who]))
    drawn = [
        float(estimator @ np.append(visits.score, _draw(visits, fixed, unseen, group, fit, random)))
        for _ in range(n_imputation)
    ]
    slope = np.mean(drawn) - delta_per_month * float(estimator @ fall)
    between = float(np.var(drawn, ddof=1)) * (1 + 1 / n_imputation)
    error = float(np.sqrt(within + between))
    df = (n_imputation - 1) * (1 + within / between) ** 2 if between > 0 else np.inf
    half = float(student_t.ppf(0.975, df)) * error
    holds_zero = (slope - half <= 0) & (slope + half >= 0)
    first = np.flatnonzero(holds_zero)
    tips = len(first) > 0 and not holds_zero[0]
    return TippingPoint(
        delta_per_month=delta_per_month,
        slope_difference_per_month=slope,
        ci_lower=slope - half,
        ci_upper=slope + half,
        p_value=2 * student_t.sf(np.abs(slope) / error, df),
        tipping_delta=float(delta_per_month[first[0]]) if tips else float("nan"),
        n_imputation=n_imputation,
        n_imputed=len(who),
    )


def _design(months: FloatArray, group: FloatArray) -> FloatArray:
    """1, months, carrier, carrier x months."""
    return np.column_stack([np.ones(len(months)), months, group, group * months])


def _least_squares(fixed: FloatArray, person: IntArray, fit: MixedFit) -> tuple[FloatArray, float]:
    """Weights of scores in the estimate of carrier x time at the fit's variances; its variance."""
    spread, variance = fit.random_covariance, fit.residual_sd**2
    weighted = np.empty_like(fixed)
    for number in np.unique(person):
        here = np.flatnonzero(person == number)
        z = fixed[here, :2]
        weighted[here] = np.linalg.solve(
            z @ spread @ z.T + variance * np.eye(len(here)), fixed[here]
        )
    inverse = np.linalg.inv(fixed.T @ weighted)
    return weighted @ inverse[3], float(inverse[3, 3])


def _draw(
    visits: Visits,
    fixed: FloatArray,
    unseen: Visits,
    group: FloatArray,
    fit: MixedFit,
    random: np.random.Generator,
) -> FloatArray:
    """Unseen scores, once."""
    beta = random.multivariate_normal(fit.coefficient, fit.covariance, method="cholesky")
    z, variance = fixed[:, :2], fit.residual_sd**2
    n = len(group)
    square = np.zeros((n, 2, 2))
    pulled = np.zeros((n, 2))
    np.add.at(square, visits.person, z[:, :, None] * z[:, None, :])
    np.add.at(pulled, visits.person, z * (visits.score - fixed @ beta)[:, None])
    # Cov(b | y) = (I + D Z'Z / v)^-1 D, which a D without full rank does not hinder
    shrunk = np.linalg.solve(
        np.eye(2) + fit.random_covariance @ square / variance,
        np.broadcast_to(fit.random_covariance, (n, 2, 2)),
    )
    mean = np.einsum("nij,nj->ni", shrunk, pulled) / variance
    values, vectors = np.linalg.eigh((shrunk + np.swapaxes(shrunk, 1, 2)) / 2)
    root = vectors * np.sqrt(np.maximum(values, 0))[:, None, :]
    effect = mean + np.einsum("nij,nj->ni", root, random.standard_normal((n, 2)))
    of_person = effect[unseen.person]
    score = _design(unseen.months, group[unseen.person]) @ beta
    score += of_person[:, 0] + of_person[:, 1] * unseen.months
    return score + random.normal(0, fit.residual_sd, len(score))
