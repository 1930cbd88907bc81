"""How many sums of one of each of up to four sorted lists of whole numbers are far from 0."""

import numpy as np

from alsrev_dagster.survival.kernel.compiled import compiled

_SHIFT, _DIGIT = 11, 2**11
"""Bits of a digit that sums are sorted by, and how many digits there are."""


@compiled
def n_far(value, length, n_block, limit, is_alike):
    """Ways to take one of each sorted list with a sum at least ``limit`` from 0, either way.

    ``is_alike`` where four lists are the same.
    """
    first = value[0, : length[0]]
    if n_block == 1:
        return _n_pair(first, np.zeros(1, dtype=np.int64), -limit, limit)
    second = value[1, : length[1]]
    if n_block == 2:
        return _n_pair(first, second, -limit, limit)
    third = value[2, : length[2]]
    if n_block == 3:
        total = 0
        for one in first:
            total += _n_pair(second, third, -limit - one, limit - one)
        return total
    fourth = value[3, : length[3]]
    sums = _sums(first, second, -limit - third[0] - fourth[0], limit - third[-1] - fourth[-1])
    if is_alike:
        return _n_pair(sums, sums, -limit, limit)
    others = _sums(third, fourth, -limit - first[0] - second[0], limit - first[-1] - second[-1])
    return _n_pair(sums, others, -limit, limit)


@compiled
def _sums(one, other, low, high):
    """Every sum of one of each at most ``low`` or at least ``high``, sorted.

    The others reach no limit with any that they are added to. Sorted by digits, the last first.
    """
    least = one[0] + other[0]
    most = one[-1] + other[-1] - least
    here, n = np.empty(len(one) * len(other), dtype=np.int64), 0
    for a in one:
        for b in other:
            if a + b <= low or a + b >= high:
                here[n] = a + b - least
                n += 1
    here = here[:n]
    there, begin = np.empty_like(here), np.empty(_DIGIT + 1, dtype=np.int64)
    shift = 0
    while most >> shift > 0:
        begin[:] = 0
        for value in here:
            begin[((value >> shift) & (_DIGIT - 1)) + 1] += 1
        for digit in range(_DIGIT):
            begin[digit + 1] += begin[digit]
        for value in here:
            digit = (value >> shift) & (_DIGIT - 1)
            there[begin[digit]] = value
            begin[digit] += 1
        here, there = there, here
        shift += _SHIFT
    return here + least


@compiled
def _n_pair(one, other, low, high):
    """Pairs of one of each sorted list whose sum is at most ``low``, or at least ``high``."""
    n = len(other)
    below, above, total = n, n, 0
    for a in one:
        while below > 0 and a + other[below - 1] > low:
            below -= 1
        while above > 0 and a + other[above - 1] >= high:
            above -= 1
        total += below + n - above
    return total
