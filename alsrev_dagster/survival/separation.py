"""Does a Cox partial likelihood have its maximum at a finite coefficient, and if not, which way."""

import numpy as np
from scipy.optimize import linprog

from alsrev_dagster.survival.cox_data import CoxData
from alsrev_dagster.survival.risk import BoolArray, FloatArray

_N_PAIR_MAX = 300_000
"""Pairs of an event and somebody at risk up to which all covariates are looked at together."""

_AWAY = 1e-7
"""Share of a direction that is more than rounding."""


def separation_direction(data: CoxData, name: str) -> int:
    """Which way the estimate of one covariate runs off.

    Returns
    -------
    int
        1 where the likelihood rises for ever with the coefficient (only carriers have the
        event while comparable others are at risk), -1 where it rises as the coefficient
        falls (no carrier has it), 0 where there is a finite maximum, or nothing to tell
        (nobody differs from whoever has the event).

    Notes
    -----
    The likelihood has no maximum just when some direction d has d'(x_i - x_j) >= 0 for every
    event i and every j at risk with it in its stratum, not always 0. With one covariate that
    is seen from the least and the largest value at risk; with several by a linear program, of
    which the part of ``name`` is told. Beyond 300,000 pairs of an event and somebody at risk
    the covariate is looked at alone.

    References
    ----------
    .. [1] Bryson & Johnson (1981), Technometrics 23:381; Heinze & Schemper (2001), Biometrics
       57:114.
    """
    index = data.index(name)
    is_alone = len(data.name) == 1 or _n_pair(data) > _N_PAIR_MAX
    if is_alone:
        return _direction_alone(data, index)
    return _direction_among(_differences(data), index)


def is_separated(data: CoxData) -> bool:
    """Whether the estimate of any covariate runs off: see :func:`separation_direction`."""
    return any(separation_direction(data, name) for name in data.name)


def _at_risk(data: CoxData, group: int) -> slice:
    _, _, _, _, first, _, last = data.kernel
    return slice(int(first[group]), int(last[group]))


def _n_pair(data: CoxData) -> int:
    _, _, _, _, first, n_tied, last = data.kernel
    return int((n_tied * (last - first)).sum())


def _is_at_risk(data: CoxData, group: int) -> BoolArray:
    """Who of the rows of a group's slice is at risk."""
    is_in: BoolArray = data.entry_months[_at_risk(data, group)] < data.kernel[3][group]
    return is_in


def _direction_alone(data: CoxData, index: int) -> int:
    _, _, _, time, _, n_tied, _ = data.kernel
    up, down = False, False
    for group in range(len(time)):
        everyone = data.covariate[_at_risk(data, group), index]
        at_risk = everyone[_is_at_risk(data, group)]
        event = everyone[: n_tied[group]]
        up |= bool(event.max() > at_risk.min())
        down |= bool(event.min() < at_risk.max())
    return int(up) - int(down)


def _differences(data: CoxData) -> FloatArray:
    """Distinct x_i - x_j of every event i and j at risk with it, in standard deviations."""
    spread = data.covariate.std(axis=0)
    scaled = data.covariate / np.where(spread > 0, spread, 1.0)
    _, _, _, time, _, n_tied, _ = data.kernel
    part = []
    for group in range(len(time)):
        everyone = scaled[_at_risk(data, group)]
        at_risk = everyone[_is_at_risk(data, group)]
        event = np.unique(everyone[: n_tied[group]], axis=0)
        part.append((event[:, None, :] - at_risk[None, :, :]).reshape(-1, scaled.shape[1]))
    every = np.concatenate(part) if part else np.empty((0, scaled.shape[1]))
    distinct: FloatArray = np.unique(every, axis=0)
    is_some: BoolArray = (distinct != 0).any(axis=1)
    some: FloatArray = distinct[is_some]
    return some


def _direction_among(difference: FloatArray, index: int) -> int:
    if not len(difference):
        return 0
    k = difference.shape[1]
    normal = np.linalg.matrix_rank(difference) == k
    for sign in (1, -1):
        aim = np.zeros(k)
        aim[index] = -sign
        found = linprog(aim, A_ub=-difference, b_ub=np.zeros(len(difference)), bounds=[(-1, 1)] * k)
        if normal and found.x is not None and sign * found.x[index] > _AWAY:
            return sign
    return 0
