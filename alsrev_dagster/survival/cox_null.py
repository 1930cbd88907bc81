"""Null Cox model of a scan: who is at risk when, the covariates fitted once for every variant."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.risk import BoolArray, FloatArray, FollowUp, IntArray, follow_up

_N_STEP, _N_HALVING = 50, 30
_STEP_TOLERANCE = 1e-9
_FARTHEST = 30.0
"""Log hazard a standard deviation of a covariate, beyond which there is no maximum."""
_INFORMATION_MIN = 1e-9
"""Share of a covariate's information that those before it must leave."""


@dataclass(frozen=True)
class CoxNull:
    """Who is at risk at which event times, and what the covariates alone say.

    Event times of the strata stand one after the other. A participant is at risk at those from
    ``first`` to ``last`` - 1, and has the event at ``place`` (-1: none).
    """

    stratum: IntArray
    first: IntArray
    last: IntArray
    place: IntArray
    n_at_risk: IntArray
    """At each event time, shape (n_time,)."""
    n_event_at: IntArray
    covariate: FloatArray
    """Standardised, shape (n_participant, n_covariate)."""
    coefficient: FloatArray
    """Log hazard ratio per unit of each covariate as it was given."""
    moment: FloatArray
    """Weight exp(x'b), that times each covariate, and times each product of two of them."""
    risk_sum: FloatArray
    """Moments summed over those at risk at each event time."""
    event_sum: FloatArray
    """Moments summed over the events at each event time."""
    factor: FloatArray
    """Cholesky factor of the covariates' information."""

    @property
    def n(self) -> int:
        """Participants."""
        return len(self.place)

    @property
    def n_event(self) -> int:
        """Events, which are Efron's steps too."""
        return int(self.n_event_at.sum())

    @property
    def has_event(self) -> BoolArray:
        """Whether each participant has the event."""
        return np.asarray(self.place >= 0)

    @property
    def martingale(self) -> FloatArray:
        """Martingale residuals: events less their expectation, Efron's steps at ties."""
        time, gone = efron_steps(self.n_event_at)
        hazard = 1 / (self.risk_sum[time, 0] - gone * self.event_sum[time, 0])
        n_time = len(self.n_event_at)
        of_time = np.bincount(time, hazard, n_time)
        whole = np.concatenate([[0.0], np.cumsum(of_time)])
        expected = whole[self.last] - whole[self.first]
        spared = np.bincount(time, hazard * gone, n_time)
        expected[self.has_event] -= spared[self.place[self.has_event]]
        return np.asarray(self.has_event - self.moment[:, 0] * expected, dtype=np.float64)


def cox_null(
    duration_months: FloatArray,
    event: BoolArray,
    *,
    entry_months: FloatArray | None = None,
    stratum: IntArray | None = None,
    covariate: FloatArray | None = None,
    covariate_name: Sequence[str] = (),
) -> CoxNull:
    """Null model of a scan: Cox, Efron's ties, delayed entry, a baseline hazard a stratum.

    Parameters
    ----------
    duration_months, entry_months
        Time from the origin to the event or the end of observation, and to entry (never, when
        None), months, shape (n,). At risk at t: entry < t <= duration.
    event
        Whether it happened at duration_months.
    stratum
        Number of each participant's stratum; one for all when None.
    covariate, covariate_name
        Shape (n, n_covariate), and what they are called.

    Raises
    ------
    InputDataError
        If a time or covariate is missing, an exit is not after its entry, covariates cannot be
        told apart at the event times, or their fit does not converge.

    Notes
    -----
    Newton steps on the partial log likelihood sum x_i'b - sum over Efron's steps of log of the
    weights left. Assumes hazards proportional in the covariates, and entry and censoring
    independent of the event given them.

    References
    ----------
    .. [1] Cox (1972), JRSS B 34:187; Efron (1977), JASA 72:557.

    Examples
    --------
    >>> null = cox_null(np.array([1.0, 2.0, 2.0, 3.0]), np.array([True, True, False, True]))
    >>> null.n, null.n_event, null.martingale.round(3).tolist()
    (4, 3, [0.75, 0.417, -0.583, -0.583])
    """
    followed = follow_up(duration_months, entry_months)
    n = len(duration_months)
    value = np.empty((n, 0)) if covariate is None else np.asarray(covariate, dtype=np.float64)
    n_unknown = int(np.isnan(value).any(axis=1).sum())
    if n_unknown:
        raise InputDataError(
            f"{n_unknown} of {n} participants lack a covariate: expected none to; leave them out"
        )
    spread = value.std(axis=0)
    scaled = (value - value.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    group = np.zeros(n, dtype=np.int64) if stratum is None else np.asarray(stratum, dtype=np.int64)
    placed = _places(followed, np.asarray(event, dtype=np.bool_), group)
    coefficient = _fitted(placed, scaled, covariate_name)
    moment = _moments(scaled, coefficient)
    risk_sum, event_sum = _sums(placed, moment)
    information = _evaluate(placed, scaled, coefficient)[2]
    return CoxNull(
        group,
        *placed,
        covariate=scaled,
        coefficient=coefficient / np.where(spread > 0, spread, 1.0),
        moment=moment,
        risk_sum=risk_sum,
        event_sum=event_sum,
        factor=_factor(information) if placed[4].sum() else information,
    )


_Placed = tuple[IntArray, IntArray, IntArray, IntArray, IntArray]


def _places(followed: FollowUp, event: BoolArray, stratum: IntArray) -> _Placed:
    """Event times that each participant is at risk at, and those at risk and events at each."""
    first, last, place = (np.full(len(event), -1, dtype=np.int64) for _ in range(3))
    n_at_risk, n_event, start = [], [], 0
    for one in np.unique(stratum):
        inside = np.flatnonzero(stratum == one)
        mine = followed.of(stratum == one)
        time = np.unique(mine.duration_months[event[inside]])
        of_first, of_last = mine.places_at_risk(time)
        first[inside], last[inside] = start + of_first, start + of_last
        happened = inside[event[inside]]
        at = np.searchsorted(time, followed.duration_months[happened])
        place[happened] = start + at
        n_at_risk.append(mine.n_at_risk(time))
        n_event.append(np.bincount(at, minlength=len(time)).astype(np.int64))
        start += len(time)
    return first, last, place, np.concatenate(n_at_risk), np.concatenate(n_event)


def efron_steps(n_event: IntArray) -> tuple[IntArray, FloatArray]:
    """Event time of each of Efron's steps, and the share of its events that are gone by then.

    Examples
    --------
    >>> time, gone = efron_steps(np.array([1, 2]))
    >>> time.tolist(), gone.tolist()
    ([0, 1, 1], [0.0, 0.0, 0.5])
    """
    time = np.repeat(np.arange(len(n_event)), n_event)
    nth = np.arange(len(time)) - np.repeat(np.cumsum(n_event) - n_event, n_event)
    return time.astype(np.int64), nth / n_event[time]


def _moments(covariate: FloatArray, coefficient: FloatArray) -> FloatArray:
    weight = np.exp(covariate @ coefficient)[:, None]
    row, column = np.tril_indices(covariate.shape[1])
    product = covariate[:, row] * covariate[:, column]
    return np.ascontiguousarray(weight * np.hstack([np.ones_like(weight), covariate, product]))


def _sums(placed: _Placed, moment: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Moments summed over those at risk, and over the events, at each event time."""
    first, last, place, _, n_event = placed
    change = np.zeros((len(n_event) + 1, moment.shape[1]))
    np.add.at(change, first, moment)
    np.subtract.at(change, last, moment)
    of_event = np.zeros((len(n_event), moment.shape[1]))
    np.add.at(of_event, place[place >= 0], moment[place >= 0])
    return np.cumsum(change, axis=0)[:-1], of_event


def _evaluate(
    placed: _Placed, covariate: FloatArray, coefficient: FloatArray
) -> tuple[float, FloatArray, FloatArray]:
    """Partial log likelihood, score and information."""
    n_covariate = len(coefficient)
    risk_sum, event_sum = _sums(placed, _moments(covariate, coefficient))
    time, gone = efron_steps(placed[4])
    left = risk_sum[time] - gone[:, None] * event_sum[time]
    of_event = covariate[placed[2] >= 0].sum(axis=0)
    value = float(of_event @ coefficient - np.log(left[:, 0]).sum())
    mean = left[:, 1 : n_covariate + 1] / left[:, :1]
    information = np.zeros((n_covariate, n_covariate))
    row, column = np.tril_indices(n_covariate)
    information[row, column] = (left[:, n_covariate + 1 :] / left[:, :1]).sum(axis=0)
    information[column, row] = information[row, column]
    return value, of_event - mean.sum(axis=0), information - mean.T @ mean


def _fitted(placed: _Placed, covariate: FloatArray, name: Sequence[str]) -> FloatArray:
    """Coefficients of the standardised covariates, by Newton steps."""
    at: FloatArray = np.zeros(covariate.shape[1])
    if not len(at) or not len(placed[4]):
        return at
    value, score, information = _evaluate(placed, covariate, at)
    _refuse_dependent(information, name)
    least = _INFORMATION_MIN * np.diag(information)
    for _ in range(_N_STEP):
        step = np.linalg.solve(information, score)
        for halving in range(_N_HALVING):
            found = _evaluate(placed, covariate, at + step / 2**halving)
            if found[0] >= value - 1e-12 * abs(value):
                break
        at = at + step / 2**halving
        value, score, information = found
        if np.abs(at).max() > _FARTHEST or (np.diag(information) < least).any():
            break
        if np.abs(step).max() < _STEP_TOLERANCE:
            return np.asarray(at, dtype=np.float64)
    raise InputDataError(
        f"the null Cox model of {len(placed[2])} participants, {int(placed[4].sum())} events and "
        f"{len(at)} covariates ({', '.join(name)}) did not converge: expected its likelihood to "
        "have a maximum; adjust for fewer covariates, or look for one that tells who has the event"
    )


def _factor(information: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.cholesky(information), dtype=np.float64)


def _refuse_dependent(information: FloatArray, name: Sequence[str]) -> None:
    """Raise where a covariate says nothing beside those before it and the strata."""
    for j in range(len(information)):
        before = information[:j, :j]
        explained = information[j, :j] @ np.linalg.solve(before, information[:j, j]) if j else 0.0
        if information[j, j] - explained <= _INFORMATION_MIN * max(information[j, j], 1e-300):
            raise InputDataError(
                f"covariate {name[j] if j < len(name) else j} does not vary among those at risk "
                "beside the strata and the covariates before it: expected it to; leave it out"
            )
