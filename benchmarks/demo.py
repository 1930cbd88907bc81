"""The example from files to report: cold, unchanged, after a visit, after one chromosome.

    python -m benchmarks.demo

Each run is a process of its own, as a user starts it. Prints a table; `RESULTS.md` holds
the last one.
"""

import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from alsrev_dagster.versions import package_versions

EXAMPLE = Path(__file__).parents[1] / "examples" / "reversal-study"


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        study = Path(folder) / "study"
        shutil.copytree(EXAMPLE, study, ignore=shutil.ignore_patterns(".alsrev", "results"))
        rows = [("cold", run(study)), ("nothing changed", run(study))]
        drop_last_line(study / "visits.csv")
        rows.append(("one visit removed", run(study)))
        _copy_of_other_bytes(study / "genotypes" / "joint.chr4.vcf.gz")
        rows.append(("chr4 compressed anew", run(study)))
    cold = rows[0][1]
    print("| run | wall (s) | of cold |\n|---|---:|---:|")
    for name, seconds in rows:
        print(f"| {name} | {seconds:.1f} | {seconds / cold:.2f} |")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"\nPeak memory of a run: {peak:.0f} MB")
    versions = ", ".join(f"{name} {value}" for name, value in package_versions().items())
    print(f"{platform.machine()}, {os.cpu_count()} cores; {versions}")


def run(study: Path, *tables: str) -> float:
    """Run a study in a process of its own, as a user does; return the seconds it took.

    Of ``tables``, where some are named, and of what they are made from alone.
    """
    start = time.perf_counter()
    named = [word for name in tables for word in ("--table", name)]
    command = [sys.executable, "-m", "alsrev_dagster", "run", str(study), *named]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def drop_last_line(path: Path) -> None:
    """Remove the last line of a file of text."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:-1]), encoding="utf-8")


def _copy_of_other_bytes(path: Path) -> None:
    import gzip

    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()), compresslevel=1))


if __name__ == "__main__":
    main()
