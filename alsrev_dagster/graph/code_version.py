"""The version of an asset's code: its own text and that of everything of ours it calls."""

import ast
import inspect
import re
import sys
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from types import ModuleType

from alsrev_dagster.files import file_sha256
from alsrev_dagster.graph.source_code import SourceCode, below, place
from alsrev_dagster.storage.queries import query, sql_root

_ROOT = "alsrev_dagster."
_NOT_CODE_OF_A_TABLE = (
    "alsrev_dagster.errors",
    "alsrev_dagster.graph",
    "alsrev_dagster.resources",
    "alsrev_dagster.open_study",
    "alsrev_dagster.vocabulary",
    "alsrev_dagster.files",
    "alsrev_dagster.storage.lake",
    "alsrev_dagster.storage.queries",
    "alsrev_dagster.storage.receipt",
    "alsrev_dagster.storage.schema",
)
"""Plumbing: a change here changes no number. Settings and the shape of a table are hashed by
value, and what the warehouse says of every table with it."""

_SETTINGS = "alsrev_dagster.study"
"""The modules of what a study declares: their names begin so."""

_QUERY_NAME = re.compile("[a-z]+/[a-z_]+")
_IMPORT = re.compile(r"^\s*from (alsrev_dagster[\w.]*) import (\([^)]*\)|.*)", re.MULTILINE)
_KERNEL = re.compile(r'\bKernel\(\s*"(\w+)"')
"""Modules that compiled functions are named from (``Kernel("module", "function")``)."""
_WORD = re.compile(r"\w+")
_PARTS_OF_A_PAGE = (".j2", ".css")
"""Files beside a module that count as its text."""

_PROPERTY_OF_STUDY = {
    "excluded_samples": "exclude",
    "compared_cohorts": "contrasts",
    "control_cohorts": "contrasts",
}
"""Section of the study behind each of its properties."""


def code_version(function: Callable[..., object], *texts: str) -> str:
    """Hash of a function, the functions and constants beside it, their SQL, our modules below
    with the data they read.
    """
    own, modules = _functions_and_modules(function)
    parts = [*texts, *(SourceCode.of(f).text for f in own), *(_constants(f) for f in own)]
    parts += [text for f in own for text in _queries(f)]
    for name in sorted(_closure(modules)):
        parts += [_text(name), *_page(name), *_data(name)]
    return sha256("\0".join(parts).encode()).hexdigest()[:12]


def settings_sections(function: Callable[..., object]) -> frozenset[str]:
    """Names of ``work.study.<name>`` that a function, or one beside it that it calls, reads."""
    read = [node for node in _attributes(function) if _is_study(node.value)]
    return frozenset(_PROPERTY_OF_STUDY.get(node.attr, node.attr) for node in read)


def hands_on_the_study(function: Callable[..., object]) -> bool:
    """Whether ``work.study`` is passed on whole: what is read of it then cannot be seen."""
    read = [node.value for node in _attributes(function) if _is_study(node.value)]
    return any(_is_study(node) and node not in read for node in _attributes(function))


def _attributes(function: Callable[..., object]) -> list[ast.Attribute]:
    own, _ = _functions_and_modules(function)
    return [node for f in own for node in SourceCode.of(f).attributes]


def _is_study(node: ast.AST) -> bool:
    """Whether a node is ``work.study``: the name every asset gives what it works on."""
    if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
        return False
    return (node.value.id, node.attr) == ("work", "study")


@cache
def _functions_and_modules(
    function: Callable[..., object],
) -> tuple[tuple[Callable[..., object], ...], frozenset[str]]:
    """Functions of the asset's own package that are reached, and modules they name."""
    own: dict[tuple[str, int], Callable[..., object]] = {}
    modules: set[str] = set()
    waiting = [function]
    while waiting:
        current = waiting.pop(0)
        if place(current) not in own:
            own[place(current)] = current
            beside, named = _named_by(current)
            waiting += beside
            modules |= named
    return tuple(own.values()), frozenset(modules)


_NAMED_BY: dict[tuple[str, int], tuple[list[Callable[..., object]], frozenset[str]]] = {}
"""What functions of modules that have run to their end name."""


def _named_by(
    function: Callable[..., object],
) -> tuple[list[Callable[..., object]], frozenset[str]]:
    """Functions of its own package, and modules, that a function's text names."""
    if place(function) in _NAMED_BY:
        return _NAMED_BY[place(function)]
    package, modules = _package(function), set(SourceCode.of(function).imported)
    beside: list[Callable[..., object]] = []
    for name in SourceCode.of(function).names:
        known = function.__globals__
        value = known[name] if name in known else below(function, name)
        if isinstance(value, ModuleType):
            modules.add(value.__name__)
        elif inspect.isfunction(value) and _package(value) == package:
            beside.append(value)
        elif inspect.isclass(value) and _package(value) == package:
            beside += _methods(value)
        elif isinstance(getattr(value, "__module__", None), str):
            modules.add(value.__module__)
    found = beside, frozenset(modules)
    if _has_run(function):
        _NAMED_BY[place(function)] = found
    return found


def _has_run(function: Callable[..., object]) -> bool:
    """Whether a function's module has run to its end: until then names below it are unknown."""
    spec = getattr(sys.modules.get(function.__module__), "__spec__", None)
    return spec is not None and not getattr(spec, "_initializing", False)


def _methods(kind: type) -> list[Callable[..., object]]:
    """Functions and properties that a class writes out; not those that a decorator made."""
    members = (getattr(member, "fget", member) for member in vars(kind).values())
    members = (getattr(member, "__func__", member) for member in members)
    here = inspect.getfile(kind)
    return [m for m in members if inspect.isfunction(m) and m.__code__.co_filename == here]


def _constants(function: Callable[..., object]) -> str:
    """Plain values of its module that a function reads, as text."""
    values = {name: function.__globals__.get(name) for name in SourceCode.of(function).names}
    return repr({name: value for name, value in values.items() if _is_plain(value)})


def _queries(function: Callable[..., object]) -> list[str]:
    """Text of the SQL files that a function names."""
    names = [word for word in SourceCode.of(function).words if _QUERY_NAME.fullmatch(word)]
    return [query(name) for name in names if (sql_root() / f"{name}.sql").is_file()]


def _is_plain(value: object) -> bool:
    if isinstance(value, dict):
        return all(_is_plain(item) for item in (*value.keys(), *value.values()))
    if isinstance(value, tuple | list):
        return all(_is_plain(item) for item in value)
    return isinstance(value, bool | int | float | str)


def _package(item: Callable[..., object]) -> str:
    return item.__module__.partition(".")[0]


@cache
def _imports_of(name: str) -> tuple[str, ...]:
    """Modules of ours that a module names, plumbing and names of functions left out.

    They are read off the text: to parse every module would take seconds of each start.
    """
    text, named = _text(name), set[str]()
    for module, parts in _IMPORT.findall(text):
        named |= {module, *(f"{module}.{part}" for part in _WORD.findall(parts))}
    named |= {f"{name}.{kernel}" for kernel in _KERNEL.findall(text)}
    return tuple(sorted(name for name in named if _counts(name)))


def _closure(names: frozenset[str]) -> set[str]:
    """Modules of ours that are reached from these, plumbing left out."""
    seen: set[str] = set()
    waiting = [name for name in names if _counts(name)]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += _imports_of(name)
    return seen


@cache
def _counts(name: str) -> bool:
    """Whether a name is one of a module of ours that could change a number."""
    if not name.startswith(_ROOT) or name.startswith(_SETTINGS):
        return False
    skipped = any(name == skip or name.startswith(f"{skip}.") for skip in _NOT_CODE_OF_A_TABLE)
    return not skipped and _path(name) is not None


@cache
def _path(name: str) -> Path | None:
    try:
        module = sys.modules.get(name) or import_module(name)
    except ModuleNotFoundError:  # a function's name, not a module's
        return None
    return Path(module.__file__) if module.__file__ else None


@cache
def _text(name: str) -> str:
    path = _path(name)
    return path.read_text(encoding="utf-8") if path else ""


@cache
def _page(name: str) -> list[str]:
    """Templates and styles beside a module."""
    path = _path(name)
    return _pages_of(path.parent) if path else []


@cache
def _pages_of(folder: Path) -> list[str]:
    files = [p for p in folder.iterdir() if p.suffix in _PARTS_OF_A_PAGE]
    return [p.read_text(encoding="utf-8") for p in sorted(files)]


@cache
def _data(name: str) -> list[str]:
    """Hashes of the files of the folders of data beside a module that it names."""
    path = _path(name)
    folders = _data_folders(path.parent) if path else []
    named = [folder for folder in folders if f'"{folder.name}"' in _text(name)]
    return [f"{p.name} {file_sha256(p)}" for f in named for p in sorted(f.glob("*.csv"))]


@cache
def _data_folders(parent: Path) -> list[Path]:
    """Folders that hold no code."""
    folders = [path for path in parent.iterdir() if path.is_dir()]
    return sorted(folder for folder in folders if not (folder / "__init__.py").exists())
