"""Files that appear whole or not at all, private to their owner."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from alsrev_dagster.errors import AlsrevError

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def make_private_folder(path: Path) -> None:
    """Make a folder that only its owner can open, with its parents."""
    try:
        for folder in (*reversed(path.parents), path):
            if not folder.exists():
                folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise _refused(path, error) from error


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path; when the body succeeds it takes the place of ``path``, 0600."""
    make_private_folder(path.parent)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        os.close(os.open(temporary, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600))
    except OSError as error:
        raise _refused(path.parent, error) from error
    try:
        yield temporary
        with temporary.open("rb") as stream:
            os.fsync(stream.fileno())
        temporary.chmod(0o600)
        temporary.replace(path)
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise _no_room(path, error) from error
        raise
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def scratch(parent: Path) -> Iterator[Path]:
    """Give a private folder of this process, and remove it with what is in it."""
    make_private_folder(parent)
    try:
        path = Path(mkdtemp(prefix=".", suffix=f".{os.getpid()}.tmp", dir=parent))
    except OSError as error:
        raise _refused(parent, error) from error
    try:
        yield path
    finally:
        rmtree(path, ignore_errors=True)


def _no_room(path: Path, error: OSError) -> AlsrevError:
    return AlsrevError(
        f"{path.name}: found no room to write it ({error.strerror or error}); expected space on "
        "its disk, and within your quota; free some and run again: nothing half-written is kept, "
        "and what stood there before still stands"
    )


def _refused(folder: Path, error: OSError) -> AlsrevError:
    return AlsrevError(
        f"{folder.name}: found {error.strerror or error}; expected a folder that alsrev can write "
        "to; change its owner or permissions, or move away what is in its place"
    )


def sweep(root: Path) -> int:
    """Remove what killed processes left, half-written or spilled; return how many."""
    left = [path for path in root.rglob(".*.tmp*") if not _is_alive(path)]
    for path in left:
        if path.is_dir():
            rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(left)


def _is_alive(temporary: Path) -> bool:
    """Whether the process that named a temporary file still runs."""
    pid = temporary.name.partition(".tmp")[0].rpartition(".")[2]
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:  # another user's process has the number now: leave it alone
        return True
    return True


def mark_of(*paths: Path) -> tuple[int, ...]:
    """Size, times and inode of each file that is there: another mark means other bytes.

    The time of change (ctime) is among them: it tells of a write whose mtime was set back.
    """
    stats = [path.stat() for path in paths if path.is_file()]
    return tuple(n for s in stats for n in (s.st_size, s.st_mtime_ns, s.st_ctime_ns, s.st_ino))


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    digest = sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
