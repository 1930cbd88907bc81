"""What the benchmarks beside PLINK share: the data, a copy with each variant once, programs."""

import argparse
import gzip
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.ingest import Data

_N_SAMPLE, _N_VARIANT, _N_VARIANT_SMALL = 2504, 100_000, 10_000

Compare = Callable[[str, Path, Path], None]
"""Prints the rows of one file: its label, the file, an empty folder."""


def parser(about: str | None) -> argparse.ArgumentParser:
    """Return the options that every such benchmark takes."""
    made = argparse.ArgumentParser(description=about)
    made.add_argument("--small", action="store_true", help="a tenth of the simulated variants")
    made.add_argument("--data", type=Path, help="folder that keeps the simulated data")
    made.add_argument("--real", type=Path, help="a VCF of real genotypes, too")
    return made


def compare_files(given: argparse.Namespace, columns: str, compare: Compare) -> None:
    """Print a table: its columns, and the rows of the real file, if one is given, and the other."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = Data(_N_SAMPLE, _N_VARIANT_SMALL if given.small else _N_VARIANT, with_fields=False)
        files = {f"simulated {data.name}": data.path(given.data or folder)}
        if given.real is not None:
            files = {given.real.name: given.real, **files}
        print(f"| data | program | {columns} | asked |")
        print(f"|---|---|{'---:|' * (columns.count('|') + 1)}---|")
        for place, (label, path) in enumerate(files.items()):
            of_file = folder / str(place)
            of_file.mkdir()
            compare(label, path, of_file)


def write_once(path: Path, target: Path, n_variant: int | None = None) -> None:
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


def quiet(*command: str) -> None:
    """Run a program to its end, which must be a good one."""
    if shutil.which(command[0]) is None:
        raise SystemExit(f"found no {command[0]} on this machine; expected it on the path")
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
