"""The scan of time to recovery and survival: time, memory, and a lifelines loop in the same run.

    python -m benchmarks.survival_scan [--variants 1000000] [--share 0.1] [--loop 20]
    python -m benchmarks.survival_scan --calibration [--cohorts 30]

Packed genotypes of 265 people are made in memory, block by block, outside the clock: frequencies as
in a sequenced genome (most are rare), 0.2% of calls missing. 45 recoveries, visits every three
months, delayed entry, three cohorts as strata. The time is that of three genetic models: score test
and saddlepoint of every variant, Firth's fit with interval of those below 0.05, and the columns of
the table. lifelines' CoxPHFitter (strata, entry) is timed on the first common variants, one model
each. With ``--share`` below 1 that share is measured and the rest extrapolated; it is printed.

``--calibration`` prints how often P values are at most a threshold, over the threshold, under
shuffled genotypes: the normal tail, the saddlepoint of risk sets (ours), that of residuals within
strata (SPACox), Firth's likelihood ratio, the exact permutation (none from five carriers on), and
the P of record.
"""

import argparse
import os
import platform
import resource
import time
import warnings
from collections.abc import Iterator

import numba
import numpy as np
import pandas as pd
from lifelines import CoxPHFitter
from numpy.typing import NDArray

from alsrev_dagster.packing import pack
from alsrev_dagster.survival.cox_null import CoxNull, cox_null
from alsrev_dagster.survival.cox_scan import cox_scan
from alsrev_dagster.survival.scan_genotypes import CODING, Genotypes
from alsrev_dagster.survival.scan_rows import scan_columns
from alsrev_dagster.versions import package_versions
from benchmarks.survival_calibration import calibrate

_N = 265
_N_BLOCK = 4096
_SEED = 20240723
_MISSING = 0.002
_ASKED_RATIO, _ASKED_GB = 1_000, 1.0
_MODELS = tuple(CODING)


def people(rng: np.random.Generator) -> pd.DataFrame:
    """265 people in three cohorts, of whom 45 recover: 22 of 22 in the first."""
    entry = np.floor(rng.gamma(2, 8, _N))
    event = np.zeros(_N, dtype=np.bool_)
    event[:22], event[22 + rng.choice(_N - 22, 23, replace=False)] = True, True
    return pd.DataFrame(
        {
            "entry": entry,
            "exit": entry + 3 * np.ceil(rng.gamma(2, 6, _N)),
            "event": event,
            "cohort": np.repeat([0, 1, 2], [22, 103, 140]),
        }
    )


def main() -> None:
    """Measure and print."""
    asked = _asked()
    rng = np.random.default_rng(_SEED)
    if asked.calibration:
        calibrate(asked.cohorts, rng)
        return
    frame = people(rng)
    null = cox_null(
        frame["exit"].to_numpy(),
        frame["event"].to_numpy(),
        entry_months=frame["entry"].to_numpy(),
        stratum=frame["cohort"].to_numpy(),
    )
    n = int(asked.variants * asked.share)
    _scan(null, [_block(rng, _N_BLOCK)])  # compiled, what few carry too
    wall, cpu = _scan(null, (_block(rng, min(_N_BLOCK, n - at)) for at in range(0, n, _N_BLOCK)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    _tell(asked, n, (wall, cpu), peak, _loop(frame, rng, asked.loop))


def _scan(
    null: CoxNull, blocks: "Iterator[NDArray[np.uint8]] | list[NDArray[np.uint8]]"
) -> tuple[float, float]:
    """Seconds of wall and of CPU that the scan of some blocks takes."""
    wall = cpu = 0.0
    for packed in blocks:
        before = time.perf_counter(), time.process_time()
        found = cox_scan(null, Genotypes(packed, np.arange(_N)), _MODELS)
        scan_columns(found, _MODELS)
        wall += time.perf_counter() - before[0]
        cpu += time.process_time() - before[1]
    return wall, cpu


def _block(rng: np.random.Generator, n: int) -> NDArray[np.uint8]:
    """Packed genotypes of some variants; frequencies by Beta(0.3, 3)."""
    freq = rng.beta(0.3, 3.0, size=(n, 1)).astype(np.float32)
    code = (rng.random((n, _N), dtype=np.float32) < freq).astype(np.uint8)
    code += rng.random((n, _N), dtype=np.float32) < freq
    code[rng.random((n, _N), dtype=np.float32) < _MISSING] = 3
    return pack(code)


def _loop(frame: pd.DataFrame, rng: np.random.Generator, n: int) -> tuple[float, float]:
    """Seconds of wall and CPU that lifelines takes for one common variant and model."""
    fits = [frame.assign(g=rng.binomial(2, 0.3, _N).astype(float)) for _ in range(n + 1)]
    start, used = 0.0, 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for place, data in enumerate(fits):
            if place == 1:  # the first brings what it needs
                start, used = time.perf_counter(), time.process_time()
            CoxPHFitter().fit(data, "exit", "event", entry_col="entry", strata=["cohort"])
    return (time.perf_counter() - start) / n, (time.process_time() - used) / n


def _tell(
    asked: argparse.Namespace,
    n: int,
    seconds: tuple[float, float],
    peak: float,
    loop: tuple[float, float],
) -> None:
    scale, versions = asked.variants / n, package_versions()
    measured = "measured" if scale == 1 else f"extrapolated from {n:,} variants"
    wall, cpu = (1e6 * one / n / len(_MODELS) for one in seconds)
    print(
        f"{platform.machine()}, {os.cpu_count()} cores (load {os.getloadavg()[0]:.1f}), Python "
        f"{platform.python_version()}, numpy {versions['numpy']}, numba {numba.__version__}, "
        f"lifelines {versions.get('lifelines')}\n"
        f"{asked.variants:,} variants x {_N} people x {len(_MODELS)} genetic models: "
        f"{seconds[0] * scale:.0f} s wall, {seconds[1] * scale:.0f} s CPU ({measured})\n"
        f"a variant and model: {wall:.2f} us wall, {cpu:.2f} us CPU; lifelines {loop[0] * 1e3:.1f} "
        f"ms wall, {loop[1] * 1e3:.1f} ms CPU: {loop[0] * 1e6 / wall:,.0f} times as long by wall, "
        f"{loop[1] * 1e6 / cpu:,.0f} by CPU (asked for: {_ASKED_RATIO:,})\n"
        f"peak memory of the process {peak:.2f} GB (asked for: {_ASKED_GB:g} GB)"
    )


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--variants", type=int, default=1_000_000)
    parser.add_argument("--share", type=float, default=0.1, help="of the variants, measured")
    parser.add_argument("--loop", type=int, default=20, help="fits by lifelines")
    parser.add_argument("--calibration", action="store_true", help="print rates instead")
    parser.add_argument("--cohorts", type=int, default=30, help="cohorts drawn for them")
    return parser.parse_args()


if __name__ == "__main__":
    main()
