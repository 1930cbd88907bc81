"""Moments of the covariates of those at risk at each event of a Cox model: compiled.

Rows are sorted by stratum, then by exit, events before others at equal exit. A group is one
stratum's distinct event time: its ``n_tied`` events stand from ``first`` on, and whoever of rows
``first`` to ``last`` entered before ``time`` is at risk. ``data`` is
(covariate, entry, weight, time, first, n_tied, last). Of d tied events the u-th leaves
1 - u / d of the weight of all d at risk (Efron), or all of it (Breslow).

Moments are taken around the mean of each risk set, in two passes, so that an information of
1e-15 far from the estimate still has its digits: the penalty needs its logarithm. Those with
the event and the others are summed apart, so that a tie costs nothing more and nothing is
subtracted.
"""

import numpy as np

from alsrev_dagster.survival.kernel.compiled import compiled


@compiled
def risk_scores(data, beta):
    """Relative hazards times weights, all divided by exp(shift), and the shift."""
    covariate, _, weight, _, _, _, _ = data
    n, k = covariate.shape
    eta = np.zeros(n)
    for i in range(n):
        for a in range(k):
            eta[i] += covariate[i, a] * beta[a]
    shift, risk = -np.inf, np.empty(n)
    for i in range(n):
        shift = max(shift, eta[i])
    for i in range(n):
        risk[i] = weight[i] * np.exp(eta[i] - shift)
    return eta, risk, shift


@compiled
def mean_weight(weight, first, n_tied):
    """Mean weight of the tied events from ``first`` on."""
    total = 0.0
    for i in range(first, first + n_tied):
        total += weight[i]
    return total / n_tied


@compiled
def moments(data, is_efron, risk):
    """Total weight, mean covariate, covariance and mean event weight at each event in turn."""
    covariate, entry, weight, time, first, n_tied, last = data
    k = covariate.shape[1]
    n_step = n_tied.sum()
    total, share = np.zeros(n_step), np.zeros(n_step)
    mean, spread = np.zeros((n_step, k)), np.zeros((n_step, k, k))
    centre, away = np.zeros(k), np.zeros(k)
    # of those without the event and of those with it: weight, first and second moments
    w, m1, m2 = np.zeros(2), np.zeros((2, k)), np.zeros((2, k, k))
    step = 0
    for g in range(len(time)):
        event_weight = mean_weight(weight, first[g], n_tied[g])
        w[:], centre[:], m1[:], m2[:] = 0.0, 0.0, 0.0, 0.0
        for i in range(first[g], last[g]):
            if entry[i] < time[g]:
                w[1 if i < first[g] + n_tied[g] else 0] += risk[i]
                for a in range(k):
                    centre[a] += risk[i] * covariate[i, a]
        for a in range(k):
            centre[a] /= w[0] + w[1]
        for i in range(first[g], last[g]):
            if entry[i] < time[g]:
                part = 1 if i < first[g] + n_tied[g] else 0
                for a in range(k):
                    away[a] = covariate[i, a] - centre[a]
                    m1[part, a] += risk[i] * away[a]
                    for b in range(a + 1):
                        m2[part, a, b] += risk[i] * away[a] * away[b]
        for u in range(n_tied[g]):
            share[step] = event_weight
            left = 1 - u / n_tied[g] if is_efron else 1.0
            total[step] = w[0] + left * w[1]
            for a in range(k):
                away[a] = (m1[0, a] + left * m1[1, a]) / total[step]
                mean[step, a] = centre[a] + away[a]
                for b in range(a + 1):
                    second = (m2[0, a, b] + left * m2[1, a, b]) / total[step]
                    spread[step, a, b] = spread[step, b, a] = second - away[a] * away[b]
            step += 1
    return total, mean, spread, share


@compiled
def moments_around(data, g, risk, centre, inverse, m1, m2, m3, m4):
    """Fill the sums of a group around a point, of those without the event and of those with it.

    The fourth is contracted with the inverse information.
    """
    covariate, entry, _, time, first, n_tied, last = data
    k = covariate.shape[1]
    m1[:], m2[:], m3[:], m4[:] = 0.0, 0.0, 0.0, 0.0
    weight, away = np.zeros(2), np.zeros(k)
    for i in range(first[g], last[g]):
        if entry[i] < time[g]:
            part = 1 if i < first[g] + n_tied[g] else 0
            weight[part] += risk[i]
            size = 0.0
            for a in range(k):
                away[a] = covariate[i, a] - centre[a]
            for a in range(k):
                for b in range(k):
                    size += away[a] * inverse[a, b] * away[b]
            for a in range(k):
                one = risk[i] * away[a]
                m1[part, a] += one
                for b in range(a + 1):
                    two = one * away[b]
                    m2[part, a, b] += two
                    m4[part, a, b] += two * size
                    for c in range(b + 1):
                        m3[part, a, b, c] += two * away[c]
    for part in range(2):
        for a in range(k):
            for b in range(a + 1):
                m2[part, b, a], m4[part, b, a] = m2[part, a, b], m4[part, a, b]
                for c in range(b + 1):
                    value = m3[part, a, b, c]
                    m3[part, a, c, b] = m3[part, b, a, c] = m3[part, b, c, a] = value
                    m3[part, c, a, b] = m3[part, c, b, a] = value
    return weight


@compiled
def add_cumulants(m, s2, s3, s4, inverse, share, third, fourth):
    """Add a step's third cumulants, and its fourth contracted with the inverse information.

    From moments (each divided by the weight) around a point, from which the mean is ``m`` away.
    """
    k = len(m)
    g, s2g, f3, h, f2 = np.zeros(k), np.zeros(k), np.zeros(k), 0.0, 0.0
    spread, within = np.zeros((k, k)), np.zeros((k, k))
    for a in range(k):
        for b in range(k):
            g[a] += inverse[a, b] * m[b]
            f2 += inverse[a, b] * s2[a, b]
            spread[a, b] = s2[a, b] - m[a] * m[b]
            for c in range(k):
                f3[a] += s3[a, b, c] * inverse[b, c]
    trace = 0.0
    for a in range(k):
        h += m[a] * g[a]
        for b in range(k):
            s2g[a] += s2[a, b] * g[b]
            for c in range(k):
                within[a, b] += inverse[a, c] * spread[c, b]
        trace += within[a, a]
    for a in range(k):
        for b in range(k):
            value = s4[a, b] + h * s2[a, b] + m[a] * m[b] * (f2 - h)
            value -= m[a] * (f3[b] - 2 * s2g[b] + h * m[b])
            value -= m[b] * (f3[a] - 2 * s2g[a] + h * m[a])
            value -= spread[a, b] * trace
            for c in range(k):
                value -= 2 * s3[a, b, c] * g[c] + 2 * spread[a, c] * within[c, b]
                shifted = s3[a, b, c] + 2 * m[a] * m[b] * m[c]
                shifted -= m[a] * s2[b, c] + m[b] * s2[a, c] + m[c] * s2[a, b]
                third[a, b, c] += share * shifted
            fourth[a, b] += share * value


@compiled
def higher_moments(data, is_efron, risk, mean, share, inverse):
    """Derivatives of the information, and second ones as the penalty needs them.

    ``third`` (k, k, k) is the derivative of the information; ``fourth`` (k, k) the trace of the
    inverse information times its second derivative.
    """
    _, _, _, time, _, n_tied, _ = data
    k = mean.shape[1]
    third, fourth, m, step = np.zeros((k, k, k)), np.zeros((k, k)), np.zeros(k), 0
    m1, m2, m4 = np.zeros((2, k)), np.zeros((2, k, k)), np.zeros((2, k, k))
    m3 = np.zeros((2, k, k, k))
    s2, s3, s4 = np.zeros((k, k)), np.zeros((k, k, k)), np.zeros((k, k))
    for g in range(len(time)):
        weight = moments_around(data, g, risk, mean[step], inverse, m1, m2, m3, m4)
        for u in range(n_tied[g]):
            left = 1 - u / n_tied[g] if is_efron else 1.0
            total = weight[0] + left * weight[1]
            for a in range(k):
                m[a] = (m1[0, a] + left * m1[1, a]) / total
                for b in range(k):
                    s2[a, b] = (m2[0, a, b] + left * m2[1, a, b]) / total
                    s4[a, b] = (m4[0, a, b] + left * m4[1, a, b]) / total
                    for c in range(k):
                        s3[a, b, c] = (m3[0, a, b, c] + left * m3[1, a, b, c]) / total
            add_cumulants(m, s2, s3, s4, inverse, share[step], third, fourth)
            step += 1
    return third, fourth
