"""Haplotype frequencies of two variants of unknown phase: the most likely, of all solutions."""

import numpy as np

from alsrev_dagster.stats.kernel.bits import popcount
from alsrev_dagster.stats.kernel.compiled import compiled

_N_HALVING = 80
"""Halvings of [0, 1] after which a double cannot be told from its neighbours."""


@compiled
def haplotype_counts(hom, alt, called, first, second):
    """Haplotypes alt-alt, alt-ref, ref-alt, ref-ref of known phase, and double heterozygotes."""
    known, n_double = np.zeros(4), 0
    for index in range(hom.shape[1]):
        call = called[first, index] & called[second, index]
        alt_1, het_1 = alt[first, index] & call, ~hom[first, index] & call
        alt_2, het_2 = alt[second, index] & call, ~hom[second, index] & call
        ref_1, ref_2 = call & ~alt_1 & ~het_1, call & ~alt_2 & ~het_2
        one_1, one_2 = popcount(het_1 & alt_2), popcount(alt_1 & het_2)
        zero_1, zero_2 = popcount(het_1 & ref_2), popcount(ref_1 & het_2)
        known[0] += 2 * popcount(alt_1 & alt_2) + one_1 + one_2
        known[1] += 2 * popcount(alt_1 & ref_2) + one_2 + zero_1
        known[2] += 2 * popcount(ref_1 & alt_2) + one_1 + zero_2
        known[3] += 2 * popcount(ref_1 & ref_2) + zero_1 + zero_2
        n_double += popcount(het_1 & het_2)
    return known, n_double


@compiled
def _log_likelihood(known, share, in_phase):
    """Log likelihood of the frequencies when ``in_phase`` of ``share`` is alt-alt with ref-ref."""
    frequency = known + in_phase
    frequency[1], frequency[2] = known[1] + share - in_phase, known[2] + share - in_phase
    total = 0.0
    for i in range(4):
        if known[i] > 0:
            total += known[i] * np.log(frequency[i])
    double = frequency[0] * frequency[3] + frequency[1] * frequency[2]
    return total + share * np.log(double) if double > 0 else -np.inf


@compiled
def _cubic(coefficient, x):
    return ((2 * x + coefficient[2]) * x + coefficient[1]) * x + coefficient[0]


@compiled
def _root_between(coefficient, low, high):
    """A root of the cubic between two places at which its sign differs."""
    is_rising = _cubic(coefficient, low) <= 0
    for _ in range(_N_HALVING):
        middle = 0.5 * (low + high)
        if (_cubic(coefficient, middle) <= 0) == is_rising:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


@compiled
def share_in_phase(known, share):
    """The most likely part of the double heterozygotes' share that is alt-alt with ref-ref.

    ``known`` are frequencies of known phase and ``share`` the double heterozygotes', so that
    known.sum() + 2 * share is 1. Hill's equation is the cubic; its turning points part [0, share]
    into stretches with at most one root each, and both ends are candidates.
    """
    both, crossed = known[0] + known[3], known[1] + known[2]
    coefficient = np.array([
        -share * known[0] * known[3],
        known[0] * known[3] + (known[1] + share) * (known[2] + share) - share * both,
        both - crossed - 3 * share,
    ])  # fmt: skip
    place = np.array([0.0, share, share, share])
    n_place, inside = 1, coefficient[2] ** 2 - 6 * coefficient[1]
    if inside > 0:
        for sign in (-1, 1):
            turn = (-coefficient[2] + sign * np.sqrt(inside)) / 6
            if 0 < turn < share:
                place[n_place] = turn
                n_place += 1
    best, most = 0.0, _log_likelihood(known, share, 0.0)
    for i in range(n_place):
        root = _root_between(coefficient, place[i], place[i + 1])
        for candidate in (root, place[i + 1]):
            likelihood = _log_likelihood(known, share, candidate)
            if likelihood > most:
                best, most = candidate, likelihood
    return best


@compiled
def haplotype_ld(hom, alt, called, pair, frequency, n_called):
    """Fill the four haplotype frequencies of each pair; NaN where no sample has both calls."""
    for row in range(len(pair)):
        known, n_double = haplotype_counts(hom, alt, called, pair[row, 0], pair[row, 1])
        n_haplotype = known.sum() + 2 * n_double
        n_called[row] = int(n_haplotype) // 2
        if n_haplotype == 0:
            frequency[row, :] = np.nan
            continue
        known /= n_haplotype
        share = n_double / n_haplotype
        in_phase = share_in_phase(known, share) if n_double else 0.0
        frequency[row, 0], frequency[row, 3] = known[0] + in_phase, known[3] + in_phase
        frequency[row, 1] = known[1] + share - in_phase
        frequency[row, 2] = known[2] + share - in_phase
