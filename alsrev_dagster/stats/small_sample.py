"""SKAT's P values from the moments that the labels themselves give, not the normal's."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2, norm

_FREEDOM_MAX = 1e5
"""Degrees of freedom where the kurtosis is that of a normal, or below."""
_N_NODE = 200
"""Nodes of the rule that integrates over the burden."""
_NOTHING = 1e-12
"""Relative variance that is none."""

RHO = (0.0, 0.01, 0.04, 0.09, 0.16, 0.25, 0.5, 1.0)
"""Shares of the burden statistic in SKAT-O (Lee et al. 2012, Biostatistics 13:762-775)."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class MatchedChiSquare:
    """A chi-square moved and stretched to a mean, a variance and a kurtosis."""

    mean: float
    standard_deviation: float
    degrees_of_freedom: float

    def upper_tail(self, value: Floats) -> Floats:
        """Probability of a larger value, shape as given."""
        k = self.degrees_of_freedom
        at = (value - self.mean) / self.standard_deviation * (2 * k) ** 0.5 + k
        tail: Floats = chi2.sf(at, k)
        return tail

    def quantile(self, p_value: float) -> float:
        """Value with this upper tail."""
        k = self.degrees_of_freedom
        at = (float(chi2.isf(p_value, k)) - k) / float(2 * k) ** 0.5
        return float(at * self.standard_deviation + self.mean)


def matched(statistic: Floats, probability: Floats) -> MatchedChiSquare | None:
    """Chi-square with the moments of a statistic; None where the statistic does not vary.

    Parameters
    ----------
    statistic
        Of each labeling, shape (m,).
    probability
        Of each labeling, shape (m,), summing to 1.

    Returns
    -------
    MatchedChiSquare or None
        Degrees of freedom 12 / excess kurtosis.

    Notes
    -----
    With a binary outcome and few cases the variance and kurtosis of SKAT's Q are not those
    of a mixture of chi-squares; the correction takes them from resampling [1]_ (of complete
    labelings they are exact). The tail beyond is extrapolated: with a few carriers Q has a
    handful of values, and only the resampled P value is valid there.

    References
    ----------
    .. [1] Lee et al. (2012), Am J Hum Genet 91:224-237.

    Examples
    --------
    >>> found = matched(np.array([0.0, 1.0]), np.array([0.5, 0.5]))
    >>> found.mean, found.standard_deviation, found.degrees_of_freedom
    (0.5, 0.5, 100000.0)
    """
    mean = float(probability @ statistic)
    variance = float(probability @ (statistic - mean) ** 2)
    if variance <= _NOTHING * mean**2 or variance == 0:
        return None
    excess = float(probability @ (statistic - mean) ** 4) / variance**2 - 3
    freedom = 12 / excess if excess > 12 / _FREEDOM_MAX else _FREEDOM_MAX
    return MatchedChiSquare(mean, variance**0.5, freedom)


def adjusted_p(statistic: Floats, probability: Floats) -> float:
    """P value of the first labeling's statistic, by the chi-square with its moments.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> drawn = np.append(3.841, rng.chisquare(1, 200_000))
    >>> round(adjusted_p(drawn, np.full(len(drawn), 1 / len(drawn))), 2)
    0.05
    """
    found = matched(statistic, probability)
    return 1.0 if found is None else float(found.upper_tail(statistic[:1])[0])


def skat_o_statistics(score: Floats) -> Floats:
    """(1 - rho) SKAT + rho burden for each rho of ``RHO``, shape (m, 8).

    ``score`` has the weighted score of each variant in each labeling, shape (m, n_variant).

    Examples
    --------
    >>> skat_o_statistics(np.array([[1.0, 2.0]]))[0, [0, -1]].tolist()
    [5.0, 9.0]
    """
    skat, burden = (score**2).sum(axis=1), score.sum(axis=1) ** 2
    rho = np.array(RHO)
    statistic: Floats = np.multiply.outer(skat, 1 - rho) + np.multiply.outer(burden, rho)
    return statistic


def skat_o_adjusted_p(score: Floats, probability: Floats) -> float:
    """P value of SKAT-O for the first labeling, every moment taken from the labelings.

    Parameters
    ----------
    score
        Weighted score of each variant, shape (m, n_variant); the first row is seen.
    probability
        Of each labeling, shape (m,), summing to 1.

    Returns
    -------
    float
        In (0, 1]; between the smallest P value over ``RHO`` and eight times it.

    Notes
    -----
    Q(rho) = (1 - rho) kappa + tau(rho) eta [1]_, eta the standardised squared burden (chi-square
    of one degree of freedom) and kappa what the burden leaves of SKAT, a chi-square with its
    resampled moments [2]_. The P value integrates the chance that no Q(rho) passes its own
    quantile at the smallest P value over eta.

    References
    ----------
    .. [1] Lee, Wu & Lin (2012), Biostatistics 13:762-775, equation 10.
    .. [2] Lee et al. (2012), Am J Hum Genet 91:224-237.

    Examples
    --------
    >>> score = np.array([[3.0, 0.0], [0.0, 0.0], [-1.0, 0.5], [-2.0, -0.5]])
    >>> 0 < skat_o_adjusted_p(score, np.full(4, 0.25)) < 1
    True
    """
    statistic = skat_o_statistics(score)
    fits = [matched(column, probability) for column in statistic.T]
    if any(fit is None for fit in fits):
        found = [f.upper_tail(statistic[:1, k])[0] for k, f in enumerate(fits) if f is not None]
        return float(min(len(found) * min(found, default=1.0), 1.0))
    each = [fit for fit in fits if fit is not None]
    p_each = [float(fit.upper_tail(statistic[:1, k])[0]) for k, fit in enumerate(each)]
    smallest = max(min(p_each), float(np.finfo(np.float64).tiny))
    kappa, tau = _apart(score, probability)
    rest = matched(kappa, probability)
    if rest is None:
        return smallest
    limit = np.array([fit.quantile(smallest) for fit in each])
    return float(min(max(_beyond(limit, tau, rest), smallest), len(RHO) * smallest, 1.0))


def _apart(score: Floats, probability: Floats) -> tuple[Floats, Floats]:
    """What the burden leaves of SKAT in each labeling, and tau of each rho."""
    covariance = (score * probability[:, None]).T @ score
    of_burden = float(covariance.sum())
    if of_burden <= 0:
        return (score**2).sum(axis=1), np.zeros(len(RHO))
    along = covariance.sum(axis=1) / of_burden
    burden = score.sum(axis=1)
    kappa = (score**2).sum(axis=1) - burden**2 * (along @ along)
    rho = np.array(RHO)
    return kappa, of_burden * ((1 - rho) * (along @ along) + rho)


@cache
def _rule() -> tuple[Floats, Floats]:
    """Nodes and weights of Gauss and Legendre, found once: an eigenvalue problem of its own."""
    node, share = np.polynomial.legendre.leggauss(_N_NODE)
    return node, share


def _beyond(limit: Floats, tau: Floats, rest: MatchedChiSquare) -> float:
    """Probability that some Q(rho) is beyond its limit."""
    end = min((max(limit[-1], 0) / tau[-1]) ** 0.5, 38.0) if tau[-1] > 0 else 38.0
    node, share = _rule()
    z = end * (node + 1) / 2
    rho = np.array(RHO[:-1])
    room = ((limit[:-1] - np.multiply.outer(z**2, tau[:-1])) / (1 - rho)).min(axis=1)
    inside = (share * end / 2 * 2 * norm.pdf(z) * rest.upper_tail(room)).sum()
    return float(inside + 2 * norm.sf(end))
