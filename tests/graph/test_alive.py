"""Runs whose process was killed no longer count as going; those at work do."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from alsrev_dagster.graph.alive import GRACE_SECONDS, bury_the_dead, hold, holding
from alsrev_dagster.study import StudyFolder
from tests.graph.at_work import line_of, run_here

WORKER = """
import os, sys, time
from pathlib import Path
import dagster as dg
from alsrev_dagster.graph.alive import hold

@dg.op
def work(context):
    hold(Path(sys.argv[1]), context.run_id)
    print(context.run_id, flush=True)
    time.sleep(600)

@dg.job
def job():
    work()

job.execute_in_process(instance=dg.DagsterInstance.get())
"""

STEP = "import sys; from pathlib import Path; from alsrev_dagster.graph.alive import hold; "
STEP += "hold(Path(sys.argv[1]), 'run')"
"""A process that ends while it holds a run's lock, as after the last step of a run of the UI."""

PATIENCE = 240
"""Seconds for Dagster to start a run on a loaded machine."""


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dg.DagsterInstance:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    return dg.DagsterInstance.get()


def test_a_killed_run_is_buried_and_a_living_one_is_not(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WORKER, str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as worker:
        try:
            run_id = line_of(worker, PATIENCE)
            assert bury_the_dead(tmp_path, instance) == 0
            assert instance.get_run_by_id(run_id).status is dg.DagsterRunStatus.STARTED
        finally:
            os.kill(worker.pid, signal.SIGKILL)
    assert bury_the_dead(tmp_path, instance) == 1
    assert instance.get_run_by_id(run_id).status is dg.DagsterRunStatus.FAILURE
    assert not list((tmp_path / "run").iterdir())
    assert bury_the_dead(tmp_path, instance) == 0


def test_a_process_that_prints_nothing_is_told_so_and_not_waited_for() -> None:
    words = [sys.executable, "-c", "import time; time.sleep(60)"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as silent:
        with pytest.raises(AssertionError, match=r"process printed no line in 0\.1 s"):
            line_of(silent, 0.1)
        silent.kill()


@pytest.fixture
def history() -> Iterator[dg.DagsterInstance]:
    """A history of runs that is kept nowhere."""
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def status_of(history: dg.DagsterInstance, run_id: str) -> dg.DagsterRunStatus:
    """Where a run stands."""
    run = history.get_run_by_id(run_id)
    assert run is not None
    return run.status


@pytest.mark.parametrize("status", [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING])
def test_a_run_killed_before_its_first_step_is_buried_after_a_grace(
    tmp_path: Path, history: dg.DagsterInstance, status: dg.DagsterRunStatus
) -> None:
    run = history.add_run(dg.DagsterRun(job_name="refresh", status=status))
    now = time.time()
    assert bury_the_dead(tmp_path, history, now=now + GRACE_SECONDS / 2) == 0
    assert status_of(history, run.run_id) is status
    assert bury_the_dead(tmp_path, history, now=now + 2 * GRACE_SECONDS) == 1
    assert status_of(history, run.run_id) is dg.DagsterRunStatus.FAILURE


def test_a_run_that_was_not_told_to_start_is_never_buried(
    tmp_path: Path, history: dg.DagsterInstance
) -> None:
    history.add_run(dg.DagsterRun(job_name="refresh", status=dg.DagsterRunStatus.NOT_STARTED))
    assert bury_the_dead(tmp_path, history, now=time.time() + 99 * GRACE_SECONDS) == 0


def test_a_run_that_is_being_cancelled_keeps_its_lock(
    tmp_path: Path, history: dg.DagsterInstance
) -> None:
    run = dg.DagsterRun(job_name="refresh", status=dg.DagsterRunStatus.CANCELING)
    history.add_run(run)
    lock = tmp_path / "run" / f"{run.run_id}.lock"
    lock.parent.mkdir()
    lock.touch()
    assert bury_the_dead(tmp_path, history, now=time.time() + 99 * GRACE_SECONDS) == 0
    assert status_of(history, run.run_id) is dg.DagsterRunStatus.CANCELING
    assert lock.is_file()


def test_a_lock_that_is_held_is_kept_before_its_run_is_known(
    tmp_path: Path, history: dg.DagsterInstance
) -> None:
    held, free = (tmp_path / "run" / f"{name}.lock" for name in ("held", "free"))
    free.parent.mkdir()
    free.touch()
    with held.open("w") as stream:  # as another process's
        fcntl.flock(stream, fcntl.LOCK_SH)
        bury_the_dead(tmp_path, history)
    assert held.is_file()
    assert not free.exists()


def test_alsrev_run_holds_its_lock_before_it_starts(
    tiny: StudyFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Looked(Exception):
        """The end of the test's run."""

    def look(*_: object, run_id: str, **__: object) -> None:
        lock = tiny.state / "run" / f"{run_id}.lock"
        with lock.open("r+") as stream, pytest.raises(BlockingIOError):
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        raise Looked

    monkeypatch.setattr(dg.JobDefinition, "execute_in_process", look)
    tiny.report.unlink()
    with pytest.raises(Looked):
        run_here(tiny)


def is_held(lock: Path) -> bool:
    """Whether somebody holds a lock."""
    with lock.open("r+") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_alsrev_run_holds_its_lock_until_the_run_has_ended_and_no_longer(
    tiny: StudyFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute, locks = dg.JobDefinition.execute_in_process, list[Path]()

    def look(*words: Any, run_id: str, **options: Any) -> dg.ExecuteInProcessResult:
        locks.append(tiny.state / "run" / f"{run_id}.lock")
        done = execute(*words, run_id=run_id, **options)
        assert is_held(locks[0])
        return done

    monkeypatch.setattr(dg.JobDefinition, "execute_in_process", look)
    tiny.report.unlink()
    assert run_here(tiny).made
    assert not is_held(locks[0])


def test_a_run_that_fails_leaves_no_lock_held(tmp_path: Path) -> None:
    def work() -> None:
        with holding(tmp_path, "run"):
            hold(tmp_path, "run")  # as each step does
            assert is_held(tmp_path / "run" / "run.lock")
            raise KeyError

    with pytest.raises(KeyError):
        work()
    assert not is_held(tmp_path / "run" / "run.lock")


def test_a_process_closes_the_locks_that_it_holds_when_it_ends(tmp_path: Path) -> None:
    words = [sys.executable, "-W", "always::ResourceWarning", "-c", STEP, str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert "ResourceWarning" not in done.stderr
    assert not is_held(tmp_path / "run" / "run.lock")
