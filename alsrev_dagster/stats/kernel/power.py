"""Power of Fisher's test of two binomial counts: only the tables it rejects are visited."""

from alsrev_dagster.stats.kernel.compiled import compiled
from alsrev_dagster.stats.kernel.fisher import fisher_p


@compiled
def _limits(n_case, total, n, alpha):
    """Most carriers among the cases that are few enough to reject, and fewest that are enough.

    The distribution given the total has one mode, and P falls on both sides of it.
    """
    least, most = max(0, total - (n - n_case)), min(n_case, total)
    mode = min(max(int((n_case + 1.0) * (total + 1.0) / (n + 2.0)), least), most)
    low, high = least - 1, mode  # P at low, if it is one, is at most alpha; at high it is not
    while high - low > 1:
        middle = (low + high) // 2
        if fisher_p(middle, n_case, total, n) <= alpha:
            low = middle
        else:
            high = middle
    below, low, high = low, mode, most + 1
    while high - low > 1:
        middle = (low + high) // 2
        if fisher_p(middle, n_case, total, n) <= alpha:
            high = middle
        else:
            low = middle
    return below, high


@compiled
def rejected_chance(in_case, in_control, first, last, alpha):
    """Probability that P <= alpha.

    Parameters
    ----------
    in_case, in_control
        Probability of 0, 1 … carriers in each group, shapes (n_case + 1,) and (n_control + 1,).
    first, last
        Carriers among the controls outside which their probability is nothing.
    """
    n_case = len(in_case) - 1
    n, chance = n_case + len(in_control) - 1, 0.0
    for total in range(first, last + n_case + 1):
        low, high = max(0, total - last), min(n_case, total - first)
        below, above = _limits(n_case, total, n, alpha)
        for x in range(low, min(below, high) + 1):
            chance += in_case[x] * in_control[total - x]
        for x in range(max(above, low), high + 1):
            chance += in_case[x] * in_control[total - x]
    return chance
