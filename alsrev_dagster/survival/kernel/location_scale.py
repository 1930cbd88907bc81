"""Likelihood of interval-censored times, its slope and curvature: location-scale on log time.

With u = (log t - eta) / sigma the log survival is that of a Weibull (0), log-logistic (1) or
log-normal (2) time. In a mixture only a part P = expit(zeta) ever has the event. Each contribution
depends on eta, log sigma and zeta alone; ``evaluate`` turns its derivatives into those of the
coefficients.
"""

from math import erfc, exp, expm1, inf, log, log1p, pi, sqrt

import numpy as np

from alsrev_dagster.survival.kernel.compiled import compiled

_N_FRACTION = 60
"""Terms of the continued fraction of the normal tail; at u = 5 it is good to the last digit."""

_HALF_LOG_2_PI = 0.5 * log(2 * pi)


@compiled
def _normal_tail(u):
    """Log survival, hazard and slope of the hazard of a standard normal."""
    if u < 5.0:
        tail = 0.5 * erfc(u / sqrt(2.0))
        log_tail = log1p(-0.5 * erfc(-u / sqrt(2.0))) if u < 0.0 else log(tail)
        hazard = exp(-0.5 * u * u - _HALF_LOG_2_PI) / tail
    else:
        hazard = u
        for k in range(_N_FRACTION, 0, -1):
            hazard = u + k / hazard
        log_tail = -0.5 * u * u - _HALF_LOG_2_PI - log(hazard)
    return log_tail, hazard, hazard * (hazard - u)


@compiled
def _tail(kind, u):
    """Log survival at u, its hazard and the slope of that; nothing has happened at -inf."""
    if u == -inf:
        return 0.0, 0.0, 0.0
    if kind == 0:
        hazard = exp(u)
        return -hazard, hazard, hazard
    if kind == 1:
        hazard = 1 / (1 + exp(-u))
        log_tail = -(u + log1p(exp(-u))) if u > 0.0 else -log1p(exp(u))
        return log_tail, hazard, hazard * (1 - hazard)
    return _normal_tail(u)


@compiled
def _log_survival(kind, log_time, eta, sigma):
    """Log survival and its derivatives: eta, s, eta eta, eta s, s s, with s = log sigma."""
    if log_time == -inf:
        return 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    u = (log_time - eta) / sigma
    value, hazard, slope = _tail(kind, u)
    return (
        value,
        hazard / sigma,
        hazard * u,
        -slope / sigma**2,
        -(slope * u + hazard) / sigma,
        -(slope * u + hazard) * u,
    )


@compiled
def _log_density(kind, log_time, eta, sigma):
    """Log density of the time itself, with the derivatives of ``_log_survival``."""
    u = (log_time - eta) / sigma
    value, hazard, slope = _tail(kind, u)
    if kind == 0:
        value, first, second = u + value, 1 - hazard, -hazard
    elif kind == 1:
        value, first, second = u + 2 * value, 1 - 2 * hazard, -2 * slope
    else:
        value, first, second = -0.5 * u * u - _HALF_LOG_2_PI, -u, -1.0
    return (
        value - log(sigma) - log_time,
        -first / sigma,
        -first * u - 1,
        second / sigma**2,
        (second * u + first) / sigma,
        (second * u + first) * u,
    )


@compiled
def _log_between(kind, log_left, log_right, eta, sigma):
    """Log probability of an event after the left and up to the right end."""
    v, e, s, ee, es, ss = _log_survival(kind, log_left, eta, sigma)
    v2, e2, s2, ee2, es2, ss2 = _log_survival(kind, log_right, eta, sigma)
    gone = -expm1(v2 - v)
    odds = (1 - gone) / gone
    bend = odds / gone
    de, ds = e2 - e, s2 - s
    return (
        v + log(gone),
        e - odds * de,
        s - odds * ds,
        ee - odds * (ee2 - ee) - bend * de * de,
        es - odds * (es2 - es) - bend * de * ds,
        ss - odds * (ss2 - ss) - bend * ds * ds,
    )


@compiled
def _add_free(kind, log_time, parts, sign, local):
    """Add (or take away) the log probability of no event by a time, among all in a mixture."""
    eta, sigma, zeta, is_mixture = parts
    v, e, s, ee, es, ss = _log_survival(kind, log_time, eta, sigma)
    share, spread = 1.0, 0.0
    if is_mixture:
        part, q = 1 / (1 + exp(-zeta)), zeta + v
        share = 1 / (1 + exp(-q))
        spread = share * (1 - share)
        v = max(q, 0.0) + log1p(exp(-abs(q))) - max(zeta, 0.0) - log1p(exp(-abs(zeta)))
        local[3] += sign * (share - part)
        local[7] += sign * spread * e
        local[8] += sign * spread * s
        local[9] += sign * (spread - part * (1 - part))
    local[0] += sign * v
    local[1] += sign * share * e
    local[2] += sign * share * s
    local[4] += sign * (share * ee + spread * e * e)
    local[5] += sign * (share * es + spread * e * s)
    local[6] += sign * (share * ss + spread * s * s)


@compiled
def _add_event(kind, log_left, log_right, parts, local):
    """Add the log probability (density where exact) of an event, among all in a mixture."""
    eta, sigma, zeta, is_mixture = parts
    if log_left == log_right:
        v, e, s, ee, es, ss = _log_density(kind, log_left, eta, sigma)
    else:
        v, e, s, ee, es, ss = _log_between(kind, log_left, log_right, eta, sigma)
    if is_mixture:
        part = 1 / (1 + exp(-zeta))
        v += min(zeta, 0.0) - log1p(exp(-abs(zeta)))
        local[3] += 1 - part
        local[9] -= part * (1 - part)
    local[0] += v
    local[1] += e
    local[2] += s
    local[4] += ee
    local[5] += es
    local[6] += ss


@compiled
def _collect(local, weight, x, z, score, information):
    """Add one person's derivatives to those of the coefficients; information is minus curvature."""
    p, q = len(x), len(z)
    for j in range(p):
        score[j] += weight * local[1] * x[j]
        information[j, p] -= weight * local[5] * x[j]
        for k in range(j + 1):
            information[k, j] -= weight * local[4] * x[j] * x[k]
    score[p] += weight * local[2]
    information[p, p] -= weight * local[6]
    for j in range(q):
        row = p + 1 + j
        score[row] += weight * local[3] * z[j]
        information[p, row] -= weight * local[8] * z[j]
        for k in range(p):
            information[k, row] -= weight * local[7] * x[k] * z[j]
        for k in range(j + 1):
            information[p + 1 + k, row] -= weight * local[9] * z[j] * z[k]


@compiled
def evaluate(kind, log_time, weight, x, z, parameter, score, information):
    """Log likelihood; fills its slope and minus its curvature.

    Parameters
    ----------
    kind
        0 Weibull, 1 log-logistic, 2 log-normal.
    log_time
        Log of left end, right end and entry, shape (n, 3); -inf for 0, inf where no event was seen.
    weight, x, z
        Shape (n,); designs of location, shape (n, p), and of incidence, shape (n, q), without
        columns where everyone has the event in the end.
    parameter
        Location, log sigma, incidence.
    score, information
        Filled; shapes (p + 1 + q,) and its square.
    """
    p, q = x.shape[1], z.shape[1]
    score[:] = 0.0
    information[:] = 0.0
    local = np.empty(10)
    sigma, total = exp(parameter[p]), 0.0
    for i in range(len(x)):
        eta, zeta = 0.0, 0.0
        for j in range(p):
            eta += x[i, j] * parameter[j]
        for j in range(q):
            zeta += z[i, j] * parameter[p + 1 + j]
        local[:] = 0.0
        parts = (eta, sigma, zeta, q > 0)
        if log_time[i, 1] == inf:
            _add_free(kind, log_time[i, 0], parts, 1.0, local)
        else:
            _add_event(kind, log_time[i, 0], log_time[i, 1], parts, local)
        if log_time[i, 2] > -inf:
            _add_free(kind, log_time[i, 2], parts, -1.0, local)
        total += weight[i] * local[0]
        _collect(local, weight[i], x[i], z[i], score, information)
    for j in range(len(score)):
        for k in range(j):
            information[j, k] = information[k, j]
    return total
