"""Which runs live: a process at work on a run holds the run's lock until it ends.

Dagster does not notice that the process of a run was killed. Such a run would count as
going for ever, and with one run at a time no other would be started from the UI.
"""

import atexit
import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import dagster as dg

from alsrev_dagster.files import make_private_folder

GRACE_SECONDS = 120.0
"""Time from a run's start to its first step, on a machine that is slow."""

_GOING = (
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
)
"""States that take Dagster's one place for a run."""

_held: dict[Path, IO[str]] = {}
"""Locks of this process, open until ``holding`` or the process ends; killed, the kernel lets go."""


@contextmanager
def holding(state: Path, run_id: str) -> Iterator[None]:
    """Say that this process works on a run, from before its first step until it has ended."""
    hold(state, run_id)
    try:
        yield
    finally:
        _held.pop(_lock(state, run_id)).close()


def hold(state: Path, run_id: str) -> None:
    """Say that this process works on a run: for as long as it lives, or ``holding`` lasts."""
    path = _lock(state, run_id)
    if path not in _held:
        make_private_folder(path.parent)
        _held[path] = path.open("w")
        fcntl.flock(_held[path], fcntl.LOCK_SH)


@atexit.register
def _let_go() -> None:
    """Close what a step holds: it cannot tell whether it is its run's last."""
    while _held:
        _held.popitem()[1].close()


def bury_the_dead(state: Path, instance: dg.DagsterInstance, *, now: float | None = None) -> int:
    """Mark runs as failed that nobody works on any more; return how many.

    A run without a lock has not come to its first step: it gets ``GRACE_SECONDS`` until
    ``now`` (seconds since 1970; the present when None).
    """
    left = instance.get_run_records(dg.RunsFilter(statuses=list(_GOING)))
    going = [r for r in left if not _is_dead(state, r, time.time() if now is None else now)]
    dead = [record.dagster_run for record in left if record not in going]
    for run in dead:
        instance.report_run_failed(run, "the process was killed; the next run continues")
    kept = {_lock(state, record.dagster_run.run_id) for record in going}
    for path in set((state / "run").glob("*.lock")) - kept - set(_held):
        if _is_free(path):  # one that is held is of a run that is about to start
            path.unlink(missing_ok=True)
    return len(dead)


def _is_dead(state: Path, record: dg.RunRecord, now: float) -> bool:
    """Whether nobody works on a run; one that is being cancelled is left to Dagster."""
    if record.dagster_run.status is dg.DagsterRunStatus.CANCELING:
        return False
    path = _lock(state, record.dagster_run.run_id)
    return _is_free(path) if path.is_file() else now - _since(record) > GRACE_SECONDS


def _since(record: dg.RunRecord) -> float:
    """When a run started, or was told to; it may have stood in the queue for hours before."""
    return record.start_time or record.update_timestamp.timestamp()


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
