"""Compiling a kernel, once for each text of the kernels.

What numba keeps on disk it looks up by the file of the outermost function alone: after an
edit or an upgrade of a function that it calls, an old kernel would run. So the folder is named
by a hash of every kernel's text, and of numba's version.
"""

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import numba

_KERNELS = ("vcf_*.py", "plink_kernel.py", "compiled.py")


def _folder() -> Path | None:
    """Private folder of this version's kernels; None where none can be made."""
    here = Path(__file__).parent
    texts = [path.read_bytes() for name in _KERNELS for path in sorted(here.glob(name))]
    version = sha256(b"\0".join([numba.__version__.encode(), *texts])).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    folder = cache / "alsrev" / f"kernels-{version}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


_FOLDER = _folder()
if _FOLDER is not None:
    numba.config.CACHE_DIR = str(_FOLDER)


def compiled(function: Callable[..., Any]) -> Any:
    """Compile a function on first use, free of the interpreter's lock; keep it where possible."""
    return numba.njit(nogil=True, cache=_FOLDER is not None)(function)
