"""Likelihood of scores that stop at a floor and a ceiling, over two random effects of a person.

A score above the floor and below the ceiling has a normal density; one at the floor has the
probability of all at or below it, one at the ceiling of all at or above. All are log concave in
the random effects u ~ N(0, I), so that each person's integral has one mode: it is taken by
Gauss-Hermite quadrature there.
"""

import math

import numpy as np

from alsrev_dagster.survival.kernel.compiled import compiled

_N_NEWTON = 60
_NEAR = 1e-10
_ROOT_2 = math.sqrt(2.0)
_LOG_ROOT_2_PI = 0.5 * math.log(2 * math.pi)
_FAR = -25.0


@compiled
def _log_tail(z):
    """Log of the standard normal probability below z, and its first derivative."""
    if z < _FAR:
        # asymptotic: to 1e-9 where it is used
        inverse = 1.0 / (z * z)
        ratio = 1.0 - inverse * (1.0 - 3.0 * inverse * (1.0 - 5.0 * inverse))
        log_p = -0.5 * z * z - _LOG_ROOT_2_PI - math.log(-z) + math.log(ratio)
    else:
        log_p = math.log(0.5 * math.erfc(-z / _ROOT_2))
    return log_p, math.exp(-0.5 * z * z - _LOG_ROOT_2_PI - log_p)


@compiled
def _of_score(rest, side, log_sd):
    """Log probability of a score, and its first two derivatives by the mean, at z = rest / sd.

    ``side`` is -1 at the floor, 1 at the ceiling, 0 between.
    """
    sd = math.exp(log_sd)
    z = rest / sd
    if side == 0:
        return -0.5 * z * z - log_sd - _LOG_ROOT_2_PI, z / sd, -1.0 / (sd * sd)
    sign = -1.0 if side < 0 else 1.0
    # at the floor P(latent <= floor) = Phi(z); at the ceiling P(latent >= ceiling) = Phi(-z)
    log_p, ratio = _log_tail(-sign * z)
    return log_p, sign * ratio / sd, -ratio * (ratio - sign * z) / (sd * sd)


@compiled
def _add_up(rest, load, side, log_sd, u0, u1, sums):
    """Fill slopes (2) and curvatures (3) of the log density at u; the log density."""
    s0, s1, h00, h01, h11 = -u0, -u1, 1.0, 0.0, 1.0
    total = -0.5 * (u0 * u0 + u1 * u1)
    for j in range(rest.shape[0]):
        value, first, second = _of_score(
            rest[j] - load[j, 0] * u0 - load[j, 1] * u1, side[j], log_sd
        )
        total += value
        s0 += first * load[j, 0]
        s1 += first * load[j, 1]
        h00 -= second * load[j, 0] * load[j, 0]
        h01 -= second * load[j, 0] * load[j, 1]
        h11 -= second * load[j, 1] * load[j, 1]
    sums[0], sums[1], sums[2], sums[3], sums[4] = s0, s1, h00, h01, h11
    return total


@compiled
def _fill_mode(rest, load, side, log_sd, mode, sums):
    """Fill the mode; ``sums`` has the curvature there."""
    u0, u1 = 0.0, 0.0
    height = _add_up(rest, load, side, log_sd, u0, u1, sums)
    for _ in range(_N_NEWTON):
        determinant = sums[2] * sums[4] - sums[3] * sums[3]
        step0 = (sums[4] * sums[0] - sums[3] * sums[1]) / determinant
        step1 = (sums[2] * sums[1] - sums[3] * sums[0]) / determinant
        if sums[0] * step0 + sums[1] * step1 < _NEAR:
            break
        length = 1.0
        moved = height
        while length > 1e-8:
            moved = _add_up(
                rest, load, side, log_sd, u0 + length * step0, u1 + length * step1, sums
            )
            if moved >= height:
                break
            length /= 2
        u0 += length * step0
        u1 += length * step1
        height = moved
    mode[0], mode[1] = u0, u1


@compiled
def fill_censored(visits, start, log_sd, quadrature, found):
    """Fill log likelihoods of people, and mean slopes by what the scores depend on.

    Parameters
    ----------
    visits
        Scores less their fixed part, person by person, shape (n_visit,); what u adds to it,
        shape (n_visit, 2); side, -1, 0 or 1.
    start
        Where each person's visits begin, and the end of the last, shape (n_person + 1,).
    log_sd
        Of the noise.
    quadrature
        Standard normal nodes, shape (n_node, 2), and the logarithms of their weights.
    found
        Log likelihoods, shape (n_person,); mean slopes by each visit's mean, shape (n_visit,), and
        those times u, shape (n_visit, 2); mean slopes by log_sd, shape (n_person,). Filled.
    """
    rest, load, side = visits
    node, log_weight = quadrature
    value, by_mean, by_load, by_sd = found
    n_node = node.shape[0]
    height, place = np.empty(n_node), np.empty((n_node, 2))
    mode, sums = np.empty(2), np.empty(5)
    for i in range(start.shape[0] - 1):
        a, b = start[i], start[i + 1]
        _fill_mode(rest[a:b], load[a:b], side[a:b], log_sd, mode, sums)
        determinant = sums[2] * sums[4] - sums[3] * sums[3]
        l00 = math.sqrt(sums[4] / determinant)
        l10 = -sums[3] / determinant / l00
        l11 = math.sqrt(max(sums[2] / determinant - l10 * l10, 0.0))
        highest = -np.inf
        for k in range(n_node):
            place[k, 0] = mode[0] + l00 * node[k, 0]
            place[k, 1] = mode[1] + l10 * node[k, 0] + l11 * node[k, 1]
            height[k] = _add_up(
                rest[a:b], load[a:b], side[a:b], log_sd, place[k, 0], place[k, 1], sums
            )
            height[k] += log_weight[k] + 0.5 * (node[k, 0] ** 2 + node[k, 1] ** 2)
            highest = max(highest, height[k])
        whole = 0.0
        for k in range(n_node):
            height[k] = math.exp(height[k] - highest)
            whole += height[k]
        value[i] = highest + math.log(whole) - 0.5 * math.log(determinant)
        by_sd[i] = 0.0
        for j in range(a, b):
            by_mean[j] = 0.0
            by_load[j, 0] = 0.0
            by_load[j, 1] = 0.0
            for k in range(n_node):
                apart = rest[j] - load[j, 0] * place[k, 0] - load[j, 1] * place[k, 1]
                _, first, _ = _of_score(apart, side[j], log_sd)
                share = height[k] / whole
                by_mean[j] += share * first
                by_load[j, 0] += share * first * place[k, 0]
                by_load[j, 1] += share * first * place[k, 1]
                by_sd[i] += share * first * apart
                if side[j] == 0:
                    by_sd[i] -= share
