"""Counts, HWE, call rates and LD pruning on packed genotypes, beside PLINK, in one run.

    python -m benchmarks.quality [--small] [--data FOLDER] [--real FILE.vcf.gz]

PLINK 2 runs ``--freq``, ``--hardy`` and ``--missing`` in turn, each a process, and what the same
three take on one variant is taken off. Ours is timed inside a process that has already judged
one variant: from the lake's Parquet to what ``core.variant_qc`` holds, and each sample's calls.
``counts`` is that without the columns of the sites and without writing; ``table`` is the asset's
own path, written. Times are the least of several; CPU is of all threads.
"""

import sys
import time
from collections.abc import Callable
from functools import partial
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
from benchmarks.beside_plink import compare_files, parser, quiet, write_once

_N_REPEAT = 5
_COMMANDS = ("--freq", "--hardy", "--missing")
_PRUNE = (100, 0.2)
"""Window in kb and the largest r2 that is kept."""
_ASKED = 1.5
_Time = tuple[float, float]
"""Wall and CPU seconds."""


def main() -> None:
    """Measure and print."""
    columns = "wall (s) | CPU (s) | wall of PLINK's | CPU of PLINK's"
    compare_files(parser(__doc__).parse_args(), columns, _compare)


def _compare(label: str, path: Path, folder: Path) -> None:
    """Print the rows of one file."""
    whole, one = folder / "whole.vcf.gz", folder / "one.vcf.gz"
    write_once(path, whole)
    write_once(path, one, 1)
    for name in (whole, one):
        lake = name.with_suffix(".lake")
        quiet(sys.executable, "-m", "alsrev_dagster", "ingest", str(name), "--out", str(lake))
        quiet("plink2", "--vcf", str(name), "--make-pgen", "--out", str(name.with_suffix(".p")))
    plink = _plink(whole.with_suffix(".p"), one.with_suffix(".p"), folder / "out")
    _row(label, f"plink2 {', '.join(_COMMANDS)}", plink, None, "")
    lakes = Lake(whole.with_suffix(".lake")), Lake(one.with_suffix(".lake"))
    for name, work in (("alsrev counts", _counts), ("alsrev table", _table)):
        work(lakes[1])
        _row(label, name, _best(lambda work=work: work(lakes[0])), plink, f"at most {_ASKED}")
    pruned = _plink_prune(whole, folder)
    _row(label, "plink1.9 --indep-pairwise", pruned, None, "")
    _row(label, "alsrev prune", _pruned(lakes[0]), pruned, "")


def _plink(whole: Path, one: Path, out: Path) -> _Time:
    """The three commands in turn, without what they take on one variant."""
    times = [
        [
            _best(lambda c=command, p=prefix: quiet(
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
    quiet("plink2", "--pfile", str(vcf.with_suffix(".p")), "--make-bed", "--out", prefix)
    words = ("--indep-pairwise", kb, "1", str(_PRUNE[1]), "--out", str(folder / "pruned"))
    return _best(lambda: quiet("plink1.9", "--bfile", prefix, *words), n_repeat=2)


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
    prune = partial(ld.prune, window_bp=1000 * _PRUNE[0], r2_max=_PRUNE[1])
    n = len(axis.sample_id)
    prune(packed[:2], n, chrom[:2], pos[:2])
    return _best(lambda: prune(packed, n, chrom, pos), n_repeat=2)


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


def _row(label: str, program: str, time_: _Time, plink: _Time | None, asked: str) -> None:
    of_plink = [f"{a / b:.2f}" for a, b in zip(time_, plink, strict=True)] if plink else ["", ""]
    cells = (label, program, f"{time_[0]:.3f}", f"{time_[1]:.3f}", *of_plink, asked)
    print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
