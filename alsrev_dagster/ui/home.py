"""The folder and the environment that Dagster's processes of one study run in."""

import glob
import json
import os
import tempfile
from importlib import resources
from pathlib import Path

import alsrev_dagster
from alsrev_dagster.errors import AlsrevError
from alsrev_dagster.study import StudyFolder

_PRIVATE = 0o700
_TEMPLATE = "dagster.yaml"


def prepare_home(folder: StudyFolder) -> Path:
    """Return the study's ``DAGSTER_HOME``: closed to others, with our ``dagster.yaml``."""
    _refuse_pattern(folder)
    for path in (folder.state, folder.dagster_home):
        _make_private(path)
    text = resources.files(__package__).joinpath(_TEMPLATE).read_text(encoding="utf-8")
    runs = str((folder.dagster_home / "history" / "runs").resolve())
    event_log = json.dumps(runs, ensure_ascii=False)  # a string as YAML has it, too
    _write_if_different(folder.dagster_home / _TEMPLATE, text.replace("EVENT_LOG", event_log))
    return folder.dagster_home


def dagster_environment(folder: StudyFolder) -> dict[str, str]:
    """Return what Dagster's processes of this study need in their environment."""
    return {
        "DAGSTER_HOME": str(folder.dagster_home),
        "ALSREV_STUDY": str(folder.root),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "DAGSTER_DG_UPDATE_CHECK_ENABLED": "0",
        "PYTHONPATH": os.pathsep.join(_python_path()),
    }


def _python_path() -> list[str]:
    """Return the caller's PYTHONPATH, and last our checkout if we aren't installed."""
    given = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    root = Path(alsrev_dagster.__file__).resolve().parents[1]
    is_installed = root.name in {"site-packages", "dist-packages"}
    absolute = [str(Path(path).resolve()) for path in given]
    return absolute if is_installed or str(root) in absolute else [*absolute, str(root)]


def _refuse_pattern(folder: StudyFolder) -> None:
    """Refuse a path that Dagster would take for a pattern, and so miss our ``dagster.yaml``."""
    if glob.escape(str(folder.root)) != str(folder.root):
        raise AlsrevError(
            f"{folder.root}: found '[', '*' or '?' in the folder's path; expected none: Dagster "
            "would pass over its settings, 'no telemetry' among them; rename the folder"
        )


def _make_private(path: Path) -> None:
    """Make the folder if it isn't there, and close it to everybody else."""
    try:
        path.mkdir(mode=_PRIVATE, exist_ok=True)
        if path.stat().st_mode & 0o777 != _PRIVATE:
            path.chmod(_PRIVATE)
    except OSError as error:
        raise AlsrevError(
            f"{path}: found {error.strerror or error}; expected a folder of yours that alsrev "
            "can make or close to others (mode 0700); move what is there, or change its owner"
        ) from error


def _write_if_different(path: Path, text: str) -> None:
    """Put the text there in one step, so that no process ever reads half of it."""
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        path.chmod(0o600)
        return
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:  # mkstemp makes it 0600
        file.write(text)
    Path(name).replace(path)
