"""How a function of this room is compiled."""

from collections.abc import Callable
from typing import Any

import numba


def compiled(function: Callable[..., Any]) -> Any:
    """Compile a function on first use; it allocates nothing, raises nothing, knows no Python.

    So no object of Python's is in its code, which can be kept and run without a compiler
    (``build``). Divisors are never 0.
    """
    return numba.njit(nogil=True, error_model="numpy", _nrt=False)(function)
