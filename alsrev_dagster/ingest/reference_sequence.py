"""The reference genome: a plain FASTA, read by memory map where a base is asked for."""

import mmap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import Problem
from alsrev_dagster.files import mark_of
from alsrev_dagster.ingest.align_state import BASE
from alsrev_dagster.ingest.genotype_contig import canonical_chromosome
from alsrev_dagster.ingest.reference_index import Contig, IndexFault, contigs_of, read_fai

_EXPECTED = "the reference genome as a plain FASTA file"
_PATH_FIX = "mend the path of the reference"
_WRITE_AGAIN = "download or write the file again"


@dataclass(frozen=True, eq=False)
class Reference:
    """A FASTA of human chromosomes."""

    path: Path
    contigs: Mapping[str, Contig]
    """By canonical name (``chr4``), however the file spells it; no others."""
    text: NDArray[np.uint8]
    """The file's bytes, mapped."""
    mark: tuple[int, ...]
    """``mark_of`` the file; its index says nothing that is not in it."""

    def bases(self, chrom: str, start: int, stop: int) -> str:
        """Return bases from a place, counted from 0, to before another, in capitals."""
        at = self.contigs[chrom].places(np.arange(start, stop))
        return BASE[self.text[at]].tobytes().decode()

    @property
    def has_changed(self) -> bool:
        """Whether the file is no longer the one that was opened."""
        return mark_of(self.path) != self.mark


def open_reference(path: Path) -> tuple[Reference | None, tuple[Problem, ...]]:
    """Open a FASTA; the reference when it is sound, else what is wrong with it.

    Its index (``.fai``, beside it or beside the file that it links to) is used when it is not
    older than the file; without one the file is passed through once.
    """
    problem = _not_fasta(path)
    if problem is not None:
        return None, (problem,)
    mark, text = mark_of(path), _mapped(path)
    index = _index(path)
    try:
        contigs = contigs_of(text) if index is None else read_fai(index, text)
    except IndexFault as fault:
        where = path.name if index is None else index.name
        return None, (Problem(where, fault.found, fault.expected, fault.fix),)
    problems = _name_problems(path, contigs)
    if problems:
        return None, problems
    by_name = {chrom: c for c in contigs if (chrom := canonical_chromosome(c.name)) is not None}
    return Reference(path, by_name, text, mark), ()


def _not_fasta(path: Path) -> Problem | None:
    found, fix = _kind(path)
    return Problem(path.name, found, _EXPECTED, fix) if found else None


def _kind(path: Path) -> tuple[str, str]:
    """Words for a file that cannot be a FASTA, and what to do; empty when it may be one."""
    if not path.exists():
        return "no such file", _PATH_FIX
    if not path.is_file():
        return "a folder or device", _PATH_FIX
    try:
        with path.open("rb") as stream:
            start = stream.read(4)
    except OSError as error:
        return f"a file that cannot be read ({error.strerror or error})", "ask its owner for it"
    if start[:2] == b"\x1f\x8b":
        return "a gzip or bgzip file", f"unpack it (bgzip -d {path.name})"
    if not start:
        return "an empty file", _WRITE_AGAIN
    if start[:1] != b">":
        return "a file that does not start with '>'", "name the FASTA, not its index or archive"
    return "", ""


def _name_problems(path: Path, contigs: Iterable[Contig]) -> tuple[Problem, ...]:
    """Tell of a file without a chromosome, and of a chromosome that stands twice."""
    names = [canonical_chromosome(contig.name) for contig in contigs]
    chromosomes = [name for name in names if name is not None]
    twice = sorted({name for name in chromosomes if chromosomes.count(name) > 1})
    if not chromosomes:
        found, expected = "no human chromosome", "chromosomes named chr4 or 4"
        return (Problem(path.name, found, expected, "name the genome's FASTA"),)
    return tuple(
        Problem(path.name, f"{name} more than once", "each chromosome once", _WRITE_AGAIN)
        for name in twice
    )


def _mapped(path: Path) -> NDArray[np.uint8]:
    with path.open("rb") as stream:
        return np.frombuffer(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ), np.uint8)


def _index(path: Path) -> Path | None:
    """The .fai that goes with a FASTA: none that is older than it."""
    for of in (path, path.resolve()):
        index = of.with_name(f"{of.name}.fai")
        if index.is_file() and index.stat().st_mtime_ns >= path.stat().st_mtime_ns:
            return index
    return None
