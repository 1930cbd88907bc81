"""Joint model of repeated scores and death: one course behind both, so that death informs it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import norm

from alsrev_dagster.survival.joint_data import JointData
from alsrev_dagster.survival.joint_likelihood import JointLikelihood
from alsrev_dagster.survival.maximum import Maximum, maximum
from alsrev_dagster.survival.mixed_model import MixedFit, mixed_model
from alsrev_dagster.survival.nonparametric import Z_95
from alsrev_dagster.survival.risk import BoolArray, FloatArray

JointStatus = Literal["ok", "singular", "no_events", "separated", "not_estimable", "not_converged"]

_N_NODE = 7
_SINGULAR = 1e-3
_VARY = 0.1
"""What random effects vary by at the start at least, over the noise: no slope is 0 there."""


@dataclass(frozen=True)
class Estimates:
    """Some parameters with Wald's standard errors, 95% intervals and P values; shapes (n,)."""

    value: FloatArray
    standard_error: FloatArray
    ci_lower: FloatArray
    ci_upper: FloatArray
    p_value: FloatArray


@dataclass(frozen=True)
class JointFit:
    """Estimates of a joint model; NaN unless ``fit_status`` is ok or singular.

    ``singular``: a random effect has no variance of its own; estimates stand. ``separated``:
    nobody with one of the values of a hazard covariate died (no carrier), or only they did, so
    that its hazard ratio has no finite estimate; fit the hazard without it. ``not_estimable``:
    a column of the design follows from the others, or a parameter changes nothing.
    ``not_converged``: no maximum was found.
    """

    method: str
    fit_status: JointStatus
    n_visit: int
    n_person: int
    n_event: int
    n_delayed: int
    """People who entered after time 0."""
    log_likelihood: float
    fixed: Estimates
    """Of the mean course, in the order of the design; carrier_design ends with carrier x time."""
    risk: Estimates
    """Log hazard ratios at the same course: above 0 means earlier death."""
    association: Estimates
    """Log hazard ratio a point of the true score (or a point a month of its slope)."""
    baseline: Estimates
    """Of Weibull's hazard the log rate and log shape; of a piecewise one the log rates."""
    residual_sd: float
    random_covariance: FloatArray
    """Of intercept and slope, shape (2, 2)."""


def joint_model(data: JointData, *, n_node: int = _N_NODE) -> JointFit:
    """Shared-parameter model of scores and death, by maximum likelihood.

    Parameters
    ----------
    data
        As joint_data makes it.
    n_node
        Of adaptive Gauss-Hermite quadrature, for each of two random effects.

    Returns
    -------
    JointFit
        Read ``fit_status`` first.

    Notes
    -----
    y_i(t) = m_i(t) + e with m_i(t) = x_i(t)'beta + b_0 + b_1 t, and the hazard of death is
    h_0(t) exp(gamma'w_i + alpha'links), the links being m_i(t), its slope or b [1]_ [2]_. Each
    person's integral over b is taken about its mode. Where observation began after time 0 each
    person's likelihood is divided by the probability of living until entry, over b as it is at
    time 0: those who died before are missing, and it was not at random. Scores from before entry
    may be among the visits.

    It is right when the hazard does depend on the course in the way that is said, when scores
    are missing otherwise by what was observed only, and when courses are straight up to the
    design; nobody can see from the data whether death depends on what no visit saw in another
    way. With few events take the model apart: see two_stage and pattern_mixture.

    References
    ----------
    .. [1] Wulfsohn & Tsiatis (1997), Biometrics 53:330; Rizopoulos (2012), Joint Models.
    .. [2] In ALS: van Eijk et al. (2018), Clin Epidemiol 10:333.
    """
    likelihood = JointLikelihood(data, n_node)
    if not data.event.any():
        return _no_fit(likelihood, "no_events")
    if is_separated(data.risk, data.event):
        return _no_fit(likelihood, "separated")
    scores = mixed_model(
        data.visits.score, data.fixed, data.random, data.visits.person, method="ml"
    )
    if scores.fit_status not in ("ok", "singular"):
        is_rank = scores.fit_status == "not_estimable"
        return _no_fit(likelihood, "not_estimable" if is_rank else "not_converged")
    start = _start(data, likelihood, scores)
    if not np.abs(likelihood.by_person(start)[1]).max(axis=0).all():
        return _no_fit(likelihood, "not_estimable")
    found = maximum(likelihood.by_person, start)
    return _no_fit(likelihood, "not_converged") if found is None else _fitted(likelihood, found)


def is_separated(risk: FloatArray, event: BoolArray) -> bool:
    """Whether all with the event are at one end of a hazard covariate that varies."""
    low, high = risk.min(axis=0, initial=np.inf), risk.max(axis=0, initial=-np.inf)
    of_event = risk[event]
    at_one_end = (of_event == low).all(axis=0) | (of_event == high).all(axis=0)
    return bool((at_one_end & (low < high)).any())


def _start(data: JointData, likelihood: JointLikelihood, scores: MixedFit) -> FloatArray:
    """Scores as if death told nothing, and a constant hazard as if scores told nothing."""
    least = _VARY * scores.residual_sd / np.sqrt((data.random**2).mean(axis=0))
    spread = scores.random_covariance + np.diag(
        _VARY * np.diag(scores.random_covariance) + least**2
    )
    factor = np.linalg.cholesky(spread)
    _, n_risk, n_link, n_baseline = likelihood.sizes
    under = np.maximum(data.followed.entry_months, 0.0)
    rate = np.log(data.event.sum() / (data.followed.duration_months - under).sum())
    baseline = np.array([rate, 0.0]) if data.baseline == "weibull" else np.full(n_baseline, rate)
    own = [np.log(scores.residual_sd), factor[0, 0], factor[1, 0], factor[1, 1]]
    return np.concatenate([scores.coefficient, own, np.zeros(n_risk + n_link), baseline])


def _fitted(likelihood: JointLikelihood, found: Maximum) -> JointFit:
    """The estimates by what they are of."""
    data, parts = likelihood.data, likelihood.parts(found.parameter)
    sd = float(np.exp(parts.log_sd))
    months = np.sqrt((data.visits.months**2).mean())
    least = min(abs(parts.factor[0, 0]), abs(parts.factor[1, 1]) * months)
    is_singular = found.n_flat > 0 or least < _SINGULAR * sd
    return _result(
        likelihood,
        "singular" if is_singular else "ok",
        (found.parameter, np.sqrt(np.diag(found.covariance))),
        found.log_likelihood,
        (sd, parts.factor @ parts.factor.T),
    )


def _no_fit(likelihood: JointLikelihood, status: JointStatus) -> JointFit:
    """Say why there are no numbers."""
    nan = np.full(sum(likelihood.sizes) + 4, np.nan)
    return _result(
        likelihood, status, (nan, nan), float("nan"), (float("nan"), np.full((2, 2), np.nan))
    )


def _result(
    likelihood: JointLikelihood,
    status: JointStatus,
    estimate: tuple[FloatArray, FloatArray],
    value: float,
    variance: tuple[float, FloatArray],
) -> JointFit:
    """Name the numbers: parameters and their errors in the order of joint_likelihood."""
    data, (n_fixed, n_risk, n_link, n_baseline) = likelihood.data, likelihood.sizes
    first = np.cumsum([n_fixed + 4, n_risk, n_link, n_baseline])

    def taken(start: int, end: int) -> Estimates:
        return wald(estimate[0][start:end], estimate[1][start:end])

    return JointFit(
        method=f"joint model ({data.association} association, {data.baseline} baseline)",
        fit_status=status,
        n_visit=len(data.visits.score),
        n_person=len(data.event),
        n_event=int(data.event.sum()),
        n_delayed=int(data.is_delayed.sum()),
        log_likelihood=value,
        fixed=taken(0, n_fixed),
        risk=taken(first[0], first[1]),
        association=taken(first[1], first[2]),
        baseline=taken(first[2], first[3]),
        residual_sd=variance[0],
        random_covariance=variance[1],
    )


def wald(value: FloatArray, error: FloatArray) -> Estimates:
    """Estimates with intervals and P values by the normal distribution."""
    half = Z_95 * error
    return Estimates(value, error, value - half, value + half, 2 * norm.sf(np.abs(value) / error))
