"""Kinship and principal components beside PLINK 2, in one run, with two threads each.

    python -m benchmarks.relatedness [--small] [--data FOLDER] [--real FILE.vcf.gz]

PLINK 2 runs ``--make-king`` and ``--pca``, each a process from its own .pgen. Ours are processes
too: from the lake's Parquet to the pairs of the third degree and to ten components; imports are
not timed. Times are the least of three (of one for components); CPU is of all threads. The last
rows are of genotypes drawn as they are needed, 10,000 samples: what memory holds then.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.packing import pack
from alsrev_dagster.stats.king_tally import N_VARIANT_A_BLOCK
from alsrev_dagster.stats.kinship import Blocks, king_pairs
from alsrev_dagster.stats.pca import principal_components
from alsrev_dagster.storage.genotypes import SampleAxis, genotype_blocks
from alsrev_dagster.storage.lake import Lake
from benchmarks.beside_plink import compare_files, parser, quiet, write_once

_N_PC, _KINSHIP_MIN, _ASKED = 10, 0.0442, 2.0
_STREAMED = (10_000, 20_000)
"""Samples and variants of the genotypes that are drawn."""
_WORK = {
    "kinship": (("--make-king", "triangle", "bin4"), 3),
    "components": (("--pca", str(_N_PC)), 1),
}
"""What PLINK is told, and how often each is timed."""


@dataclass(frozen=True)
class Found:
    """Seconds and the peak of memory of a process."""

    wall: float
    cpu: float
    peak_mb: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = parser(__doc__)
    options.add_argument("--ours", nargs=2, help=argparse.SUPPRESS)
    given = options.parse_args(arguments)
    if given.ours:
        print(json.dumps(_ours(*given.ours)))
        return
    compare_files(given, "wall (s) | CPU (s) | wall of PLINK's | peak MB", _compare)
    drawn = f"drawn {_STREAMED[0]:,} x {_STREAMED[1]:,}"
    for work in _WORK:
        _row(drawn, f"alsrev {work}", _run_ours(work, ""))


def _compare(label: str, path: Path, folder: Path) -> None:
    """Print the rows of one file."""
    lake, pgen = folder / "lake", folder / "whole"
    once = folder / "once.vcf.gz"
    write_once(path, once)
    quiet(sys.executable, "-m", "alsrev_dagster", "ingest", str(once), "--out", str(lake))
    quiet("plink2", "--vcf", str(once), "--make-pgen", "--out", str(pgen))
    for work, (words, n_repeat) in _WORK.items():
        command = ["plink2", "--pfile", str(pgen), *words, "--threads", "2"]
        plink = _best(lambda c=command: _timed([*c, "--out", str(folder / "out")]), n_repeat)
        _row(label, f"plink2 {' '.join(words)}", plink)
        _row(
            label, f"alsrev {work}", _best(lambda w=work: _run_ours(w, str(lake)), n_repeat), plink
        )


def _best(measure: Callable[[], Found], n_repeat: int) -> Found:
    every = [measure() for _ in range(n_repeat)]
    return min(every, key=lambda found: found.wall)


def _timed(command: list[str]) -> Found:
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"found exit code {process.returncode} of {command[:4]}; expected 0")
    return Found(time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def _run_ours(work: str, lake: str) -> Found:
    command = [sys.executable, "-m", "benchmarks.relatedness", "--ours", work, lake]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return Found(**json.loads(told))


def _ours(work: str, lake: str) -> dict[str, float]:
    """Do the work in this process, whose kernels have run once."""
    few = pack(np.random.default_rng(1).integers(0, 3, (50, 9), dtype=np.uint8))
    _do(work, lambda: [few], 9, 1)
    blocks, n_sample = _of_lake(Lake(Path(lake))) if lake else _drawn(*_STREAMED)
    start, used = time.perf_counter(), time.process_time()
    _do(work, blocks, n_sample, _N_PC)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    cpu = time.process_time() - used
    return {"wall": time.perf_counter() - start, "cpu": cpu, "peak_mb": peak}


def _do(work: str, blocks: Blocks, n_sample: int, n_pc: int) -> None:
    if work == "kinship":
        king_pairs(blocks, n_sample, kinship_min=_KINSHIP_MIN)
    else:
        everybody = np.ones(n_sample, dtype=np.bool_)
        principal_components(blocks, everybody, n_pc, np.random.default_rng(1))


def _of_lake(lake: Lake) -> tuple[Blocks, int]:
    axis = SampleAxis.of(lake.frame("raw.callset_sample"))
    absent = dict.fromkeys(axis.n_by_callset, "missing")
    chromosomes = sorted({path.parent.name for path in lake.files("raw.genotype")})

    def blocks() -> Iterable[NDArray[np.uint8]]:
        for chrom in chromosomes:
            for block in genotype_blocks(lake, chrom, axis, absent, n_variant=N_VARIANT_A_BLOCK):
                yield block.packed

    return blocks, len(axis.sample_id)


def _drawn(n_sample: int, n_variant: int) -> tuple[Blocks, int]:
    """Genotypes of strangers, drawn anew in each pass, and never held together."""

    def blocks() -> Iterable[NDArray[np.uint8]]:
        rng = np.random.default_rng(1)
        for _ in range(0, n_variant, 2000):
            freq = rng.uniform(0.05, 0.5, (2000, 1))
            haplotypes = rng.random((2, 2000, n_sample), dtype=np.float32) < freq
            yield pack(haplotypes.sum(axis=0, dtype=np.uint8))

    return blocks, n_sample


def _row(label: str, program: str, found: Found, plink: Found | None = None) -> None:
    ratio, asked = (f"{found.wall / plink.wall:.2f}", f"at most {_ASKED}") if plink else ("", "")
    times = f"{found.wall:.2f} | {found.cpu:.2f} | {ratio} | {found.peak_mb:.0f}"
    print(f"| {label} | {program} | {times} | {asked} |", flush=True)


if __name__ == "__main__":
    main()
