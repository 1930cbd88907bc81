"""Exact test of Hardy-Weinberg equilibrium, by the recurrence between heterozygote counts."""

import numpy as np

from alsrev_dagster.stats.kernel.compiled import compiled

_TIE = 1e-9
"""Relative slack when two probabilities are compared for equality."""
_NOTHING = 1e-17
"""Part of a sum below which the terms behind it change no digit."""
_LEAST = np.finfo(np.float64).tiny
"""What a P value below every double is given as."""


@compiled
def _likeliest_het(n_minor, n):
    """Heterozygote count of the highest probability, of the parity of the minor allele count."""
    het = int(n_minor * (2.0 * n - n_minor) / (2.0 * n))
    return het + ((het ^ n_minor) & 1)


@compiled
def _side(het, n_minor, n, step, seen_het, seen, total, at_most, tied):
    """Sum a side of the distribution from its middle, which has probability 1 in these units.

    With ``seen`` below 0 the side is that of the count seen; returns the probability seen, and
    the sums with the side's terms added.
    """
    term, hom_minor = 1.0, (n_minor - het) // 2
    hom_major = n - het - hom_minor
    while True:
        if step < 0:
            if het < 2:
                break
            hom_minor += 1
            hom_major += 1
            term *= het * (het - 1.0) / (4.0 * hom_minor * hom_major)
            het -= 2
        else:
            if hom_minor == 0:
                break
            term *= 4.0 * hom_minor * hom_major / ((het + 2.0) * (het + 1.0))
            hom_minor -= 1
            hom_major -= 1
            het += 2
        if seen < 0 and het == seen_het:
            seen = term
        if seen >= 0 and term <= seen * (1 + _TIE):
            at_most += term
            tied += term if term >= seen * (1 - _TIE) else 0.0
            if term <= _NOTHING * at_most:
                break
        total += term
    return seen, total, at_most, tied


@compiled
def hwe_p(n_hom_1, n_het, n_hom_2):
    """P value and mid-P value; NaN without samples, 1 and 1 without variation."""
    n = n_hom_1 + n_het + n_hom_2
    n_minor = 2 * min(n_hom_1, n_hom_2) + n_het
    if n == 0:
        return np.nan, np.nan
    if n_minor == 0:
        return 1.0, 1.0
    middle = min(_likeliest_het(n_minor, n), n_minor)
    first = -1 if n_het < middle else 1
    seen = 1.0 if n_het == middle else -1.0
    total, at_most, tied = 1.0, 0.0, 0.0
    if n_het == middle:
        at_most, tied = 1.0, 1.0
    seen, total, at_most, tied = _side(middle, n_minor, n, first, n_het, seen, total, at_most, tied)
    seen, total, at_most, tied = _side(
        middle, n_minor, n, -first, n_het, seen, total, at_most, tied
    )
    if n_het != middle and seen * (1 + _TIE) >= 1.0:  # the middle is no more likely
        at_most += 1.0
        tied += 1.0 if seen * (1 - _TIE) <= 1.0 else 0.0
    return (
        max(min(at_most / total, 1.0), _LEAST),
        max((at_most - 0.5 * tied) / total, _LEAST),
    )


@compiled
def hwe_p_many(counts, p_value, mid_p_value):
    """Fill both P values of each row n_hom_ref, n_het, n_hom_alt."""
    for row in range(len(counts)):
        p_value[row], mid_p_value[row] = hwe_p(counts[row, 0], counts[row, 1], counts[row, 2])
