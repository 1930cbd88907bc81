"""Packed genotypes on their way into a Cox scan: who stands where, and room to work in."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.cox_null import CoxNull
from alsrev_dagster.survival.risk import FloatArray, IntArray

CODING: dict[str, tuple[float, float]] = {
    "additive": (1.0, 2.0),
    "dominant": (1.0, 1.0),
    "recessive": (0.0, 1.0),
}
"""What heterozygotes and homozygotes of ALT count for, homozygotes of REF counting 0."""

_N_VARIANT_AT_ONCE = 512
"""Variants that a thread takes at a time; changes no result."""


@dataclass(frozen=True)
class Genotypes:
    """Packed genotypes of some variants, and where the participants stand in them."""

    packed: NDArray[np.uint8]
    """Shape (n_variant, n_byte): 2 bits a sample, most significant first."""
    sample: IntArray
    """Place of each participant of the null model among the packed samples."""

    def rows(self, part: slice | IntArray) -> NDArray[np.uint8]:
        """Packed genotypes of some of the variants."""
        return np.ascontiguousarray(self.packed[part])


def coding_of(null: CoxNull, genotype: Genotypes, genetic_models: Sequence[str]) -> FloatArray:
    """Coded values of het and hom-alt under each model, after looking that all fits."""
    unknown = [model for model in genetic_models if model not in CODING]
    if unknown:
        raise InputDataError(
            f"genetic model {unknown[0]!r} is unknown: expected one of {', '.join(CODING)}"
        )
    n_held = 4 * genotype.packed.shape[1] if genotype.packed.ndim == 2 else 0
    if len(genotype.sample) != null.n or (genotype.sample >= n_held).any():
        raise InputDataError(
            f"{len(genotype.sample)} places among {n_held} packed samples: expected one of each "
            f"of the {null.n} participants of the null model; take both from the same people"
        )
    return np.array([CODING[model] for model in genetic_models], dtype=np.float64)


def who_of(null: CoxNull, genotype: Genotypes) -> tuple[Any, ...]:
    """Who is at risk when, as the kernels take it."""
    n_mean = 1 + null.covariate.shape[1]
    sample = np.ascontiguousarray(genotype.sample, dtype=np.int64)
    return sample, null.first, null.last, null.place, null.moment, n_mean


def total_of(null: CoxNull) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
    """Counts and sums over everybody at each event time, as the kernels take them."""
    return null.n_at_risk, null.n_event_at, null.risk_sum, null.event_sum


def room_of(null: CoxNull) -> tuple[tuple[NDArray[Any], ...], FloatArray]:
    """Room that one thread works in: counts and sums by code, and the shares of each step."""
    shape = 3, len(null.n_event_at) + 1
    counts = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    sums = np.zeros((*shape, null.moment.shape[1])), np.zeros((*shape, null.moment.shape[1]))
    return (*counts, *sums), np.zeros((3, max(null.n_event, 1)))


def each_part(
    n: int,
    work: Callable[[slice], None],
    n_thread: int,
    *,
    n_at_once: int = _N_VARIANT_AT_ONCE,
) -> None:
    """Do some work on all of n rows, a part at a time, on some threads."""
    parts = [slice(at, min(at + n_at_once, n)) for at in range(0, n, n_at_once)]
    if n_thread == 1 or len(parts) < 2:
        for part in parts:
            work(part)
        return
    with ThreadPoolExecutor(n_thread) as pool:
        list(pool.map(work, parts))
