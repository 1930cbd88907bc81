"""The Cox partial likelihood, its derivatives and Firth's penalty: compiled.

``data`` is as in ``cox_moments``.
"""

import numpy as np

from alsrev_dagster.survival.kernel.compiled import compiled
from alsrev_dagster.survival.kernel.cox_moments import higher_moments, moments, risk_scores
from alsrev_dagster.survival.kernel.linear import cholesky, solve


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
