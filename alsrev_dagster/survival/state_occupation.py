"""Probability of being in each of several states over time; states can be left and entered again.

Aalen-Johansen's estimator for any states and transitions: recovered and lost again, stages that
go back, death. One event with one end is Kaplan-Meier's curve, several ends are cumulative
incidences.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.risk import FloatArray, IntArray

CENSORED = -1
"""``next_state`` of a spell that nobody saw the end of."""


@dataclass(frozen=True)
class Spells:
    """Time in one state of one person; one entry a spell, those of a person never overlap."""

    person: IntArray
    """Number of the person, from 0."""
    entry_months: FloatArray
    until_months: FloatArray
    """A spell counts at ``t`` when entry < t <= until; its transition happens at ``until``."""
    state: IntArray
    next_state: IntArray
    """The state gone to at the end, or CENSORED; a state that nobody leaves has no spells."""

    @property
    def n_person(self) -> int:
        """People numbered."""
        return int(self.person.max(initial=-1)) + 1


@dataclass(frozen=True)
class StateOccupation:
    """Probability of each state at each time at which somebody moved, and months spent in it."""

    time: FloatArray
    """Times of transitions, the first being the time from which is counted; shape (n_time,)."""
    probability: FloatArray
    """Just after each time, shape (n_time, n_state); a row sums to 1."""
    standard_error: FloatArray
    """Of each probability, by the infinitesimal jackknife over people."""
    horizon_months: FloatArray
    months: FloatArray
    """Mean months in each state up to each horizon, shape (n_horizon, n_state)."""
    months_influence: FloatArray = field(repr=False)
    """Change of ``months`` per unit of each person's weight: (n_horizon, n_person, n_state)."""

    @property
    def months_standard_error(self) -> FloatArray:
        """Of ``months``, shape (n_horizon, n_state)."""
        error: FloatArray = np.sqrt((self.months_influence**2).sum(axis=1))
        return error

    def at(self, months: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Probabilities and their standard errors at some times, shape (n_asked, n_state)."""
        place = np.maximum(np.searchsorted(self.time, months, side="right") - 1, 0)
        return self.probability[place], self.standard_error[place]


def state_occupation(
    spells: Spells,
    n_state: int,
    *,
    begin_months: float = 0.0,
    initial: FloatArray | None = None,
    horizon_months: Sequence[float] = (),
) -> StateOccupation:
    """Aalen-Johansen probabilities of states, with ties, delayed entry and states left again.

    Parameters
    ----------
    spells
        Each person's time in each state while under observation.
    n_state
        States are 0 to ``n_state`` - 1.
    begin_months
        Time from which the states are followed.
    initial
        Probability of each state at ``begin_months``, where it is known (everybody is untreated,
        nobody is recovered at onset); None: shares of those under observation just after it.
    horizon_months
        Times up to which months in each state are taken.

    Returns
    -------
    StateOccupation
        Standard errors are 0 at the start where ``initial`` is given.

    Raises
    ------
    InputDataError
        If arrays differ in length, a time is missing or a spell ends no later than it begins, a
        person's spells overlap, a state is none of those, or nobody is there at the start.

    Notes
    -----
    p(t) = p(0) prod over u <= t of (I + dA(u)), dA_jk(u) = dN_jk(u) / Y_j(u): transitions from j
    to k at u over the number in j just before [1]_. The estimate of state occupation needs no
    Markov property when entry and censoring are independent of the states [2]_; under delayed
    entry it does. Variance: the influence of a person's weight on p(t) is carried along,
    U(t) = U(t-) (I + dA) + p(t-) d(dA)/dw, and squared over people [3]_, as R's survfit does; it
    takes a person's spells as one, and is too small where few people moved. A state last seen at
    a visit is taken to hold until the next: moves are seen late, by half a visit interval.

    References
    ----------
    .. [1] Aalen & Johansen (1978), Scand J Stat 5:141-150.
    .. [2] Datta & Satten (2001), Stat Probab Lett 55:403-411.
    .. [3] Therneau, Crowson & Atkinson (2024), Multi-state models and competing risks,
       vignette of R's survival; Aalen, Borgan & Gjessing (2008), section 3.4.

    Examples
    --------
    Of two people one recovers at 1, is as before at 3 and dies at 4; the other stays as he is.

    >>> spells = Spells(
    ...     person=np.array([0, 0, 0, 1]), entry_months=np.array([0.0, 1, 3, 0]),
    ...     until_months=np.array([1.0, 3, 4, 6]), state=np.array([0, 1, 0, 0]),
    ...     next_state=np.array([1, 0, 2, CENSORED]),
    ... )
    >>> found = state_occupation(spells, 3, horizon_months=[6.0])
    >>> found.time.tolist(), found.probability[:, 1].tolist()
    ([0.0, 1.0, 3.0, 4.0], [0.0, 0.5, 0.0, 0.0])
    >>> found.months.tolist()
    [[4.0, 1.0, 1.0]]
    """
    _refuse(spells, n_state)
    chance, influence = _start(spells, n_state, begin_months, initial)
    ends = spells.until_months[
        (spells.next_state != CENSORED) & (spells.until_months > begin_months)
    ]
    time = np.concatenate([[begin_months], np.unique(ends)])
    probability = np.empty((len(time), n_state))
    error = np.empty_like(probability)
    total = _Months(np.array(horizon_months, dtype=np.float64), spells.n_person, n_state)
    probability[0], error[0] = chance, np.sqrt((influence**2).sum(axis=0))
    steps = _steps(spells, n_state, time[1:])
    for k, (moved, n_in, who, mine) in enumerate(steps, start=1):
        total.add(time[k - 1], time[k], chance, influence)
        hazard = moved / np.maximum(n_in, 1)[:, None]
        step = np.diag(1 - hazard.sum(axis=1)) + hazard
        influence = influence @ step
        # of who was in a state that somebody left: his own move less what was expected of him
        own = mine - hazard[who.state]
        own[np.arange(len(own)), who.state] -= own.sum(axis=1)
        weight = chance[who.state] / n_in[who.state]
        np.add.at(influence, who.person, weight[:, None] * own)
        chance = chance @ step
        probability[k], error[k] = chance, np.sqrt((influence**2).sum(axis=0))
    total.add(time[-1], np.inf, chance, influence)
    return StateOccupation(time, probability, error, total.horizon, total.months, total.influence)


@dataclass(frozen=True)
class _AtRisk:
    """People in a state that somebody leaves at a time."""

    person: IntArray
    state: IntArray


def _steps(
    spells: Spells, n_state: int, time: FloatArray
) -> Iterator[tuple[FloatArray, IntArray, _AtRisk, FloatArray]]:
    """Of each time the moves (from, to), how many were in each state, who, and each one's move."""
    for now in time:
        is_there = (spells.entry_months < now) & (spells.until_months >= now)
        n_in = np.bincount(spells.state[is_there], minlength=n_state)
        moves = is_there & (spells.until_months == now) & (spells.next_state != CENSORED)
        moved = np.zeros((n_state, n_state))
        np.add.at(moved, (spells.state[moves], spells.next_state[moves]), 1.0)
        chosen = np.flatnonzero(is_there & np.isin(spells.state, spells.state[moves]))
        who = _AtRisk(spells.person[chosen], spells.state[chosen])
        mine = np.zeros((len(chosen), n_state))
        mover = np.flatnonzero(moves[chosen])
        mine[mover, spells.next_state[chosen][mover]] = 1.0
        yield moved, n_in, who, mine


class _Months:
    """Area under the probabilities, and under what each person's weight does to them."""

    def __init__(self, horizon: FloatArray, n_person: int, n_state: int) -> None:
        self.horizon = horizon
        self.months = np.zeros((len(horizon), n_state))
        self.influence = np.zeros((len(horizon), n_person, n_state))

    def add(self, start: float, end: float, chance: FloatArray, influence: FloatArray) -> None:
        """What stands from ``start`` until ``end``."""
        for k, horizon in enumerate(self.horizon):
            lasted = min(end, horizon) - start
            if lasted > 0:
                self.months[k] += lasted * chance
                self.influence[k] += lasted * influence


def _start(
    spells: Spells, n_state: int, begin: float, initial: FloatArray | None
) -> tuple[FloatArray, FloatArray]:
    """Probabilities at the start, and the influence of each person on them."""
    influence = np.zeros((spells.n_person, n_state))
    if initial is not None:
        if len(initial) != n_state or not np.isclose(np.sum(initial), 1) or np.min(initial) < 0:
            raise InputDataError(
                f"probabilities of states at the start are {list(initial)}: expected {n_state}, "
                "none below 0, with a sum of 1"
            )
        return initial.astype(np.float64), influence
    is_there = (spells.entry_months <= begin) & (spells.until_months > begin)
    if not is_there.any():
        raise InputDataError(
            f"nobody is under observation just after {begin:g} months, from which states are "
            "followed: expected somebody; follow from a later time, or say what the states are then"
        )
    state, n = spells.state[is_there], int(is_there.sum())
    chance = np.bincount(state, minlength=n_state) / n
    own = np.zeros((n, n_state))
    own[np.arange(n), state] = 1.0
    influence[spells.person[is_there]] = (own - chance) / n
    return chance, influence


def _refuse(spells: Spells, n_state: int) -> None:
    entry, until, state, after = (
        spells.entry_months,
        spells.until_months,
        spells.state,
        spells.next_state,
    )
    n = {len(spells.person), len(entry), len(until), len(state), len(after)}
    if len(n) > 1:
        raise InputDataError(
            f"there are {sorted(n)} entries of persons, times and states: expected one of each a "
            "spell"
        )
    n_wrong = int((~(until > entry)).sum())
    if n_wrong:
        raise InputDataError(
            f"{n_wrong} of {len(until)} spells have a time missing, or end no later than they "
            "begin: expected until_months > entry_months; leave them out"
        )
    n_outside = int(
        ((state < 0) | (state >= n_state) | (after < CENSORED) | (after >= n_state)).sum()
    )
    n_outside += int((after == state).sum())
    if n_outside:
        raise InputDataError(
            f"{n_outside} of {len(state)} spells are in, or go to, no state of 0 to {n_state - 1}, "
            "or go to the one they are in: expected spells that end by a move or are censored"
        )
    order = np.lexsort((entry, spells.person))
    person, begun, ended = spells.person[order], entry[order], until[order]
    n_overlap = int(((np.diff(person) == 0) & (begun[1:] < ended[:-1])).sum())
    if n_overlap:
        raise InputDataError(
            f"{n_overlap} of {len(state)} spells begin before the one before ends in the same "
            "person: expected one state at a time"
        )
