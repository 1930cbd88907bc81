"""Smallest exact P values of a whole genome under shuffled labels: time and peak memory.

    python -m benchmarks.permutation [--variants 1000000] [--permutations 1000] [--share 1.0]

Packed genotypes of 265 samples are made in memory, block by block, outside the clock: allele
frequencies as in a sequenced genome (most are rare), 0.2% of calls missing; 22 samples are cases.
The time is that of the labellings' own scan (additive), the inflation factor of 100 of them
included. With ``--share`` below 1 that share is measured and the rest extrapolated; it is printed.
"""

import argparse
import os
import platform
import resource
import time

import numba
import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.packing import pack
from alsrev_dagster.stats.permutation import SmallestP, permuted_labels
from alsrev_dagster.versions import package_versions

_N_SAMPLE, _N_CASE, _N_INFLATION = 265, 22, 100
_N_BLOCK = 4096
_SEED = 20240723
_MISSING = 0.002
_ASKED_SECONDS, _ASKED_GB = 300, 1.0


def main() -> None:
    """Measure and print."""
    asked = _asked()
    rng = np.random.default_rng(_SEED)
    is_case, one = np.arange(_N_SAMPLE) < _N_CASE, np.zeros(_N_SAMPLE)
    labels = permuted_labels(is_case, one, n_permutation=asked.permutations, generator=rng)
    n_measured = int(asked.variants * asked.share)
    scan = SmallestP(is_case, one, labels=labels, score=(0, 1, 2), n_inflation=_N_INFLATION)
    SmallestP(is_case, one, labels=labels[:1], score=(0, 1, 2)).add(_block(rng, 8))  # compiled
    wall = cpu = 0.0
    for start in range(0, n_measured, _N_BLOCK):
        packed = _block(rng, min(_N_BLOCK, n_measured - start))
        before = time.perf_counter(), time.process_time()
        scan.add(packed)
        wall += time.perf_counter() - before[0]
        cpu += time.process_time() - before[1]
    _tell(asked, n_measured, (wall, cpu), scan)


def _block(rng: np.random.Generator, n: int) -> NDArray[np.uint8]:
    """Packed genotypes of some variants; frequencies by Beta(0.3, 3)."""
    freq = rng.beta(0.3, 3.0, size=(n, 1)).astype(np.float32)
    shape = (n, _N_SAMPLE)
    code = (rng.random(shape, dtype=np.float32) < freq).astype(np.uint8)
    code += rng.random(shape, dtype=np.float32) < freq
    code[rng.random(shape, dtype=np.float32) < _MISSING] = 3
    return pack(code)


def _tell(
    asked: argparse.Namespace, n_measured: int, seconds: tuple[float, float], scan: SmallestP
) -> None:
    scale = asked.variants / n_measured
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    found, versions = scan.threshold(0.05), package_versions()
    measured = "measured" if scale == 1 else f"extrapolated from {n_measured:,} variants"
    load = os.getloadavg()[0]
    print(
        f"{platform.machine()}, {os.cpu_count()} cores (load {load:.1f}), Python "
        f"{platform.python_version()}, numpy {versions['numpy']}, numba {numba.__version__}\n"
        f"{asked.permutations:,} labellings of {asked.variants:,} variants x {_N_SAMPLE} samples: "
        f"{seconds[0] * scale:.0f} s wall, {seconds[1] * scale:.0f} s CPU ({measured}; asked for: "
        f"{_ASKED_SECONDS} s)\n"
        f"peak memory of the process {peak:.2f} GB (asked for: {_ASKED_GB:g} GB)\n"
        f"threshold at 0.05 over these {n_measured:,} variants: {found.p_value:.2e} "
        f"({found.ci_lower:.2e} to {found.ci_upper:.2e}); inflation of exact P "
        f"{scan.inflation.lambda_gc()[0]:.3f}"
    )


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--variants", type=int, default=1_000_000)
    parser.add_argument("--permutations", type=int, default=1_000)
    parser.add_argument("--share", type=float, default=1.0, help="of the variants, measured")
    return parser.parse_args()


if __name__ == "__main__":
    main()
