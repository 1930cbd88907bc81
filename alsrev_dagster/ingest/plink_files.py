"""The three files of a PLINK fileset, and the words for what is missing of them."""

from dataclasses import dataclass
from pathlib import Path

from alsrev_dagster.files import mark_of
from alsrev_dagster.ingest.genotype_problem import ProblemList
from alsrev_dagster.ingest.genotype_stream import is_gzip

FORMATS = "VCF, BCF, PLINK 2 .pgen or PLINK 1 .bed"
PLINK_FORMATS = ("pgen", "bed")

COMPANION_SUFFIXES = (".pvar", ".pvar.zst", ".psam", ".bim", ".fam")
"""Ends of names of files that are read beside a .pgen or .bed, never alone."""

_VARIANTS = {".pgen": (".pvar", ".pvar.zst"), ".bed": (".bim",)}
_SAMPLES = {".pgen": ".psam", ".bed": ".fam"}


@dataclass(frozen=True)
class PlinkFiles:
    """Calls (.pgen or .bed), variants (.pvar or .bim) and samples (.psam or .fam)."""

    calls: Path
    variants: Path
    samples: Path


def members(path: Path) -> tuple[Path, ...]:
    """Return the file, and those that belong to it: of a fileset all that are there."""
    suffix = path.suffix.lower()
    if suffix not in _SAMPLES:
        return (path,)
    ends = (*_VARIANTS[suffix], _SAMPLES[suffix])
    found = (path.with_suffix(end) for end in ends)
    return (path, *(member for member in found if member.is_file()))


def fileset_mark(path: Path) -> tuple[int, ...]:
    """``mark_of`` a genotype file and those that belong to it."""
    return mark_of(*members(path))


def plink_kind(path: Path, kind: str, problems: ProblemList) -> str:
    """``pgen`` or ``bed``, as the file is named; a .pgen can have the layout of a .bed."""
    suffix = path.suffix.lower()
    if is_gzip(path):
        problems.add("", "a packed PLINK file", expected=FORMATS, fix="unpack it", kind="packed")
    elif suffix == ".pgen" or (suffix, kind) == (".bed", "bed"):
        return suffix.removeprefix(".")
    else:
        found = f"a PLINK .{kind} file under another name"
        fix = f"name it NAME.{kind}, and the files beside it alike"
        problems.add("", found, expected=f"a name that ends with .{kind}", fix=fix, kind="name")
    return ""


def plink_files(path: Path, problems: ProblemList) -> PlinkFiles | None:
    """Find the files beside a .pgen or .bed; None when one is missing or stands there twice."""
    suffix = path.suffix.lower()
    ends = _VARIANTS[suffix]
    variants = [path.with_suffix(end) for end in ends if path.with_suffix(end).is_file()]
    samples = path.with_suffix(_SAMPLES[suffix])
    if not variants:
        _missing(path, " or ".join(path.with_suffix(end).name for end in ends), problems)
    if len(variants) > 1:
        problems.add(
            "",
            f"both {variants[0].name} and {variants[1].name} beside it",
            expected="one of them",
            fix="remove the one that was not written with it",
            kind="two tables of variants",
        )
    if not samples.is_file():
        _missing(path, samples.name, problems)
    if len(variants) != 1 or not samples.is_file():
        return None
    return PlinkFiles(path, variants[0], samples)


def _missing(path: Path, name: str, problems: ProblemList) -> None:
    problems.add(
        "",
        f"no {name} beside it",
        expected=f"the three files of a PLINK fileset in one folder, named alike: {path.name}, "
        "and the tables of its variants and samples",
        fix="copy or link the file that was written with it",
        kind=f"no {name}",
    )
