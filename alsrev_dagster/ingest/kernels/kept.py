"""Kernels as machine code that is kept on disk: loaded without the compiler that made it.

Importing numba and reading what it keeps takes a second, more than packing a small file. So
a kernel is compiled once for each combination of argument types, and its object file kept in
a private folder that is named by a hash of every kernel's text, of the compiler's version and
of the processor: after an edit, an upgrade or on another machine no old code runs.
"""

import ctypes
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import Any

import llvmlite.binding as llvm
import numpy as np

from alsrev_dagster.errors import AlsrevError
from alsrev_dagster.files import replacing
from alsrev_dagster.kernel_folder import kernel_folder

INTEGER = "integer"
"""Type of an argument that is a whole number, as against ``|u1x2``: an array's number and
dimensions."""

_COMPILED_FROM = ("kernels/*.py", "*_layout.py", "align_state.py")
_LOCK = Lock()


class Kernel:
    """A compiled function, called with whole numbers and arrays that lie row by row.

    It returns nothing, writes into the arrays, and runs free of the interpreter's lock.
    """

    def __init__(self, module: str, name: str) -> None:
        self._module, self._name = module, name
        self._code: dict[tuple[str, ...], Any] = {}

    def __call__(self, *given: int | np.ndarray[Any, Any]) -> None:
        """Run on these arguments; compiled first where their types are new."""
        types = tuple(map(_type_of, given))
        code = self._code.get(types)
        if code is None:
            with _LOCK:  # two threads may have found none
                code = self._code.get(types) or self._load(types)
                self._code[types] = code
        unused = ctypes.byref(ctypes.c_void_p())
        code(unused, unused, *(word for value in given for word in words(value)))

    def _load(self, types: tuple[str, ...]) -> Any:
        entry, data = self._kept(types)
        n_word = sum(1 if t == INTEGER else 5 + 2 * int(t[-1]) for t in types)
        arguments = [ctypes.c_void_p] * 2 + [ctypes.c_ssize_t] * n_word
        return ctypes.CFUNCTYPE(ctypes.c_int, *arguments)(_address(entry, data))

    def _kept(self, types: tuple[str, ...]) -> tuple[str, bytes]:
        """Entry and object file, from the folder or else compiled."""
        folder, key = _folder(), sha256(" ".join(types).encode()).hexdigest()[:16]
        path = folder and folder / f"{self._name}-{key}.o"
        found = _read(path) if path else None
        if found is None:
            from alsrev_dagster.ingest.kernels.build import build  # brings the compiler

            found = build(self._module, self._name, types)
            if path:
                _write(path, *found)
        return found


def _read(path: Path) -> tuple[str, bytes] | None:
    """Entry and object file as they were written; None where they are not there whole."""
    try:
        first, _, data = path.read_bytes().partition(b"\n")
    except OSError:
        return None
    entry, _, digest = first.decode(errors="replace").partition(" ")
    return (entry, data) if digest == sha256(data).hexdigest() else None


def _write(path: Path, entry: str, data: bytes) -> None:
    """Keep an object file, behind a line with its entry and hash, if there is room for it."""
    with suppress(AlsrevError, OSError), replacing(path) as temporary:
        temporary.write_bytes(f"{entry} {sha256(data).hexdigest()}\n".encode() + data)


def _type_of(value: int | np.ndarray[Any, Any]) -> str:
    if isinstance(value, np.ndarray):
        if not value.flags.c_contiguous:
            raise TypeError("found an array that does not lie row by row; expected one that does")
        return f"{value.dtype.str}x{value.ndim}"
    return INTEGER


def words(value: int | np.ndarray[Any, Any]) -> Iterator[int]:
    """What stands for an argument: itself, or of an array numba's fields (``arraystruct.h``).

    Owner and parent (none), items, bytes of an item, address, shape, strides.
    """
    if not isinstance(value, np.ndarray):
        yield int(value)
        return
    yield from (0, 0, value.size, value.itemsize, value.ctypes.data)
    yield from value.shape
    yield from value.strides


@cache
def _engine() -> Any:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm.create_lljit_compiler()


_LOADED: list[Any] = []
"""What keeps loaded code in memory."""


def _address(entry: str, data: bytes) -> int:
    library = llvm.JITLibraryBuilder().add_object_img(data).export_symbol(entry)
    tracker = library.add_current_process().link(_engine(), f"kernel{len(_LOADED)}")
    _LOADED.append(tracker)
    address: int = tracker[entry]
    return address


@cache
def _folder() -> Path | None:
    """Folder of this version's kernels."""
    here = Path(__file__).parents[1]
    sources = [path for name in _COMPILED_FROM for path in here.glob(name)]
    machine = (
        llvm.get_default_triple(),
        llvm.get_host_cpu_name(),
        llvm.get_host_cpu_features().flatten(),
    )
    made_by = [version("numba"), version("llvmlite"), *machine]
    return kernel_folder("kernels", sources, made_by, is_written=False)
