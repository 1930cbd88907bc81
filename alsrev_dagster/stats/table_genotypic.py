"""Firth's test of heterozygotes and homozygotes of count tables, two degrees of freedom."""

from collections.abc import Iterator
from dataclasses import fields

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.stats.counts import stacked_tables
from alsrev_dagster.stats.design import null_design
from alsrev_dagster.stats.logistic_detail import ProfileInterval, genotypic_interval
from alsrev_dagster.stats.logistic_genotypic import GenotypicScan, genotypic_scan
from alsrev_dagster.stats.logistic_null import NullModel, null_model
from alsrev_dagster.stats.separation import is_informative

_N_CALL_AT_ONCE = 50_000_000
"""Calls of made-up samples that are held at a time; bounds the memory, changes no result."""
_N_SIDE_MIN = 2


def genotypic_fit(
    case_counts: NDArray[np.int64], control_counts: NDArray[np.int64]
) -> GenotypicScan:
    """Firth's test of each table, as that of a variant of a scan.

    Parameters
    ----------
    case_counts, control_counts
        Samples with genotype 0, 1 and 2 in each stratum, shape (n, S, 3). Missing calls are not
        counted.

    Returns
    -------
    GenotypicScan
        ``monomorphic`` and P 1 where nothing varies; ``not_converged`` and P NaN where it does, but
        no table has two samples of a side: there is no model of one case.

    Raises
    ------
    InputDataError
        If the shapes differ or a count is negative.

    Notes
    -----
    The tables are laid out as genotypes of made-up samples, an intercept a stratum.

    Examples
    --------
    >>> case, control = np.array([[[10, 9, 3]]]), np.array([[[95, 8, 0]]])
    >>> float(genotypic_fit(case, control).beta_hom[0].round(6))
    4.153661
    """
    parts = [genotypic_scan(*laid_out) for laid_out in _laid_out(case_counts, control_counts)]
    if not parts:
        table = stacked_tables(case_counts, control_counts, (0, 1, 2))
        return _nothing(is_informative(table, np.arange(3.0)))
    return GenotypicScan(
        **{
            f.name: np.concatenate([getattr(part, f.name) for part in parts])
            for f in fields(parts[0])
        }
    )


def genotypic_fit_interval(
    case_counts: NDArray[np.int64], control_counts: NDArray[np.int64]
) -> tuple[ProfileInterval, ProfileInterval]:
    """Intervals of heterozygotes and of homozygotes of ALT of each table of :func:`genotypic_fit`.

    Notes
    -----
    Of one stratum the penalised likelihood is a product over genotypes, so that each interval is
    that of the table of two genotypes alone. NaN where there is none.

    Examples
    --------
    >>> case, control = np.array([[[10, 9, 3]]]), np.array([[[95, 8, 0]]])
    >>> het, _ = genotypic_fit_interval(case, control)
    >>> np.exp([het.ci_lower[0], het.ci_upper[0]]).round(4).tolist()
    [3.3418, 32.3418]
    """
    parts = [genotypic_interval(*laid_out) for laid_out in _laid_out(case_counts, control_counts)]
    if not parts:
        unknown = np.full(len(case_counts), np.nan)
        return ProfileInterval(unknown, unknown), ProfileInterval(unknown, unknown)
    het, hom = (
        ProfileInterval(
            np.concatenate([one.ci_lower for one in each]),
            np.concatenate([one.ci_upper for one in each]),
        )
        for each in zip(*parts, strict=True)
    )
    return het, hom


def _laid_out(
    case_counts: NDArray[np.int64], control_counts: NDArray[np.int64]
) -> Iterator[tuple[NullModel, NDArray[np.uint8]]]:
    """Null model and genotypes of made-up samples, a block of tables each; none without a model."""
    table = stacked_tables(case_counts, control_counts, (0, 1, 2))
    size = table.sum(axis=3).max(axis=0, initial=0)
    used = (size > 0).all(axis=0)
    size, table = size[:, used], table[:, :, used]
    if not len(table) or (size.sum(axis=1) < _N_SIDE_MIN).any():
        return
    model, n_held = _null_model(size), max(1, _N_CALL_AT_ONCE // int(size.sum()))
    for start in range(0, len(table), n_held):
        yield model, _genotypes(table[start : start + n_held], size)


def _nothing(varies: NDArray[np.bool_]) -> GenotypicScan:
    unknown, n_degree = np.full(len(varies), np.nan), np.zeros(len(varies), dtype=np.int64)
    status = np.where(varies, "not_converged", "monomorphic").astype("<U16")
    p_value = np.where(varies, np.nan, 1.0)
    return GenotypicScan(unknown, unknown, unknown, unknown, p_value, n_degree, status)


def _null_model(size: NDArray[np.int64]) -> NullModel:
    """Intercepts alone of samples by side (cases first) and stratum, shape (2, n_stratum)."""
    is_case = np.repeat([True, False], size.sum(axis=1))
    stratum = np.concatenate([np.repeat(np.arange(len(side)), side) for side in size])
    none = np.empty((len(is_case), 0))
    return null_model(null_design(is_case, none, [], stratum=stratum.astype(np.int64)))


def _genotypes(table: NDArray[np.int64], size: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Codes 0-3 whose counts are the tables, shape (n, n_sample): who is not called is missing."""
    n_missing = size - table.sum(axis=3)
    n_code = np.concatenate([table, n_missing[..., None]], axis=3)
    code = np.tile(np.arange(4, dtype=np.uint8), n_code.size // 4)
    return np.repeat(code, n_code.ravel()).reshape(len(table), -1)
