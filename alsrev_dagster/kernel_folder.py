"""Where compiled code is kept: a private folder for each text of the kernels.

It is named by a hash of every kernel's text and of what compiled it, so that after an edit or an
upgrade no old code runs. Code is run from it: what others could write to is not used.
"""

import os
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

_OTHERS_WRITE = 0o022


def kernel_folder(kind: str, sources: Iterable[Path], made_by: Iterable[str]) -> Path | None:
    """Return the folder for these sources, in the user's cache; None where none can be had.

    ``made_by`` says what compiled code depends on beside its text: versions, the processor.
    """
    parts = [*map(str.encode, made_by), *(path.read_bytes() for path in sorted(sources))]
    digest = sha256(b"\0".join(parts)).hexdigest()[:16]
    try:
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
        folder = cache / "alsrev" / f"{kind}-{digest}"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder if _is_ours(folder) else None
    except (OSError, RuntimeError):  # no home, or no folder to be made in it
        return None


def _is_ours(folder: Path) -> bool:
    """Whether the user alone owns and writes a folder."""
    found = folder.stat()
    is_private = found.st_uid == os.getuid() and not found.st_mode & _OTHERS_WRITE
    return is_private and os.access(folder, os.W_OK)
