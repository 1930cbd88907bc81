"""At risk and with an event, by group, at the event times of each stratum.

What the log-rank test and Gray's test need of the data. Who belongs to which group may be
given many times over (relabelled at random): the counts are products of matrices.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.risk import BoolArray, FloatArray, FollowUp, IntArray

_N_CELL_AT_ONCE = 2_000_000
"""Counts (time x relabelling x group) that are held at a time."""


@dataclass(frozen=True)
class Stratum:
    """Participants of one stratum at the m times at which any of them has an event."""

    time_months: FloatArray
    is_at_risk: FloatArray
    """Shape (m, n), 0 or 1."""
    has_event: dict[int, FloatArray]
    """For each code of an event, shape (m, n), 0 or 1."""
    group: IntArray
    """Shape (n,), number of the group of each."""

    def n_at_risk(self, label: FloatArray) -> FloatArray:
        """Shape (m, b, K), of labels (n, b, K) that are 1 for the own group."""
        return _product(self.is_at_risk, label)

    def n_event(self, label: FloatArray, code: int) -> FloatArray:
        """Shape (m, b, K)."""
        nothing = np.zeros_like(self.is_at_risk)
        return _product(self.has_event.get(code, nothing), label)


def _product(of: FloatArray, label: FloatArray) -> FloatArray:
    n, n_label, n_group = label.shape
    counted: FloatArray = (of @ label.reshape(n, n_label * n_group)).reshape(-1, n_label, n_group)
    return counted


def strata_of(
    followed: FollowUp, event_code: IntArray, group: IntArray, stratum: IntArray | None
) -> list[Stratum]:
    """Each stratum that has an event, with what happens in it."""
    refuse_unequal(len(followed.duration_months), event_code=event_code, group=group)
    if stratum is None:
        stratum = np.zeros(len(group), dtype=np.int64)
    refuse_unequal(len(group), stratum=stratum)
    found = []
    for one in np.unique(stratum):
        inside = stratum == one
        if (event_code[inside] > 0).any():
            found.append(_stratum(followed.of(inside), event_code[inside], group[inside]))
    return found


def _stratum(followed: FollowUp, event_code: IntArray, group: IntArray) -> Stratum:
    months = followed.duration_months
    time = np.unique(months[event_code > 0])[:, None]
    is_at_risk = (followed.entry_months < time) & (time <= months)
    codes = np.unique(event_code[event_code > 0]).tolist()
    has_event = {
        code: ((months == time) & (event_code == code)).astype(np.float64) for code in codes
    }
    return Stratum(time[:, 0], is_at_risk.astype(np.float64), has_event, group)


def refuse_unequal(n: int, **array: NDArray[np.generic]) -> None:
    """Refuse an array of another length than the participants."""
    for name, values in array.items():
        if len(values) != n:
            raise InputDataError(
                f"{name} has {len(values)} values for {n} participants: expected one for each; "
                "give arrays of the same participants in the same order"
            )


def numbered(group: NDArray[np.generic]) -> tuple[NDArray[np.generic], IntArray]:
    """Distinct labels in order, and the number of each participant's; two are needed."""
    label, number = np.unique(group, return_inverse=True)
    if len(label) < 2:
        raise InputDataError(
            f"there is 1 group ({len(group)} participants) to compare: expected at least 2; "
            "leave out a variant that nobody, or everybody, carries"
        )
    return label, number.astype(np.int64)


def indicator(group: IntArray, n_group: int) -> FloatArray:
    """Shape (n, 1, K): 1 for the own group."""
    own: BoolArray = group[:, None] == np.arange(n_group)
    return own[:, None].astype(np.float64)


def relabelled(
    strata: list[Stratum], n_group: int, *, n_permutation: int, generator: np.random.Generator
) -> Iterator[list[FloatArray]]:
    """Batches of random labels of each stratum: groups shuffled within it."""
    if n_permutation < 1:
        raise InputDataError(
            f"n_permutation is {n_permutation}: expected at least 1; 9,999 gives P values to 0.0001"
        )
    n_time = max((len(one.time_months) for one in strata), default=1)
    n_left, at_once = n_permutation, max(1, _N_CELL_AT_ONCE // (n_time * n_group**2))
    while n_left:
        n_now = min(n_left, at_once)
        yield [_shuffled(one.group, n_group, n_times=n_now, generator=generator) for one in strata]
        n_left -= n_now


def _shuffled(
    group: IntArray, n_group: int, *, n_times: int, generator: np.random.Generator
) -> FloatArray:
    order = generator.permuted(np.tile(group, (n_times, 1)), axis=1).T
    own: BoolArray = order[:, :, None] == np.arange(n_group)
    return own.astype(np.float64)
