"""What the server's own process lends to everything that it starts."""

import errno
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from alsrev_dagster.errors import AlsrevError
from alsrev_dagster.study import StudyFolder
from alsrev_dagster.ui.home import dagster_environment

ADDRESS = "127.0.0.1"
"""The only address that anything of ours listens on."""


@contextmanager
def listening(port: int) -> Iterator[socket.socket]:
    """Open a socket that listens on the port before anything slow is begun."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((ADDRESS, port))
            listener.listen()
        except (OSError, OverflowError) as error:
            raise AlsrevError(_port_problem(port, error)) from error
        yield listener


def _port_problem(port: int, error: Exception) -> str:
    in_use = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
    found = "that another program is using it" if in_use else str(error)
    return (
        f"port {port} of {ADDRESS}: found {found}; expected a free port from 1024 to 65535; "
        "stop that program (perhaps another alsrev ui), or choose another port (0 finds one)"
    )


@contextmanager
def private_process(folder: StudyFolder, home: Path) -> Iterator[None]:
    """Environment, working folder and umask of this process and of all that it starts.

    Dagster starts ``python -m dagster`` and reads ``.env`` where it stands: in ``home``
    nothing of the user's can be taken for a Python module or for settings.
    """
    before = dict(os.environ), Path.cwd(), os.umask(0o077)
    os.environ.update(dagster_environment(folder))
    os.chdir(home)
    try:
        yield
    finally:
        os.umask(before[2])
        os.chdir(before[1])
        os.environ.clear()
        os.environ.update(before[0])


@contextmanager
def stopped_like_ctrl_c() -> Iterator[None]:
    """Make SIGTERM and SIGHUP end the block as Ctrl-C does, so that the daemon is stopped.

    A shell ignores SIGINT for what it starts in the background; here it counts again.
    """

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        signal.raise_signal(signal.SIGINT)

    before = {
        signal.SIGINT: signal.signal(signal.SIGINT, signal.default_int_handler),
        signal.SIGTERM: signal.signal(signal.SIGTERM, interrupt),
        signal.SIGHUP: signal.signal(signal.SIGHUP, interrupt),
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
