"""Mass on innermost intervals that makes what was seen likeliest, with a certificate.

Each participant adds log(mass in the interval / mass after entry).
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import nnls

from alsrev_dagster.survival.risk import BoolArray, FloatArray

_GAP = 1e-10
"""Largest gain per participant that moving mass may promise at the solution."""

_N_STEP = 200
_N_OUTER = 200
_LITTLE_LEFT = 0.02
"""Mass after an entry below which, where all before it may have had the event, it drifts to 0."""

_LEAST_LEFT = 1e-9
"""Mass after an entry below which all of it has gone before: nothing is left to divide by."""

_POLISH_FROM = 0.03
"""Gap from which on Newton's method is tried on the intervals that hold mass."""

_POSITIVE = 1e-12


@dataclass(frozen=True)
class MassFit:
    """Mass of each interval, log likelihood, and by how much the conditions of a maximum fail."""

    mass: FloatArray
    log_likelihood: float
    gap: float
    is_emptied: bool


def likeliest_mass(
    in_interval: BoolArray, after_entry: BoolArray, weight: FloatArray, start: FloatArray | None
) -> MassFit:
    """Mass, shape (m,), that maximises the likelihood; sums to 1.

    Notes
    -----
    Without entries the log likelihood is concave; the constrained Newton method [1]_ solves a least
    squares problem with mass >= 0 at each step. With entries the convex part, minus the log of the
    mass after entry, is replaced by its tangent and the concave problem solved anew until it stays.
    ``gap`` is the largest slope towards one interval per unit of weight: where all have mass after
    entry, the log likelihood is at most gap x weight below its maximum (Fenchel); with entries a
    gap of 0 says that no small move helps, and the maximum need not be the only one.

    References
    ----------
    .. [1] Wang (2007), JRSS B 69:185-198.
    """
    inside, after = in_interval.astype(np.float64), after_entry.astype(np.float64)
    m = inside.shape[1]
    mass = np.full(m, 1 / m) if start is None else (start + 1e-3 / m) / (start.sum() + 1e-3)
    if after_entry.all():
        mass = _concave(inside, weight, mass)
        return _improved(_judged(inside, after, weight, mass), inside, after, weight)
    best, may_empty = (
        _judged(inside, after, weight, mass),
        _can_be_emptied(in_interval, after_entry),
    )
    for _ in range(_N_OUTER):
        mass = _tangent_step(inside, after, weight, best.mass)
        best = _judged(inside, after, weight, mass)
        if best.is_emptied or (may_empty and (after @ mass).min() < _LITTLE_LEFT):
            return replace(best, is_emptied=True)
        if best.gap < _POLISH_FROM:
            best = _improved(best, inside, after, weight)
        if best.gap < _GAP:
            break
    return _latest(best, inside, after, weight)


def _latest(fit: MassFit, inside: FloatArray, after: FloatArray, weight: FloatArray) -> MassFit:
    """Move mass that could as well lie later there: as Kaplan and Meier do with nobody at risk."""
    for place in np.unique(after.argmax(axis=1)) - 1:
        late = fit.mass[place + 1 :].sum()
        if place < 0 or fit.mass[place] <= 0 or late <= 0:
            continue
        mass = fit.mass.copy()
        mass[place + 1 :] *= 1 + mass[place] / late
        mass[place] = 0.0
        moved = _judged(inside, after, weight, mass)
        if moved.gap < max(fit.gap, _GAP):
            fit = moved
    return fit


def _can_be_emptied(in_interval: BoolArray, after_entry: BoolArray) -> bool:
    """Whether all who entered before some entry can have had the event before it, too."""
    first = after_entry.argmax(axis=1)
    return any(
        bool(((first >= cut) | in_interval[:, :cut].any(axis=1)).all())
        for cut in np.unique(first)[1:]
    )


def _tangent_step(
    inside: FloatArray, after: FloatArray, weight: FloatArray, mass: FloatArray
) -> FloatArray:
    """Maximise with the mass after entry replaced by its tangent: a problem without entries."""
    price = after.T @ (weight / (after @ mass)) / weight.sum()
    share = np.maximum(price * mass, 0.0)
    share = _concave(inside / price, weight, share / share.sum())
    found = share / price
    whole: FloatArray = found / found.sum()
    return whole


def _concave(inside: FloatArray, weight: FloatArray, mass: FloatArray) -> FloatArray:
    """Maximise the weighted sum of log(inside @ mass) with mass >= 0 summing to 1."""
    root = np.sqrt(weight / weight.sum())[:, None]
    for _ in range(_N_STEP):
        chance = inside @ mass
        tilt = inside / chance[:, None]
        if _slope(tilt, weight).max() < _GAP:
            break
        wanted, _ = nnls(
            np.vstack([root * (tilt - 2), np.ones((1, len(mass)))]),
            np.concatenate([np.zeros(len(inside)), [1.0]]),
        )
        moved = _climbed(inside, weight, mass, wanted / wanted.sum())
        if moved is None:
            break
        mass = moved
    return mass


def _slope(tilt: FloatArray, weight: FloatArray) -> FloatArray:
    """Gain per participant of moving mass towards each interval; its mean by mass is 0."""
    slope: FloatArray = tilt.T @ weight / weight.sum() - 1
    return slope


def _climbed(
    inside: FloatArray, weight: FloatArray, mass: FloatArray, wanted: FloatArray
) -> FloatArray | None:
    """Go towards the wanted mass as far as it climbs; None where it does not."""
    with np.errstate(divide="ignore"):
        here = float(weight @ np.log(inside @ mass))
        for halving in range(40):
            there: FloatArray = mass + (wanted - mass) / 2**halving
            if float(weight @ np.log(inside @ there)) > here:
                return there
    return None


def _improved(fit: MassFit, inside: FloatArray, after: FloatArray, weight: FloatArray) -> MassFit:
    """Polish a solution that is near; keep it where that does not help."""
    polished = _polished(inside, after, weight, fit.mass)
    return polished if polished.gap < fit.gap else fit


def _polished(
    inside: FloatArray, after: FloatArray, weight: FloatArray, mass: FloatArray
) -> MassFit:
    """Newton's method among the intervals that hold mass, the sum held at 1."""
    held = np.flatnonzero(mass > _POSITIVE)
    first, second = inside[:, held], after[:, held]
    part = mass[held].copy()
    for _ in range(8):
        tilt, lean = first / (first @ part)[:, None], second / (second @ part)[:, None]
        slope = (tilt - lean).T @ weight
        curve = tilt.T @ (weight[:, None] * tilt) - lean.T @ (weight[:, None] * lean)
        bordered = np.block([[curve, np.ones((len(held), 1))], [np.ones((1, len(held))), 0]])
        step = np.linalg.lstsq(bordered, np.append(slope, 0.0), rcond=None)[0][:-1]
        if not (part + step > 0).all():
            break
        part = part + step
    full = np.zeros(len(mass))
    full[held] = part / part.sum()
    return _judged(inside, after, weight, full)


def _judged(inside: FloatArray, after: FloatArray, weight: FloatArray, mass: FloatArray) -> MassFit:
    """Log likelihood and gap at some mass."""
    chance, left = inside @ mass, after @ mass
    if left.min() < _LEAST_LEFT or chance.min() <= 0:
        return MassFit(mass, float("nan"), float("nan"), True)
    slope = (inside / chance[:, None] - after / left[:, None]).T @ weight / weight.sum()
    gap = max(float(slope.max()), float(np.abs(slope * mass).max()))
    value = float(weight @ (np.log(chance) - np.log(left)))
    return MassFit(mass, value, gap, False)
