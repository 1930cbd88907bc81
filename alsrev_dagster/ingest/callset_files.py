"""Which genotype files a study's patterns name."""

import glob
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from alsrev_dagster.errors import Problem
from alsrev_dagster.ingest.plink_files import COMPANION_SUFFIXES
from alsrev_dagster.study_folder import StudyFolder

if TYPE_CHECKING:  # annotations alone: reading genotypes starts without pydantic
    from alsrev_dagster.study import Study

_BESIDE_SUFFIXES = (".tbi", ".csi", *COMPANION_SUFFIXES)
_INSIDE = "a path inside the study's folder, relative to it"
_LINK = "move the file there, or link it (ln -s FILE STUDY_FOLDER/), so that changes are noticed"


def callset_files(folder: StudyFolder, study: "Study") -> dict[str, tuple[Path, ...]]:
    """Genotype files by callset, chr2 before chr10; what lies beside them is not among them."""
    return {
        name: tuple(
            sorted(
                {p for pattern in callset.patterns for p in _matches(folder, pattern)}, key=_natural
            )
        )
        for name, callset in study.callsets.items()
    }


def shown_names(folder: StudyFolder, files: Mapping[str, Iterable[Path]]) -> dict[Path, str]:
    """What messages call each file: its name, or its path in the study where names repeat."""
    paths = list(dict.fromkeys(path for held in files.values() for path in held))
    n_of = Counter(path.name for path in paths)
    return {p: p.name if n_of[p.name] == 1 else relative(folder, p) for p in paths}


def relative(folder: StudyFolder, path: Path) -> str:
    """Path of a file in the study: no two files share it."""
    return path.relative_to(folder.root).as_posix()


def pattern_problems(folder: StudyFolder, study: "Study") -> list[Problem]:
    """Patterns that match nothing, lie outside the folder, or match a file again."""
    problems: list[Problem] = []
    keys_of: dict[Path, list[str]] = defaultdict(list)
    given: dict[Path, Path] = {}
    for key, pattern in _patterns(study):
        where, files = f"study.yaml, key {key}", _matches(folder, pattern)
        if is_outside(pattern):
            problems.append(Problem(where, f"{pattern!r}", _INSIDE, _LINK))
        elif not files:
            found = f"{pattern!r}, which is a folder" if (folder.root / pattern).is_dir() else ""
            found = found or f"{pattern!r}, which matches no file"
            fix = "mend the path or pattern; it is relative to the study's folder"
            problems.append(Problem(where, found, "a genotype file, or several", fix))
        for path in files:
            keys_of[path.resolve()].append(key)
            given.setdefault(path.resolve(), path)
    names = shown_names(folder, {"": given.values()})
    for path, keys in keys_of.items():
        if len(keys) > 1:
            where, found = (
                f"study.yaml, keys {' and '.join(keys)}",
                f"{names[given[path]]} in each of them",
            )
            fix = "make the patterns narrower, or remove one"
            problems.append(Problem(where, found, "each file matched once", fix))
    return problems


def table_path_problems(study: "Study") -> list[Problem]:
    """Paths of tables, and of the reference, that lie outside the folder."""
    names = ("reference", "samples", "participants", "visits", "biomarkers")
    paths = {name: str(getattr(study, name) or "") for name in names}
    if study.clinical is not None:
        paths["clinical.folder"] = study.clinical.folder
    return [
        Problem(f"study.yaml, key {name}", f"{path!r}", _INSIDE, _LINK)
        for name, path in paths.items()
        if is_outside(path)
    ]


def is_outside(path: str) -> bool:
    """Whether a path of ``study.yaml`` leaves the study's folder."""
    return PurePath(path).is_absolute() or ".." in PurePath(path).parts or path.startswith("~")


def _patterns(study: "Study") -> list[tuple[str, str]]:
    """Key and pattern, for each pattern of each callset."""
    out: list[tuple[str, str]] = []
    for name, callset in study.callsets.items():
        key = f"callsets.{name}.files"
        if isinstance(callset.files, str):
            out.append((key, callset.files))
        else:
            out += [(f"{key}[{index}]", text) for index, text in enumerate(callset.files)]
    return out


def _matches(folder: StudyFolder, pattern: str) -> list[Path]:
    """Files of a pattern; a path that exists as it is written is no pattern."""
    if is_outside(pattern):
        return []
    given = folder.root / pattern
    if given.is_file():
        return [given]
    # glob, unlike Path.glob, takes any text for a pattern and passes hidden files by.
    found = glob.glob(pattern, root_dir=folder.root, recursive=True)  # noqa: PTH207
    paths = [folder.root / name for name in found if not name.lower().endswith(_BESIDE_SUFFIXES)]
    return [path for path in paths if path.is_file()]


def _natural(path: Path) -> list[tuple[int, int, str]]:
    parts = re.split(r"(\d+)", str(path))
    return [(1, int(part), "") if part.isdecimal() else (0, 0, part) for part in parts]
