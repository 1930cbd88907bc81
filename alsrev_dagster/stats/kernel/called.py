"""The samples that have a call of a variant, and the columns of the design that differ in them."""

import numpy as np

from alsrev_dagster.stats.kernel.compiled import compiled
from alsrev_dagster.stats.kernel.rows import N_AT_ONCE, N_TOGETHER, clear, copy, dots, weighted_gram

_DEPENDENT = 1e-9
"""Share of a row's squares that those before it leave, below which it says nothing new."""
_HET, _HOM_ALT = 1.0, 2.0


@compiled
def padded(n):
    """Length of a row that holds so many samples."""
    return (n + N_AT_ONCE - 1) // N_AT_ONCE * N_AT_ONCE


@compiled
def lay_out(value, null, n_tested, space):
    """Lay out the design of one variant's called samples; samples, cases, and rows laid out.

    Parameters
    ----------
    value
        Coded genotype or dosage, NaN where missing, shape (n_sample,).
    null
        Covariates' rows and outcome of every sample.
    n_tested
        1: the coded value less its lowest or highest, whichever is nearer the mean, so that most
        are 0. 2: whether heterozygous, whether homozygous.
    space
        Design, outcome, genotype, a row of ones, and whether the design holds every sample.
    """
    covariate, outcome = null
    design, called_outcome, genotype, _, is_whole = space
    n_covariate, n_sample = len(covariate), len(value)
    n, n_case = 0, 0
    for i in range(n_sample):
        if not np.isnan(value[i]):
            genotype[n] = value[i]
            called_outcome[n] = outcome[i]
            n_case += outcome[i] > 0.5
            n += 1
    if n < n_sample or not is_whole[0]:
        for j in range(n_covariate):
            at = 0
            for i in range(n_sample):
                design[j, at] = covariate[j, i]
                at += not np.isnan(value[i])
            clear(design[j], n, padded(n))
        is_whole[0] = n == n_sample
    for j in range(n_covariate, len(design)):
        clear(design[j], 0, padded(n))
    if n_tested == 1:
        _subtract_common(genotype, n)
        copy(genotype, n, design[n_covariate])
    else:
        for i in range(n):
            design[n_covariate, i] = genotype[i] == _HET
            design[n_covariate + 1, i] = genotype[i] == _HOM_ALT
    return n, n_case, n_covariate + n_tested


@compiled
def _subtract_common(genotype, n):
    """Subtract the lowest or the highest value, whichever is nearer the mean."""
    low, high, total = np.inf, -np.inf, 0.0
    for i in range(n):
        low, high = min(low, genotype[i]), max(high, genotype[i])
        total += genotype[i]
    base = high if 2 * total > n * (low + high) else low
    for i in range(n):
        genotype[i] -= base


@compiled
def _keep_last(space, n_orthogonal, n, product, kept):
    """As :func:`keep_independent`, where all rows but the last are orthogonal."""
    design = space[0]
    dots(design, design[n_orthogonal], n_orthogonal + 1, padded(n), product)
    rest = product[n_orthogonal]
    for j in range(n_orthogonal):
        kept[j] = j
        rest -= product[j] * product[j] / n
    kept[n_orthogonal] = n_orthogonal
    return n_orthogonal + (1 if rest > _DEPENDENT * product[n_orthogonal] else 0)


@compiled
def keep_independent(space, n_row, n_orthogonal, n, square, kept):
    """Move rows together that do not follow from those before them; how many they are.

    ``kept`` is filled with the places they had. A row of the covariates can follow from others
    in the called samples alone: a stratum of which none is called. In all samples the first
    ``n_orthogonal`` are so, each of mean square 1.
    """
    design, _, _, ones, is_whole = space
    gram, lower = square[0], square[1]
    if is_whole[0] and n_row == n_orthogonal + 1:
        return _keep_last(space, n_orthogonal, n, gram[0], kept)
    weighted_gram(design, ones, n_row, padded(n), gram)
    n_kept = 0
    for j in range(n_row):
        rest = gram[j, j]
        for a in range(n_kept):
            shared = gram[j, kept[a]]
            for b in range(a):
                shared -= lower[n_kept, b] * lower[a, b]
            lower[n_kept, a] = shared / lower[a, a]
            rest -= lower[n_kept, a] ** 2
        if rest > _DEPENDENT * gram[j, j]:
            lower[n_kept, n_kept] = np.sqrt(rest)
            kept[n_kept] = j
            n_kept += 1
    for a in range(n_kept):
        if kept[a] != a:
            copy(design[kept[a]], padded(n), design[a])
    for a in range(n_kept, -(-n_row // N_TOGETHER) * N_TOGETHER):
        clear(design[a], 0, padded(n))
    if n_kept < n_row:
        is_whole[0] = False
    return n_kept
