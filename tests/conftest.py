"""Studies that many tests look at: run once, even when two workers want them."""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from alsrev_dagster.study import StudyFolder
from tests.builders import write_study
from tests.graph.at_work import EXAMPLE, Made, copy_inputs, run_here

_LONG = ("wheel", "ui", "commands", "graph", "sql", "examples")
"""Rooms whose files take minutes: begun first, so that no worker is left alone with one."""
_FIRST = "test_example.py"
"""Runs the example, which others look at: they come later, so that no worker waits for it."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take long before the others, and who waits for the example behind."""
    waits = {item.path for item in items if "example" in getattr(item, "fixturenames", ())}

    def place(item: pytest.Item) -> tuple[bool, bool, bool]:
        is_quick = item.path.parent.name not in _LONG
        return item.path.name != _FIRST, is_quick, item.path in waits

    items.sort(key=place)


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The example study after its first run: to be read, not changed."""
    return _made_once(tmp_path_factory, "example-study", lambda path: copy_inputs(EXAMPLE, path))


@pytest.fixture(scope="session")
def made_tiny(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The tiny study after its first run: to be read, not changed."""
    return _made_once(tmp_path_factory, "tiny-study", write_study)


@pytest.fixture
def tiny(made_tiny: Made, tmp_path: Path) -> StudyFolder:
    """A copy of the tiny study after its first run: to be changed at will."""
    return copy_of(made_tiny.folder, tmp_path / "tiny")


def copy_of(folder: StudyFolder, target: Path) -> StudyFolder:
    """Copy a study with everything that was made of it."""
    shutil.copytree(folder.root, target)
    return StudyFolder(target)


def _made_once(
    tmp_path_factory: pytest.TempPathFactory, name: str, write: Callable[[Path], StudyFolder]
) -> Made:
    """Write and run a study in a folder that the workers of one pytest share."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, printed = StudyFolder(shared / name), shared / f"{name}.printed"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not printed.is_file():
            shutil.rmtree(folder.root, ignore_errors=True)
            made = run_here(write(folder.root))
            printed.write_text(made.printed, encoding="utf-8")
            return made
        return Made(folder, True, printed.read_text(encoding="utf-8"))
