"""Studies at work: run in this process as ``alsrev run`` does, and what is left to look at."""

import hashlib
import io
import os
import select
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from alsrev_dagster.study import StudyFolder

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "reversal-study"
NOTHING = "Nothing has changed since the last run: nothing is recomputed."


@dataclass(frozen=True)
class Made:
    """A study that was run, and what the run said."""

    folder: StudyFolder
    made: bool
    printed: str


def run_here(folder: StudyFolder, *wanted: str) -> Made:
    """Run what is stale, in this process; leave its environment as it was.

    Of ``wanted`` tables and files, where some are named, and of what they are made from alone.
    """
    from alsrev_dagster.commands.run import run

    text = io.StringIO()
    with own_process_state():
        made = run(folder, Console(file=text, width=4000, highlight=False), wanted)
    return Made(folder, made, text.getvalue())


@contextmanager
def own_process_state() -> Iterator[None]:
    """Put back the umask and environment, which a command sets for its process."""
    environment, mask = dict(os.environ), os.umask(0o022)
    try:
        yield
    finally:
        os.umask(mask)
        os.environ.clear()
        os.environ.update(environment)


def line_of(process: "subprocess.Popen[str]", seconds: float) -> str:
    """Next line that a process prints; it fails in words when none comes in time."""
    assert process.stdout is not None
    if not select.select([process.stdout], [], [], seconds)[0]:
        raise AssertionError(f"process printed no line in {seconds:g} s: {process.args!r}")
    return process.stdout.readline().strip()


def environment(folder: StudyFolder) -> dict[str, str]:
    """Environment of a process of ours: this checkout's code, warnings aside."""
    from alsrev_dagster.ui.home import dagster_environment

    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "DAGSTER"))}
    return {**inherited, **dagster_environment(folder), "PYTHONPATH": str(ROOT)}


def copy_inputs(source: Path, target: Path) -> StudyFolder:
    """Copy a study's input files, not what was made of them."""
    left = shutil.ignore_patterns(".alsrev", "results", "simulat*", "__pycache__", "README.md")
    shutil.copytree(source, target, ignore=left)
    return StudyFolder(target)


def parquet_bytes(folder: StudyFolder) -> dict[str, str]:
    """Hash of every Parquet file of a lake, by path."""
    paths = sorted(folder.lake.rglob("*.parquet"))
    return {str(path.relative_to(folder.lake)): sha256_of(path) for path in paths}


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, by hashlib alone."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def run_ids(folder: StudyFolder) -> set[str]:
    """Runs in Dagster's history."""
    database = folder.dagster_home / "history" / "runs.db"
    with closing(sqlite3.connect(database)) as db:
        return {row[0] for row in db.execute("SELECT run_id FROM runs")}


def dagster_texts(folder: StudyFolder) -> dict[str, str]:
    """Everything Dagster keeps on disk: every cell of every SQLite table, and captured output."""
    texts = {}
    for path in sorted(folder.dagster_home.rglob("*")):
        if path.suffix == ".db":
            texts[str(path.relative_to(folder.dagster_home))] = _cells(path)
        elif path.is_file() and not path.name.endswith((".db-wal", ".db-shm")):
            texts[str(path.relative_to(folder.dagster_home))] = path.read_text(encoding="utf-8")
    return texts


def _cells(database: Path) -> str:
    with closing(sqlite3.connect(database)) as db:
        names = [r[0] for r in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = [row for name in names for row in db.execute(f'SELECT * FROM "{name}"')]
    return "\n".join(str(cell) for row in rows for cell in row)
