"""What is asked of a few chosen variants of a scan: intervals, and ordinary likelihood beside."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2, norm

from alsrev_dagster.stats.coded_genotype import CodedGenotype, Floats, Genotype
from alsrev_dagster.stats.kernel.profile import interval_each, ordinary_each
from alsrev_dagster.stats.logistic_null import RULE_EXACT, NullModel, spaces

_DROP_95 = float(chi2.isf(0.05, 1))
"""Twice the fall of the penalised log likelihood at the ends of a 95% interval."""


@dataclass(frozen=True)
class ProfileInterval:
    """95% profile penalised likelihood interval of beta, shape (n_variant,); NaN where none."""

    ci_lower: Floats
    ci_upper: Floats


@dataclass(frozen=True)
class OrdinaryFit:
    """Maximum likelihood, shape (n_variant,): shown, never ranked on; NaN where separated."""

    beta: Floats
    standard_error: Floats
    wald_p: Floats
    """Two-sided, of beta over its standard error: conservative where effects are large."""


def profile_interval(
    model: NullModel,
    genotype: Genotype,
    genetic_model: str = "additive",
    *,
    level_drop: float = _DROP_95,
    n_thread: int = 2,
) -> ProfileInterval:
    """Profile penalised likelihood interval of each variant's beta: for rows that are shown.

    Parameters
    ----------
    model, genotype, genetic_model, n_thread
        As for :func:`~alsrev_dagster.stats.logistic_scan.logistic_scan`, of the chosen variants.
    level_drop
        Twice the fall of the penalised log likelihood at the ends: 3.84 for 95%.

    Notes
    -----
    Heinze & Schemper (2002), Stat Med 21:2409-2419, section 2.2; complete cases of each variant.
    Some 40 fits a variant.

    Examples
    --------
    >>> from alsrev_dagster.stats.design import null_design
    >>> from alsrev_dagster.stats.logistic_null import null_model
    >>> model = null_model(null_design(np.arange(125) < 22, np.empty((125, 0)), []))
    >>> genotype = np.repeat([0, 1, 2, 0, 1], [10, 9, 3, 95, 8]).astype(np.uint8)[None]
    >>> found = profile_interval(model, genotype)
    >>> np.exp([found.ci_lower[0], found.ci_upper[0]]).round(4).tolist()
    [4.0855, 33.5856]
    """
    coded = CodedGenotype.of(genotype, model.design.n_sample, genetic_model)
    return _profiled(model, coded, (1, 0), level_drop, n_thread)


def genotypic_interval(
    model: NullModel,
    genotype: NDArray[np.uint8],
    *,
    level_drop: float = _DROP_95,
    n_thread: int = 2,
) -> tuple[ProfileInterval, ProfileInterval]:
    """Intervals of the betas of heterozygotes and of homozygotes of ALT against those of REF.

    Parameters
    ----------
    model, genotype, level_drop, n_thread
        As for :func:`profile_interval`; codes 0 to 3 and no dosages.

    Notes
    -----
    The profile is over the other genotype's beta too. Where nobody is hom-ref neither has one.

    Examples
    --------
    >>> from alsrev_dagster.stats.design import null_design
    >>> from alsrev_dagster.stats.logistic_null import null_model
    >>> model = null_model(null_design(np.arange(125) < 22, np.empty((125, 0)), []))
    >>> genotype = np.repeat([0, 1, 2, 0, 1], [10, 9, 3, 95, 8]).astype(np.uint8)[None]
    >>> het, hom = genotypic_interval(model, genotype)
    >>> np.exp([het.ci_lower[0], het.ci_upper[0]]).round(3).tolist()
    [3.342, 32.342]
    """
    coded = CodedGenotype.of(genotype, model.design.n_sample, "additive")
    het, hom = (_profiled(model, coded, (2, place), level_drop, n_thread) for place in (0, 1))
    return het, hom


def _profiled(
    model: NullModel,
    coded: CodedGenotype,
    tested: tuple[int, int],
    level_drop: float,
    n_thread: int,
) -> ProfileInterval:
    """Intervals of one parameter of each variant: how many are tested, and which it is."""
    bound = np.empty((coded.n_variant, 2))
    null = model.null

    def profile(part: slice, value: Floats) -> None:
        room = spaces(len(null[0]), tested[0], coded.n_sample)
        interval_each(value, null, model.firth, tested, RULE_EXACT, level_drop, *room, bound[part])

    coded.each(np.arange(coded.n_variant), profile, n_thread)
    return ProfileInterval(bound[:, 0], bound[:, 1])


def ordinary_fit(
    model: NullModel, genotype: Genotype, genetic_model: str = "additive", *, n_thread: int = 2
) -> OrdinaryFit:
    """Maximum likelihood and Wald's test of each variant, to be shown beside Firth's.

    Examples
    --------
    >>> from alsrev_dagster.stats.design import null_design
    >>> from alsrev_dagster.stats.logistic_null import null_model
    >>> model = null_model(null_design(np.arange(125) < 22, np.empty((125, 0)), []))
    >>> genotype = np.repeat([0, 1, 2, 0, 1], [10, 9, 3, 95, 8]).astype(np.uint8)[None]
    >>> found = ordinary_fit(model, genotype)
    >>> round(float(np.exp(found.beta[0])), 4), f"{found.wald_p[0]:.3e}"
    (11.9507, '5.579e-06')
    """
    coded = CodedGenotype.of(genotype, model.design.n_sample, genetic_model)
    found = np.empty((coded.n_variant, 2))
    null = model.null

    def fit(part: slice, value: Floats) -> None:
        room = spaces(len(null[0]), 1, coded.n_sample)
        ordinary_each(value, null, model.firth, *room, found[part])

    coded.each(np.arange(coded.n_variant), fit, n_thread)
    if model.is_separated:
        found[:] = np.nan
    beta, error = found.T
    return OrdinaryFit(beta, error, 2 * norm.sf(np.abs(beta / error)))
