"""Compiling a kernel of the statistics, once for each text of all of them.

What numba keeps on disk it looks up by the file of the outermost function alone, so the folder
is named by a hash of every kernel's text.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba

from alsrev_dagster.kernel_folder import kernel_folder

_FOLDER = kernel_folder("statistics", Path(__file__).parent.glob("*.py"), [numba.__version__])


_ANY_ORDER = {"reassoc", "contract", "nsz"}
"""What lets a sum be taken eight terms at a time; infinities and NaN keep their meaning."""


def compiled(function: Callable[..., Any]) -> Any:
    """Compile a function on first use, free of the interpreter's lock; keep it where possible."""
    return _kept(function, False)


def compiled_sums(function: Callable[..., Any]) -> Any:
    """Compile as :func:`compiled`, with sums in whatever order is quickest.

    The order is that of the machine's registers: the same numbers on the same machine, and the
    same to rounding on another.
    """
    return _kept(function, _ANY_ORDER)


def compiled_fused(function: Callable[..., Any]) -> Any:
    """Compile as :func:`compiled`, a product and a sum rounded once where the machine can."""
    return _kept(function, {"contract"})


def _kept(function: Callable[..., Any], fastmath: bool | set[str]) -> Any:
    before = numba.config.CACHE_DIR  # read when a function is declared; others have their own
    try:
        if _FOLDER is not None:
            numba.config.CACHE_DIR = str(_FOLDER)
        return numba.njit(
            nogil=True, error_model="numpy", cache=_FOLDER is not None, fastmath=fastmath
        )(function)
    finally:
        numba.config.CACHE_DIR = before
