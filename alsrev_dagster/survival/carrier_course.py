"""Whether scores of carriers run another course: a mixed model with carrier x time."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy.stats import chi2
from scipy.stats import t as student_t

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.course_design import (
    GeneticModel,
    Visits,
    course_design,
    genotype_code,
    spline_knots,
    stratum_course,
)
from alsrev_dagster.survival.mixed_model import Method, MixedFit, MixedStatus, mixed_model
from alsrev_dagster.survival.risk import FloatArray, IntArray

_NAN = float("nan")


@dataclass(frozen=True)
class CarrierCourse:
    """Course of carriers against others, per copy in the additive model; see ``fit_status``.

    ``slope_difference`` above 0 means that carriers decline more slowly. All is estimated from
    every visit of everybody, the dead included; not from those who are left.
    """

    fit_status: MixedStatus
    n_visit: int
    n_person: int
    n_carrier: int
    """People whose code is not 0: with two copies in the recessive model."""
    n_carrier_repeated: int
    """Of them, those seen more than once: what the slope of carriers rests on."""
    slope_per_month: float
    """Of those with code 0, at time 0 where time is a spline; points."""
    slope_difference_per_month: float
    standard_error: float
    degrees_of_freedom: float
    """Satterthwaite's."""
    ci_lower: float
    ci_upper: float
    p_value: float
    """Student's t on the Satterthwaite degrees of freedom, of the slope difference."""
    level_difference: float
    """At time 0, points."""
    level_standard_error: float
    residual_sd: float
    """Of a score about its own person's course: noise, points."""
    intercept_sd: float
    slope_sd: float
    correlation: float
    knots: FloatArray
    coefficient: FloatArray
    """In the order of course_design."""
    covariance: FloatArray
    visits: Visits = field(repr=False)
    fixed: FloatArray = field(repr=False)
    """Design of the mean course, shape (n_visit, n_fixed); its last two are the carrier's."""
    fit: MixedFit = field(repr=False)

    @cached_property
    def likelihood_ratio_p(self) -> float:
        """P value of the slope difference, by maximum likelihood, 1 df."""
        return likelihood_ratio_p(self._whole, self._by_likelihood(self.fixed[:, :-1]))

    @cached_property
    def course_likelihood_ratio_p(self) -> float:
        """P value of level and slope together, by maximum likelihood, 2 df."""
        return likelihood_ratio_p(self._whole, self._by_likelihood(self.fixed[:, :-2]))

    @cached_property
    def _whole(self) -> MixedFit:
        return self._by_likelihood(self.fixed)

    def _by_likelihood(self, fixed: FloatArray) -> MixedFit:
        return _fit(self.visits, fixed, "ml", self.fit)


def carrier_course(
    visits: Visits,
    dosage: FloatArray,
    genetic_model: GeneticModel,
    *,
    covariate: FloatArray | None = None,
    stratum: IntArray | None = None,
    n_knot: int = 0,
) -> CarrierCourse:
    """Difference between carriers and others in level and slope of a score.

    Parameters
    ----------
    visits
        Complete scores of people with a call; every visit, whatever became of the person.
    dosage
        Count of ALT alleles of each person, 0-2, shape (n_person,).
    genetic_model
        ``additive``, ``dominant`` or ``recessive``.
    covariate
        Of each person, shape (n_person, n_covariate); they shift the level.
    stratum
        Number of each person's stratum, shape (n_person,): each has its own level and its own
        slope, so that carriers are compared with others of their stratum; None is one for all.
    n_knot
        Of the restricted cubic spline of time, 3, 4 or 5; 0 for a straight line.

    Returns
    -------
    CarrierCourse
        Read ``fit_status`` first.

    Raises
    ------
    InputDataError
        If a number is missing or people and visits do not fit together.

    Notes
    -----
    REML for estimates; Student's t with Satterthwaite's degrees of freedom for P and interval;
    likelihood ratios from models refitted by maximum likelihood. With few carriers trust the t
    before the likelihood ratio, whose chi-square is too small a reference for so few; neither
    knows whether carriers vary more than others. Scores missing because the person died of a
    fall that no visit saw bias it: compare pattern_mixture and joint_model. Totals pile up at 0
    and 48: compare censored_course.

    References
    ----------
    .. [1] Laird & Ware (1982), Biometrics 38:963.
    """
    code = genotype_code(dosage, genetic_model)
    extra = np.empty((len(code), 0)) if covariate is None else covariate
    _refuse(visits, code, extra)
    knots = spline_knots(visits.months, n_knot)
    beside = extra[visits.person]
    if stratum is not None:
        beside = np.hstack([beside, stratum_course(visits.months, stratum, visits.person)])
    fixed = course_design(visits.months, code[visits.person], beside, knots)
    fit = _fit(visits, fixed, "reml")
    df = float(fit.degrees_of_freedom[-1])
    slope, error = float(fit.coefficient[-1]), float(fit.standard_error[-1])
    half = float(student_t.ppf(0.975, df)) * error
    n_seen = np.bincount(visits.person, minlength=len(code))
    sd = fit.random_sd
    return CarrierCourse(
        fit_status=fit.fit_status,
        n_visit=fit.n_visit,
        n_person=fit.n_person,
        n_carrier=int((code > 0).sum()),
        n_carrier_repeated=int(((code > 0) & (n_seen > 1)).sum()),
        slope_per_month=float(fit.coefficient[1]),
        slope_difference_per_month=slope,
        standard_error=error,
        degrees_of_freedom=df,
        ci_lower=slope - half,
        ci_upper=slope + half,
        p_value=float(2 * student_t.sf(abs(slope) / error, df)),
        level_difference=float(fit.coefficient[-2]),
        level_standard_error=float(fit.standard_error[-2]),
        residual_sd=fit.residual_sd,
        intercept_sd=float(sd[0]),
        slope_sd=float(sd[1]),
        correlation=fit.correlation,
        knots=knots,
        coefficient=fit.coefficient,
        covariance=fit.covariance,
        visits=visits,
        fixed=fixed,
        fit=fit,
    )


def likelihood_ratio_p(larger: MixedFit, smaller: MixedFit) -> float:
    """P value of what a larger model has beside a smaller one, both by maximum likelihood.

    NaN where one of them has no fit.
    """
    if larger.method != "ml" or smaller.method != "ml":
        raise InputDataError(
            f"likelihoods by {larger.method} and {smaller.method} were to be compared: expected ml "
            "for both; a restricted one depends on the fixed effects themselves"
        )
    gain = 2 * (larger.log_likelihood - smaller.log_likelihood)
    n_more = len(larger.coefficient) - len(smaller.coefficient)
    return float(chi2.sf(max(gain, 0.0), n_more)) if np.isfinite(gain) else _NAN


@dataclass(frozen=True)
class MeanCourse:
    """A fitted mean, and its pointwise 95% interval; shapes (n,)."""

    months: FloatArray
    mean: FloatArray
    ci_lower: FloatArray
    ci_upper: FloatArray


def mean_course(
    fit: CarrierCourse, months: FloatArray, code: float, covariate: FloatArray | None = None
) -> MeanCourse:
    """Fitted mean score of those with a genotype code, at some times.

    Parameters
    ----------
    fit
        With a ``fit_status`` of ok or singular.
    months
        Shape (n,). Beyond the visits it is a guess.
    code
        As genotype_code gives it: 0 is a non-carrier.
    covariate
        At which it is wanted, shape (n_covariate,), or (n, n_covariate) where they differ by time
        as stratum_course's do.

    Returns
    -------
    MeanCourse
        Intervals by the normal distribution.
    """
    extra = np.empty(0) if covariate is None else covariate
    rows = np.broadcast_to(extra, (len(months), extra.shape[-1]))
    design = course_design(months, np.full(len(months), code), rows, fit.knots)
    mean = design @ fit.coefficient
    half = student_t.ppf(0.975, np.inf) * np.sqrt(
        np.einsum("ij,jk,ik->i", design, fit.covariance, design)
    )
    return MeanCourse(months, mean, mean - half, mean + half)


def _fit(
    visits: Visits, fixed: FloatArray, method: Method, near: MixedFit | None = None
) -> MixedFit:
    random = np.column_stack([np.ones(len(visits.months)), visits.months])
    return mixed_model(visits.score, fixed, random, visits.person, method=method, near=near)


def _refuse(visits: Visits, code: FloatArray, covariate: FloatArray) -> None:
    n_person = int(visits.person.max(initial=-1)) + 1
    if not len(code) == len(covariate) == n_person:
        raise InputDataError(
            f"there are {len(code)} genotypes and {len(covariate)} rows of covariates for "
            f"{n_person} people with visits: expected one of each a person; leave out people "
            "without a visit"
        )
