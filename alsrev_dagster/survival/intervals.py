"""Times known to lie in an interval, with delayed entry: what is accepted, and what it means."""

from dataclasses import dataclass

import numpy as np

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.risk import BoolArray, FloatArray


@dataclass(frozen=True)
class Intervals:
    """When each participant had the event; every array has shape (n,).

    The event came after ``left`` and at the latest at ``right``: (left, right]. Where they are
    equal it came at that time; where ``right`` is infinite it was not seen. ``entry`` is when
    observation began, free of the event; -inf where from the origin on.
    """

    left: FloatArray
    right: FloatArray
    entry: FloatArray
    weight: FloatArray

    @property
    def has_event(self) -> BoolArray:
        """Whether an event was seen."""
        return np.isfinite(self.right)

    def of(self, is_chosen: BoolArray) -> "Intervals":
        """Intervals of some of the participants."""
        parts = (self.left, self.right, self.entry, self.weight)
        return Intervals(*(part[is_chosen] for part in parts))

    @property
    def is_seen_free(self) -> BoolArray:
        """Whether the participant was seen without the event after entry, for however short."""
        return self.left > np.maximum(self.entry, 0.0)


def intervals(
    left_months: FloatArray,
    right_months: FloatArray,
    entry_months: FloatArray | None = None,
    weight: FloatArray | None = None,
) -> Intervals:
    """Intervals from arrays, refused when they contradict each other.

    Parameters
    ----------
    left_months
        Last time known to be without the event, months from the origin; 0 where never seen so.
    right_months
        First time known to be with it; the same as left where exact, inf where never seen.
    entry_months
        Time at which observation began without the event; None where from the origin on.
    weight
        How many participants each stands for, above 0; None for 1.

    Returns
    -------
    Intervals
        Entries at or before the origin are -inf.

    Raises
    ------
    InputDataError
        If a time is missing or negative, an interval ends before it begins, begins before entry,
        holds nothing (left at the origin or entry without an event), or a weight is not above 0.

    Notes
    -----
    (left, right] agrees with :mod:`alsrev_dagster.survival.risk`: at risk at t is who has
    entry < t <= exit. Entry and the days of visits must be independent of the event given what is
    in the model; a visit made because the participant felt better breaks that.

    Examples
    --------
    >>> intervals(np.array([0.0, 3]), np.array([2.0, np.inf])).has_event.tolist()
    [True, False]
    """
    left, right = (np.asarray(part, dtype=np.float64) for part in (left_months, right_months))
    began = np.full(len(left), -np.inf) if entry_months is None else np.asarray(entry_months)
    entry = np.where(began > 0, began, np.where(np.isnan(began), np.nan, -np.inf))
    count = np.ones(len(left)) if weight is None else np.asarray(weight, dtype=np.float64)
    n_missing = int((np.isnan(left) | np.isnan(right) | np.isnan(entry)).sum())
    _refuse(n_missing, left, "have no left, right or entry: expected all three; leave them out")
    wrong = (left < 0) | (right <= 0) | np.isinf(left)
    _refuse(int(wrong.sum()), left, "have left < 0 or infinite, or right <= 0: expected times from "
            "the origin on; check the time origin")  # fmt: skip
    _refuse(int((right < left).sum()), left, "have right before left: expected left <= right; "
            "check the order of their visits")  # fmt: skip
    started = np.maximum(entry, 0.0)
    early = (left < started) | ((left == right) & (left <= started))
    _refuse(int(early.sum()), left, "have an interval that begins before entry: expected the event "
            "after entry; those who had it before are not at risk, leave them out")  # fmt: skip
    empty = np.isinf(right) & (left <= started)
    _refuse(int(empty.sum()), left, "leave no later than they enter and without an event: expected "
            "left > entry; leave them out")  # fmt: skip
    _refuse(int((~(count > 0)).sum()), left, "have a weight that is not above 0: expected sampling "
            "weights; leave out who has none")  # fmt: skip
    return Intervals(left, right, entry, count)


def _refuse(n_wrong: int, left: FloatArray, message: str) -> None:
    if n_wrong:
        raise InputDataError(f"{n_wrong} of {len(left)} participants {message}")
