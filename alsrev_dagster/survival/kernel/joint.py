"""The part of a joint model's likelihood that has no closed form: the event, over random effects.

Random effects are u ~ N(0, I), two a person. What the scores say of them is a normal
distribution of mean m and precision P; the event adds -sum_q exp(base_q + load_q'u), and
event_load'u for who had it. Each person's integral is taken by Gauss-Hermite quadrature about
the mode of the product, at its curvature.
"""

import numpy as np

from alsrev_dagster.survival.kernel.compiled import compiled

_N_NEWTON = 50
_NEAR = 1e-10
_LARGEST = 700.0


@compiled
def _hazards(base, load, u0, u1, hazard):
    """Fill the hazard of each quadrature time; their sum."""
    total = 0.0
    for q in range(base.shape[0]):
        hazard[q] = np.exp(min(base[q] + load[q, 0] * u0 + load[q, 1] * u1, _LARGEST))
        total += hazard[q]
    return total


@compiled
def _height(mean, precision, event_load, u0, u1, total):
    """Log density at u, up to a constant."""
    d0, d1 = u0 - mean[0], u1 - mean[1]
    square = precision[0, 0] * d0 * d0 + 2 * precision[0, 1] * d0 * d1 + precision[1, 1] * d1 * d1
    return event_load[0] * u0 + event_load[1] * u1 - total - square / 2


@compiled
def _fill_mode(mean, precision, base, load, event_load, hazard, mode):
    """Fill the mode (2 numbers) and the curvature there (3): Newton, halved while it descends."""
    u0, u1 = mean[0], mean[1]
    total = _hazards(base, load, u0, u1, hazard)
    height = _height(mean, precision, event_load, u0, u1, total)
    for _ in range(_N_NEWTON):
        d0, d1 = u0 - mean[0], u1 - mean[1]
        s0 = event_load[0] - precision[0, 0] * d0 - precision[0, 1] * d1
        s1 = event_load[1] - precision[0, 1] * d0 - precision[1, 1] * d1
        h00, h01, h11 = precision[0, 0], precision[0, 1], precision[1, 1]
        for q in range(base.shape[0]):
            s0 -= hazard[q] * load[q, 0]
            s1 -= hazard[q] * load[q, 1]
            h00 += hazard[q] * load[q, 0] * load[q, 0]
            h01 += hazard[q] * load[q, 0] * load[q, 1]
            h11 += hazard[q] * load[q, 1] * load[q, 1]
        mode[2], mode[3], mode[4] = h00, h01, h11
        determinant = h00 * h11 - h01 * h01
        step0 = (h11 * s0 - h01 * s1) / determinant
        step1 = (h00 * s1 - h01 * s0) / determinant
        if s0 * step0 + s1 * step1 < _NEAR:
            break
        length = 1.0
        while length > 1e-6:
            total = _hazards(base, load, u0 + length * step0, u1 + length * step1, hazard)
            moved = _height(
                mean, precision, event_load, u0 + length * step0, u1 + length * step1, total
            )
            if moved >= height:
                break
            length /= 2
        u0 += length * step0
        u1 += length * step1
        height = moved
    mode[0], mode[1] = u0, u1


@compiled
def fill_event_moments(normal, event, quadrature, found):
    """Fill log integrals, and means over random effects given all that was seen of a person.

    Parameters
    ----------
    normal
        Means, shape (n, 2), and precisions, shape (n, 2, 2).
    event
        Log hazards times the weights of times, shape (n, n_time), -inf where there is none; their
        loads on random effects, shape (n, n_time, 2); the load of an event, shape (n, 2).
    quadrature
        Standard normal nodes, shape (n_node, 2), and the logarithms of their weights.
    found
        Log integrals, shape (n,), without what an event adds whatever u is; mean hazards, shape
        (n, n_time); mean hazards times u, shape (n, n_time, 2); means of u, shape (n, 2), and of
        its products, shape (n, 2, 2). Filled.
    """
    mean, precision = normal
    base, load, event_load = event
    node, log_weight = quadrature
    log_integral, hazard_mean, hazard_u, u_mean, u_square = found
    n, n_time = base.shape
    n_node = node.shape[0]
    hazard = np.empty((n_node, n_time))
    place = np.empty((n_node, 2))
    height = np.empty(n_node)
    mode = np.empty(5)
    for i in range(n):
        _fill_mode(mean[i], precision[i], base[i], load[i], event_load[i], hazard[0], mode)
        h00, h01, h11 = mode[2], mode[3], mode[4]
        determinant = h00 * h11 - h01 * h01
        l00 = np.sqrt(h11 / determinant)
        l10 = -h01 / determinant / l00
        l11 = np.sqrt(max(h00 / determinant - l10 * l10, 0.0))
        highest = -np.inf
        for k in range(n_node):
            u0 = mode[0] + l00 * node[k, 0]
            u1 = mode[1] + l10 * node[k, 0] + l11 * node[k, 1]
            total = _hazards(base[i], load[i], u0, u1, hazard[k])
            place[k, 0], place[k, 1] = u0, u1
            height[k] = _height(mean[i], precision[i], event_load[i], u0, u1, total)
            height[k] += log_weight[k] + (node[k, 0] ** 2 + node[k, 1] ** 2) / 2
            highest = max(highest, height[k])
        whole = 0.0
        for k in range(n_node):
            height[k] = np.exp(height[k] - highest)
            whole += height[k]
        prior = precision[i, 0, 0] * precision[i, 1, 1] - precision[i, 0, 1] ** 2
        log_integral[i] = highest + np.log(whole) + (np.log(prior) - np.log(determinant)) / 2
        hazard_mean[i] = 0.0
        hazard_u[i] = 0.0
        u_mean[i] = 0.0
        u_square[i] = 0.0
        for k in range(n_node):
            share = height[k] / whole
            u0, u1 = place[k, 0], place[k, 1]
            u_mean[i, 0] += share * u0
            u_mean[i, 1] += share * u1
            u_square[i, 0, 0] += share * u0 * u0
            u_square[i, 0, 1] += share * u0 * u1
            u_square[i, 1, 1] += share * u1 * u1
            for q in range(n_time):
                of_time = share * hazard[k, q]
                hazard_mean[i, q] += of_time
                hazard_u[i, q, 0] += of_time * u0
                hazard_u[i, q, 1] += of_time * u1
        u_square[i, 1, 0] = u_square[i, 0, 1]
