"""Errors that a user can act on: the thing, what was found, what was expected, what to do.

Messages point at a place (file, line, key, column number) and never name a sample or
a participant: they end up in logs that outlive the run.
"""

from collections.abc import Iterable
from dataclasses import dataclass


class AlsrevError(Exception):
    """Anything alsrev refuses; its text is for the user, without a traceback."""


class InputDataError(AlsrevError, ValueError):
    """A value that came from a file or a table is not one the method can use."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a study, said so that it can be mended."""

    where: str
    """File and line, or key of ``study.yaml``."""
    found: str
    expected: str
    fix: str

    def __str__(self) -> str:
        return f"{self.where}: found {self.found}; expected {self.expected}; {self.fix}"


class StudyError(AlsrevError):
    """Every problem of a study at once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        lines = "\n".join(f"  - {problem}" for problem in self.problems)
        super().__init__(f"{len(self.problems)} problem(s) in the study:\n{lines}")
