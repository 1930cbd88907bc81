"""Looking into genotype files once: what was found is kept until the file changes."""

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from alsrev_dagster.errors import AlsrevError, Problem
from alsrev_dagster.files import file_sha256, replacing
from alsrev_dagster.ingest.genotype_file import GenotypeFile, as_shown, inspect
from alsrev_dagster.study import StudyFolder

_LAYOUT = 1
"""Raised when what is kept, or how a file is inspected, changes."""


@dataclass(frozen=True)
class Inspection:
    """A genotype file as inspected, with the hash of the bytes that were."""

    file: GenotypeFile | None
    problems: tuple[Problem, ...]
    sha256: str

    def as_shown(self, name: str) -> "Inspection":
        """The same under the name by which messages call the file."""
        return Inspection(*as_shown(name, self.file, self.problems), self.sha256)


class Inspector:
    """Inspects files; remembers by size, times and inode, below a private folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, path: Path) -> tuple[GenotypeFile | None, tuple[Problem, ...]]:
        """What ``inspect`` says of the file."""
        found = self.look(path)
        return found.file, found.problems

    def look(self, path: Path) -> Inspection:
        """What is known of the file, from memory when it has not changed."""
        mark = _mark(path)
        kept = self._kept(path)
        if mark is not None and kept.is_file():
            value = json.loads(kept.read_text(encoding="utf-8"))
            if value["mark"] == mark:
                return Inspection(_file_from(path, value["file"]), (), value["sha256"])
        file, problems = inspect(path)
        # What could not be inspected may not be readable at all: its hash is not asked for.
        found = Inspection(file, problems, file_sha256(path) if file is not None else "")
        if file is not None and not problems and _mark(path) == mark:
            with suppress(
                OSError, AlsrevError
            ):  # a study that may only be read is looked into every time
                self._keep(kept, {"mark": mark, "file": _plain(file), "sha256": found.sha256})
        return found

    def keep_only(self, paths: Iterable[Path]) -> None:
        """Forget files that are the study's no more, and who was in them."""
        kept = {self._kept(path) for path in paths}
        for path in set(self._folder.glob("*.json")) - kept:
            with suppress(OSError):  # as above: a study that may only be read
                path.unlink(missing_ok=True)

    def _kept(self, path: Path) -> Path:
        return self._folder / f"{sha256(str(path).encode()).hexdigest()[:24]}.json"

    def _keep(self, kept: Path, value: dict[str, object]) -> None:
        with replacing(kept) as temporary:
            temporary.write_text(json.dumps(value), encoding="utf-8")


def _mark(path: Path) -> list[int] | None:
    """Size, times and inode: a file with the same ones has the same bytes."""
    if not path.is_file():
        return None
    stat = path.stat()
    return [_LAYOUT, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]


def _plain(file: GenotypeFile) -> dict[str, object]:
    return {**asdict(file), "path": ""}


def _file_from(path: Path, value: dict[str, object]) -> GenotypeFile:
    tuples = {k: tuple(v) for k, v in value.items() if isinstance(v, list)}
    return GenotypeFile(**{**value, **tuples, "path": path})  # type: ignore[arg-type]


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
