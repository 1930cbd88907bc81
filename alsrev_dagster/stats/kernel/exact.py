"""Exact conditional test of tables of one stratum, one after another: compiled."""

from alsrev_dagster.stats.kernel.compiled import compiled

N_SAMPLE_MAX = 1000
"""Samples up to which every number of ways is below 1e300."""
N_TEST = 3
"""P value, mid-P value, smallest P value."""


@compiled
def _fill_ways(n, n_drawn, ways):
    """Fill the ways to draw 0, 1 ... out of n, up to n_drawn or n."""
    ways[0] = 1.0
    for k in range(min(n, n_drawn)):
        ways[k + 1] = ways[k] * (n - k) / (k + 1)


@compiled
def exact_each(table, score, rule, ways, weight, number):
    """Fill the P value of each table given its margins, its mid-P value and its smallest P value.

    That of the scores no more likely than the one seen, less half of those as likely, and that of
    the scores as unlikely as the unlikeliest.

    Parameters
    ----------
    table
        Cases and controls of genotypes 0, 1 and 2, shape (n, 2, 3), at most N_SAMPLE_MAX of both.
    score
        Whole number of each genotype, shape (3,).
    rule
        Relative slack for equality, and what a P value below every double is given as.
    ways, weight
        Room, shapes (3, n_sample + 1) and (n_sample * range of the score + 1,).
    number
        Filled, shape (n, N_TEST).
    """
    low, high, (tie, least) = min(score), max(score), rule
    for row in range(len(table)):
        case, control = table[row, 0], table[row, 1]
        drawn = case if case.sum() <= control.sum() else control
        n_drawn, seen = drawn.sum(), 0
        for g in range(3):
            _fill_ways(case[g] + control[g], n_drawn, ways[g])
            seen += score[g] * drawn[g]
        for t in range(n_drawn * (high - low) + 1):
            weight[t] = 0.0
        for het in range(min(case[1] + control[1], n_drawn) + 1):
            for alt in range(min(case[2] + control[2], n_drawn - het) + 1):
                ref = n_drawn - het - alt
                if ref <= case[0] + control[0]:
                    t = score[0] * ref + score[1] * het + score[2] * alt - low * n_drawn
                    weight[t] += ways[0, ref] * ways[1, het] * ways[2, alt]
        here = weight[seen - low * n_drawn]
        total, as_rare, as_likely, rarest = 0.0, 0.0, 0.0, here
        for t in range(n_drawn * (high - low) + 1):
            total += weight[t]
            as_rare += weight[t] if weight[t] <= here * (1 + tie) else 0.0
            as_likely += weight[t] if abs(weight[t] / here - 1) <= tie else 0.0
            rarest = weight[t] if 0 < weight[t] < rarest else rarest
        as_rarest = 0.0
        for t in range(n_drawn * (high - low) + 1):
            as_rarest += weight[t] if weight[t] <= rarest * (1 + tie) else 0.0
        number[row, 0] = min(max(as_rare / total, least), 1.0)
        number[row, 1] = max(number[row, 0] - as_likely / total / 2, least)
        number[row, 2] = min(max(as_rarest / total, least), 1.0)
