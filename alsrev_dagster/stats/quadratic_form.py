"""Upper tail of a weighted sum of chi-squares: inverted, and two ways where that fails."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtr
from scipy.stats import chi2, ncx2

from alsrev_dagster.errors import InputDataError

_NEGLIGIBLE = 1e-10
"""Weights below this share of the largest are left out: they are rounding of eigenvalues."""
_N_POINT = (96, 192, 384, 768, 1536)
"""Points of the trapezoidal rule, doubled until two rules agree."""
_AGREEMENT = 1e-9
"""Relative difference of two rules that is taken for none."""
_LOG_NOTHING = -46.0
"""Log of what adds nothing to a double sum that starts at 1."""

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]


@dataclass(frozen=True)
class TailProbability:
    """Probability that a weighted sum of chi-squares is larger, and how it was found."""

    p_value: float
    """In (0, 1]."""
    method: str
    """``inversion``, ``saddlepoint``, ``moments`` or ``no_weight``."""


@dataclass(frozen=True)
class ChiSquareMixture:
    """Sum of weight times chi-square; every array has shape (k,)."""

    weight: Floats
    """Any sign; zeros add nothing."""
    degrees_of_freedom: Floats
    """Above 0."""
    noncentrality: Floats
    """At least 0."""

    def log_generating(self, s: Complexes) -> Complexes:
        """Cumulant generating function at each ``s``, shape (n,)."""
        rest = 1 - 2 * np.multiply.outer(s, self.weight)
        h, d = self.degrees_of_freedom, self.noncentrality
        total: Complexes = (-h / 2 * np.log(rest) + d / 2 * (1 / rest - 1)).sum(axis=-1)
        return total

    def cumulant(self, s: float, order: int) -> float:
        """First or second derivative of the cumulant generating function at ``s``."""
        rest = 1 - 2 * s * self.weight
        scaled = order * (self.weight / rest) ** order
        return float((scaled * (self.degrees_of_freedom + order * self.noncentrality / rest)).sum())


def mixture(weight: Floats) -> ChiSquareMixture:
    """Weighted sum of central chi-squares of one degree of freedom, rounding left out.

    Examples
    --------
    >>> mixture(np.array([2.0, 1e-15])).weight.tolist()
    [2.0]
    """
    largest = np.abs(weight).max(initial=0.0)
    kept = weight[np.abs(weight) > _NEGLIGIBLE * largest]
    return ChiSquareMixture(kept, np.ones(len(kept)), np.zeros(len(kept)))


def upper_tail(value: float, of: ChiSquareMixture) -> TailProbability:
    """Probability that the mixture exceeds a value.

    Parameters
    ----------
    value
        Where to cut; not 0 when weights of both signs are there.
    of
        The mixture.

    Returns
    -------
    TailProbability
        By inversion, good to about nine digits of the P value itself however small; by
        Kuonen's saddlepoint where two rules of the inversion do not agree; by Liu's four
        moments where that has no solution either.

    Raises
    ------
    InputDataError
        If the value is not finite.

    Notes
    -----
    P(Q > q) is the integral of exp(K(s) - q s) / s over 2 pi i along a line right of 0 [1]_,
    the inversion that Davies [2]_ does along the imaginary axis with an absolute error. Here
    the line goes through the saddlepoint of the integrand and bends around the
    singularities as a parabola whose focus is the first of them [3]_, which makes the error
    relative: a P value of 1e-12 has its digits, where Davies's 1e-6 has none. Saddlepoint
    [4]_ and moments [5]_ are approximations. The weights are taken for known: in SKAT they
    come from a normal approximation that 22 cases do not give.

    References
    ----------
    .. [1] Gil-Pelaez (1951), Biometrika 38:481-482.
    .. [2] Davies (1980), J R Stat Soc C 29:323-333.
    .. [3] Rice (1980), SIAM J Sci Stat Comput 1:438-448.
    .. [4] Kuonen (1999), Biometrika 86:929-935.
    .. [5] Liu, Tang & Zhang (2009), Comput Stat Data Anal 53:853-856.

    Examples
    --------
    >>> found = upper_tail(20.0, mixture(np.array([6.0, 3.0, 1.0])))
    >>> round(found.p_value, 4), found.method
    (0.124, 'inversion')
    """
    if not np.isfinite(value):
        raise InputDataError(
            f"the value of a weighted sum of chi-squares is {value}: expected a finite number; "
            "check the genotypes and weights that it was made from"
        )
    if len(of.weight) == 0:
        return TailProbability(1.0, "no_weight")
    if of.weight.min() > 0 and value <= 0:
        return TailProbability(1.0, "inversion")
    if value < 0 or of.weight.max() <= 0:
        flipped = ChiSquareMixture(-of.weight, of.degrees_of_freedom, of.noncentrality)
        other = _positive_tail(-value, flipped) if value < 0 else TailProbability(1.0, "inversion")
        return TailProbability(_bounded(1 - other.p_value), other.method)
    return _positive_tail(value, of)


def _positive_tail(value: float, of: ChiSquareMixture) -> TailProbability:
    """Tail beyond a value above 0 that weights above 0 can reach."""
    if of.weight.max() <= 0:
        return TailProbability(_bounded(0.0), "inversion")
    inverted = _inverted(value, of)
    if inverted is not None:
        return TailProbability(_bounded(inverted), "inversion")
    approximate = saddlepoint_tail(value, of)
    if approximate is not None:
        return TailProbability(_bounded(approximate), "saddlepoint")
    return TailProbability(_bounded(moments_tail(value, of)), "moments")


def _bounded(p_value: float) -> float:
    return min(max(p_value, float(np.finfo(np.float64).tiny)), 1.0)


def _inverted(value: float, of: ChiSquareMixture) -> float | None:
    """The integral, by rules of ever more points until two agree; None where none do."""
    end = 1 / (2 * of.weight.max())

    def slope(s: float) -> float:
        return of.cumulant(s, 1) - value - 1 / s

    low, high = end * 1e-12, end * (1 - 1e-12)
    if not slope(low) < 0 < slope(high):
        return None
    middle = float(brentq(slope, low, high, xtol=end * 1e-13))
    width = (of.cumulant(middle, 2) + 1 / middle**2) ** -0.5
    previous = np.inf
    for n_point in _N_POINT:
        found = _path_sum(value, of, (middle, width, end), n_point)
        if abs(found - previous) <= _AGREEMENT * abs(found):
            return found if found > 0 else None
        previous = found
    return None


def _path_sum(
    value: float, of: ChiSquareMixture, place: tuple[float, float, float], n_point: int
) -> float:
    """Trapezoidal rule along the parabola s = middle + bend u^2 + i u, with u = width sinh t."""
    middle, width, end = place
    bend = 1 / (4 * (end - middle))
    farthest = (-_LOG_NOTHING / (value * bend)) ** 0.5
    t, step = np.linspace(0, np.arcsinh(farthest / width), n_point, retstep=True)
    u = width * np.sinh(t)
    s = middle + bend * u**2 + 1j * u
    log_integrand = of.log_generating(s) - value * s - np.log(s)
    top = float(np.real(log_integrand[0]))
    relative = np.where(np.real(log_integrand) - top > _LOG_NOTHING, np.exp(log_integrand - top), 0)
    part = np.imag(relative * (2 * bend * u + 1j)) * width * np.cosh(t)
    total = step * (part.sum() - part[0] / 2)
    return float(np.exp(top) * total / np.pi)


def saddlepoint_tail(value: float, of: ChiSquareMixture) -> float | None:
    """Lugannani-Rice tail with Barndorff-Nielsen's form; None at the mean or without solution.

    Examples
    --------
    >>> round(saddlepoint_tail(20.0, mixture(np.array([6.0, 3.0, 1.0]))), 3)
    0.122
    """
    mean = of.cumulant(0.0, 1)
    end = 1 / (2 * of.weight.max())
    start = 1 / (2 * of.weight.min()) if of.weight.min() < 0 else -1e6 * end

    def slope(s: float) -> float:
        return of.cumulant(s, 1) - value

    low, high = start * (1 - 1e-9), end * (1 - 1e-9)
    if abs(value - mean) < 1e-6 * abs(mean) or not slope(low) < 0 < slope(high):
        return None
    s = float(brentq(slope, low, high, xtol=end * 1e-13))
    w2 = 2 * (s * value - float(of.log_generating(np.array([s], dtype=np.complex128))[0].real))
    w = np.sign(s) * max(w2, 0.0) ** 0.5
    v = s * of.cumulant(s, 2) ** 0.5
    if w == 0 or v / w <= 0:
        return None
    return float(ndtr(-(w + np.log(v / w) / w)))


def moments_tail(value: float, of: ChiSquareMixture) -> float:
    """Tail of the chi-square with the mixture's mean, variance, skewness and nearest kurtosis.

    Only for weights of one sign, above 0 [5 of :func:`upper_tail`].

    Examples
    --------
    >>> q1 = ChiSquareMixture(*(np.array(x) for x in ([0.5, 0.4, 0.1], [1, 2, 1], [1, 0.6, 0.8])))
    >>> round(moments_tail(2.0, q1), 6)
    0.457753
    """
    c1, c2, c3, c4 = (
        float((of.weight**k * (of.degrees_of_freedom + k * of.noncentrality)).sum())
        for k in range(1, 5)
    )
    skew, excess = c3 / c2**1.5, c4 / c2**2
    if skew**2 > excess:
        a = 1 / (skew - (skew**2 - excess) ** 0.5)
        delta = skew * a**3 - a**2
    else:
        a, delta = 1 / skew, 0.0
    freedom = a**2 - 2 * delta
    standard = (value - c1) / (2 * c2) ** 0.5
    at = standard * 2**0.5 * a + freedom + delta
    return float(ncx2.sf(at, freedom, delta) if delta > 0 else chi2.sf(at, freedom))
