"""Scans of one contrast beside PLINK 2, in one run, with two threads each.

    python -m benchmarks.association [--small] [--data FOLDER] [--real FILE.vcf.gz]

22 cases against 243 controls, drawn at random; five covariates of normal noise. PLINK 2 runs
``--glm firth`` and ``--glm no-firth``, each a process from its own .pgen, and what it takes on one
variant is taken off. Ours are processes, too: from the lake's Parquet to the numbers of every
variant; imports and a few variants before are not timed. Times are the least of three; CPU is of
all threads. The last rows are a quarter, as many and five times as many genotypes, drawn as they
are needed.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.packing import pack
from alsrev_dagster.stats.association import evidence, screen
from alsrev_dagster.stats.counts import packed_counts
from alsrev_dagster.stats.design import null_design
from alsrev_dagster.stats.exact import exact_conditional_p
from alsrev_dagster.stats.firth import firth_test
from alsrev_dagster.stats.genetic_model import SCORE
from alsrev_dagster.stats.logistic_null import NullModel, null_model
from alsrev_dagster.stats.logistic_scan import firth_scan, logistic_scan
from alsrev_dagster.stats.tally import TableTally
from alsrev_dagster.storage.genotypes import SampleAxis, genotype_blocks
from alsrev_dagster.storage.lake import Lake
from benchmarks.beside_plink import parser, quiet, write_once
from benchmarks.ingest import Data

_N_SAMPLE, _N_CASE, _N_COVARIATE = 265, 22, 5
_N_VARIANT, _N_VARIANT_SMALL = 200_000, 20_000
_N_AT_ONCE = 16_384
_N_REPEAT = 3
Blocks = Callable[[], Iterable[NDArray[np.uint8]]]


@dataclass(frozen=True)
class Found:
    """Seconds and the peak of memory of a process."""

    wall: float
    cpu: float
    peak_mb: float
    """Of PLINK's it is that of this process, which it was forked from: not shown."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = parser(__doc__)
    options.add_argument("--ours", nargs=2, help=argparse.SUPPRESS)
    given = options.parse_args(arguments)
    if given.ours:
        print(json.dumps(_ours(*given.ours)))
        return
    n = _N_VARIANT_SMALL if given.small else _N_VARIANT
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = Data(_N_SAMPLE, n, with_fields=False)
        print("| data | program | wall (s) | CPU (s) | PLINK's wall / ours | peak MB | asked |")
        print("|---|---|---:|---:|---:|---:|---|")
        _compare(f"simulated {data.name}", data.path(given.data or folder), folder)
        for part in (n // 4, n, n * 5):
            for work in ("screened", "firth"):
                asked = "below 1000 MB" if part > n else ""
                _row(f"drawn {part:,}", f"alsrev {work}", _run_ours(work, str(part)), None, asked)


def _compare(label: str, path: Path, folder: Path) -> None:
    """Print the rows of one file."""
    whole, one, lake = folder / "whole.vcf.gz", folder / "one.vcf.gz", folder / "lake"
    write_once(path, whole)
    write_once(path, one, 1)
    quiet(sys.executable, "-m", "alsrev_dagster", "ingest", str(whole), "--out", str(lake))
    for name in (whole, one):
        quiet("plink2", "--vcf", str(name), "--make-pgen", "--out", str(name.with_suffix(".p")))
    sample = SampleAxis.of(Lake(lake).frame("raw.callset_sample")).sample_id
    is_case, covariate = _contrast()
    _write(folder / "outcome", list(map(str, sample)), ["y"], (1 + is_case)[:, None])
    names = [f"c{i}" for i in range(_N_COVARIATE)]
    _write(folder / "covariate", list(map(str, sample)), names, covariate)
    adjusted = ["hide-covar", "--covar", str(folder / "covariate")]
    peers = {
        words: _plink(whole, one, folder, [*words.split(), *others])
        for words, others in (
            ("firth", adjusted),
            ("no-firth", adjusted),
            ("firth allow-no-covars", []),
        )
    }
    for words, found in peers.items():
        _row(label, f"plink2 --glm {words}", found)
    for work, words, asked in (
        ("screened", "firth", "at least 4"),
        ("firth", "firth", "at least 1"),
        ("firth", "no-firth", "at least 0.71"),
        ("tables", "firth allow-no-covars", "at least 20"),
        ("tests of tables", "firth allow-no-covars", ""),
        ("Firth of tables", "firth allow-no-covars", ""),
    ):
        ours = _best(lambda w=work: _run_ours(w, str(lake)))
        _row(label, f"alsrev {work} v {words}", ours, peers[words], asked)


def _contrast() -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    rng = np.random.default_rng(1)
    is_case = rng.permutation(_N_SAMPLE) < _N_CASE
    return is_case, np.round(rng.normal(size=(_N_SAMPLE, _N_COVARIATE)), 5)


def _write(path: Path, sample: list[str], name: list[str], value: NDArray[np.generic]) -> None:
    lines = ["\t".join(["#IID", *name])]
    lines += ["\t".join([k, *map(str, row)]) for k, row in zip(sample, value, strict=True)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _plink(whole: Path, one: Path, folder: Path, words: list[str]) -> Found:
    """A regression of PLINK's, without what it takes on one variant."""
    command = ["plink2", "--glm", *words, "--pheno", str(folder / "outcome"), "--threads", "2"]
    command += ["--out", str(folder / "out"), "--pfile"]
    of_all, of_one = (
        _best(lambda p=path: _timed([*command, str(p.with_suffix(".p"))])) for path in (whole, one)
    )
    return Found(of_all.wall - of_one.wall, of_all.cpu - of_one.cpu, of_all.peak_mb)


def _timed(command: list[str]) -> Found:
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command[:3])} ended with {status}; expected it to succeed")
    wall = time.perf_counter() - start
    return Found(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def _best(run: Callable[[], Found]) -> Found:
    found = [run() for _ in range(_N_REPEAT)]
    return Found(*(min(getattr(f, name) for f in found) for name in ("wall", "cpu", "peak_mb")))


def _run_ours(work: str, source: str) -> Found:
    command = [sys.executable, "-m", "benchmarks.association", "--ours", work, source]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Found(**json.loads(done.stdout))


def _ours(work: str, source: str) -> dict[str, float]:
    """Do some work and say what it took; called in a process of its own."""
    is_case, covariate = _contrast()
    model = null_model(null_design(is_case, covariate, [f"c{i}" for i in range(_N_COVARIATE)]))
    _do(work, model, lambda: [next(iter(_drawn(_N_AT_ONCE)()))[:512]])
    blocks = _drawn(int(source)) if source.isdigit() else _of_lake(Lake(Path(source)))
    start, used = time.perf_counter(), time.process_time()
    _do(work, model, blocks)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    cpu = time.process_time() - used
    return {"wall": time.perf_counter() - start, "cpu": cpu, "peak_mb": peak}


def _do(work: str, model: NullModel, blocks: Blocks) -> None:
    """One of the scans, from packed genotypes to what is said of each variant."""
    sides = np.stack([model.design.is_case, ~model.design.is_case])
    tally = TableTally((2, 1, 4))
    for packed in blocks():
        if work == "firth":
            firth_scan(model, packed)
            continue
        place = tally.add(packed_counts(packed, sides)[:, :, None])
        if work == "screened":
            table = tally.tables()[:, :, :, :3]
            exact = _exact_once(table[:, 0], table[:, 1])
            logistic_scan(model, packed, exact_p_value=exact[place])
    if work in _OF_TABLES:
        table = tally.tables()[:, :, :, :3]
        _OF_TABLES[work](table[:, 0], table[:, 1])


_OF_TABLES: dict[str, Callable[[NDArray[np.int64], NDArray[np.int64]], object]] = {
    "tables": lambda case, control: evidence(case, control, "additive"),
    "tests of tables": lambda case, control: screen(case, control, "additive"),
    "Firth of tables": lambda case, control: firth_test(case, control, SCORE["additive"]),
}
"""What is asked of each distinct table: all with intervals, both tests, Firth's test."""

_KNOWN: list[NDArray[np.float64]] = []


def _exact_once(case: NDArray[np.int64], control: NDArray[np.int64]) -> NDArray[np.float64]:
    """Exact P value of each distinct table, of which the first are known."""
    n_known = sum(map(len, _KNOWN))
    if n_known > len(case):  # another run's
        _KNOWN.clear()
        n_known = 0
    _KNOWN.append(exact_conditional_p(case[n_known:], control[n_known:], (0, 1, 2)))
    return np.concatenate(_KNOWN)


def _of_lake(lake: Lake) -> Blocks:
    axis = SampleAxis.of(lake.frame("raw.callset_sample"))
    absent = dict.fromkeys(axis.n_by_callset, "missing")
    chromosomes = sorted({path.parent.name for path in lake.files("raw.genotype")})

    def blocks() -> Iterable[NDArray[np.uint8]]:
        for chrom in chromosomes:
            for block in genotype_blocks(lake, chrom, axis, absent, n_variant=_N_AT_ONCE):
                yield block.packed

    return blocks


def _drawn(n_variant: int) -> Blocks:
    """Genotypes of strangers, drawn anew in each pass, and never held together."""

    def blocks() -> Iterable[NDArray[np.uint8]]:
        rng = np.random.default_rng(1)
        for start in range(0, n_variant, _N_AT_ONCE):
            n = min(_N_AT_ONCE, n_variant - start)
            freq = rng.uniform(0.0, 1.0, (n, 1)).astype(np.float32) ** 3 / 2
            haplotypes = rng.random((2, n, _N_SAMPLE), dtype=np.float32) < freq
            yield pack(haplotypes.sum(axis=0, dtype=np.uint8))

    return blocks


def _row(
    label: str, program: str, found: Found, plink: Found | None = None, asked: str = ""
) -> None:
    ratio = f"{plink.wall / found.wall:.2f}" if plink else ""
    peak = f"{found.peak_mb:.0f}" if program.startswith("alsrev") else ""
    times = f"{found.wall:.2f} | {found.cpu:.2f} | {ratio} | {peak}"
    print(f"| {label} | {program} | {times} | {asked} |", flush=True)


if __name__ == "__main__":
    main()
