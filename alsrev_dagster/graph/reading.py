"""What the code of an asset or check says of it, read once for each text of all our code.

To parse every function takes seconds of each start; what was found is kept in the user's cache,
in a folder that is named by a hash of every file of ours. Of other texts a few are kept, as of
another checkout.
"""

import atexit
import json
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from shutil import rmtree

from alsrev_dagster.errors import AlsrevError
from alsrev_dagster.files import replacing
from alsrev_dagster.graph.code_version import (
    code_version,
    hands_on_the_study,
    settings_sections,
)
from alsrev_dagster.kernel_folder import kernel_folder
from alsrev_dagster.storage.queries import sql_root

_N_OTHER = 5
"""Texts of our code, other than this one, whose readings are kept."""
_PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Reading:
    """What the text of a function says of it."""

    code_version: str
    settings: frozenset[str]
    """Sections of the study that it reads."""
    hands_on_the_study: bool
    """Whether it passes the study on whole, so that what is read of it cannot be seen."""


def reading(function: Callable[..., object], *texts: str) -> Reading:
    """Read a function and ``texts`` beside it; as before where no file of ours has changed."""
    key = _key(function, texts)
    if key not in _kept():
        found = code_version(function, *texts), settings_sections(function)
        read = Reading(*found, hands_on_the_study(function))
        if not _is_ours(function):
            return read
        _kept()[key] = read
        _NEW.append(key)
    return _kept()[key]


_NEW: list[str] = []
"""Keys of what this process read itself."""


def _key(function: Callable[..., object], texts: tuple[str, ...]) -> str:
    digest = sha256("\0".join(texts).encode()).hexdigest()[:16]
    return f"{function.__module__}.{function.__qualname__} {digest}"


def _is_ours(function: Callable[..., object]) -> bool:
    """Whether a function stands in a file that the folder's name knows."""
    file = Path(function.__code__.co_filename).resolve()
    return any(file.is_relative_to(root) for root in _roots())


@cache
def _roots() -> tuple[Path, ...]:
    return _PACKAGE, _PACKAGE.parent / "assets", sql_root()


@cache
def _folder() -> Path | None:
    """Folder of the code as it was at the start."""
    return _folder_of_now()


def _folder_of_now() -> Path | None:
    files = [path for root in _roots() for path in root.rglob("*") if _is_text(path)]
    return kernel_folder("readings", files, [sys.version, *(str(path) for path in sorted(files))])


def _is_text(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts


@cache
def _kept() -> dict[str, Reading]:
    """Readings of the same code by an earlier process."""
    atexit.register(_keep)
    file = _file()
    try:
        found = json.loads(file.read_text(encoding="utf-8")) if file else {}
        return {key: Reading(version, frozenset(s), on) for key, (version, s, on) in found.items()}
    except (OSError, ValueError, TypeError, AttributeError):  # nobody has read this code yet
        return {}


def _file() -> Path | None:
    folder = _folder()
    return folder / "readings.json" if folder else None


def _keep() -> None:
    """Leave what was read to the next process, if no file was saved while it was read."""
    file = _file()
    if _NEW and file is not None and _folder_of_now() == file.parent:
        values = {
            key: (read.code_version, sorted(read.settings), read.hands_on_the_study)
            for key, read in sorted(_kept().items())
        }
        with suppress(AlsrevError, OSError), replacing(file) as path:
            path.write_text(json.dumps(values), encoding="utf-8")
        _forget_oldest(file.parent)


def _forget_oldest(mine: Path) -> None:
    """Remove the readings that were made longest ago."""
    others = [path for path in mine.parent.glob("readings-*") if path != mine]
    for path in sorted(others, key=lambda path: path.stat().st_mtime)[:-_N_OTHER]:
        rmtree(path, ignore_errors=True)
