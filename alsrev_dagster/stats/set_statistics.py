"""Statistics of a set of variants under each labeling: burden, SKAT, ACAT-V, their omnibus."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.cauchy import cauchy_statistic
from alsrev_dagster.stats.labelings import Labelings
from alsrev_dagster.stats.set_genotypes import SetGenotypes
from alsrev_dagster.stats.set_null import SetNull

VERY_RARE_MAC = 10
"""Minor alleles up to which ACAT-V joins variants into a burden (Liu et al. 2019)."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SetStatistics:
    """Larger is stronger; the first labeling is the one seen."""

    score: Floats
    """Weighted score of each variant, shape (n_labeling, n_variant)."""
    burden: Floats
    """Squared sum of the scores, shape (n_labeling,)."""
    skat: Floats
    """Sum of the squared scores, shape (n_labeling,)."""
    acat_v: Floats
    """Cauchy mean of the parts' mid-P values, shape (n_labeling,)."""
    omnibus: Floats
    """Cauchy mean of the mid-P values of the three, shape (n_labeling,)."""


def set_statistics(
    genotypes: SetGenotypes, weight: Floats, null: SetNull, labels: Labelings
) -> SetStatistics:
    """Every statistic of a set in every labeling.

    Parameters
    ----------
    genotypes
        Of the set's variants, in the samples of ``null``.
    weight
        Weight of each variant's score, shape (n_variant,), at least 0.
    null
        Labels and what is expected of them.
    labels
        Labelings of all samples whose dosage is not 0 for some variant.

    Returns
    -------
    SetStatistics
        Zeros where nothing varies.

    Raises
    ------
    InputDataError
        If shapes differ, a weight is negative, or there is no variant.

    Notes
    -----
    The score of a variant is the sum of its weighted dosages over cases less that expected.
    Parts of ACAT-V [1]_ are the variants of more than ten minor alleles, each weighing
    w^2 maf (1 - maf), and the others' summed score, weighing as their mean w and maf say. A
    mid-P value (ties for half) is used inside because P values of rare variants are often 1,
    which Cauchy's mean can't take; what comes out is a statistic, to be referred to the
    labelings.

    References
    ----------
    .. [1] Liu et al. (2019), Am J Hum Genet 104:410-421.

    Examples
    --------
    >>> from alsrev_dagster.stats.labelings import labelings
    >>> from alsrev_dagster.stats.set_genotypes import set_genotypes
    >>> from alsrev_dagster.stats.set_null import set_null
    >>> genotypes = set_genotypes(np.array([[1.0], [0.0], [0.0]]))
    >>> null, rng = set_null(np.array([True, False, False])), np.random.default_rng(1)
    >>> labels = labelings(null, np.array([True, False, False]), n_draw=9, rng=rng)
    >>> set_statistics(genotypes, np.ones(1), null, labels).skat.round(6).tolist()
    [0.444444, 0.111111]
    """
    n_variant = genotypes.dosage.shape[1]
    if weight.shape != (n_variant,) or not (weight >= 0).all() or n_variant == 0:
        raise InputDataError(
            f"weights have shape {weight.shape} for {n_variant} variants, "
            f"{int((weight < 0).sum())} of them below 0: expected a weight of at least 0 for each "
            "of at least one variant; take the variants of a mask that holds some"
        )
    column = genotypes.dosage * weight
    score = labels.scores(column, null.probability @ column)
    burden, skat = score.sum(axis=1) ** 2, (score**2).sum(axis=1)
    parts, share = _parts(score, weight, genotypes)
    acat_v = cauchy_of(labels, parts, share)
    three = np.column_stack([burden, skat, acat_v])
    return SetStatistics(score, burden, skat, acat_v, cauchy_of(labels, three, np.ones(3)))


def cauchy_of(labels: Labelings, statistic: Floats, weight: Floats) -> Floats:
    """Cauchy mean of the mid-P values of some statistics in each labeling, shape (n_labeling,).

    A statistic that is the same in every labeling says nothing and is left out.

    Examples
    --------
    >>> labels = Labelings(np.arange(1), np.eye(4)[:, :1] > 0, np.full(4, 0.25), True)
    >>> cauchy_of(labels, np.array([[4.0], [3], [2], [1]]), np.ones(1)).round(3).tolist()
    [2.414, 0.414, -0.414, -2.414]
    """
    varies = (np.ptp(statistic, axis=0) > 0) & (weight > 0)
    if not varies.any():
        return np.zeros(len(statistic))
    return cauchy_statistic(labels.middle_tail(statistic[:, varies]), weight[varies])


def _parts(score: Floats, weight: Floats, genotypes: SetGenotypes) -> tuple[Floats, Floats]:
    """Squared scores of ACAT-V's parts, shape (n_labeling, n_part), and their weights."""
    is_rare, maf = genotypes.mac <= VERY_RARE_MAC, genotypes.maf
    parts = score[:, ~is_rare] ** 2
    share = weight[~is_rare] ** 2 * maf[~is_rare] * (1 - maf[~is_rare])
    if not is_rare.any():
        return parts, share
    mean, mean_weight = float(maf[is_rare].mean()), float(weight[is_rare].mean())
    joined = score[:, is_rare].sum(axis=1) ** 2
    return np.column_stack([parts, joined]), np.append(share, mean_weight**2 * mean * (1 - mean))
