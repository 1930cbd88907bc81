"""Winner's curse: what a log odds ratio would be, had it not been chosen for being significant."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr

from alsrev_dagster.errors import InputDataError

Floats = NDArray[np.float64]

_STEP = 0.01
"""Of the trapezoidal rule over the mean: its error falls exponentially, here below 1e-10."""
_REACH = 10.0
"""Standard deviations beyond 0 and z after which the likelihood is nothing."""
_N_GRID = 1001
_N_BISECTION = 60
_N_ROW = 256
_TAIL = float(np.log(0.025))


@dataclass(frozen=True)
class ConditionalEstimate:
    """Estimates that know of the selection, on the scale of beta; every array has shape (n,).

    NaN where a variant did not pass the threshold: it was not selected.
    """

    beta_mode: NDArray[np.float64]
    """Maximum of the conditional likelihood (the paper's first)."""
    beta_mean: NDArray[np.float64]
    """Mean of the normalised conditional likelihood (the second)."""
    beta: NDArray[np.float64]
    """Mean of both (the third): the one to quote."""
    ci_lower: NDArray[np.float64]
    """95%, equal tails of z given that it passed."""
    ci_upper: NDArray[np.float64]


def conditional_estimate(
    z: NDArray[np.float64], standard_error: NDArray[np.float64], z_threshold: float
) -> ConditionalEstimate:
    """Log odds ratios corrected for having been selected by their size.

    Parameters
    ----------
    z
        Estimate over standard error, shape (n,).
    standard_error
        Of the log odds ratio, shape (n,).
    z_threshold
        Absolute z that was needed, above 0: 5.4513 for a two-sided P value of 5e-8, 2.5758 for
        0.01.

    Returns
    -------
    ConditionalEstimate
        Nearer to 0 than the naive estimates, far above the threshold the same.

    Raises
    ------
    InputDataError
        If shapes disagree or the threshold is not above 0.

    Notes
    -----
    L(mu) = phi(z - mu) / (Phi(mu - c) + Phi(-mu - c)), its maximum, its mean, and the mean of
    these, times the standard error [1]_. The interval has the mu at which z, given that it passed,
    is at its 2.5% and 97.5% points; near the threshold it is very wide, which is the truth of it.
    It assumes that z is normal with variance 1, which at 22 cases is rough, and that selection was
    by this z: with several looks or a lead picked among neighbours the curse is larger. Where the
    effect was strong enough to pass nearly always, the estimates are on average too low.

    References
    ----------
    .. [1] Ghosh, Zou & Wright (2008), Am J Hum Genet 82:1064-1074.

    Examples
    --------
    >>> found = conditional_estimate(np.array([6.0]), np.array([1.0]), 5.0)
    >>> found.beta_mode.round(2).tolist(), found.beta_mean.round(2).tolist()
    ([5.48], [4.94])
    """
    if z.ndim != 1 or standard_error.shape != z.shape or not 0 < z_threshold < np.inf:
        raise InputDataError(
            f"z has shape {z.shape}, standard_error {standard_error.shape} and z_threshold is "
            f"{z_threshold}: expected (n,) twice and a threshold above 0, such as 5.4513 for 5e-8"
        )
    size, sign = np.abs(z), np.sign(z)
    scaled = np.full((5, len(z)), np.nan)
    passed = np.flatnonzero((size >= z_threshold) & np.isfinite(z))
    for start in range(0, len(passed), _N_ROW):
        part = passed[start : start + _N_ROW]
        mode, mean = _mode(size[part], z_threshold), _mean(size[part], z_threshold)
        ends = _interval(size[part], z_threshold)
        scaled[:, part] = [mode, mean, (mode + mean) / 2, *ends]
    scaled *= sign * standard_error
    scaled[3:] = np.sort(scaled[3:], axis=0)
    return ConditionalEstimate(*scaled)


def _log_chance(mu: Floats, c: float) -> Floats:
    """Log probability to pass the threshold."""
    chance: Floats = np.logaddexp(log_ndtr(mu - c), log_ndtr(-mu - c))
    return chance


def _slope(mu: Floats, z: Floats, c: float) -> Floats:
    """Derivative of the log likelihood."""
    log_chance = _log_chance(mu, c)
    hazard = np.exp(-((mu - c) ** 2) / 2 - log_chance) - np.exp(-((mu + c) ** 2) / 2 - log_chance)
    slope: Floats = z - mu - hazard / np.sqrt(2 * np.pi)
    return slope


def _mode(z: Floats, c: float) -> Floats:
    """Maximum between 0 and z: the best place of a grid, then bisection of the slope around it."""
    grid = np.linspace(0, 1, _N_GRID) * z[:, None]
    best = (-((z[:, None] - grid) ** 2) / 2 - _log_chance(grid, c)).argmax(axis=1)
    low, high = (np.maximum(best - 1, 0), np.minimum(best + 1, _N_GRID - 1))
    row = np.arange(len(z))
    below, above = grid[row, low], grid[row, high]
    for _ in range(_N_BISECTION):
        middle = (below + above) / 2
        rises = _slope(middle, z, c) > 0
        below, above = np.where(rises, middle, below), np.where(rises, above, middle)
    mode: Floats = (below + above) / 2
    return mode


def _mean(z: Floats, c: float) -> Floats:
    """Mean of the normalised likelihood."""
    mu = np.arange(-_REACH, float(z.max()) + _REACH, _STEP)
    log_likelihood = -((z[:, None] - mu) ** 2) / 2 - _log_chance(mu, c)
    likelihood = np.exp(log_likelihood - log_likelihood.max(axis=1)[:, None])
    mean: Floats = likelihood @ mu / likelihood.sum(axis=1)
    return mean


def _interval(z: Floats, c: float) -> tuple[Floats, Floats]:
    """Ends of the equal-tailed interval of the mean."""

    def log_above(mu: Floats) -> Floats:
        above: Floats = log_ndtr(mu - z) - _log_chance(mu, c)
        return above

    def log_below(mu: Floats) -> Floats:
        between = log_ndtr(z - mu) + np.log(-np.expm1(log_ndtr(c - mu) - log_ndtr(z - mu)))
        below: Floats = np.logaddexp(between, log_ndtr(-c - mu)) - _log_chance(mu, c)
        return below

    ends = []
    for tail, is_rising in ((log_above, True), (log_below, False)):
        low, high = -z - _REACH, z + _REACH
        for _ in range(_N_BISECTION):
            middle = (low + high) / 2
            with np.errstate(divide="ignore"):
                is_past = (tail(middle) > _TAIL) == is_rising
            low, high = np.where(is_past, low, middle), np.where(is_past, middle, high)
        ends.append((low + high) / 2)
    return ends[0], ends[1]
