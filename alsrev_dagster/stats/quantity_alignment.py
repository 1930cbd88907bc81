"""How strongly a measured factor goes with being a case: overlap, and a P of independence."""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import ks_2samp

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.alignment import Alignment, one_sided

KOLMOGOROV_SMIRNOV = "kolmogorov_smirnov_exact"
KOLMOGOROV_SMIRNOV_LARGE = "kolmogorov_smirnov_asymptotic"
WITHIN_STRATA = "kolmogorov_smirnov_within_strata_monte_carlo"

_N_PAIR_EXACT = 1_000_000
"""Cases x controls up to which the Kolmogorov-Smirnov P is exact."""
_N_HELD = 4_000_000
"""Numbers of random labellings that are held at a time; bounds the memory, changes no result."""
_TIE_TOLERANCE = 1e-9
"""Slack when two distances are compared for equality."""

_Bools = NDArray[np.bool_]
_Floats = NDArray[np.float64]


def quantity_alignment(case: _Floats, control: _Floats) -> Alignment:
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
        raise InputDataError(one_sided(len(case), len(control)))
    is_exact = len(case) * len(control) <= _N_PAIR_EXACT
    found = ks_2samp(case, control, method="exact" if is_exact else "asymp")
    method = KOLMOGOROV_SMIRNOV if is_exact else KOLMOGOROV_SMIRNOV_LARGE
    return Alignment(1 - float(found.statistic), float(found.pvalue), method, None)


def quantity_alignment_within(
    value: _Floats,
    is_case: _Bools,
    stratum: NDArray[np.object_],
    generator: np.random.Generator,
    *,
    n_draw: int,
) -> Alignment:
    """Overlap and P of a measured factor, cases compared with controls of their own stratum.

    Parameters
    ----------
    value, is_case, stratum
        Of each sample, shape (n_sample,); no value is NaN. A stratum without both sides
        compares nobody and plays no part.
    generator
        Draws labellings of the cases within strata, where there are several.
    n_draw
        Labellings that are then drawn.

    Returns
    -------
    Alignment
        With one stratum that of :func:`quantity_alignment`. With several, D is the mean of the
        strata's own, each weighing its cases, and P is (1 + labellings with such a D) /
        (1 + n_draw) [1]_.

    References
    ----------
    .. [1] Davison & Hinkley (1997), Bootstrap Methods, section 4.2.

    Examples
    --------
    >>> value, is_case = np.array([1.0, 2, 8, 9]), np.array([True, False, True, False])
    >>> stratum = np.array(["low", "low", "high", "high"], dtype=object)
    >>> apart = quantity_alignment_within(
    ...     value, is_case, stratum, np.random.default_rng(1), n_draw=99
    ... )
    >>> apart.overlap, apart.p_value, apart.n_draw
    (0.0, 1.0, 99)
    """
    place = [np.flatnonzero(stratum == name) for name in sorted(set(stratum.tolist()))]
    place = [rows for rows in place if 0 < is_case[rows].sum() < len(rows)]
    used = np.concatenate([np.arange(0), *place])
    if len(place) < 2:
        return quantity_alignment(value[used][is_case[used]], value[used][~is_case[used]])
    seen, drawn = 0.0, np.zeros(n_draw)
    for rows in place:
        share = is_case[rows].sum() / is_case[used].sum()
        order = rows[np.argsort(value[rows], kind="stable")]
        is_last = np.append(np.diff(value[order]) > 0, True)
        seen += float(share * _distance(is_case[order][None], is_last)[0])
        drawn += share * _drawn_distance(is_case[order], is_last, generator, n_draw)
    n_as_far = int((drawn >= seen - _TIE_TOLERANCE).sum())
    return Alignment(1 - seen, (1 + n_as_far) / (1 + n_draw), WITHIN_STRATA, n_draw)


def _drawn_distance(
    is_case: _Bools, is_last: _Bools, generator: np.random.Generator, n_draw: int
) -> _Floats:
    """Distance under each of ``n_draw`` random labellings of one stratum."""
    n_most = max(1, _N_HELD // len(is_case))
    parts = [min(n_most, n_draw - start) for start in range(0, n_draw, n_most)]
    return np.concatenate(
        [_distance(generator.permuted(np.tile(is_case, (n, 1)), axis=1), is_last) for n in parts]
    )


def _distance(is_case: _Bools, is_last: _Bools) -> _Floats:
    """Largest distance of the sides' distribution functions, one labelling a row; samples in the
    order of their values, ``is_last`` where a value has been passed whole.
    """
    n_case, n_sample = int(is_case[0].sum()), is_case.shape[1]
    case = np.cumsum(is_case, axis=1)[:, is_last]
    control = np.arange(1, n_sample + 1)[is_last] - case
    distance: _Floats = np.abs(case / n_case - control / (n_sample - n_case)).max(axis=1)
    return distance
