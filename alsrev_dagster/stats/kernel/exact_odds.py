"""Conditional odds ratio of a table and the ends of its intervals, by bisection: compiled."""

import numpy as np

from alsrev_dagster.stats.kernel.compiled import compiled

N_NUMBER = 5
"""Estimate, exact interval, mid-P interval."""

_N_BISECTION = 64
_LOG_MAX = 100.0
"""Log odds ratio beyond which an end is as good as infinite."""


@compiled
def _is_past(number, log_psi, apart, log_p, chance, tail):
    """Whether a log odds ratio is above the one sought; ``chance`` is room."""
    highest = -np.inf
    for i in range(len(apart)):
        chance[i] = log_p[i] + log_psi * apart[i]
        highest = max(highest, chance[i])
    total, excess, below, at, above = 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(len(apart)):
        p = np.exp(chance[i] - highest)
        total += p
        excess += p * apart[i]
        if apart[i] < 0:
            below += p
        elif apart[i] > 0:
            above += p
        else:
            at += p
    if number == 0:
        return excess > 0
    counted = at if number < 3 else at / 2
    if number % 2 == 1:
        return above + counted > tail * total
    return below + counted < tail * total


@compiled
def fill_odds_ratio(apart, log_p, tail, number):
    """Fill the estimate and both intervals of one table.

    Parameters
    ----------
    apart
        Every possible T less the one seen, ascending, at least two.
    log_p
        Log probability of each at an odds ratio of 1.
    tail
        Half of 1 - confidence.
    number
        Filled, shape (N_NUMBER,).
    """
    chance = np.empty(len(apart))
    for which in range(N_NUMBER):
        low, high = -_LOG_MAX, _LOG_MAX
        for _ in range(_N_BISECTION):
            middle = (low + high) / 2
            if _is_past(which, middle, apart, log_p, chance, tail):
                high = middle
            else:
                low = middle
        number[which] = np.exp((low + high) / 2)
    if apart[0] == 0:
        number[0], number[1], number[3] = 0.0, 0.0, 0.0
    if apart[-1] == 0:
        number[0], number[2], number[4] = np.inf, np.inf, np.inf
