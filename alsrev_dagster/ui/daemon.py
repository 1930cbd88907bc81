"""Dagster's daemon (queue, schedules, sensors, monitoring) as a child of the server.

Runs that it has started belong to a process of their own and go on when it stops.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_STOP_SECONDS = 20.0
"""Time to end after an interrupt (a loaded machine needs 5 to 10) before it is killed."""


@contextmanager
def running_daemon(module: str, home: Path) -> Iterator[None]:
    """Run a daemon for the code in ``module`` during the block; its log is in ``home``."""
    command = [sys.executable, "-m", __name__, "run", "-m", module, "-d", str(home)]
    command += ["--log-level", "warning", "--log-format", "json"]
    with (home / "daemon.log").open("w") as log:
        daemon = subprocess.Popen(
            command,
            cwd=home,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield
    finally:
        _stop(daemon)


def _stop(daemon: "subprocess.Popen[bytes]") -> None:
    """Interrupt it, and kill it if that doesn't help; its runs are left to finish."""
    if daemon.poll() is None:
        daemon.send_signal(signal.SIGINT)
    try:
        daemon.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        daemon.kill()
        daemon.wait()
    finally:
        if daemon.stdin is not None:
            daemon.stdin.close()


def _interrupt_when_orphaned() -> None:
    """Wait for the end of stdin, which comes when the server is gone, even if killed."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGINT)


def main() -> None:
    """Run ``dagster-daemon`` until it is interrupted or its parent is gone."""
    from dagster._daemon.cli import main as dagster_daemon

    threading.Thread(target=_interrupt_when_orphaned, daemon=True).start()
    dagster_daemon()


if __name__ == "__main__":
    main()
