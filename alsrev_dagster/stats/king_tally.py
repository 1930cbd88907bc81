"""Counts that kinship is computed from, over blocks of packed genotypes and many threads."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.packing import n_byte
from alsrev_dagster.stats.kernel.king import (
    N_VARIANT_A_WORD,
    add_pairs,
    fill_sample_planes,
    n_het_of,
)

N_VARIANT_A_BLOCK = 16_384
"""Variants whose planes are held at a time: 6 KB a sample."""

_N_ROW_A_TASK = 64
_N_THREAD = os.cpu_count() or 1


@dataclass(frozen=True)
class SamplePlanes:
    """A block of variants as bits, a row a sample, 64 variants a word."""

    het: NDArray[np.uint64]
    hom: NDArray[np.uint64]
    alt: NDArray[np.uint64]
    n_het: NDArray[np.int64]
    has_missing: NDArray[np.bool_]
    n_variant: int

    @classmethod
    def of(cls, packed: NDArray[np.uint8], n_sample: int) -> "SamplePlanes":
        """Turn packed genotypes, shape (n_variant, n_byte), so that a sample is a row."""
        n_word = -(-len(packed) // N_VARIANT_A_WORD)
        het, hom, alt = np.empty((3, n_sample, n_word), dtype=np.uint64)
        has_missing = np.zeros(n_sample, dtype=np.bool_)
        n_column = -(-packed.shape[1] // 8)
        bounds = [n_column * i // _N_THREAD for i in range(_N_THREAD + 1)]

        def fill(thread: int) -> None:
            edges = bounds[thread], bounds[thread + 1]
            fill_sample_planes(packed, *edges, het, hom, alt, has_missing)

        in_threads(fill, range(_N_THREAD))
        return cls(het, hom, alt, n_het_of(het), has_missing, len(packed))


class PairTally:
    """Counts of the pairs of some samples with each sample from the first of them on.

    Parameters
    ----------
    n_sample
        Samples of every block, in the same order.
    first, stop
        Samples whose pairs are counted: 16 bytes for each of
        (stop - first) x (n_sample - first).
    """

    def __init__(self, n_sample: int, first: int = 0, stop: int | None = None) -> None:
        self._n_sample, self._first = n_sample, first
        self._stop = n_sample if stop is None else stop
        shape = (self._stop - first, n_sample - first, 4)
        self._count = np.zeros(shape, dtype=np.int32)

    def add(self, packed: NDArray[np.uint8]) -> None:
        """Count a block of packed genotypes, shape (n_variant, n_byte)."""
        for block in self._checked(packed):
            planes = SamplePlanes.of(block, self._n_sample)

            def count(row: int, planes: SamplePlanes = planes) -> None:
                self._add_rows(planes, row, min(row + _N_ROW_A_TASK, self._stop))

            in_threads(count, range(self._first, self._stop, _N_ROW_A_TASK))

    def _checked(self, packed: NDArray[np.uint8]) -> Iterable[NDArray[np.uint8]]:
        if packed.ndim != 2 or packed.shape[1] != n_byte(self._n_sample):
            raise InputDataError(
                f"a block of packed genotypes has shape {packed.shape}: expected (n_variant, "
                f"{n_byte(self._n_sample)}) for {self._n_sample} samples; give every block the "
                "same samples in the same order"
            )
        for start in range(0, len(packed), N_VARIANT_A_BLOCK):
            yield np.ascontiguousarray(packed[start : start + N_VARIANT_A_BLOCK])

    def _add_rows(self, planes: SamplePlanes, first: int, stop: int) -> None:
        add_pairs(
            *(planes.het, planes.hom, planes.alt, planes.n_het, planes.has_missing),
            *(planes.n_variant, first, stop, self._first, self._count),
        )

    def kinship(self, rows: slice = slice(None)) -> NDArray[np.float64]:
        """Kinship of the pairs of some rows, shape (n_row, n_sample - first).

        NaN where one of a pair has no heterozygous call among the variants called in both, and
        below the diagonal.
        """
        count = self._count[rows, :, :3].astype(np.float64)
        shared, n_het_i, n_het_j = (count[:, :, place] for place in range(3))
        smaller = np.minimum(n_het_i, n_het_j)
        smaller[smaller == 0] = np.nan
        kinship: NDArray[np.float64] = (
            shared / (2 * smaller) + 0.5 - (n_het_i + n_het_j) / (4 * smaller)
        )
        return kinship

    def n_variant(self, rows: slice = slice(None)) -> NDArray[np.int64]:
        """Variants called in both of each pair, shaped as the kinship; 0 below the diagonal."""
        return self._count[rows, :, 3].astype(np.int64)

    def row_groups(self) -> Iterator[slice]:
        """All rows, some at a time: what is computed of them takes little memory."""
        n_row = self._stop - self._first
        yield from (slice(i, i + _N_ROW_A_TASK) for i in range(0, n_row, _N_ROW_A_TASK))


def in_threads(do: Callable[[int], None], places: Iterable[int]) -> None:
    """Do something at each place, on every processor; the first error is raised."""
    with ThreadPoolExecutor(_N_THREAD) as pool:
        for _ in pool.map(do, places):
            pass
