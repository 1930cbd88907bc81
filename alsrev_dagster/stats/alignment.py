"""How strongly a factor goes with being a case: overlap, strength, and a P of independence."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import ks_2samp

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
KOLMOGOROV_SMIRNOV = "kolmogorov_smirnov_exact"
KOLMOGOROV_SMIRNOV_LARGE = "kolmogorov_smirnov_asymptotic"

_N_TABLE_MAX = 200_000
"""Tables that are counted out one by one; of more, random ones are drawn."""
_N_PAIR_EXACT = 1_000_000
"""Cases x controls up to which the Kolmogorov-Smirnov P is exact."""


@dataclass(frozen=True)
class Alignment:
    """How a factor lies on the two sides."""

    overlap: float
    """Share of the two sides on common values, in [0, 1]."""
    p_value: float
    method: str
    n_draw: int | None
    """Random tables that the P value is an estimate from; None where it is none."""


def overlap(n_case: NDArray[np.int64], n_control: NDArray[np.int64]) -> float:
    """Share of the two sides that lies on common values, in [0, 1].

    Parameters
    ----------
    n_case, n_control
        Samples of each side with each value, shape (n_value,); each side has one or more.

    Returns
    -------
    float
        Sum over values of the smaller of the two sides' shares: 0 where they have no value
        in common, 1 where their shares are equal. The share of cases among all samples
        plays no part. Who guesses the side from the value is right in 1 - overlap / 2 of
        even odds.

    Examples
    --------
    >>> round(overlap(np.array([20, 0]), np.array([1, 39])), 3)
    0.025
    """
    _require(n_case, n_control)
    return float(np.minimum(n_case / n_case.sum(), n_control / n_control.sum()).sum())


def cramers_v(n_case: NDArray[np.int64], n_control: NDArray[np.int64]) -> float:
    """Cramer's V of a factor and being a case: the size of their association, in [0, 1].

    Parameters
    ----------
    n_case, n_control
        Samples of each side with each value, shape (n_value,); each side has one or more.

    Returns
    -------
    float
        sqrt(chi-square / n), chi-square being Pearson's without a correction; 1 where the
        value tells the side. NaN where there is one value only.

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
    _require(n_case, n_control)
    seen = np.stack([n_case, n_control])[:, n_case + n_control > 0].astype(np.float64)
    if seen.shape[1] < 2:
        return float("nan")
    n = seen.sum()
    expected = np.outer(seen.sum(axis=1), seen.sum(axis=0)) / n
    return float(np.sqrt(((seen - expected) ** 2 / expected).sum() / n))


def alignment(
    n_case: NDArray[np.int64],
    n_control: NDArray[np.int64],
    generator: np.random.Generator,
    *,
    n_draw: int,
) -> Alignment:
    """Overlap of a factor of named values, and the P that it has nothing to do with being a case.

    Parameters
    ----------
    n_case, n_control
        Samples of each side with each value, shape (n_value,); each side has one or more.
    generator
        Draws tables where there are more than 200,000 with these margins.
    n_draw
        Tables that are then drawn.

    Returns
    -------
    Alignment
        The P value is the summed probability, given both margins, of all tables no likelier
        than the one seen [1]_. With two values that is Fisher's exact test. Drawn, it is
        (1 + tables as rare) / (1 + n_draw), an estimate that keeps the level [2]_.

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
    seen = n_case + n_control > 0
    case, total = n_case[seen].astype(np.int64), (n_case + n_control)[seen].astype(np.int64)
    if n_table(total, int(case.sum())) <= _N_TABLE_MAX:
        method = FISHER if len(total) <= 2 else FREEMAN_HALTON
        return Alignment(shared, enumerated_p(case, total), method, None)
    table = generator.multivariate_hypergeometric(
        total, int(case.sum()), size=n_draw, method="marginals"
    )
    as_rare = log_probability(table, total) <= log_probability(case, total) + TIE_TOLERANCE
    return Alignment(shared, float((1 + as_rare.sum()) / (1 + n_draw)), MONTE_CARLO, n_draw)


def quantity_alignment(case: NDArray[np.float64], control: NDArray[np.float64]) -> Alignment:
    """Overlap of a measured factor, and the P that it has nothing to do with being a case.

    Parameters
    ----------
    case, control
        Values of each side, shape (n,), one or more; none is NaN.

    Returns
    -------
    Alignment
        The overlap is 1 - D, D being the largest distance between the two sides'
        distribution functions: that of the two halves which the best threshold makes. The P
        value is that of D (Kolmogorov-Smirnov, two-sided) [1]_, exact up to a million pairs
        of a case and a control; with ties it is too large.

    References
    ----------
    .. [1] Hodges (1958), Ark Mat 3:469-486.

    Examples
    --------
    >>> found = quantity_alignment(np.array([1.0, 2, 3]), np.array([7.0, 8, 9]))
    >>> found.overlap, round(found.p_value, 3), found.method
    (0.0, 0.1, 'kolmogorov_smirnov_exact')
    """
    if not (len(case) and len(control)):
        raise InputDataError(_one_sided(len(case), len(control)))
    is_exact = len(case) * len(control) <= _N_PAIR_EXACT
    found = ks_2samp(case, control, method="exact" if is_exact else "asymp")
    method = KOLMOGOROV_SMIRNOV if is_exact else KOLMOGOROV_SMIRNOV_LARGE
    return Alignment(1 - float(found.statistic), float(found.pvalue), method, None)


def share_apart(n_case: NDArray[np.int64], n_control: NDArray[np.int64]) -> float:
    """Share of cases at values that no control has, from counts by value, in [0, 1].

    Examples
    --------
    >>> round(share_apart(np.array([10, 12]), np.array([0, 103])), 3)
    0.455
    """
    _require(n_case, n_control)
    return float(n_case[n_control == 0].sum() / n_case.sum())


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


def _require(n_case: NDArray[np.int64], n_control: NDArray[np.int64]) -> None:
    if n_case.shape != n_control.shape or not (n_case.sum() > 0 and n_control.sum() > 0):
        raise InputDataError(_one_sided(int(n_case.sum()), int(n_control.sum())))


def _one_sided(n_case: int, n_control: int) -> str:
    return (
        f"a factor is known of {n_case} cases and {n_control} controls: expected one or more of "
        "each side, and counts of the same values; leave out a factor that is unknown on one side"
    )
