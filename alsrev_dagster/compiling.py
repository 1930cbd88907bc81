"""Compiling the kernels of a room, once for each text of all of them.

What numba keeps on disk it looks up by the file of the outermost function alone, so the folder
is named by a hash of every kernel's text.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba

from alsrev_dagster.kernel_folder import kernel_folder

_ANY_ORDER = {"reassoc", "contract", "nsz"}
"""What lets a sum be taken eight terms at a time; infinities and NaN keep their meaning."""


class Compiling:
    """Compiles the functions of one room's kernels on first use, free of the interpreter's lock."""

    def __init__(self, kind: str, folder: Path) -> None:
        """``kind`` names the kept folder; every module of ``folder`` is a kernel of the room."""
        self._folder = kernel_folder(kind, folder.glob("*.py"), [numba.__version__])

    def exact(self, function: Callable[..., Any]) -> Any:
        """Compile, with sums and products as they are written; keep it where possible."""
        return self._kept(function, False)

    def sums(self, function: Callable[..., Any]) -> Any:
        """Compile as :meth:`exact`, with sums in whatever order is quickest.

        The order is that of the machine's registers: the same numbers on the same machine, and
        the same to rounding on another.
        """
        return self._kept(function, _ANY_ORDER)

    def fused(self, function: Callable[..., Any]) -> Any:
        """Compile as :meth:`exact`, a product and a sum rounded once where the machine can."""
        return self._kept(function, {"contract"})

    def _kept(self, function: Callable[..., Any], fastmath: bool | set[str]) -> Any:
        before = numba.config.CACHE_DIR  # read when a function is declared; others have their own
        try:
            if self._folder is not None:
                numba.config.CACHE_DIR = str(self._folder)
            return numba.njit(
                nogil=True,
                error_model="numpy",
                cache=self._folder is not None,
                fastmath=fastmath,
            )(function)
        finally:
            numba.config.CACHE_DIR = before
