"""Runs whose process was killed no longer count as going; those at work do."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from alsrev_dagster.graph.alive import bury_the_dead

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
        assert worker.stdout is not None
        run_id = worker.stdout.readline().strip()
        try:
            assert bury_the_dead(tmp_path, instance) == 0
            assert instance.get_run_by_id(run_id).status is dg.DagsterRunStatus.STARTED
        finally:
            os.kill(worker.pid, signal.SIGKILL)
    assert bury_the_dead(tmp_path, instance) == 1
    assert instance.get_run_by_id(run_id).status is dg.DagsterRunStatus.FAILURE
    assert not list((tmp_path / "run").iterdir())
    assert bury_the_dead(tmp_path, instance) == 0
