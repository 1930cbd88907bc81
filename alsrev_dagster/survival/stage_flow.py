"""How many people of each group went from which stage to which; stages go back, too."""

from dataclasses import dataclass

import numpy as np

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.risk import BoolArray, FloatArray, IntArray

DEAD, UNSEEN = 5, 6
"""Stages beside 0-4: died by then; alive or unknown, and without a visit near that time."""


@dataclass(frozen=True)
class StageFlow:
    """Counts of people; one row a group, time and pair of stages that somebody has."""

    carrier: BoolArray
    month: FloatArray
    next_month: FloatArray
    stage: IntArray
    """At ``month``: 0-4, DEAD or UNSEEN."""
    next_stage: IntArray
    n: IntArray


@dataclass(frozen=True)
class StagedVisits:
    """Visits with a stage of 0-4; one entry a visit."""

    stage: IntArray
    months: FloatArray
    person: IntArray


def stage_flow(
    visits: StagedVisits,
    carrier: BoolArray,
    death_months: FloatArray,
    *,
    every_months: float,
    last_months: float,
) -> StageFlow:
    """Count who is in which stage at regular times, and where from there.

    Parameters
    ----------
    visits
        With a known stage, in months since the origin.
    carrier
        Of each person, shape (n_person,).
    death_months
        Time of death of each person; infinite for those who did not die, shape (n_person,).
    every_months, last_months
        Times are 0, every_months, ... up to last_months; a person's stage at a time is that of
        the nearest visit at most half an interval away, the earlier of two as near.

    Returns
    -------
    StageFlow
        Of a group and an interval the counts sum to the people of the group.

    Raises
    ------
    InputDataError
        If shapes disagree or a stage is outside 0-4.

    Notes
    -----
    A description: who is unseen is not at random, and shares of those seen are no estimates of
    anyone's chances.

    Examples
    --------
    >>> stage, months, person = np.array([1, 2, 2, 1]), np.array([0.0, 6, 0, 6]), np.arange(4) // 2
    >>> visits = StagedVisits(stage, months, person)
    >>> flow = stage_flow(
    ...     visits, np.array([True, True]), np.full(2, np.inf), every_months=6.0, last_months=6.0
    ... )
    >>> list(zip(flow.stage.tolist(), flow.next_stage.tolist(), flow.n.tolist()))
    [(1, 2, 1), (2, 1, 1)]
    """
    _refuse(visits, carrier, death_months)
    grid = np.arange(0.0, last_months + 1e-9, every_months)
    held = np.full((len(carrier), len(grid)), UNSEEN, dtype=np.int64)
    apart = np.abs(visits.months[:, None] - grid)
    for k in range(len(grid)):
        # farthest first and later before earlier: what is assigned last stays
        order = np.lexsort((-visits.months, -apart[:, k]))
        chosen = order[apart[order, k] <= every_months / 2]
        held[visits.person[chosen], k] = visits.stage[chosen]
    held[death_months[:, None] <= grid] = DEAD
    rows = []
    for k in range(len(grid) - 1):
        triples = np.column_stack([carrier.astype(np.int64), held[:, k], held[:, k + 1]])
        found, n = np.unique(triples, axis=0, return_counts=True)
        rows.append(np.column_stack([found, n, np.full(len(n), k)]))
    table = np.vstack(rows) if rows else np.empty((0, 5), dtype=np.int64)
    place = table[:, 4]
    return StageFlow(
        table[:, 0] > 0,
        grid[place],
        grid[place] + every_months,
        table[:, 1].astype(np.int64),
        table[:, 2].astype(np.int64),
        table[:, 3].astype(np.int64),
    )


def _refuse(visits: StagedVisits, carrier: BoolArray, death_months: FloatArray) -> None:
    n_visit = {len(visits.stage), len(visits.months), len(visits.person)}
    n_person = int(visits.person.max(initial=-1)) + 1
    if len(n_visit) > 1 or len(carrier) != len(death_months) or n_person > len(carrier):
        raise InputDataError(
            f"there are {sorted(n_visit)} entries of visits, of people numbered to {n_person}, "
            f"{len(carrier)} carrier labels and {len(death_months)} times of death: expected one "
            "of each a visit, and a person"
        )
    n_outside = int(((visits.stage < 0) | (visits.stage > 4)).sum())
    if n_outside:
        raise InputDataError(
            f"{n_outside} of {len(visits.stage)} visits have a stage outside 0-4: expected King's "
            "or MiToS stages; leave out visits whose stage is NULL"
        )
