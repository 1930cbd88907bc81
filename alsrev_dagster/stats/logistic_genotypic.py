"""Firth's test of a variant's genotypes on two degrees of freedom: no genetic model assumed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.coded_genotype import CodedGenotype, Floats
from alsrev_dagster.stats.kernel.logistic import NOT_CONVERGED
from alsrev_dagster.stats.logistic_fit import STATUS, fit_firth
from alsrev_dagster.stats.logistic_null import NullModel


@dataclass(frozen=True)
class GenotypicScan:
    """Log odds ratios against hom-ref, shape (n_variant,); NaN for a genotype nobody has."""

    beta_het: Floats
    beta_hom: Floats
    standard_error_het: Floats
    standard_error_hom: Floats
    p_value: Floats
    """Penalised likelihood ratio test of both; 1 where nothing varies."""
    n_degree: NDArray[np.int64]
    """Degrees of freedom: 2; 1 where one genotype is missing or follows from the rest, else 0."""
    fit_status: NDArray[np.str_]
    """``ok``, ``separated``, ``not_converged``, ``monomorphic`` or ``one_side_missing``."""


def genotypic_scan(
    model: NullModel,
    genotype: NDArray[np.uint8],
    *,
    row: NDArray[np.int64] | None = None,
    n_thread: int = 2,
) -> GenotypicScan:
    """Firth's likelihood ratio test of heterozygotes and homozygotes of ALT, each on its own.

    Parameters
    ----------
    model, genotype, n_thread
        As for :func:`~alsrev_dagster.stats.logistic_scan.logistic_scan`, codes and no dosages.
    row
        Variants to test; all by default. The result has a place for each of them, in this order.

    Raises
    ------
    InputDataError
        If the genotypes do not fit the design, or are dosages.

    Notes
    -----
    The penalty is that of the full information matrix in both fits. Where nobody is hom-ref,
    het is told from hom-alt: ``beta_hom`` is NaN.

    Examples
    --------
    >>> from alsrev_dagster.stats.design import null_design
    >>> from alsrev_dagster.stats.logistic_null import null_model
    >>> model = null_model(null_design(np.arange(125) < 22, np.empty((125, 0)), []))
    >>> genotype = np.repeat([0, 1, 2, 0, 1], [10, 9, 3, 95, 8]).astype(np.uint8)[None]
    >>> found = genotypic_scan(model, genotype)
    >>> float(found.beta_hom[0].round(6)), int(found.n_degree[0]), str(found.fit_status[0])
    (4.153661, 2, 'separated')
    """
    if genotype.dtype != np.uint8:
        raise InputDataError(
            f"the genotypic test is asked for of {genotype.dtype} dosages: expected packed or "
            "plain codes 0 to 3; call genotypes, or test dosages as additive"
        )
    coded = CodedGenotype.of(genotype, model.design.n_sample, "additive")
    place = np.arange(coded.n_variant) if row is None else row
    number, n_degree, code = fit_firth(model, coded, place, 2, n_thread)
    statistic = np.fmax(number[:, 0, 2], number[:, 1, 2])
    p_value = np.where(n_degree > 0, chi2.sf(statistic, np.maximum(n_degree, 1)), 1.0)
    p_value[code == NOT_CONVERGED] = np.nan
    (het, hom), (error_het, error_hom) = number[:, :, 0].T, number[:, :, 1].T
    return GenotypicScan(het, hom, error_het, error_hom, p_value, n_degree, STATUS[code])
