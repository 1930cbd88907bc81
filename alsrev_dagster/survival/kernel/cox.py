"""The Cox partial likelihood, its derivatives and Firth's penalty: compiled.

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
def cholesky(matrix, factor):
    """Fill the lower factor; log determinant, or -inf where not positive definite."""
    k = len(matrix)
    log_determinant = 0.0
    for i in range(k):
        for j in range(i + 1):
            rest = matrix[i, j]
            for c in range(j):
                rest -= factor[i, c] * factor[j, c]
            if i == j:
                if not rest > 1e-13 * abs(matrix[i, i]) or rest <= 0:
                    return -np.inf
                factor[i, i] = np.sqrt(rest)
                log_determinant += np.log(rest)
            else:
                factor[i, j] = rest / factor[j, j]
    return log_determinant


@compiled
def solve(factor, right):
    """Fill ``right`` with the solution, given the lower factor of the matrix."""
    k = len(right)
    for i in range(k):
        for c in range(i):
            right[i] -= factor[i, c] * right[c]
        right[i] /= factor[i, i]
    for i in range(k - 1, -1, -1):
        for c in range(i + 1, k):
            right[i] -= factor[c, i] * right[c]
        right[i] /= factor[i, i]


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


@compiled
def evaluate(data, is_efron, is_firth, beta, score, information, curvature):
    """Log partial likelihood, penalised if ``is_firth``; -inf where it is not to be had.

    Fills its score, the information of the likelihood itself, and minus the second derivative
    of what is returned.
    """
    covariate, _, weight, time, first, n_tied, _ = data
    k = covariate.shape[1]
    eta, risk, shift = risk_scores(data, beta)
    total, mean, spread, share = moments(data, is_efron, risk)
    score[:], information[:], likelihood, step = 0.0, 0.0, 0.0, 0
    for g in range(len(time)):
        for i in range(first[g], first[g] + n_tied[g]):
            likelihood += weight[i] * (eta[i] - shift)
            for a in range(k):
                score[a] += weight[i] * covariate[i, a]
        for _ in range(n_tied[g]):
            likelihood -= share[step] * np.log(total[step])
            for a in range(k):
                score[a] -= share[step] * mean[step, a]
                for b in range(k):
                    information[a, b] += share[step] * spread[step, a, b]
            step += 1
    curvature[:] = information
    if not np.isfinite(likelihood):
        return -np.inf
    if not is_firth:
        return likelihood
    factor, inverse = np.zeros((k, k)), np.zeros((k, k))
    log_determinant = cholesky(information, factor)
    if log_determinant == -np.inf:
        return -np.inf
    for a in range(k):
        inverse[a, a] = 1.0
        solve(factor, inverse[a])
    third, fourth = higher_moments(data, is_efron, risk, mean, share, inverse)
    product = np.zeros((k, k, k))
    for a in range(k):
        for b in range(k):
            for c in range(k):
                for d in range(k):
                    product[a, b, c] += inverse[b, d] * third[a, d, c]
            score[a] += product[a, b, b] / 2
    for a in range(k):
        for b in range(k):
            curvature[a, b] -= fourth[a, b] / 2
            for c in range(k):
                for d in range(k):
                    curvature[a, b] += product[a, c, d] * product[b, d, c] / 2
    return likelihood + log_determinant / 2


@compiled
def step_length(step):
    """Largest part of a step."""
    longest = 0.0
    for a in range(len(step)):
        longest = max(longest, abs(step[a]))
    return longest


@compiled
def solve_free(matrix, is_free, right, answer):
    """Fill ``answer`` with the solution over the free coefficients; whether there is one."""
    free = np.flatnonzero(is_free)
    k = len(free)
    part, factor, inner = np.empty((k, k)), np.zeros((k, k)), np.empty(k)
    for a in range(k):
        inner[a] = right[free[a]]
        for b in range(k):
            part[a, b] = matrix[free[a], free[b]]
    if cholesky(part, factor) == -np.inf:
        return False
    solve(factor, inner)
    for a in range(k):
        answer[free[a]] = inner[a]
    return True


@compiled
def newton_step(score, information, curvature, is_free, step_max):
    """Step of the free coefficients, no longer than allowed, and whether there is one."""
    step = np.zeros(len(score))
    is_there = solve_free(curvature, is_free, score, step)
    if not is_there:
        is_there = solve_free(information, is_free, score, step)
    longest = step_length(step)
    if longest > step_max:
        for a in range(len(step)):
            step[a] *= step_max / longest
    return step, is_there


@compiled
def climb(data, is_efron, is_firth, is_free, rule, beta, score, information, curvature):
    """Move ``beta`` to the maximum over the free coefficients: likelihood, and whether found."""
    step_tolerance, fall_tolerance, step_max, n_step_max, n_halving_max = rule
    here = evaluate(data, is_efron, is_firth, beta, score, information, curvature)
    for _ in range(n_step_max):
        if here == -np.inf:
            return here, False
        step, is_there = newton_step(score, information, curvature, is_free, step_max)
        if not is_there or not np.isfinite(step_length(step)):
            return here, False
        if step_length(step) < step_tolerance:
            return here, True
        slack, size, there = fall_tolerance * (1 + abs(here)), 1.0, -np.inf
        for _ in range(n_halving_max):
            trial = beta + size * step
            there = evaluate(data, is_efron, is_firth, trial, score, information, curvature)
            if there >= here - slack:
                break
            size /= 2
        if not there >= here - slack:
            return here, False
        for a in range(len(beta)):
            beta[a] += size * step[a]
        here = there
    return here, False


@compiled
def follow_ridge(curvature, is_free, index, distance, beta):
    """Move the coefficients along the top of the likelihood as the fixed one moves."""
    along = np.zeros(len(beta))
    if solve_free(curvature, is_free, curvature[:, index].copy(), along):
        for a in range(len(beta)):
            if a != index:
                beta[a] -= along[a] * distance
    beta[index] += distance


@compiled
def profile_bound(data, is_efron, is_firth, rule, best, top, index, side, drop):
    """Coefficient on one side where twice the profile has fallen by ``drop``; NaN if nowhere.

    The root of sqrt(fall) = sqrt(drop) is nearly a straight line: Newton steps, inside a
    bracket that is halved where they leave it. The slope is the score of the coefficient.
    """
    k, target = len(best), np.sqrt(drop)
    is_free, beta = np.ones(k, dtype=np.bool_), best.copy()
    is_free[index] = False
    score, information, curvature = np.zeros(k), np.zeros((k, k)), np.zeros((k, k))
    evaluate(data, is_efron, is_firth, beta, score, information, curvature)
    unit, error = np.zeros(k), np.zeros(k)
    unit[index] = 1.0
    if not solve_free(information, np.ones(k, dtype=np.bool_), unit, error):
        return np.nan
    # the likelihood is level at its top: coefficients this near move it by rounding
    inner, tolerance = (1e-5, rule[1], rule[2], rule[3], rule[4]), 1e-5
    at, near, far, last = target * np.sqrt(error[index]), 0.0, np.inf, 0.0
    kept, kept_curvature = beta.copy(), curvature.copy()
    for _ in range(100):
        beta[:] = kept
        follow_ridge(kept_curvature, is_free, index, side * (at - last), beta)
        here, is_found = climb(
            data, is_efron, is_firth, is_free, inner, beta, score, information, curvature
        )
        if not is_found:
            if at - near < tolerance:
                return np.nan
            far, at = min(far, at), (near + at) / 2
            continue
        kept[:], kept_curvature[:], last = beta, curvature, at
        root = np.sqrt(max(2 * (top - here), 0.0))
        if root < target:
            near = max(near, at)
        else:
            far = min(far, at)
        slope = -side * score[index] / root if root > 0 else 0.0
        following = at - (root - target) / slope if slope > 0 else np.inf
        is_newton = near <= following <= far and following < 2 * at + 1
        if not is_newton:
            following = 2 * at if far == np.inf else (near + far) / 2
        if abs(following - at) < (tolerance if is_newton else 1e-9) * (1 + at):
            return best[index] + side * following
        at = following
        if at > 500 * (1 + np.sqrt(error[index])):
            return np.nan
    return np.nan


@compiled
def row_residuals(data, is_efron, beta, is_event):
    """Martingale and score residuals of each row, shapes (n,) and (n, k), unweighted.

    Of tied events each gets the mean over the steps of what is left of the weight, as R does.
    """
    covariate, entry, weight, time, first, n_tied, last = data
    n, k = covariate.shape
    _, risk, _ = risk_scores(data, beta)
    total, mean, _, share = moments(data, is_efron, risk)
    martingale, score = np.zeros(n), np.zeros((n, k))
    hazard, pull, centre, step = np.zeros(2), np.zeros((2, k)), np.zeros(k), 0
    for i in range(n):
        martingale[i] = 1.0 if is_event[i] else 0.0
    for g in range(len(time)):
        hazard[:], pull[:], centre[:] = 0.0, 0.0, 0.0
        for u in range(n_tied[g]):
            left = 1 - u / n_tied[g] if is_efron else 1.0
            jump = share[step] / total[step]
            hazard[0] += jump
            hazard[1] += jump * left
            for a in range(k):
                pull[0, a] += jump * mean[step, a]
                pull[1, a] += jump * left * mean[step, a]
                centre[a] += mean[step, a] / n_tied[g]
            step += 1
        for i in range(first[g], last[g]):
            if entry[i] < time[g]:
                part, relative = 1 if i < first[g] + n_tied[g] else 0, risk[i] / weight[i]
                martingale[i] -= relative * hazard[part]
                for a in range(k):
                    score[i, a] -= relative * (hazard[part] * covariate[i, a] - pull[part, a])
                    if part == 1:
                        score[i, a] += covariate[i, a] - centre[a]
    return martingale, score
