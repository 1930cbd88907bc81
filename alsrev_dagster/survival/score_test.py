"""Tests of one covariate that need no estimate of it: the score test, and its permutation."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.cox_data import CoxData
from alsrev_dagster.survival.cox_likelihood import Likelihood, likelihood, peak, residuals
from alsrev_dagster.survival.risk import FloatArray, IntArray

_TIE = 1e-9
"""Relative slack when a permuted statistic is compared with the one seen."""

_N_AT_ONCE = 1000
"""Permutations drawn together; bounds the memory. Another number draws other permutations."""


@dataclass(frozen=True)
class ScoreTest:
    """Score of a covariate at a coefficient of 0, the others at their best; NaN if they have none.

    With one yes-or-no covariate and no ties this is the (stratified) log-rank test.
    """

    score: float
    variance: float
    p_value: float


@dataclass(frozen=True)
class PermutationTest:
    """How often a permuted score is as far from 0 as the one seen."""

    score: float
    n_as_extreme: int
    n_permutation: int
    p_value: float
    """(n_as_extreme + 1) / (n_permutation + 1): never 0."""


def score_test(data: CoxData, name: str) -> ScoreTest:
    """Score test of one covariate, Efron's ties.

    References
    ----------
    .. [1] Cox (1972), JRSS B 34:187; Peto & Peto (1972), JRSS A 135:185.
    """
    index = data.index(name)
    if data.is_robust:
        raise InputDataError(
            "a score test was asked of weighted or clustered rows: expected neither, because its "
            "variance takes the rows as they are; use cox_fit, whose variance is robust"
        )
    of = likelihood(data)
    is_free = np.arange(of.n_term) != index
    null = peak(of, is_free)
    if not null.is_found or not data.n_event:
        return ScoreTest(float("nan"), float("nan"), float("nan"))
    information, free = null.information, np.flatnonzero(is_free)
    mixed = information[free, index]
    explained = mixed @ np.linalg.solve(information[np.ix_(free, free)], mixed)
    score = float(null.score[index] * of.scale[index])
    variance = float(information[index, index] - explained) * float(of.scale[index] ** 2)
    p_value = float(chi2.sf(score**2 / variance, 1)) if variance > 0 else 1.0
    return ScoreTest(score, variance, p_value)


def permutation_test(
    data: CoxData, name: str, generator: np.random.Generator, *, n_permutation: int = 9999
) -> PermutationTest:
    """Permutation test of one covariate, shuffled among the participants of each stratum.

    Parameters
    ----------
    data
        Rows of ``cox_data``. The covariate does not change within a participant.
    generator
        Where the shuffling comes from.
    n_permutation
        Shufflings; the smallest P value is 1 / (n_permutation + 1).

    Returns
    -------
    PermutationTest
        Two-sided: the statistic is the distance of the score from 0, its mean over shufflings.

    Raises
    ------
    InputDataError
        If the covariate or the stratum of a participant changes.

    Notes
    -----
    Valid for few carriers where no large-sample test is, if within a stratum the covariate goes
    with neither entry nor censoring: then whoever could have carried it is exchangeable. With
    other covariates the residuals of their model are kept and the covariate shuffled over
    them, which is approximate where it goes with them.

    References
    ----------
    .. [1] Phipson & Smyth (2010), Stat Appl Genet Mol Biol 9:39.
    """
    residual, value, stratum = _by_participant(data, name)
    seen = float(residual @ value)
    edge, n_extreme = abs(seen) - _TIE * float(np.abs(residual) @ np.abs(value)), 0
    for start in range(0, n_permutation, _N_AT_ONCE):
        n_drawn = min(_N_AT_ONCE, n_permutation - start)
        total = np.zeros(n_drawn)
        for one in np.unique(stratum):
            inside = stratum == one
            drawn = np.tile(value[inside], (n_drawn, 1))
            total += generator.permuted(drawn, axis=1) @ residual[inside]
        n_extreme += int((np.abs(total) >= edge).sum())
    return PermutationTest(seen, n_extreme, n_permutation, (n_extreme + 1) / (n_permutation + 1))


def _by_participant(data: CoxData, name: str) -> tuple[FloatArray, FloatArray, IntArray]:
    """Martingale residual without the covariate, its value and the stratum of each participant."""
    column = data.covariate[:, data.index(name)]
    first, number = np.unique(data.participant, return_index=True, return_inverse=True)[1:]
    value, stratum = column[first], data.stratum[first]
    n_torn = len(np.unique(number[(value[number] != column) | (stratum[number] != data.stratum)]))
    if n_torn:
        raise InputDataError(
            f"covariate {name!r} or the stratum of {n_torn} participant(s) changes over time: "
            "expected one value each, because participants are shuffled; use score_test"
        )
    residual = np.zeros(len(first))
    np.add.at(residual, number, _null_residual(data.without(name)))
    return residual, value, stratum


def _null_residual(data: CoxData) -> FloatArray:
    of: Likelihood = likelihood(data)
    null = peak(of)
    if not null.is_found:
        raise InputDataError(
            f"the model of {list(data.name)} alone has no finite estimate: expected one to take "
            "residuals of; leave out the covariate that separates"
        )
    martingale, _ = residuals(of, null.coefficient / of.scale, data.event)
    return martingale * data.weight
