"""Problems of the tables without the name of anybody in them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from alsrev_dagster.errors import Problem

NOT_SHOWN = "a value that is not shown, since it may name a person"
_CELL = re.compile(r"'[^']*'|[-+]?[0-9]+(?:[.,][0-9]+)?(?=$|, )")
"""A cell as it begins a message: in quotes, or a number by itself."""
_LONG = re.compile(r"(?<![0-9A-Za-z])[-+]?[0-9]{4,}(?:\.[0-9]+)?(?![0-9A-Za-z])")
"""Numbers within a message; one of three digits is a day or a score, and a name of few."""


def without_names(problems: Iterable[Problem], names: Iterable[object]) -> Iterator[Problem]:
    """Yield problems of tables; a number that is somebody's identifier is not shown."""
    private = {_bare(str(name)) for name in names}

    def hidden(match: re.Match[str]) -> str:
        return NOT_SHOWN if _bare(match[0]) in private else match[0]

    for problem in problems:
        cell = _CELL.match(problem.found)
        end = cell.end() if cell else 0
        first = hidden(cell) if cell else ""
        yield replace(problem, found=first + _LONG.sub(hidden, problem.found[end:]))


def _bare(text: str) -> str:
    """A number without quotes, sign, leading zeros and empty fraction."""
    return re.sub(r"[.,]0*$", "", text.strip("'+-<>= ").lstrip("0"))
