"""Likelihood of a joint model and each person's slope of it, by the parameters in one row.

Parameters stand in the order: fixed effects, log residual SD, the factor of the random effects
(its 00, 10 and 11), hazard covariates, associations, baseline. Weibull's baseline is a log rate
and a log shape, h(t) = shape exp(rate) t^(shape - 1); a piecewise one is a log rate a piece.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from alsrev_dagster.survival.joint_data import JointData, Links, Stretch
from alsrev_dagster.survival.kernel.joint import fill_event_moments
from alsrev_dagster.survival.risk import FloatArray, IntArray

_LOG_2_PI = float(np.log(2 * np.pi))


@dataclass(frozen=True)
class Parts:
    """The row of parameters, taken apart."""

    fixed: FloatArray
    log_sd: float
    factor: FloatArray
    """Lower triangular, shape (2, 2): b = factor u."""
    risk: FloatArray
    association: FloatArray
    baseline: FloatArray


@dataclass(frozen=True)
class Moments:
    """Means over random effects given what was seen; see fill_event_moments."""

    log_integral: FloatArray
    hazard: FloatArray
    hazard_u: FloatArray
    u: FloatArray
    u_square: FloatArray


class JointLikelihood:
    """The likelihood of one set of data, at any parameters."""

    def __init__(self, data: JointData, n_node: int) -> None:
        """``n_node`` is of Gauss-Hermite quadrature, in each of two dimensions."""
        self.data = data
        node, weight = np.polynomial.hermite_e.hermegauss(n_node)
        pair = np.stack(np.meshgrid(node, node, indexing="ij"), axis=-1).reshape(-1, 2)
        log_weight = np.log(weight / weight.sum())
        self._quadrature = (pair, np.add.outer(log_weight, log_weight).ravel())

    @property
    def sizes(self) -> tuple[int, int, int, int]:
        """How many fixed effects, hazard covariates, associations, baseline parameters."""
        data = self.data
        n_baseline = 2 if data.baseline == "weibull" else len(data.knots) + 1
        return data.fixed.shape[1], data.risk.shape[1], data.at_exit.random.shape[1], n_baseline

    def parts(self, parameter: FloatArray) -> Parts:
        """Take a row of parameters apart."""
        n_fixed, n_risk, n_link, _ = self.sizes
        a, b = n_fixed + 4 + n_risk, n_fixed + 4 + n_risk + n_link
        l00, l10, l11 = parameter[n_fixed + 1 : n_fixed + 4]
        return Parts(
            parameter[:n_fixed],
            float(parameter[n_fixed]),
            np.array([[l00, 0.0], [l10, l11]]),
            parameter[n_fixed + 4 : a],
            parameter[a:b],
            parameter[b:],
        )

    def by_person(self, parameter: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Log likelihood of each person, shape (n,), and its slopes, shape (n, n_parameter).

        Given survival to entry, where entry is delayed.
        """
        parts = self.parts(parameter)
        found, moments, at_scores = self._of_scores(parts)
        at_event = self._of_stretch(parts, self.data.until_exit, moments)
        found = found + moments.log_integral + self._event_level(parts)
        slope = at_scores + at_event + self._of_event(parts, moments)
        if self.data.is_delayed.any():
            before = self._before_entry(parts)
            found = found - np.where(self.data.is_delayed, before.log_integral, 0.0)
            sunk = self._of_stretch(parts, self.data.until_entry, before)
            slope = slope - np.where(self.data.is_delayed[:, None], sunk, 0.0)
        return found, slope

    @cached_property
    def _order(self) -> tuple[IntArray, IntArray]:
        """Visits person by person, and where each person's begin."""
        order = np.argsort(self.data.visits.person, kind="stable").astype(np.int64)
        is_first = np.diff(self.data.visits.person[order], prepend=-1) > 0
        return order, np.flatnonzero(is_first).astype(np.int64)

    def _summed(self, of_visit: FloatArray) -> FloatArray:
        """Sums by person of what stands at visits."""
        order, start = self._order
        summed: FloatArray = np.add.reduceat(of_visit[order], start, axis=0)
        return summed

    @cached_property
    def _squares(self) -> tuple[FloatArray, FloatArray]:
        """Z'Z of each person, and how many visits it has."""
        random = self.data.random
        return self._summed(random[:, :, None] * random[:, None, :]), self._summed(
            np.ones(len(random))
        )

    def _of_scores(self, parts: Parts) -> tuple[FloatArray, Moments, FloatArray]:
        """Log likelihood of the scores alone; moments given scores and event; slopes of scores."""
        data, variance = self.data, np.exp(2 * parts.log_sd)
        rest = data.visits.score - data.fixed @ parts.fixed
        square, n_visit = self._squares
        pulled = self._summed(data.random * rest[:, None])
        precision = np.eye(2) + parts.factor.T @ square @ parts.factor / variance
        pulled_u = pulled @ parts.factor / variance
        mean = np.linalg.solve(precision, pulled_u[:, :, None])[:, :, 0]
        total = self._summed(rest**2) / variance - (pulled_u * mean).sum(axis=1)
        found = -(n_visit * (_LOG_2_PI + 2 * parts.log_sd) + total) / 2
        found -= np.log(np.linalg.det(precision)) / 2
        moments = self._moments(parts, data.until_exit, (mean, precision), is_exit=True)
        effect = moments.u @ parts.factor.T
        left = rest - (data.random * effect[data.visits.person]).sum(axis=1)
        spread = parts.factor @ moments.u_square @ parts.factor.T
        remains = self._summed(rest**2) - 2 * (pulled * effect).sum(axis=1)
        remains += (square * spread).sum(axis=(1, 2))
        of_factor = pulled[:, :, None] * moments.u[:, None, :]
        of_factor = (of_factor - square @ parts.factor @ moments.u_square) / variance
        slope = np.zeros((len(found), sum(self.sizes) + 4))
        n_fixed = self.sizes[0]
        slope[:, :n_fixed] = self._summed(data.fixed * left[:, None]) / variance
        slope[:, n_fixed] = remains / variance - n_visit
        slope[:, n_fixed + 1 : n_fixed + 4] = of_factor[:, [0, 1, 1], [0, 0, 1]]
        return found, moments, slope

    def _before_entry(self, parts: Parts) -> Moments:
        """Moments given survival to entry alone."""
        n = len(self.data.event)
        normal = (np.zeros((n, 2)), np.broadcast_to(np.eye(2), (n, 2, 2)))
        return self._moments(parts, self.data.until_entry, normal, is_exit=False)

    def _moments(
        self,
        parts: Parts,
        stretch: Stretch,
        normal: tuple[FloatArray, FloatArray],
        *,
        is_exit: bool,
    ) -> Moments:
        n, n_time = stretch.months.shape
        load = _load(parts, stretch.links)
        event_load = np.zeros((n, 2))
        if is_exit:
            event_load += np.where(self.data.event[:, None], _load(parts, self.data.at_exit), 0.0)
        shapes = ((n,), (n, n_time), (n, n_time, 2), (n, 2), (n, 2, 2))
        found = tuple(np.empty(shape) for shape in shapes)
        fill_event_moments(
            tuple(np.ascontiguousarray(part) for part in normal),
            (self._log_hazard(parts, stretch), load, event_load),
            self._quadrature,
            found,
        )
        return Moments(*found)

    def _log_hazard(self, parts: Parts, stretch: Stretch) -> FloatArray:
        """Log of hazard times weight at each time, for random effects of 0."""
        with np.errstate(divide="ignore"):
            level = np.log(stretch.weight) + self._log_baseline(parts, stretch.months)
        level += (self.data.risk @ parts.risk)[:, None]
        fixed: FloatArray = level + _known(parts, stretch.links)
        return np.where(stretch.weight > 0, fixed, -np.inf)

    def _log_baseline(self, parts: Parts, months: FloatArray) -> FloatArray:
        """Log baseline hazard; at 0, where no weight is, that of one month."""
        if self.data.baseline == "weibull":
            rate, log_shape = parts.baseline
            found: FloatArray = rate + log_shape + np.expm1(log_shape) * _log(months)
            return found
        return parts.baseline[np.searchsorted(self.data.knots, months)]

    def _of_baseline(self, parts: Parts, months: FloatArray) -> FloatArray:
        """Slopes of the log baseline hazard by its parameters, shape (..., n_baseline)."""
        if self.data.baseline == "weibull":
            of_shape = 1 + np.exp(parts.baseline[1]) * _log(months)
            return np.stack([np.ones_like(months), of_shape], axis=-1)
        piece = np.searchsorted(self.data.knots, months)
        return np.eye(len(self.data.knots) + 1)[piece]

    def _event_level(self, parts: Parts) -> FloatArray:
        """Log hazard at the event for random effects of 0; 0 for who had none."""
        data = self.data
        level = self._log_baseline(parts, data.followed.duration_months)
        level = level + data.risk @ parts.risk + _known(parts, data.at_exit)
        return np.where(data.event, level, 0.0)

    def _of_event(self, parts: Parts, moments: Moments) -> FloatArray:
        """Slopes of the log hazard at the event."""
        data = self.data
        effect = moments.u @ parts.factor.T
        link = data.at_exit.fixed @ parts.fixed + np.einsum(
            "njr,nr->nj", data.at_exit.random, effect
        )
        by_effect = np.einsum("j,njr->nr", parts.association, data.at_exit.random)
        slope = self._joined(
            np.einsum("j,njp->np", parts.association, data.at_exit.fixed),
            by_effect[:, :, None] * moments.u[:, None, :],
            data.risk,
            link,
            self._of_baseline(parts, data.followed.duration_months),
        )
        return np.where(data.event[:, None], slope, 0.0)

    def _of_stretch(self, parts: Parts, stretch: Stretch, moments: Moments) -> FloatArray:
        """Slopes of minus the summed hazard, over random effects."""
        links, hazard = stretch.links, moments.hazard
        hazard_effect = moments.hazard_u @ parts.factor.T
        n, n_time, n_link, n_fixed = links.fixed.shape
        summed = hazard[:, None, :] @ links.fixed.reshape(n, n_time, n_link * n_fixed)
        summed = summed.reshape(n, n_link, n_fixed)
        link = summed @ parts.fixed
        link += np.einsum("nqr,nqjr->nj", hazard_effect, links.random)
        by_effect = _by_effect(parts, links)
        return -self._joined(
            np.einsum("j,njp->np", parts.association, summed),
            np.einsum("nqr,nqs->nrs", by_effect, moments.hazard_u),
            hazard.sum(axis=1)[:, None] * self.data.risk,
            link,
            np.einsum("nq,nqb->nb", hazard, self._of_baseline(parts, stretch.months)),
        )

    def _joined(
        self,
        fixed: FloatArray,
        factor: FloatArray,
        risk: FloatArray,
        link: FloatArray,
        baseline: FloatArray,
    ) -> FloatArray:
        """Slopes in the order of the parameters."""
        none = np.zeros((len(fixed), 1))
        return np.hstack([fixed, none, factor[:, [0, 1, 1], [0, 0, 1]], risk, link, baseline])


def _log(months: FloatArray) -> FloatArray:
    found: FloatArray = np.log(np.where(months > 0, months, 1.0))
    return found


def _known(parts: Parts, links: Links) -> FloatArray:
    """What the fixed effects add to a log hazard through the associations."""
    known: FloatArray = (links.fixed @ parts.fixed) @ parts.association
    return known


def _by_effect(parts: Parts, links: Links) -> FloatArray:
    """Load of a log hazard on b."""
    load: FloatArray = np.einsum("j,...jr->...r", parts.association, links.random)
    return load


def _load(parts: Parts, links: Links) -> FloatArray:
    """Load of a log hazard on u."""
    return np.ascontiguousarray(_by_effect(parts, links) @ parts.factor)
