"""Exact tail of a Cox score with few carriers: every way to place them, counted.

Samples are ranked: by stratum, then by score. Scores are whole numbers here (``unit`` to the
largest), so that sums are exact, and sums that are the same are seen to be. Ways to put carriers
on different samples are counted as ways to put them anywhere, less those that put two on one
(inclusion and exclusion over partitions of the carriers), for which sorted lists are enough.
"""

import numpy as np

from alsrev_dagster.survival.kernel.compiled import compiled
from alsrev_dagster.survival.kernel.cox_shares import code_of
from alsrev_dagster.survival.kernel.cox_sums import n_far

N_CARRIER_MAX = 4
UNIT = float(2**30)
"""What the largest score is brought to."""
_TIE = 2**4
"""What rounding can part two sums by, and more: some 1e-8 of the largest score."""
_N_PARTITION = 15
"""Partitions of four carriers."""


@compiled
def permute_each(packed, ranked, coding, is_wanted, n_pair_max, found):
    """Two-sided P of each wanted variant and coding with few carriers.

    Parameters
    ----------
    ranked
        Place of each ranked sample in the packed row, its score, and where each stratum begins,
        shape (n_stratum + 1,).
    coding
        What het and hom-alt count for, shape (n_model, 2).
    is_wanted
        Shape (n, n_model).
    n_pair_max
        Pairs of samples beyond which three and four carriers are not placed.
    found
        Filled, shape (n, n_model): NaN unless one to four samples are not of the commonest value.
    """
    sample, _, begin = ranked
    code = np.empty(len(sample), dtype=np.int64)
    weight, other = np.empty((2, N_CARRIER_MAX), dtype=np.int64), np.empty(3, dtype=np.int64)
    rank, stratum = np.empty_like(weight), np.empty(N_CARRIER_MAX, dtype=np.int64)
    found[:] = np.nan
    for row in range(len(packed)):
        for i in range(len(sample)):
            code[i] = code_of(packed, row, sample[i])
        n_before, p = 0, np.nan
        for model in range(len(coding)):
            if not is_wanted[row, model]:
                continue
            other[0], other[1], other[2] = 0, coding[model, 0], coding[model, 1]
            n = _few(code, other, rank[0], weight[0])
            if not 0 < n <= N_CARRIER_MAX:
                continue
            if not (n == n_before and _is_alike(rank, weight, n)):
                _put_in_strata(rank[0], n, begin, stratum)
                p = _share_as_far(code, ranked, rank[0, :n], weight[0, :n], stratum, n_pair_max)
                n_before, rank[1], weight[1] = n, rank[0], weight[0]
            found[row, model] = p


@compiled
def _few(code, value, rank, weight):
    """Number of samples not of the commonest value; where few, fill who, and by how much."""
    count, most, base = np.zeros(4, dtype=np.int64), -1, 0
    for one in code:
        count[one] += 1
    for c in range(3):
        alike = 0
        for d in range(3):
            if value[d] == value[c]:
                alike += count[d]
        if alike > most:
            most, base = alike, value[c]
    n = len(code) - count[3] - most
    if 0 < n <= len(rank):
        at = 0
        for i in range(len(code)):
            if code[i] < 3 and value[code[i]] != base:
                rank[at], weight[at] = i, value[code[i]] - base
                at += 1
    return n


@compiled
def _is_alike(rank, weight, n):
    """Whether the carriers are those of the coding before, by the same weights."""
    for j in range(n):
        if rank[0, j] != rank[1, j] or weight[0, j] != weight[1, j]:
            return False
    return True


@compiled
def _put_in_strata(rank, n, begin, stratum):
    for j in range(n):
        stratum[j] = 0
        while begin[stratum[j] + 1] <= rank[j]:
            stratum[j] += 1


@compiled
def _share_as_far(code, ranked, rank, weight, stratum, n_pair_max):
    """Share of the ways to place the carriers whose score is at least as far from its mean."""
    _, score, begin = ranked
    n, seen, n_way = len(rank), 0, 1.0
    held, size = np.zeros((n, len(code)), dtype=np.int64), np.zeros(n, dtype=np.int64)
    for j in range(n):
        s, mean = stratum[j], 0.0
        for i in range(begin[s], begin[s + 1]):
            if code[i] < 3:
                mean += score[i]
                size[j] += 1
        mean /= size[j]
        at = 0
        for i in range(begin[s], begin[s + 1]):
            if code[i] < 3:
                held[j, at] = np.int64(np.rint(score[i] - mean))
                if i == rank[j]:
                    seen += weight[j] * held[j, at]
                at += 1
        if n > 2 and size[j] * size[j] > n_pair_max:
            return np.nan
        n_before = 0
        for k in range(j):
            n_before += stratum[k] == s
        n_way *= size[j] - n_before
    if abs(seen) <= _TIE:
        return 1.0
    return _n_apart(held, size, weight, stratum, abs(seen) - _TIE) / n_way


@compiled
def _n_apart(held, size, weight, stratum, limit):
    """Ways to put each carrier on another sample of its stratum with a sum this far from 0.

    Of all ways to put them anywhere, a partition's are those that put each of its blocks on one
    sample; each counts by the product of (-1)^(m - 1) (m - 1)! of the sizes m of its blocks.
    """
    n, total, n_told = len(weight), 0, 0
    block, filled = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    of, by = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    told = np.empty((_N_PARTITION, 2 * N_CARRIER_MAX), dtype=np.int64)
    known = np.empty(_N_PARTITION, dtype=np.int64)
    value, length = np.empty_like(held), np.empty(n, dtype=np.int64)
    for number in range(n**n):
        n_block, factor = _partition(number, weight, stratum, block, filled, of, by)
        if factor == 0:
            continue
        _sort_blocks(n_block, stratum, of, by)
        at = _place_of(n_block, stratum, of, by, told, n_told)
        if at == n_told:
            for b in range(n_block):
                length[b] = size[of[b]]
                _fill_scaled(held[of[b]], length[b], by[b], value[b])
            is_alike = told[at, 0] == told[at, 3] and told[at, 4] == told[at, 7]
            known[at] = n_far(value, length, n_block, limit, is_alike)
            n_told += 1
        total += factor * known[at]
    return total


@compiled
def _partition(number, weight, stratum, block, filled, of, by):
    """Blocks of a partition, and what it counts for: 0 where it has another number, or no ways.

    ``of`` is filled with the first carrier of each block, ``by`` with the block's weight.
    """
    n, n_block, factor = len(weight), 0, 1
    for j in range(n):
        block[j] = number % n
        number //= n
        if block[j] > n_block:
            return 0, 0
        if block[j] == n_block:
            of[n_block], by[n_block], filled[n_block] = j, weight[j], 1
            n_block += 1
            continue
        b = block[j]
        if stratum[of[b]] != stratum[j]:
            return 0, 0
        factor *= -filled[b]
        by[b] += weight[j]
        filled[b] += 1
    return n_block, factor


@compiled
def _sort_blocks(n_block, stratum, of, by):
    """Sort blocks by stratum, then by weight: which of them comes first changes no count."""
    for a in range(1, n_block):
        b = a
        while b > 0:
            one, other = stratum[of[b - 1]], stratum[of[b]]
            if one < other or (one == other and by[b - 1] <= by[b]):
                break
            of[b - 1], of[b], by[b - 1], by[b] = of[b], of[b - 1], by[b], by[b - 1]
            b -= 1


@compiled
def _place_of(n_block, stratum, of, by, told, n_told):
    """Where blocks of these strata and weights were counted before; else they are noted last."""
    new = told[n_told]
    new[:] = -1
    for b in range(n_block):
        new[b], new[N_CARRIER_MAX + b] = stratum[of[b]], by[b]
    for at in range(n_told):
        is_same = True
        for c in range(len(new)):
            is_same = is_same and told[at, c] == new[c]
        if is_same:
            return at
    return n_told


@compiled
def _fill_scaled(sorted_value, n, weight, scaled):
    """Fill a weight times sorted values, sorted."""
    for i in range(n):
        scaled[i] = weight * sorted_value[i if weight >= 0 else n - 1 - i]
