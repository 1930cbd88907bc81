"""Where compiled code is kept: a private folder for each text of the kernels.

It is named by a hash of every kernel's text and of what compiled it, so that after an edit or an
upgrade no old code runs. Code is run from it: what others could write to is not used.
"""

import os
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

_OTHERS_WRITE = 0o022


def kernel_folder(
    kind: str, sources: Iterable[Path], made_by: Iterable[str], *, is_written: bool = True
) -> Path | None:
    """Return the folder for these sources, in the user's cache; None where none can be had.

    ``made_by`` says what compiled code depends on beside its text: versions, the processor.
    Without ``is_written`` a folder that can only be read will do: code may be kept there already.
    """
    parts = [*map(str.encode, made_by), *(path.read_bytes() for path in sorted(sources))]
    digest = sha256(b"\0".join(parts)).hexdigest()[:16]
    try:
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
        folder = cache / "alsrev" / f"{kind}-{digest}"
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        can_be_used = _is_ours(folder) and (os.access(folder, os.W_OK) or not is_written)
        return folder if can_be_used else None
    except (OSError, RuntimeError):  # no home, or no folder to be made in it
        return None


def _is_ours(folder: Path) -> bool:
    """Whether a folder is the user's own, and nobody else can write to it."""
    found = folder.stat()
    return found.st_uid == os.getuid() and not found.st_mode & _OTHERS_WRITE
