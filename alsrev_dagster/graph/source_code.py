"""What a function's own text says: the names, words and imports in it, read once."""

import __future__

import ast
import builtins
import inspect
import textwrap
from collections.abc import Callable, Iterator
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
    text = inspect.getsource(function)
    nodes = list(ast.walk(ast.parse(textwrap.dedent(text))))
    constants = [n.value for n in nodes if isinstance(n, ast.Constant)]
    return SourceCode(
        text=text,
        names=tuple(sorted({n.id for n in nodes if isinstance(n, ast.Name)})),
        words=tuple(value for value in constants if isinstance(value, str)),
        imported=frozenset(imported(nodes)),
        attributes=tuple(n for n in nodes if isinstance(n, ast.Attribute)),
    )


def imported(nodes: list[ast.AST]) -> Iterator[str]:
    """Dotted names that import statements could mean as modules."""
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def below(function: Callable[..., object], name: str) -> Callable[..., object] | None:
    """Return a function that stands further down in the module, which may not have run yet."""
    code = _codes_of(function.__code__.co_filename).get(name)
    if code is None or name in dir(builtins):
        return None
    return FunctionType(code, function.__globals__, name)


@cache
def _codes_of(file: str) -> dict[str, CodeType]:
    """Functions at the top of a module that nothing decorates, compiled, by name."""
    body = ast.parse(Path(file).read_text(encoding="utf-8")).body
    plain = [n for n in body if isinstance(n, ast.FunctionDef) and not n.decorator_list]
    return {node.name: _code_of(node, file) for node in plain}


def _code_of(node: ast.FunctionDef, file: str) -> CodeType:
    flag = __future__.annotations.compiler_flag
    whole = compile(ast.Module([node], []), file, "exec", flag, dont_inherit=True)
    return next(c for c in whole.co_consts if isinstance(c, CodeType) and c.co_name == node.name)
