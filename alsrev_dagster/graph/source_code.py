"""What a function's own text says: the names, words and imports in it, read once."""

import __future__

import ast
import builtins
import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType


@dataclass(frozen=True)
class SourceCode:
    """Text of a function, and what is named in it."""

    text: str
    names: tuple[str, ...]
    words: tuple[str, ...]
    imported: frozenset[str]
    attributes: tuple[ast.Attribute, ...]

    @classmethod
    def of(cls, function: Callable[..., object]) -> "SourceCode":
        """Read a function's text; once for each place where a function stands."""
        where = place(function)
        if where not in _READ:
            _READ[where] = _read(function)
        return _READ[where]


_READ: dict[tuple[str, int], SourceCode] = {}


def place(function: Callable[..., object]) -> tuple[str, int]:
    """File and line where a function stands: the same for each object made of it."""
    code: CodeType = inspect.unwrap(function).__code__
    return code.co_filename, code.co_firstlineno


def _read(function: Callable[..., object]) -> SourceCode:
    file, line = place(function)
    node = _functions_of(file)[line]
    nodes = list(ast.walk(node))
    constants = [n.value for n in nodes if isinstance(n, ast.Constant)]
    return SourceCode(
        text="".join(_lines_of(file)[line - 1 : node.end_lineno]),
        names=tuple(sorted({n.id for n in nodes if isinstance(n, ast.Name)})),
        words=tuple(value for value in constants if isinstance(value, str)),
        imported=frozenset(imported(nodes)),
        attributes=tuple(n for n in nodes if isinstance(n, ast.Attribute)),
    )


@cache
def _lines_of(file: str) -> list[str]:
    return Path(file).read_text(encoding="utf-8").splitlines(keepends=True)


@cache
def _tree_of(file: str) -> ast.Module:
    return ast.parse("".join(_lines_of(file)))


@cache
def _functions_of(file: str) -> dict[int, ast.FunctionDef]:
    """Functions of a file wherever they stand, by their first line, that of a decorator too."""
    found = [node for node in ast.walk(_tree_of(file)) if isinstance(node, ast.FunctionDef)]
    return {min([n.lineno, *(d.lineno for d in n.decorator_list)]): n for n in found}


def imported(nodes: Sequence[ast.AST]) -> Iterator[str]:
    """Dotted names that import statements could mean as modules."""
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def below(function: Callable[..., object], name: str) -> Callable[..., object] | None:
    """Return a function that stands further down in the module, which may not have run yet."""
    if name in vars(builtins):
        return None
    code = _code_of(function.__code__.co_filename, name)
    return None if code is None else FunctionType(code, function.__globals__, name)


@cache
def _code_of(file: str, name: str) -> CodeType | None:
    """Compile a function at the top of a file that nothing decorates; None without one."""
    node = _plain_functions_of(file).get(name)
    if node is None:
        return None
    flag = __future__.annotations.compiler_flag
    whole = compile(ast.Module([node], []), file, "exec", flag, dont_inherit=True)
    return next(c for c in whole.co_consts if isinstance(c, CodeType) and c.co_name == name)


@cache
def _plain_functions_of(file: str) -> dict[str, ast.FunctionDef]:
    body = _tree_of(file).body
    plain = [n for n in body if isinstance(n, ast.FunctionDef) and not n.decorator_list]
    return {node.name: node for node in plain}
