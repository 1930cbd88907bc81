"""Which runs live: a process at work on a run holds the run's lock until it ends.

Dagster does not notice that the process of a run was killed. Such a run would count as
going for ever, and with one run at a time no other would be started from the UI.
"""

import fcntl
from pathlib import Path
from typing import IO

import dagster as dg

from alsrev_dagster.files import make_private_folder

_held: dict[Path, IO[str]] = {}
"""Locks of this process, kept open on purpose: the kernel lets go when it ends, however."""


def hold(state: Path, run_id: str) -> None:
    """Say that this process works on a run, for as long as it lives."""
    path = _lock(state, run_id)
    if path not in _held:
        make_private_folder(path.parent)
        _held[path] = path.open("w")
        fcntl.flock(_held[path], fcntl.LOCK_SH)


def bury_the_dead(state: Path, instance: dg.DagsterInstance) -> int:
    """Mark runs as failed that nobody works on any more; return how many.

    A run that has not come to its first step has no lock yet, and is left alone.
    """
    left = instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))
    dead = [run for run in left if _is_free(_lock(state, run.run_id))]
    for run in dead:
        instance.report_run_failed(run, "the process was killed; the next run continues")
    going = {_lock(state, run.run_id) for run in left} - {_lock(state, r.run_id) for r in dead}
    for path in set((state / "run").glob("*.lock")) - going - set(_held):
        path.unlink(missing_ok=True)
    return len(dead)


def _lock(state: Path, run_id: str) -> Path:
    return state / "run" / f"{run_id}.lock"


def _is_free(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("r+") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
