"""Correlation of the dosages of two variants, from planes of bits, and pruning by it."""

import numpy as np

from alsrev_dagster.stats.kernel.bits import fill_planes, popcount
from alsrev_dagster.stats.kernel.compiled import compiled


@compiled
def moments(hom, alt, called):
    """Calls of a variant, and the sum and sum of squares of dosage - 1 over them."""
    n, square, n_alt = 0, 0, 0
    for index in range(len(hom)):
        n += popcount(called[index])
        square += popcount(hom[index])
        n_alt += popcount(alt[index])
    return n, 2 * n_alt - square, square


@compiled
def _products(hom_1, alt_1, hom_2, alt_2):
    """Sum of (dosage - 1) of one variant times that of another."""
    n_both, n_opposite = 0, 0
    for index in range(len(hom_1)):
        both = hom_1[index] & hom_2[index]
        n_both += popcount(both)
        n_opposite += popcount(both & (alt_1[index] ^ alt_2[index]))
    return n_both - 2 * n_opposite


@compiled
def _moments_in(hom, alt, called):
    """Sum and sum of squares of dosage - 1 over the calls that another variant has too."""
    square, n_alt = 0, 0
    for index in range(len(hom)):
        square += popcount(hom[index] & called[index])
        n_alt += popcount(alt[index] & called[index])
    return 2 * n_alt - square, square


@compiled
def _n_both(called_1, called_2):
    n = 0
    for index in range(len(called_1)):
        n += popcount(called_1[index] & called_2[index])
    return n


@compiled
def covariance(hom, alt, called, moment, n_sample, first, second):
    """n, n**2 x covariance and n**2 x both variances of the dosages, over the shared calls.

    ``moment`` holds what :func:`moments` says of each row.
    """
    product = _products(hom[first], alt[first], hom[second], alt[second])
    if moment[first, 0] == n_sample and moment[second, 0] == n_sample:
        n = n_sample
        sum_1, square_1 = moment[first, 1], moment[first, 2]
        sum_2, square_2 = moment[second, 1], moment[second, 2]
    else:
        n = _n_both(called[first], called[second])
        sum_1, square_1 = _moments_in(hom[first], alt[first], called[second])
        sum_2, square_2 = _moments_in(hom[second], alt[second], called[first])
    return n, n * product - sum_1 * sum_2, n * square_1 - sum_1**2, n * square_2 - sum_2**2


@compiled
def r2_of(hom, alt, called, moment, n_sample, first, second):
    """Squared correlation of two rows, NaN where a variance is 0, and the calls it rests on."""
    n, shared, var_1, var_2 = covariance(hom, alt, called, moment, n_sample, first, second)
    if var_1 == 0 or var_2 == 0:
        return np.nan, n
    return float(shared) * float(shared) / (float(var_1) * float(var_2)), n


@compiled
def fill_all(packed, is_sample, hom, alt, called, moment):
    """Fill the planes and moments of every variant."""
    for row in range(len(packed)):
        fill_planes(packed, row, is_sample, hom[row], alt[row], called[row])
        moment[row, 0], moment[row, 1], moment[row, 2] = moments(hom[row], alt[row], called[row])


@compiled
def n_pair_in_window(pos, window_bp):
    """Pairs within the window, and the most variants that one window holds."""
    n, most, stop = 0, 0, 0
    for first in range(len(pos)):
        while stop < len(pos) and pos[stop] - pos[first] <= window_bp:
            stop += 1
        n += stop - first - 1
        most = max(most, stop - first)
    return n, most


@compiled
def r2_in_window(hom, alt, called, moment, n_sample, pos, window_bp, r2_min, start, pair, value, n):
    """Fill the pairs from ``start`` on whose r2 is large enough; where it stopped, and how many.

    It stops before a variant whose pairs may not fit.
    """
    filled = 0
    for first in range(start, len(pos)):
        second = first + 1
        while second < len(pos) and pos[second] - pos[first] <= window_bp:
            second += 1
        if filled + second - first - 1 > len(value):
            return first, filled
        for other in range(first + 1, second):
            r2, n_called = r2_of(hom, alt, called, moment, n_sample, first, other)
            if r2 >= r2_min:
                pair[filled, 0], pair[filled, 1] = first, other
                value[filled], n[filled] = r2, n_called
                filled += 1
    return len(pos), filled
