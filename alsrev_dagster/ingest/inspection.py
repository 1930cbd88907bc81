"""Looking into genotype files once: what was found is kept until the file changes."""

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from alsrev_dagster.errors import AlsrevError, Problem
from alsrev_dagster.files import file_sha256, replacing
from alsrev_dagster.ingest.genotype_file import GenotypeFile, as_shown, inspect
from alsrev_dagster.ingest.plink_files import fileset_mark, members
from alsrev_dagster.ingest.reference_sequence import Reference
from alsrev_dagster.study_folder import StudyFolder

_LAYOUT = 6
"""Raised when what is kept, or how a file is inspected, changes."""


@dataclass(frozen=True)
class Inspection:
    """A genotype file as inspected, with the hash of the bytes that were."""

    file: GenotypeFile | None
    problems: tuple[Problem, ...]
    sha256: str
    """Of a PLINK fileset the hash of the hashes of its three files."""

    def as_shown(self, name: str) -> "Inspection":
        """The same under the name by which messages call the file."""
        return Inspection(*as_shown(name, self.file, self.problems), self.sha256)


class Inspector:
    """Inspects files; remembers by size, times and inode, below a private folder.

    What was found with one reference is not known with another, or with none.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(
        self, path: Path, *, reference: Reference | None = None
    ) -> tuple[GenotypeFile | None, tuple[Problem, ...]]:
        """What ``inspect`` says of the file."""
        found = self.look(path, reference=reference)
        return found.file, found.problems

    def look(self, path: Path, *, reference: Reference | None = None) -> Inspection:
        """What is known of the file, from memory when it has not changed."""
        mark = _mark(path)
        of = {"mark": mark, "reference": list(reference.mark) if reference else None}
        value = self._kept(path, of)
        if value is not None:
            return Inspection(_file_from(path, value["file"]), (), value["sha256"])
        file, problems = inspect(path, reference=reference)
        # What could not be inspected may not be readable at all: its hash is not asked for.
        found = Inspection(file, problems, fileset_sha256(path) if file is not None else "")
        if file is not None and not problems and _mark(path) == mark:
            self._keep(path, {**of, "file": _plain(file), "sha256": found.sha256})
        return found

    def keep_only(self, paths: Iterable[Path]) -> None:
        """Forget files that are the study's no more, and who was in them."""
        kept = {self._place(path) for path in paths}
        for path in set(self._folder.glob("*.json")) - kept:
            with suppress(OSError):  # as above: a study that may only be read
                path.unlink(missing_ok=True)

    def sha256(self, path: Path) -> str:
        """Hash of a large file that is no genotype file, from memory when it has not changed."""
        of = {"mark": _mark(path)}
        value = self._kept(path, of)
        if value is not None:
            return str(value["sha256"])
        found = file_sha256(path)
        if of["mark"] == _mark(path):
            self._keep(path, {**of, "sha256": found})
        return found

    def _place(self, path: Path) -> Path:
        return self._folder / f"{sha256(str(path).encode()).hexdigest()[:24]}.json"

    def _kept(self, path: Path, of: dict[str, Any]) -> dict[str, Any] | None:
        """What is remembered of a file, if it is of these marks."""
        place = self._place(path)
        if of["mark"] is None or not place.is_file():
            return None
        value: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
        return value if all(value.get(name) == mark for name, mark in of.items()) else None

    def _keep(self, path: Path, value: dict[str, Any]) -> None:
        # a study that may only be read is looked into every time
        with suppress(OSError, AlsrevError), replacing(self._place(path)) as temporary:
            temporary.write_text(json.dumps(value), encoding="utf-8")


def _mark(path: Path) -> list[int] | None:
    """Size, times and inode of a file and those it belongs with: the same ones, the same bytes."""
    return [_LAYOUT, *fileset_mark(path)] if path.is_file() else None


def fileset_sha256(path: Path) -> str:
    """Hash of a genotype file's bytes; of a PLINK fileset, of the hashes of its three files."""
    hashes = [file_sha256(member) for member in members(path)]
    return hashes[0] if len(hashes) == 1 else sha256("\n".join(hashes).encode()).hexdigest()


def _plain(file: GenotypeFile) -> dict[str, object]:
    return {**asdict(file), "path": ""}


def _file_from(path: Path, value: dict[str, Any]) -> GenotypeFile:
    tuples = {k: tuple(v) for k, v in value.items() if isinstance(v, list)}
    starts = {chrom: tuple(start) for chrom, start in value["start_of"].items()}
    return GenotypeFile(**{**value, **tuples, "start_of": starts, "path": path})


def folder_mark(folder: StudyFolder) -> str:
    """Hash of the sizes and times of a study's input files: the same while nobody writes."""
    own = {folder.state, folder.results}
    marks = [
        (str(path.relative_to(folder.root)), _mark(path))
        for top in sorted(folder.root.iterdir())
        if top not in own
        for path in sorted(top.rglob("*") if top.is_dir() else [top])
    ]
    return sha256(json.dumps(marks).encode()).hexdigest()
