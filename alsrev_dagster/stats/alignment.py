"""How strongly a factor goes with being a case: overlap, strength, and a P of independence."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.freeman_halton import (
    TIE_TOLERANCE,
    enumerated_p,
    log_probability,
    n_table,
)

FISHER = "fisher_exact"
FREEMAN_HALTON = "freeman_halton_exact"
MONTE_CARLO = "freeman_halton_monte_carlo"
WITHIN_STRATA = "freeman_halton_within_strata_monte_carlo"

_N_TABLE_MAX = 200_000
"""Tables that are counted out one by one; of more, random ones are drawn."""
_Counts = NDArray[np.int64]
"""Samples of one side with each value: shape (n_value,), or (n_stratum, n_value) where the test
that is audited compares within strata."""


@dataclass(frozen=True)
class Alignment:
    """How a factor lies on the two sides."""

    overlap: float
    """Share of the two sides on common values, in [0, 1]."""
    p_value: float
    method: str
    n_draw: int | None
    """Random tables that the P value is an estimate from; None where it is none."""


def overlap(n_case: _Counts, n_control: _Counts) -> float:
    """Share of the two sides that lies on common values, in [0, 1].

    Parameters
    ----------
    n_case, n_control
        Samples of each side with each value, by stratum if any; each side has one or more in
        some stratum. A stratum without both sides compares nobody and plays no part.

    Returns
    -------
    float
        Sum over values of the smaller of the two sides' shares: 0 where they have no value
        in common, 1 where their shares are equal; the mean over strata, each weighing its
        cases. The share of cases among all samples plays no part. Who guesses the side from
        the value is right in 1 - overlap / 2 of even odds.

    Examples
    --------
    >>> round(overlap(np.array([20, 0]), np.array([1, 39])), 3)
    0.025
    """
    case, control = _compared(n_case, n_control)
    n_side = case.sum(axis=1), control.sum(axis=1)
    shared = np.minimum(case / n_side[0][:, None], control / n_side[1][:, None]).sum(axis=1)
    return float((shared * n_side[0]).sum() / n_side[0].sum())


def cramers_v(n_case: _Counts, n_control: _Counts) -> float:
    """Cramer's V of a factor and being a case: the size of their association, in [0, 1].

    Parameters
    ----------
    n_case, n_control
        Samples of each side with each value, by stratum if any; each side has one or more in
        some stratum. A stratum without both sides compares nobody and plays no part.

    Returns
    -------
    float
        sqrt(chi-square / n), chi-square being Pearson's without a correction, summed over
        strata; 1 where the value tells the side. NaN where there is one value only.

    Notes
    -----
    With two sides, min(rows, columns) - 1 is 1 [1]_. It is not corrected for the bias that
    many values of few samples give it.

    References
    ----------
    .. [1] Cramer (1946), Mathematical Methods of Statistics, section 21.9.

    Examples
    --------
    >>> cramers_v(np.array([5, 0]), np.array([0, 9]))
    1.0
    """
    case, control = _compared(n_case, n_control)
    total = (case + control).astype(np.float64)
    n_sample = total.sum(axis=1, keepdims=True)
    if ((total > 0).sum(axis=1) < 2).all():
        return float("nan")
    expected = total * case.sum(axis=1, keepdims=True) / n_sample
    spread = expected * (total - expected) / np.where(total > 0, total, 1)
    term = np.divide((case - expected) ** 2, spread, out=np.zeros_like(spread), where=spread > 0)
    return float(np.sqrt(term.sum() / n_sample.sum()))


def alignment(
    n_case: _Counts,
    n_control: _Counts,
    generator: np.random.Generator,
    *,
    n_draw: int,
) -> Alignment:
    """Overlap of a factor of named values, and the P that it has nothing to do with being a case.

    Parameters
    ----------
    n_case, n_control
        Samples of each side with each value, by stratum if any; each side has one or more in
        some stratum. A stratum without both sides compares nobody and plays no part.
    generator
        Draws tables where there are more than 200,000 with these margins, or several strata.
    n_draw
        Tables that are then drawn.

    Returns
    -------
    Alignment
        The P value is the summed probability, given both margins, of all tables no likelier
        than the one seen [1]_. With two values that is Fisher's exact test. Drawn, it is
        (1 + tables as rare) / (1 + n_draw), an estimate that keeps the level [2]_. Of several
        strata it is the joint probability of their tables that is compared: independence within
        strata is what is tested, whatever the strata themselves have to do with being a case.

    References
    ----------
    .. [1] Freeman & Halton (1951), Biometrika 38:141-149.
    .. [2] Davison & Hinkley (1997), Bootstrap Methods, section 4.2.

    Examples
    --------
    >>> found = alignment(np.array([3, 1]), np.array([1, 3]), np.random.default_rng(1), n_draw=99)
    >>> round(found.p_value, 4), found.method, found.n_draw
    (0.4857, 'fisher_exact', None)
    """
    shared = overlap(n_case, n_control)
    case, total = _compared(n_case, n_control)
    total = total + case
    seen = total.any(axis=0)
    case, total = case[:, seen], total[:, seen]
    if len(case) == 1 and n_table(total[0], int(case.sum())) <= _N_TABLE_MAX:
        method = FISHER if seen.sum() <= 2 else FREEMAN_HALTON
        return Alignment(shared, enumerated_p(case[0], total[0]), method, None)
    drawn = np.zeros(n_draw)
    for of_stratum, n_value in zip(case, total, strict=True):
        table = generator.multivariate_hypergeometric(
            n_value, int(of_stratum.sum()), size=n_draw, method="marginals"
        )
        drawn += log_probability(table, n_value)
    as_rare = drawn <= log_probability(case, total).sum() + TIE_TOLERANCE
    method = MONTE_CARLO if len(case) == 1 else WITHIN_STRATA
    return Alignment(shared, float((1 + as_rare.sum()) / (1 + n_draw)), method, n_draw)


def share_apart(n_case: _Counts, n_control: _Counts) -> float:
    """Share of cases at values that no control of their stratum has, in [0, 1].

    Examples
    --------
    >>> round(share_apart(np.array([10, 12]), np.array([0, 103])), 3)
    0.455
    """
    case, control = _compared(n_case, n_control)
    return float(case[control == 0].sum() / case.sum())


def n_per_value(n_case: _Counts, n_control: _Counts) -> float:
    """Samples a value, on the side where they are fewer; the mean over strata by their cases.

    Examples
    --------
    >>> n_per_value(np.array([3, 3]), np.array([10, 0]))
    3.0
    """
    case, control = _compared(n_case, n_control)
    each = [side.sum(axis=1) / (side > 0).sum(axis=1) for side in (case, control)]
    return float(np.average(np.minimum(*each), weights=case.sum(axis=1)))


def is_aligned(
    found: Alignment,
    *,
    overlap_max: float,
    p_max: float,
    n_per_value: float,
    apart: float = 0.0,
    apart_max: float = 1.0,
) -> bool:
    """Whether a factor and being a case cannot be told apart well enough.

    Parameters
    ----------
    found
        Overlap and P value.
    overlap_max, p_max
        Both at most these is aligned.
    apart, apart_max
        Share of cases at values that no control has; more than the limit is aligned as well,
        where P is at most ``p_max``: a part of the cases that was handled apart is enough for
        an artefact.
    n_per_value
        Samples a value, on the side where they are fewer. Sides without any value in common
        are aligned whatever the P value when this is 2 or more: three cases of one tissue and
        three controls of another were not handled alike, however few they are. Where most
        samples have a value of their own, none in common says nothing.

    Examples
    --------
    >>> apart = Alignment(overlap=0.0, p_value=0.1, method="fisher_exact", n_draw=None)
    >>> [is_aligned(apart, overlap_max=0.5, p_max=1e-3, n_per_value=n) for n in (3, 1)]
    [True, False]
    """
    is_strong = found.overlap <= overlap_max or apart > apart_max
    return (is_strong and found.p_value <= p_max) or (found.overlap == 0 and n_per_value >= 2)


def _compared(n_case: _Counts, n_control: _Counts) -> tuple[_Counts, _Counts]:
    """Counts of the strata with both sides, shape (n_stratum, n_value) each."""
    case, control = (np.atleast_2d(side).astype(np.int64) for side in (n_case, n_control))
    if case.shape == control.shape:
        has_both = (case.sum(axis=1) > 0) & (control.sum(axis=1) > 0)
        if has_both.any():
            return case[has_both], control[has_both]
    raise InputDataError(one_sided(int(n_case.sum()), int(n_control.sum())))


def one_sided(n_case: int, n_control: int) -> str:
    """What is said of a factor that cannot be compared."""
    return (
        f"a factor is known of {n_case} cases and {n_control} controls: expected one or more of "
        "each side in one stratum, and counts of the same values; leave out a factor that is "
        "unknown on one side"
    )
