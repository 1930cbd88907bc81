"""What a lead rests on: refits without one case, without one arm, and how few cases carry it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.exact import Score, exact_conditional_p
from alsrev_dagster.stats.firth import firth_test

Ints = NDArray[np.int64]

_N_TABLE_MAX = 20_000
"""Tables that are tried for the fewest cases; beyond, the worst one is taken away each time."""


@dataclass(frozen=True)
class Refits:
    """A lead's tests on tables of which something was left out; every array has shape (m,)."""

    odds_ratio: NDArray[np.float64]
    """Of Firth's logistic regression; NaN where nothing was left to fit."""
    p_value: NDArray[np.float64]
    """Of its penalised likelihood ratio test."""
    exact_p_value: NDArray[np.float64]

    @property
    def odds_ratio_range(self) -> tuple[float, float]:
        """Smallest and largest odds ratio; NaN where one of them is."""
        return float(self.odds_ratio.min()), float(self.odds_ratio.max())

    @property
    def p_value_range(self) -> tuple[float, float]:
        """Smallest and largest P value of the likelihood ratio test."""
        return float(self.p_value.min()), float(self.p_value.max())

    @property
    def exact_p_value_range(self) -> tuple[float, float]:
        """Smallest and largest exact P value."""
        return float(self.exact_p_value.min()), float(self.exact_p_value.max())


@dataclass(frozen=True)
class CaseInfluence(Refits):
    """Refits without one case; cases of one stratum and genotype are alike, and one row."""

    stratum: NDArray[np.int64]
    genotype: NDArray[np.int64]
    n_case: NDArray[np.int64]
    """Cases like the one left out, itself among them."""


@dataclass(frozen=True)
class Fragility:
    """Fewest cases whose leaving out takes a P value above the significance level."""

    n_case: int
    """For the likelihood ratio test; 0 where it is above already."""
    n_case_exact: int
    """For the exact test."""
    is_minimum: bool
    """False where there were too many ways to try all: fewer cases may do."""


def leave_one_case_out(case_counts: Ints, control_counts: Ints, score: Score) -> CaseInfluence:
    """Tests of a lead without each of its cases in turn.

    Parameters
    ----------
    case_counts, control_counts
        Samples with genotype 0, 1 and 2 in each stratum, shape (S, 3).
    score
        Whole numbers for genotypes 0, 1 and 2.

    Returns
    -------
    CaseInfluence
        One row for each stratum and genotype that has a case.

    Raises
    ------
    InputDataError
        If the shapes are not those or no case has a call.

    Examples
    --------
    >>> found = leave_one_case_out(np.array([[19, 0, 3]]), np.array([[243, 0, 0]]), (0, 0, 1))
    >>> found.genotype.tolist(), found.n_case.tolist(), found.exact_p_value.round(6).tolist()
    ([0, 2], [19, 3], [0.000439, 0.006049])
    """
    _require(case_counts, control_counts)
    stratum, genotype = np.nonzero(case_counts)
    left = np.repeat(case_counts[None], len(stratum), axis=0)
    left[np.arange(len(stratum)), stratum, genotype] -= 1
    return CaseInfluence(
        **vars(_refits(left, control_counts, score)),
        stratum=stratum.astype(np.int64),
        genotype=genotype.astype(np.int64),
        n_case=case_counts[stratum, genotype],
    )


def fragility(case_counts: Ints, control_counts: Ints, score: Score, *, alpha: float) -> Fragility:
    """Fewest cases that a lead's significance needs.

    Parameters
    ----------
    case_counts, control_counts, score
        As in :func:`leave_one_case_out`.
    alpha
        A P value at or below it is significant; strictly between 0 and 1.

    Returns
    -------
    Fragility
        Any cases, the worst for the result, are left out together.

    Raises
    ------
    InputDataError
        If the shapes are not those, no case has a call or alpha is out of range.

    Notes
    -----
    Every choice of 1, 2 … cases by stratum and genotype is tried [1]_ while that is at most
    20,000 tables; after that one case more is taken from the choice that was the worst.

    References
    ----------
    .. [1] Walsh et al. (2014), J Clin Epidemiol 67:622-628, who change outcomes instead.

    Examples
    --------
    >>> fragility(np.array([[19, 0, 3]]), np.array([[243, 0, 0]]), (0, 0, 1), alpha=0.01)
    Fragility(n_case=2, n_case_exact=2, is_minimum=True)
    """
    _require(case_counts, control_counts)
    if not 0 < alpha < 1:
        raise InputDataError(f"alpha is {alpha}: expected strictly between 0 and 1, such as 5e-8")
    needed = [-1, -1]
    worst, n_tried, is_minimum = [case_counts, case_counts], 0, True
    for n_left_out in range(int(case_counts.sum()) + 1):
        tables = list(_without(case_counts, n_left_out, _N_TABLE_MAX - n_tried))
        is_minimum = is_minimum and len(tables) + n_tried < _N_TABLE_MAX
        n_tried += len(tables)
        together = _refits(np.array(tables), control_counts, score) if is_minimum else None
        for which in range(2):
            if needed[which] >= 0:
                continue
            tried = tables if together else list(_without(worst[which], 1, _N_TABLE_MAX))
            refits = together or _refits(np.array(tried), control_counts, score)
            p_value = refits.exact_p_value if which else refits.p_value
            worst[which] = tried[int(p_value.argmax())]
            if p_value.max() > alpha:
                needed[which] = n_left_out
        if min(needed) >= 0:
            break
    return Fragility(needed[0], needed[1], is_minimum)


def _without(case_counts: Ints, n: int, n_max: int) -> Iterator[Ints]:
    """Every table with so many cases less, up to a number of tables."""
    flat = case_counts.ravel()
    behind = np.append(np.cumsum(flat[::-1])[::-1], 0)

    def choices(place: int, left: int) -> Iterator[tuple[int, ...]]:
        if place == len(flat):
            yield ()
            return
        for here in range(max(0, left - int(behind[place + 1])), min(left, int(flat[place])) + 1):
            for rest in choices(place + 1, left - here):
                yield (here, *rest)

    for i, taken in enumerate(choices(0, n)):
        if i == n_max:
            return
        yield (flat - np.array(taken, dtype=np.int64)).reshape(case_counts.shape)


def _refits(cases: Ints, controls: Ints, score: Score) -> Refits:
    """Both tests of tables, the controls the same for all or one for each."""
    control = np.broadcast_to(controls, cases.shape)
    test = firth_test(cases, control, score)
    return Refits(np.exp(test.beta), test.p_value, exact_conditional_p(cases, control, score))


def _require(case_counts: Ints, control_counts: Ints) -> None:
    shape = case_counts.shape
    if len(shape) != 2 or shape[1] != 3 or control_counts.shape != shape or not case_counts.any():
        raise InputDataError(
            f"case_counts has shape {shape} with {case_counts.sum()} cases, control_counts "
            f"{control_counts.shape}: expected (n_stratum, 3) for both, and at least one case"
        )
