"""Where the mass of interval-censored times can lie: Turnbull's innermost intervals.

Ends are ordered as (time, rank): a left end that belongs to the interval, a right end (which always
belongs to it), a left end that does not. An innermost interval is a left end with a right end next.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from alsrev_dagster.survival.intervals import Intervals
from alsrev_dagster.survival.risk import BoolArray, FloatArray, IntArray

Convention = Literal["half_open", "closed"]
"""half_open is (left, right], as in R's icfit; closed is [left, right], as Turnbull and lifelines.

In both, an exact time is that time, and who was last seen without the event at ``left`` had it, if
ever, after ``left``.
"""

_INCLUDED, _RIGHT, _EXCLUDED = 0, 1, 2


@dataclass(frozen=True)
class Support:
    """Innermost intervals, sorted, and which of them each participant's data allow.

    Attributes
    ----------
    left, right
        Ends, shape (m,); the right one belongs to the interval.
    is_left_in
        Whether the left end belongs to it, shape (m,).
    in_interval, after_entry
        Whether interval j lies in the participant's interval, and after entry, shape (n, m).
    """

    left: FloatArray
    right: FloatArray
    is_left_in: BoolArray
    in_interval: BoolArray
    after_entry: BoolArray


def support_of(seen: Intervals, convention: Convention) -> Support:
    """Innermost intervals of the data, entries counted as right ends.

    Notes
    -----
    Under delayed entry the likelihood also rises when mass moves to before someone's entry, so that
    entries end innermost intervals as right ends do [1]_ [2]_.

    References
    ----------
    .. [1] Frydman (1994), JRSS B 56:71-74.
    .. [2] Alioum & Commenges (1996), Biometrics 52:512-524.
    """
    is_in = (seen.left == seen.right) | ((convention == "closed") & seen.has_event)
    lefts = np.column_stack([seen.left, np.where(is_in, _INCLUDED, _EXCLUDED)])
    rights = np.column_stack([seen.right, np.full(len(seen.right), _RIGHT)])
    late = np.isfinite(seen.entry)
    entries = np.column_stack([seen.entry[late], np.full(int(late.sum()), _RIGHT)])
    ends, place = np.unique(
        np.concatenate([lefts, rights, entries]), axis=0, return_inverse=True
    )  # fmt: skip
    n = len(seen.left)
    place = place.reshape(-1)
    from_place, to_place = place[:n], place[n : 2 * n]
    began = np.full(n, -1)
    began[late] = place[2 * n :]
    start = _innermost(from_place, to_place, began[late], len(ends))
    return Support(
        ends[start, 0],
        ends[start + 1, 0],
        ends[start, 1] == _INCLUDED,
        (start >= from_place[:, None]) & (start < to_place[:, None]),
        start > began[:, None],
    )


def _innermost(from_place: IntArray, to_place: IntArray, began: IntArray, n_end: int) -> IntArray:
    """Places of left ends that are followed by a right end, or by an entry."""
    is_left, is_right = np.zeros(n_end, dtype=np.bool_), np.zeros(n_end, dtype=np.bool_)
    is_left[from_place] = True
    is_right[to_place] = True
    is_right[began] = True
    return np.flatnonzero(is_left[:-1] & is_right[1:]).astype(np.int64)
