"""What validate says of a tiny study, which must never name anybody in it."""

import re
from pathlib import Path

from alsrev_dagster.ingest.validate import Validation, validate
from tests.builders import write_study

_ANYBODY = re.compile(r"(vial|person)[A-Za-z0-9]")


def validated(folder: Path, **changes: object) -> Validation:
    """Validate the tiny study, changed as ``write_study`` takes it."""
    found = validate(write_study(folder, **changes))  # type: ignore[arg-type]
    for problem in found.problems:
        assert not _ANYBODY.search(str(problem)), f"a message names somebody: {problem}"
        assert all((problem.where, problem.found, problem.expected, problem.fix)), problem
    return found


def told(folder: Path, **changes: object) -> list[str]:
    """Return the problems of the tiny study, changed, as text."""
    return [str(problem) for problem in validated(folder, **changes).problems]
