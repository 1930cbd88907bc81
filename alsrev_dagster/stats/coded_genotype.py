"""Genotypes of a scan as coded values, some at a time, over threads."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.packing import n_byte, pack
from alsrev_dagster.stats.genetic_model import SCORE
from alsrev_dagster.stats.kernel.coded import fill_coded

_N_VARIANT_AT_ONCE = 512
"""Variants coded at a time by a thread; bounds the memory, changes no result."""

Floats = NDArray[np.float64]
Genotype = NDArray[np.uint8] | Floats
"""Packed or plain codes 0-3, or dosages with NaN."""


@dataclass(frozen=True)
class CodedGenotype:
    """Genotypes of a block of variants and what each code stands for; made by :meth:`of`."""

    packed: NDArray[np.uint8]
    dosage: Floats | None
    """Instead of packed calls, where there are dosages."""
    of_code: Floats
    n_sample: int
    n_variant: int

    @classmethod
    def of(cls, genotype: Genotype, n_sample: int, genetic_model: str) -> "CodedGenotype":
        """Look that genotypes fit the samples and the genetic model.

        Raises
        ------
        InputDataError
            If the shape or the type is of neither form, a dosage is outside [0, 2] or the genetic
            model is unknown or cannot be had of dosages.
        """
        if genetic_model not in SCORE:
            raise InputDataError(
                f"genetic model {genetic_model!r} is unknown: expected one of "
                f"{', '.join(SCORE)}; see genetic_models in study.yaml"
            )
        of_code = np.array([*SCORE[genetic_model], np.nan], dtype=np.float64)
        width = genotype.shape[1] if genotype.ndim == 2 else -1
        if genotype.dtype == np.uint8 and width == n_byte(n_sample):
            packed = np.ascontiguousarray(genotype, dtype=np.uint8)
            return cls(packed, None, of_code, n_sample, len(packed))
        if width != n_sample:
            raise InputDataError(
                f"genotypes have shape {genotype.shape} and type {genotype.dtype}: expected "
                f"(n_variant, {n_sample}) or, packed, (n_variant, {n_byte(n_sample)}) for the "
                f"{n_sample} samples of the design; take both from the same analysis set"
            )
        if genotype.dtype == np.uint8:
            return cls(pack(genotype.astype(np.uint8)), None, of_code, n_sample, len(genotype))
        dosage, no_call = _dosages(genotype, genetic_model), np.empty((0, 0), dtype=np.uint8)
        return cls(no_call, dosage, of_code, n_sample, len(genotype))

    def values(self, row: NDArray[np.int64]) -> Floats:
        """Coded values of some variants, shape (n_row, n_sample), NaN where missing."""
        if self.dosage is not None:
            return np.ascontiguousarray(self.dosage[row])
        value = np.empty((len(row), self.n_sample))
        fill_coded(self.packed, row, self.of_code, value)
        return value

    def each(
        self, row: NDArray[np.int64], work: Callable[[slice, Floats], None], n_thread: int
    ) -> None:
        """Do some work on the values of variants, a part of them at a time, on some threads.

        The parts are the same whatever the number of threads, and each is on its own.
        """
        starts = range(0, len(row), _N_VARIANT_AT_ONCE)
        parts = [slice(start, min(start + _N_VARIANT_AT_ONCE, len(row))) for start in starts]

        def do(part: slice) -> None:
            work(part, self.values(row[part]))

        if n_thread == 1 or len(parts) < 2:
            for part in parts:
                do(part)
            return
        with ThreadPoolExecutor(n_thread) as pool:
            list(pool.map(do, parts))


def _dosages(genotype: Genotype, genetic_model: str) -> Floats:
    dosage = np.asarray(genotype, dtype=np.float64)
    if genetic_model != "additive":
        raise InputDataError(
            f"dosages are asked for under the {genetic_model} model: expected additive; call "
            "genotypes, or give codes 0 to 3"
        )
    outside = (dosage < 0) | (dosage > 2)
    if outside.any():
        raise InputDataError(
            f"{int(outside.sum())} dosages are outside 0 to 2 (the lowest {np.nanmin(dosage):g}, "
            f"the highest {np.nanmax(dosage):g}): expected copies of ALT, NaN where missing; look "
            "at the field they were read from"
        )
    return dosage
