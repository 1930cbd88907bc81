"""How a function of this room is compiled."""

from collections.abc import Callable
from typing import Any

import numba

_OPTIONS = {"nogil": True, "error_model": "numpy", "_nrt": False}
"""Free of the interpreter's lock; divisors are never 0; nobody counts who refers to an array,
which is an atomic addition for each array of each call, and takes longer than a small one."""


def compiled(function: Callable[..., Any]) -> Any:
    """Compile a function on first use; it allocates nothing, raises nothing, knows no Python.

    So no object of Python's is in its code, which can be kept and run without a compiler
    (``build``).
    """
    return numba.njit(**_OPTIONS)(function)


def inlined(function: Callable[..., Any]) -> Any:
    """Compile a function, likewise, into each of its callers."""
    return numba.njit(**_OPTIONS, forceinline=True)(function)
