"""Rows of one chromosome put in order as records stream by, and duplicates among them."""

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_N_SHOWN = 5


@dataclass(frozen=True, eq=False)
class Row:
    """One biallelic variant, with what its record says of it."""

    pos: int
    ref: str
    alt: str
    rsid: str | None
    filter: str | None
    qual: float
    genotype: NDArray[np.uint8]

    @property
    def key(self) -> tuple[int, str, str]:
        """What rows are sorted by, and what makes two of them the same variant."""
        return self.pos, self.ref, self.alt


class RowOrder:
    """Sorts rows by (pos, ref, alt).

    Trimming can move a row to the right of its record, never to the left: a row is
    final once the record at hand starts beyond it. Until then it waits on a heap.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[tuple[int, str, str], int, Row]] = []
        self._n_row = 0
        self._last: tuple[int, str, str] | None = None
        self._last_duplicate: tuple[int, str, str] | None = None
        self.n_duplicate = 0
        """Variants that stand in the file more than once."""
        self.duplicates: list[str] = []
        """The first of them, as ``pos-ref-alt``."""

    def add(self, row: Row) -> None:
        """Take a row in."""
        self._n_row += 1
        heapq.heappush(self._heap, (row.key, self._n_row, row))

    def settled(self, before: int | None) -> list[Row]:
        """Give out the rows left of a position (None: all), each variant once."""
        rows = []
        while self._heap and (before is None or self._heap[0][0][0] < before):
            key, _, row = heapq.heappop(self._heap)
            if key == self._last:
                self._note_duplicate(key)
            else:
                rows.append(row)
            self._last = key
        return rows

    def _note_duplicate(self, key: tuple[int, str, str]) -> None:
        if key == self._last_duplicate:
            return
        self._last_duplicate = key
        self.n_duplicate += 1
        if self.n_duplicate <= _N_SHOWN:
            self.duplicates.append("-".join(map(str, key)))
