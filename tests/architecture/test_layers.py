"""The arrows between the rooms, and what may not be said in one of them."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.graph.at_work import ROOT

PACKAGES = ("alsrev_dagster", "assets")
SOURCES = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))
ASSETS = sorted((ROOT / "assets").glob("*.py"))
LONGEST = 300
"""Lines of a file; about 150 is aimed at."""

ALLOWED_LONGER = {"alsrev_dagster/vocabulary/columns.py", "alsrev_dagster/vocabulary/tables.py"}
"""Lists of every column and table, not code."""

SQL = re.compile(
    r"\bSELECT\b.+\bFROM\b|\bINSERT INTO\b|\bCREATE (TABLE|VIEW)\b|\bGROUP BY\b", re.DOTALL
)
NUMERICAL = ("numpy.linalg", "scipy", "lifelines", "sklearn", "statsmodels")
OTHER_ROOMS = ("duckdb", "cyvcf2", "sqlite3")


def relative(path: Path) -> str:
    """Path of a source file as people write it."""
    return str(path.relative_to(ROOT))


def imported(path: Path) -> set[str]:
    """Dotted names of everything a file imports, also inside functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def texts(path: Path) -> list[str]:
    """Every string of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


def test_imports_point_down() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    told = subprocess.run(
        [program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stdout
    assert "0 broken" in told.stdout


@pytest.mark.parametrize("path", ASSETS, ids=relative)
def test_assets_have_no_sql_and_no_mathematics(path: Path) -> None:
    assert [text for text in texts(path) if SQL.search(text)] == []
    names = imported(path)
    forbidden = [
        n for n in names for f in (*NUMERICAL, *OTHER_ROOMS) if f"{n}.".startswith(f"{f}.")
    ]
    assert forbidden == []
    assert "linalg" not in path.read_text(encoding="utf-8")


def test_sql_is_recognised() -> None:
    assert SQL.search("SELECT a\nFROM b")
    assert not SQL.search("Select the variant from the list.")


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_file_is_not_too_long(path: Path) -> None:
    n_line = len(path.read_text(encoding="utf-8").splitlines())
    assert n_line <= LONGEST or relative(path) in ALLOWED_LONGER


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_nothing_is_printed_or_asserted_in_passing(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]
    asserts = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Assert)]
    assert calls + asserts == []


def test_each_query_is_in_a_file_of_sql() -> None:
    """Only storage builds SQL in Python: the names of tables and columns are not parameters."""
    spoken = {
        relative(p)
        for p in SOURCES
        for t in texts(p)
        if SQL.search(t) and t != ast.get_docstring(ast.parse(p.read_text(encoding="utf-8")))
    }
    assert {path for path in spoken if not path.startswith("alsrev_dagster/storage/")} == set()
