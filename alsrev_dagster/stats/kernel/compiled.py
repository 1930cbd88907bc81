"""Compiling a kernel of the statistics, once for each text of all of them.

What numba keeps on disk it looks up by the file of the outermost function alone, so the folder
is named by a hash of every kernel's text, and of numba's version.
"""

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import numba


def _folder() -> Path | None:
    """Private folder of this version's kernels; None where none can be made."""
    texts = [path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py"))]
    version = sha256(b"\0".join([numba.__version__.encode(), *texts])).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    folder = cache / "alsrev" / f"statistics-{version}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


_FOLDER = _folder()


def compiled(function: Callable[..., Any]) -> Any:
    """Compile a function on first use, free of the interpreter's lock; keep it where possible."""
    before = numba.config.CACHE_DIR  # read when a function is declared; others have their own
    try:
        if _FOLDER is not None:
            numba.config.CACHE_DIR = str(_FOLDER)
        return numba.njit(nogil=True, error_model="numpy", cache=_FOLDER is not None)(function)
    finally:
        numba.config.CACHE_DIR = before
