"""Inflation of a Cox scan, beside that of genotypes shuffled among the people of a stratum."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from alsrev_dagster.survival.cox_null import CoxNull
from alsrev_dagster.survival.risk import FloatArray, IntArray
from alsrev_dagster.survival.scan_genotypes import Genotypes
from alsrev_dagster.survival.score_scan import score_scan

_MEDIAN_CHI2 = 0.4549364
"""Median of chi-square with one degree of freedom."""


@dataclass(frozen=True)
class ScanInflation:
    """Genomic inflation factor of each genetic model; NaN without a variant that varies."""

    lambda_gc: FloatArray
    """As seen, shape (n_model,)."""
    permuted: FloatArray
    """Under shuffles, shape (n_permutation, n_model), or (0,) without any."""
    n_variant: IntArray
    """Variants that vary as seen, shape (n_model,)."""


def scan_inflation(
    null: CoxNull,
    genotype: Genotypes,
    genetic_models: Sequence[str],
    *,
    n_permutation: int,
    generator: np.random.Generator,
) -> ScanInflation:
    """Median squared z of the score test over 0.4549, as seen and under shuffled genotypes.

    Parameters
    ----------
    null, genotype, genetic_models
        As :func:`alsrev_dagster.survival.score_scan.score_scan` takes them.
    n_permutation
        Shuffles of whole genotypes among the participants of a stratum.
    generator
        Of the shuffles.

    Notes
    -----
    A shuffle keeps entry, exit, event and covariates together and the correlation of the variants;
    it breaks that of genotype with covariates and with entry. Few events make the factor differ
    from 1 by chance and by discreteness: the shuffles say by how much [1]_.

    References
    ----------
    .. [1] Devlin & Roeder (1999), Biometrics 55:997-1004.
    """
    seen = _z(null, genotype, genetic_models)
    factors = [_factor(seen)]
    for _ in range(n_permutation):
        sample = genotype.sample[_within(null.stratum, generator)]
        shuffled = replace(genotype, sample=sample)
        factors.append(_factor(_z(null, shuffled, genetic_models)))
    n_variant = (~np.isnan(seen)).sum(axis=0)
    return ScanInflation(factors[0], np.array(factors[1:]), n_variant)


def _z(null: CoxNull, genotype: Genotypes, genetic_models: Sequence[str]) -> FloatArray:
    return score_scan(null, genotype, genetic_models, saddlepoint_z=np.inf).z


def _within(stratum: IntArray, generator: np.random.Generator) -> IntArray:
    """Places of people after a shuffle within strata."""
    order = np.arange(len(stratum))
    for one in np.unique(stratum):
        inside = np.flatnonzero(stratum == one)
        order[inside] = inside[generator.permutation(len(inside))]
    return order


def _factor(z: FloatArray) -> FloatArray:
    columns = [column[~np.isnan(column)] for column in z.T]
    return np.array([np.median(one**2) / _MEDIAN_CHI2 if len(one) else np.nan for one in columns])
