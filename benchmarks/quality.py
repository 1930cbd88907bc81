"""Counts, HWE, call rates and LD pruning on packed genotypes, beside PLINK, in one run.

    python -m benchmarks.quality [--small] [--data FOLDER] [--real FILE.vcf.gz]

PLINK 2 runs ``--freq``, ``--hardy`` and ``--missing`` in turn, each a process, and what the same
three take on one variant is taken off. Ours is timed inside a process that has already judged
one variant: from the lake's Parquet to what ``core.variant_qc`` holds, and each sample's calls.
``counts`` is that without the columns of the sites and without writing; ``table`` is the asset's
own path, written. Times are the least of several; CPU is of all threads.
"""

import argparse
import gzip
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from alsrev_dagster.stats import ld
from alsrev_dagster.stats.counts import packed_counts
from alsrev_dagster.stats.hwe import hwe_exact
from alsrev_dagster.stats.sample_tally import SampleTally, VariantKind
from alsrev_dagster.stats.variant_quality import Arms
from alsrev_dagster.storage.genotypes import WRITTEN, SampleAxis, genotype_blocks
from alsrev_dagster.storage.lake import Lake
from alsrev_dagster.study import Quality
from benchmarks.ingest import Data

_N_REPEAT = 5
_COMMANDS = ("--freq", "--hardy", "--missing")
_PRUNE = (100, 0.2)
"""Window in kb and the largest r2 that is kept."""
_ASKED = 1.5
_Time = tuple[float, float]
"""Wall and CPU seconds."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a tenth of the simulated variants")
    parser.add_argument("--data", type=Path, help="folder that keeps the simulated data")
    parser.add_argument("--real", type=Path, help="a VCF of real genotypes, too")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = Data(2504, 10_000 if given.small else 100_000, with_fields=False)
        files = {f"simulated {data.name}": data.path(given.data or folder)}
        if given.real is not None:
            files = {given.real.name: given.real, **files}
        print("| data | program | wall (s) | CPU (s) | wall of PLINK's | CPU of PLINK's | asked |")
        print("|---|---|---:|---:|---:|---:|---|")
        for place, (label, path) in enumerate(files.items()):
            _compare(label, path, folder / str(place))


def _compare(label: str, path: Path, folder: Path) -> None:
    """Print the rows of one file."""
    folder.mkdir()
    whole, one = folder / "whole.vcf.gz", folder / "one.vcf.gz"
    _write_once(path, whole, None)
    _write_once(path, one, 1)
    for name in (whole, one):
        lake = name.with_suffix(".lake")
        _quiet(sys.executable, "-m", "alsrev_dagster", "ingest", str(name), "--out", str(lake))
        _quiet("plink2", "--vcf", str(name), "--make-pgen", "--out", str(name.with_suffix(".p")))
    plink = _plink(whole.with_suffix(".p"), one.with_suffix(".p"), folder / "out")
    _row(label, f"plink2 {', '.join(_COMMANDS)}", plink, None, "")
    lakes = Lake(whole.with_suffix(".lake")), Lake(one.with_suffix(".lake"))
    for name, work in (("alsrev counts", _counts), ("alsrev table", _table)):
        work(lakes[1])
        _row(label, name, _best(lambda work=work: work(lakes[0])), plink, f"at most {_ASKED}")
    pruned = _plink_prune(whole, folder)
    _row(label, "plink1.9 --indep-pairwise", pruned, None, "")
    _row(label, "alsrev prune", _pruned(lakes[0]), pruned, "")


def _write_once(path: Path, target: Path, n_variant: int | None) -> None:
    """Copy a VCF, each variant once, or its first ones; variants are named by their place."""
    seen = set[bytes]()
    with gzip.open(path, "rb") as source, gzip.open(target, "wb", compresslevel=1) as copy:
        for line in source:
            if not line.startswith(b"#"):
                chrom, pos, _, ref, alt, rest = line.split(b"\t", 5)
                key = b"-".join((chrom, pos, ref, alt))
                if key in seen:
                    continue
                if len(seen) == n_variant:
                    return
                line = b"\t".join((chrom, pos, b"v%d" % len(seen), ref, alt, rest))
                seen.add(key)
            copy.write(line)


def _plink(whole: Path, one: Path, out: Path) -> _Time:
    """The three commands in turn, without what they take on one variant."""
    times = [
        [
            _best(lambda c=command, p=prefix: _quiet(
                "plink2", "--pfile", str(p), c, "--threads", "2", "--out", str(out)
            ))
            for command in _COMMANDS
        ]
        for prefix in (whole, one)
    ]  # fmt: skip
    wall, cpu = (np.array(times)[0] - np.array(times)[1]).sum(axis=0)
    return float(wall), float(cpu)


def _plink_prune(vcf: Path, folder: Path) -> _Time:
    prefix, kb = str(folder / "bed"), f"{_PRUNE[0]}kb"
    _quiet("plink2", "--pfile", str(vcf.with_suffix(".p")), "--make-bed", "--out", prefix)
    words = ("--indep-pairwise", kb, "1", str(_PRUNE[1]), "--out", str(folder / "pruned"))
    return _best(lambda: _quiet("plink1.9", "--bfile", prefix, *words), n_repeat=2)


def _axis(lake: Lake) -> SampleAxis:
    return SampleAxis.of(lake.frame("raw.callset_sample"))


def _chromosomes(lake: Lake) -> list[str]:
    return sorted({path.parent.name for path in lake.files("raw.genotype")})


def _groups(n_sample: int) -> "np.ndarray[tuple[int, int], np.dtype[np.bool_]]":
    """Cases and two cohorts of controls."""
    number = np.random.default_rng(1).integers(0, 3, n_sample)
    return number == np.arange(3)[:, None]


def _counts(lake: Lake) -> None:
    """Count by arm, test equilibrium, and count each sample's missing calls."""
    axis = _axis(lake)
    groups = _groups(len(axis.sample_id))
    tally = SampleTally(len(axis.sample_id))
    for path in lake.files("raw.genotype"):
        for batch in pq.ParquetFile(path).iter_batches(4096, columns=["packed"]):
            width = -(-len(axis.sample_id) // 4)
            flat = np.frombuffer(batch["packed"].buffers()[2], dtype=np.uint8)
            first = batch["packed"].offset * width
            packed = flat[first : first + len(batch) * width].reshape(-1, width)
            counts = packed_counts(packed, groups)
            hwe_exact(counts[:, 1:, :3].sum(axis=1))
            everyone, no = counts.sum(axis=1), np.zeros(len(packed), dtype=np.bool_)
            tally.add(packed, counts=everyone, kind=VariantKind(True, no, no, no, no))
    tally.metrics()


def _table(lake: Lake) -> None:
    """Make core.variant_qc of the lake as its asset does."""
    from assets.arms import StudyArms
    from assets.quality import variant_columns

    axis, rule = _axis(lake), Quality()
    groups = _groups(len(axis.sample_id))
    sides = np.array([[[True, False, False], [False, True, True]]])
    arms = StudyArms(
        Arms(groups.sum(axis=1), sides, np.arange(3)),
        axis.by_callset(groups),
        np.zeros(3, dtype=np.int64),
        np.zeros(3, dtype=np.bool_),
    )
    absent = dict.fromkeys(axis.n_by_callset, "missing")
    for chrom in _chromosomes(lake):
        blocks = genotype_blocks(lake, chrom, axis, absent)
        parts = (variant_columns(block, arms, "GRCh38", rule) for block in blocks)
        lake.write_columns("core.variant_qc", parts, chrom, **WRITTEN)


def _pruned(lake: Lake) -> _Time:
    axis = _axis(lake)
    absent = dict.fromkeys(axis.n_by_callset, "missing")
    blocks = [b for c in _chromosomes(lake) for b in genotype_blocks(lake, c, axis, absent)]
    packed = np.concatenate([block.packed for block in blocks])
    chrom = np.concatenate([np.full(len(block.pos), block.chrom) for block in blocks])
    pos = np.concatenate([block.pos for block in blocks])
    rule = {"window_bp": 1000 * _PRUNE[0], "r2_max": _PRUNE[1]}
    n = len(axis.sample_id)
    ld.prune(packed[:2], n, chrom[:2], pos[:2], **rule)  # type: ignore[arg-type]
    return _best(lambda: ld.prune(packed, n, chrom, pos, **rule), n_repeat=2)  # type: ignore[arg-type]


def _best(work: Callable[[], object], n_repeat: int = _N_REPEAT) -> _Time:
    """The least wall and the least CPU seconds of some runs, of this process or its children."""
    times = []
    for _ in range(n_repeat):
        start, used = time.perf_counter(), _cpu()
        work()
        times.append((time.perf_counter() - start, _cpu() - used))
    return min(wall for wall, _ in times), min(cpu for _, cpu in times)


def _cpu() -> float:
    import resource

    every = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in every)


def _quiet(*command: str) -> None:
    if shutil.which(command[0]) is None:
        raise SystemExit(f"found no {command[0]} on this machine; expected it on the path")
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _row(label: str, program: str, time_: _Time, plink: _Time | None, asked: str) -> None:
    of_plink = [f"{a / b:.2f}" for a, b in zip(time_, plink, strict=True)] if plink else ["", ""]
    cells = (label, program, f"{time_[0]:.3f}", f"{time_[1]:.3f}", *of_plink, asked)
    print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
