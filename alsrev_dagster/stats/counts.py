"""Genotype counts of a group of samples, and each distinct table once."""

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.kernel.counts import count_groups
from alsrev_dagster.stats.planes import bit_masks, require_packed

N_CODE = 4
"""Genotype codes: 0 hom-ref, 1 het, 2 hom-alt, 3 missing."""

_KEY_MAX = 2**62
"""Largest key of a row that is safe in int64."""


def genotype_counts(
    genotype: NDArray[np.uint8], is_in_group: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Count each genotype code of each variant among the samples of a group.

    Parameters
    ----------
    genotype
        Codes 0-3, shape (n_variant, n_sample).
    is_in_group
        Samples to count, shape (n_sample,).

    Returns
    -------
    NDArray[np.int64]
        Shape (n_variant, 4): n_hom_ref, n_het, n_hom_alt, n_missing. Each row
        sums to the size of the group.

    Raises
    ------
    InputDataError
        If the two shapes disagree.

    Notes
    -----
    A code above 3 would be counted as missing; the packed storage can hold none.

    Examples
    --------
    >>> genotype = np.array([[0, 1, 2, 3, 1]], dtype=np.uint8)
    >>> genotype_counts(genotype, np.array([True, True, True, True, False])).tolist()
    [[1, 1, 1, 1]]
    """
    if genotype.ndim != 2 or is_in_group.shape != genotype.shape[1:]:
        raise InputDataError(
            f"genotype has shape {genotype.shape} and is_in_group {is_in_group.shape}: expected "
            "(n_variant, n_sample) and (n_sample,); take both from the same sample list"
        )
    group_bits = np.packbits(is_in_group.astype(np.bool_))
    count = np.zeros((len(genotype), N_CODE), dtype=np.int64)
    for code in range(N_CODE - 1):
        bits = np.packbits(genotype == code, axis=1)
        bits &= group_bits
        count[:, code] = np.bitwise_count(bits).sum(axis=1, dtype=np.int64)
    count[:, N_CODE - 1] = int(is_in_group.sum()) - count.sum(axis=1)
    return count


def packed_counts(packed: NDArray[np.uint8], groups: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Count each genotype code of each variant in groups of samples, without unpacking.

    Parameters
    ----------
    packed
        Genotypes as :mod:`alsrev_dagster.packing` lays them, shape (n_variant, n_byte).
    groups
        Samples of each group, shape (n_group, n_sample); a sample may be in several or in none.

    Returns
    -------
    NDArray[np.int64]
        Shape (n_variant, n_group, 4): n_hom_ref, n_het, n_hom_alt, n_missing.

    Raises
    ------
    InputDataError
        If the bytes of a row are not those of so many samples.

    Examples
    --------
    >>> from alsrev_dagster.packing import pack
    >>> packed = pack(np.array([[0, 1, 2, 3, 1]], dtype=np.uint8))
    >>> packed_counts(packed, np.array([[True] * 5, [False, True, True, True, True]])).tolist()
    [[[1, 2, 1, 1], [0, 2, 1, 1]]]
    """
    packed = require_packed(packed, groups.shape[1])
    count = np.empty((len(packed), len(groups), N_CODE), dtype=np.int64)
    count_groups(packed, bit_masks(groups), count)
    return count


def distinct_rows(rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Distinct rows, and for each row which distinct one it is.

    Parameters
    ----------
    rows
        Counts >= 0, shape (n, k).

    Returns
    -------
    unique : NDArray[np.int64]
        Shape (n_distinct, k), in lexicographic order.
    inverse : NDArray[np.int64]
        Shape (n,): ``unique[inverse]`` is ``rows``.

    Raises
    ------
    InputDataError
        If a count is negative or the array is not two-dimensional.

    Notes
    -----
    A row becomes one integer key, its columns the digits, so that the sort is over
    integers; ``np.unique(axis=0)`` compares bytes and is many times slower.

    Examples
    --------
    >>> unique, inverse = distinct_rows(np.array([[3, 1], [0, 2], [3, 1]]))
    >>> unique.tolist(), inverse.tolist()
    ([[0, 2], [3, 1]], [1, 0, 1])
    """
    if rows.ndim != 2 or (rows.size and rows.min() < 0):
        raise InputDataError(
            f"an array of shape {rows.shape} was given as rows of counts: expected two dimensions "
            "and no count below 0; check the step that counted the genotypes"
        )
    key = np.zeros(len(rows), dtype=np.int64)
    n_key = 1
    for column in rows.T:
        n_digit = int(column.max(initial=0)) + 1
        if n_key * n_digit > _KEY_MAX:
            distinct, key = np.unique(key, return_inverse=True)
            n_key = len(distinct)
        key = key * n_digit + column
        n_key *= n_digit
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    return rows[first], inverse.astype(np.int64)


def stacked_tables(
    case_counts: NDArray[np.int64], control_counts: NDArray[np.int64], score: tuple[int, int, int]
) -> NDArray[np.int64]:
    """Case and control counts as one array, after checking that they fit together.

    Parameters
    ----------
    case_counts, control_counts
        Samples with genotype 0, 1 and 2 per stratum, shape (n, S, 3).
    score
        Coded value of genotypes 0, 1 and 2, for instance (0, 1, 2) for additive.

    Returns
    -------
    NDArray[np.int64]
        Shape (n, 2, S, 3): cases first.

    Raises
    ------
    InputDataError
        If a shape is not that, a count is negative, or the score is not three whole numbers.

    Examples
    --------
    >>> stacked_tables(np.array([[[1, 2, 3]]]), np.array([[[4, 5, 6]]]), (0, 1, 2)).shape
    (1, 2, 1, 3)
    """
    if (
        case_counts.ndim != 3
        or case_counts.shape[1] == 0
        or case_counts.shape[2] != 3
        or case_counts.shape != control_counts.shape
    ):
        raise InputDataError(
            f"case_counts has shape {case_counts.shape} and control_counts {control_counts.shape}: "
            "expected the same (n_table, n_stratum, 3) for both, with at least one stratum "
            "and without the missing calls"
        )
    if len(score) != 3 or any(int(value) != value for value in score):
        raise InputDataError(
            f"score is {score}: expected three whole numbers, one per genotype 0, 1 and 2, for "
            "instance (0, 1, 2) for additive or (0, 1, 1) for carriers"
        )
    table = np.stack([case_counts, control_counts], axis=1).astype(np.int64)
    if table.size and table.min() < 0:
        raise InputDataError(
            f"the smallest genotype count is {table.min()}: expected no count below 0; check the "
            "step that counted the genotypes"
        )
    return table
