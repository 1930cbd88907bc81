"""Smallest exact P value over variants of each labelling of the samples: compiled.

A P value depends on the variant's genotype counts, the cases with a call and T, their summed
score: it is looked up in a table made once for each variant and number of cases without a call.
"""

import numpy as np

from alsrev_dagster.stats.kernel.bits import bits_of, popcount
from alsrev_dagster.stats.kernel.compiled import compiled

N_PATTERN_MAX = 512
"""Tables of one variant; with more ways to miss calls of cases they count as hom-ref."""

_TIE = 1e-7
"""Relative slack of "no more likely than", as in R's fisher.test."""


@compiled
def _fill_stratum(n_ref, n_het, n_alt, n_case, weight, log_factorial, own):
    """Fill the null distribution of one stratum's T."""
    own[:] = 0.0
    n = n_ref + n_het + n_alt
    ways = log_factorial[n_ref] + log_factorial[n_het] + log_factorial[n_alt]
    ways -= log_factorial[n] - log_factorial[n_case] - log_factorial[n - n_case]
    for alt in range(min(n_alt, n_case) + 1):
        for het in range(max(0, n_case - alt - n_ref), min(n_het, n_case - alt) + 1):
            ref = n_case - alt - het
            log_p = ways - log_factorial[alt] - log_factorial[n_alt - alt]
            log_p -= log_factorial[het] + log_factorial[n_het - het]
            log_p -= log_factorial[ref] + log_factorial[n_ref - ref]
            own[weight[0] * het + weight[1] * alt] += np.exp(log_p)


@compiled
def _fill_p(n_genotype, n_case, weight, log_factorial, room, p_value):
    """Fill the two-sided exact P value of every T, given genotypes and called cases by stratum."""
    whole, own, folded = room[0], room[1], room[2]
    whole[:] = 0.0
    whole[0] = 1.0
    top, most = 0, max(weight[0], weight[1])
    for stratum in range(len(n_case)):
        here = n_genotype[stratum]
        if n_case[stratum] == 0 or here[1] + here[2] == 0:
            continue
        _fill_stratum(here[0], here[1], here[2], n_case[stratum], weight, log_factorial, own)
        reach = min(most * n_case[stratum], weight[0] * here[1] + weight[1] * here[2])
        folded[:] = 0.0
        for t in range(top + 1):
            if whole[t] > 0:
                for more in range(reach + 1):
                    if own[more] > 0:
                        folded[t + more] += whole[t] * own[more]
        top += reach
        whole[:] = folded
    n_reached = 0
    for t in range(top + 1):
        if whole[t] > 0:
            own[n_reached] = whole[t]
            n_reached += 1
    rarest_first, so_far = np.sort(own[:n_reached]), folded
    so_far[0] = 0.0
    for i in range(n_reached):
        so_far[i + 1] = so_far[i] + rarest_first[i]
    for t in range(top + 1):
        n_as_rare = np.searchsorted(rarest_first, whole[t] * (1 + _TIE), side="right")
        as_rare = so_far[n_as_rare] / so_far[n_reached]
        p_value[t] = min(max(as_rare, np.finfo(np.float64).tiny), 1.0)


@compiled
def _count(plane, mask, word, n_word):
    """Bits of a plane under a mask, over the words that have some."""
    found = 0
    for i in range(n_word):
        found += popcount(plane[word[i]] & mask[word[i]])
    return found


@compiled
def _genotypes(het, alt, none, stratum_mask, n_genotype):
    """Fill hom-ref, het, hom-alt and missing of each stratum."""
    for stratum in range(len(stratum_mask)):
        n, n_het, n_alt, n_none = 0, 0, 0, 0
        for index in range(len(het)):
            here = stratum_mask[stratum, index]
            n += popcount(here)
            n_het += popcount(het[index] & here)
            n_alt += popcount(alt[index] & here)
            n_none += popcount(none[index] & here)
        n_genotype[stratum, 0] = n - n_het - n_alt - n_none
        n_genotype[stratum, 1], n_genotype[stratum, 2] = n_het, n_alt
        n_genotype[stratum, 3] = n_none


@compiled
def _radices(n_genotype, n_case, radix):
    """Fill the step of each stratum in the number of a pattern of missing cases; their number."""
    n_pattern = 1
    for stratum in range(len(n_case)):
        radix[stratum] = n_pattern
        n_pattern *= min(n_genotype[stratum, 3], n_case[stratum]) + 1
        if n_pattern > N_PATTERN_MAX:
            break
    return n_pattern


@compiled
def _fill_bits(packed, row, het, alt, none, word):
    """Fill the planes of a variant and the words that have a carrier; the number of these."""
    n_used = 0
    for index in range(len(het)):
        low, high = bits_of(packed, row, index)
        het[index], alt[index], none[index] = low & ~high, high & ~low, low & high
        if het[index] | alt[index]:
            word[n_used] = index
            n_used += 1
    return n_used


@compiled
def _pattern(none, mask, stratum_mask, n_none, n_case, radix, called):
    """Fill the called cases of each stratum; the number of their pattern."""
    pattern = 0
    for stratum in range(len(n_case)):
        called[stratum] = n_case[stratum]
        if n_none[stratum] > 0:
            n_lost = 0
            for index in range(len(none)):
                n_lost += popcount(none[index] & mask[index] & stratum_mask[stratum, index])
            pattern += n_lost * radix[stratum]
            called[stratum] -= n_lost
    return pattern


@compiled
def smallest_p(
    packed, stratum_mask, n_case, label, weight, log_factorial, smallest, kept, is_filled
):
    """Lower the smallest P value of each labelling by those of a block of variants.

    Parameters
    ----------
    packed
        Genotypes, shape (n_variant, n_byte).
    stratum_mask
        Samples of each stratum as bits, shape (n_stratum, n_word).
    n_case
        Cases of each stratum, shape (n_stratum,).
    label
        Cases of each labelling as bits, shape (1 + m, n_word): the true one first.
    weight
        Score of a heterozygote and a hom-alt; that of a hom-ref is 0.
    smallest
        Shape (m,), lowered.
    kept, is_filled
        Filled: P under the first labellings, shape (n_variant, 1 + k), the true one first; whether
        missing calls counted as hom-ref, shape (n_variant,).
    """
    n_word, n_stratum, n_label = label.shape[1], len(n_case), len(label)
    het, alt = np.empty(n_word, dtype=np.uint64), np.empty(n_word, dtype=np.uint64)
    none, word = np.empty(n_word, dtype=np.uint64), np.empty(n_word, dtype=np.int64)
    n_genotype, radix = np.empty((n_stratum, 4), dtype=np.int64), np.ones(n_stratum, dtype=np.int64)
    called = np.empty(n_stratum, dtype=np.int64)
    width = max(weight[0], weight[1]) * n_case.sum() + 1
    room, table = np.empty((3, width + 1)), np.empty((N_PATTERN_MAX, width))
    for row in range(len(packed)):
        n_used = _fill_bits(packed, row, het, alt, none, word)
        kept[row], is_filled[row] = 1.0, False
        if n_used == 0:
            continue
        _genotypes(het, alt, none, stratum_mask, n_genotype)
        n_pattern = _radices(n_genotype, n_case, radix)
        if n_pattern > N_PATTERN_MAX:
            n_genotype[:, 0] += n_genotype[:, 3]
            n_genotype[:, 3], n_pattern, is_filled[row] = 0, 1, True
        table[:n_pattern, 0] = -1.0  # not made yet
        for labelling in range(n_label):
            mask, pattern = label[labelling], 0
            if n_pattern > 1:
                n_none = n_genotype[:, 3]
                pattern = _pattern(none, mask, stratum_mask, n_none, n_case, radix, called)
            elif labelling == 0:
                called[:] = n_case
            if table[pattern, 0] < 0:
                _fill_p(n_genotype, called, weight, log_factorial, room, table[pattern])
            t = weight[0] * _count(het, mask, word, n_used) if weight[0] else 0
            t += weight[1] * _count(alt, mask, word, n_used)
            if labelling < kept.shape[1]:
                kept[row, labelling] = table[pattern, t]
            if labelling > 0 and table[pattern, t] < smallest[labelling - 1]:
                smallest[labelling - 1] = table[pattern, t]
