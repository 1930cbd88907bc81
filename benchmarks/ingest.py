"""Genotype ingest beside PLINK 2, bcftools and a cyvcf2 loop, in one run, with two threads each.

    python -m benchmarks.ingest [--small] [--data FOLDER]

Data are simulated with msprime (real linkage disequilibrium) and kept in FOLDER, when given,
for the next run. Every program is a process of its own, as a user starts it; a time is the
least of three (of one for bcftools and the cyvcf2 loop). Prints tables, and each number asked
for beside what was measured; `RESULTS.md` holds the last ones.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import log
from pathlib import Path

from alsrev_dagster.versions import package_versions

_N_REPEAT = 3
_NOISE = 0.1
"""Seconds by which the start-up varies."""
OURS, PLINK, LOOP, DUCKDB = "alsrev ingest", "plink2 --make-pgen", "cyvcf2 loop", "lake to DuckDB"
_REPEATED = (OURS, PLINK, DUCKDB)
_CYVCF2_LOOP = """
import sys
import numpy as np
from cyvcf2 import VCF
from alsrev_dagster.packing import pack
vcf = VCF(sys.argv[1], gts012=True, strict_gt=True, threads=2)
packed = [pack(record.gt_types.astype(np.uint8)[None]).tobytes() for record in vcf]
assert len(packed) == int(sys.argv[2])
"""


@dataclass(frozen=True)
class Data:
    """A simulated file."""

    n_sample: int
    n_variant: int
    with_fields: bool
    messy: bool = False
    """Whether it has spanning and symbolic alleles, exponents and missing calls."""

    @property
    def name(self) -> str:
        """Name of the file."""
        fields = "GT:AD:DP:GQ:PL" if self.with_fields else "GT"
        return f"{self.n_sample} x {self.n_variant:,}, {fields}{', messy' if self.messy else ''}"

    def path(self, folder: Path) -> Path:
        """Where the file is; made when it is not there."""
        kind = ("fields" if self.with_fields else "gt") + (".messy" if self.messy else "")
        path = folder / f"simulated.{self.n_sample}.{self.n_variant}.{kind}.vcf.gz"
        if not path.is_file():
            from benchmarks.simulated_vcf import write

            part = path.with_suffix(".part")
            write(
                part,
                n_sample=self.n_sample,
                n_variant=self.n_variant,
                with_fields=self.with_fields,
                messy=self.messy,
            )
            part.replace(path)
        return path


SIDE_BY_SIDE = (
    Data(265, 1_000_000, with_fields=False),
    Data(265, 200_000, with_fields=True),
    Data(265, 200_000, with_fields=False, messy=True),
    Data(2_504, 100_000, with_fields=False),
    Data(2_504, 20_000, with_fields=True),
)
IN_VARIANTS = tuple(Data(265, n, with_fields=False) for n in (125_000, 250_000, 500_000, 1_000_000))
IN_SAMPLES = tuple(Data(n, 100_000, with_fields=False) for n in (313, 626, 1_252, 2_504))


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder that keeps the simulated files")
    parser.add_argument("--small", action="store_true", help="a tenth of the variants")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        data = given.data or Path(folder)
        data.mkdir(parents=True, exist_ok=True)
        shrink = 10 if given.small else 1
        _side_by_side([_smaller(item, shrink) for item in SIDE_BY_SIDE], data)
        _growth("variants", [_smaller(item, shrink) for item in IN_VARIANTS], data)
        _growth("samples", [_smaller(item, shrink) for item in IN_SAMPLES], data)
    versions = ", ".join(f"{name} {value}" for name, value in package_versions().items())
    print(f"\n{platform.machine()}, {os.cpu_count()} cores; {_peer_versions()}; {versions}")


def _smaller(data: Data, shrink: int) -> Data:
    return replace(data, n_variant=data.n_variant // shrink)


def _side_by_side(every: Sequence[Data], folder: Path) -> None:
    columns = (
        "simulated data",
        "program",
        "wall (s)",
        "CPU (s)",
        "of ours",
        "peak MB",
        "output MB",
    )
    print(f"| {' | '.join(columns)} |\n|---|---|---:|---:|---:|---:|---:|")
    bars: list[str] = []
    for data in every:
        path, found = data.path(folder), dict[str, _Found]()
        for name, command, output in _programs(path, data, folder):
            if shutil.which(command[0]) is None:
                print(f"| {data.name} | {name} | not on this machine | | | | |")
                continue
            try:
                found[name] = _best(command, output, _N_REPEAT if name in _REPEATED else 1)
            except RuntimeError as error:
                if name == OURS:
                    raise
                print(f"| {data.name} | {name} | {error} | | | | |", flush=True)
                continue
            print(f"| {data.name} | {name} | {found[name].row(found[OURS].wall)} |", flush=True)
        bars += _bars(data, found)
    print("\n| asked | simulated data | measured | |\n|---|---|---:|---|")
    print("\n".join(bars))


def _bars(data: Data, found: dict[str, "_Found"]) -> list[str]:
    """What is asked of the ingest, beside what was measured."""
    ours, plink = found[OURS], found.get(PLINK)
    least = 1.3 if data.with_fields else 1.0
    asked = [("peak memory below 600 MB", ours.peak_mb, ours.peak_mb < 600)]
    if plink is not None:
        ratio, size = plink.wall / ours.wall, ours.output_mb / plink.output_mb
        asked.append((f"wall, plink2 / ours, at least {least}", ratio, ratio >= least))
        asked.append(("size, lake / .pgen, at most 1.2", size, size <= 1.2))
    if (loop := found.get(LOOP)) is not None:
        ratio = loop.wall / ours.wall
        asked.append(("wall, cyvcf2 loop / ours, at least 6", ratio, ratio >= 6))
    if (duckdb := found.get(DUCKDB)) is not None:
        ratio = duckdb.wall / ours.wall
        asked.append(("wall, lake to DuckDB / ingest, at most 1", ratio, ratio <= 1))
    return [
        f"| {what} | {data.name} | {value:.2f} | {'met' if is_met else 'not met'} |"
        for what, value, is_met in asked
    ]


def _programs(path: Path, data: Data, folder: Path) -> list[tuple[str, list[str], Path]]:
    lake, pgen, bcf = folder / "lake", folder / "plink.pgen", folder / "t.bcf"
    file, python = str(path), sys.executable
    database = folder / "t.duckdb"
    return [
        (OURS, _ingest(path, lake), lake),
        (
            PLINK,
            [
                "plink2",
                "--vcf",
                file,
                "--make-pgen",
                "--threads",
                "2",
                "--out",
                str(pgen.with_suffix("")),
            ],
            pgen,
        ),
        (
            "bcftools view -Ob",
            ["bcftools", "view", "--threads", "2", "-Ob", "-o", str(bcf), file],
            bcf,
        ),
        (LOOP, [python, "-c", _CYVCF2_LOOP, file, str(data.n_variant)], Path(os.devnull)),
        (
            DUCKDB,
            [python, "-m", "benchmarks.lake_to_duckdb", str(lake), str(database)],
            database,
        ),
    ]


def _ingest(path: Path, lake: Path) -> list[str]:
    return [sys.executable, "-m", "alsrev_dagster", "ingest", str(path), "--out", str(lake)]


@dataclass(frozen=True, order=True)
class _Found:
    wall: float
    cpu: float
    peak_mb: float
    output_mb: float

    def row(self, ours: float) -> str:
        """Cells of a table; ``ours`` is the wall time that it is compared with."""
        of_ours, peak, output = self.wall / ours, self.peak_mb, self.output_mb
        return f"{self.wall:.2f} | {self.cpu:.2f} | {of_ours:.2f} | {peak:.0f} | {output:.1f}"


def _best(command: list[str], output: Path, n_repeat: int) -> _Found:
    """The fastest of some runs, with the highest peak of memory of any."""
    every = [_run(command, output) for _ in range(n_repeat)]
    return replace(min(every), peak_mb=max(found.peak_mb for found in every))


def _run(command: list[str], output: Path) -> _Found:
    if output.is_dir() and "duckdb" not in command[-1]:
        shutil.rmtree(output)
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    if process.returncode:
        raise RuntimeError(f"found exit code {process.returncode} of {command[:3]}; expected 0")
    files = output.rglob("*.parquet") if output.is_dir() else [output]
    size = sum(path.stat().st_size for path in files) / 1e6
    return _Found(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, size)


def _growth(of: str, every: Sequence[Data], folder: Path) -> None:
    """Print the time at each size, without what a tiny file takes, and the exponent of growth."""
    lake = folder / "lake"
    tiny = Data(265, 100, with_fields=False).path(folder)
    start_up = _best(_ingest(tiny, lake), lake, _N_REPEAT).wall
    print(f"\nGrowth in {of} (start-up of {start_up:.2f} s taken off)\n")
    print("| simulated data | wall (s) | peak MB |\n|---|---:|---:|")
    points = []
    for data in every:
        found = _best(_ingest(data.path(folder), lake), lake, _N_REPEAT)
        points.append((data.n_variant * data.n_sample, found.wall - start_up))
        print(f"| {data.name} | {points[-1][1]:.2f} | {found.peak_mb:.0f} |", flush=True)
    print(f"\nExponents from size to size: {', '.join(_exponents(points))}")


def _exponents(points: Sequence[tuple[int, float]]) -> list[str]:
    """Growth of time from each size to the next; a time lost in the start-up's noise has none."""
    return [
        f"{log(b[1] / a[1]) / log(b[0] / a[0]):.2f}" if min(a[1], b[1]) > _NOISE else "none"
        for a, b in pairwise(points)
    ]


def _peer_versions() -> str:
    out = []
    for name in ("plink2", "bcftools"):
        if shutil.which(name):
            told = subprocess.run([name, "--version"], capture_output=True, text=True, check=True)
            out.append(told.stdout.splitlines()[0])
    return ", ".join(out)


if __name__ == "__main__":
    main()
