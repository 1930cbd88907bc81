"""Rows of one chromosome put in order as segments stream by, and duplicates among them."""

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.ingest.genotype_rows import Rows, join

_N_SHOWN = 5


class RowOrder:
    """Sorts rows by (pos, ref, alt), in memory bounded by what may still move.

    Trimming moves a row to the right of its record, left-aligning to the left, by a known
    most. A row is final once the records at hand start beyond it by that much; until then it
    waits.
    """

    def __init__(self) -> None:
        self._waiting: list[Rows] = []
        self.n_duplicate = 0
        """Variants that stand in the file more than once."""
        self.duplicates: list[str] = []
        """The first of them, as ``pos-ref-alt``."""

    def add(self, rows: Rows) -> None:
        """Take rows in."""
        if len(rows):
            self._waiting.append(rows)

    def settled(self, before: int | None) -> list[Rows]:
        """Give out the rows left of a position (None: all), sorted, each variant once, in parts."""
        parts, self._waiting = self._waiting, []
        if not _rise(parts):
            parts = [self._sorted(join(parts))]
        final: list[Rows] = []
        for rows in parts:
            n = len(rows) if before is None else int(np.searchsorted(rows.pos, before))
            if n:
                final.append(self._each_once(rows.slice(0, n)))
            if n < len(rows):
                self._waiting.append(rows.slice(n, len(rows)))
        return final

    @staticmethod
    def _sorted(rows: Rows) -> Rows:
        order = np.argsort(rows.pos, kind="stable")
        tied = _tied(rows.pos[order])
        if tied.size:
            order[tied] = order[tied][_by_allele(rows, order[tied])]
        is_sorted = bool((order == np.arange(len(order))).all())
        return rows if is_sorted else rows.take(order)

    def _each_once(self, rows: Rows) -> Rows:
        """Drop what is the variant before it, and note it."""
        tied = _tied(rows.pos)
        if not tied.size:
            return rows
        keys = _keys(rows, tied)
        again = [index for index in range(1, len(keys)) if keys[index] == keys[index - 1]]
        if not again:
            return rows
        named = list(dict.fromkeys(keys[index] for index in again))
        self.n_duplicate += len(named)
        room = _N_SHOWN - len(self.duplicates)
        self.duplicates += ["-".join(map(str, key)) for key in named[: max(room, 0)]]
        kept = np.delete(np.arange(len(rows)), tied[again])
        return rows.take(kept)


def _rise(parts: list[Rows]) -> bool:
    """Whether each row stands to the right of the one before it."""
    ends = [end for rows in parts for end in (rows.pos[0], rows.pos[-1])]
    apart = all(end < start for end, start in zip(ends[1::2], ends[2::2], strict=False))
    return apart and all(bool((rows.pos[1:] > rows.pos[:-1]).all()) for rows in parts)


def _tied(pos: NDArray[np.int64]) -> NDArray[np.intp]:
    """Places that share their position with a neighbour."""
    same = pos[1:] == pos[:-1]
    return np.flatnonzero(np.append(same, False) | np.append(False, same))


def _keys(rows: Rows, index: NDArray[np.intp]) -> list[tuple[int, str, str]]:
    at = rows.take(index)
    return list(zip(at.pos.tolist(), at.ref.to_pylist(), at.alt.to_pylist(), strict=True))


def _by_allele(rows: Rows, index: NDArray[np.intp]) -> list[int]:
    """Order of these places by (pos, ref, alt); equal ones stay as they are."""
    keys = _keys(rows, index)
    return sorted(range(len(keys)), key=keys.__getitem__)
