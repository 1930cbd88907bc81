"""What a Cox model is fitted to: rows of follow-up, each at risk while entry < t <= exit.

A participant has one row, or several that follow each other, whose covariates may differ
(a state that changes). The time axis is the caller's: entry and exit are on the same one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.risk import BoolArray, FloatArray, IntArray, follow_up

Kernel = tuple[FloatArray, FloatArray, FloatArray, FloatArray, IntArray, IntArray, IntArray]
"""Covariate, entry, weight by row; time, first row, number of events and last row by group."""


@dataclass(frozen=True)
class CoxData:
    """Rows sorted by stratum and exit, events before others at equal exit.

    Arrays have shape (n,) and ``covariate`` (n, k), in the units given.
    """

    name: tuple[str, ...]
    covariate: FloatArray
    entry_months: FloatArray
    duration_months: FloatArray
    event: BoolArray
    stratum: IntArray
    weight: FloatArray
    cluster: IntArray
    participant: IntArray
    is_weighted: bool
    is_clustered: bool
    place: IntArray
    """Where each row stood in what was given."""

    @property
    def n(self) -> int:
        """Participants."""
        return len(np.unique(self.participant))

    @property
    def n_event(self) -> int:
        """Events."""
        return int(self.event.sum())

    @property
    def is_robust(self) -> bool:
        """Whether the variance must be the robust one: rows are weighted or clustered."""
        return self.is_weighted or self.is_clustered

    @property
    def is_split(self) -> bool:
        """Whether somebody has more than one row."""
        return self.n < len(self.participant)

    @cached_property
    def group_first(self) -> IntArray:
        """First row of each distinct event time of a stratum: its events stand from there on."""
        key = np.column_stack([self.stratum, self.duration_months])
        is_new = np.ones(len(key), dtype=np.bool_)
        is_new[1:] = (key[1:] != key[:-1]).any(axis=1)
        return np.flatnonzero(is_new & self.event).astype(np.int64)

    @cached_property
    def kernel(self) -> Kernel:
        """Arrays as the compiled likelihood takes them, covariates in the units given."""
        first = self.group_first
        time, stratum = self.duration_months[first], self.stratum[first]
        n_event_before = np.concatenate([[0], np.cumsum(self.event)])
        same_exit = np.append(first[1:], len(self.event)) if len(first) else first
        n_tied = n_event_before[same_exit] - n_event_before[first]
        last = np.searchsorted(self.stratum, stratum, side="right")
        return (
            np.ascontiguousarray(self.covariate),
            self.entry_months,
            self.weight,
            time,
            first,
            n_tied.astype(np.int64),
            last.astype(np.int64),
        )

    def with_covariate(self, covariate: FloatArray) -> "CoxData":
        """Return the same rows with other covariates, in the order of these rows."""
        return replace(self, covariate=covariate)

    def of(self, chosen: BoolArray) -> "CoxData":
        """Return some of the rows."""
        return replace(
            self,
            covariate=self.covariate[chosen],
            entry_months=self.entry_months[chosen],
            duration_months=self.duration_months[chosen],
            event=self.event[chosen],
            stratum=self.stratum[chosen],
            weight=self.weight[chosen],
            cluster=self.cluster[chosen],
            participant=self.participant[chosen],
            place=self.place[chosen],
        )

    def without(self, name: str) -> "CoxData":
        """Return the same rows without one covariate."""
        index = self.index(name)
        kept = tuple(one for one in self.name if one != name)
        return replace(self, name=kept, covariate=np.delete(self.covariate, index, axis=1))

    def index(self, name: str) -> int:
        """Where a covariate stands."""
        if name not in self.name:
            raise InputDataError(
                f"covariate {name!r} is not in the model: expected one of {list(self.name)}"
            )
        return self.name.index(name)


def cox_data(
    frame: pd.DataFrame,
    covariates: Sequence[str],
    *,
    strata: Sequence[str] = (),
    weight: str | None = None,
    cluster: str | None = None,
    participant: str | None = None,
) -> CoxData:
    """Rows of a Cox model, checked and sorted.

    Parameters
    ----------
    frame
        One row per participant and interval: entry_months, duration_months (exit), event
        (bool) and the columns named by the others.
    covariates
        Columns of numbers, or yes or no. Rows with a missing one are refused: choose before.
    strata
        Columns whose every combination has a baseline hazard of its own; a missing value is
        a stratum too.
    weight
        Column of 1 / sampling fraction, above 0. Makes the variance the robust one.
    cluster
        Column of what rows share beyond a participant: family, site.
    participant
        Column that says which rows are one person's; without it each row is a person.

    Raises
    ------
    InputDataError
        If a time, covariate or weight is missing or cannot be, or rows of one participant
        overlap in time.
    """
    covariate = np.array([_numbers(frame, name) for name in covariates], dtype=np.float64)
    covariate = covariate.reshape(len(covariates), len(frame)).T
    entry = frame["entry_months"].to_numpy(dtype=np.float64)
    followed = follow_up(frame["duration_months"].to_numpy(dtype=np.float64), entry)
    person = _codes(frame, [participant] if participant else [])
    person = person if participant else np.arange(len(frame), dtype=np.int64)
    _refuse_overlap(person, followed.entry_months, followed.duration_months)
    event = frame["event"].to_numpy(dtype=np.bool_)
    stratum = _codes(frame, strata)
    order = np.lexsort((person, ~event, followed.duration_months, stratum))
    return CoxData(
        name=tuple(covariates),
        covariate=covariate[order],
        entry_months=followed.entry_months[order],
        duration_months=followed.duration_months[order],
        event=event[order],
        stratum=stratum[order],
        weight=_weights(frame, weight)[order],
        cluster=(_codes(frame, [cluster]) if cluster else person)[order],
        participant=person[order],
        is_weighted=weight is not None,
        is_clustered=cluster is not None,
        place=order.astype(np.int64),
    )


def _codes(frame: pd.DataFrame, columns: Sequence[str]) -> IntArray:
    """One number for each combination of values, a missing one included."""
    if not columns:
        return np.zeros(len(frame), dtype=np.int64)
    number = frame.groupby(list(columns), dropna=False, sort=True).ngroup()
    return np.asarray(number).astype(np.int64)


def _numbers(frame: pd.DataFrame, name: str) -> FloatArray:
    value = frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
    n_bad = int((~np.isfinite(value)).sum())
    if n_bad:
        raise InputDataError(
            f"covariate {name!r} is missing or infinite in {n_bad} of {len(frame)} rows: expected "
            "a number in each; leave out rows that lack one"
        )
    return value


def _weights(frame: pd.DataFrame, name: str | None) -> FloatArray:
    if name is None:
        return np.ones(len(frame))
    value = _numbers(frame, name)
    n_bad = int((value <= 0).sum())
    if n_bad:
        raise InputDataError(
            f"weight {name!r} is not above 0 in {n_bad} of {len(frame)} rows: expected 1 / the "
            "fraction of such people that was sampled; leave out who stands for nobody"
        )
    return value


def _refuse_overlap(person: IntArray, entry: FloatArray, until: FloatArray) -> None:
    order = np.lexsort((entry, person))
    is_same = person[order][1:] == person[order][:-1]
    is_early = entry[order][1:] < until[order][:-1]
    n_overlap = int((is_same & is_early).sum())
    if n_overlap:
        raise InputDataError(
            f"{n_overlap} row(s) start before the same participant's last row ends: expected "
            "intervals that do not overlap, so that nobody is at risk twice at one time"
        )
